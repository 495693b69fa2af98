/* SPDX-License-Identifier: MIT */
/*
 * Every encapsulation is a row: link type and the octets before the TCP header,
 * in hexadecimal.  Each row is then cut at every offset, and pushed about.
 */
#include "dissectors/decap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

#define MACS "020000000002" "020000000001"
/* Total length 45: 20 + 20 + 5 octets of payload.  10.0.0.1 to 10.0.0.2. */
#define V4 "4500002d00070000" "40060000" "0a000001" "0a000002"
#define V4_LENGTH(n) "4500" n "00070000" "40060000" "0a000001" "0a000002"
/* 24 octets of header, 49 in all. */
#define V4_OPTIONS "4600003100070000" "40060000" "0a000001" "0a000002" "01010100"
#define V6_ADDRESSES "fd000000000000000000000000000001" "fd000000000000000000000000000002"
#define V6(length, next) "60000000" length next "40" V6_ADDRESSES
#define TCP "c350075b" "01020304" "0a0b0c0d" "5018" "2000" "00000000"
#define PAYLOAD "68656c6c6f"

/* Outer headers; the inner packet has 45 octets over IPv4 and 65 over IPv6. */
#define OUTER_V4(length, protocol) "4500" length "00010000" "40" protocol "0000" "c0a80001" "c0a80002"
#define OUTER_V6(length, next) "60000000" length next "40" "fc000000000000000000000000000001" \
	"fc000000000000000000000000000002"
#define ETHERNET_V4 MACS "0800" V4 /* 59 octets */
#define UDP(length, port) "d000" port length "0000"
#define VXLAN "08000000" "00002a00"
#define RADIOTAP "00000c00" "0400000000" "000000"
#define WLAN_ADDRESSES "020000000001" "020000000002" "020000000003"
#define SNAP_V4 "aaaa03000000" "0800" V4

typedef struct Row {
	const char *name;
	uint16_t link_type;
	bool v6;
	const char *before; /* the TCP header */
} Row;

