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
#define FRESH "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define SENT(time, payload) time " gw PUBLISH plant/3/temp \"" payload "\" qos=1\n"

/* What the second connection of "pump" found. */
static Absence cost_of(const char *story)
{
	World *world = world_play(story);
	const Absence *cost = world_absence(world, "pump", 2);
	Absence copy = {0};
	if (cost != NULL)
		copy = *cost;
	copy.subscriptions = NULL;
	copy.examples = NULL;
	world_free(world);
	return copy;
}

#define assert_range(range, least, most) do { \
	assert_int_equal((range).min, least); \
	assert_int_equal((range).max, most); \
} while (0)

/* --- the session is gone ------------------------------------------------------------------- */

static void messages_published_meanwhile_are_lost_with_the_session(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES SENT("4", "before") LEAVE
	                       SENT("10", "a") SENT("11", "b") FRESH);

	assert_range(cost.owed, 2, 2);
	assert_range(cost.lost, 2, 2);
	assert_int_equal(cost.lost_offline, 2);
	assert_int_equal(cost.delivered, 0);
	assert_int_equal(cost.n_subscriptions, 1);
	assert_int_equal(cost.inexact, 0);
	assert_false(cost.resumed);
	assert_int_equal(cost.n_examples, 2);
	assert_true(cost.last_owed.ns - cost.first_owed.ns == NS_PER_SECOND);
}

/* More than are looked at one by one.  The first 100 are taken in by somebody, the others by nobody,
 * but for the last: the same numbers as by hand. */
static void very_many_messages_are_counted_like_few(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES "0.2 device SUBSCRIBE x/# qos=2\n" LEAVE
	                       "6 repeat 100 every 0.1 gw PUBLISH plant/3/temp \"m{i}\" qos=1\n"
	                       "20 repeat 299 every 0.1 gw PUBLISH x/{i} \"x{i}\" qos=1 ack=0x10\n"
	                       "51 gw PUBLISH plant/4/temp \"last\" qos=1\n"
	                       "52 gw PUBLISH plant/4/temp \"never answered\" qos=1 ack=none\n"
	                       "53 gw PUBLISH plant/4/temp \"refused\" qos=1 ack=0x87\n" FRESH
	                       "61 gw PUBLISH x/y \"in the gap\" qos=1 ack=0x10\n"
	                       "62 device SUBSCRIBE plant/+/temp qos=1\n"
	                       "63 gw PUBLISH plant/4/temp \"live\" qos=1\n");
	const Absence cost = *world_absence(world, "pump", 2);

	assert_range(cost.owed, 401, 402);
	assert_range(cost.lost, 401, 402);
	assert_int_equal(cost.lost_offline, 401);
	assert_int_equal(cost.lost_resubscribe_gap, 1);
	assert_int_equal(cost.inexact, INEXACT_UNACKNOWLEDGED);
	assert_int_equal(cost.n_no_matching, 300);
	assert_int_equal(cost.n_matching, 1);
	assert_int_equal(cost.n_examples, ABSENCE_EXAMPLES);
	assert_true(cost.examples[4].time.ns - cost.examples[0].time.ns == 4 * NS_PER_SECOND / 10);
	assert_true(cost.last_owed.ns - cost.first_owed.ns == 55 * NS_PER_SECOND);
	assert_true(cost.no_matching.ns - cost.first_owed.ns == 14 * NS_PER_SECOND + 1000000);
	world_free(world);
}

static void what_comes_before_the_suback_is_lost_in_the_gap_and_what_comes_behind_is_not(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE SENT("10", "a") FRESH
	                       SENT("61", "b") SENT("62", "c")
	                       "63 device SUBSCRIBE plant/+/temp qos=1\n" SENT("64", "d"));

	assert_range(cost.lost, 3, 3);
	assert_int_equal(cost.lost_offline, 1);
	assert_int_equal(cost.lost_resubscribe_gap, 2);
}

static void a_filter_that_covers_the_old_one_ends_the_gap_for_its_topics(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE FRESH SENT("61", "a")
	                       "62 device SUBSCRIBE plant/# qos=1\n" SENT("64", "b"));

	assert_range(cost.lost, 1, 1);
	assert_int_equal(cost.lost_resubscribe_gap, 1);
}

