/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ui/report/json_writer.h"

typedef void WriteSome(JsonWriter *writer);

static void assert_writes(WriteSome *write, unsigned broken_levels, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	JsonWriter *writer = json_writer_new(file, broken_levels);
	write(writer);
	assert_true(json_writer_finish(writer));
	fclose(file);
	assert_int_equal(size, strlen(expected));
	assert_string_equal(text, expected);
	free(text);
}

static void nested(JsonWriter *writer)
{
	json_begin_object(writer);
	json_key(writer, "a");
	json_begin_array(writer);
	json_number(writer, 1);
	json_begin_object(writer);
	json_key(writer, "b");
	json_null(writer);
	json_key(writer, "c");
	json_begin_array(writer);
	json_end_array(writer);
	json_end_object(writer);
	json_end_array(writer);
	json_key(writer, "d");
	json_begin_object(writer);
	json_end_object(writer);
	json_end_object(writer);
}

static void containers_nest_and_commas_stand_between_elements_only(void **state)
{
	(void)state;
	assert_writes(nested, 0, "{\"a\":[1,{\"b\":null,\"c\":[]}],\"d\":{}}");
}

static void outer_levels_break_lines_and_inner_ones_do_not(void **state)
{
	(void)state;
	assert_writes(nested, 1, "{\n \"a\": [1, {\"b\": null, \"c\": []}],\n \"d\": {}\n}");
	assert_writes(nested, 2,
	              "{\n \"a\": [\n  1,\n  {\"b\": null, \"c\": []}\n ],\n \"d\": {}\n}");
}

static void two_lines(JsonWriter *writer)
{
	json_begin_array(writer);
	json_end_array(writer);
	json_end_line(writer);
	json_bool(writer, true);
	json_end_line(writer);
}

static void values_on_lines_of_their_own_have_no_comma_between(void **state)
{
	(void)state;
	assert_writes(two_lines, 0, "[]\ntrue\n");
}

static void dangerous_text(JsonWriter *writer)
{
	static const uint8_t text[] = {'"', '\\', '/', '\n', '\r', '\t', '\b', '\f', 0, 0x1B, 0x7F};
	json_bytes(writer, (ByteSpan){text, sizeof text});
}

static void control_characters_and_quotes_are_escaped(void **state)
{
	(void)state;
	assert_writes(dangerous_text, 0,
	              "\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0000\\u001b\\u007f\"");
}

static void international_text(JsonWriter *writer)
{
	/* é, the euro sign, a face; then U+0085, which is a control character of C1 */
	json_string(writer, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xC2\x85");
}

static void valid_utf8_is_kept_but_for_control_characters(void **state)
{
	(void)state;
	assert_writes(international_text, 0, "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\\u0085\"");
}

static void deceptive_text(JsonWriter *writer)
{
	/* Right-to-left override, isolate, zero width space, a tag character (U+E0041). */
	json_string(writer, "a\xE2\x80\xAE" "b\xE2\x81\xA6\xE2\x80\x8B\xF3\xA0\x81\x81");
}

static void what_deceives_the_eye_is_escaped(void **state)
{
	(void)state;
	assert_writes(deceptive_text, 0, "\"a\\u202eb\\u2066\\u200b\\udb40\\udc41\"");
}

static void ill_formed_text(JsonWriter *writer)
{
	/* A lone continuation; overlong NUL; a surrogate; beyond U+10FFFF; cut off at the end. */
	static const uint8_t text[] = {0x80, 'a', 0xC0, 0x80, 'b', 0xED, 0xA0, 0x80,
	                               'c',  0xF4, 0x90, 0x80, 0x80, 'd', 0xE2, 0x82};
	json_bytes(writer, (ByteSpan){text, sizeof text});
}

#define FFFD "\xEF\xBF\xBD"

static void each_ill_formed_octet_becomes_a_replacement_character(void **state)
{
	(void)state;
	assert_writes(ill_formed_text, 0,
	              "\"" FFFD "a" FFFD FFFD "b" FFFD FFFD FFFD "c" FFFD FFFD FFFD FFFD "d" FFFD FFFD
	              "\"");
}

static void numbers(JsonWriter *writer)
{
	json_begin_array(writer);
	json_number(writer, 0);
	json_number(writer, UINT64_MAX);
	json_seconds(writer, 304200000000);
	json_seconds(writer, 0);
	json_seconds(writer, -1);
	json_seconds(writer, 12000000000);
	json_seconds(writer, INT64_MAX);
	json_seconds(writer, INT64_MIN);
	json_end_array(writer);
}

static void seconds_are_exact_and_without_exponent(void **state)
{
	(void)state;
	assert_writes(numbers, 0,
	              "[0,18446744073709551615,304.2,0,-0.000000001,12,9223372036.854775807,null]");
}

static void instants(JsonWriter *writer)
{
	json_begin_array(writer);
	json_instant(writer, (Instant){0});
	json_instant(writer, (Instant){-1});
	json_instant(writer, INSTANT_UNKNOWN);
	json_string(writer, NULL);
	json_end_array(writer);
}

static void what_is_not_known_is_null(void **state)
{
	(void)state;
	assert_writes(instants, 0,
	              "[\"1970-01-01T00:00:00.000000000Z\",\"1969-12-31T23:59:59.999999999Z\","
	              "null,null]");
}

enum { LONG_SIZE = 200000 };

static void long_text(JsonWriter *writer)
{
	g_autofree char *text = g_strnfill(LONG_SIZE, 'x');
	text[70000] = '"';
	json_string(writer, text);
}

static void text_longer_than_the_buffer_passes_whole(void **state)
{
	(void)state;
	g_autofree char *expected = g_strnfill(LONG_SIZE + 3, 'x');
	expected[0] = expected[LONG_SIZE + 2] = '"';
	expected[70001] = '\\';
	expected[70002] = '"';
	assert_writes(long_text, 0, expected);
}

static void a_full_disk_is_told(void **state)
{
	(void)state;
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL)
		skip();
	JsonWriter *writer = json_writer_new(full, 0);
	long_text(writer);
	assert_false(json_writer_finish(writer));
	fclose(full);
}

/* Text is looked through in pieces of eight: every place in them, and every octet. */
static void every_octet_is_escaped_or_not_wherever_it_stands(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 0x80; c++) {
		for (unsigned at = 0; at < 17; at++) {
			char text[18] = "abcdefghijklmnopq";
			text[at] = (char)c;
			char *buffer = NULL;
			size_t size = 0;
			FILE *out = open_memstream(&buffer, &size);
			JsonWriter *writer = json_writer_new(out, 0);
			json_string(writer, text);
			assert_true(json_writer_finish(writer));
			fclose(out);
			bool plain = c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
			assert_int_equal(size == 19, plain);
			assert_int_equal(buffer[1 + at] == (char)c && c != '\\', plain);
			free(buffer);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_octet_is_escaped_or_not_wherever_it_stands),
		cmocka_unit_test(containers_nest_and_commas_stand_between_elements_only),
		cmocka_unit_test(outer_levels_break_lines_and_inner_ones_do_not),
		cmocka_unit_test(values_on_lines_of_their_own_have_no_comma_between),
		cmocka_unit_test(control_characters_and_quotes_are_escaped),
		cmocka_unit_test(valid_utf8_is_kept_but_for_control_characters),
		cmocka_unit_test(what_deceives_the_eye_is_escaped),
		cmocka_unit_test(each_ill_formed_octet_becomes_a_replacement_character),
		cmocka_unit_test(seconds_are_exact_and_without_exponent),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(text_longer_than_the_buffer_passes_whole),
		cmocka_unit_test(a_full_disk_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
