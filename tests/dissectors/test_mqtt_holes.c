/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/dissectors/mqtt_play.h"

static const Seen *true_event(const Play *whole, const Seen *seen)
{
	for (unsigned i = 0; i < whole->seen->len; i++) {
		const Seen *other = play_event(whole, i);
		if (other->side == seen->side && other->offset == seen->offset)
			return other;
	}
	return NULL;
}

/* Nothing may be claimed that is not so; what a hole hid may be unknown. */
static void assert_true_event(const Play *whole, const Seen *seen)
{
	const Seen *other = true_event(whole, seen);

	if (other == NULL) {
		fail_msg("type %d at %d", (int)seen->type, (int)seen->offset);
		return;
	}
	assert_int_equal(seen->type, other->type);
	assert_int_equal(seen->remaining_length, other->remaining_length);
	assert_int_equal(seen->n_faults, 0);
	assert_true(seen->from_client == -1 || seen->from_client == other->from_client);
	if (seen->topic_known)
		assert_string_equal(seen->topic, other->topic);
	if (seen->has_hash)
		assert_true(seen->hash.low == other->hash.low);
	if (seen->has_exchange && other->has_exchange) {
		assert_int_equal(seen->exchange.packet_id, other->exchange.packet_id);
		assert_int_equal(seen->exchange.side, other->exchange.side);
		assert_int_equal(seen->exchange.qos, other->exchange.qos);
	}
	if (seen->truncated)
		return;
	assert_int_equal(seen->packet_id, other->packet_id);
	assert_int_equal(seen->payload_size, other->payload_size);
	assert_int_equal(seen->reason, other->reason);
}

typedef struct Hole {
	unsigned side;
	size_t begin, end; /* in the side's stream */
	GapKind kind;
} Hole;

/* One line of the side with the hole: what is before it, the hole once, what is behind it. */
static void play_around(Play *play, const Hole *hole, const GByteArray *octets, size_t begin)
{
	size_t end = begin + octets->len;
	size_t from = CLAMP(hole->begin, begin, end), to = CLAMP(hole->end, begin, end);

	if (from > begin)
		play_octets(play, hole->side, octets->data, from - begin);
	if (hole->begin >= begin && hole->begin < end)
		play_gap(play, hole->side, hole->end - hole->begin, hole->kind);
	if (to < end)
		play_octets(play, hole->side, octets->data + (to - begin), end - to);
}

static void play_hole(Play *play, Session played, const Hole *hole)
{
	size_t begin = 0;

	for (size_t i = 0; i < played.n; i++) {
		GByteArray *octets = line_octets(&played.lines[i]);
		if (played.lines[i].side != hole->side) {
			play_octets(play, played.lines[i].side, octets->data, octets->len);
		} else {
			play_around(play, hole, octets, begin);
			begin += octets->len;
		}
		g_byte_array_free(octets, TRUE);
	}
	play_end(play);
}

static size_t side_size(Session played, unsigned side)
{
	size_t size = 0;

	for (size_t i = 0; i < played.n; i++) {
		GByteArray *octets = line_octets(&played.lines[i]);
		size += played.lines[i].side == side ? octets->len : 0;
		g_byte_array_free(octets, TRUE);
	}
	return size;
}

/* Whole packets of the side with the hole that begin at or behind @offset. */
static unsigned events_behind(const Play *play, unsigned side, uint64_t offset)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play->seen->len; i++) {
		const Seen *seen = play_event(play, i);
		n += seen->side == side && seen->offset >= offset;
	}
	return n;
}

static void try_hole(Session played, const Play *whole, const Hole *hole)
{
	Play *play = play_new(false, true);
	unsigned behind;

	play_hole(play, played, hole);
	if (play->decided == MQTT_REJECTED) {
		play_free(play);
		return; /* hardly anything was left of it */
	}
	for (unsigned i = 0; i < play->seen->len; i++)
		assert_true_event(whole, play_event(play, i));
	MqttLossKind kind = hole->kind == GAP_TRUNCATED ? MQTT_LOSS_TRUNCATED : MQTT_LOSS_MISSING;
	assert_int_equal(play->lost[kind], hole->end - hole->begin);
	behind = events_behind(whole, hole->side, hole->end);
	if (behind > 1)
		assert_true(events_behind(play, hole->side, hole->end) >= behind - 1);
	play_free(play);
}

static void after_a_hole_anywhere_no_event_is_wrong(void **state)
{
	static const MqttVersion versions[] = {MQTT_5_0, MQTT_3_1_1};
	static const size_t sizes[] = {1, 2, 3, 5, 9, 17, 40, 333};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		Session played = session(versions[v]);
		Play *whole = play_whole(versions[v]);
		for (unsigned side = 0; side < 2; side++) {
			size_t size = side_size(played, side);
			for (size_t at = 0; at < size; at++) {
				for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
					if (at + sizes[i] > size)
						continue;
					Hole hole = {side, at, at + sizes[i],
					             i % 2 == 0 ? GAP_MISSING : GAP_TRUNCATED};
					try_hole(played, whole, &hole);
				}
			}
		}
		play_free(whole);
	}
}

