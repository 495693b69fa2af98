/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dissectors/mqtt_names.h"
#include "tests/dissectors/mqtt_play.h"

/* A conversation whose last packet breaks a rule, and one that comes near it and does not. */
typedef struct Case {
	MqttFaultId fault;
	bool by_absence; /* the rule rests on packets that did not come: a hole excuses */
	const Line *wrong;
	size_t n_wrong;
	const Line *right;
	size_t n_right;
} Case;

#define LINES(...) (const Line[]){__VA_ARGS__}, sizeof((const Line[]){__VA_ARGS__}) / sizeof(Line)
#define BROKEN(fault, ...) {MQTT_FAULT_##fault, false, __VA_ARGS__}
#define LACKING(fault, ...) {MQTT_FAULT_##fault, true, __VA_ARGS__}

/* CONNECT and CONNACK of 3.1.1 and 5.0; those with properties take them with their length. */
#define K3 C(0x10, "\0\4MQTT\4\0\0\x3c\0\4dev1")
#define K3_CLEAN C(0x10, "\0\4MQTT\4\2\0\x3c\0\4dev1")
#define A3 S(0x20, "\0\0")
#define K5 C(0x10, "\0\4MQTT\5\2\0\x3c\0\0\4dev1")
#define K5_WITH(properties) C(0x10, "\0\4MQTT\5\2\0\x3c" properties "\0\4dev1")
#define A5 S(0x20, "\0\0\0")
#define A5_WITH(properties) S(0x20, "\0\0" properties)
#define PUBLISH_3 "\0\1t\0\7x"
#define PUBLISH_5 "\0\1t\0\7\0x"

