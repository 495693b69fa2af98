/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "src/session/unkept.h"

static ByteSpan text(const char *string)
{
	return (ByteSpan){(const uint8_t *)string, strlen(string)};
}

static void publish(Unkept *unkept, const char *topic, uint32_t publisher)
{
	const UnkeptMessage message = {.publisher = publisher};
	unkept_add(unkept, &message, text(topic));
}

typedef struct Seen {
	uint32_t publishers[UNKEPT_MAX];
	unsigned n, most;
} Seen;

static bool see(void *user, const UnkeptMessage *message)
{
	Seen *seen = user;
	seen->publishers[seen->n++] = message->publisher;
	return seen->n < seen->most;
}

/* How many are visited; *whole: these are all that there were. */
static unsigned visit(Unkept *unkept, const char *filter, uint64_t since, bool *whole)
{
	Seen seen = {.most = UNKEPT_MAX};
	*whole = unkept_visit(unkept, text(filter), since, see, &seen);
	return seen.n;
}

static void what_a_filter_matches_is_found_by_its_beginning_and_without_one(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	bool whole;
	publish(unkept, "plant/3/temperature", 0);
	publish(unkept, "plant/3/level", 1);
	publish(unkept, "hall/temperature", 2);
	assert_int_equal(visit(unkept, "plant/3/temperature", 1, &whole), 1);
	assert_true(whole);
	assert_int_equal(visit(unkept, "plant/3/+", 1, &whole), 2);
	assert_int_equal(visit(unkept, "+/temperature", 1, &whole), 1);
	assert_int_equal(visit(unkept, "#", 1, &whole), 3);
	assert_int_equal(visit(unkept, "plant/3", 1, &whole), 0);
	unkept_free(unkept);
}

static void a_wildcard_that_matches_its_parent_finds_it(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	bool whole;
	publish(unkept, "building/floor", 0);
	publish(unkept, "building/floor/7", 0);
	assert_int_equal(visit(unkept, "building/floor/#", 1, &whole), 2);
	unkept_free(unkept);
}

static void only_what_came_since_counts_the_oldest_first(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	Seen seen = {.most = UNKEPT_MAX};
	publish(unkept, "a", 1);
	uint64_t since = unkept_next(unkept);
	publish(unkept, "a", 2);
	publish(unkept, "a", 3);
	assert_true(unkept_visit(unkept, text("a"), since, see, &seen));
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.publishers[0], 2);
	assert_int_equal(seen.publishers[1], 3);
	unkept_free(unkept);
}

static void what_was_overwritten_is_told_to_be_missing(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	bool whole;
	publish(unkept, "wanted", 1);
	for (unsigned i = 0; i < UNKEPT_MAX - 1; i++)
		publish(unkept, "other", 2);
	assert_int_equal(visit(unkept, "wanted", 1, &whole), 1);
	assert_true(whole);
	publish(unkept, "other", 2);
	assert_int_equal(visit(unkept, "wanted", 1, &whole), 0);
	assert_false(whole);
	assert_int_equal(visit(unkept, "wanted", 2, &whole), 0);
	assert_true(whole);
	unkept_free(unkept);
}

static void long_topics_are_passed_over(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	bool whole;
	char topic[UNKEPT_TOPIC + 2];
	memset(topic, 'x', sizeof topic);
	topic[UNKEPT_TOPIC + 1] = '\0';
	publish(unkept, topic, 1);
	assert_int_equal(unkept_next(unkept), 1);
	topic[UNKEPT_TOPIC] = '\0';
	publish(unkept, topic, 1);
	assert_int_equal(visit(unkept, topic, 1, &whole), 1);
	unkept_free(unkept);
}

static void a_visitor_can_stop(void **state)
{
	(void)state;
	Unkept *unkept = unkept_new();
	Seen seen = {.most = 1};
	publish(unkept, "a", 1);
	publish(unkept, "a", 2);
	assert_false(unkept_visit(unkept, text("a"), 1, see, &seen));
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.publishers[0], 1);
	unkept_free(unkept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_filter_matches_is_found_by_its_beginning_and_without_one),
		cmocka_unit_test(a_wildcard_that_matches_its_parent_finds_it),
		cmocka_unit_test(only_what_came_since_counts_the_oldest_first),
		cmocka_unit_test(what_was_overwritten_is_told_to_be_missing),
		cmocka_unit_test(long_topics_are_passed_over),
		cmocka_unit_test(a_visitor_can_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
