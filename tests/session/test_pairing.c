/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

#define PUMP "0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n" \
	"0.1 device SUBSCRIBE \"#\" qos=1\n"

static BrokerFacts facts_of(const char *story)
{
	World *world = world_play(story);
	BrokerFacts facts = model_broker(world->model, 0)->facts;
	world_free(world);
	return facts;
}

static void deliveries_are_paired_with_what_was_published(void **state)
{
	(void)state;
	BrokerFacts facts = facts_of(CAST PUMP
		"1 gw PUBLISH a \"1\" qos=1\n1.1 mosq > device PUBLISH a \"1\" qos=1\n"
		"2 mosq > device PUBLISH a \"2\" qos=1\n"
		"3 mosq > device PUBLISH b \"1\" qos=1\n");
	assert_int_equal(facts.n_paired, 1);
	assert_int_equal(facts.n_unpaired, 2);
	assert_int_equal(facts.n_elsewhere, 1); /* "1" was published, on another topic */
}

static void what_has_no_publisher_anyhow_does_not_count(void **state)
{
	(void)state;
	BrokerFacts facts = facts_of(CAST PUMP
		"1 mosq > device PUBLISH a \"1\" qos=1 retain=1\n"
		"2 mosq > device PUBLISH $SYS/a \"1\" qos=1\n"
		"3 mosq > device PUBLISH a \"1\" qos=1 dup=1\n"
		"4 mosq > device PUBLISH a \"1\" qos=0\n");
	assert_int_equal(facts.n_paired + facts.n_unpaired, 0);
	BrokerFacts before = facts_of(CAST
		"0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK session_present=1\n"
		"1 mosq > device PUBLISH a \"queued before the capture\" qos=1\n");
	assert_int_equal(before.n_paired + before.n_unpaired, 0);
}

static void a_will_has_its_client_for_publisher(void **state)
{
	(void)state;
	BrokerFacts facts = facts_of(CAST PUMP
		"1 twin > mosq CONNECT v5 client=x clean_start=1 will=w will_payload=\"gone\" => CONNACK\n"
		"2 twin RST\n2.1 mosq > device PUBLISH w \"gone\" qos=1\n");
	assert_int_equal(facts.n_paired, 1);
	assert_int_equal(facts.n_unpaired, 0);
}

/* Beyond the first thousands a sample is taken, the same one on both sides. */
static void many_messages_are_sampled_alike(void **state)
{
	(void)state;
	BrokerFacts facts = facts_of(CAST PUMP
		"1 repeat 6000 every 0.002 gw PUBLISH a \"{i}\" qos=1\n"
		"20 repeat 6000 every 0.002 mosq > device PUBLISH a \"{i}\" qos=1\n");
	assert_int_equal(facts.n_unpaired, 0);
	assert_in_range(facts.n_paired, 6000 / 64 / 2, 6000 / 64 * 2);
}

#define LISTENERS "broker ws 10.0.0.5:9001\nbroker away 10.0.0.4:1883\n"

static bool are_one(const char *story)
{
	World *world = world_play(story);
	bool one = model_n_brokers(world->model) == 2 &&
	           model_broker(world->model, 0)->group == model_broker(world->model, 1)->group;
	world_free(world);
	return one;
}

static void listeners_are_one_broker_if_two_messages_cross(void **state)
{
	(void)state;
	const char *pump = "0 device > ws CONNECT v5 client=pump clean_start=0 => CONNACK\n"
		"0.1 device SUBSCRIBE \"#\" qos=1\n";
	const char *far = "0 device > away CONNECT v5 client=pump clean_start=0 => CONNACK\n"
		"0.1 device SUBSCRIBE \"#\" qos=1\n";
	const char *one = "1 gw PUBLISH a \"1\" qos=1\n1.1 ws > device PUBLISH a \"1\" qos=1\n"
		"1.2 ws > device PUBLISH a \"1\" qos=1\n";
	const char *two = "2 gw PUBLISH a \"2\" qos=1\n2.1 ws > device PUBLISH a \"2\" qos=1\n";
	const char *other = "1 gw PUBLISH a \"1\" qos=1\n1.1 away > device PUBLISH a \"1\" qos=1\n"
		"2 gw PUBLISH a \"2\" qos=1\n2.1 away > device PUBLISH a \"2\" qos=1\n";
	g_autofree char *crosses = g_strconcat(LISTENERS, CAST, pump, one, two, NULL);
	g_autofree char *crosses_once = g_strconcat(LISTENERS, CAST, pump, one, NULL);
	g_autofree char *another_host = g_strconcat(LISTENERS, CAST, far, other, NULL);
	assert_true(are_one(crosses));
	assert_false(are_one(crosses_once)); /* the same content twice is one */
	assert_false(are_one(another_host)); /* a bridge, perhaps */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_are_paired_with_what_was_published),
		cmocka_unit_test(what_has_no_publisher_anyhow_does_not_count),
		cmocka_unit_test(a_will_has_its_client_for_publisher),
		cmocka_unit_test(many_messages_are_sampled_alike),
		cmocka_unit_test(listeners_are_one_broker_if_two_messages_cross),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