static const Row rows[] = {
	{"Ethernet", 1, false, MACS "0800" V4},
	{"Ethernet, IPv6", 1, true, MACS "86dd" V6("0019", "06")},
	{"802.1Q", 1, false, MACS "8100" "0064" "0800" V4},
	{"802.1ad", 1, false, MACS "88a8" "0064" "0800" V4},
	{"9100", 1, true, MACS "9100" "0064" "86dd" V6("0019", "06")},
	{"QinQ", 1, false, MACS "88a8" "0064" "8100" "0065" "0800" V4},
	{"QinQ 8100", 1, false, MACS "8100" "0064" "8100" "0065" "0800" V4},
	{"three tags", 1, false, MACS "9100" "0064" "88a8" "0065" "8100" "0066" "0800" V4},
	{"SNAP", 1, false, MACS "0035" "aaaa03000000" "0800" V4},
	{"SLL", 113, false, "0000" "0001" "0006" "0200000000010000" "0800" V4},
	{"SLL, IPv6", 113, true, "0004" "0001" "0006" "0200000000010000" "86dd" V6("0019", "06")},
	{"SLL, VLAN", 113, false, "0000" "0001" "0006" "0200000000010000" "8100" "0064" "0800" V4},
	{"SLL2", 276, false, "0800" "0000" "00000003" "0001" "00" "06" "0200000000010000" V4},
	{"SLL2, IPv6", 276, true, "86dd" "0000" "00000003" "0001" "00" "06" "0200000000010000"
		V6("0019", "06")},
	{"SLL2, VLAN", 276, false, "8100" "0000" "00000003" "0001" "00" "06" "0200000000010000"
		"0064" "0800" V4},
	{"NULL, little end", 0, false, "02000000" V4},
	{"NULL, big end", 0, false, "00000002" V4},
	{"NULL, IPv6 10", 0, true, "0a000000" V6("0019", "06")},
	{"NULL, IPv6 24", 0, true, "18000000" V6("0019", "06")},
	{"NULL, IPv6 28", 0, true, "0000001c" V6("0019", "06")},
	{"NULL, IPv6 30", 0, true, "1e000000" V6("0019", "06")},
	{"LOOP", 108, false, "00000002" V4},
	{"RAW 12", 12, false, V4},
	{"RAW 14", 14, true, V6("0019", "06")},
	{"RAW 101", 101, false, V4},
	{"RAW 101, IPv6", 101, true, V6("0019", "06")},
	{"IPV4", 228, false, V4},
	{"IPV6", 229, true, V6("0019", "06")},
	{"PPP", 9, false, "ff03" "0021" V4},
	{"PPP, IPv6", 9, true, "ff03" "0057" V6("0019", "06")},
	{"PPP, no address and control", 9, false, "0021" V4},
	{"PPP, short protocol", 9, false, "21" V4},
	{"IPv4 options", 1, false, MACS "0800" V4_OPTIONS},
	{"IPv4 length 0", 1, false, MACS "0800" V4_LENGTH("0000")},
	{"IPv4 Don't Fragment", 228, false, "4500002d00074000" "40060000" "0a000001" "0a000002"},
	{"IPv6 length 0", 229, true, V6("0000", "06")},
	{"hop by hop", 229, true, V6("0021", "00") "0600010400000000"},
	{"routing, long", 229, true, V6("0029", "2b") "0601020000000000" "0000000000000000"},
	{"destination", 229, true, V6("0021", "3c") "0600010400000000"},
	{"authentication", 229, true, V6("0031", "33") "0604000000000001" "00000001" "000000000000000000000000"},
	{"atomic fragment", 229, true, V6("0021", "2c") "0600000000000001"},
	{"extension headers", 1, true, MACS "86dd" V6("0031", "00") "2b00010400000000" "3c00040000000000"
		"0600010400000000"},
	{"PPPoE", 1, false, MACS "8864" "11000001" "002f" "0021" V4},
	{"PPPoE in a VLAN, IPv6", 1, true, MACS "8100" "0007" "8864" "11000001" "0043" "0057" V6("0019", "06")},
	{"MPLS", 1, false, MACS "8847" "00064140" V4},
	{"MPLS, three labels, IPv6", 1, true, MACS "8847" "00064040" "00065040" "00066140" V6("0019", "06")},
	{"MPLS, Ethernet behind a control word", 1, false, MACS "8847" "00064140" "00000000" ETHERNET_V4},
	{"MPLS, Ethernet", 1, false, MACS "8848" "00064140" ETHERNET_V4},
	{"GRE", 228, false, OUTER_V4("0045", "2f") "00000800" V4},
	{"GRE with checksum, key and sequence number, IPv6", 228, true,
		OUTER_V4("0065", "2f") "b00086dd" "00000000" "00000007" "00000001" V6("0019", "06")},
	{"GRETAP", 228, false, OUTER_V4("0053", "2f") "00006558" ETHERNET_V4},
	{"GRETAP over IPv6", 229, false, OUTER_V6("003f", "2f") "00006558" ETHERNET_V4},
	{"GRE, MPLS", 228, false, OUTER_V4("0049", "2f") "00008847" "00064140" V4},
	{"PPTP", 228, false, OUTER_V4("0055", "2f") "3081880b" "00310001" "00000001" "00000001" "ff030021" V4},
	{"ERSPAN I", 228, false, OUTER_V4("0053", "2f") "000088be" ETHERNET_V4},
	{"ERSPAN II", 228, false, OUTER_V4("005f", "2f") "100088be" "00000001" "1001000100000000" ETHERNET_V4},
	{"ERSPAN III", 228, false, OUTER_V4("0063", "2f") "100022eb" "00000001" "20010001" "00000000" "00008000"
		ETHERNET_V4},
	{"ERSPAN III with a subheader", 228, false, OUTER_V4("006b", "2f") "100022eb" "00000001" "20010001"
		"00000000" "00008001" "0000000000000000" ETHERNET_V4},
	{"ERSPAN III of IP", 228, false, OUTER_V4("0055", "2f") "100022eb" "00000001" "20010001" "00000000"
		"00000800" V4},
	{"IPIP", 228, false, OUTER_V4("0041", "04") V4},
	{"6in4", 228, true, OUTER_V4("0055", "29") V6("0019", "06")},
	{"4in6", 229, false, OUTER_V6("002d", "04") V4},
	{"6in6", 229, true, OUTER_V6("0041", "29") V6("0019", "06")},
	{"EtherIP", 228, false, OUTER_V4("0051", "61") "3000" ETHERNET_V4},
	{"VXLAN", 228, false, OUTER_V4("005f", "11") UDP("004b", "12b5") VXLAN ETHERNET_V4},
	{"VXLAN with a policy, over IPv6", 229, false, OUTER_V6("004b", "11") UDP("004b", "12b5") "88000007"
		"00002a00" ETHERNET_V4},
	{"VXLAN on 8472", 228, false, OUTER_V4("005f", "11") UDP("004b", "2118") VXLAN ETHERNET_V4},
	{"VXLAN-GPE, IPv6", 228, true, OUTER_V4("0065", "11") UDP("0051", "12b6") "0c000002" "00002a00"
		V6("0019", "06")},
	{"Geneve", 228, false, OUTER_V4("005f", "11") UDP("004b", "17c1") "0000655800002a00" ETHERNET_V4},
	{"Geneve with options, IPv6", 228, true, OUTER_V4("006d", "11") UDP("0059", "17c1") "024086dd00002a00"
		"0102800100000000" V6("0019", "06")},
	{"GTP-U", 228, false, OUTER_V4("0051", "11") UDP("003d", "0868") "30ff002d" "00000001" V4},
	{"GTP-U with extension headers, IPv6", 228, true, OUTER_V4("0071", "11") UDP("005d", "0868")
		"34ff004d" "00000001" "00000085" "01000085" "01000000" V6("0019", "06")},
	{"radiotap", 127, false, RADIOTAP "0801" "0000" WLAN_ADDRESSES "0000" SNAP_V4},
	{"radiotap, QoS, two words of fields", 127, false, "00001000" "00000080" "00000000" "00000000"
		"8801" "0000" WLAN_ADDRESSES "0000" "0000" SNAP_V4},
	{"radiotap, QoS, padded header", 127, false, "00001100" "03000000" "0000000000000000" "20"
		"8801" "0000" WLAN_ADDRESSES "0000" "0000" "0000" SNAP_V4},
	{"802.11, four addresses", 105, true, "0803" "0000" WLAN_ADDRESSES "0000" "020000000004"
		"aaaa03000000" "86dd" V6("0019", "06")},
	{"802.11, four addresses, QoS, HT Control", 105, false, "8883" "0000" WLAN_ADDRESSES "0000"
		"020000000004" "0000" "00000000" SNAP_V4},
	{"PPI", 192, false, "00000800" "69000000" "0802" "0000" WLAN_ADDRESSES "0000" SNAP_V4},
	{"NFLOG, little end", 239, false, "02000000" "08000100" "08000000" "05000a00" "6e000000"
		"31000900" V4},
	{"NFLOG, big end", 239, true, "0a000000" "00080001" "08000000" "0045" "0009" V6("0019", "06")},
	{"VLAN, PPPoE, MPLS, GRE, VXLAN", 1, false, MACS "8100" "0007" "8864" "11000001" "0093" "0281" "00064140"
		OUTER_V4("008d", "2f") "00006558" MACS "0800" OUTER_V4("0067", "11") UDP("0053", "12b5") VXLAN
		MACS "8100" "0008" "8100" "0009" "0800" V4},
};

