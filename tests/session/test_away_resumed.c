/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "tests/session/world.h"

/* "pump" comes with a session that lasts, and subscribes at 0.1 s. */
#define COME "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE plant/+/temp qos=1\n"
#define LEAVE "5 device FIN\n"
#define RESUME "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 " \
	       "=> CONNACK session_present=1\n"
#define SENT(time, payload) time " gw PUBLISH plant/3/temp \"" payload "\" qos=1\n"
#define COMES(time, payload) time " mosq > device PUBLISH plant/3/temp \"" payload "\" qos=1\n"

/* What the second connection of "pump" found. */
static Absence cost_of(const char *story)
{
	World *world = world_play(story);
	const Absence *cost = world_absence(world, "pump", 2);
	Absence copy = {0};
	if (cost != NULL)
		copy = *cost;
	copy.subscriptions = NULL;
	world_free(world);
	return copy;
}

#define assert_range(range, least, most) do { \
	assert_int_equal((range).min, least); \
	assert_int_equal((range).max, most); \
} while (0)

/* --- the session is resumed ---------------------------------------------------------------- */

#define FOUR SENT("10", "a") SENT("11", "b") SENT("12", "c") SENT("13", "d")
#define LATER "90 gw PUBLISH plant/3/temp \"later\" qos=1\n" COMES("90.1", "later")

static void who_gets_everything_lost_nothing(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a")
	                          COMES("60.2", "b") COMES("60.3", "c") COMES("60.4", "d"));

	assert_null(world_absence(world, "pump", 2));
	world_free(world);
}

static void what_does_not_come_shows_its_pattern(void **state)
{
	(void)state;
	static const struct {
		const char *story;
		LossPattern pattern;
		uint32_t delivered, lost;
	} cases[] = {
		{CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a") COMES("60.2", "b") LATER,
		 LOSS_NEWEST, 2, 2},
		{CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "c") COMES("60.2", "d") LATER,
		 LOSS_OLDEST, 2, 2},
		{CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "b") COMES("60.2", "c") LATER,
		 LOSS_MIXED, 2, 2},
		{CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a") COMES("60.2", "d") LATER,
		 LOSS_MIXED, 2, 2},
		{CAST COME SUBSCRIBES LEAVE FOUR RESUME LATER, LOSS_ALL, 0, 4},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Absence cost = cost_of(cases[i].story);
		assert_true(cost.resumed);
		assert_int_equal(cost.pattern, cases[i].pattern);
		assert_int_equal(cost.delivered, cases[i].delivered);
		assert_range(cost.lost, cases[i].lost, cases[i].lost);
		assert_range(cost.owed, 4, 4);
		assert_int_equal(cost.inexact, 0);
	}
}

static void what_may_still_come_is_not_certainly_lost(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a"));

	assert_range(cost.lost, 0, 3);
	assert_int_equal(cost.delivered, 1);
	assert_true((cost.inexact & INEXACT_STILL_DRAINING) != 0);
}

static void a_retained_message_is_no_proof_that_the_queue_was_passed_over(void **state)
{
	(void)state;
	/* [MQTT-3.3.1-8]: sent for the new SUBSCRIBE, before what waits may have come. */
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE FOUR RESUME
	                       "60.05 device SUBSCRIBE plant/+/temp qos=1\n"
	                       "60.1 mosq > device PUBLISH plant/3/temp \"old\" qos=1 retain=1\n");

	assert_range(cost.lost, 0, 4);
}

static void what_an_earlier_absence_left_over_may_come_at_the_next_return(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a")
	                          "61 device FIN\n" SENT("65", "e")
	                          "70 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK session_present=1\n"
	                          COMES("70.1", "b") COMES("70.2", "c") COMES("70.3", "d")
	                          COMES("70.4", "e"));

	assert_range(world_absence(world, "pump", 2)->lost, 0, 3);
	assert_null(world_absence(world, "pump", 3));
	world_free(world);
}

static void what_an_earlier_absence_left_over_dies_with_the_session(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE FOUR RESUME COMES("60.1", "a")
	                          "61 device FIN\n" SENT("65", "e")
	                          "70 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK\n");

	const Absence *cost = world_absence(world, "pump", 3);

	assert_range(cost->lost, 4, 4); /* b, c, d and e */
	assert_int_equal(cost->lost_offline, 4);
	world_free(world);
}

static void equal_payloads_are_told_apart_by_number(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE SENT("10", "on") SENT("11", "on")
	                       SENT("12", "on") RESUME COMES("60.1", "on") COMES("60.2", "on") LATER);

	assert_range(cost.owed, 3, 3);
	assert_int_equal(cost.delivered, 2);
	assert_int_equal(cost.lost.max, 1);
}

static void deliveries_of_another_topic_pass_nothing_over(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE FOUR RESUME
	                       "60.1 mosq > device PUBLISH plant/4/temp \"x\" qos=1\n");

	assert_range(cost.lost, 0, 4);
}

static void expired_messages_do_not_wait_for_a_resumed_session(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE SENT("10", "a")
	                       "11 gw PUBLISH plant/3/temp \"b\" qos=1 message_expiry=5\n"
	                       SENT("12", "c") RESUME COMES("60.1", "a") LATER);

	assert_range(cost.lost, 1, 1); /* c */
	assert_range(cost.owed, 2, 2);
	assert_int_equal(cost.expired, 1);
}

static void a_qos_0_subscription_is_accounted_for_apart(void **state)
{
	(void)state;
	World *world = world_play(CAST COME "0.1 device SUBSCRIBE plant/+/temp qos=0\n" LEAVE
	                          SENT("10", "a") SENT("11", "b") RESUME "61 device PINGREQ\n");
	const Connection *back = world_connection(world, "pump", 2);

	assert_int_equal(back->absence, NO_ABSENCE);
	const Absence *missed = model_absence(
		world->model, model_missed(world->model, back, MISSED_QOS0_SUBSCRIPTION));
	assert_non_null(missed);
	assert_range(missed->lost, 2, 2);
	assert_range(missed->owed, 0, 0);
	world_free(world);
}

static void subscriptions_made_before_the_capture_make_the_count_partial(void **state)
{
	(void)state;
	World *world = world_play(CAST RESUME "61 device SUBSCRIBE plant/+/temp qos=1\n"
	                          "62 device FIN\n" SENT("70", "a")
	                          "80 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n");
	const Absence *cost = world_absence(world, "pump", 2);

	assert_range(cost->lost, 1, 1);
	assert_int_equal(cost->inexact, INEXACT_SUBSCRIPTIONS_PARTIAL);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_gets_everything_lost_nothing),
		cmocka_unit_test(what_does_not_come_shows_its_pattern),
		cmocka_unit_test(what_may_still_come_is_not_certainly_lost),
		cmocka_unit_test(a_retained_message_is_no_proof_that_the_queue_was_passed_over),
		cmocka_unit_test(what_an_earlier_absence_left_over_may_come_at_the_next_return),
		cmocka_unit_test(what_an_earlier_absence_left_over_dies_with_the_session),
		cmocka_unit_test(equal_payloads_are_told_apart_by_number),
		cmocka_unit_test(deliveries_of_another_topic_pass_nothing_over),
		cmocka_unit_test(expired_messages_do_not_wait_for_a_resumed_session),
		cmocka_unit_test(a_qos_0_subscription_is_accounted_for_apart),
		cmocka_unit_test(subscriptions_made_before_the_capture_make_the_count_partial),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
