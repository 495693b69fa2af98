/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/backends.h"
#include "tests/session/world.h"

#define BROKERS \
	"broker one 10.0.0.5:1883 mss=1460 window_scale=7 ttl=64 clock=-90000\n" \
	"broker far 10.0.0.5:1883 mss=1460 window_scale=7 ttl=61\n" \
	"broker two 10.0.0.5:1883 mss=1460 window_scale=7 ttl=64 clock=-400\n" \
	"broker odd 10.0.0.5:1883 mss=1400 window_scale=9 ttl=64\n" \
	"host device 10.0.0.9\nauto-ack\n"
#define AT(time, broker, present) time " device > " broker " CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK" \
	" session_present=" present "\n" time ".1 device SUBSCRIBE a qos=1\n" time ".5 device FIN\n"

static BackendRelation relation(const char *story, uint32_t a, uint32_t b)
{
	World *world = world_play(story);
	BackendRelation result = backend_relation(world->model, world_connection(world, "pump", a),
	                                          world_connection(world, "pump", b));
	world_free(world);
	return result;
}

static void another_tcp_is_another_host_and_another_way_perhaps(void **state)
{
	(void)state;
	assert_int_equal(relation(BROKERS AT("1", "one", "0") AT("2", "odd", "0"), 1, 2), BACKEND_OTHER);
	assert_int_equal(relation(BROKERS AT("1", "odd", "0") AT("2", "odd", "0"), 1, 2), BACKEND_SAME);
	assert_int_equal(relation("broker near 10.0.0.5:1883 mss=1460 window_scale=7 ttl=64\n" BROKERS
	                          AT("1", "near", "0") AT("2", "far", "0"), 1, 2), BACKEND_FARTHER);
}

static void a_handshake_that_is_missing_tells_nothing(void **state)
{
	(void)state;
	assert_int_equal(relation(BROKERS "hole 0.9 0.9999\n" AT("1", "one", "0") AT("2", "odd", "0"), 1, 2),
	                 BACKEND_UNKNOWN);
}

static void a_clock_tells_hosts_apart_once_it_was_seen_to_go_on(void **state)
{
	(void)state;
	const char *twice = BROKERS AT("1", "one", "0") AT("2", "two", "0");
	/* Of three clocks that begin anywhere two agree by chance in a few of a hundred cases. */
	const char *once = BROKERS AT("1", "one", "0") AT("2", "two", "0") AT("3", "one", "1");
	const char *again = BROKERS AT("1", "one", "0") AT("2", "two", "0") AT("3", "one", "1") AT("4", "two", "1");
	assert_int_not_equal(relation(twice, 1, 2), BACKEND_OTHER);
	assert_int_not_equal(relation(once, 1, 2), BACKEND_OTHER);
	assert_int_equal(relation(again, 1, 2), BACKEND_OTHER);
	assert_int_equal(relation(again, 1, 3), BACKEND_SAME);
}

#define CLOCK(name, began) "broker " name " 10.0.0.5:1883 mss=1460 window_scale=7 ttl=64 clock=" began "\n"

static void clocks_that_begin_anew_each_time_tell_nothing(void **state)
{
	(void)state;
	const char *story = CLOCK("c1", "-91000") CLOCK("c2", "-91100") CLOCK("c3", "-91200") CLOCK("c4", "-91300")
		BROKERS AT("1", "c1", "0") AT("2", "c2", "1") AT("3", "c3", "1") AT("4", "c4", "1")
		AT("5", "one", "1") AT("6", "two", "0") AT("7", "one", "1");
	assert_int_equal(relation(story, 5, 6), BACKEND_SAME);
}

static void sessions_that_change_with_the_hosts_are_counted_for_them(void **state)
{
	(void)state;
	World *world = world_play(BROKERS AT("1", "one", "0") AT("2", "odd", "0") AT("3", "one", "1"));
	BackendRecord record = backend_record(world->model,
	                                      model_client(world->model, world_client(world, "pump")));
	assert_int_equal(record.lost_on_arrival, 1);
	assert_int_equal(record.found_on_return, 1);
	assert_int_equal(record.against, 0);
	assert_int_equal(record.returned, world_index(world, "pump", 3));
	world_free(world);
}

static void a_session_that_is_found_at_a_new_host_speaks_against_it(void **state)
{
	(void)state;
	World *world = world_play(BROKERS AT("1", "one", "0") AT("2", "odd", "1"));
	BackendRecord record = backend_record(world->model,
	                                      model_client(world->model, world_client(world, "pump")));
	assert_int_equal(record.against, 1);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_tcp_is_another_host_and_another_way_perhaps),
		cmocka_unit_test(a_handshake_that_is_missing_tells_nothing),
		cmocka_unit_test(a_clock_tells_hosts_apart_once_it_was_seen_to_go_on),
		cmocka_unit_test(clocks_that_begin_anew_each_time_tell_nothing),
		cmocka_unit_test(sessions_that_change_with_the_hosts_are_counted_for_them),
		cmocka_unit_test(a_session_that_is_found_at_a_new_host_speaks_against_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
