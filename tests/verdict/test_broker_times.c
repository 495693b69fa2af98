/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/broker_times.h"
#include "tests/session/world.h"
#include "tests/support/scenario.h"

#define COMES(time, expiry, connack) \
	time " device > mosq CONNECT v5 client=pump clean_start=0" expiry " => CONNACK" connack "\n"
#define AGAIN(time) time " device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK\n"
#define LEAVES(time) time " device DISCONNECT ; FIN\n"

static Instant second(int64_t seconds)
{
	return (Instant){SCENARIO_BEGIN + seconds * NS_PER_SECOND};
}

static BrokerTimes *times_of(const Model *model, BrokerIndex broker, Instant from, Instant to, unsigned n_slices)
{
	BrokerTimes *times = broker_times_new(broker, from, to, n_slices);
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++)
		broker_times_add(times, model, i);
	return times;
}

/* The pump of @story came back once, after an absence of @bucket, and found @kind. */
static void assert_return(const char *story, unsigned bucket, ReturnKind kind)
{
	World *world = world_play(story);
	BrokerTimes *times = times_of(world->model, 0, second(0), second(100), 10);
	for (unsigned i = 0; i < AWAY_BUCKETS; i++)
		for (unsigned k = 0; k < RETURN_N; k++)
			if (times->returns[i][k] != (i == bucket && k == kind))
				fail_msg("%u %s after %s, in %s", times->returns[i][k],
				         return_kind_name((ReturnKind)k), away_bucket_name(i), story);
	broker_times_free(times);
	world_free(world);
}

static void each_return_is_counted_by_its_absence_and_what_it_found(void **state)
{
	(void)state;
	assert_return(CAST COMES("0", " expiry=300", "") LEAVES("5") COMES("20", " expiry=300", " session_present=1"),
	              2, RETURN_RESUMED);
	assert_return(CAST COMES("0", " expiry=300", "") LEAVES("5") COMES("8", "", ""), 1, RETURN_LOST);
	assert_return(CAST COMES("0", " expiry=300", "") LEAVES("5") COMES("400", "", ""), 3, RETURN_EXPIRED);
	assert_return(CAST COMES("0", "", "") LEAVES("5") COMES("400", "", ""), 3, RETURN_UNKEPT);
	assert_return(CAST COMES("0", " expiry=300", "") LEAVES("5") AGAIN("5.5"), 0, RETURN_AFRESH);
	assert_return(CAST COMES("0", " expiry=never", "") LEAVES("5") COMES("90000", "", ""), 7, RETURN_LOST);
}

static void the_bounds_of_an_interval_belong_to_it(void **state)
{
	(void)state;
	assert_return(CAST COMES("0", " expiry=50", "") LEAVES("5") COMES("54.9", "", ""), 2, RETURN_LOST);
	assert_return(CAST COMES("0", " expiry=50", "") LEAVES("5") COMES("55.9", "", ""), 2, RETURN_EXPIRED);
}

static void connections_are_counted_in_slices_of_the_time(void **state)
{
	(void)state;
	World *world = world_play(CAST COMES("0", "", "") LEAVES("5") COMES("20", "", "") LEAVES("25")
	                          COMES("29", "", ""));
	BrokerTimes *times = times_of(world->model, 0, second(0), second(100), 10);

	assert_int_equal(times->opened[0], 1); /* the publisher came at -9 */
	assert_int_equal(times->opened[2], 2);
	for (unsigned i = 3; i < 10; i++)
		assert_int_equal(times->opened[i], 0);
	broker_times_free(times);

	BrokerTimes *never = times_of(world->model, 0, second(9), second(9), 10);
	assert_int_equal(never->n_slices, 0);
	broker_times_free(never);
	BrokerTimes *other = times_of(world->model, 1, second(0), second(100), 10);
	assert_int_equal(other->opened[0], 0);
	broker_times_free(other);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_return_is_counted_by_its_absence_and_what_it_found),
		cmocka_unit_test(the_bounds_of_an_interval_belong_to_it),
		cmocka_unit_test(connections_are_counted_in_slices_of_the_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