typedef struct Octets {
	uint8_t data[256];
	size_t size;
} Octets;

static void append_hex(Octets *octets, const char *hex)
{
	for (; hex[0] != '\0'; hex += 2) {
		char digits[3] = {hex[0], hex[1], '\0'};
		assert_true(octets->size < sizeof octets->data);
		octets->data[octets->size++] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

static Octets octets_of(const char *before, const char *behind)
{
	Octets octets = {.size = 0};
	append_hex(&octets, before);
	append_hex(&octets, behind);
	return octets;
}

/* Hands over a copy of exactly that size, so that a sanitizer sees a read behind it. */
static DecapResult peel(Decap *decap, uint16_t link_type, const Octets *octets, size_t captured,
                        TcpSegment *segment)
{
	uint8_t *copy = g_malloc(MAX(captured, 1));
	memcpy(copy, octets->data, captured);
	Frame frame = {
		.bytes = {copy, captured}, .wire_size = (uint32_t)octets->size, .link_type = link_type};
	DecapResult result = decap_frame(decap, &frame, segment);
	if (result == DECAP_TCP)
		segment->payload.data = octets->data + (segment->payload.data - copy);
	g_free(copy);
	return result;
}

static uint64_t counted(const Decap *decap, const char *what)
{
	size_t n;
	const DecapCount *counts = decap_counts(decap, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(counts[i].what, what) == 0)
			return counts[i].frames;
	return 0;
}

static void assert_segment(const Row *row, const TcpSegment *segment)
{
	char source[ENDPOINT_TEXT_SIZE], destination[ENDPOINT_TEXT_SIZE];
	endpoint_format(&segment->source, source);
	endpoint_format(&segment->destination, destination);
	assert_string_equal(source, row->v6 ? "[fd00::1]:50000" : "10.0.0.1:50000");
	assert_string_equal(destination, row->v6 ? "[fd00::2]:1883" : "10.0.0.2:1883");
	assert_int_equal(segment->sequence, 0x01020304);
	assert_int_equal(segment->acknowledgement, 0x0a0b0c0d);
	assert_int_equal(segment->flags, TCP_ACK | TCP_PSH);
	assert_int_equal(segment->window, 0x2000);
	assert_int_equal(segment->ttl, 64);
	assert_int_equal(segment->ip_id, row->v6 ? 0 : 7);
	assert_int_equal(segment->payload_size, 5);
}

static void every_encapsulation_yields_the_same_segment(void **state)
{
	(void)state;
	Decap *decap = decap_new();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Octets octets = octets_of(rows[i].before, TCP PAYLOAD);
		TcpSegment segment;
		DecapResult result = peel(decap, rows[i].link_type, &octets, octets.size, &segment);
		if (result != DECAP_TCP)
			fail_msg("%s: %d", rows[i].name, (int)result);
		assert_segment(&rows[i], &segment);
		assert_int_equal(segment.payload.size, 5);
		assert_memory_equal(segment.payload.data, "hello", 5);
	}
	size_t n_counts;
	decap_counts(decap, &n_counts);
	assert_int_equal(n_counts, 0);
	assert_int_equal(decap_n_tcp(decap), G_N_ELEMENTS(rows));
	decap_free(decap);
}

static void a_cut_at_any_offset_is_a_cut_and_not_malformed(void **state)
{
	(void)state;
	Decap *decap = decap_new();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Octets octets = octets_of(rows[i].before, TCP PAYLOAD);
		size_t header_end = octets.size - 5;
		for (size_t cut = 0; cut < octets.size; cut++) {
			TcpSegment segment;
			DecapResult result = peel(decap, rows[i].link_type, &octets, cut, &segment);
			DecapResult expected = cut < header_end ? DECAP_CUT : DECAP_TCP;
			if (result != expected)
				fail_msg("%s cut at %zu: %d", rows[i].name, cut, (int)result);
			if (result != DECAP_TCP)
				continue;
			assert_segment(&rows[i], &segment);
			assert_int_equal(segment.payload.size, cut - header_end);
		}
	}
	assert_int_equal(counted(decap, "malformed-header"), 0);
	decap_free(decap);
}

