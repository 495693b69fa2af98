/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/session/topics.h"

enum { LEVELS = 15, N = 24000 };

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

/* Each of 2 to the 15th filters matches each topic a/a/.../a/NUMBER. */
static uint32_t add_filter(Topics *topics, unsigned number)
{
	char text[2 * LEVELS + 2];
	for (unsigned i = 0; i < LEVELS; i++)
		memcpy(text + 2 * i, number >> i & 1 ? "+/" : "a/", 2);
	memcpy(text + (size_t)2 * LEVELS, "#", 2);
	return topics_add_filter(topics, span(text));
}

static uint32_t add_topic(Topics *topics, unsigned number)
{
	char text[64];
	size_t at = 0;
	for (unsigned i = 0; i < LEVELS; i++, at += 2)
		memcpy(text + at, "a/", 2);
	snprintf(text + at, sizeof text - at, "%u", number);
	return topics_add(topics, span(text));
}

static bool count(void *user, uint32_t topic)
{
	(void)topic;
	++*(unsigned *)user;
	return true;
}

/* Their product would need 4.6 GB, and more than a GArray holds. */
static void many_filters_times_many_topics_lose_no_match(void **state)
{
	(void)state;
	Topics *topics = topics_new();
	uint32_t last_filter = 0, last_topic = 0;
	for (unsigned i = 0; i < N; i++) {
		last_filter = add_filter(topics, i);
		last_topic = add_topic(topics, i);
	}

	assert_false(topics_is_awaited(topics, last_topic));
	topics_await(topics, last_filter, 1);
	assert_true(topics_is_awaited(topics, last_topic));
	unsigned n = 0;
	topics_visit(topics, last_filter, 0, count, &n);
	assert_int_equal(n, N);
	topics_free(topics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_filters_times_many_topics_lose_no_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
