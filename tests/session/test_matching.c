/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/session/matching.h"

/* A literal with its size, so that U+0000 may stand in it. */
#define TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

typedef struct Case {
	ByteSpan filter, topic;
	bool matches;
	const char *clause;
} Case;

static const Case cases[] = {
	/* "#": the examples of §4.7.1.2 in both versions */
	{TEXT("sport/tennis/player1/#"), TEXT("sport/tennis/player1"), true, "4.7.1.2"},
	{TEXT("sport/tennis/player1/#"), TEXT("sport/tennis/player1/ranking"), true, "4.7.1.2"},
	{TEXT("sport/tennis/player1/#"), TEXT("sport/tennis/player1/score/wimbledon"), true, "4.7.1.2"},
	{TEXT("sport/#"), TEXT("sport"), true, "4.7.1.2"},
	{TEXT("#"), TEXT("sport"), true, "4.7.1.2"},
	{TEXT("#"), TEXT("a/b/c"), true, "4.7.1.2"},
	{TEXT("#"), TEXT("/"), true, "4.7.1.2"},
	{TEXT("sport/tennis/#"), TEXT("sport/tennis"), true, "4.7.1.2"},
	{TEXT("sport/#"), TEXT("sports"), false, "4.7.1.2"},
	{TEXT("sport/#"), TEXT("/sport"), false, "4.7.1.2"},
	{TEXT("sport/#"), TEXT("sport/"), true, "4.7.1.2"},
	{TEXT("sport/tennis#"), TEXT("sport/tennis"), false, "[MQTT-4.7.1-1]"},
	{TEXT("sport/tennis/#/ranking"), TEXT("sport/tennis/player1/ranking"), false,
	 "[MQTT-4.7.1-1]"},
	{TEXT("sport/tennis/#/ranking"), TEXT("sport/tennis"), false, "[MQTT-4.7.1-1]"},

	/* "+": the examples of §4.7.1.3 */
	{TEXT("sport/tennis/+"), TEXT("sport/tennis/player1"), true, "4.7.1.3"},
	{TEXT("sport/tennis/+"), TEXT("sport/tennis/player2"), true, "4.7.1.3"},
	{TEXT("sport/tennis/+"), TEXT("sport/tennis/player1/ranking"), false, "4.7.1.3"},
	{TEXT("sport/+"), TEXT("sport"), false, "4.7.1.3"},
	{TEXT("sport/+"), TEXT("sport/"), true, "4.7.1.3"},
	{TEXT("+"), TEXT("finance"), true, "4.7.1.3"},
	{TEXT("+/tennis/#"), TEXT("sport/tennis"), true, "4.7.1.3"},
	{TEXT("+/tennis/#"), TEXT("sport/tennis/player1"), true, "4.7.1.3"},
	{TEXT("+/tennis/#"), TEXT("tennis"), false, "4.7.1.3"},
	{TEXT("sport+"), TEXT("sport"), false, "[MQTT-4.7.1-2]"},
	{TEXT("sport+"), TEXT("sporty"), false, "[MQTT-4.7.1-2]"},
	{TEXT("sport/+/player1"), TEXT("sport/tennis/player1"), true, "4.7.1.3"},
	{TEXT("sport/+/player1"), TEXT("sport//player1"), true, "4.7.1.3"},
	{TEXT("sport/+/player1"), TEXT("sport/player1"), false, "4.7.1.3"},
	{TEXT("+/+"), TEXT("/finance"), true, "4.7.1.3"},
	{TEXT("/+"), TEXT("/finance"), true, "4.7.1.3"},
	{TEXT("+"), TEXT("/finance"), false, "4.7.1.3"},
	{TEXT("+/+"), TEXT("/"), true, "4.7.3"},

	/* "$": §4.7.2 */
	{TEXT("#"), TEXT("$SYS/uptime"), false, "[MQTT-4.7.2-1]"},
	{TEXT("+/monitor/Clients"), TEXT("$SYS/monitor/Clients"), false, "[MQTT-4.7.2-1]"},
	{TEXT("$SYS/#"), TEXT("$SYS/monitor/Clients"), true, "4.7.2"},
	{TEXT("$SYS/#"), TEXT("$SYS"), true, "4.7.2"},
	{TEXT("$SYS/monitor/+"), TEXT("$SYS/monitor/Clients"), true, "4.7.2"},
	{TEXT("+"), TEXT("$SYS"), false, "[MQTT-4.7.2-1]"},
	{TEXT("+/+"), TEXT("$SYS/x"), false, "[MQTT-4.7.2-1]"},
	{TEXT("a/+"), TEXT("a/$b"), true, "4.7.2: the first character of the topic only"},
	{TEXT("a/#"), TEXT("a/$b"), true, "4.7.2: the first character of the topic only"},
	{TEXT("/#"), TEXT("/$SYS"), true, "4.7.2: the first character of the topic only"},
	{TEXT("+/x"), TEXT("/x"), true, "4.7.2"},

	/* levels, octet by octet: §4.7.3 */
	{TEXT("ACCOUNTS"), TEXT("Accounts"), false, "4.7.3"},
	{TEXT("Accounts payable"), TEXT("Accounts payable"), true, "4.7.3"},
	{TEXT("/finance"), TEXT("finance"), false, "4.7.3"},
	{TEXT("finance/"), TEXT("finance"), false, "4.7.3"},
	{TEXT("a//b"), TEXT("a/b"), false, "4.7.3"},
	{TEXT("a//b"), TEXT("a//b"), true, "4.7.3"},
	{TEXT("/"), TEXT("/"), true, "4.7.3"},
	{TEXT("/"), TEXT("//"), false, "4.7.3"},
	{TEXT("a/b"), TEXT("a/b/c"), false, "4.7.3"},
	{TEXT("a/b/c"), TEXT("a/b"), false, "4.7.3"},
	/* U+00C5 and U+0041 U+030A are different topics: [MQTT-4.7.3-4], no normalisation */
	{TEXT("\xC3\x85"), TEXT("A\xCC\x8A"), false, "[MQTT-4.7.3-4]"},

	/* what no peer may send, and hostile ones do */
	{TEXT(""), TEXT(""), true, "[MQTT-4.7.3-1] forbids them; both are one empty level"},
	{TEXT(""), TEXT("a"), false, "[MQTT-4.7.3-1]"},
	{TEXT("#"), TEXT(""), true, "[MQTT-4.7.3-1]"},
	{TEXT("a\0b"), TEXT("a\0b"), true, "[MQTT-4.7.3-2]: compared whole"},
	{TEXT("a\0b"), TEXT("a\0c"), false, "[MQTT-4.7.3-2]: compared whole"},
	{TEXT("a"), TEXT("a\0"), false, "[MQTT-4.7.3-2]: compared whole"},
	{TEXT("\xFF/\xFE"), TEXT("\xFF/\xFE"), true, "not UTF-8: octets all the same"},
	{TEXT("#/#"), TEXT("a/b"), false, "[MQTT-4.7.1-1]"},
	{TEXT("#/a"), TEXT("x/a"), false, "[MQTT-4.7.1-1]"},
	{TEXT("++"), TEXT("a"), false, "[MQTT-4.7.1-2]"},
	{TEXT("##"), TEXT("a"), false, "[MQTT-4.7.1-1]"},
};