static void padding_behind_the_packet_is_no_payload(void **state)
{
	(void)state;
	static const char *const packets[] = {
		"0800" V4_LENGTH("0028") TCP "000000000000",
		"86dd" V6("0014", "06") TCP "000000000000",
	};
	Decap *decap = decap_new();
	for (size_t i = 0; i < G_N_ELEMENTS(packets); i++) {
		Octets octets = octets_of(MACS, packets[i]);
		TcpSegment segment;
		assert_int_equal(peel(decap, 1, &octets, octets.size, &segment), DECAP_TCP);
		assert_int_equal(segment.payload_size, 0);
		assert_int_equal(segment.payload.size, 0);
	}
	decap_free(decap);
}

static void cut_off_options_leave_the_place_in_the_stream_known(void **state)
{
	(void)state;
	/* Data offset 8, so 12 octets of options; total length 57. */
	Octets octets = octets_of(MACS "0800" V4_LENGTH("0039"),
	                          "c350075b" "01020304" "0a0b0c0d" "8018" "2000" "00000000"
	                          "0101080a0000000100000002" PAYLOAD);
	Decap *decap = decap_new();
	for (size_t cut = octets.size - 17; cut <= octets.size; cut++) {
		TcpSegment segment;
		assert_int_equal(peel(decap, 1, &octets, cut, &segment), DECAP_TCP);
		assert_int_equal(segment.sequence, 0x01020304);
		assert_int_equal(segment.payload_size, 5);
		assert_int_equal(segment.payload.size, cut > octets.size - 5 ? cut - (octets.size - 5) : 0);
	}
	decap_free(decap);
}

typedef struct Other {
	const char *what;
	uint16_t link_type;
	DecapResult result;
	const char *octets;
} Other;