static const Case cases[] = {
	BROKEN(CONNECT_AGAIN, LINES(K3, A3, K3), LINES(K3, A3, C(0xc0, ""))),
	BROKEN(CONNACK_AGAIN, LINES(K3, A3, A3), LINES(K3, A3)),
	LACKING(BEFORE_CONNACK, LINES(K3, S(0x30, "\0\1tx")), LINES(K3, A3, S(0x30, "\0\1tx"))),
	LACKING(BEFORE_CONNACK, LINES(K5, S(0xe0, "\x87")),
	        LINES(K5_WITH("\4\x15\0\1m"), S(0xf0, "\x18\4\x15\0\1m"))),
	BROKEN(SENDER_NOT_SERVER, LINES(K3, A3, C(0xd0, "")), LINES(K3, A3, S(0xd0, ""))),
	BROKEN(SENDER_NOT_CLIENT, LINES(K3, A3, S(0xc0, "")), LINES(K3, A3, C(0xc0, ""))),
	BROKEN(SENDER_NOT_CLIENT, LINES(K3, A3, S(0x82, "\0\1\0\1#\0")),
	       LINES(K3, A3, C(0x82, "\0\1\0\1#\0"))),
	BROKEN(SENDER_NOT_CLIENT, LINES(K3, A3, S(0xe0, "")), LINES(K5, A5, S(0xe0, ""))),
	BROKEN(AFTER_DISCONNECT, LINES(K3, A3, C(0xe0, ""), C(0xc0, "")),
	       LINES(K3, A3, C(0xc0, ""), C(0xe0, ""), S(0xd0, ""))),
	LACKING(PACKET_ID_IN_USE, LINES(K3, A3, C(0x32, PUBLISH_3), C(0x32, PUBLISH_3)),
	        LINES(K3, A3, C(0x32, PUBLISH_3), S(0x40, "\0\7"), C(0x32, PUBLISH_3))),
	LACKING(PACKET_ID_IN_USE, LINES(K5, A5, S(0x34, PUBLISH_5), S(0x32, PUBLISH_5)),
	        LINES(K5, A5, S(0x34, PUBLISH_5), C(0x32, PUBLISH_5))),
	LACKING(PACKET_ID_IN_USE, LINES(K3, A3, C(0x32, PUBLISH_3), C(0x82, "\0\7\0\1#\0")),
	        LINES(K3, A3, C(0x32, PUBLISH_3), C(0x82, "\0\x08\0\1#\0"))),
	LACKING(SENT_AGAIN, LINES(K5, A5, C(0x32, PUBLISH_5), C(0x3a, PUBLISH_5)),
	        LINES(K3, A3, C(0x32, PUBLISH_3), C(0x3a, PUBLISH_3))),
	LACKING(SENT_AGAIN,
	        LINES(K5, A5, C(0x34, PUBLISH_5), S(0x50, "\0\7"), C(0x62, "\0\7"), C(0x62, "\0\7")),
	        LINES(K5, A5, C(0x62, "\0\7"), C(0x62, "\0\x08"))),
	LACKING(ACKNOWLEDGES_NOTHING, LINES(K3, A3, S(0x40, "\0\7")),
	        LINES(K3, A3, C(0x32, PUBLISH_3), S(0x40, "\0\7"))),
	LACKING(ACKNOWLEDGES_NOTHING, LINES(K3, A3, C(0x82, "\0\1\0\1#\0"), S(0x90, "\0\2\0")),
	        LINES(K3, A3, C(0x82, "\0\1\0\1#\0"), S(0x90, "\0\1\0"))),
	/* In 3.1.1 a repetition on the same connection may be answered, too. */
	LACKING(ACKNOWLEDGES_NOTHING,
	        LINES(K3, A3, C(0x32, PUBLISH_3), S(0x40, "\0\7"), S(0x40, "\0\7")),
	        LINES(K3, A3, C(0x32, PUBLISH_3), C(0x3a, PUBLISH_3), S(0x40, "\0\7"), S(0x40, "\0\7"))),
	LACKING(ACKNOWLEDGEMENT_WRONG, LINES(K3, A3, C(0x34, PUBLISH_3), S(0x40, "\0\7")),
	        LINES(K3, A3, C(0x34, PUBLISH_3), S(0x50, "\0\7"))),
	LACKING(ACKNOWLEDGEMENT_WRONG, LINES(K3, A3, C(0x32, PUBLISH_3), S(0x50, "\0\7")),
	        LINES(K3, A3, C(0x32, PUBLISH_3), S(0x40, "\0\7"))),
	LACKING(ACKNOWLEDGEMENT_WRONG,
	        LINES(K3, A3, C(0x34, PUBLISH_3), S(0x50, "\0\7"), S(0x70, "\0\7")),
	        LINES(K3, A3, C(0x34, PUBLISH_3), S(0x50, "\0\7"), C(0x62, "\0\7"), S(0x70, "\0\7"))),
	LACKING(PUBREL_EARLY, LINES(K3, A3, C(0x34, PUBLISH_3), C(0x62, "\0\7")),
	        LINES(K3, A3, C(0x34, PUBLISH_3), S(0x50, "\0\7"), C(0x62, "\0\7"))),
	LACKING(CODES_MISCOUNTED, LINES(K3, A3, C(0x82, "\0\1\0\1a\0\0\1b\0"), S(0x90, "\0\1\0")),
	        LINES(K3, A3, C(0x82, "\0\1\0\1a\0\0\1b\0"), S(0x90, "\0\1\0\x80"))),
	LACKING(CODES_MISCOUNTED, LINES(K5, A5, C(0xa2, "\0\1\0\0\1a"), S(0xb0, "\0\1\0\0\0")),
	        LINES(K3, A3, C(0xa2, "\0\1\0\1a"), S(0xb0, "\0\1"))),
	LACKING(RECEIVE_MAXIMUM_EXCEEDED,
	        LINES(K5, A5_WITH("\3\x21\0\1"), C(0x32, PUBLISH_5), C(0x32, "\0\1t\0\x08\0x")),
	        LINES(K5, A5_WITH("\3\x21\0\1"), C(0x32, PUBLISH_5), S(0x40, "\0\7"),
	              C(0x32, "\0\1t\0\x08\0x"))),
	LACKING(RECEIVE_MAXIMUM_EXCEEDED,
	        LINES(K5_WITH("\3\x21\0\1"), A5, S(0x34, PUBLISH_5), C(0x50, "\0\7"), S(0x62, "\0\7"),
	              S(0x32, "\0\1t\0\x08\0x")),
	        LINES(K5_WITH("\3\x21\0\1"), A5, S(0x34, PUBLISH_5), C(0x50, "\0\7"), S(0x62, "\0\7"),
	              C(0x70, "\0\7"), S(0x32, "\0\1t\0\x08\0x"), S(0x30, "\0\1t\0x"))),
	BROKEN(MAXIMUM_PACKET_SIZE_EXCEEDED,
	       LINES(K5_WITH("\5\x27\0\0\0\x14"), A5, S(0x30, "\0\1t\0" "123456789012345")),
	       LINES(K5_WITH("\5\x27\0\0\0\x14"), A5, S(0x30, "\0\1t\0" "12345678901234"),
	             C(0x30, "\0\1t\0" "123456789012345"))),
	BROKEN(MAXIMUM_PACKET_SIZE_EXCEEDED,
	       LINES(K5, A5_WITH("\5\x27\0\0\0\x14"), C(0x30, "\0\1t\0" "123456789012345")),
	       LINES(K5, A5_WITH("\5\x27\0\0\0\x14"), C(0x30, "\0\1t\0" "12345678901234"))),
	BROKEN(TOPIC_ALIAS_OVER_MAXIMUM,
	       LINES(K5, A5_WITH("\3\x22\0\1"), C(0x30, "\0\1t\3\x23\0\2x")),
	       LINES(K5, A5_WITH("\3\x22\0\1"), C(0x30, "\0\1t\3\x23\0\1x"))),
	BROKEN(TOPIC_ALIAS_OVER_MAXIMUM, LINES(K5, A5, S(0x30, "\0\1t\3\x23\0\1x")),
	       LINES(K5_WITH("\3\x22\0\1"), A5, S(0x30, "\0\1t\3\x23\0\1x"))),
	LACKING(TOPIC_ALIAS_UNMAPPED, LINES(K5, A5_WITH("\3\x22\0\2"), C(0x30, "\0\0\3\x23\0\1x")),
	        LINES(K5, A5_WITH("\3\x22\0\2"), C(0x30, "\0\1t\3\x23\0\1x"),
	              C(0x30, "\0\0\3\x23\0\1x"))),
	BROKEN(MAXIMUM_QOS_EXCEEDED, LINES(K5, A5_WITH("\2\x24\1"), C(0x34, PUBLISH_5)),
	       LINES(K5, A5_WITH("\2\x24\1"), C(0x32, PUBLISH_5))),
	BROKEN(RETAIN_NOT_AVAILABLE, LINES(K5, A5_WITH("\2\x25\0"), C(0x31, "\0\1t\0x")),
	       LINES(K5, A5_WITH("\2\x25\1"), C(0x31, "\0\1t\0x"))),
	BROKEN(WILDCARD_NOT_AVAILABLE, LINES(K5, A5_WITH("\2\x28\0"), C(0x82, "\0\1\0\0\3a/+\0")),
	       LINES(K5, A5_WITH("\2\x28\0"), C(0x82, "\0\1\0\0\3a/b\0"))),
	BROKEN(IDENTIFIER_NOT_AVAILABLE,
	       LINES(K5, A5_WITH("\2\x29\0"), C(0x82, "\0\1\2\x0b\1\0\3a/b\0")),
	       LINES(K5, A5_WITH("\2\x29\0"), C(0x82, "\0\1\0\0\3a/b\0"))),
	BROKEN(SHARE_NOT_AVAILABLE,
	       LINES(K5, A5_WITH("\2\x2a\0"), C(0x82, "\0\1\0\0\x0a$share/g/t\0")),
	       LINES(K5, A5_WITH("\2\x2a\0"), C(0x82, "\0\1\0\0\x0a$shard/g/t\0"))),
	BROKEN(SESSION_PRESENT_AFTER_CLEAN, LINES(K5, S(0x20, "\1\0\0")),
	       LINES(C(0x10, "\0\4MQTT\5\0\0\x3c\0\0\4dev1"), S(0x20, "\1\0\0"))),
	BROKEN(SESSION_PRESENT_AFTER_CLEAN, LINES(K3_CLEAN, S(0x20, "\1\0")),
	       LINES(K3, S(0x20, "\1\0"))),
	BROKEN(ASSIGNED_ID_MISSING, LINES(C(0x10, "\0\4MQTT\5\2\0\x3c\0\0\0"), A5),
	       LINES(C(0x10, "\0\4MQTT\5\2\0\x3c\0\0\0"), A5_WITH("\4\x12\0\1a"))),
	BROKEN(ASSIGNED_ID_UNASKED, LINES(K5, A5_WITH("\4\x12\0\1a")), LINES(K5, A5)),
	BROKEN(RESPONSE_INFORMATION_UNASKED, LINES(K5, A5_WITH("\4\x1a\0\1a")),
	       LINES(K5_WITH("\2\x19\1"), A5_WITH("\4\x1a\0\1a"))),
	BROKEN(PROBLEM_INFORMATION_UNASKED,
	       LINES(K5_WITH("\2\x17\0"), A5, C(0x32, PUBLISH_5), S(0x40, "\0\7\0\4\x1f\0\1a")),
	       LINES(K5_WITH("\2\x17\1"), A5, C(0x32, PUBLISH_5), S(0x40, "\0\7\0\4\x1f\0\1a"))),
	BROKEN(PROBLEM_INFORMATION_UNASKED,
	       LINES(K5_WITH("\2\x17\0"), A5, C(0x32, PUBLISH_5), S(0x40, "\0\7\0\7\x26\0\1a\0\1b")),
	       LINES(K5_WITH("\2\x17\0"), A5_WITH("\4\x1f\0\1a"), S(0xe0, "\0\4\x1f\0\1a"))),
	BROKEN(AUTHENTICATION_UNASKED, LINES(K5, A5, C(0xf0, "\x19\4\x15\0\1m")),
	       LINES(K5_WITH("\4\x15\0\1m"), A5_WITH("\4\x15\0\1m"), C(0xf0, "\x19\4\x15\0\1m"))),
	BROKEN(IDENTIFIER_FROM_CLIENT, LINES(K5, A5, C(0x30, "\0\1t\2\x0b\1x")),
	       LINES(K5, A5, S(0x30, "\0\1t\2\x0b\1x"))),
	BROKEN(EXPIRY_FROM_SERVER, LINES(K5, A5, S(0xe0, "\0\5\x11\0\0\0\1")),
	       LINES(K5_WITH("\5\x11\0\0\0\1"), A5, C(0xe0, "\0\5\x11\0\0\0\1"))),
	BROKEN(EXPIRY_RAISED_FROM_0, LINES(K5, A5, C(0xe0, "\0\5\x11\0\0\0\1")),
	       LINES(K5_WITH("\5\x11\0\0\0\1"), A5, C(0xe0, "\0\5\x11\0\0\1\0"))),
	BROKEN(EXPIRY_RAISED_FROM_0,
	       LINES(K5_WITH("\5\x11\0\0\0\0"), A5, C(0xe0, "\0\5\x11\0\0\0\1")),
	       LINES(K5, A5, C(0xe0, "\0\5\x11\0\0\0\0"))),
};

