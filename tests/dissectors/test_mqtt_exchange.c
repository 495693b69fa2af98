/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_alias.h"
#include "dissectors/mqtt_exchange.h"
#include "tests/dissectors/mqtt_play.h"

#define CONNECT_3 C(0x10, "\0\4MQTT\4\0\0\x3c\0\4dev1")
#define CONNACK_3 S(0x20, "\1\0")
#define CONNECT_5 C(0x10, "\0\4MQTT\5\2\0\x3c\0\0\4dev1")
#define CONNACK_5 S(0x20, "\0\0\0")

static Play *played(const Line *lines, size_t n)
{
	Play *play = play_new(false, true);

	play_lines(play, lines, n);
	assert_int_equal(play->seen->len, n);
	return play;
}

#define PLAYED(lines) played(lines, G_N_ELEMENTS(lines))

static unsigned n_open(const Play *play)
{
	size_t position = 0;
	unsigned n = 0;

	while (mqtt_stream_exchange_next(play->stream, &position) != NULL)
		n++;
	return n;
}

static void qos_2_goes_through_its_four_steps(void **state)
{
	static const Line lines[] = {
		CONNECT_3, CONNACK_3, C(0x34, "\0\1t\0\7x"), S(0x50, "\0\7"), C(0x62, "\0\7"),
		S(0x70, "\0\7"),
	};
	static const MqttExchangeState states[] = {MQTT_EXCHANGE_SENT, MQTT_EXCHANGE_RECEIVED,
	                                           MQTT_EXCHANGE_RELEASED, MQTT_EXCHANGE_RELEASED};
	Play *play = PLAYED(lines);

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const Seen *seen = play_event(play, i + 2);
		assert_true(seen->has_exchange);
		assert_int_equal(seen->exchange.state, states[i]);
		assert_int_equal(seen->exchange.qos, 2);
		assert_int_equal(seen->exchange.side, 0);
		assert_int_equal(seen->exchange.packet_id, 7);
		assert_int_equal(seen->done, i == 3);
		assert_int_equal(seen->n_faults, 0);
	}
	assert_int_equal(n_open(play), 0);
	play_free(play);
}

static void each_side_has_identifiers_of_its_own(void **state)
{
	static const Line lines[] = {
		CONNECT_3, CONNACK_3, C(0x32, "\0\1t\0\7x"), S(0x32, "\0\1u\0\7y"), C(0x40, "\0\7"),
		S(0x40, "\0\7"),
	};
	Play *play = PLAYED(lines);

	(void)state;
	assert_int_equal(play_event(play, 4)->exchange.side, 1);
	assert_int_equal(play_event(play, 5)->exchange.side, 0);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(play_event(play, i)->n_faults, 0);
	play_free(play);
}

static void a_pubrec_that_refuses_ends_the_exchange(void **state)
{
	static const Line lines[] = {
		CONNECT_5, CONNACK_5, C(0x34, "\0\1t\0\7\0x"), S(0x50, "\0\7\x87"), C(0x34, "\0\1t\0\7\0y"),
		S(0x50, "\0\7\x10"),
	};
	Play *play = PLAYED(lines);

	(void)state;
	assert_true(play_event(play, 3)->done);
	assert_int_equal(play_event(play, 4)->n_faults, 0);
	assert_false(play_event(play, 5)->done);
	assert_int_equal(n_open(play), 1);
	play_free(play);
}

static void a_repetition_finds_the_exchange_that_is_open(void **state)
{
	static const Line lines[] = {
		CONNECT_3, CONNACK_3, C(0x32, "\0\1t\0\7x"), C(0x3a, "\0\1t\0\7x"), S(0x40, "\0\7"),
	};
	Play *play = play_new(false, true);
	size_t position = 0;

	(void)state;
	play_lines(play, lines, 3);
	mqtt_stream_exchange_next(play->stream, &position)->tag = 4711;
	play_lines(play, lines + 3, 2);
	assert_int_equal(play_event(play, 3)->exchange.tag, 4711);
	assert_int_equal(play_event(play, 4)->exchange.tag, 4711);
	assert_int_equal(n_open(play), 0);
	play_free(play);
}

