/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "src/session/matching.h"
#include "src/session/topics.h"

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

static uint32_t add(Topics *topics, const char *topic)
{
	return topics_add(topics, span(topic));
}

static uint32_t add_filter(Topics *topics, const char *filter)
{
	return topics_add_filter(topics, span(filter));
}

static int setup(void **state)
{
	*state = topics_new();
	return 0;
}

static int teardown(void **state)
{
	topics_free(*state);
	return 0;
}

static bool mark(void *user, uint32_t topic)
{
	uint8_t *visited = user;
	visited[topic]++;
	return true;
}

/* --- agreement with the plain matcher ----------------------------------------------------- */

enum { MAX_LEVELS = 4, PER_ROUND = 60 };

/* "$" begins names, "+" and "#" are put anywhere: hostile peers do not mind the standard. */
static void random_name(GRand *random, const char *const *levels, int n_levels, GString *out)
{
	g_string_truncate(out, 0);
	int n = g_rand_int_range(random, 1, MAX_LEVELS + 1);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			g_string_append_c(out, '/');
		g_string_append(out, levels[g_rand_int_range(random, 0, n_levels)]);
	}
}

static void agree(const Topics *topics, uint32_t filter, uint32_t n_topics)
{
	uint8_t visited[2 * PER_ROUND] = {0};
	topics_visit(topics, filter, 0, mark, visited);
	topics_await((Topics *)(uintptr_t)topics, filter, 1);
	for (uint32_t i = 0; i < n_topics; i++) {
		ByteSpan topic = topics_topic(topics, i), text = topics_filter(topics, filter), plain;
		bool expected = !filter_is_shared(text, &plain) && filter_matches_topic(text, topic);
		if (visited[i] != expected || topics_is_awaited(topics, i) != expected)
			fail_msg("filter %.*s, topic %.*s: plain %d, visited %d, awaited %d",
			         (int)text.size, text.data, (int)topic.size, topic.data, expected,
			         visited[i], topics_is_awaited(topics, i));
	}
	topics_await((Topics *)(uintptr_t)topics, filter, -1);
}

static void play_round(GRand *random)
{
	static const char *const topic_levels[] = {"", "a", "b", "$", "$SYS", "ab", "+", "#"};
	static const char *const filter_levels[] = {"", "a", "b", "$", "$SYS", "+", "+", "#", "a+", "#b"};
	g_autoptr(GString) name = g_string_new(NULL);
	Topics *topics = topics_new();
	uint32_t n_topics = 0, n_filters = 0;

	for (int i = 0; i < PER_ROUND; i++) {
		if (g_rand_boolean(random)) {
			random_name(random, topic_levels, G_N_ELEMENTS(topic_levels), name);
			uint32_t topic = topics_add(topics, (ByteSpan){(uint8_t *)name->str, name->len});
			n_topics = MAX(n_topics, topic + 1);
		} else {
			random_name(random, filter_levels, G_N_ELEMENTS(filter_levels), name);
			if (g_rand_int_range(random, 0, 10) == 0)
				g_string_prepend(name, "$share/g/");
			uint32_t filter = topics_add_filter(topics, (ByteSpan){(uint8_t *)name->str,
			                                                       name->len});
			n_filters = MAX(n_filters, filter + 1);
		}
	}
	for (uint32_t filter = 0; filter < n_filters; filter++)
		agree(topics, filter, n_topics);
	assert_false(topics_anybody_waits(topics));
	topics_free(topics);
}

static void the_tree_agrees_with_the_plain_matcher_in_any_order(void **state)
{
	(void)state;
	const char *wanted = getenv("MQLAPSE_TEST_ROUNDS");
	int rounds = wanted != NULL && *wanted != '\0' ? atoi(wanted) : 1000;
	GRand *random = g_rand_new_with_seed(20261122);

	for (int i = 0; i < rounds; i++)
		play_round(random);

	g_rand_free(random);
}

/* --- by hand ------------------------------------------------------------------------------ */

static void who_waits_is_counted(void **state)
{
	Topics *topics = *state;
	uint32_t filter = add_filter(topics, "plant/+/temp"), other = add_filter(topics, "x");
	uint32_t topic = add(topics, "plant/3/temp");
	assert_false(topics_anybody_waits(topics));
	assert_false(topics_is_awaited(topics, topic));

	topics_await(topics, filter, 1);
	topics_await(topics, filter, 1);
	topics_await(topics, filter, -1);
	assert_true(topics_is_awaited(topics, topic));
	assert_true(topics_anybody_waits(topics));
	topics_await(topics, filter, -1);
	topics_await(topics, other, 1);

	assert_false(topics_is_awaited(topics, topic));
	assert_true(topics_anybody_waits(topics));
}

static void only_topics_with_young_messages_are_visited(void **state)
{
	Topics *topics = *state;
	uint32_t filter = add_filter(topics, "#");
	uint32_t a = add(topics, "a"), b = add(topics, "a/b"), c = add(topics, "c");
	topics_set_newest(topics, a, 5);
	topics_set_newest(topics, b, 9);

	uint8_t since_9[3] = {0}, since_5[3] = {0}, since_10[3] = {0};
	topics_visit(topics, filter, 9, mark, since_9);
	topics_visit(topics, filter, 5, mark, since_5);
	topics_visit(topics, filter, 10, mark, since_10);

	assert_int_equal(topics_newest(topics, a), 5);
	assert_int_equal(topics_newest(topics, c), 0);
	assert_memory_equal(since_9, "\0\1\0", 3);
	assert_memory_equal(since_5, "\1\1\0", 3);
	assert_memory_equal(since_10, "\0\0\0", 3);
}

