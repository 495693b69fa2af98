/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/session/pending.h"

/* @payload 0: not known. */
static void expect(GArray *pending, uint64_t topic, uint64_t payload)
{
	Pending entry = {.sequence = pending->len + 1,
	                 .topic_key = topic,
	                 .qos = 1,
	                 .has_hash = payload != 0,
	                 .hash = {.low = payload}};
	g_array_append_val(pending, entry);
}

static MqttPublish publish(uint64_t payload)
{
	return (MqttPublish){.qos = 1, .has_hash = payload != 0, .hash = {.low = payload}};
}

/* The position of what came, counted from 0; -1 for none. */
static int deliver(PendingIndex *index, GArray *pending, uint64_t topic, uint64_t payload)
{
	MqttPublish packet = publish(payload);
	Pending *found = pending_index_find(index, topic, &packet);
	pending_index_skip(index, topic, packet.qos, found);
	if (found == NULL)
		return -1;
	found->done = true;
	return (int)(found - (Pending *)(void *)pending->data);
}

static void equal_payloads_come_in_the_order_in_which_they_were_taken(void **state)
{
	(void)state;
	g_autoptr(GArray) pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	for (int i = 0; i < 3; i++)
		expect(pending, 1, 7);
	expect(pending, 2, 7);
	PendingIndex *index = pending_index_new(pending);

	assert_int_equal(deliver(index, pending, 1, 7), 0);
	assert_int_equal(deliver(index, pending, 2, 7), 3);
	assert_int_equal(deliver(index, pending, 1, 7), 1);
	assert_int_equal(deliver(index, pending, 1, 7), 2);
	assert_int_equal(deliver(index, pending, 1, 7), -1);
	pending_index_free(index);
}

static void a_message_of_another_qos_overtakes_nobody(void **state)
{
	(void)state;
	g_autoptr(GArray) pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	expect(pending, 1, 7);
	expect(pending, 1, 8);
	g_array_index(pending, Pending, 0).qos = 2; /* [MQTT-4.6.0-6]: order is kept for each QoS */
	PendingIndex *index = pending_index_new(pending);

	assert_int_equal(deliver(index, pending, 1, 8), 1);
	assert_false(g_array_index(pending, Pending, 0).skipped);
	pending_index_free(index);
}

static void only_older_ones_of_the_same_topic_are_skipped(void **state)
{
	(void)state;
	g_autoptr(GArray) pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	expect(pending, 1, 10);
	expect(pending, 2, 20);
	expect(pending, 1, 11);
	expect(pending, 1, 12);
	PendingIndex *index = pending_index_new(pending);

	assert_int_equal(deliver(index, pending, 1, 11), 2);

	const Pending *entries = (const Pending *)(void *)pending->data;
	assert_true(entries[0].skipped);
	assert_false(entries[1].skipped);
	assert_false(entries[2].skipped);
	assert_false(entries[3].skipped);
	/* What was passed over may still come late. */
	assert_int_equal(deliver(index, pending, 1, 10), 0);
	pending_index_free(index);
}

static void a_payload_that_is_not_known_may_be_any_of_the_topic(void **state)
{
	(void)state;
	g_autoptr(GArray) pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	expect(pending, 1, 10);
	expect(pending, 1, 0);
	expect(pending, 1, 11);
	PendingIndex *index = pending_index_new(pending);

	assert_int_equal(deliver(index, pending, 1, 0), 0);
	assert_int_equal(deliver(index, pending, 1, 99), 1);
	assert_int_equal(deliver(index, pending, 2, 0), -1);
	assert_int_equal(deliver(index, pending, 1, 11), 2);
	pending_index_free(index);
}

/* Looking through all of them for each would take some hours. */
static void a_million_are_matched_at_once(void **state)
{
	(void)state;
	enum { N = 1 << 20 };
	g_autoptr(GArray) pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	for (uint64_t i = 0; i < N; i++)
		expect(pending, i % 2, i + 1);
	PendingIndex *index = pending_index_new(pending);

	for (uint64_t i = 0; i < N; i++) {
		assert_int_equal(deliver(index, pending, i % 2, N + i + 1), -1);
		assert_int_equal(deliver(index, pending, i % 2, i + 1), i);
	}
	pending_index_free(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_payloads_come_in_the_order_in_which_they_were_taken),
		cmocka_unit_test(a_message_of_another_qos_overtakes_nobody),
		cmocka_unit_test(only_older_ones_of_the_same_topic_are_skipped),
		cmocka_unit_test(a_payload_that_is_not_known_may_be_any_of_the_topic),
		cmocka_unit_test(a_million_are_matched_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
