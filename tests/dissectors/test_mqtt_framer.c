/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_framer.h"

#include <glib.h>

/* What the framer handed out. */
typedef struct Rig {
	MqttFramer framer;
	MqttFrameSink sink;
	StreamPoint at;
	unsigned n_frames;
	MqttFrame frames[64];
	uint8_t octets[64][32]; /* the first of each frame */
	uint64_t lost[4];
} Rig;

static void rig_frame(void *self, unsigned side, const MqttFrame *frame)
{
	Rig *rig = self;

	(void)side;
	assert_true(rig->n_frames < 64);
	memcpy(rig->octets[rig->n_frames], frame->octets.data, MIN(frame->octets.size, 32));
	rig->frames[rig->n_frames++] = *frame;
}

static void rig_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                     const StreamPoint *at)
{
	(void)side, (void)at;
	((Rig *)self)->lost[kind] += n_bytes;
}

static Rig *rig_new(MqttVersion version)
{
	Rig *rig = g_new0(Rig, 1);

	rig->sink = (MqttFrameSink){rig_frame, rig_lost, rig, 0};
	rig->framer.version = (uint8_t)version;
	rig->at.frame.number = 1;
	return rig;
}

static void rig_free(Rig *rig)
{
	mqtt_framer_clear(&rig->framer);
	g_free(rig);
}

static void feed(Rig *rig, const void *data, size_t size)
{
	uint8_t *copy = g_memdup2(data, size);

	mqtt_framer_bytes(&rig->framer, &rig->sink, (ByteSpan){copy, size}, &rig->at);
	rig->at.frame.number++;
	g_free(copy);
}

static void gap(Rig *rig, uint64_t n, MqttLossKind kind)
{
	mqtt_framer_gap(&rig->framer, &rig->sink, n, kind, &rig->at);
	rig->at.frame.number++;
}

#define FEED(rig, text) feed(rig, text, sizeof(text) - 1)

static void several_packets_in_a_segment_are_framed_in_place(void **state)
{
	static const uint8_t wire[] = "\xc0\x00\x40\x02\x00\x07\x30\x05\x00\x01" "abc";
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	mqtt_framer_bytes(&rig->framer, &rig->sink, (ByteSpan){wire, 13}, &rig->at);
	assert_int_equal(rig->n_frames, 3);
	assert_ptr_equal(rig->frames[0].octets.data, wire);
	assert_ptr_equal(rig->frames[1].octets.data, wire + 2);
	assert_ptr_equal(rig->frames[2].octets.data, wire + 6);
	assert_int_equal(rig->frames[2].octets.size, 7);
	assert_int_equal(rig->frames[2].offset, 6);
	assert_true(rig->frames[2].whole);
	assert_null(rig->framer.kept);
	rig_free(rig);
}

static void the_remaining_length_may_be_cut_anywhere(void **state)
{
	uint8_t wire[4 + 3 + 20000] = {0x30, 0xa3, 0x9c, 0x01, 0, 1, 't'}; /* 20003 */

	(void)state;
	memset(wire + 7, 'p', 20000);
	for (size_t cut = 1; cut < 9; cut++) {
		Rig *rig = rig_new(MQTT_3_1_1);
		feed(rig, wire, cut);
		feed(rig, wire + cut, sizeof wire - cut);
		FEED(rig, "\xc0\x00");
		assert_int_equal(rig->n_frames, 2);
		assert_int_equal(rig->frames[0].remaining_length, 20003);
		assert_int_equal(rig->frames[0].header_size, 4);
		assert_true(rig->frames[0].header_whole);
		assert_int_equal(rig->frames[0].octets.size, 7);
		assert_int_equal(rig->frames[0].begin.frame.number, 1);
		assert_int_equal(rig->frames[0].end.frame.number, 2);
		assert_int_equal(rig->frames[1].offset, sizeof wire);
		rig_free(rig);
	}
}

static void a_length_that_goes_on_after_four_octets_is_malformed(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\xc0\x00\x82\xff\xff");
	FEED(rig, "\xff\xff\x01zz");
	assert_int_equal(rig->n_frames, 1);
	mqtt_framer_end(&rig->framer, &rig->sink, &rig->at);
	assert_int_equal(rig->lost[MQTT_LOSS_MALFORMED], 8);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 0);
	rig_free(rig);
}

