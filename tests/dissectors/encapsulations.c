/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/encapsulations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

const Encapsulation encapsulations[] = {
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

const size_t n_encapsulations = sizeof encapsulations / sizeof encapsulations[0];

void frame_append(FrameOctets *octets, const char *hex)
{
	for (; hex[0] != '\0'; hex += 2) {
		char digits[3] = {hex[0], hex[1], '\0'};
		assert_true(octets->size < sizeof octets->data);
		octets->data[octets->size++] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

FrameOctets frame_octets(const char *before, const char *behind)
{
	FrameOctets octets = {.size = 0};
	frame_append(&octets, before);
	frame_append(&octets, behind);
	return octets;
}
