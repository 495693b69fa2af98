/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "tests/dissectors/mqtt_play.h"

static void assert_same(const Play *play, const Play *whole)
{
	assert_int_equal(play->seen->len, whole->seen->len);
	for (unsigned i = 0; i < whole->seen->len; i++)
		assert_memory_equal(play_event(play, i), play_event(whole, i), sizeof(Seen));
	for (unsigned kind = 0; kind < 4; kind++)
		assert_int_equal(play->lost[kind], whole->lost[kind]);
	assert_int_equal(play->n_ends, 2);
	assert_int_equal(play->n_decided, 1);
}

static void a_session_of_5_comes_out_as_it_went_in(void **state)
{
	Play *play = play_whole(MQTT_5_0);
	XXH128_hash_t hello = XXH3_128bits("hello", 5);
	const Seen *seen;

	(void)state;
	assert_int_equal(play->seen->len, session_5_lines);
	assert_int_equal(play->decided, MQTT_CERTAIN);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_5_0);
	assert_int_equal(mqtt_stream_version_certainty(play->stream), MQTT_CERTAIN);
	assert_int_equal(mqtt_stream_client_side(play->stream), 0);
	for (unsigned i = 0; i < play->seen->len; i++) {
		seen = play_event(play, i);
		assert_int_equal(seen->type, session_5[i].first >> 4);
		assert_int_equal(seen->side, session_5[i].side);
		assert_int_equal(seen->remaining_length, session_5[i].size);
		assert_int_equal(seen->from_client, session_5[i].side == 0);
		assert_int_equal(seen->n_faults, 0);
		assert_false(seen->truncated);
	}
	seen = play_event(play, 4);
	assert_string_equal(seen->topic, "c/t");
	assert_int_equal(seen->payload_size, 5);
	assert_true(seen->has_hash && seen->hash.low == hello.low64 && seen->hash.high == hello.high64);
	assert_string_equal(play_event(play, 6)->topic, "c/t");
	assert_string_equal(play_event(play, 7)->topic, "a/b");
	assert_int_equal(play_event(play, 7)->payload_size, 300);
	assert_string_equal(play_event(play, 11)->topic, "a/b");
	assert_int_equal(play_event(play, 10)->exchange.state, MQTT_EXCHANGE_RELEASED);
	assert_true(play_event(play, 10)->done);
	play_free(play);
}

static void a_session_of_3_1_1_comes_out_as_it_went_in(void **state)
{
	Play *play = play_whole(MQTT_3_1_1);

	(void)state;
	assert_int_equal(play->seen->len, session_3_lines);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_3_1_1);
	for (unsigned i = 0; i < play->seen->len; i++) {
		const Seen *seen = play_event(play, i);
		assert_int_equal(seen->type, session_3[i].first >> 4);
		assert_int_equal(seen->n_faults, 0);
	}
	assert_int_equal(play_event(play, 2)->payload_size, 4);
	assert_true(play_event(play, 3)->done);
	assert_int_equal(play_event(play, 3)->exchange.side, 1);
	play_free(play);
}

/* Every line is cut into two at @cut, if it is long enough. */
static void play_cut(Play *play, Session played, size_t line, size_t cut)
{
	for (size_t i = 0; i < played.n; i++) {
		GByteArray *octets = line_octets(&played.lines[i]);
		size_t first = i == line ? MIN(cut, octets->len) : octets->len;
		play_octets(play, played.lines[i].side, octets->data, first);
		if (first < octets->len)
			play_octets(play, played.lines[i].side, octets->data + first, octets->len - first);
		g_byte_array_free(octets, TRUE);
	}
	play_end(play);
}

static void every_cut_into_two_gives_the_same_events(void **state)
{
	static const MqttVersion versions[] = {MQTT_5_0, MQTT_3_1_1};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		Session played = session(versions[v]);
		Play *whole = play_whole(versions[v]);
		for (size_t line = 0; line < played.n; line++) {
			for (size_t cut = 1; cut < played.lines[line].size + 2; cut++) {
				Play *play = play_new(false, cut % 2 == 0);
				play_cut(play, played, line, cut);
				assert_same(play, whole);
				play_free(play);
			}
		}
		play_free(whole);
	}
}

static void octet_by_octet_gives_the_same_events(void **state)
{
	static const MqttVersion versions[] = {MQTT_5_0, MQTT_3_1_1};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		Session played = session(versions[v]);
		Play *whole = play_whole(versions[v]);
		Play *play = play_new(false, false);
		for (size_t i = 0; i < played.n; i++) {
			GByteArray *octets = line_octets(&played.lines[i]);
			for (size_t j = 0; j < octets->len; j++)
				play_octets(play, played.lines[i].side, octets->data + j, 1);
			g_byte_array_free(octets, TRUE);
		}
		play_end(play);
		assert_same(play, whole);
		play_free(play);
		play_free(whole);
	}
}