static const Other others[] = {
	{"arp", 1, DECAP_OTHER, MACS "0806" "0001080006040001"},
	{"udp", 1, DECAP_OTHER, MACS "0800" "4500001c00000000" "40110000" "0a000001" "0a000002"
		"0035003500080000"},
	{"icmp", 101, DECAP_OTHER, "4500001c00000000" "40010000" "0a000001" "0a000002" "0800000000000000"},
	{"icmpv6", 229, DECAP_OTHER, V6("0008", "3a") "8000000000000000"},
	{"gre", 228, DECAP_UNDECODED, "4500001800000000" "402f0000" "0a000001" "0a000002" "40000800"},
	{"gre-acknowledgement", 228, DECAP_OTHER, OUTER_V4("0020", "2f") "2081880b" "00000001" "00000001"},
	{"ethertype-0x0000", 228, DECAP_UNDECODED, OUTER_V4("0018", "2f") "00000000"},
	{"erspan", 228, DECAP_UNDECODED, OUTER_V4("0028", "2f") "100022eb" "00000001" "20010001" "00000000" "00000400"},
	{"vxlan-gpe", 228, DECAP_UNDECODED, OUTER_V4("0024", "11") UDP("0010", "12b6") "0c000004" "00002a00"},
	{"gtp-signalling", 228, DECAP_OTHER, OUTER_V4("0028", "11") UDP("0014", "0868") "32010004" "00000000" "00000000"},
	{"pppoe-discovery", 1, DECAP_OTHER, MACS "8863" "110900000000"},
	{"esp", 228, DECAP_UNDECODED, OUTER_V4("001c", "32") "0000000100000001"},
	{"802.11-without-data", 105, DECAP_OTHER, "80000000" WLAN_ADDRESSES "0000"},
	{"802.11-without-data", 105, DECAP_OTHER, "c4000000" "020000000001"},
	{"802.11-without-data", 105, DECAP_OTHER, "48010000" WLAN_ADDRESSES "0000"},
	{"802.11-protected", 127, DECAP_UNDECODED, RADIOTAP "0841" "0000" WLAN_ADDRESSES "0000" "0011223344556677"},
	{"802.11-fragment", 105, DECAP_UNDECODED, "0805" "0000" WLAN_ADDRESSES "0000" SNAP_V4},
	{"802.11-aggregate", 105, DECAP_UNDECODED, "8801" "0000" WLAN_ADDRESSES "0000" "8000"},
	{"llc", 1, DECAP_OTHER, MACS "0026" "424203"},
	{"lldp", 113, DECAP_OTHER, "0000" "0001" "0006" "0200000000010000" "88cc" "0200"},
	{"ethertype-0x1234", 1, DECAP_UNDECODED, MACS "1234"},
	{"ip-protocol-250", 229, DECAP_UNDECODED, V6("0000", "fa")},
	{"address-family-7", 0, DECAP_UNDECODED, "07000000"},
	{"ppp-lcp", 9, DECAP_OTHER, "ff03c02101010004"},
	{"ppp-protocol-0x002d", 9, DECAP_UNDECODED, "ff03002d"},
	{"link-type-147", 147, DECAP_UNDECODED, "00"},
	{"ipv4-fragment", 228, DECAP_WAITING, "4500001c00002000" "40060000" "0a000001" "0a000002" "0000000000000000"},
	{"ipv4-fragment", 228, DECAP_WAITING, "4500001c00000001" "40060000" "0a000001" "0a000002" "0000000000000000"},
	{"ipv6-fragment", 229, DECAP_WAITING, V6("0010", "2c") "0600000100000001" "0000000000000000"},
	{"ipv6-fragment", 229, DECAP_WAITING, V6("0010", "2c") "0600000800000001" "0000000000000000"},
	{"malformed-header", 228, DECAP_MALFORMED, "5500001c00000000" "40060000" "0a000001" "0a000002"},
	{"malformed-header", 228, DECAP_MALFORMED, "4400001c00000000" "40060000" "0a000001" "0a000002"},
	{"malformed-header", 228, DECAP_MALFORMED, "4500001300000000" "40060000" "0a000001" "0a000002"},
	{"malformed-header", 228, DECAP_MALFORMED, "4500000000000000" "4006"},
	{"malformed-header", 101, DECAP_MALFORMED, "0000"},
	{"malformed-header", 228, DECAP_MALFORMED, V4 "c350075b01020304" "0a0b0c0d" "4018" "2000" "00000000"},
	{"malformed-header", 228, DECAP_MALFORMED, V4_LENGTH("0028") "c350075b01020304" "0a0b0c0d" "6018"
		"2000" "00000000"},
	{"malformed-header", 1, DECAP_MALFORMED, "0200"},
	{"malformed-header", 1, DECAP_MALFORMED, MACS "8847" "00064140"},
	{"malformed-header", 1, DECAP_MALFORMED, MACS "8864" "220000010000"},
	{"malformed-header", 228, DECAP_MALFORMED, OUTER_V4("002c", "2f") "100088be" "00000001" "2001000100000000"},
	{"malformed-header", 228, DECAP_MALFORMED, OUTER_V4("0020", "11") "0035003500070000" "00000000"},
	{"malformed-header", 228, DECAP_MALFORMED, OUTER_V4("002c", "11") UDP("0018", "0868") "34ff0008" "00000001"
		"00000085" "00000000"},
	{"malformed-header", 127, DECAP_MALFORMED, "0100080000000000"},
	{"malformed-header", 239, DECAP_MALFORMED, "0200000003000100"},
};

