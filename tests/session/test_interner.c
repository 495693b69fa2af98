/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "src/session/interner.h"

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

static int setup(void **state)
{
	*state = interner_new();
	return 0;
}

static int teardown(void **state)
{
	interner_free(*state);
	return 0;
}

static void the_same_octets_have_the_same_index(void **state)
{
	Interner *interner = *state;

	uint32_t a = interner_add(interner, span("a"));
	uint32_t b = interner_add(interner, span("b"));

	assert_int_not_equal(a, b);
	assert_int_equal(interner_add(interner, span("a")), a);
	assert_int_equal(interner_find(interner, span("b")), b);
	assert_int_equal(interner_size(interner), 2);
}

static void what_was_never_added_is_not_found(void **state)
{
	Interner *interner = *state;
	assert_int_equal(interner_find(interner, span("a")), INTERNER_NONE);
	interner_add(interner, span("ab"));

	assert_int_equal(interner_find(interner, span("a")), INTERNER_NONE);
	assert_int_equal(interner_find(interner, span("")), INTERNER_NONE);
	assert_int_equal(interner_size(interner), 1);
}

static void nothing_at_all_is_a_text_too(void **state)
{
	Interner *interner = *state;

	uint32_t index = interner_add(interner, (ByteSpan){NULL, 0});

	assert_int_equal(interner_add(interner, span("")), index);
	assert_int_equal(interner_add(interner, (ByteSpan){NULL, 0}), index);
	assert_int_equal(interner_text(interner, index).size, 0);
}

static void octets_behind_a_zero_count(void **state)
{
	Interner *interner = *state;

	uint32_t one = interner_add(interner, (ByteSpan){(const uint8_t *)"a\0b", 3});
	uint32_t two = interner_add(interner, (ByteSpan){(const uint8_t *)"a\0c", 3});
	uint32_t three = interner_add(interner, (ByteSpan){(const uint8_t *)"a", 1});

	assert_int_not_equal(one, two);
	assert_int_not_equal(one, three);
	assert_memory_equal(interner_text(interner, two).data, "a\0c", 3);
}

static void the_text_is_a_copy_that_stays_while_others_come(void **state)
{
	Interner *interner = *state;
	char text[16] = "first";
	uint32_t first = interner_add(interner, span(text));
	const uint8_t *before = interner_text(interner, first).data;
	strcpy(text, "other");

	for (unsigned i = 0; i < 20000; i++) {
		g_autofree char *name = g_strdup_printf("name %u", i);
		assert_int_equal(interner_add(interner, span(name)), i + 1);
	}

	assert_ptr_equal(interner_text(interner, first).data, before);
	assert_memory_equal(before, "first", 5);
	assert_int_equal(interner_find(interner, span("name 12345")), 12346);
	assert_int_equal(interner_size(interner), 20001);
}

static void the_longest_string_of_the_wire_is_kept(void **state)
{
	Interner *interner = *state;
	g_autofree uint8_t *text = g_malloc(65535);
	memset(text, 'x', 65535);
	interner_add(interner, span("small"));

	uint32_t one = interner_add(interner, (ByteSpan){text, 65535});
	uint32_t two = interner_add(interner, (ByteSpan){text, 65534});

	assert_int_not_equal(one, two);
	assert_int_equal(interner_text(interner, one).size, 65535);
	assert_memory_equal(interner_text(interner, one).data, text, 65535);
	assert_int_equal(interner_find(interner, span("small")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_octets_have_the_same_index),
		TEST(what_was_never_added_is_not_found),
		TEST(nothing_at_all_is_a_text_too),
		TEST(octets_behind_a_zero_count),
		TEST(the_text_is_a_copy_that_stays_while_others_come),
		TEST(the_longest_string_of_the_wire_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