static void an_acknowledgement_of_something_never_seen_has_no_exchange(void **state)
{
	static const Line lines[] = {
		C(0xc0, ""), S(0xd0, ""), S(0x40, "\0\7"), C(0x40, "\0\x09"), S(0x90, "\0\1\0"),
		S(0x70, "\0\3"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 6);
	assert_int_equal(play->seen->len, 6);
	for (unsigned i = 2; i < 6; i++) {
		assert_false(play_event(play, i)->has_exchange);
		assert_false(play_event(play, i)->done);
		assert_int_equal(play_event(play, i)->n_faults, 0);
	}
	play_free(play);
}

static void the_second_half_of_qos_2_opens_what_was_not_seen(void **state)
{
	static const Line lines[] = {
		C(0xc0, ""), S(0xd0, ""), S(0x50, "\0\7"), C(0x62, "\0\x08"), S(0x70, "\0\x08"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 5);
	assert_true(play_event(play, 2)->exchange.opened_unseen);
	assert_int_equal(play_event(play, 2)->exchange.side, 0);
	assert_int_equal(play_event(play, 2)->exchange.state, MQTT_EXCHANGE_RECEIVED);
	assert_true(play_event(play, 3)->exchange.opened_unseen);
	assert_int_equal(play_event(play, 3)->exchange.state, MQTT_EXCHANGE_RELEASED);
	assert_true(play_event(play, 4)->done);
	assert_int_equal(n_open(play), 1);
	play_free(play);
}

static void open_exchanges_are_told_oldest_first(void **state)
{
	static const Line lines[] = {
		CONNECT_3, CONNACK_3, C(0x32, "\0\1t\0\x09x"), S(0x34, "\0\1t\0\5x"),
		C(0x82, "\0\2\0\1#\0"), C(0xa2, "\0\3\0\1#"), S(0x40, "\0\x09"), C(0x32, "\0\1t\0\x09x"),
	};
	static const uint16_t expected[] = {5, 2, 3, 9};
	Play *play = PLAYED(lines);
	size_t position = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		MqttExchange *exchange = mqtt_stream_exchange_next(play->stream, &position);
		assert_non_null(exchange);
		assert_int_equal(exchange->packet_id, expected[i]);
	}
	assert_null(mqtt_stream_exchange_next(play->stream, &position));
	play_free(play);
}

static void all_identifiers_may_be_open_at_once(void **state)
{
	MqttExchanges exchanges = {0};
	size_t position = 0;
	unsigned n = 0;

	(void)state;
	for (unsigned side = 0; side < 2; side++) {
		for (unsigned id = 1; id <= 65535; id++) {
			assert_null(mqtt_exchanges_find(&exchanges, side, MQTT_PUBLISH, (uint16_t)id));
			mqtt_exchanges_open(&exchanges, side, MQTT_PUBLISH, (uint16_t)id);
		}
	}
	assert_int_equal(exchanges.n_open, 131070);
	assert_int_equal(exchanges.n_fresh[1], 65535);
	for (unsigned i = 0; i < 32768; i++) {
		uint16_t id = (uint16_t)(65535 - 2 * i);
		MqttOpen *open = mqtt_exchanges_find(&exchanges, 1, MQTT_PUBLISH, id);
		assert_non_null(open);
		mqtt_exchanges_close(&exchanges, open);
	}
	while (mqtt_exchanges_next(&exchanges, &position) != NULL)
		n++;
	assert_int_equal(n, 131070 - 32768);
	assert_non_null(mqtt_exchanges_find(&exchanges, 1, MQTT_PUBLISH, 2));
	assert_null(mqtt_exchanges_find(&exchanges, 1, MQTT_PUBLISH, 1));
	assert_null(mqtt_exchanges_find(&exchanges, 0, MQTT_SUBSCRIBE, 1));
	mqtt_exchanges_clear(&exchanges);
}

/* Against a table that cannot be wrong. */
static void open_and_close_in_any_order_agree_with_a_plain_table(void **state)
{
	static bool plain[2][300];
	GRand *random = g_rand_new_with_seed(42);
	MqttExchanges exchanges = {0};
	unsigned n = 0;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		unsigned side = g_rand_int(random) & 1;
		uint16_t id = (uint16_t)g_rand_int_range(random, 1, round % 1000 < 500 ? 300 : 20);
		MqttOpen *open = mqtt_exchanges_find(&exchanges, side, MQTT_PUBLISH, id);
		assert_int_equal(open != NULL, plain[side][id]);
		if (open == NULL) {
			mqtt_exchanges_open(&exchanges, side, MQTT_PUBLISH, id);
		} else {
			mqtt_exchanges_close(&exchanges, open);
		}
		n += open == NULL ? 1u : -1u;
		plain[side][id] = open == NULL;
		assert_int_equal(exchanges.n_open, n);
	}
	mqtt_exchanges_clear(&exchanges);
	g_rand_free(random);
}