static void a_subscription_that_was_refused_ends_no_gap(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE FRESH
	                       "62 device SUBSCRIBE plant/+/temp qos=1 => SUBACK 0x87\n"
	                       SENT("64", "a"));

	assert_range(cost.lost, 1, 1);
	assert_int_equal(cost.lost_resubscribe_gap, 1);
}

static void a_filter_given_up_is_owed_nothing(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES "0.2 device SUBSCRIBE other qos=1\n"
	                       "0.3 device UNSUBSCRIBE plant/+/temp\n" LEAVE
	                       SENT("10", "a") "11 gw PUBLISH other \"b\" qos=1\n" FRESH);

	assert_range(cost.lost, 1, 1);
	assert_int_equal(cost.n_subscriptions, 1);
}

static void subscriptions_of_qos_0_are_owed_nothing(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME "0.1 device SUBSCRIBE plant/+/temp qos=0\n" LEAVE
	                       SENT("10", "a") FRESH);

	assert_range(cost.owed, 0, 0);
	assert_range(cost.lost, 0, 0);
	assert_int_equal(cost.n_subscriptions, 1);
}

static void messages_of_qos_0_are_not_owed(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE
	                       "10 gw PUBLISH plant/3/temp \"a\" qos=0\n" FRESH);

	assert_range(cost.owed, 0, 0);
}

static void a_message_for_two_filters_is_owed_once(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES "0.2 device SUBSCRIBE plant/# qos=2 plant/3/+ qos=0\n"
	                       LEAVE "10 gw PUBLISH plant/3/temp \"a\" qos=2\n" FRESH);

	assert_range(cost.owed, 1, 1);
	assert_int_equal(cost.n_subscriptions, 3);
}

static void a_shared_subscription_is_owed_nothing(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME "0.1 device SUBSCRIBE $share/g/plant/+/temp qos=1\n" LEAVE
	                       SENT("10", "a") FRESH);

	assert_range(cost.owed, 0, 0);
	assert_int_equal(cost.n_subscriptions, 1);
}

static void a_client_is_not_owed_its_own_message_with_no_local(void **state)
{
	(void)state;
	/* [MQTT-3.8.3-3]: between CONNACK and SUBACK it publishes itself. */
	Absence cost = cost_of(CAST COME
	                       "0.1 device SUBSCRIBE plant/+/temp qos=1 no_local=1\n" LEAVE
	                       SENT("10", "a") FRESH
	                       "61 device PUBLISH plant/3/temp \"mine\" qos=1\n"
	                       "62 device SUBSCRIBE plant/+/temp qos=1 no_local=1\n");

	assert_range(cost.lost, 1, 1);
	assert_int_equal(cost.lost_resubscribe_gap, 0);
}

static void expired_messages_are_not_owed(void **state)
{
	(void)state;
	/* [MQTT-3.3.2-5]: 50 s and 49 s until the CONNACK at 60. */
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE
	                       "10 gw PUBLISH plant/3/temp \"a\" qos=1 message_expiry=49\n"
	                       "11 gw PUBLISH plant/3/temp \"b\" qos=1 message_expiry=52\n" FRESH);

	assert_range(cost.lost, 1, 1);
	assert_int_equal(cost.expired, 1);
}

static void messages_larger_than_the_client_takes_are_not_owed(void **state)
{
	(void)state;
	/* [MQTT-3.1.2-25], as the CONNECT that comes back has it. */
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE
	                       "10 gw PUBLISH plant/3/temp size=900 qos=1\n"
	                       "11 gw PUBLISH plant/3/temp size=1100 qos=1\n"
	                       "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                       "max_packet=1000 => CONNACK\n");

	assert_range(cost.owed, 1, 1);
}

static void a_message_without_acknowledgement_may_not_have_been_accepted(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE SENT("10", "a")
	                       "11 gw PUBLISH plant/3/temp \"b\" qos=1 ack=none\n" FRESH);

	assert_range(cost.owed, 1, 2);
	assert_range(cost.lost, 1, 2);
	assert_int_equal(cost.inexact, INEXACT_UNACKNOWLEDGED);
}

