/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "tests/session/world.h"

#define COME "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE a/+ qos=1 b qos=2\n"
#define LEAVE "5 device FIN\n"
#define RESUME "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 " \
	       "=> CONNACK session_present=1\n"
#define FRESH "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"

/* --- subscriptions ------------------------------------------------------------------------- */

static const Subscription *find(const World *world, const char *filter)
{
	const Client *client = model_client(world->model, world_client(world, "pump"));
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		ByteSpan text = model_filter(world->model, client->subscriptions[i].filter);
		if (text.size == strlen(filter) && memcmp(text.data, filter, text.size) == 0)
			return &client->subscriptions[i];
	}
	return NULL;
}

static uint32_t count(const World *world)
{
	return model_client(world->model, world_client(world, "pump"))->n_subscriptions;
}

static void a_subscription_counts_with_the_qos_that_was_granted(void **state)
{
	(void)state;
	World *world = world_play(CAST COME
	                          "1 device SUBSCRIBE a qos=2 b qos=1 c qos=2 no_local=1 => SUBACK 1 "
	                          "0x80 2\n2 device SUBSCRIBE d qos=1 ack=none\n");

	assert_int_equal(count(world), 2);
	assert_int_equal(find(world, "a")->qos, 1);
	assert_false(find(world, "a")->no_local);
	assert_int_equal(find(world, "c")->qos, 2);
	assert_true(find(world, "c")->no_local && find(world, "c")->proven);
	world_free(world);
}

static void subscribing_again_replaces(void **state)
{
	(void)state;
	/* [MQTT-3.8.4-3] */
	World *world = world_play(CAST COME SUBSCRIBES "1 device SUBSCRIBE b qos=0\n");

	assert_int_equal(count(world), 2);
	assert_int_equal(find(world, "b")->qos, 0);
	world_free(world);
}

static void unsubscribing_takes_exactly_that_filter(void **state)
{
	(void)state;
	/* [MQTT-3.10.4-1]: compared as it stands, not matched */
	World *world = world_play(CAST COME SUBSCRIBES "0.5 device SUBSCRIBE a/b qos=1 c qos=1\n"
	                          "1 device UNSUBSCRIBE a/b x\n"
	                          "2 device UNSUBSCRIBE c => UNSUBACK 0x87\n");

	assert_int_equal(count(world), 3);
	assert_null(find(world, "a/b"));
	assert_non_null(find(world, "a/+"));
	assert_non_null(find(world, "c"));
	world_free(world);
}

static void an_unsuback_of_3_1_1_has_no_codes_and_acknowledges_all(void **state)
{
	(void)state;
	World *world = world_play(CAST "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
	                          "=> CONNACK\n" SUBSCRIBES "1 device UNSUBSCRIBE a/+ b\n");

	assert_int_equal(count(world), 0);
	world_free(world);
}

static void a_resumed_session_keeps_its_subscriptions_and_a_new_one_has_none(void **state)
{
	(void)state;
	World *resumed = world_play(CAST COME SUBSCRIBES LEAVE RESUME);
	World *fresh = world_play(CAST COME SUBSCRIBES LEAVE FRESH);

	assert_int_equal(count(resumed), 2);
	assert_int_equal(count(fresh), 0);
	assert_true(world_connection(fresh, "pump", 1)->had_subscriptions);
	world_free(resumed);
	world_free(fresh);
}

static void a_session_older_than_the_capture_is_partly_known(void **state)
{
	(void)state;
	World *world = world_play(CAST RESUME);
	World *wiped = world_play(CAST RESUME "61 device FIN\n"
	                          "70 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n");

	assert_true(model_client(world->model, world_client(world, "pump"))->subscriptions_partial);
	assert_false(model_client(wiped->model, world_client(wiped, "pump"))->subscriptions_partial);
	world_free(world);
	world_free(wiped);
}

static void a_subscribe_before_the_connack_is_no_reaction_to_it(void **state)
{
	(void)state;
	/* §3.1.4: a client need not wait for the CONNACK */
	World *world = world_play(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 ; "
	                          "SUBSCRIBE a/+ qos=1 id=1 ack=none\n"
	                          "0.1 mosq > device CONNACK ; SUBACK 1 id=1\n");
	const Connection *it = world_connection(world, "pump", 1);

	assert_true(it->subscribed_early);
	assert_int_equal(it->n_subscribes, 1);
	assert_int_equal(count(world), 1);
	world_free(world);
}

static void filters_of_one_client_are_bounded(void **state)
{
	(void)state;
	World *world = world_play(CAST COME "1 repeat 4100 every 0.01 device SUBSCRIBE f/{i} qos=1\n");

	assert_int_equal(count(world), 4096);
	assert_true(model_client(world->model, world_client(world, "pump"))->subscriptions_partial);
	world_free(world);
}

/* --- who is who ---------------------------------------------------------------------------- */

