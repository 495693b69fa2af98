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

static int64_t seconds_between(Instant from, Instant to)
{
	return (to.ns - from.ns) / NS_PER_SECOND;
}

/* --- outcomes ----------------------------------------------------------------------------- */

static void the_outcome_is_what_the_connack_says(void **state)
{
	(void)state;
	static const struct {
		const char *returns; /* the second connection */
		Outcome outcome;
	} cases[] = {
		{FRESH, OUTCOME_FRESH_UNEXPECTED},
		{RESUME, OUTCOME_RESUMED},
		{"60 device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK\n",
		 OUTCOME_FRESH_AS_REQUESTED},
		{"60 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK\n",
		 OUTCOME_FRESH_UNEXPECTED},
		{"60 device > mosq CONNECT v3.1.1 client=pump clean_session=1 => CONNACK\n",
		 OUTCOME_FRESH_AS_REQUESTED},
		{"60 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
		 "=> CONNACK session_present=1\n", OUTCOME_RESUMED},
		/* [MQTT-3.2.2-6]: a refusal says nothing about the session */
		{"60 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK reason=0x87\n",
		 OUTCOME_REFUSED},
		{"60 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK reason=5\n",
		 OUTCOME_REFUSED},
		/* MQTT 3.1 has no Session Present: only a delivery before any SUBSCRIBE tells */
		{"60 device > mosq CONNECT v3.1 client=pump clean_session=0 => CONNACK\n",
		 OUTCOME_NOT_OBSERVABLE},
		{"60 device > mosq CONNECT v3.1 client=pump clean_session=0 => CONNACK\n"
		 "61 mosq > device PUBLISH a/b \"x\" qos=1\n", OUTCOME_RESUMED},
		{"60 device > mosq CONNECT v3.1 client=pump clean_session=0 => CONNACK\n"
		 "61 device SUBSCRIBE a/b qos=1\n"
		 "62 mosq > device PUBLISH a/b \"x\" qos=1\n", OUTCOME_NOT_OBSERVABLE},
		{"60 device > mosq CONNECT v3.1 client=pump clean_session=1 => CONNACK\n",
		 OUTCOME_FRESH_AS_REQUESTED},
		{"60 device > mosq CONNECT v5 client=pump clean_start=0\n", OUTCOME_NOT_OBSERVABLE},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(CAST COME SUBSCRIBES LEAVE, cases[i].returns, NULL);
		World *world = world_play(story);
		Outcome outcome = world_connection(world, "pump", 2)->outcome;
		if (outcome != cases[i].outcome)
			fail_msg("%s: %s", cases[i].returns, outcome_name(outcome));
		assert_int_equal(world_connection(world, "pump", 1)->outcome, OUTCOME_FIRST_SEEN);
		world_free(world);
	}
}

static void what_connect_and_connack_carry_is_kept(void **state)
{
	(void)state;
	World *world = world_play(
		CAST "0 device > mosq CONNECT v5 client=pump clean_start=1 expiry=70 keep_alive=33 "
		"receive_max=5 max_packet=2000 username=u will=gone will_qos=1 will.delay=7 "
		"=> CONNACK expiry=60 server_keep_alive=20 max_qos=1\n");
	const Connection *it = world_connection(world, "pump", 1);

	assert_true(it->syn_seen && it->connect_seen && it->connack_seen && it->clean_start);
	assert_int_equal(it->version, MQTT_5_0);
	assert_int_equal(it->keep_alive, 33);
	assert_true(it->expiry_connect.known && it->expiry_connect.value == 70);
	assert_true(it->expiry_connack.known && it->expiry_connack.value == 60);
	assert_true(it->receive_maximum.known && it->receive_maximum.value == 5);
	assert_true(it->maximum_packet_size.known && it->maximum_packet_size.value == 2000);
	assert_true(it->server_keep_alive.known && it->server_keep_alive.value == 20);
	assert_true(it->maximum_qos.known && it->maximum_qos.value == 1);
	assert_true(it->has_username && it->has_will && !it->bridge);
	assert_int_equal(model_remarks(world->model, it)->will_delay, 7);
	assert_int_equal(model_remarks(world->model, it)->will_qos, 1);
	assert_memory_equal(model_text(world->model, model_remarks(world->model, it)->will_topic).data, "gone", 4);
	assert_int_equal(it->source.port >= 1024, true);
	assert_true(model_broker(world->model, it->broker)->facts.announces_expiry);
	world_free(world);
}

