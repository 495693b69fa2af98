/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

/* A client with two subscriptions that both have brought a message, away, and back at 20 s. */
#define SERVED CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK\n" \
	"0.1 device SUBSCRIBE a qos=1 b/# qos=1 subscription_id=4\n" \
	"1 mosq > device PUBLISH a \"1\" qos=1\n2 mosq > device PUBLISH b/x \"1\" qos=1\n"
#define BACK "5 device FIN\n" \
	"20 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK session_present=1\n"
#define TWO "22 gw PUBLISH b/x \"2\" qos=1\n23 gw PUBLISH b/y \"3\" qos=1\n"
#define WATCHED_LATE "150 device PINGREQ\n160 gw PUBLISH c \"end\" qos=1\n"
#define WATCHED "50 device PINGREQ\n60 gw PUBLISH c \"end\" qos=1\n"

/* So many messages for one filter did not come, and what was said of them; 0: nothing is missed. */
static uint32_t unserved(const char *story, bool *unsure)
{
	World *world = world_play(story);
	const Clue *clue = model_clue(world->model, world_connection(world, "pump", 2), CLUE_NOT_SERVED);
	uint32_t n = clue == NULL ? 0 : clue->n;
	if (clue != NULL) {
		assert_int_equal(model_absence(world->model, clue->cost)->lost_connected, n);
		assert_int_equal(model_absence(world->model, clue->cost)->lost.min, n);
	}
	if (unsure != NULL)
		*unsure = clue != NULL && clue->unsure;
	world_free(world);
	return n;
}

static void what_nothing_comes_by_any_more_is_noted(void **state)
{
	(void)state;
	bool unsure;
	assert_int_equal(unserved(SERVED BACK TWO WATCHED, &unsure), 2);
	assert_false(unsure);
	assert_int_equal(unserved("hole 30 31\n" SERVED BACK TWO "30.5 device PINGREQ\n" WATCHED, &unsure), 2);
	assert_true(unsure);
}

static void one_message_by_it_is_enough(void **state)
{
	(void)state;
	assert_int_equal(unserved(SERVED BACK TWO "24 mosq > device PUBLISH b/y \"3\" qos=1\n" WATCHED,
	                          NULL), 0);
	assert_int_equal(unserved(SERVED BACK "22 gw PUBLISH b/x \"2\" qos=1\n" WATCHED, NULL), 0);
}

static void a_subscription_that_never_brought_anything_is_not_missed(void **state)
{
	(void)state;
	const char *never = CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK\n"
		"0.1 device SUBSCRIBE a qos=1 b/# qos=1\n1 mosq > device PUBLISH a \"1\" qos=1\n"
		BACK TWO WATCHED;
	const char *either = CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK\n"
		"0.1 device SUBSCRIBE b/x qos=1 b/# qos=1\n1 mosq > device PUBLISH b/x \"1\" qos=1\n"
		BACK TWO WATCHED;
	assert_int_equal(unserved(never, NULL), 0);
	assert_int_equal(unserved(either, NULL), 0); /* which of the two brought it, nobody knows */
}

static void who_subscribes_or_unsubscribes_is_watched_no_more(void **state)
{
	(void)state;
	assert_int_equal(unserved(SERVED BACK "21 device SUBSCRIBE b/# qos=1\n" TWO WATCHED, NULL), 0);
	assert_int_equal(unserved(SERVED BACK "21 device UNSUBSCRIBE b/#\n" TWO WATCHED, NULL), 0);
	assert_int_equal(unserved(SERVED BACK "21 device UNSUBSCRIBE a\n" TWO WATCHED, NULL), 2);
}

static void the_end_may_have_come_too_soon(void **state)
{
	(void)state;
	assert_int_equal(unserved(SERVED BACK TWO "25 device PINGREQ\n", NULL), 0);
	assert_int_equal(unserved(SERVED BACK TWO "25 gw PUBLISH c \"x\" qos=1\n40 gw PUBLISH c \"end\" qos=1\n",
	                          NULL), 0); /* the client gave no sign of life */
}

/* The watch ends after a minute, with many messages published meanwhile. */
static void a_watch_does_not_last(void **state)
{
	(void)state;
	assert_int_equal(unserved(SERVED BACK TWO "30 device PINGREQ\n"
	                          "90 repeat 600 every 0.01 gw PUBLISH b/z \"{i}\" qos=1\n"
	                          "100 mosq > device PUBLISH b/z \"600\" qos=1\n" WATCHED_LATE, NULL), 2);
}

static void the_identifier_of_a_subscription_tells_that_it_lives(void **state)
{
	(void)state;
	World *world = world_play(SERVED BACK
		"21 mosq > device PUBLISH b/q \"9\" qos=1 subscription_id=4\n" WATCHED);
	World *other = world_play(SERVED BACK
		"21 mosq > device PUBLISH b/q \"9\" qos=1 subscription_id=5\n" WATCHED);
	World *late = world_play(SERVED BACK "20.5 device SUBSCRIBE c qos=1\n"
		"21 mosq > device PUBLISH b/q \"9\" qos=1 subscription_id=4\n" WATCHED);
	/* in "world", a and b/# have one identifier: they were asked for by one SUBSCRIBE */
	assert_null(model_clue(world->model, world_connection(world, "pump", 2), CLUE_LIVED_ON));
	assert_null(model_clue(other->model, world_connection(other, "pump", 2), CLUE_LIVED_ON));
	assert_null(model_clue(late->model, world_connection(late, "pump", 2), CLUE_LIVED_ON));
	world_free(world);
	world_free(other);
	world_free(late);
	World *alone = world_play(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK\n"
		"0.1 device SUBSCRIBE a qos=1 subscription_id=4\n" BACK
		"21 mosq > device PUBLISH a \"9\" qos=1 subscription_id=4\n" WATCHED);
	const Clue *clue = model_clue(alone->model, world_connection(alone, "pump", 2), CLUE_LIVED_ON);
	assert_non_null(clue);
	assert_int_equal(model_filter(alone->model, clue->filter).size, 1);
	world_free(alone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nothing_comes_by_any_more_is_noted),
		cmocka_unit_test(one_message_by_it_is_enough),
		cmocka_unit_test(a_subscription_that_never_brought_anything_is_not_missed),
		cmocka_unit_test(who_subscribes_or_unsubscribes_is_watched_no_more),
		cmocka_unit_test(the_end_may_have_come_too_soon),
		cmocka_unit_test(a_watch_does_not_last),
		cmocka_unit_test(the_identifier_of_a_subscription_tells_that_it_lives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
