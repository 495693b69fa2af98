/* SPDX-License-Identifier: MIT */
/* Fragments in any order, twice, cut off, in conflict, too many and too old; and tunnels on ports
 * of their own. */
#include "dissectors/decap.h"
#include "dissectors/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

enum { IPV4 = 228, IPV6 = 229, IPV4_HEADER = 20, IPV6_HEADER = 48, TCP_HEADER = 20, PAYLOAD = 400 };

/* What every test takes apart: a TCP segment of 420 octets. */
static void make_segment(uint8_t *segment)
{
	static const uint8_t header[TCP_HEADER] = {0xc3, 0x50, 0x07, 0x5b, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x18, 0x20};
	memcpy(segment, header, sizeof header);
	for (unsigned i = 0; i < PAYLOAD; i++)
		segment[TCP_HEADER + i] = (uint8_t)(i * 7 + i / 251);
}

typedef struct Rig {
	Decap *decap;
	bool v6;
	uint16_t id;
	uint8_t protocol;
	uint32_t cut; /* octets that the snap length took off each frame */
	int64_t time;
	TcpSegment segment;
} Rig;

static Rig rig_new(bool v6)
{
	return (Rig){.decap = decap_new(), .v6 = v6, .id = 77, .protocol = 6};
}

static uint32_t header_of(const Rig *rig, uint8_t *at, uint32_t offset, uint32_t size, bool more)
{
	if (rig->v6) {
		memset(at, 0, IPV6_HEADER);
		at[0] = 0x60;
		at[4] = (uint8_t)((size + 8) >> 8);
		at[5] = (uint8_t)(size + 8);
		at[6] = 44;
		at[7] = 64;
		at[23] = 1;
		at[39] = 2;
		at[40] = rig->protocol;
		at[42] = (uint8_t)(offset >> 8);
		at[43] = (uint8_t)(offset | more);
		at[46] = (uint8_t)(rig->id >> 8);
		at[47] = (uint8_t)rig->id;
		return IPV6_HEADER;
	}
	const uint8_t header[IPV4_HEADER] = {
		0x45, 0, (uint8_t)((size + IPV4_HEADER) >> 8), (uint8_t)(size + IPV4_HEADER),
		(uint8_t)(rig->id >> 8), (uint8_t)rig->id,
		(uint8_t)((more ? 0x20 : 0) | offset >> 11), (uint8_t)(offset >> 3),
		64, rig->protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
	memcpy(at, header, IPV4_HEADER);
	return IPV4_HEADER;
}

static DecapResult give(Rig *rig, const uint8_t *whole, uint32_t offset, uint32_t size, bool more)
{
	uint8_t octets[2048];
	uint32_t header = header_of(rig, octets, offset, size, more);
	g_assert(header + size <= sizeof octets);
	memcpy(octets + header, whole + offset, size);
	uint32_t captured = header + size - MIN(rig->cut, size);
	uint8_t *copy = g_memdup2(octets, captured);
	Frame frame = {.bytes = {copy, captured},
	               .wire_size = header + size,
	               .link_type = rig->v6 ? IPV6 : IPV4,
	               .time = {rig->time}};
	DecapResult result = decap_frame(rig->decap, &frame, &rig->segment);
	g_free(copy);
	return result;
}

static uint64_t counted(Rig *rig, const char *what)
{
	size_t n;
	const DecapCount *counts = decap_counts(rig->decap, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(counts[i].what, what) == 0)
			return counts[i].frames;
	return 0;
}

static void assert_nothing_was_counted(Rig *rig)
{
	size_t n;
	decap_finish(rig->decap);
	decap_counts(rig->decap, &n);
	assert_int_equal(n, 0);
	decap_free(rig->decap);
}

static void assert_is_whole(Rig *rig, const uint8_t *whole)
{
	char source[ENDPOINT_TEXT_SIZE];
	endpoint_format(&rig->segment.source, source);
	assert_string_equal(source, rig->v6 ? "[::1]:50000" : "10.0.0.1:50000");
	assert_int_equal(rig->segment.sequence, 0x01020304);
	assert_int_equal(rig->segment.payload_size, PAYLOAD);
	assert_int_equal(rig->segment.payload.size, PAYLOAD);
	assert_memory_equal(rig->segment.payload.data, whole + TCP_HEADER, PAYLOAD);
	assert_int_equal(rig->segment.ip_id, rig->v6 ? 0 : 77);
	assert_int_equal(rig->segment.ttl, 64);
}

typedef struct Part {
	uint32_t offset, size;
	bool more;
} Part;

static const Part parts[] = {{0, 16, true}, {16, 200, true}, {216, 104, true}, {320, 100, false}};

static void in_any_order_they_make_the_packet(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (unsigned order = 0; order < 256; order++) {
			unsigned at[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
			unsigned seen = 1u << at[0] | 1u << at[1] | 1u << at[2] | 1u << at[3];
			if (seen != 15)
				continue;
			Rig rig = rig_new(v6 != 0);
			for (unsigned i = 0; i < 4; i++) {
				const Part *part = &parts[at[i]];
				DecapResult result = give(&rig, whole, part->offset, part->size, part->more);
				assert_int_equal(result, i < 3 ? DECAP_WAITING : DECAP_TCP);
			}
			assert_is_whole(&rig, whole);
			assert_nothing_was_counted(&rig);
		}
	}
}

static void copies_from_two_devices_are_taken_once(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	unsigned n_whole = 0;
	for (unsigned i = 0; i < 8; i++) {
		const Part *part = &parts[i / 2];
		n_whole += give(&rig, whole, part->offset, part->size, part->more) == DECAP_TCP;
		rig.time += 1000;
	}
	assert_int_equal(n_whole, 1);
	assert_nothing_was_counted(&rig);
}

static void an_identification_used_again_is_another_packet(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	for (unsigned round = 0; round < 3; round++) {
		whole[30] = (uint8_t)round;
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(give(&rig, whole, parts[i].offset, parts[i].size, parts[i].more),
			                 i < 3 ? DECAP_WAITING : DECAP_TCP);
		assert_is_whole(&rig, whole);
		rig.time += FRAGMENTS_COPY_NS + 1;
	}
	assert_nothing_was_counted(&rig);
}

static void other_octets_where_they_overlap_end_it(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		uint8_t whole[TCP_HEADER + PAYLOAD], other[TCP_HEADER + PAYLOAD];
		make_segment(whole);
		make_segment(other);
		other[100] ^= 1;
		Rig rig = rig_new(v6 != 0);
		assert_int_equal(give(&rig, whole, 0, 200, true), DECAP_WAITING);
		/* the same octets again, and some more: harmless */
		assert_int_equal(give(&rig, whole, 96, 160, true), DECAP_WAITING);
		assert_int_equal(give(&rig, other, 96, 160, true), DECAP_UNDECODED);
		assert_int_equal(counted(&rig, "fragments-in-conflict"), 3);
		/* what comes later belongs to nothing */
		assert_int_equal(give(&rig, whole, 256, 164, false), DECAP_WAITING);
		decap_finish(rig.decap);
		assert_int_equal(counted(&rig, v6 ? "ipv6-fragment" : "ipv4-fragment"), 1);
		decap_free(rig.decap);
	}
}