/* What each side sends in a row is one segment. */
static void joined_segments_give_the_same_events(void **state)
{
	static const MqttVersion versions[] = {MQTT_5_0, MQTT_3_1_1};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		Session played = session(versions[v]);
		Play *whole = play_whole(versions[v]);
		Play *play = play_new(false, true);
		GByteArray *run = g_byte_array_new();
		for (size_t i = 0; i < played.n; i++) {
			GByteArray *octets = line_octets(&played.lines[i]);
			g_byte_array_append(run, octets->data, octets->len);
			g_byte_array_free(octets, TRUE);
			if (i + 1 < played.n && played.lines[i + 1].side == played.lines[i].side)
				continue;
			play_octets(play, played.lines[i].side, run->data, run->len);
			g_byte_array_set_size(run, 0);
		}
		play_end(play);
		assert_same(play, whole);
		g_byte_array_free(run, TRUE);
		play_free(play);
		play_free(whole);
	}
}

/* A client that never waits: all of one side comes before anything of the other. */
static void one_segment_a_side_holds_all_packets(void **state)
{
	Play *play = play_new(false, false);
	GByteArray *sides[2] = {g_byte_array_new(), g_byte_array_new()};

	(void)state;
	for (size_t i = 0; i < session_3_lines; i++) {
		GByteArray *octets = line_octets(&session_3[i]);
		g_byte_array_append(sides[session_3[i].side], octets->data, octets->len);
		g_byte_array_free(octets, TRUE);
	}
	play_octets(play, 0, sides[0]->data, sides[0]->len);
	play_octets(play, 1, sides[1]->data, sides[1]->len);
	assert_int_equal(play->seen->len, session_3_lines);
	g_byte_array_free(sides[0], TRUE);
	g_byte_array_free(sides[1], TRUE);
	play_free(play);
}

static void each_direction_has_aliases_of_its_own(void **state)
{
	static const Line lines[] = {
		C(0x10, "\0\4MQTT\5\2\0\x3c\3\x22\0\x0a\0\4dev1"),
		S(0x20, "\0\0\3\x22\0\x0a"),
		C(0x30, "\0\1A\3\x23\0\1"),
		S(0x30, "\0\1B\3\x23\0\1"),
		C(0x30, "\0\0\3\x23\0\1"),
		S(0x30, "\0\0\3\x23\0\1"),
		C(0x30, "\0\1C\3\x23\0\1"),
		C(0x30, "\0\0\3\x23\0\1"),
		S(0x30, "\0\0\3\x23\0\1"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, G_N_ELEMENTS(lines));
	assert_int_equal(play->seen->len, 9);
	assert_string_equal(play_event(play, 4)->topic, "A");
	assert_string_equal(play_event(play, 5)->topic, "B");
	assert_string_equal(play_event(play, 7)->topic, "C");
	assert_string_equal(play_event(play, 8)->topic, "B");
	play_free(play);
}

static void the_version_is_inferred_midway(void **state)
{
	static const Line lines[] = {
		C(0x32, "\0\3t/1\0\5\2\1\1hi"),
		S(0x40, "\0\5"),
		S(0xe0, "\x8e\0"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 3);
	assert_int_equal(play->decided, MQTT_LIKELY);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_5_0);
	assert_int_equal(mqtt_stream_version_certainty(play->stream), MQTT_LIKELY);
	assert_int_equal(play_event(play, 0)->payload_size, 2);
	assert_int_equal(play_event(play, 2)->reason, 0x8e);
	assert_int_equal(play_event(play, 2)->n_faults, 0);
	play_free(play);
}

static void without_properties_it_is_inferred_as_3_1_1(void **state)
{
	static const Line lines[] = {
		C(0x32, "\0\3t/1\0\5hi"),
		S(0x40, "\0\5"),
		C(0x30, "\0\3t/1\0\5"), /* a payload that could be properties of none */
		C(0x82, "\0\6\0\1#\0"),
		S(0x90, "\0\6\0"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, G_N_ELEMENTS(lines));
	assert_int_equal(play->seen->len, 5);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_3_1_1);
	assert_int_equal(play_event(play, 2)->payload_size, 2);
	assert_int_equal(mqtt_stream_client_side(play->stream), 0);
	play_free(play);
}

static void a_bridge_is_understood_as_the_version_under_its_bit(void **state)
{
	static const Line lines[] = {
		C(0x10, "\0\4MQTT\x84\0\0\x3c\0\4brdg"),
		S(0x20, "\1\0"),
		C(0x82, "\0\1\0\1#\1"),
		S(0x90, "\0\1\1"),
		C(0xe0, ""),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, G_N_ELEMENTS(lines));
	assert_int_equal(play->seen->len, 5);
	assert_int_equal(play->decided, MQTT_CERTAIN);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(play_event(play, i)->version, MQTT_3_1_1);
		assert_int_equal(play_event(play, i)->n_faults, 0);
	}
	play_free(play);
}