static unsigned n_faults(const Play *play)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play->seen->len; i++)
		n += play_event(play, i)->n_faults;
	return n;
}

static void each_rule_is_broken_by_the_last_packet_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Case *this = &cases[i];
		Play *play = play_new(false, true);
		play_lines(play, this->wrong, this->n_wrong);
		if (play->seen->len != this->n_wrong || n_faults(play) != 1 ||
		    play_event(play, play->seen->len - 1)->n_faults != 1 ||
		    play_event(play, play->seen->len - 1)->faults[0].id != this->fault)
			fail_msg("case %zu, %s: %u packets, %u faults", i, mqtt_fault_info(this->fault)->name,
			         play->seen->len, n_faults(play));
		play_free(play);
	}
}

static void what_comes_near_a_rule_does_not_break_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Case *this = &cases[i];
		Play *play = play_new(false, true);
		play_lines(play, this->right, this->n_right);
		if (play->seen->len != this->n_right || n_faults(play) != 0)
			fail_msg("case %zu, %s: %u packets, %u faults", i, mqtt_fault_info(this->fault)->name,
			         play->seen->len, n_faults(play));
		play_free(play);
	}
}

/* @side has a hole before the last packet. */
static void assert_excused(const Case *excused, unsigned side)
{
	Play *play = play_new(false, true);

	play_lines(play, excused->wrong, excused->n_wrong - 1);
	play_gap(play, side, 100, GAP_MISSING);
	play_lines(play, excused->wrong + excused->n_wrong - 1, 1);
	if (play->seen->len != excused->n_wrong || n_faults(play) != 0)
		fail_msg("%s, side %u: %u packets, %u faults", mqtt_fault_info(excused->fault)->name, side,
		         play->seen->len, n_faults(play));
	play_free(play);
}