/* More filters match the topic than messages of it can tell one by one. */
static void each_of_very_many_filters_knows_of_newer_messages(void **state)
{
	Topics *topics = *state;
	enum { N = 300 };
	uint32_t filters[N], topic = NO_TOPIC, elsewhere = add_filter(topics, "b/#");
	for (unsigned i = 0; i < N; i++) {
		char text[32] = "";
		for (unsigned bit = 0; bit < 9; bit++)
			strcat(text, (i >> bit & 1) != 0 ? "+/" : "a/");
		strcat(text, "#");
		filters[i] = add_filter(topics, text);
		if (i == N / 2)
			topic = add(topics, "a/a/a/a/a/a/a/a/a/x");
	}

	topics_await(topics, filters[N - 1], 1);
	assert_true(topics_is_awaited(topics, topic));
	topics_set_newest(topics, topic, 7);

	for (unsigned i = 0; i < N; i++) {
		assert_true(topics_filter_has_newer(topics, filters[i], 7));
		assert_false(topics_filter_has_newer(topics, filters[i], 8));
	}
	assert_false(topics_filter_has_newer(topics, elsewhere, 1));
}

static void a_shared_filter_is_stored_and_matches_nothing(void **state)
{
	Topics *topics = *state;
	uint32_t filter = add_filter(topics, "$share/g/a/#");
	uint32_t a = add(topics, "a/b"), literally = add(topics, "$share/g/a/b");
	topics_await(topics, filter, 1);
	uint8_t visited[2] = {0};

	topics_visit(topics, filter, 0, mark, visited);

	assert_false(topics_is_awaited(topics, a));
	assert_false(topics_is_awaited(topics, literally));
	assert_memory_equal(visited, "\0\0", 2);
	assert_memory_equal(topics_filter(topics, filter).data, "$share/g/a/#", 12);
	assert_int_equal(add_filter(topics, "$share/g/a/#"), filter);
}

static void topics_of_too_many_levels_are_not_followed(void **state)
{
	Topics *topics = *state;
	char slashes[TOPICS_MAX_LEVELS + 1];
	memset(slashes, '/', sizeof slashes);
	ByteSpan most = {(uint8_t *)slashes, TOPICS_MAX_LEVELS - 1};
	ByteSpan one_more = {(uint8_t *)slashes, TOPICS_MAX_LEVELS};

	uint32_t topic = topics_add(topics, most);
	uint32_t filter = topics_add_filter(topics, one_more);
	topics_await(topics, filter, 1);
	uint8_t visited[1] = {0};
	topics_visit(topics, filter, 0, mark, visited);

	assert_int_equal(topic, 0);
	assert_int_equal(topics_add(topics, one_more), NO_TOPIC);
	assert_int_equal(topics_add(topics, most), topic);
	assert_false(topics_is_awaited(topics, topic));
	assert_int_equal(visited[0], 0);
	assert_int_equal(topics_filter(topics, filter).size, TOPICS_MAX_LEVELS);
}

static void a_filter_of_the_most_levels_is_followed(void **state)
{
	Topics *topics = *state;
	char pluses[2 * TOPICS_MAX_LEVELS - 1], slashes[TOPICS_MAX_LEVELS - 1];
	for (size_t i = 0; i < sizeof pluses; i++)
		pluses[i] = i % 2 == 0 ? '+' : '/';
	memset(slashes, '/', sizeof slashes);

	uint32_t filter = topics_add_filter(topics, (ByteSpan){(uint8_t *)pluses, sizeof pluses});
	uint32_t topic = topics_add(topics, (ByteSpan){(uint8_t *)slashes, sizeof slashes});
	topics_await(topics, filter, 1);

	assert_true(topics_is_awaited(topics, topic));
}

static void many_topics_and_filters_are_found_again(void **state)
{
	Topics *topics = *state;
	for (unsigned i = 0; i < 5000; i++) {
		g_autofree char *topic = g_strdup_printf("site/%u/room/%u", i % 100, i);
		g_autofree char *filter = g_strdup_printf("+/+/room/%u", i);
		assert_int_equal(add(topics, topic), i);
		assert_int_equal(add_filter(topics, filter), i);
	}
	topics_await(topics, 4321, 1);

	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(topics_is_awaited(topics, i), i == 4321);
}

static void a_new_topic_beyond_the_bound_is_refused_and_a_known_one_is_not(void **state)
{
	Topics *topics = *state;
	char name[] = "0000000";
	for (uint32_t i = 0; i < TOPICS_MAX_TOPICS; i++) {
		for (uint32_t at = 0, rest = i; at < 7; at++, rest >>= 3)
			name[at] = (char)('0' + (rest & 7));
		assert_int_equal(add(topics, name), i);
	}

	assert_int_equal(add(topics, "one more"), NO_TOPIC);
	assert_int_equal(add(topics, "0000000"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_agrees_with_the_plain_matcher_in_any_order),
		TEST(who_waits_is_counted),
		TEST(only_topics_with_young_messages_are_visited),
		TEST(each_of_very_many_filters_knows_of_newer_messages),
		TEST(a_shared_filter_is_stored_and_matches_nothing),
		TEST(topics_of_too_many_levels_are_not_followed),
		TEST(a_filter_of_the_most_levels_is_followed),
		TEST(many_topics_and_filters_are_found_again),
		TEST(a_new_topic_beyond_the_bound_is_refused_and_a_known_one_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
