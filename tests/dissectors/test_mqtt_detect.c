/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissectors/mqtt_detect.h"
#include "tests/dissectors/mqtt_play.h"

typedef struct Talk {
	const char *protocol;
	const char *first;  /* what side 0 sends */
	size_t first_size;
	const char *second; /* what side 1 answers */
	size_t second_size;
} Talk;

#define TALK(protocol, first, second) {protocol, first, sizeof(first) - 1, second, sizeof(second) - 1}

/* The first octets of what else runs over TCP.  Several begin with an octet that also begins a
 * control packet. */
static const Talk talks[] = {
	TALK("HTTP GET", "GET /index.html HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n",
	     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
	TALK("HTTP POST", "POST /0/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n{}",
	     "HTTP/1.1 204 No Content\r\n\r\n"),
	TALK("HTTP PUT", "PUT /2 HTTP/1.1\r\nHost: b.example\r\n\r\n", "HTTP/1.1 201 Created\r\n\r\n"),
	TALK("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", "\0\0\0\4\0\0\0\0\0\0\0\0\4\1"),
	TALK("TLS", "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03qwertyuiopasdfghjklzxcvbnm123456",
	     "\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03"),
	TALK("Redis", "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", "$5\r\nvalue\r\n:1\r\n+OK\r\n"),
	TALK("Redis inline", "PING\r\n", "+PONG\r\n"),
	TALK("PostgreSQL", "\0\0\0\x29\0\3\0\0user\0postgres\0database\0test\0\0", "R\0\0\0\x08\0\0\0\0"),
	TALK("PostgreSQL query", "Q\0\0\0\x0dSELECT 1\0", "2\0\0\0\4" "1\0\0\0\4"),
	TALK("AMQP 0-9-1", "AMQP\0\0\x09\x01", "\x01\0\0\0\0\x01\xf3\0\x0a\0\x0a\0\x09"),
	TALK("AMQP 1.0", "AMQP\x03\x01\0\0", "AMQP\x03\x01\0\0\0\0\0\x15\x02\x01\0\0"),
	TALK("CoAP over TCP", "\x00\xe1\x31\x04", "\x30\xe1\x21\x51\x20\x61\x13\x05"),
	TALK("CoAP message", "\x40\x01\x30\x39\x21\x61\x61\x23\x67\x65\x74", "\x60\x45\x30\x39\xff\x31"),
	TALK("LDAP bind", "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00",
	     "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"),
	TALK("LDAP long form", "\x30\x84\0\0\0\x10\x02\x01\x01\x60\x84\0\0\0\x07\x02\x01\x03\x04\0\x80\0",
	     "\x30\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0"),
	TALK("TDS", "\x10\x01\x00\x90\0\0\1\0\x88\0\0\0\4\0\0\x74", "\x04\x01\x00\x25\0\0\1\0\xe3"),
	TALK("git", "0032git-upload-pack /project.git\0host=a.example\0", "0000"),
	TALK("XMPP", "<?xml version='1.0'?><stream:stream to='a.example'>", "<?xml version='1.0'?>"),
	TALK("DNS", "\0\x1d\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1", "\0\x2d\x12\x34\x81\x80"),
	TALK("STOMP", "CONNECT\naccept-version:1.2\nhost:a\n\n\0", "CONNECTED\nversion:1.2\n\n\0"),
	TALK("Kafka", "\0\0\0\x14\0\x12\0\3\0\0\0\1\0\6client\0\0", "\0\0\0\x0c\0\0\0\1\0\0\0\0"),
	TALK("SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"),
	TALK("memcached", "get key\r\nset b 0 0 2\r\nhi\r\n", "END\r\nSTORED\r\n"),
	TALK("NATS", "CONNECT {\"verbose\":false}\r\nPING\r\n", "INFO {\"server_id\":\"a\"}\r\nPONG\r\n"),
	TALK("BitTorrent", "\x13" "BitTorrent protocol\0\0\0\0\0\0\0\0", "\x13" "BitTorrent protocol"),
	TALK("CONNECT of something else", "\x10\x0c\0\4HTTP\4\2\0\x3c\0\0", "\x20\x02\0\0"),
};

static void play_piecewise(Play *play, unsigned side, const char *data, size_t size, size_t piece)
{
	for (size_t at = 0; at < size; at += piece)
		play_octets(play, side, data + at, MIN(piece, size - at));
}

static void assert_rejected(const Talk *talk, bool from_start, size_t piece)
{
	Play *play = play_new(false, from_start);

	for (unsigned round = 0; round < 3; round++) {
		play_piecewise(play, 0, talk->first, talk->first_size, piece);
		play_piecewise(play, 1, talk->second, talk->second_size, piece);
	}
	play_end(play);
	if (play->decided != MQTT_REJECTED || play->n_decided != 1)
		fail_msg("%s is taken for MQTT", talk->protocol);
	assert_int_equal(play->seen->len, 0);
	play_free(play);
}

static void other_protocols_are_rejected(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(talks); i++) {
		assert_rejected(&talks[i], true, SIZE_MAX / 2);
		assert_rejected(&talks[i], false, SIZE_MAX / 2);
		assert_rejected(&talks[i], true, 1);
		assert_rejected(&talks[i], false, 1);
		assert_rejected(&talks[i], false, 7);
	}
}

