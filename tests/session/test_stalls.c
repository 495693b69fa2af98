/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

#define COME(more) "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 keep_alive=0 " more " => CONNACK\n" \
	"0.1 device SUBSCRIBE a qos=1\n"
/* Ten in flight: what any broker may send. */
#define FILL "1 repeat 10 every 0.01 gw PUBLISH a \"{i}\" qos=1\n" \
	"1.002 repeat 10 every 0.01 mosq > device PUBLISH a \"{i}\" qos=1 id={i} ack=none\n"
#define MORE "10 repeat 3 every 1 gw PUBLISH a \"m{i}\" qos=1\n"
#define LIVES "60 device PINGREQ\n61 gw PUBLISH z \"end\" qos=1\n"

/* Of the first connection of "pump"; n_in_flight is 0 if there is none. */
static Stall stall_of(const char *story)
{
	World *world = world_play(story);
	const Stall *stall = model_stall(world->model, world_connection(world, "pump", 1));
	Stall copy = stall != NULL ? *stall : (Stall){0};
	world_free(world);
	return copy;
}

static void who_lives_and_acknowledges_nothing_is_stuck(void **state)
{
	(void)state;
	Stall stall = stall_of(CAST COME("") FILL MORE LIVES);
	assert_int_equal(stall.n_in_flight, 10);
	assert_int_equal(stall.n_held, 3);
	assert_false(stall.by_receive_maximum);
	assert_false(stall.ended);
}

static void its_own_receive_maximum_proves_it(void **state)
{
	(void)state;
	Stall stall = stall_of(CAST COME("receive_max=10") FILL MORE LIVES);
	assert_true(stall.by_receive_maximum);
	assert_int_equal(stall_of(CAST COME("receive_max=20") FILL MORE LIVES).by_receive_maximum, false);
}

static void who_is_not_seen_alive_or_misses_nothing_is_not(void **state)
{
	(void)state;
	assert_int_equal(stall_of(CAST COME("") FILL MORE "61 gw PUBLISH z \"end\" qos=1\n").n_in_flight, 0);
	assert_int_equal(stall_of(CAST COME("") FILL LIVES).n_in_flight, 0);
}

static void who_acknowledges_in_time_is_not(void **state)
{
	(void)state;
	assert_int_equal(stall_of(CAST COME("") FILL "1.5 device PUBACK id=1\n" MORE LIVES).n_in_flight, 0);
}

/* --- what the broker let go meanwhile --------------------------------------------------------- */

/* Fifty messages of which twenty go out, and the connection breaks. */
#define FLOOD "1 repeat 50 every 0.01 gw PUBLISH a \"{i}\" qos=1\n" \
	"1.002 repeat 20 every 0.01 mosq > device PUBLISH a \"{i}\" qos=1 id={i} ack=none\n"
#define BREAK "2 device RST\n" \
	"5 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 keep_alive=0 => CONNACK session_present=1\n" \
	"5.01 repeat 20 every 0.001 mosq > device PUBLISH a \"{i}\" qos=1 id={i} dup=1\n"
#define LATER "80 gw PUBLISH a \"later\" qos=1\n80.002 mosq > device PUBLISH a \"later\" qos=1\n"

static CountRange lost_of(const char *story, uint32_t *connected)
{
	World *world = world_play(story);
	const Absence *absence = world_absence(world, "pump", 2);
	CountRange lost = absence != NULL ? absence->lost : (CountRange){0, 0};
	*connected = absence != NULL ? absence->lost_connected : 0;
	world_free(world);
	return lost;
}

static void what_a_full_queue_dropped_while_it_was_connected_is_lost(void **state)
{
	(void)state;
	uint32_t connected;
	CountRange lost = lost_of(CAST COME("") FLOOD BREAK
	                          "5.2 repeat 10 from 21 every 0.001 mosq > device PUBLISH a \"{i}\" qos=1\n" LATER,
	                          &connected);
	assert_int_equal(lost.min, 20);
	assert_int_equal(lost.max, 20);
	assert_int_equal(connected, 20);
}

static void what_waited_and_came_is_not(void **state)
{
	(void)state;
	uint32_t connected;
	CountRange lost = lost_of(CAST COME("") FLOOD BREAK
	                          "5.2 repeat 30 from 21 every 0.001 mosq > device PUBLISH a \"{i}\" qos=1\n" LATER,
	                          &connected);
	assert_int_equal(lost.max, 0);
}

static void who_subscribes_meanwhile_is_not_judged(void **state)
{
	(void)state;
	uint32_t connected;
	CountRange lost = lost_of(CAST COME("") FLOOD "1.8 device SUBSCRIBE b qos=1\n" BREAK LATER, &connected);
	assert_int_equal(lost.max, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_lives_and_acknowledges_nothing_is_stuck),
		cmocka_unit_test(its_own_receive_maximum_proves_it),
		cmocka_unit_test(who_is_not_seen_alive_or_misses_nothing_is_not),
		cmocka_unit_test(who_acknowledges_in_time_is_not),
		cmocka_unit_test(what_a_full_queue_dropped_while_it_was_connected_is_lost),
		cmocka_unit_test(what_waited_and_came_is_not),
		cmocka_unit_test(who_subscribes_meanwhile_is_not_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
