/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/report/escape.h"

static void assert_escapes(const char *text, size_t size, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);
	escape_append(out, (ByteSpan){(const uint8_t *)text, size});
	assert_string_equal(out->str, expected);
}

#define ASSERT_ESCAPES(text, expected) assert_escapes(text, sizeof text - 1, expected)

static void plain_and_international_text_stays_as_it_is(void **state)
{
	(void)state;
	ASSERT_ESCAPES("plant/+/temp #1", "plant/+/temp #1");
	ASSERT_ESCAPES("Z\xC3\xBCrich \xE6\xB8\xA9\xE5\xBA\xA6", "Z\xC3\xBCrich \xE6\xB8\xA9\xE5\xBA\xA6");
}

static void terminal_sequences_lose_their_power(void **state)
{
	(void)state;
	ASSERT_ESCAPES("\x1B[2J\x1B]0;owned\x07", "\\x1B[2J\\x1B]0;owned\\x07");
	ASSERT_ESCAPES("a\r\n\tb\0c\x7F", "a\\x0D\\x0A\\x09b\\x00c\\x7F");
	ASSERT_ESCAPES("\xC2\x9B" "31m", "\\u{009B}31m"); /* CSI as one character of C1 */
}

static void direction_and_invisible_characters_are_spelt_out(void **state)
{
	(void)state;
	ASSERT_ESCAPES("\xE2\x80\xAA\xE2\x80\xAE", "\\u{202A}\\u{202E}");
	ASSERT_ESCAPES("\xE2\x81\xA6\xE2\x81\xA9", "\\u{2066}\\u{2069}");
	ASSERT_ESCAPES("a\xE2\x80\x8B" "b\xEF\xBB\xBF", "a\\u{200B}b\\u{FEFF}");
	ASSERT_ESCAPES("\xF3\xA0\x80\x81", "\\u{E0001}"); /* a tag character */
	ASSERT_ESCAPES("\xD8\x80\xDC\x8F", "\\u{0600}\\u{070F}"); /* signs that span what follows */
	ASSERT_ESCAPES("\xE3\x85\xA4\xEF\xBE\xA0", "\\u{3164}\\u{FFA0}"); /* fillers */
	ASSERT_ESCAPES("\xE2\xA0\x80", "\\u{2800}"); /* Braille without a dot */
}

static void ill_formed_octets_are_shown_one_by_one(void **state)
{
	(void)state;
	ASSERT_ESCAPES("\xFF" "a\xC0\x80", "\\xFFa\\xC0\\x80");
	ASSERT_ESCAPES("\xED\xA0\x80", "\\xED\\xA0\\x80");
	ASSERT_ESCAPES("\xE2\x82", "\\xE2\\x82");
}

static void nothing_can_pretend_to_be_escaped(void **state)
{
	(void)state;
	ASSERT_ESCAPES("\\x1B", "\\\\x1B");
}

static void markdown_sees_no_markup_in_it(void **state)
{
	(void)state;
	g_autoptr(GString) out = g_string_new(NULL);
	escape_append_markdown(out, "#<b>|`x`*_[a](http://e)-\\x0A");
	assert_string_equal(out->str, "\\#&#60;b>\\|\\`x\\`\\*\\_\\[a\\](http\\://e)-\\\\x0A");
}

static void assert_code(const char *text, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);
	escape_append_code(out, (ByteSpan){(const uint8_t *)text, strlen(text)});
	assert_string_equal(out->str, expected);
}

static void a_code_span_cannot_be_left(void **state)
{
	(void)state;
	assert_code("plant/+/temp", "`plant/+/temp`");
	assert_code("a`b", "`` a`b ``");
	assert_code("```", "```` ``` ````");
	assert_code("a\nb", "`a\\x0Ab`");
}

static void columns_are_those_that_a_terminal_takes(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xE6\xB8\xA9\xE5\xBA\xA6"), 4);      /* two wide ones */
	assert_int_equal(text_columns("e\xCC\x81"), 1);                      /* a combining accent */
	assert_int_equal(text_columns("\033[1;31mred\033[0m"), 3);
}

static void text_is_cut_between_characters(void **state)
{
	(void)state;
	assert_int_equal(text_fit("abc", 2), 2);
	assert_int_equal(text_fit("abc", 9), 3);
	assert_int_equal(text_fit("\xE6\xB8\xA9\xE5\xBA\xA6", 3), 3); /* the second would not fit */
	assert_int_equal(text_fit("e\xCC\x81x", 1), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_international_text_stays_as_it_is),
		cmocka_unit_test(terminal_sequences_lose_their_power),
		cmocka_unit_test(direction_and_invisible_characters_are_spelt_out),
		cmocka_unit_test(ill_formed_octets_are_shown_one_by_one),
		cmocka_unit_test(nothing_can_pretend_to_be_escaped),
		cmocka_unit_test(markdown_sees_no_markup_in_it),
		cmocka_unit_test(a_code_span_cannot_be_left),
		cmocka_unit_test(columns_are_those_that_a_terminal_takes),
		cmocka_unit_test(text_is_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
