/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/session/messages.h"

static int setup(void **state)
{
	*state = message_log_new();
	return 0;
}

static int teardown(void **state)
{
	message_log_free(*state);
	return 0;
}

/* The payload size tells which one it is. */
static void add(MessageLog *log, uint64_t from, uint64_t until)
{
	for (uint64_t i = from; i < until; i++)
		assert_int_equal(message_log_add(log, &(Message){.payload_size = (uint32_t)i}), i);
}

static void sequence_numbers_start_at_1(void **state)
{
	MessageLog *log = *state;
	assert_int_equal(message_log_first(log), 1);
	assert_int_equal(message_log_next(log), 1);

	uint64_t sequence = message_log_add(log, &(Message){.topic = 7, .sequence = 99});

	assert_int_equal(sequence, 1);
	assert_int_equal(message_log_next(log), 2);
	assert_int_equal(message_log_at(log, 1)->topic, 7);
	assert_int_equal(message_log_at(log, 1)->sequence, 1);
	assert_null(message_log_at(log, 0));
	assert_null(message_log_at(log, 2));
	assert_null(message_log_at(log, UINT64_MAX));
}

static void what_is_in_the_log_stays_while_it_grows(void **state)
{
	MessageLog *log = *state;

	add(log, 1, 5001);

	assert_int_equal(message_log_first(log), 1);
	for (uint64_t i = 1; i <= 5000; i++) {
		assert_int_equal(message_log_at(log, i)->sequence, i);
		assert_int_equal(message_log_at(log, i)->payload_size, i);
	}
}

/* The ring has turned when it grows: its oldest stands in the middle. */
static void a_log_that_was_trimmed_grows_without_mixing_them_up(void **state)
{
	MessageLog *log = *state;
	add(log, 1, 1001);
	message_log_trim(log, 701);

	add(log, 1001, 4001);

	assert_int_equal(message_log_first(log), 701);
	assert_null(message_log_at(log, 700));
	for (uint64_t i = 701; i <= 4000; i++)
		assert_int_equal(message_log_at(log, i)->payload_size, i);
	assert_int_equal(message_log_n_evicted(log), 0);
}

static void trimming_stays_within_the_log(void **state)
{
	MessageLog *log = *state;
	add(log, 1, 11);

	message_log_trim(log, 5);
	message_log_trim(log, 3);
	assert_int_equal(message_log_first(log), 5);
	message_log_trim(log, 1000);

	assert_int_equal(message_log_first(log), 11);
	assert_int_equal(message_log_next(log), 11);
	assert_null(message_log_at(log, 10));
	assert_int_equal(message_log_add(log, &(Message){0}), 11);
	assert_non_null(message_log_at(log, 11));
}

static void at_the_bound_the_oldest_go_and_are_counted(void **state)
{
	MessageLog *log = *state;
	add(log, 1, (uint64_t)MESSAGES_MAX + 1);
	assert_int_equal(message_log_n_evicted(log), 0);
	assert_int_equal(message_log_first(log), 1);
	assert_true(message_log_is_full(log));

	add(log, (uint64_t)MESSAGES_MAX + 1, (uint64_t)MESSAGES_MAX + 4);

	assert_int_equal(message_log_n_evicted(log), 3);
	assert_int_equal(message_log_first(log), 4);
	assert_null(message_log_at(log, 3));
	assert_int_equal(message_log_at(log, 4)->payload_size, 4);
	assert_int_equal(message_log_at(log, MESSAGES_MAX + 3)->payload_size, MESSAGES_MAX + 3);

	message_log_trim(log, MESSAGES_MAX);
	assert_false(message_log_is_full(log));
	add(log, (uint64_t)MESSAGES_MAX + 4, (uint64_t)MESSAGES_MAX + 100);
	assert_int_equal(message_log_n_evicted(log), 3);
}

static void full_means_that_the_next_one_needs_room(void **state)
{
	MessageLog *log = *state;
	uint64_t n = 0;
	while (!message_log_is_full(log))
		message_log_add(log, &(Message){.payload_size = (uint32_t)++n});

	message_log_trim(log, 2);
	assert_false(message_log_is_full(log));
	message_log_add(log, &(Message){0});

	assert_true(message_log_is_full(log));
	assert_int_equal(message_log_at(log, 2)->payload_size, 2);
}

static void messages_of_a_topic_are_chained_backwards(void **state)
{
	MessageLog *log = *state;
	uint64_t newest[2] = {0, 0};
	for (uint64_t i = 1; i <= 3000; i++) {
		uint32_t topic = i % 3 == 0;
		newest[topic] = message_log_add(log, &(Message){.topic = topic,
		                                                .previous = newest[topic]});
	}
	message_log_trim(log, 1501);

	uint64_t n = 0;
	const Message *at = message_log_at(log, newest[1]);
	for (; at != NULL; at = message_log_at(log, at->previous), n++)
		assert_int_equal(at->topic, 1);

	assert_int_equal(n, 500); /* 1503, 1506, ... 3000 */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sequence_numbers_start_at_1),
		TEST(what_is_in_the_log_stays_while_it_grows),
		TEST(a_log_that_was_trimmed_grows_without_mixing_them_up),
		TEST(trimming_stays_within_the_log),
		TEST(at_the_bound_the_oldest_go_and_are_counted),
		TEST(full_means_that_the_next_one_needs_room),
		TEST(messages_of_a_topic_are_chained_backwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
