/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/scenario.h"

#define CAST "broker mosq 10.0.0.5:1883\nhost device 10.0.0.9\n"
#define CONNECTED CAST "0 device > mosq CONNECT v3.1.1 clean_session=1\n"

enum {
	ETHERNET_IP_TCP = 14 + 20 + 20,
	FLAGS_AT = 14 + 20 + 13,
	PUSH = 0x18,
	SYN = 0x02,
	FIN = 0x11,
	RST = 0x14
};

static GPtrArray *play_with(const char *text, const BuilderOptions *options)
{
	GError *error = NULL;
	Scenario *scenario = scenario_parse(text, "test", &error);
	GPtrArray *frames;

	if (scenario == NULL)
		fail_msg("%s", error->message);
	frames = builder_frames(scenario->builder, options);
	scenario_free(scenario);
	return frames;
}

static GPtrArray *play(const char *text)
{
	BuilderOptions options = {0};

	return play_with(text, &options);
}

static const BuilderFrame *frame_at(GPtrArray *frames, guint at)
{
	assert_true(at < frames->len);
	return frames->pdata[at];
}

static guint8 flags_at(GPtrArray *frames, guint at)
{
	return frame_at(frames, at)->bytes->data[FLAGS_AT];
}

/* The payloads of the frames that one address (its last byte) sent, one after the other, without
 * care for order. */
static char *said_by(GPtrArray *frames, guint8 address)
{
	GString *hex = g_string_new(NULL);

	for (guint i = 0; i < frames->len; i++) {
		const GByteArray *bytes = frame_at(frames, i)->bytes;

		if (bytes->data[14 + 15] != address || (bytes->data[FLAGS_AT] & SYN) != 0)
			continue;
		for (guint at = ETHERNET_IP_TCP; at < bytes->len; at++)
			g_string_append_printf(hex, "%02x", bytes->data[at]);
	}
	return g_string_free(hex, FALSE);
}

static void assert_said(const char *text, guint8 address, const char *expected)
{
	GPtrArray *frames = play(text);
	char *hex = said_by(frames, address);

	assert_string_equal(hex, expected);
	g_free(hex);
	g_ptr_array_unref(frames);
}

static void assert_error(const char *text, const char *part)
{
	GError *error = NULL;
	Scenario *scenario = scenario_parse(text, "test", &error);

	assert_null(scenario);
	if (strstr(error->message, part) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, part);
	g_error_free(error);
}

static void a_connect_opens_its_connection_first(void **state)
{
	GPtrArray *frames = play(CONNECTED);

	(void)state;
	/* SYN, SYN+ACK, ACK, CONNECT, ACK */
	assert_int_equal(frames->len, 5);
	assert_int_equal(flags_at(frames, 0), SYN);
	assert_int_equal(flags_at(frames, 1), SYN | 0x10);
	assert_int_equal(flags_at(frames, 2), 0x10);
	assert_int_equal(flags_at(frames, 3), PUSH);
	assert_true(frame_at(frames, 3)->time == SCENARIO_BEGIN);
	g_ptr_array_unref(frames);
}

static void an_ipv4_header_sums_to_all_ones(void **state)
{
	GPtrArray *frames = play(CONNECTED);
	const guint8 *ip = frame_at(frames, 3)->bytes->data + 14;
	guint32 sum = 0;

	(void)state;
	for (guint i = 0; i < 20; i += 2)
		sum += (guint32)ip[i] << 8 | ip[i + 1];
	assert_int_equal((sum & 0xFFFF) + (sum >> 16), 0xFFFF);
	/* 20 + 20 + 2 + 10 + 2 + "device" with its length: 20 bytes of CONNECT */
	assert_int_equal(ip[2] << 8 | ip[3], 60);
	g_ptr_array_unref(frames);
}

static void what_follows_a_semicolon_is_in_the_same_segment(void **state)
{
	GPtrArray *frames =
		play(CAST "0 device > mosq CONNECT v3.1.1 clean_session=1 ; PINGREQ => CONNACK");

	(void)state;
	/* three of the handshake, CONNECT with PINGREQ and its ACK, CONNACK and its ACK */
	assert_int_equal(frames->len, 7);
	assert_int_equal(frame_at(frames, 3)->bytes->len, ETHERNET_IP_TCP + 20 + 2);
	assert_true(frame_at(frames, 5)->time == SCENARIO_BEGIN + 1000000);
	g_ptr_array_unref(frames);
}

static void answers_come_by_themselves_where_asked_for(void **state)
{
	(void)state;
	assert_said("auto-ack\n" CONNECTED
	            "1 device PUBLISH qos=1 t\n2 device SUBSCRIBE a qos=2 b\n3 device PINGREQ",
	            5,
	            "40020001"
	            "900400020200"
	            "d000");
	assert_said("auto-ack\n" CONNECTED "1 device PUBLISH qos=2 t", 5,
	            "50020001"
	            "70020001");
	assert_said("auto-ack\n" CONNECTED "1 device PUBLISH qos=1 ack=none t", 5, "");
	assert_said("auto-ack\n" CONNECTED "1 device PUBLISH qos=1 t => PINGRESP", 5, "d000");
	assert_said(CONNECTED "1 device PUBLISH qos=1 t", 5, "");
}