static void clients_without_identifier_are_known_by_what_the_broker_assigns(void **state)
{
	(void)state;
	World *world = world_play(CAST "0 device > mosq CONNECT v5 client= clean_start=0 "
	                          "=> CONNACK assigned=auto-1\n5 device FIN\n"
	                          "6 device > mosq CONNECT v5 client=auto-1 clean_start=0 => CONNACK\n");

	assert_true(world_connection(world, "auto-1", 1)->empty_client_id);
	assert_true(world_connection(world, "auto-1", 1)->assigned_client_id.known);
	assert_false(world_connection(world, "auto-1", 2)->empty_client_id);
	assert_int_equal(world_connection(world, "auto-1", 2)->outcome, OUTCOME_FRESH_UNEXPECTED);
	world_free(world);
}

static void clients_without_any_identifier_are_each_their_own(void **state)
{
	(void)state;
	World *world = world_play(CAST "0 device > mosq CONNECT v3.1.1 client= clean_session=1 "
	                          "=> CONNACK\n5 device FIN\n"
	                          "6 device > mosq CONNECT v3.1.1 client= clean_session=1 => CONNACK\n"
	                          "7 twin > mosq CONNECT v3.1.1 client= clean_session=1 => CONNACK\n");

	/* Nothing tells the second of a host from another device behind its address. */
	assert_int_equal(model_n_clients(world->model), 4); /* gw, and three that nobody knows */
	ConnectionIndex first = world_index(world, "", 1);
	const Connection *second = model_connection(world->model, first + 1);
	assert_int_equal(second->same_host_before, first);
	assert_int_equal(second->accepted_before, NO_INDEX);
	world_free(world);
}

static void a_connection_joined_midway_belongs_to_nobody(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES "start-at 1\n"
	                          "2 device PINGREQ\n3 device PUBLISH x \"1\" qos=1\n"
	                          "4 device FIN\n");

	assert_int_equal(model_n_clients(world->model), 0);
	assert_int_equal(model_counts(world->model)->unnamed, model_n_connections(world->model));
	assert_true(model_n_connections(world->model) >= 1);
	assert_int_equal(model_connection(world->model, 0)->client, NO_INDEX);
	assert_false(model_connection(world->model, 0)->connect_seen);
	world_free(world);
}

static void one_identifier_at_two_brokers_is_two_clients(void **state)
{
	(void)state;
	World *world = world_play(CAST "broker other 10.0.0.6:1883\n" COME LEAVE
	                          "60 device > other CONNECT v5 client=pump clean_start=0 => CONNACK\n");

	assert_int_equal(model_n_brokers(world->model), 2);
	assert_int_equal(model_n_clients(world->model), 3);
	assert_int_equal(model_connection(world->model, 2)->outcome, OUTCOME_FIRST_SEEN);
	world_free(world);
}

static void a_connection_superseded_is_over_for_the_session(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES
	                          "10 device#2 > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK\n"
	                          "11 gw PUBLISH a/b \"x\" qos=1\n"
	                          "12 device#2 SUBSCRIBE a/+ qos=1\n13 mosq > device FIN\n");

	assert_int_equal(world_absence(world, "pump", 2)->lost_resubscribe_gap, 1);
	assert_int_equal(model_client(world->model, world_client(world, "pump"))->current,
	                 world_index(world, "pump", 2));
	assert_int_equal(world_connection(world, "pump", 2)->accepted_before,
	                 world_index(world, "pump", 1));
	world_free(world);
}

static void a_host_that_answers_the_brokers_close_was_alive(void **state)
{
	(void)state;
	World *alive = world_play(CAST COME "5 mosq > device FIN\n");
	World *dead = world_play(CAST COME "4 device VANISH\n5 mosq > device FIN\n");

	assert_true(world_connection(alive, "pump", 1)->answered_close);
	assert_false(world_connection(dead, "pump", 1)->answered_close);
	world_free(alive);
	world_free(dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subscription_counts_with_the_qos_that_was_granted),
		cmocka_unit_test(subscribing_again_replaces),
		cmocka_unit_test(unsubscribing_takes_exactly_that_filter),
		cmocka_unit_test(an_unsuback_of_3_1_1_has_no_codes_and_acknowledges_all),
		cmocka_unit_test(a_resumed_session_keeps_its_subscriptions_and_a_new_one_has_none),
		cmocka_unit_test(a_session_older_than_the_capture_is_partly_known),
		cmocka_unit_test(a_subscribe_before_the_connack_is_no_reaction_to_it),
		cmocka_unit_test(filters_of_one_client_are_bounded),
		cmocka_unit_test(clients_without_identifier_are_known_by_what_the_broker_assigns),
		cmocka_unit_test(clients_without_any_identifier_are_each_their_own),
		cmocka_unit_test(a_connection_joined_midway_belongs_to_nobody),
		cmocka_unit_test(one_identifier_at_two_brokers_is_two_clients),
		cmocka_unit_test(a_connection_superseded_is_over_for_the_session),
		cmocka_unit_test(a_host_that_answers_the_brokers_close_was_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
