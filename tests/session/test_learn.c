/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

static BrokerFacts facts_of(const char *story)
{
	World *world = world_play(story);
	BrokerFacts facts = model_broker(world->model, 0)->facts;
	world_free(world);
	return facts;
}

#define CLEAN "0 device > mosq CONNECT v5 client=pump clean_start=1 expiry=300 => CONNACK\n" \
	"0.1 device SUBSCRIBE a/# qos=0 b/# qos=1\n5 device FIN\n"
#define BACK "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK"
#define PRESENT BACK " session_present=1\n"

static void what_becomes_of_sessions_begun_with_clean_start_is_learned(void **state)
{
	(void)state;
	BrokerFacts kept = facts_of(CAST CLEAN PRESENT);
	BrokerFacts lost = facts_of(CAST CLEAN BACK "\n");
	BrokerFacts again = facts_of(CAST CLEAN
		"60 device > mosq CONNECT v5 client=pump clean_start=1 expiry=300 => CONNACK\n");
	BrokerFacts late = facts_of(CAST CLEAN
		"400 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n");

	assert_int_equal(kept.n_clean_start_kept, 1);
	assert_int_equal(kept.n_clean_start_lost, 0);
	assert_int_equal(lost.n_clean_start_lost, 1);
	assert_int_equal(lost.n_clean_start_kept, 0);
	assert_int_equal(again.n_clean_start_lost, 0); /* as ordered */
	assert_int_equal(late.n_clean_start_lost, 0);  /* expired */
}

#define COME "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK\n"
#define RETURN "60 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK session_present=1\n"

static void a_session_without_subscriptions_is_one_where_none_can_have_been_missed(void **state)
{
	(void)state;
	BrokerFacts none = facts_of(CAST COME "2 device PINGREQ\n5 device FIN\n" RETURN);
	BrokerFacts one = facts_of(CAST COME "2 device SUBSCRIBE a qos=1\n5 device FIN\n" RETURN);
	BrokerFacts hidden = facts_of(CAST "hole 1 3\n" COME
		"2 device SUBSCRIBE a qos=1\n4 device PINGREQ\n5 device FIN\n" RETURN);
	BrokerFacts unanswered = facts_of(CAST COME
		"2 device SUBSCRIBE a qos=1 ack=none\n5 device FIN\n" RETURN);

	assert_int_equal(none.n_resumed_without_subscriptions, 1);
	assert_int_equal(one.n_resumed_without_subscriptions, 0);
	assert_int_equal(hidden.n_resumed_without_subscriptions, 0);
	assert_int_equal(unanswered.n_resumed_without_subscriptions, 0);
}

static void a_refusal_of_5_0_is_learned_and_other_refusals_are_not(void **state)
{
	(void)state;
	assert_true(facts_of(CAST "0 device > mosq CONNECT v5 client=p clean_start=1 => CONNACK "
	                          "reason=0x84\n").refuses_v5);
	assert_false(facts_of(CAST "0 device > mosq CONNECT v5 client=p clean_start=1 => CONNACK "
	                           "reason=0x87\n").refuses_v5);
	assert_false(facts_of(CAST "0 device > mosq CONNECT v3.1.1 client=p clean_session=1 => CONNACK "
	                           "reason=1\n").refuses_v5);
}

#define QUEUED "10 repeat 4 every 1 gw PUBLISH a/{i} \"m{i}\" qos=1\n" \
	"20 repeat 25 every 1 gw PUBLISH b/x \"n{i}\" qos=1\n"

static void the_rate_of_a_backlog_is_learned_where_it_takes_time(void **state)
{
	(void)state;
	BrokerFacts slow = facts_of(CAST CLEAN QUEUED PRESENT
		"60.5 repeat 25 every 0.1 mosq > device PUBLISH b/x \"n{i}\" qos=1\n90 device PINGREQ\n");
	BrokerFacts burst = facts_of(CAST CLEAN QUEUED PRESENT
		"60.5 repeat 25 every 0.001 mosq > device PUBLISH b/x \"n{i}\" qos=1\n90 device PINGREQ\n");

	assert_true(slow.drain_rate > 9.99 && slow.drain_rate < 10.01);
	assert_true(burst.drain_rate <= 0);
	assert_false(slow.queues_qos0);
}

static void qos_0_is_queued_if_several_messages_come_at_once_after_the_connack(void **state)
{
	(void)state;
	assert_true(facts_of(CAST CLEAN QUEUED PRESENT
		"60.01 repeat 4 every 0.1 mosq > device PUBLISH a/{i} \"m{i}\" qos=0\n").queues_qos0);
	assert_false(facts_of(CAST CLEAN QUEUED PRESENT
		"62 repeat 4 every 0.1 mosq > device PUBLISH a/{i} \"m{i}\" qos=0\n").queues_qos0);
	assert_false(facts_of(CAST CLEAN QUEUED PRESENT
		"60.01 repeat 2 every 0.1 mosq > device PUBLISH a/{i} \"m{i}\" qos=0\n").queues_qos0);
}

static void session_present_in_3_1_is_learned(void **state)
{
	(void)state;
	assert_true(facts_of(CAST "0 device > mosq CONNECT v3.1 client=p clean_session=0 => CONNACK "
	                          "session_present=1\n").v31_session_present);
	assert_false(facts_of(CAST "0 device > mosq CONNECT v3.1.1 client=p clean_session=0 => CONNACK "
	                           "session_present=1\n").v31_session_present);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_becomes_of_sessions_begun_with_clean_start_is_learned),
		cmocka_unit_test(a_session_without_subscriptions_is_one_where_none_can_have_been_missed),
		cmocka_unit_test(a_refusal_of_5_0_is_learned_and_other_refusals_are_not),
		cmocka_unit_test(the_rate_of_a_backlog_is_learned_where_it_takes_time),
		cmocka_unit_test(qos_0_is_queued_if_several_messages_come_at_once_after_the_connack),
		cmocka_unit_test(session_present_in_3_1_is_learned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