static void what_is_no_tcp_is_counted_under_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		Decap *decap = decap_new();
		Octets octets = octets_of(others[i].octets, "");
		TcpSegment segment;
		DecapResult result = peel(decap, others[i].link_type, &octets, octets.size, &segment);
		if (result != others[i].result || counted(decap, others[i].what) != (result != DECAP_WAITING))
			fail_msg("%s (row %zu): %d", others[i].what, i, (int)result);
		peel(decap, others[i].link_type, &octets, octets.size, &segment);
		decap_finish(decap);
		assert_int_equal(counted(decap, others[i].what), 2);
		assert_int_equal(decap_n_tcp(decap), 0);
		decap_free(decap);
	}
}

static void nesting_has_an_end(void **state)
{
	(void)state;
	Octets octets = octets_of(MACS "8100", "");
	for (unsigned i = 0; i < 20; i++)
		append_hex(&octets, "00648100");
	Decap *decap = decap_new();
	TcpSegment segment;
	assert_int_equal(peel(decap, 1, &octets, octets.size, &segment), DECAP_UNDECODED);
	assert_int_equal(counted(decap, "nested-too-deep"), 1);
	decap_free(decap);
}

static void the_names_of_unknown_numbers_are_bounded(void **state)
{
	(void)state;
	Decap *decap = decap_new();
	Octets octets = octets_of("00", "");
	TcpSegment segment;
	for (unsigned type = 1000; type < 3000; type++)
		assert_int_equal(peel(decap, (uint16_t)type, &octets, 1, &segment), DECAP_UNDECODED);
	size_t n_counts;
	decap_counts(decap, &n_counts);
	assert_int_equal(n_counts, 65);
	assert_int_equal(counted(decap, "link-type-1000"), 1);
	assert_int_equal(counted(decap, "other"), 2000 - 64);
	decap_free(decap);
}

static void random_octets_do_no_harm(void **state)
{
	(void)state;
	GRand *dice = g_rand_new_with_seed(4711);
	Decap *decap = decap_new();
	for (unsigned round = 0; round < 200000; round++) {
		const Row *row = &rows[g_rand_int_range(dice, 0, G_N_ELEMENTS(rows))];
		Octets octets = octets_of(row->before, TCP PAYLOAD);
		for (int flips = g_rand_int_range(dice, 1, 8); flips > 0; flips--)
			octets.data[g_rand_int_range(dice, 0, (int)octets.size)] = (uint8_t)g_rand_int(dice);
		size_t captured = (size_t)g_rand_int_range(dice, 0, (int)octets.size + 1);
		TcpSegment segment;
		if (peel(decap, row->link_type, &octets, captured, &segment) != DECAP_TCP)
			continue;
		assert_true(segment.payload.size <= segment.payload_size);
		assert_true(segment.payload.data >= octets.data);
		assert_true(segment.payload.data + segment.payload.size <= octets.data + captured);
	}
	decap_free(decap);
	g_rand_free(dice);
}

static void link_types_have_the_names_of_tcpdump(void **state)
{
	(void)state;
	assert_string_equal(link_type_name(1), "EN10MB");
	assert_string_equal(link_type_name(113), "LINUX_SLL");
	assert_string_equal(link_type_name(276), "LINUX_SLL2");
	assert_null(link_type_name(147));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_encapsulation_yields_the_same_segment),
		cmocka_unit_test(a_cut_at_any_offset_is_a_cut_and_not_malformed),
		cmocka_unit_test(padding_behind_the_packet_is_no_payload),
		cmocka_unit_test(cut_off_options_leave_the_place_in_the_stream_known),
		cmocka_unit_test(what_is_no_tcp_is_counted_under_its_name),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(the_names_of_unknown_numbers_are_bounded),
		cmocka_unit_test(random_octets_do_no_harm),
		cmocka_unit_test(link_types_have_the_names_of_tcpdump),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