static void a_payload_of_256_mib_is_hashed_and_not_kept(void **state)
{
	enum { BLOCK = 65536 };
	uint8_t *block = g_malloc(BLOCK);
	uint32_t left = 0x0fffffff - 5;
	XXH3_state_t *whole = XXH3_createState();
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (uint8_t)(i * 31 >> 3);
	XXH3_128bits_reset(whole);
	FEED(rig, "\x32\xff\xff\xff\x7f\0\1t\0\7");
	while (left > 0) {
		uint32_t n = MIN(left, BLOCK);
		XXH3_128bits_update(whole, block, n);
		mqtt_framer_bytes(&rig->framer, &rig->sink, (ByteSpan){block, n}, &rig->at);
		left -= n;
		assert_true(rig->framer.kept_capacity <= 128);
	}
	assert_int_equal(rig->n_frames, 1);
	assert_int_equal(rig->frames[0].remaining_length, 0x0fffffff);
	assert_true(rig->frames[0].has_hash);
	XXH128_hash_t expected = XXH3_128bits_digest(whole);
	assert_true(rig->frames[0].hash.low == expected.low64);
	assert_true(rig->frames[0].hash.high == expected.high64);
	assert_null(rig->framer.kept);
	assert_null(rig->framer.hash);
	XXH3_freeState(whole);
	g_free(block);
	rig_free(rig);
}

static void a_payload_of_qos_0_is_not_hashed(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\x30\x08\0\1thel");
	FEED(rig, "lo");
	assert_int_equal(rig->n_frames, 1);
	assert_false(rig->frames[0].has_hash);
	assert_true(rig->frames[0].header_whole);
	rig_free(rig);
}

static void a_subscribe_beyond_the_bound_is_passed_over_and_framing_goes_on(void **state)
{
	uint8_t *block = g_malloc0(65536);
	uint32_t left = 2000000;
	Rig *rig = rig_new(MQTT_5_0);

	(void)state;
	FEED(rig, "\x82\x80\x89\x7a"); /* 2 000 000 = 0 + 9 * 128 + 122 * 16384 */
	while (left > 0) {
		uint32_t n = MIN(left, 65536);
		feed(rig, block, n);
		left -= n;
		assert_true(rig->framer.kept_capacity <= 64);
	}
	FEED(rig, "\xc0\x00");
	assert_int_equal(rig->n_frames, 2);
	assert_true(rig->frames[0].cut);
	assert_int_equal(rig->frames[0].remaining_length, 2000000);
	assert_false(rig->frames[1].cut);
	assert_int_equal(rig->frames[1].offset, 2000004);
	g_free(block);
	rig_free(rig);
}

static void a_hole_inside_a_payload_cuts_that_packet_only(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\x32\x0c\0\1t\0\7he");
	assert_false(mqtt_framer_gap_hides(&rig->framer, 5));
	assert_true(mqtt_framer_gap_hides(&rig->framer, 6));
	gap(rig, 3, MQTT_LOSS_MISSING);
	FEED(rig, "xx\xc0");
	FEED(rig, "\x00");
	assert_int_equal(rig->n_frames, 2);
	assert_true(rig->frames[0].cut);
	assert_true(rig->frames[0].header_whole);
	assert_false(rig->frames[0].has_hash);
	assert_int_equal(rig->frames[1].offset, 14);
	assert_int_equal(rig->lost[MQTT_LOSS_MISSING], 3);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 0);
	rig_free(rig);
}

static void a_hole_that_ends_with_the_packet_leaves_the_boundary_known(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\x82\x08\0\1\0");
	gap(rig, 5, MQTT_LOSS_TRUNCATED);
	FEED(rig, "\x30\x05\0\1tq");
	assert_int_equal(rig->n_frames, 1);
	assert_true(rig->frames[0].cut);
	assert_int_equal(rig->frames[0].octets.size, 5);
	FEED(rig, "q");
	assert_int_equal(rig->n_frames, 2);
	assert_int_equal(rig->lost[MQTT_LOSS_TRUNCATED], 5);
	rig_free(rig);
}

static void after_a_hole_the_start_of_a_segment_is_tried_first(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\x32\x0c\0\1t\0\7he");
	gap(rig, 100, MQTT_LOSS_MISSING);
	/* The tail of something: not MQTT, though a PINGREQ seems to be in it. */
	FEED(rig, "abc\xc0\x00" "de");
	FEED(rig, "\x30\x05\0\1txx");
	assert_int_equal(rig->n_frames, 2);
	assert_true(rig->frames[0].cut);
	assert_int_equal(rig->frames[1].offset, 9 + 100 + 7);
	assert_int_equal(rig->lost[MQTT_LOSS_MISSING], 100);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 7);
	rig_free(rig);
}

static void after_a_hole_a_lone_packet_that_ends_with_no_segment_is_not_believed(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\xc0");
	gap(rig, 20, MQTT_LOSS_MISSING);
	FEED(rig, "\xc0\x00\x30");
	assert_int_equal(rig->n_frames, 0);
	FEED(rig, "\x05\0\1txx"); /* but two of them are */
	assert_int_equal(rig->n_frames, 2);
	gap(rig, 20, MQTT_LOSS_MISSING);
	FEED(rig, "\x30\x05\0\1");
	FEED(rig, "txx");
	assert_int_equal(rig->n_frames, 2);
	FEED(rig, "\xc0\x00");
	assert_int_equal(rig->n_frames, 4);
	rig_free(rig);
}

