/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "src/session/filter_log.h"
#include "src/session/matching.h"
#include "src/session/registry.h"

enum { STEPS = 3000, TOPICS = 5, BROKERS = 2 };

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

static void publish(Model *model, GRand *random)
{
	char name[16];
	snprintf(name, sizeof name, "a/%d", (int)g_rand_int_range(random, 0, TOPICS));
	uint32_t topic = topics_add(model->topics, span(name));
	Message message = {
		.topic = topic,
		.previous = topics_newest(model->topics, topic),
		.broker = (uint32_t)g_rand_int_range(random, 0, BROKERS),
		.expiry = g_rand_int_range(random, 0, 8) == 0 ? 5 : UINT32_MAX,
	};
	topics_set_newest(model->topics, topic, message_log_add(model->messages, &message));
}

/* As a rule one of the youngest. */
static void acknowledge(Model *model, GRand *random)
{
	uint64_t next = message_log_next(model->messages);
	uint64_t back = (uint64_t)g_rand_int_range(random, 0, 20) *
	                (g_rand_int_range(random, 0, 10) == 0 ? 50 : 1);
	Message *message = message_log_at(model->messages, back < next ? next - 1 - back : 0);
	if (message == NULL || message->state != MESSAGE_UNACKNOWLEDGED)
		return;
	message->state = (uint8_t)g_rand_int_range(random, MESSAGE_ACCEPTED, MESSAGE_REJECTED + 1);
	message->told = g_rand_boolean(random);
	filter_logs_acknowledged(model->filter_logs, message->sequence);
}

/* Message by message. */
static FilterSum plain_sum(const Model *model, ByteSpan filter, BrokerIndex broker, uint64_t since,
                           uint64_t until, uint32_t *n_matching)
{
	FilterSum sum = {0};
	*n_matching = 0;
	for (uint64_t i = since; i < until; i++) {
		const Message *message = message_log_at(model->messages, i);
		if (message == NULL || message->state == MESSAGE_REJECTED || message->broker != broker ||
		    !filter_matches_topic(filter, topics_topic(model->topics, message->topic)))
			continue;
		if (sum.n < FILTER_LOG_FIRST)
			sum.first[sum.n] = i;
		sum.n++;
		sum.last = i;
		sum.n_acknowledged += message->state != MESSAGE_UNACKNOWLEDGED;
		sum.n_expiring += message->expiry != UINT32_MAX;
		*n_matching += message->state == MESSAGE_ACCEPTED && message->told;
		if (message->state == MESSAGE_NO_MATCHING && sum.n_no_matching++ == 0)
			sum.first_no_matching = i;
	}
	return sum;
}

static void compare(Model *model, GRand *random, uint32_t filter)
{
	gint32 next = (gint32)message_log_next(model->messages);
	uint64_t since = (uint64_t)g_rand_int_range(random, 1, next + 1);
	uint64_t until = (uint64_t)g_rand_int_range(random, 1, next + 2);
	BrokerIndex broker = (BrokerIndex)g_rand_int_range(random, 0, BROKERS);
	uint32_t n_matching;
	FilterSum plain = plain_sum(model, topics_filter(model->topics, filter), broker, since, until,
	                            &n_matching);
	FilterSum sum = filter_log_sum(model, filter, broker, since, until);
	sum.largest = plain.largest;
	assert_memory_equal(&sum, &plain, sizeof sum);
	assert_int_equal(filter_log_n_matching(model, filter, broker, since, until), n_matching);
}

static void sums_are_those_of_counting_one_by_one(void **state)
{
	(void)state;
	GRand *random = g_rand_new_with_seed(20261123);
	Model *model = model_new();
	for (uint16_t port = 1; port <= BROKERS; port++)
		model_add_broker(model, &(Endpoint){.port = port});
	uint32_t filters[3] = {topics_add_filter(model->topics, span("a/#")),
	                       topics_add_filter(model->topics, span("a/3")),
	                       topics_add_filter(model->topics, span("b"))};

	for (int i = 0; i < STEPS; i++) {
		publish(model, random);
		acknowledge(model, random);
		if (i % 7 == 0)
			compare(model, random, filters[g_rand_int_range(random, 0, 3)]);
		if (i == STEPS / 2)
			message_log_trim(model->messages, STEPS / 4);
	}

	model_free(model);
	g_rand_free(random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_those_of_counting_one_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