static void aliases_are_bounded_in_memory_and_never_wrong(void **state)
{
	MqttAliasMap *map = NULL;
	uint8_t topic[1000];
	ByteSpan found;
	unsigned known = 0;

	(void)state;
	for (unsigned alias = 1; alias <= 65535; alias++) {
		memset(topic, (int)(alias % 251), sizeof topic);
		mqtt_alias_set(&map, (uint16_t)alias, (ByteSpan){topic, 1 + alias % sizeof topic});
	}
	for (unsigned alias = 1; alias <= 65535; alias++) {
		MqttAliasState got = mqtt_alias_get(map, (uint16_t)alias, &found);
		assert_int_not_equal(got, MQTT_ALIAS_NONE); /* it was mapped, whether kept or not */
		if (got != MQTT_ALIAS_KNOWN)
			continue;
		known++;
		assert_int_equal(found.size, 1 + alias % sizeof topic);
		assert_int_equal(found.data[0], alias % 251);
	}
	assert_in_range(known, 500, MQTT_ALIAS_MEMORY / 100);
	mqtt_alias_free(map);
}

static void an_alias_keeps_what_it_was_mapped_to_last(void **state)
{
	MqttAliasMap *map = NULL;
	ByteSpan found;

	(void)state;
	assert_int_equal(mqtt_alias_get(map, 3, &found), MQTT_ALIAS_NONE);
	mqtt_alias_set(&map, 3, (ByteSpan){(const uint8_t *)"a/b", 3});
	mqtt_alias_set(&map, 11, (ByteSpan){(const uint8_t *)"c", 1}); /* the same slot at first */
	mqtt_alias_set(&map, 3, (ByteSpan){(const uint8_t *)"longer", 6});
	assert_int_equal(mqtt_alias_get(map, 3, &found), MQTT_ALIAS_KNOWN);
	assert_memory_equal(found.data, "longer", 6);
	assert_int_equal(mqtt_alias_get(map, 11, &found), MQTT_ALIAS_KNOWN);
	assert_int_equal(found.size, 1);
	assert_int_equal(mqtt_alias_get(map, 19, &found), MQTT_ALIAS_NONE);
	mqtt_alias_hole(map);
	assert_int_equal(mqtt_alias_get(map, 3, &found), MQTT_ALIAS_STALE);
	mqtt_alias_set(&map, 3, (ByteSpan){(const uint8_t *)"longer", 6});
	assert_int_equal(mqtt_alias_get(map, 3, &found), MQTT_ALIAS_KNOWN);
	mqtt_alias_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qos_2_goes_through_its_four_steps),
		cmocka_unit_test(each_side_has_identifiers_of_its_own),
		cmocka_unit_test(a_pubrec_that_refuses_ends_the_exchange),
		cmocka_unit_test(a_repetition_finds_the_exchange_that_is_open),
		cmocka_unit_test(an_acknowledgement_of_something_never_seen_has_no_exchange),
		cmocka_unit_test(the_second_half_of_qos_2_opens_what_was_not_seen),
		cmocka_unit_test(open_exchanges_are_told_oldest_first),
		cmocka_unit_test(all_identifiers_may_be_open_at_once),
		cmocka_unit_test(open_and_close_in_any_order_agree_with_a_plain_table),
		cmocka_unit_test(aliases_are_bounded_in_memory_and_never_wrong),
		cmocka_unit_test(an_alias_keeps_what_it_was_mapped_to_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
