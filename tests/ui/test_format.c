/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ui/report/format.h"

#define MS INT64_C(1000000)
#define SECOND NS_PER_SECOND

static void assert_duration(int64_t ns, const char *expected)
{
	char text[FORMAT_SIZE];
	format_duration(ns, text);
	assert_string_equal(text, expected);
}

static void durations_have_the_units_that_people_would_say(void **state)
{
	(void)state;
	assert_duration(0, "0 s");
	assert_duration(1, "< 1 ms");
	assert_duration(12 * MS, "12 ms");
	assert_duration(800 * MS, "800 ms");
	assert_duration(42300 * MS, "42.3 s");
	assert_duration(304200 * MS, "5 min 04.2 s");
	assert_duration(3 * 3600 * SECOND + 7 * 60 * SECOND, "3 h 07 min");
	assert_duration(53 * 3600 * SECOND, "2 d 05 h");
	assert_duration(-42300 * MS, "-42.3 s");
	assert_duration(INT64_MIN, "unknown");
}

static void durations_round_into_the_next_unit(void **state)
{
	(void)state;
	assert_duration(999 * MS + 600000, "1.0 s");
	assert_duration(59960 * MS, "1 min 00.0 s");
	assert_duration(3599960 * MS, "1 h 00 min");
	assert_duration(48 * 3600 * SECOND - SECOND, "2 d 00 h");
	assert_duration(INT64_MAX, "106752 d 00 h"); /* 9 223 372 036.85 s: 2 562 047 h 47 min */
}

static void offsets_always_have_a_sign(void **state)
{
	(void)state;
	char text[FORMAT_SIZE];
	format_offset(0, text);
	assert_string_equal(text, "+0.000 s");
	format_offset(-1500 * MS, text);
	assert_string_equal(text, "-1.500 s");
	format_offset(364199 * MS, text);
	assert_string_equal(text, "+6 min 04.2 s");
}

static void instants_follow_the_calendar(void **state)
{
	(void)state;
	char text[FORMAT_SIZE];
	assert_true(format_rfc3339((Instant){951782400 * SECOND}, text)); /* a leap day of 2000 */
	assert_string_equal(text, "2000-02-29T00:00:00.000000000Z");
	assert_true(format_rfc3339((Instant){4107542399 * SECOND + 1}, text)); /* 2100 has none */
	assert_string_equal(text, "2100-02-28T23:59:59.000000001Z");
	assert_true(format_rfc3339((Instant){4107542400 * SECOND}, text));
	assert_string_equal(text, "2100-03-01T00:00:00.000000000Z");
	assert_true(format_rfc3339((Instant){1795348800 * SECOND + 123 * MS}, text));
	assert_string_equal(text, "2026-11-22T12:00:00.123000000Z");
	assert_true(format_rfc3339((Instant){INT64_MAX}, text)); /* the last that fits */
	assert_string_equal(text, "2262-04-11T23:47:16.854775807Z");
	assert_true(format_rfc3339((Instant){INT64_MIN + 1}, text)); /* and the first */
	assert_string_equal(text, "1677-09-21T00:12:43.145224193Z");
	assert_false(format_rfc3339(INSTANT_UNKNOWN, text));
	format_date_time((Instant){1795348800 * SECOND}, text);
	assert_string_equal(text, "2026-11-22 12:00:00");
	format_time_of_day((Instant){1795348800 * SECOND + 45 * MS}, text);
	assert_string_equal(text, "12:00:00.045");
	format_time_of_day(INSTANT_UNKNOWN, text);
	assert_string_equal(text, "time unknown");
}

static void long_counts_are_grouped(void **state)
{
	(void)state;
	char text[FORMAT_SIZE];
	format_count(9999, text);
	assert_string_equal(text, "9999");
	format_count(12345, text);
	assert_string_equal(text, "12\xE2\x80\x89" "345");
	format_count(UINT64_MAX, text);
	assert_string_equal(text, "18\xE2\x80\x89" "446\xE2\x80\x89" "744\xE2\x80\x89" "073\xE2\x80\x89"
	                          "709\xE2\x80\x89" "551\xE2\x80\x89" "615");
}

static void octets_have_decimal_units(void **state)
{
	(void)state;
	char text[FORMAT_SIZE];
	format_octets(0, text);
	assert_string_equal(text, "0 B");
	format_octets(999, text);
	assert_string_equal(text, "999 B");
	format_octets(5012, text);
	assert_string_equal(text, "5.0 kB");
	format_octets(1234567890, text);
	assert_string_equal(text, "1.2 GB");
	format_octets(UINT64_MAX, text);
	assert_string_equal(text, "18.4 EB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_the_units_that_people_would_say),
		cmocka_unit_test(durations_round_into_the_next_unit),
		cmocka_unit_test(offsets_always_have_a_sign),
		cmocka_unit_test(instants_follow_the_calendar),
		cmocka_unit_test(long_counts_are_grouped),
		cmocka_unit_test(octets_have_decimal_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