static void seen_from_the_start_one_exchange_of_octets_is_enough_to_reject(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(talks); i++) {
		Play *play = play_new(false, true);
		play_octets(play, 0, talks[i].first, talks[i].first_size);
		play_octets(play, 1, talks[i].second, talks[i].second_size);
		if (play->decided != MQTT_REJECTED)
			fail_msg("%s is not rejected at once", talks[i].protocol);
		play_free(play);
	}
}

static void a_server_that_speaks_first_is_rejected_at_once(void **state)
{
	Play *play = play_new(false, true);

	(void)state;
	play_octets(play, 1, "\xd0\x00", 2); /* whatever it says */
	assert_int_equal(play->decided, MQTT_REJECTED);
	play_free(play);
}

static void a_server_that_seems_first_behind_a_hole_is_not_rejected_for_it(void **state)
{
	static const Line rest[] = {
		S(0x20, "\0\0"), C(0x82, "\0\1\0\1#\1"), S(0x90, "\0\1\1"), C(0x40, "\0\1"),
	};
	Play *play = play_new(false, true);

	(void)state;
	play_gap(play, 0, 18, GAP_MISSING);
	play_lines(play, rest, G_N_ELEMENTS(rest));
	assert_int_equal(play->decided, MQTT_LIKELY);
	assert_int_equal(play->seen->len, 4);
	assert_int_equal(play->lost[MQTT_LOSS_MISSING], 18);
	assert_int_equal(mqtt_stream_client_side(play->stream), 0);
	play_free(play);
}

static void random_octets_are_rejected(void **state)
{
	GRand *random = g_rand_new_with_seed(1883);
	uint8_t block[1200];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		Play *play = play_new(false, round % 2 == 0);
		for (unsigned n = 0; n < 6; n++) {
			size_t size = (size_t)g_rand_int_range(random, 1, sizeof block);
			for (size_t i = 0; i < size; i += 4)
				*(uint32_t *)(void *)(block + i) = g_rand_int(random);
			/* The worst case: each segment begins like a packet. */
			block[0] = (uint8_t)((round % 15 + 1) << 4);
			play_octets(play, n & 1, block, size);
		}
		play_end(play);
		assert_int_equal(play->decided, MQTT_REJECTED);
		play_free(play);
	}
	g_rand_free(random);
}

static void a_ping_and_its_answer_are_likely_mqtt(void **state)
{
	static const Line lines[] = {C(0xc0, ""), S(0xd0, "")};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 1);
	assert_int_equal(play->n_decided, 0);
	play_lines(play, lines + 1, 1);
	assert_int_equal(play->decided, MQTT_LIKELY);
	assert_int_equal(play->seen->len, 2);
	assert_int_equal(mqtt_stream_client_side(play->stream), 0);
	assert_int_equal(mqtt_stream_version_certainty(play->stream), MQTT_UNDECIDED);
	play_free(play);
}

static void a_ping_and_its_answer_in_the_wrong_direction_are_not(void **state)
{
	static const Line lines[] = {C(0xd0, ""), C(0xc0, "")};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 2);
	play_end(play);
	assert_int_equal(play->decided, MQTT_REJECTED);
	play_free(play);
}

