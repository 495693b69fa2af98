/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "dissectors/mqtt_stream.h"
#include "tests/session/world.h"

#define COME "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE plant/+/temp qos=2\n"
#define SENT(id, payload) \
	"3 mosq > device PUBLISH plant/3/temp \"" payload "\" qos=1 id=" id " ack=none\n"
#define OWN(id, payload) "3 device PUBLISH state \"" payload "\" qos=1 id=" id " ack=none\n"
#define BREAKS "5 device RST\n"
#define RESUME(time) \
	time " device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 " \
	     "=> CONNACK session_present=1\n"
#define FRESH(time) \
	time " device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define STAYS "100 device PINGREQ\n"

/* How many of each kind the @n-th connection of "pump" showed. */
typedef struct Counts {
	uint32_t of[RESUME_N];
	ResumeExample first[RESUME_N];
	bool any;
} Counts;

static Counts counts_of(const char *story, uint32_t n)
{
	World *world = world_play(story);
	const Resume *resume = model_resume(world->model, world_connection(world, "pump", n));
	Counts counts = {.any = resume != NULL};
	for (int kind = 0; resume != NULL && kind < RESUME_N; kind++) {
		counts.of[kind] = resume->of[kind].n;
		counts.first[kind] = resume->of[kind].first;
	}
	world_free(world);
	return counts;
}

/* --- from the broker ----------------------------------------------------------------------- */

static void what_never_comes_again_is_counted(void **state)
{
	(void)state;
	Counts counts = counts_of(CAST COME SUBSCRIBES SENT("9", "a") SENT("10", "b") BREAKS
	                          RESUME("60") STAYS, 2);

	assert_int_equal(counts.of[RESUME_NOT_REDELIVERED], 2);
	assert_int_equal(counts.first[RESUME_NOT_REDELIVERED].packet_id, 9);
	assert_int_equal(counts.first[RESUME_NOT_REDELIVERED].state, MQTT_EXCHANGE_SENT);
	assert_int_equal(counts.first[RESUME_NOT_REDELIVERED].again.number, 0);
}

static void what_comes_again_is_not(void **state)
{
	(void)state;
	static const char *const ways[] = {
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 dup=1\n",
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9\n",
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=31\n", /* numbered anew */
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 dup=1 ack=none\n",
		/* What says that it is sent again is believed. */
		"60.1 mosq > device PUBLISH plant/3/temp \"z\" qos=1 id=9 dup=1\n",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *story = g_strconcat(CAST COME SUBSCRIBES SENT("9", "a") BREAKS
		                                     RESUME("60"), ways[i], STAYS, NULL);
		assert_false(counts_of(story, 2).any);
	}
}

static void an_identifier_that_stands_for_another_message_is_no_redelivery(void **state)
{
	(void)state;
	Counts counts = counts_of(CAST COME SUBSCRIBES SENT("9", "a") BREAKS RESUME("60")
	                          "60.1 mosq > device PUBLISH plant/3/temp \"z\" qos=1 id=9\n" STAYS, 2);

	assert_int_equal(counts.of[RESUME_NOT_REDELIVERED], 1);

	/* A new process begins with the same identifiers. */
	counts = counts_of(CAST COME OWN("7", "a") BREAKS RESUME("60")
	                   "61 device PUBLISH state \"z\" qos=1 id=7\n" STAYS, 2);
	assert_int_equal(counts.of[RESUME_OWN_MISSING], 1);
}

static void short_connections_add_up(void **state)
{
	(void)state;
	const char *story = CAST COME SUBSCRIBES SENT("9", "a") BREAKS RESUME("60") "75 device FIN\n"
	                    RESUME("80") "90 device FIN\n" RESUME("100") "110 device PINGREQ\n";

	assert_false(counts_of(story, 2).any);
	assert_false(counts_of(story, 3).any);
	assert_int_equal(counts_of(story, 4).of[RESUME_NOT_REDELIVERED], 1);
}

static void an_acknowledgement_after_the_break_may_have_arrived(void **state)
{
	(void)state;
	Counts counts = counts_of(CAST COME SUBSCRIBES SENT("9", "a") "4 mosq > device FIN\n"
	                          "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK session_present=1\n" STAYS, 2);
	assert_int_equal(counts.of[RESUME_NOT_REDELIVERED], 1);

	counts = counts_of(CAST COME SUBSCRIBES OWN("7", "a") "3.5 device DISCONNECT\n"
	                   "3.6 mosq > device PUBACK id=7\n" "4 device FIN\n" RESUME("60") STAYS, 2);
	assert_false(counts.any);
}