static void a_filter_matches_what_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const Case *at = &cases[i];
		if (filter_matches_topic(at->filter, at->topic) != at->matches)
			fail_msg("%.*s %s %.*s: %s", (int)at->filter.size, at->filter.data,
			         at->matches ? "must match" : "must not match", (int)at->topic.size,
			         at->topic.data, at->clause);
	}
}

static void an_empty_span_without_octets_is_an_empty_level(void **state)
{
	(void)state;
	ByteSpan nothing = {NULL, 0}, hash = TEXT("#"), text = TEXT("a");

	assert_true(filter_matches_topic(hash, nothing));
	assert_true(filter_matches_topic(nothing, nothing));
	assert_false(filter_matches_topic(text, nothing));
	assert_false(filter_matches_topic(nothing, text));
}

static void the_longest_topic_of_the_wire_is_walked_without_recursion(void **state)
{
	(void)state;
	static uint8_t slashes[65535], pluses[65535];
	memset(slashes, '/', sizeof slashes);
	for (size_t i = 0; i < sizeof pluses; i++)
		pluses[i] = i % 2 == 0 ? '+' : '/';
	ByteSpan topic = {slashes, 32767}; /* 32768 empty levels */

	assert_true(filter_matches_topic((ByteSpan){pluses, 65535}, topic)); /* 32768 levels */
	assert_false(filter_matches_topic((ByteSpan){pluses, 65533}, topic));
	assert_false(filter_matches_topic((ByteSpan){pluses, 65535}, (ByteSpan){slashes, 32766}));
}

static void shared_subscriptions_have_a_filter_behind_the_group(void **state)
{
	(void)state;
	/* 5.0 §4.8.2: $share/{ShareName}/{filter} */
	static const struct {
		ByteSpan filter;
		bool shared;
		const char *plain;
	} names[] = {
		{TEXT("$share/consumer1/sport/tennis/+"), true, "sport/tennis/+"},
		{TEXT("$share/consumer2//finance"), true, "/finance"},
		{TEXT("$share/g/#"), true, "#"},
		{TEXT("$share/consumer1"), false, "$share/consumer1"},
		{TEXT("$share/"), false, "$share/"},
		{TEXT("$share"), false, "$share"},
		{TEXT("$shared/g/t"), false, "$shared/g/t"},
		{TEXT("$SHARE/g/t"), false, "$SHARE/g/t"},
		{TEXT("share/g/t"), false, "share/g/t"},
		{TEXT(""), false, ""},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		ByteSpan plain;

		bool shared = filter_is_shared(names[i].filter, &plain);

		assert_int_equal(shared, names[i].shared);
		assert_int_equal(plain.size, strlen(names[i].plain));
		assert_memory_equal(plain.data, names[i].plain, plain.size);
	}
}

static void levels_are_cut_at_each_slash(void **state)
{
	(void)state;
	static const char *const expected[] = {"", "a", "", "bc", ""};
	ByteSpan text = TEXT("/a//bc/"), level;
	size_t position = 0;

	for (size_t i = 0; i < 5; i++) {
		assert_true(level_next(text, &position, &level));
		assert_int_equal(level.size, strlen(expected[i]));
		assert_memory_equal(level.data, expected[i], level.size);
	}
	assert_false(level_next(text, &position, &level));
	assert_false(level_next(text, &position, &level));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_matches_what_the_standard_says),
		cmocka_unit_test(an_empty_span_without_octets_is_an_empty_level),
		cmocka_unit_test(the_longest_topic_of_the_wire_is_walked_without_recursion),
		cmocka_unit_test(shared_subscriptions_have_a_filter_behind_the_group),
		cmocka_unit_test(levels_are_cut_at_each_slash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