static void a_side_that_only_publishes_is_likely_mqtt(void **state)
{
	static const Line lines[] = {
		C(0x30, "\0\x0bsister/temp{\"t\": 21.5}"),
		C(0x30, "\0\x0bsister/temp{\"t\": 21.6}"),
		C(0x30, "\0\x0bsister/temp{\"t\": 21.7}"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 3);
	assert_int_equal(play->decided, MQTT_LIKELY);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(mqtt_stream_client_side(play->stream), -1);
	assert_int_equal(mqtt_stream_version(play->stream), MQTT_3_1_1);
	play_free(play);
}

static void a_stream_joined_inside_a_packet_is_recognised_at_the_next(void **state)
{
	static const Line lines[] = {
		C(0x30, "\0\3t/1{\"temperature\": 1}"),
		C(0x30, "\0\3t/1{\"temperature\": 2}"),
		C(0x30, "\0\3t/1{\"temperature\": 3}"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_octets(play, 0, "perature\": 0}", 13);
	play_lines(play, lines, 3);
	assert_int_equal(play->decided, MQTT_LIKELY);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(play_event(play, 0)->offset, 13);
	assert_int_equal(play->lost[MQTT_LOSS_SKIPPED], 13);
	play_free(play);
}

static void what_one_side_sent_before_the_decision_comes_in_order(void **state)
{
	static const Line lines[] = {
		C(0x32, "\0\3t/1\0\5one"), S(0x40, "\0\5"), C(0x32, "\0\3t/1\0\6two"), S(0x40, "\0\6"),
	};
	Play *play = play_new(false, false);

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		play->at.frame.number = i + 10;
		play_lines(play, lines + i, 1);
	}
	assert_int_equal(play->seen->len, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(play_event(play, i)->begin_frame, i + 10);
	assert_true(play_event(play, 1)->has_exchange && play_event(play, 1)->done);
	play_free(play);
}

static void a_side_that_ended_before_the_decision_ends_behind_it(void **state)
{
	Play *play = play_new(false, false);
	static const Line lines[] = {
		C(0xc0, ""),
		S(0xd0, ""),
	};

	(void)state;
	play_lines(play, lines, 1);
	play->sink.ops->end(play->sink.self, 0, STREAM_END_FIN, &play->at);
	assert_int_equal(play->n_ends, 0);
	play_lines(play, lines + 1, 1);
	assert_int_equal(play->seen->len, 2);
	assert_int_equal(play->n_ends, 1);
	play->sink.ops->end(play->sink.self, 1, STREAM_END_FIN, &play->at);
	assert_int_equal(play->n_ends, 2);
	play_free(play);
}

static void a_connect_is_known_by_its_first_octets(void **state)
{
	static const uint8_t connect[] = "\x10\x10\0\4MQTT\x84\0\0\x3c\0\4brdg";
	static const uint8_t older[] = "\x10\x12\0\6MQIsdp\3\0\0\x3c\0\4brdg";

	(void)state;
	for (size_t n = 0; n < 9; n++) {
		MqttGuess expected = n < 9 ? MQTT_GUESS_OPEN : MQTT_GUESS_YES;
		assert_int_equal(mqtt_connect_start((ByteSpan){connect, n < 8 ? n : 8}), expected);
	}
	assert_int_equal(mqtt_connect_start((ByteSpan){connect, 9}), MQTT_GUESS_YES);
	assert_int_equal(mqtt_connect_start((ByteSpan){older, 10}), MQTT_GUESS_OPEN);
	assert_int_equal(mqtt_connect_start((ByteSpan){older, 11}), MQTT_GUESS_YES);
	assert_int_equal(mqtt_connect_start((ByteSpan){older + 1, 11}), MQTT_GUESS_NO);
}

static void what_waits_for_a_decision_is_bounded(void **state)
{
	uint8_t block[1400] = {0x30, 0xff, 0xff, 0x7f, 0, 1, 't'};
	Play *play = play_new(false, false);
	unsigned n = 0;

	(void)state;
	while (play->n_decided == 0 && n++ < 1000)
		play_octets(play, 0, block, sizeof block);
	assert_int_equal(play->decided, MQTT_REJECTED);
	assert_true(n * sizeof block < 80000);
	play_free(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_protocols_are_rejected),
		cmocka_unit_test(seen_from_the_start_one_exchange_of_octets_is_enough_to_reject),
		cmocka_unit_test(a_server_that_speaks_first_is_rejected_at_once),
		cmocka_unit_test(a_server_that_seems_first_behind_a_hole_is_not_rejected_for_it),
		cmocka_unit_test(random_octets_are_rejected),
		cmocka_unit_test(a_ping_and_its_answer_are_likely_mqtt),
		cmocka_unit_test(a_ping_and_its_answer_in_the_wrong_direction_are_not),
		cmocka_unit_test(a_side_that_only_publishes_is_likely_mqtt),
		cmocka_unit_test(a_stream_joined_inside_a_packet_is_recognised_at_the_next),
		cmocka_unit_test(what_one_side_sent_before_the_decision_comes_in_order),
		cmocka_unit_test(a_side_that_ended_before_the_decision_ends_behind_it),
		cmocka_unit_test(a_connect_is_known_by_its_first_octets),
		cmocka_unit_test(what_waits_for_a_decision_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
