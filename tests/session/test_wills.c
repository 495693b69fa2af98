/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

/* Somebody who hears the Will, and a client whose Will is to wait for @delay seconds. */
#define WATCH "host watch 10.0.0.6\n-8 watch > mosq CONNECT v5 client=hall clean_start=1 => CONNACK\n" \
	"-7.9 watch SUBSCRIBE will/# qos=1\n"
#define WATCH_LATE "host watch 10.0.0.6\n20 watch > mosq CONNECT v5 client=hall clean_start=1 => CONNACK\n" \
	"20.1 watch SUBSCRIBE will/# qos=1\n"
#define PUMP(delay) "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 will=will/pump " \
	"will_payload=\"gone\" will_qos=1 will.delay=" delay " => CONNACK\n"
#define LEAVES "5 device RST\n"
#define HEARD(time) time " mosq > watch PUBLISH will/pump \"gone\" qos=1\n"

/* When the Will came too early, in seconds after the start; 0: it did not. */
static double early(const char *story)
{
	World *world = world_play(story);
	const Connection *pump = world_connection(world, "pump", 1);
	StreamPoint will = model_remarks(world->model, pump)->early_will;
	double at = 0;
	if (will.frame.number != 0)
		at = (double)(will.time.ns - pump->connect_time.ns) / (double)NS_PER_SECOND;
	world_free(world);
	return at;
}

static void a_will_before_its_delay_has_passed_is_noted(void **state)
{
	(void)state;
	double at = early(CAST WATCH PUMP("100") LEAVES HEARD("30"));
	assert_true(at > 29.9 && at < 30.1);
}

static void one_that_comes_when_it_should_is_not(void **state)
{
	(void)state;
	assert_true(early(CAST WATCH PUMP("100") LEAVES HEARD("105")) == 0);
	/* 10 % is a timer's grain: it is due at 105 s */
	assert_true(early(CAST WATCH PUMP("100") LEAVES HEARD("96")) == 0);
	assert_true(early(CAST WATCH PUMP("100") LEAVES HEARD("94")) > 0);
}

static void what_anybody_else_may_have_said_is_not_noted(void **state)
{
	(void)state;
	const char *said = CAST WATCH PUMP("100") LEAVES
		"29 gw PUBLISH will/pump \"gone\" qos=0\n" HEARD("30");
	const char *said_before = CAST WATCH PUMP("100")
		"2 gw PUBLISH will/pump \"gone\" qos=0\n" LEAVES HEARD("30");
	const char *other_words = CAST WATCH PUMP("100") LEAVES
		"30 mosq > watch PUBLISH will/pump \"come\" qos=1\n";
	const char *other_topic = CAST WATCH PUMP("100") LEAVES
		"30 mosq > watch PUBLISH will/pumq \"gone\" qos=1\n";
	const char *same_will = CAST WATCH PUMP("100")
		"1 twin > mosq CONNECT v5 client=other clean_start=1 will=will/pump "
		"will_payload=\"gone\" => CONNACK\n" LEAVES HEARD("30");
	const char *unnamed = "start-at -9.5\n-20 twin > mosq CONNECT v5 client=x clean_start=1 => "
		"CONNACK\n";
	g_autofree char *midway = g_strconcat(CAST, unnamed, WATCH, PUMP("100"), LEAVES,
		"20 twin PUBLISH a \"b\" qos=1\n", HEARD("30"), NULL);

	assert_true(early(said) == 0);
	assert_true(early(said_before) == 0);
	assert_true(early(other_words) == 0);
	assert_true(early(other_topic) == 0);
	assert_true(early(same_will) == 0);
	assert_true(early(midway) == 0);
}

static void neither_what_is_old_nor_what_was_withdrawn_is_noted(void **state)
{
	(void)state;
	const char *retained = CAST WATCH PUMP("100") LEAVES
		"30 mosq > watch PUBLISH will/pump \"gone\" qos=1 retain=1\n";
	const char *again = CAST WATCH PUMP("100") LEAVES
		"30 mosq > watch PUBLISH will/pump \"gone\" qos=1 dup=1\n";
	const char *goodbye = CAST WATCH PUMP("100") "5 device DISCONNECT ; FIN\n" HEARD("30");
	const char *with_will = CAST WATCH PUMP("100") "5 device DISCONNECT reason=4 ; FIN\n"
		HEARD("30");
	const char *late = CAST PUMP("100") LEAVES WATCH_LATE HEARD("30");
	const char *connected = CAST WATCH PUMP("100") HEARD("3") LEAVES HEARD("30");

	assert_true(early(retained) == 0);
	assert_true(early(again) == 0);
	assert_true(early(goodbye) == 0);
	assert_true(early(with_will) > 0); /* 0x04: Disconnect with Will Message */
	assert_true(early(late) == 0);     /* who subscribes later may get what was queued */
	assert_true(early(connected) == 0); /* it came before the client had gone */
}

static void a_hole_in_any_stream_may_hide_another_publisher(void **state)
{
	(void)state;
	assert_true(early("hole 20 25\n" CAST WATCH PUMP("100") LEAVES
	                  "22 gw PUBLISH x \"y\" qos=1\n" HEARD("30") "40 gw PUBLISH x \"y\" qos=1\n") == 0);
}

static void a_broker_that_does_not_wait_is_known_by_a_session_that_lived(void **state)
{
	(void)state;
	World *world = world_play(CAST WATCH PUMP("100") LEAVES HEARD("30")
		"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK "
		"session_present=1\n");
	World *waits = world_play(CAST WATCH PUMP("100") LEAVES HEARD("105"));

	assert_true(model_broker(world->model, 0)->facts.sends_wills_early);
	assert_false(model_broker(world->model, 0)->facts.waits_for_will_delay);
	assert_true(model_broker(waits->model, 0)->facts.waits_for_will_delay);
	assert_false(model_broker(waits->model, 0)->facts.sends_wills_early);
	world_free(world);
	world_free(waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_will_before_its_delay_has_passed_is_noted),
		cmocka_unit_test(one_that_comes_when_it_should_is_not),
		cmocka_unit_test(what_anybody_else_may_have_said_is_not_noted),
		cmocka_unit_test(neither_what_is_old_nor_what_was_withdrawn_is_noted),
		cmocka_unit_test(a_hole_in_any_stream_may_hide_another_publisher),
		cmocka_unit_test(a_broker_that_does_not_wait_is_known_by_a_session_that_lived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
