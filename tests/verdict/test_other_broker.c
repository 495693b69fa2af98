/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/other_broker.h"
#include "tests/session/world.h"

#define BROKERS CAST "broker other 10.0.0.6:1883\nbroker listener 10.0.0.5:8883\n"
#define COME(settings) "0 device > mosq CONNECT v5 client=pump " settings " => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE a qos=1\n"
#define LEAVE "5 device FIN\n"
#define ARRIVE "60 device > other CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"

/* Whether "pump" at mosq explains what its first connection at another broker found. */
static bool explains(const char *story, OtherBroker *other)
{
	World *world = world_play(story);
	ClientIndex here = world_client(world, "pump");
	ConnectionIndex arrival = NO_INDEX;
	for (ConnectionIndex i = 0; i < model_n_connections(world->model); i++)
		if (model_connection(world->model, i)->broker != model_client(world->model, here)->broker)
			arrival = i;
	assert_int_not_equal(arrival, NO_INDEX);
	bool result = other_broker_explains(world->model, arrival, here, other);
	world_free(world);
	return result;
}

static void a_session_that_lasts_stayed_behind(void **state)
{
	(void)state;
	OtherBroker other;

	assert_true(explains(BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE ARRIVE, &other));

	assert_int_equal(other.left, 1); /* behind that of gw */
	assert_false(other.same_host);
	assert_false(other.returned);
}

static void who_finds_it_again_there_proves_it(void **state)
{
	(void)state;
	OtherBroker other;

	assert_true(explains(BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE ARRIVE
	                     "65 device FIN\n70 device > mosq CONNECT v5 client=pump clean_start=0 "
	                     "expiry=300 => CONNACK session_present=1\n", &other));

	assert_true(other.returned);
}

static void another_port_of_the_same_host_is_another_listener(void **state)
{
	(void)state;
	OtherBroker other;

	assert_true(explains(BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE
	                     "60 device > listener CONNECT v5 client=pump clean_start=0 => CONNACK\n",
	                     &other));

	assert_true(other.same_host);
}

static void what_is_no_session_left_behind_explains_nothing(void **state)
{
	(void)state;
	static const char *const stories[] = {
		/* it would not have lasted anywhere */
		BROKERS COME("clean_start=0") SUBSCRIBES LEAVE ARRIVE,
		BROKERS COME("clean_start=0 expiry=50") SUBSCRIBES LEAVE ARRIVE,
		/* it held nothing */
		BROKERS COME("clean_start=0 expiry=300") LEAVE ARRIVE,
		/* it was still open */
		BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES
		"60 device#2 > other CONNECT v5 client=pump clean_start=0 => CONNACK\n",
		/* the arrival wanted none */
		BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE
		"60 device > other CONNECT v5 client=pump clean_start=1 => CONNACK\n",
		/* the arrival found one */
		BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE
		"60 device > other CONNECT v5 client=pump clean_start=0 => CONNACK session_present=1\n",
		/* another device of that name */
		BROKERS COME("clean_start=0 expiry=300") SUBSCRIBES LEAVE
		"60 twin > other CONNECT v5 client=pump clean_start=0 => CONNACK\n",
		/* it was refused there */
		BROKERS "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
		"=> CONNACK reason=0x87\n" LEAVE ARRIVE,
	};
	for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
		OtherBroker other;
		if (explains(stories[i], &other))
			fail_msg("explained: %s", stories[i] + sizeof BROKERS - 1);
	}
}

static void a_3_1_1_session_lasts_for_ever(void **state)
{
	(void)state;
	OtherBroker other;

	assert_true(explains(BROKERS "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
	                     "=> CONNACK\n" SUBSCRIBES LEAVE
	                     "90000 device > other CONNECT v3.1.1 client=pump clean_session=0 "
	                     "=> CONNACK\n", &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_lasts_stayed_behind),
		cmocka_unit_test(who_finds_it_again_there_proves_it),
		cmocka_unit_test(another_port_of_the_same_host_is_another_listener),
		cmocka_unit_test(what_is_no_session_left_behind_explains_nothing),
		cmocka_unit_test(a_3_1_1_session_lasts_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