static void two_ends_are_a_conflict(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	assert_int_equal(give(&rig, whole, 320, 100, false), DECAP_WAITING);
	assert_int_equal(give(&rig, whole, 320, 64, false), DECAP_UNDECODED);
	assert_int_equal(give(&rig, whole, 320, 96, true), DECAP_WAITING);
	assert_int_equal(give(&rig, whole, 320, 80, false), DECAP_UNDECODED);
	assert_int_equal(counted(&rig, "fragments-in-conflict"), 4);
	assert_int_equal(give(&rig, whole, 0, 80, false), DECAP_TCP);
	decap_free(rig.decap);
}

static void the_snap_length_cuts_them_too(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(true);
	assert_int_equal(give(&rig, whole, 320, 100, false), DECAP_WAITING);
	rig.cut = 30;
	assert_int_equal(give(&rig, whole, 0, 320, true), DECAP_TCP);
	assert_int_equal(rig.segment.payload_size, PAYLOAD);
	assert_int_equal(rig.segment.payload.size, 320 - 30 - TCP_HEADER);
	assert_memory_equal(rig.segment.payload.data, whole + TCP_HEADER, 320 - 30 - TCP_HEADER);
	assert_nothing_was_counted(&rig);
}

static void what_is_too_old_is_given_up(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	assert_int_equal(give(&rig, whole, 0, 320, true), DECAP_WAITING);
	rig.time = FRAGMENTS_AGE_NS + 1;
	assert_int_equal(give(&rig, whole, 320, 100, false), DECAP_WAITING);
	assert_int_equal(counted(&rig, "ipv4-fragment"), 1);
	decap_finish(rig.decap);
	assert_int_equal(counted(&rig, "ipv4-fragment"), 2);
	decap_free(rig.decap);
}

