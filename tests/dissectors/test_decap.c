/* SPDX-License-Identifier: MIT */
/* Each encapsulation as it is, then cut at every offset, and pushed about. */
#include "dissectors/decap.h"

#include "tests/dissectors/encapsulations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

/* Hands over a copy of exactly that size, so that a sanitizer sees a read behind it. */
static DecapResult peel(Decap *decap, uint16_t link_type, const FrameOctets *octets, size_t captured,
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

static void assert_segment(const Encapsulation *row, const TcpSegment *segment)
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
	for (size_t i = 0; i < n_encapsulations; i++) {
		FrameOctets octets = frame_octets(encapsulations[i].before, TCP PAYLOAD);
		TcpSegment segment;
		DecapResult result = peel(decap, encapsulations[i].link_type, &octets, octets.size, &segment);
		if (result != DECAP_TCP)
			fail_msg("%s: %d", encapsulations[i].name, (int)result);
		assert_segment(&encapsulations[i], &segment);
		assert_int_equal(segment.payload.size, 5);
		assert_memory_equal(segment.payload.data, "hello", 5);
	}
	size_t n_counts;
	decap_counts(decap, &n_counts);
	assert_int_equal(n_counts, 0);
	assert_int_equal(decap_n_tcp(decap), n_encapsulations);
	decap_free(decap);
}

static void a_cut_at_any_offset_is_a_cut_and_not_malformed(void **state)
{
	(void)state;
	Decap *decap = decap_new();
	for (size_t i = 0; i < n_encapsulations; i++) {
		FrameOctets octets = frame_octets(encapsulations[i].before, TCP PAYLOAD);
		size_t header_end = octets.size - 5;
		for (size_t cut = 0; cut < octets.size; cut++) {
			TcpSegment segment;
			DecapResult result = peel(decap, encapsulations[i].link_type, &octets, cut, &segment);
			DecapResult expected = cut < header_end ? DECAP_CUT : DECAP_TCP;
			if (result != expected)
				fail_msg("%s cut at %zu: %d", encapsulations[i].name, cut, (int)result);
			if (result != DECAP_TCP)
				continue;
			assert_segment(&encapsulations[i], &segment);
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
		FrameOctets octets = frame_octets(MACS, packets[i]);
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
	FrameOctets octets = frame_octets(MACS "0800" V4_LENGTH("0039"),
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
		FrameOctets octets = frame_octets(others[i].octets, "");
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
	FrameOctets octets = frame_octets(MACS "8100", "");
	for (unsigned i = 0; i <= DECAP_MAX_DEPTH; i++)
		frame_append(&octets, "00648100");
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
	FrameOctets octets = frame_octets("00", "");
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
		const Encapsulation *row = &encapsulations[g_rand_int_range(dice, 0, (int)n_encapsulations)];
		FrameOctets octets = frame_octets(row->before, TCP PAYLOAD);
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