static void a_message_that_was_rejected_is_not_owed(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE
	                       "10 gw PUBLISH plant/3/temp \"a\" qos=1 ack=0x97\n"
	                       "11 gw PUBLISH plant/3/temp \"b\" qos=2 ack=0x87\n"
	                       SENT("12", "c") FRESH);

	assert_range(cost.owed, 1, 1);
}

static void a_message_sent_again_by_its_publisher_is_counted_once(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE
	                       "10 gw PUBLISH plant/3/temp \"a\" qos=1 id=9 ack=none\n"
	                       "20 gw PUBLISH plant/3/temp \"a\" qos=1 id=9 dup=1\n"
	                       "30 gw PUBLISH plant/3/temp \"b\" qos=1 id=10 ack=none\n"
	                       "31 gw RST\n"
	                       "32 gw > mosq CONNECT v5 client=gw clean_start=0 => CONNACK\n"
	                       "33 gw PUBLISH plant/3/temp \"b\" qos=1 id=10 dup=1\n" FRESH);

	assert_range(cost.owed, 2, 2);
	assert_int_equal(cost.inexact, 0);
}

static void nobody_subscribed_is_a_proof_of_death_with_its_time(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE SENT("10", "a")
	                          "20 gw PUBLISH plant/3/temp \"b\" qos=1 ack=0x10\n"
	                          "30 gw PUBLISH plant/3/temp \"c\" qos=1 ack=0x10\n" FRESH);
	const Absence *cost = world_absence(world, "pump", 2);
	const Connection *first = world_connection(world, "pump", 1);

	assert_range(cost->lost, 3, 3);
	int64_t after = cost->no_matching.ns - first->connect_time.ns;
	assert_in_range(after, 20 * NS_PER_SECOND, 20 * NS_PER_SECOND + NS_PER_SECOND / 100);
	assert_true(model_broker(world->model, 0)->facts.reports_no_matching_subscribers);
	world_free(world);
}

static void the_first_five_lost_are_the_examples(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE
	                          "10 repeat 9 every 1 gw PUBLISH plant/{i}/temp \"x\" qos=1\n" FRESH);
	const Absence *cost = world_absence(world, "pump", 2);

	assert_range(cost->lost, 9, 9);
	assert_int_equal(cost->n_examples, ABSENCE_EXAMPLES);
	for (uint32_t i = 0; i < ABSENCE_EXAMPLES; i++) {
		g_autofree char *topic = g_strdup_printf("plant/%u/temp", i + 1);
		ByteSpan text = model_topic(world->model, cost->examples[i].topic);
		assert_int_equal(text.size, strlen(topic));
		assert_memory_equal(text.data, topic, text.size);
		assert_int_equal(cost->examples[i].publisher, world_client(world, "gw"));
	}
	world_free(world);
}

static void with_no_other_client_what_was_published_is_not_known(void **state)
{
	(void)state;
	Absence cost = cost_of("broker mosq 10.0.0.5:1883\nhost device 10.0.0.9\nauto-ack\n"
	                       COME SUBSCRIBES LEAVE FRESH);

	assert_true((cost.inexact & INEXACT_NO_PUBLISHER_SEEN) != 0);
	assert_range(cost.lost, 0, 0);
}

static void who_had_nothing_lost_nothing(void **state)
{
	(void)state;
	World *world = world_play(CAST COME LEAVE SENT("10", "a") FRESH);

	assert_null(world_absence(world, "pump", 2));
	world_free(world);
}

static void a_clean_start_loses_what_waited_too(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES LEAVE SENT("10", "a")
	                       "60 device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK\n");

	assert_range(cost.lost, 1, 1);
}

static void a_refused_connect_ends_no_absence(void **state)
{
	(void)state;
	World *world = world_play(CAST COME SUBSCRIBES LEAVE SENT("10", "a")
	                          "20 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK reason=0x87\n"
	                          "20.5 device FIN\n" SENT("30", "b") FRESH);

	assert_null(world_absence(world, "pump", 2));
	assert_range(world_absence(world, "pump", 3)->lost, 2, 2);
	world_free(world);
}

/* --- in flight ----------------------------------------------------------------------------- */