static void their_number_is_bounded_and_the_oldest_goes(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	for (unsigned i = 0; i < FRAGMENTS_PACKETS + 10; i++) {
		rig.id = (uint16_t)(1000 + i);
		assert_int_equal(give(&rig, whole, 0, 320, true), DECAP_WAITING);
	}
	assert_int_equal(counted(&rig, "ipv4-fragment"), 10);
	rig.id = 1009;
	assert_int_equal(give(&rig, whole, 320, 100, false), DECAP_WAITING);
	rig.id = 1011;
	assert_int_equal(give(&rig, whole, 320, 100, false), DECAP_TCP);
	decap_free(rig.decap);
}

static void crumbs_are_bounded_too(void **state)
{
	(void)state;
	Rig rig = rig_new(false);
	unsigned n = 0;
	DecapResult result = DECAP_WAITING;
	for (; result == DECAP_WAITING && n < 128 + 10; n++) {
		uint8_t octets[28];
		uint32_t header = header_of(&rig, octets, n * 16, 8, true);
		memset(octets + header, 0, 8);
		Frame frame = {.bytes = {octets, 28}, .wire_size = 28, .link_type = IPV4};
		result = decap_frame(rig.decap, &frame, &rig.segment);
	}
	assert_int_equal(n, FRAGMENTS_PIECES + 1);
	assert_int_equal(result, DECAP_UNDECODED);
	assert_int_equal(counted(&rig, "fragments-too-many"), FRAGMENTS_PIECES + 1);
	decap_free(rig.decap);
}

static void impossible_ones_are_malformed(void **state)
{
	(void)state;
	uint8_t whole[TCP_HEADER + PAYLOAD];
	make_segment(whole);
	Rig rig = rig_new(false);
	assert_int_equal(give(&rig, whole, 0, 15, true), DECAP_MALFORMED); /* not in steps of 8 */
	assert_int_equal(give(&rig, whole, 8, 0, false), DECAP_MALFORMED);
	uint8_t octets[28];
	header_of(&rig, octets, 65528, 8, false); /* ends behind 65535 */
	Frame frame = {.bytes = {octets, 28}, .wire_size = 28, .link_type = IPV4};
	assert_int_equal(decap_frame(rig.decap, &frame, &rig.segment), DECAP_MALFORMED);
	assert_int_equal(counted(&rig, "malformed-header"), 3);
	decap_free(rig.decap);
}