static void a_split_remaining_length_does_not_lose_the_direction(void **state)
{
	static const uint8_t connect[] = "\x10\x10\0\4MQTT\4\2\0\x3c\0\4dev1";
	uint8_t publish[3 + 5 + 300] = {0x30, 0xb1, 0x02, 0, 3, 'a', '/', 'b'}; /* 305 */
	Play *play = play_new(false, false);

	(void)state;
	play_octets(play, 0, connect, sizeof connect - 1);
	play_octets(play, 0, publish, 2);
	play_octets(play, 0, publish + 2, sizeof publish - 2);
	play_octets(play, 0, publish, sizeof publish);
	play_octets(play, 0, publish, 1);
	play_octets(play, 0, publish + 1, sizeof publish - 1);
	assert_int_equal(play->seen->len, 4);
	for (unsigned i = 1; i < 4; i++) {
		assert_int_equal(play_event(play, i)->type, MQTT_PUBLISH);
		assert_string_equal(play_event(play, i)->topic, "a/b");
		assert_int_equal(play_event(play, i)->payload_size, 300);
	}
	play_free(play);
}

static void a_straddling_packet_tells_its_first_and_last_frame(void **state)
{
	static const uint8_t connect[] = "\x10\x10\0\4MQTT\4\2\0\x3c\0\4dev1";
	Play *play = play_new(false, false);

	(void)state;
	play->at.frame.number = 3;
	play_octets(play, 0, connect, 5);
	play->at.frame.number = 4;
	play_octets(play, 0, connect + 5, 6);
	play->at.frame.number = 8;
	play_octets(play, 0, connect + 11, sizeof connect - 12);
	assert_int_equal(play->seen->len, 1);
	assert_int_equal(play_event(play, 0)->begin_frame, 3);
	assert_int_equal(play_event(play, 0)->end_frame, 8);
	play_free(play);
}

static void a_connect_midway_makes_it_certain(void **state)
{
	static const Line lines[] = {
		C(0x30, "\0\3t/1one"),
		C(0x30, "\0\3t/1two"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 2);
	assert_int_equal(mqtt_stream_certainty(play->stream), MQTT_LIKELY);
	assert_int_equal(mqtt_stream_client_side(play->stream), -1);
	play_lines(play, session_5, session_5_lines);
	assert_int_equal(mqtt_stream_certainty(play->stream), MQTT_CERTAIN);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_5_0);
	assert_int_equal(play->seen->len, 2 + session_5_lines);
	assert_int_equal(play->n_decided, 1);
	play_free(play);
}

static void assumed_streams_are_framed_from_the_first_octet(void **state)
{
	static const uint8_t odd[] = "\x30\x05\0\3a/b";
	Play *play = play_new(true, false);

	(void)state;
	play_octets(play, 1, odd, sizeof odd - 1);
	assert_int_equal(play->decided, MQTT_CERTAIN);
	assert_int_equal(play->seen->len, 1);
	play_free(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_of_5_comes_out_as_it_went_in),
		cmocka_unit_test(a_session_of_3_1_1_comes_out_as_it_went_in),
		cmocka_unit_test(every_cut_into_two_gives_the_same_events),
		cmocka_unit_test(octet_by_octet_gives_the_same_events),
		cmocka_unit_test(joined_segments_give_the_same_events),
		cmocka_unit_test(one_segment_a_side_holds_all_packets),
		cmocka_unit_test(each_direction_has_aliases_of_its_own),
		cmocka_unit_test(the_version_is_inferred_midway),
		cmocka_unit_test(without_properties_it_is_inferred_as_3_1_1),
		cmocka_unit_test(a_bridge_is_understood_as_the_version_under_its_bit),
		cmocka_unit_test(a_split_remaining_length_does_not_lose_the_direction),
		cmocka_unit_test(a_straddling_packet_tells_its_first_and_last_frame),
		cmocka_unit_test(a_connect_midway_makes_it_certain),
		cmocka_unit_test(assumed_streams_are_framed_from_the_first_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