/* The side whose packets, had they come, would have made it right. */
static unsigned excusing_side(const Case *excused)
{
	unsigned last = excused->wrong[excused->n_wrong - 1].side;

	switch ((int)excused->fault) {
	case MQTT_FAULT_BEFORE_CONNACK:
	case MQTT_FAULT_TOPIC_ALIAS_UNMAPPED:
		return last;
	default:
		return 1 - last;
	}
}

static void a_hole_excuses_what_it_may_explain(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		if (cases[i].by_absence)
			assert_excused(&cases[i], excusing_side(&cases[i]));
	}
}

/* Without the CONNECT nothing was agreed on, as far as is known. */
static void joined_midway_no_rule_applies(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const Case *this = &cases[i];
		Play *play = play_new(true, false);
		play_octets(play, 0, "\xc0\x00", 2);
		for (size_t line = 1; line < this->n_wrong; line++) {
			if (this->wrong[line].first >> 4 != MQTT_CONNECT)
				play_lines(play, &this->wrong[line], 1);
		}
		if (n_faults(play) != 0)
			fail_msg("case %zu, %s: %u faults", i, mqtt_fault_info(this->fault)->name,
			         n_faults(play));
		play_free(play);
	}
}

static void a_connection_seen_from_its_start_begins_with_connect(void **state)
{
	static const Line lines[] = {
		C(0x30, "\0\1tone"), C(0x30, "\0\1ttwo"), C(0x10, "\0\4MQTT\4\2\0\x3c\0\4dev1"),
	};
	Play *play = play_new(false, true);

	(void)state;
	play_lines(play, lines, 3);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(play_event(play, 0)->n_faults, 1);
	assert_int_equal(play_event(play, 0)->faults[0].id, MQTT_FAULT_CONNECT_NOT_FIRST);
	assert_int_equal(n_faults(play), 1);
	play_free(play);
	play = play_new(false, false); /* where the beginning may be missing, no one is blamed */
	play_lines(play, lines, 3);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(n_faults(play), 0);
	play_free(play);
}