static void an_answer_takes_the_id_of_the_last_question(void **state)
{
	(void)state;
	assert_said(CONNECTED
	            "1 device PUBLISH qos=1 id=9 t => PUBACK\n2 device PUBLISH qos=1 t => PUBACK",
	            5,
	            "40020009"
	            "4002000a");
}

static void a_repeat_counts(void **state)
{
	(void)state;
	assert_said(CONNECTED "1 mosq > device CONNACK\n"
	                      "2 repeat 2 from 7 every 0.5 mosq > device PUBLISH t \"{i}\"",
	            5,
	            "20020000"
	            "300400017437"
	            "300400017438");
}

static void a_hole_hides_frames_but_not_sequence_numbers(void **state)
{
	const char *text = CONNECTED "1 device PINGREQ\n2 device PINGREQ\n";
	char *with_hole = g_strconcat(text, "hole 0.5 1.5\n", NULL);
	GPtrArray *whole = play(text);
	GPtrArray *holed = play(with_hole);

	(void)state;
	assert_int_equal(whole->len, 9);
	assert_int_equal(holed->len, 7);
	assert_memory_equal(frame_at(whole, 7)->bytes->data + 34,
	                    frame_at(holed, 5)->bytes->data + 34, 22);
	g_ptr_array_unref(whole);
	g_ptr_array_unref(holed);
	g_free(with_hole);
}

static void one_that_vanished_acknowledges_nothing_and_may_come_back(void **state)
{
	GPtrArray *frames =
		play(CONNECTED "1 device VANISH\n2 mosq > device PINGRESP\n3 mosq > device RESEND\n"
	                       "4 device CONNECT v3.1.1 clean_session=1\n");

	(void)state;
	/* the first connection ends with two segments that nobody acknowledges */
	assert_int_equal(frames->len, 5 + 2 + 5);
	assert_memory_equal(frame_at(frames, 5)->bytes->data + 34,
	                    frame_at(frames, 6)->bytes->data + 34, 22);
	assert_int_equal(flags_at(frames, 7), SYN);
	g_ptr_array_unref(frames);
}

static void connections_end_by_fin_by_reset_or_never_begin(void **state)
{
	GPtrArray *closed = play(CONNECTED "1 device FIN");
	GPtrArray *reset = play(CONNECTED "1 mosq > device RST");
	GPtrArray *refused = play(CAST "1 device > mosq REFUSED");
	GPtrArray *unanswered = play(CAST "1 device > mosq UNANSWERED");

	(void)state;
	assert_int_equal(closed->len, 5 + 3);
	assert_int_equal(flags_at(closed, 5), FIN);
	assert_int_equal(reset->len, 5 + 1);
	assert_int_equal(flags_at(reset, 5), RST);
	assert_int_equal(refused->len, 2);
	assert_int_equal(flags_at(refused, 1), RST);
	assert_int_equal(unanswered->len, 1);
	g_ptr_array_unref(closed);
	g_ptr_array_unref(reset);
	g_ptr_array_unref(refused);
	g_ptr_array_unref(unanswered);
}

static void options_change_the_frames_and_not_the_bytes_said(void **state)
{
	const char *text = CONNECTED "1 device PUBLISH t \"abc\"";
	BuilderOptions cut = {.cut_every = 3}, twice = {.duplicate = true},
		       swapped = {.reorder = true};
	BuilderOptions without = {.drop_frame = 6};
	GPtrArray *plain = play(text), *pieces = play_with(text, &cut),
		  *double_ = play_with(text, &twice);
	GPtrArray *crossed = play_with(text, &swapped), *fewer = play_with(text, &without);
	char *plain_hex = said_by(plain, 9), *pieces_hex = said_by(pieces, 9);
	char *crossed_hex = said_by(crossed, 9), *fewer_hex = said_by(fewer, 9);

	(void)state;
	assert_string_equal(pieces_hex, plain_hex);
	/* CONNECT has 20 bytes, 7 pieces; PUBLISH 8 bytes, 3 pieces */
	assert_int_equal(pieces->len, plain->len + 6 + 2);
	assert_int_equal(double_->len, plain->len + 2);
	assert_string_equal(crossed_hex + 40, "74616263"
	                                      "30060001");
	/* frame 6 is the PUBLISH */
	assert_int_equal(strlen(fewer_hex), 40);
	g_free(plain_hex);
	g_free(pieces_hex);
	g_free(crossed_hex);
	g_free(fewer_hex);
	g_ptr_array_unref(plain);
	g_ptr_array_unref(pieces);
	g_ptr_array_unref(double_);
	g_ptr_array_unref(crossed);
	g_ptr_array_unref(fewer);
}