static void a_hole_in_the_payload_hides_nothing_else(void **state)
{
	Play *play = play_new(false, true);
	GByteArray *octets = line_octets(&session_5[7]);

	(void)state;
	play_lines(play, session_5, 7);
	play_octets(play, 1, octets->data, 100);
	play_gap(play, 1, octets->len - 100, GAP_TRUNCATED);
	g_byte_array_free(octets, TRUE);
	play_lines(play, session_5 + 8, session_5_lines - 8);
	assert_int_equal(play->seen->len, session_5_lines);
	assert_true(play_event(play, 7)->truncated);
	assert_false(play_event(play, 7)->has_hash);
	assert_int_equal(play_event(play, 7)->payload_size, 300);
	assert_string_equal(play_event(play, 11)->topic, "a/b");
	assert_true(play_event(play, 11)->topic_known);
	assert_int_equal(play->lost[MQTT_LOSS_TRUNCATED], 313 + 3 - 100);
	play_free(play);
}

static void an_alias_set_before_a_hole_is_not_trusted_behind_it(void **state)
{
	static const Line lines[] = {
		C(0x10, "\0\4MQTT\5\2\0\x3c\3\x22\0\x0a\0\4dev1"),
		S(0x20, "\0\0\3\x22\0\x0a"),
		C(0x30, "\0\1A\3\x23\0\1"),
		S(0x30, "\0\1B\3\x23\0\1"),
		C(0x30, "\0\0\3\x23\0\1"),
		S(0x30, "\0\0\3\x23\0\1"),
		C(0x30, "\0\1D\3\x23\0\1"),
		C(0x30, "\0\0\3\x23\0\1"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 4);
	play_gap(play, 0, 50, GAP_MISSING);
	play_lines(play, lines + 4, 4);
	assert_int_equal(play->seen->len, 8);
	assert_false(play_event(play, 4)->topic_known);
	assert_true(play_event(play, 5)->topic_known);
	assert_string_equal(play_event(play, 5)->topic, "B");
	assert_true(play_event(play, 7)->topic_known);
	assert_string_equal(play_event(play, 7)->topic, "D");
	assert_int_equal(play_event(play, 4)->n_faults, 0);
	play_free(play);
}

/* Damages octets of a session, and where it is cut. */
static void play_mutated(GRand *random, Session played)
{
	Play *play = play_new(g_rand_boolean(random), g_rand_boolean(random));

	for (size_t i = 0; i < played.n; i++) {
		GByteArray *octets = line_octets(&played.lines[i]);
		size_t at = 0;
		for (unsigned n = (unsigned)g_rand_int_range(random, 0, 3); n > 0; n--)
			octets->data[g_rand_int_range(random, 0, (gint32)octets->len)] ^=
				(uint8_t)(1u << g_rand_int_range(random, 0, 8));
		while (at < octets->len) {
			size_t n = (size_t)g_rand_int_range(random, 1, (gint32)(octets->len - at) + 1);
			if (g_rand_int_range(random, 0, 20) == 0)
				play_gap(play, played.lines[i].side, n, GAP_MISSING);
			else
				play_octets(play, played.lines[i].side, octets->data + at, n);
			at += n;
		}
		g_byte_array_free(octets, TRUE);
	}
	play_end(play);
	play_free(play);
}

static void damaged_sessions_do_no_harm(void **state)
{
	GRand *random = g_rand_new_with_seed(20261122);

	(void)state;
	for (unsigned round = 0; round < 3000; round++)
		play_mutated(random, session(round % 2 == 0 ? MQTT_5_0 : MQTT_3_1_1));
	g_rand_free(random);
}

static void random_octets_behind_a_connect_do_no_harm(void **state)
{
	GRand *random = g_rand_new_with_seed(7);
	uint8_t block[512];

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		Play *play = play_new(false, true);
		play_lines(play, session_5, 1 + round % 7);
		for (unsigned n = 0; n < 8; n++) {
			size_t size = (size_t)g_rand_int_range(random, 1, sizeof block);
			for (size_t i = 0; i < size; i++)
				block[i] = (uint8_t)(g_rand_int(random) & (round % 3 == 0 ? 0xff : 0x37));
			play_octets(play, n & 1, block, size);
		}
		play_end(play);
		play_free(play);
	}
	g_rand_free(random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_hole_anywhere_no_event_is_wrong),
		cmocka_unit_test(a_hole_in_the_payload_hides_nothing_else),
		cmocka_unit_test(an_alias_set_before_a_hole_is_not_trusted_behind_it),
		cmocka_unit_test(damaged_sessions_do_no_harm),
		cmocka_unit_test(random_octets_behind_a_connect_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