static void a_client_that_does_not_wait_is_not_held_to_what_it_cannot_know(void **state)
{
	static const Line lines[] = {
		K5, C(0x82, "\0\1\0\0\1#\0"), A5_WITH("\4\x24\0\x28\0"), C(0x32, PUBLISH_5),
	};
	Play *play = play_new(false, true);

	(void)state;
	play_lines(play, lines, 4);
	assert_int_equal(play->seen->len, 4);
	assert_int_equal(n_faults(play), 0);
	play_free(play);
}

static void a_version_that_is_only_likely_invents_no_fault(void **state)
{
	static const Line lines[] = {
		C(0x32, "\0\3t/1\0\5\2\1\1hi"), S(0x40, "\0\5"), /* 5.0, it seems */
		C(0x32, "\0\3t/1\0\6plain"), S(0x40, "\0\6"),    /* 3.1.1 after all */
		S(0xb0, "\0\7"),
	};
	Play *play = play_new(false, false);

	(void)state;
	play_lines(play, lines, 5);
	assert_int_equal(play->seen->len, 5);
	assert_int_equal(n_faults(play), 0);
	assert_int_equal(play_event(play, 2)->payload_size, 5);
	play_free(play);
}

static bool side_0_lacks(void *user, unsigned side)
{
	(void)user;
	return side == 0;
}

/* The other side's octets are on their way past the capture; the gap is told only later. */
static void octets_that_did_not_come_yet_excuse_like_a_hole(void **state)
{
	static const Line lines[] = {K3, A3, S(0x40, "\0\7")};
	Play *play = play_new(false, true);

	(void)state;
	mqtt_stream_watch(play->stream, side_0_lacks, NULL);
	play_lines(play, lines, 3);
	assert_int_equal(play->seen->len, 3);
	assert_int_equal(n_faults(play), 0);
	play_free(play);
}

static void a_publish_that_the_capture_has_behind_its_pubrec_is_the_same_exchange(void **state)
{
	static const Line lines[] = {
		K3, A3, S(0x50, "\0\7"), C(0x34, PUBLISH_3), C(0x62, "\0\7"), S(0x70, "\0\7"),
	};
	Play *play = play_new(false, true);

	(void)state;
	mqtt_stream_watch(play->stream, side_0_lacks, NULL);
	play_lines(play, lines, 6);
	assert_int_equal(n_faults(play), 0);
	assert_int_equal(play_event(play, 3)->exchange.state, MQTT_EXCHANGE_RECEIVED);
	assert_true(play_event(play, 5)->done);
	play_free(play);
}

static void a_connack_that_the_capture_has_before_the_connect_was_sent_all_the_same(void **state)
{
	static const Line lines[] = {
		A3, K3, C(0x82, "\0\1\0\1#\0"), S(0x90, "\0\1\0"),
	};
	Play *play = play_new(true, true);

	(void)state;
	play_lines(play, lines, 4);
	assert_int_equal(play->seen->len, 4);
	assert_int_equal(n_faults(play), 0);
	play_free(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_broken_by_the_last_packet_only),
		cmocka_unit_test(what_comes_near_a_rule_does_not_break_it),
		cmocka_unit_test(a_hole_excuses_what_it_may_explain),
		cmocka_unit_test(joined_midway_no_rule_applies),
		cmocka_unit_test(a_connection_seen_from_its_start_begins_with_connect),
		cmocka_unit_test(a_client_that_does_not_wait_is_not_held_to_what_it_cannot_know),
		cmocka_unit_test(a_version_that_is_only_likely_invents_no_fault),
		cmocka_unit_test(octets_that_did_not_come_yet_excuse_like_a_hole),
		cmocka_unit_test(a_publish_that_the_capture_has_behind_its_pubrec_is_the_same_exchange),
		cmocka_unit_test(a_connack_that_the_capture_has_before_the_connect_was_sent_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