static void each_link_layer_has_its_own_header(void **state)
{
	BuilderOptions vlan = {.link = BUILDER_VLAN}, sll2 = {.link = BUILDER_SLL2},
		       ipv6 = {.link = BUILDER_IPV6};
	GPtrArray *tagged = play_with(CONNECTED, &vlan);
	GPtrArray *cooked = play_with(CONNECTED, &sll2);
	GPtrArray *six = play_with(CONNECTED, &ipv6);

	(void)state;
	assert_memory_equal(frame_at(tagged, 0)->bytes->data + 12, "\x81\x00\x00\x2a\x08\x00\x45",
	                    7);
	assert_memory_equal(frame_at(cooked, 0)->bytes->data, "\x08\x00", 2);
	assert_int_equal(frame_at(cooked, 0)->bytes->data[20], 0x45);
	assert_memory_equal(frame_at(six, 0)->bytes->data + 12, "\x86\xdd\x60", 3);
	assert_memory_equal(frame_at(six, 0)->bytes->data + 14 + 8,
	                    "\xfd\0\0\0\0\0\0\0\0\0\0\0\x0a\0\0\x09", 16);
	g_ptr_array_unref(tagged);
	g_ptr_array_unref(cooked);
	g_ptr_array_unref(six);
}

static void an_expectation_becomes_json(void **state)
{
	Scenario *scenario = scenario_parse(
		"expect lapse p-7 expired confidence=proven|strong lost=1..2 also=clean-start\n"
		"expect outcome p-7 2 fresh-unexpected\nexpect no accusation\n"
		"expect maybe finding * expired lost=unknown\n"
		"expect incident restart hits=2\n",
		"test", NULL);

	(void)state;
	assert_non_null(scenario);
	assert_int_equal(scenario->expectations->len, 5);
	assert_string_equal(scenario->expectations->pdata[4],
	                    "{\"line\": 5, \"kind\": \"incident\", "
	                    "\"incident\": [\"restart\"], \"hits\": [2, 2]}");
	assert_string_equal(
		scenario->expectations->pdata[0],
		"{\"line\": 1, \"kind\": \"lapse\", \"client\": \"p-7\", \"cause\": [\"expired\"], "
		"\"confidence\": [\"proven\", \"strong\"], \"lost\": [1, 2], "
		"\"also\": [\"clean-start\"]}");
	assert_string_equal(
		scenario->expectations->pdata[1],
		"{\"line\": 2, \"kind\": \"outcome\", \"client\": \"p-7\", \"connection\": 2, "
		"\"outcome\": [\"fresh-unexpected\"]}");
	assert_string_equal(scenario->expectations->pdata[2],
	                    "{\"line\": 3, \"kind\": \"no-accusation\"}");
	assert_string_equal(
		scenario->expectations->pdata[3],
		"{\"line\": 4, \"kind\": \"maybe\", \"client\": \"*\", \"cause\": [\"expired\"], "
		"\"lost\": null}");
	scenario_free(scenario);
}

static void errors_name_the_line_and_the_word(void **state)
{
	(void)state;
	assert_error("nonsense", "test:1:");
	assert_error(CAST "0 device > mosq SING", "test:3: 'SING'");
	assert_error(CAST "0 devise > mosq CONNECT v5 clean_start=0", "'devise'");
	assert_error(CAST "0 device CONNECT v5 clean_start=0", "broker");
	assert_error(CAST "0 device PINGREQ", "no open connection");
	assert_error(CONNECTED "1 device > mosq CONNECT v5 clean_start=0", "device#2");
	assert_error(CONNECTED "-1 device PINGREQ", "later");
	assert_error(CONNECTED "1 device PINGREQ ;", "missing");
	assert_error(CONNECTED "1 device FIN now", "'now'");
	assert_error(CONNECTED "1 device PUBLISH t \"abc", "quotation mark");
	assert_error("host device 10.0.0.300", "10.0.0.300");
	assert_error("broker b 10.0.0.1", "ADDRESS:PORT");
	assert_error("hole 1", "takes 2");
	assert_error("expect lapse c experied", "'experied'");
	assert_error("expect lapse c expired colour=red", "colour=red");
	assert_error("expect lapse c expired lost=2..1", "2..1");
	assert_error("expect lapse c expired lost=", "''");
	assert_error("expect lapse c expired lost=many", "'many'");
	assert_error("expect outcome c 1 gone", "'gone'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_opens_its_connection_first),
		cmocka_unit_test(an_ipv4_header_sums_to_all_ones),
		cmocka_unit_test(what_follows_a_semicolon_is_in_the_same_segment),
		cmocka_unit_test(answers_come_by_themselves_where_asked_for),
		cmocka_unit_test(an_answer_takes_the_id_of_the_last_question),
		cmocka_unit_test(a_repeat_counts),
		cmocka_unit_test(a_hole_hides_frames_but_not_sequence_numbers),
		cmocka_unit_test(one_that_vanished_acknowledges_nothing_and_may_come_back),
		cmocka_unit_test(connections_end_by_fin_by_reset_or_never_begin),
		cmocka_unit_test(options_change_the_frames_and_not_the_bytes_said),
		cmocka_unit_test(each_link_layer_has_its_own_header),
		cmocka_unit_test(an_expectation_becomes_json),
		cmocka_unit_test(errors_name_the_line_and_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