/* An IPv4 packet of the segment, in VXLAN, in UDP; the outer packet comes in fragments. */
static void a_tunnel_in_fragments_is_looked_into(void **state)
{
	(void)state;
	static const uint8_t before[] = {0xd0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 42, 0,
	                                 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
	uint8_t whole[sizeof before + IPV4_HEADER + TCP_HEADER + PAYLOAD];
	memcpy(whole, before, sizeof before);
	Rig rig = rig_new(false);
	header_of(&rig, whole + sizeof before, 0, TCP_HEADER + PAYLOAD, false);
	make_segment(whole + sizeof before + IPV4_HEADER);
	rig.protocol = 17;
	assert_int_equal(give(&rig, whole, 0, 304, true), DECAP_WAITING);
	assert_int_equal(give(&rig, whole, 304, sizeof whole - 304, false), DECAP_TCP);
	assert_is_whole(&rig, whole + sizeof before + IPV4_HEADER);
	assert_nothing_was_counted(&rig);
}

/* In the packet that its fragments make is a fragment of the same name, in whose place the packet was. */
static void a_fragment_lies_in_what_it_replaces(void **state)
{
	(void)state;
	enum { IP_IN_IP = 4, PACKET = IPV4_HEADER + TCP_HEADER + PAYLOAD, FIRST = 232 };
	uint8_t packet[PACKET], carrier[IPV4_HEADER + FIRST];
	Rig rig = rig_new(false), inner = {.id = 5, .protocol = 6};
	rig.protocol = IP_IN_IP;
	header_of(&inner, packet, 0, PACKET - IPV4_HEADER, false);
	make_segment(packet + IPV4_HEADER);
	header_of(&rig, carrier, 0, FIRST, true);
	memcpy(carrier + IPV4_HEADER, packet, FIRST);
	assert_int_equal(give(&rig, carrier, 0, 128, true), DECAP_WAITING);
	assert_int_equal(give(&rig, carrier, 128, sizeof carrier - 128, false), DECAP_WAITING);
	assert_int_equal(give(&rig, packet, FIRST, PACKET - FIRST, false), DECAP_TCP);
	assert_int_equal(rig.segment.ip_id, 5);
	assert_int_equal(rig.segment.sequence, 0x01020304);
	assert_memory_equal(rig.segment.payload.data, packet + IPV4_HEADER + TCP_HEADER, PAYLOAD);
	assert_nothing_was_counted(&rig);
}

/* --- VXLAN wherever it is ----------------------------------------------------------------- */

static void fill_checksum(uint8_t *header)
{
	uint32_t sum = 0;
	header[10] = header[11] = 0;
	for (unsigned i = 0; i < IPV4_HEADER; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

enum { VXLAN_AT = IPV4_HEADER + 8, INNER_AT = VXLAN_AT + 8 + 14, VXLAN_ALL = INNER_AT + 20 + 420 };

static void make_vxlan(uint8_t *octets)
{
	static const uint8_t inner[] = {0xd0, 0, 0x30, 0x39, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 42, 0,
	                                2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
	Rig outer = {.id = 1, .protocol = 17}, rig = {.id = 77, .protocol = 6};
	header_of(&outer, octets, 0, VXLAN_ALL - IPV4_HEADER, false);
	memcpy(octets + IPV4_HEADER, inner, sizeof inner);
	header_of(&rig, octets + INNER_AT, 0, 420, false);
	fill_checksum(octets + INNER_AT);
	make_segment(octets + INNER_AT + IPV4_HEADER);
}

static DecapResult peel_vxlan(const uint8_t *octets, size_t captured)
{
	Decap *decap = decap_new();
	Frame frame = {.bytes = {octets, captured}, .wire_size = VXLAN_ALL, .link_type = IPV4};
	TcpSegment segment;
	DecapResult result = decap_frame(decap, &frame, &segment);
	if (result == DECAP_TCP)
		assert_int_equal(segment.payload_size, PAYLOAD);
	decap_free(decap);
	return result;
}

static void vxlan_on_another_port_is_found(void **state)
{
	(void)state;
	uint8_t octets[VXLAN_ALL];
	make_vxlan(octets);
	assert_int_equal(peel_vxlan(octets, VXLAN_ALL), DECAP_TCP);
	assert_int_equal(peel_vxlan(octets, INNER_AT + IPV4_HEADER + TCP_HEADER), DECAP_TCP);
	assert_int_equal(peel_vxlan(octets, INNER_AT + 10), DECAP_OTHER); /* no proof was captured */
}

/* Any one octet of what proves it, changed in any way, and it is plain UDP. */
static void what_only_resembles_it_is_udp(void **state)
{
	(void)state;
	uint8_t octets[VXLAN_ALL];
	for (unsigned at = VXLAN_AT; at < INNER_AT + IPV4_HEADER; at++) {
		bool vni = at >= VXLAN_AT + 4 && at < VXLAN_AT + 7;
		bool address = at >= VXLAN_AT + 8 && at < INNER_AT - 2;
		if (vni || address)
			continue;
		for (unsigned flip = 1; flip < 256; flip++) {
			make_vxlan(octets);
			octets[at] ^= (uint8_t)flip;
			if (peel_vxlan(octets, VXLAN_ALL) != DECAP_OTHER)
				fail_msg("octet %u xor %u", at, flip);
		}
	}
}

static void random_datagrams_hold_no_tunnel(void **state)
{
	(void)state;
	GRand *dice = g_rand_new_with_seed(20260101);
	uint8_t octets[VXLAN_ALL];
	make_vxlan(octets);
	for (unsigned round = 0; round < 100000; round++) {
		for (unsigned i = VXLAN_AT; i < VXLAN_ALL; i += 4) {
			uint32_t word = g_rand_int(dice);
			memcpy(octets + i, &word, MIN(4, VXLAN_ALL - i));
		}
		if (round % 2 == 0)
			memcpy(octets + VXLAN_AT, "\x08\0\0\0\0\0\x01\0", 8);
		assert_int_equal(peel_vxlan(octets, VXLAN_ALL), DECAP_OTHER);
	}
	g_rand_free(dice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order_they_make_the_packet),
		cmocka_unit_test(copies_from_two_devices_are_taken_once),
		cmocka_unit_test(an_identification_used_again_is_another_packet),
		cmocka_unit_test(other_octets_where_they_overlap_end_it),
		cmocka_unit_test(two_ends_are_a_conflict),
		cmocka_unit_test(the_snap_length_cuts_them_too),
		cmocka_unit_test(what_is_too_old_is_given_up),
		cmocka_unit_test(their_number_is_bounded_and_the_oldest_goes),
		cmocka_unit_test(crumbs_are_bounded_too),
		cmocka_unit_test(impossible_ones_are_malformed),
		cmocka_unit_test(a_tunnel_in_fragments_is_looked_into),
		cmocka_unit_test(a_fragment_lies_in_what_it_replaces),
		cmocka_unit_test(vxlan_on_another_port_is_found),
		cmocka_unit_test(what_only_resembles_it_is_udp),
		cmocka_unit_test(random_datagrams_hold_no_tunnel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