static void a_second_connect_on_a_connection_changes_nothing(void **state)
{
	(void)state;
	/* [MQTT-3.1.0-2]; it names "other", MQTT 3.1.1 */
	World *world = world_play(CAST COME "1 device BYTES 10 11 00 04 4d 51 54 54 04 00 00 3c 00 05 6f 74 68 65 72\n");

	assert_int_equal(model_n_clients(world->model), 2);
	assert_int_equal(world_connection(world, "pump", 1)->version, MQTT_5_0);
	assert_true(world_connection(world, "pump", 1)->faults > 0);
	world_free(world);
}

/* --- ends --------------------------------------------------------------------------------- */

static void the_end_is_told_by_who_and_how(void **state)
{
	(void)state;
	static const struct {
		const char *end;
		ClosedBy by;
		CloseKind kind;
	} cases[] = {
		{"5 device DISCONNECT ; FIN\n", CLOSED_BY_CLIENT, CLOSE_DISCONNECT},
		{"5 device FIN\n", CLOSED_BY_CLIENT, CLOSE_FIN},
		{"5 device RST\n", CLOSED_BY_CLIENT, CLOSE_RST},
		{"5 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_FIN},
		{"5 mosq > device RST\n", CLOSED_BY_BROKER, CLOSE_RST},
		{"5 mosq > device DISCONNECT reason=0x8B ; FIN\n", CLOSED_BY_BROKER, CLOSE_DISCONNECT},
		{"5 mosq > device DISCONNECT reason=0x8E ; FIN\n", CLOSED_BY_BROKER, CLOSE_TAKEOVER},
		{"5 mosq > device DISCONNECT reason=0x8D ; FIN\n", CLOSED_BY_BROKER, CLOSE_KEEP_ALIVE},
		{"5 mosq > device DISCONNECT reason=0x82 ; FIN\n", CLOSED_BY_BROKER,
		 CLOSE_PROTOCOL_ERROR},
		/* [MQTT-3.1.2-22]: 1.5 times 60 s after its last packet, not a second before */
		{"90.2 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_KEEP_ALIVE},
		{"89 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_FIN},
		/* it was not silent: the capture lacks what it said */
		{"80 device PINGREQ => PINGRESP\n90.2 mosq > device FIN\nhole 79 81\n", CLOSED_BY_BROKER, CLOSE_FIN},
		{"80 device PINGREQ\n90.2 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_FIN},
		{"5 twin > mosq CONNECT v5 client=pump clean_start=0 => CONNACK session_present=1\n"
		 "5.01 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_TAKEOVER},
		{"5 twin > mosq CONNECT v5 client=pump clean_start=0 => CONNACK reason=0x87\n"
		 "5.01 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_FIN},
		/* refused at first, then let in: [MQTT-3.1.4-3] */
		{"4 twin > mosq CONNECT v5 client=pump clean_start=0 => CONNACK reason=0x88 ; FIN\n"
		 "5 twin > mosq CONNECT v5 client=pump clean_start=0 => CONNACK session_present=1\n"
		 "5.01 mosq > device FIN\n", CLOSED_BY_BROKER, CLOSE_TAKEOVER},
		{"", CLOSED_BY_CAPTURE_END, CLOSE_OPEN},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(CAST COME "0.1 device SUBSCRIBE a/+ qos=1\n",
		                                     cases[i].end, NULL);
		World *world = world_play(story);
		const Connection *it = world_connection(world, "pump", 1);
		if (it->closed_by != cases[i].by || it->close_kind != cases[i].kind)
			fail_msg("%s: %s by %s", cases[i].end, close_kind_name(it->close_kind),
			         closed_by_name(it->closed_by));
		assert_int_equal(instant_known(it->closed), cases[i].kind != CLOSE_OPEN);
		world_free(world);
	}
}

static void the_servers_keep_alive_replaces_the_clients(void **state)
{
	(void)state;
	/* [MQTT-3.1.2-21]: 20 s instead of 60; 0 disables it (§3.1.2.10) */
	World *shorter = world_play(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 keep_alive=60 "
	                            "=> CONNACK server_keep_alive=20\n31 mosq > device FIN\n");
	World *off = world_play(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 keep_alive=0 "
	                        "=> CONNACK\n3000 mosq > device FIN\n");

	assert_int_equal(world_connection(shorter, "pump", 1)->close_kind, CLOSE_KEEP_ALIVE);
	assert_int_equal(world_connection(off, "pump", 1)->close_kind, CLOSE_FIN);
	world_free(shorter);
	world_free(off);
}

static void a_refused_connection_that_the_broker_closes_is_refused(void **state)
{
	(void)state;
	World *world = world_play(CAST "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 "
	                          "=> CONNACK reason=5\n0.1 mosq > device FIN\n");
	const Connection *it = world_connection(world, "pump", 1);

	assert_int_equal(it->close_kind, CLOSE_REFUSED);
	assert_int_equal(it->return_code, 5);
	assert_int_equal(model_counts(world->model)->refused, 1);
	assert_int_equal(model_counts(world->model)->reconnects, 0);
	world_free(world);
}

static void a_client_that_vanished_is_away_once_it_comes_again(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES "5 device VANISH\n" FRESH
	                          "70 device DISCONNECT ; FIN\n");
	const Connection *it = world_connection(world, "pump", 1);

	assert_int_equal(it->close_kind, CLOSE_VANISHED);
	assert_int_equal(it->closed_by, CLOSED_BY_UNKNOWN);
	assert_false(instant_known(it->closed));
	assert_int_equal(world_absence(world, "pump", 2)->n_subscriptions, 2);
	world_free(world);
}

static void only_the_clients_disconnect_can_change_the_interval(void **state)
{
	(void)state;
	/* [MQTT-3.14.2-2]: the server must not send one */
	World *client = world_play(CAST COME "5 device DISCONNECT expiry=0 reason=4 ; FIN\n");
	World *server = world_play(CAST COME "5 mosq > device DISCONNECT expiry=0 reason=0x98 ; FIN\n");
	const Connection *by_client = world_connection(client, "pump", 1);
	const Connection *by_server = world_connection(server, "pump", 1);

	assert_true(by_client->client_disconnected && by_client->expiry_disconnect.known);
	assert_int_equal(by_client->client_disconnect_reason, 4);
	assert_true(by_server->server_disconnected && !by_server->client_disconnected);
	assert_false(by_server->expiry_disconnect.known);
	assert_int_equal(by_server->server_disconnect_reason, 0x98);
	world_free(client);
	world_free(server);
}

/* --- what brokers show --------------------------------------------------------------------- */

static void absences_teach_how_long_a_broker_keeps_sessions(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE RESUME "70 device FIN\n"
	                          "270 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK\n280 device FIN\n"
	                          "999 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n");
	const BrokerFacts *facts = &model_broker(world->model, 0)->facts;

	assert_int_equal(facts->n_resumed, 1);
	assert_int_equal(facts->longest_absence_resumed_ns / NS_PER_SECOND, 55);
	/* 200 s, within 300; the 719 s after it are not. */
	assert_int_equal(facts->shortest_absence_lost_ns / NS_PER_SECOND, 200);
	assert_int_equal(facts->n_resumed_without_subscriptions, 0);
	assert_int_equal(model_counts(world->model)->reconnects, 3);
	assert_int_equal(model_counts(world->model)->resumed, 1);
	world_free(world);
}

static void what_a_broker_never_did_is_not_in_its_facts(void **state)
{
	(void)state;
	World *world = world_play(CAST COME "5 mosq > device DISCONNECT reason=0x8B ; FIN\n");
	const BrokerFacts *facts = &model_broker(world->model, 0)->facts;

	assert_int_equal(facts->longest_absence_resumed_ns, INT64_MIN);
	assert_int_equal(facts->shortest_absence_lost_ns, INT64_MIN);
	assert_true(facts->sends_shutting_down);
	assert_false(facts->sends_taken_over || facts->sends_keep_alive_timeout ||
	             facts->announces_expiry || facts->reports_no_matching_subscribers);
	world_free(world);
}

static void a_session_resumed_without_subscriptions_is_noted(void **state)
{
	(void)state;
	World *world = world_play(CAST COME LEAVE RESUME);

	assert_int_equal(model_broker(world->model, 0)->facts.n_resumed_without_subscriptions, 1);
	world_free(world);
}

static void packets_are_counted_by_type(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES "1 device PINGREQ\n"
	                          "2 device PUBLISH x \"1\" qos=1\n" LEAVE);
	const ModelCounts *counts = model_counts(world->model);

	assert_int_equal(counts->packets_by_type[MQTT_CONNECT], 2);
	assert_int_equal(counts->packets_by_type[MQTT_CONNACK], 2);
	assert_int_equal(counts->packets_by_type[MQTT_SUBACK], 1);
	assert_int_equal(counts->packets_by_type[MQTT_PINGRESP], 1);
	assert_int_equal(counts->packets_by_type[MQTT_PUBACK], 1);
	assert_int_equal(counts->packets, 10);
	assert_int_equal(counts->connections, 2);
	assert_int_equal(counts->malformed, 0);
	assert_int_equal(counts->unnamed, 0);
	assert_int_equal(seconds_between(counts->first, counts->last), 11);
	world_free(world);
}

static void a_hole_is_counted_on_its_connection(void **state)
{
	(void)state;
	World *world = world_play(CAST COME "hole 1 2\n"
	                          "1.5 device PUBLISH x \"lost\" qos=0\n"
	                          "3 device PUBLISH x \"seen\" qos=0\n4 device PUBLISH x \"too\" qos=0\n"
	                          LEAVE);

	assert_int_equal(world_connection(world, "pump", 1)->holes, 1);
	assert_int_equal(world_connection(world, "gw", 1)->holes, 0);
	world_free(world);
}

static void names_of_values_outside_are_harmless(void **state)
{
	(void)state;
	static const char *const outcomes[] = {"first-seen", "resumed", "fresh-as-requested",
	                                       "fresh-unexpected", "refused", "not-observable"};
	for (unsigned i = OUTCOME_FIRST_SEEN; i <= OUTCOME_NOT_OBSERVABLE; i++)
		assert_string_equal(outcome_name(i), outcomes[i]);
	for (unsigned i = CLOSED_BY_UNKNOWN; i <= CLOSED_BY_CAPTURE_END; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(closed_by_name(i), closed_by_name(k));
	for (unsigned i = CLOSE_OPEN; i <= CLOSE_VANISHED; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(close_kind_name(i), close_kind_name(k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_outcome_is_what_the_connack_says),
		cmocka_unit_test(what_connect_and_connack_carry_is_kept),
		cmocka_unit_test(a_second_connect_on_a_connection_changes_nothing),
		cmocka_unit_test(the_end_is_told_by_who_and_how),
		cmocka_unit_test(the_servers_keep_alive_replaces_the_clients),
		cmocka_unit_test(a_refused_connection_that_the_broker_closes_is_refused),
		cmocka_unit_test(a_client_that_vanished_is_away_once_it_comes_again),
		cmocka_unit_test(only_the_clients_disconnect_can_change_the_interval),
		cmocka_unit_test(absences_teach_how_long_a_broker_keeps_sessions),
		cmocka_unit_test(what_a_broker_never_did_is_not_in_its_facts),
		cmocka_unit_test(a_session_resumed_without_subscriptions_is_noted),
		cmocka_unit_test(packets_are_counted_by_type),
		cmocka_unit_test(a_hole_is_counted_on_its_connection),
		cmocka_unit_test(names_of_values_outside_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