static void the_steps_of_qos_2_are_followed(void **state)
{
	(void)state;
#define HALF "3 mosq > device PUBLISH plant/3/temp \"a\" qos=2 id=9 ack=none\n"
	static const struct {
		const char *before, *after;
		ResumeKind kind;
		uint32_t n;
	} cases[] = {
		{"4 device PUBREC id=9 ; RST\n", "", RESUME_PUBREL_MISSING, 1},
		{"4 device PUBREC id=9 ; RST\n", "60.1 mosq > device PUBREL id=9\n",
		 RESUME_PUBREL_MISSING, 0},
		/* The PUBREC had not reached the broker. */
		{"4 device PUBREC id=9 ; RST\n",
		 "60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=2 id=9 dup=1\n", RESUME_REPLAYED, 0},
		/* The PUBREL answers it by itself. */
		{"4 device PUBREC id=9 ; VANISH\n",
		 "60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=2 id=9 dup=1\n", RESUME_REPLAYED, 1},
		{"4 device PUBREC id=9 ; VANISH\n",
		 "60.1 mosq > device PUBLISH plant/3/temp \"b\" qos=2 id=9\n", RESUME_REPLAYED, 0},
		{"4 device PUBREC id=9 ; VANISH\n", "60.1 mosq > device PUBREL id=9\n",
		 RESUME_PUBREL_MISSING, 0},
		{"4 device PUBREC id=9 ; VANISH\n", "", RESUME_PUBREL_MISSING, 1},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(CAST COME SUBSCRIBES HALF, cases[i].before,
		                                     RESUME("60"), cases[i].after, STAYS, NULL);
		if (counts_of(story, 2).of[cases[i].kind] != cases[i].n)
			fail_msg("not %u in case %zu", cases[i].n, i);
	}
}

/* --- from the client ----------------------------------------------------------------------- */

static void the_clients_own_are_followed(void **state)
{
	(void)state;
	static const struct {
		const char *back, *after;
		ResumeKind kind;
		uint32_t n;
	} cases[] = {
		{RESUME("60"), "", RESUME_OWN_MISSING, 1},
		{RESUME("60"), "61 device PUBLISH state \"a\" qos=1 id=7 dup=1\n", RESUME_OWN_MISSING, 0},
		{RESUME("60"), "61 device PUBLISH state \"a\" qos=1 id=3\n", RESUME_OWN_MISSING, 0},
		{RESUME("60"), "61 device PUBLISH other \"a\" qos=1 id=3\n", RESUME_OWN_MISSING, 1},
		{FRESH("60"), "", RESUME_OWN_GIVEN_UP, 1},
		{FRESH("60"), "", RESUME_OWN_MISSING, 0},
		{FRESH("60"), "61 device PUBLISH state \"a\" qos=1 id=3\n", RESUME_OWN_GIVEN_UP, 0},
		{FRESH("60"), "61 device PUBLISH state \"a\" qos=1 id=7 dup=1\n", RESUME_OWN_KEPT, 1},
		{FRESH("60"), "61 device PUBLISH state \"a\" qos=1 id=7\n", RESUME_OWN_KEPT, 0},
		/* Sent before the answer of the broker was there. */
		{"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 ; "
		 "PUBLISH state \"a\" qos=1 id=7 dup=1 => CONNACK session_present=1\n", "",
		 RESUME_OWN_MISSING, 0},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(CAST COME OWN("7", "a") BREAKS, cases[i].back,
		                                     cases[i].after, STAYS, NULL);
		if (counts_of(story, 2).of[cases[i].kind] != cases[i].n)
			fail_msg("not %u in case %zu", cases[i].n, i);
	}
}

static void in_311_the_client_may_send_again_whatever_the_broker_says(void **state)
{
	(void)state;
	Counts counts = counts_of(CAST
	                          "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
	                          "=> CONNACK\n" OWN("7", "a") BREAKS
	                          "60 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
	                          "=> CONNACK\n"
	                          "61 device PUBLISH state \"a\" qos=1 id=7 dup=1\n" STAYS, 2);
	assert_false(counts.any);
}

/* --- what the capture could have missed ---------------------------------------------------- */

static void where_a_hole_may_hide_the_acknowledgement_nothing_is_asked(void **state)
{
	(void)state;
	assert_false(counts_of("hole 3.5 3.9\n" CAST COME SUBSCRIBES SENT("9", "a")
	                       "3.6 device PUBACK id=9\n3.95 device PINGREQ\n" BREAKS
	                       RESUME("60") STAYS, 2).any);
}

static void redelivery_teaches_whether_the_broker_sets_dup(void **state)
{
	(void)state;
	static const struct {
		const char *dup;
		bool sets;
	} cases[] = {{"1", true}, {"0", false}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(
			CAST COME SUBSCRIBES SENT("9", "a") BREAKS RESUME("60")
			"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 dup=", cases[i].dup, "\n",
			NULL);
		World *world = world_play(story);
		const BrokerFacts *facts = &model_broker(world->model, 0)->facts;
		assert_true(facts->redelivery_seen);
		assert_int_equal(facts->redelivery_with_dup, cases[i].sets);
		world_free(world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_never_comes_again_is_counted),
		cmocka_unit_test(what_comes_again_is_not),
		cmocka_unit_test(an_identifier_that_stands_for_another_message_is_no_redelivery),
		cmocka_unit_test(short_connections_add_up),
		cmocka_unit_test(an_acknowledgement_after_the_break_may_have_arrived),
		cmocka_unit_test(the_steps_of_qos_2_are_followed),
		cmocka_unit_test(the_clients_own_are_followed),
		cmocka_unit_test(in_311_the_client_may_send_again_whatever_the_broker_says),
		cmocka_unit_test(where_a_hole_may_hide_the_acknowledgement_nothing_is_asked),
		cmocka_unit_test(redelivery_teaches_whether_the_broker_sets_dup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