static void what_was_in_flight_is_lost_perhaps(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES
	                       "3 mosq > device PUBLISH plant/3/temp \"a\" qos=1 ack=none\n"
	                       "3.5 mosq > device PUBLISH plant/3/temp \"b\" qos=1\n" LEAVE FRESH);

	assert_int_equal(cost.in_flight, 1);
	assert_int_equal(cost.lost_in_flight, 1);
	assert_range(cost.lost, 0, 1);
}

static void what_was_in_flight_is_delivered_again_with_or_without_dup(void **state)
{
	(void)state;
	/* Some brokers forget DUP; it is a redelivery all the same. */
	static const char *const stories[] = {
		CAST COME SUBSCRIBES
		"3 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 ack=none\n" LEAVE RESUME
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 dup=1\n",
		CAST COME SUBSCRIBES
		"3 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9 ack=none\n" LEAVE RESUME
		"60.1 mosq > device PUBLISH plant/3/temp \"a\" qos=1 id=9\n",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
		World *world = world_play(stories[i]);
		assert_null(world_absence(world, "pump", 2));
		world_free(world);
	}
}

static void after_pubrec_the_client_has_it(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME "0.1 device SUBSCRIBE plant/+/temp qos=2\n"
	                       "3 mosq > device PUBLISH plant/3/temp \"a\" qos=2 id=9 ack=none\n"
	                       "3.1 device PUBREC id=9\n" LEAVE FRESH);

	assert_int_equal(cost.in_flight, 0);
	assert_range(cost.lost, 0, 0);
}

static void the_clients_own_messages_in_flight_go_with_the_session(void **state)
{
	(void)state;
	Absence cost = cost_of(CAST COME SUBSCRIBES
	                       "3 device PUBLISH state \"a\" qos=1 ack=none\n"
	                       "4 device PUBLISH state \"b\" qos=1\n" LEAVE FRESH);

	/* The broker may have had it; 5.0 [MQTT-3.2.2-5] orders the client to discard it. */
	assert_int_equal(cost.client_in_flight, 1);
	assert_int_equal(cost.lost_in_flight, 1);
	assert_range(cost.lost, 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_published_meanwhile_are_lost_with_the_session),
		cmocka_unit_test(very_many_messages_are_counted_like_few),
		cmocka_unit_test(what_comes_before_the_suback_is_lost_in_the_gap_and_what_comes_behind_is_not),
		cmocka_unit_test(a_filter_that_covers_the_old_one_ends_the_gap_for_its_topics),
		cmocka_unit_test(a_subscription_that_was_refused_ends_no_gap),
		cmocka_unit_test(a_filter_given_up_is_owed_nothing),
		cmocka_unit_test(subscriptions_of_qos_0_are_owed_nothing),
		cmocka_unit_test(messages_of_qos_0_are_not_owed),
		cmocka_unit_test(a_message_for_two_filters_is_owed_once),
		cmocka_unit_test(a_shared_subscription_is_owed_nothing),
		cmocka_unit_test(a_client_is_not_owed_its_own_message_with_no_local),
		cmocka_unit_test(expired_messages_are_not_owed),
		cmocka_unit_test(messages_larger_than_the_client_takes_are_not_owed),
		cmocka_unit_test(a_message_without_acknowledgement_may_not_have_been_accepted),
		cmocka_unit_test(a_message_that_was_rejected_is_not_owed),
		cmocka_unit_test(a_message_sent_again_by_its_publisher_is_counted_once),
		cmocka_unit_test(nobody_subscribed_is_a_proof_of_death_with_its_time),
		cmocka_unit_test(the_first_five_lost_are_the_examples),
		cmocka_unit_test(with_no_other_client_what_was_published_is_not_known),
		cmocka_unit_test(who_had_nothing_lost_nothing),
		cmocka_unit_test(a_clean_start_loses_what_waited_too),
		cmocka_unit_test(a_refused_connect_ends_no_absence),
		cmocka_unit_test(what_was_in_flight_is_lost_perhaps),
		cmocka_unit_test(what_was_in_flight_is_delivered_again_with_or_without_dup),
		cmocka_unit_test(after_pubrec_the_client_has_it),
		cmocka_unit_test(the_clients_own_messages_in_flight_go_with_the_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