static void after_a_hole_packets_in_a_row_inside_a_segment_are_believed(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\xc0");
	gap(rig, 20, MQTT_LOSS_MISSING);
	FEED(rig, "tail\x30\x05\0\1txx\x40\x02\0\1\x30\x04\0\1ty\x30\x20\0\1");
	assert_int_equal(rig->n_frames, 3);
	assert_int_equal(rig->frames[0].offset, 1 + 20 + 4);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 5);
	rig_free(rig);
}

static void a_publish_too_long_to_wait_for_points_to_the_next_boundary(void **state)
{
	uint8_t *block = g_malloc(65536);
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	memset(block, 0xaa, 65536);
	FEED(rig, "\xc0");
	gap(rig, 20, MQTT_LOSS_MISSING);
	FEED(rig, "\x30\x83\xd0\x0f\0\1t"); /* 256 003 = 3 + 80 * 128 + 15 * 16384 */
	for (unsigned i = 0; i < 3; i++)
		feed(rig, block, 65536);
	feed(rig, block, 256003 - 3 - 3 * 65536);
	assert_int_equal(rig->n_frames, 0);
	FEED(rig, "\x30\x82\xd0\x0f\0\1u"); /* one just as long follows, 256 002 */
	for (unsigned i = 0; i < 3; i++)
		feed(rig, block, 65536);
	feed(rig, block, 256002 - 3 - 3 * 65536);
	assert_int_equal(rig->n_frames, 1);
	assert_int_equal(rig->octets[0][6], 'u');
	assert_int_equal(rig->frames[0].offset, 21 + 256007);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 1 + 256007);
	g_free(block);
	rig_free(rig);
}

static void a_wrong_guess_is_given_up_for_a_new_search(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\xc0");
	gap(rig, 20, MQTT_LOSS_MISSING);
	FEED(rig, "\xc0\x00");
	FEED(rig, "\xff\xff\xff");
	FEED(rig, "\x30\x05\0\1txx");
	assert_int_equal(rig->n_frames, 2);
	assert_int_equal(rig->frames[1].offset, 1 + 20 + 5);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 4);
	assert_int_equal(rig->lost[MQTT_LOSS_MALFORMED], 0);
	rig_free(rig);
}

static void without_a_version_the_header_is_read_as_what_makes_sense(void **state)
{
	Rig *rig = rig_new(MQTT_VERSION_UNKNOWN);

	(void)state;
	FEED(rig, "\x32\x0c\0\1t\0\7\2");
	FEED(rig, "\1\1hell");
	assert_int_equal(rig->n_frames, 1);
	assert_int_equal(rig->frames[0].version, MQTT_5_0);
	assert_int_equal(rig->frames[0].octets.size, 10);
	FEED(rig, "\x32\x0c\0\1t\0\7h");
	FEED(rig, "ello w");
	assert_int_equal(rig->n_frames, 2);
	assert_int_equal(rig->frames[1].version, MQTT_3_1_1);
	assert_int_equal(rig->frames[1].octets.size, 7);
	XXH128_hash_t expected = XXH3_128bits("hello w", 7);
	assert_true(rig->frames[1].hash.low == expected.low64);
	rig_free(rig);
}

static void a_packet_under_way_at_the_end_is_lost(void **state)
{
	Rig *rig = rig_new(MQTT_3_1_1);

	(void)state;
	FEED(rig, "\x32\x0c\0\1t\0\7he");
	gap(rig, 2, MQTT_LOSS_MISSING);
	FEED(rig, "o");
	mqtt_framer_end(&rig->framer, &rig->sink, &rig->at);
	assert_int_equal(rig->n_frames, 0);
	assert_int_equal(rig->lost[MQTT_LOSS_SKIPPED], 10);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_packets_in_a_segment_are_framed_in_place),
		cmocka_unit_test(the_remaining_length_may_be_cut_anywhere),
		cmocka_unit_test(a_length_that_goes_on_after_four_octets_is_malformed),
		cmocka_unit_test(a_payload_of_256_mib_is_hashed_and_not_kept),
		cmocka_unit_test(a_payload_of_qos_0_is_not_hashed),
		cmocka_unit_test(a_subscribe_beyond_the_bound_is_passed_over_and_framing_goes_on),
		cmocka_unit_test(a_hole_inside_a_payload_cuts_that_packet_only),
		cmocka_unit_test(a_hole_that_ends_with_the_packet_leaves_the_boundary_known),
		cmocka_unit_test(after_a_hole_the_start_of_a_segment_is_tried_first),
		cmocka_unit_test(after_a_hole_a_lone_packet_that_ends_with_no_segment_is_not_believed),
		cmocka_unit_test(after_a_hole_packets_in_a_row_inside_a_segment_are_believed),
		cmocka_unit_test(a_publish_too_long_to_wait_for_points_to_the_next_boundary),
		cmocka_unit_test(a_wrong_guess_is_given_up_for_a_new_search),
		cmocka_unit_test(without_a_version_the_header_is_read_as_what_makes_sense),
		cmocka_unit_test(a_packet_under_way_at_the_end_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
