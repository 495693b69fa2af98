/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "src/session/id_shape.h"

#define SECOND INT64_C(1000000000)

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

static IdDifference between(const char *a, const char *b)
{
	return id_difference(span(a), span(b), 40 * SECOND);
}

/* As libraries and tutorials make them up. */
static void made_up_parts_are_told(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"mqttjs_1a2b3c4d", "mqttjs_9f8e7d6c"},
		{"auto-3d2c9a10-5b6f-4e1d-9a2b-1f0e9d8c7b6a", "auto-77fe01c2-0b1a-4f2e-8d3c-a1b2c3d4e5f6"},
		{"mosq-9Xx0uPqA3b4XxbU0a1", "mosq-7Yd2VwKe5c8ZzaT1b9"},
		{"ESP8266Client-ab3f", "ESP8266Client-9c04"},
		{"client_k3j9x2ab", "client_0qw8ert1"},
		{"paho8812345678901", "paho2298765432109"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		if (between(pairs[i][0], pairs[i][1]) != ID_GENERATED)
			fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
		assert_int_equal(id_shape(span(pairs[i][0])), id_shape(span(pairs[i][1])));
		assert_int_not_equal(id_shape(span(pairs[i][0])), 0);
	}
}

static void the_clock_is_told(void **state)
{
	(void)state;
	assert_int_equal(between("app1763805600123", "app1763805640130"), ID_CLOCK);
	assert_int_equal(between("app-1763805600", "app-1763805640"), ID_CLOCK);
	/* the same digits, but less time passed */
	assert_int_not_equal(between("app-1763805600", "app-1763809999"), ID_CLOCK);
	assert_int_not_equal(between("app1763805640130", "app1763805600123"), ID_CLOCK);
}

static void processes_are_numbers(void **state)
{
	(void)state;
	assert_int_equal(between("plc-31415", "plc-27182"), ID_NUMBERED);
}

static void what_tells_devices_apart_is_no_change(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"pump-7", "pump-8"},
		{"pump7", "pump9"},
		{"meter-10023", "meter-10024"},
		{"esp-a4cf12f03b9e", "esp-a4cf1299c0d1"},
		{"left-1a2b3c4d", "right-9f8e7d6c"},
		{"mqttjs_1a2b3c4d", "mqttjs_9f8e7d6c_2"},
		{"line-3-1a2b3c4d", "line-4-9f8e7d6c"},
		{"pump", "valve"},
		{"mqttjs_1a2b3c4d", "mqttjs_1a2b3c4d"},
		{"", "a1b2c3d4"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
		if (between(pairs[i][0], pairs[i][1]) != ID_UNRELATED)
			fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
}

static void a_fixed_name_has_no_shape(void **state)
{
	(void)state;
	assert_int_equal(id_shape(span("boiler-room")), 0);
	assert_int_equal(id_shape(span("")), 0);
	assert_int_not_equal(id_shape(span("pump-7")), id_shape(span("valve-7")));
}

static void huge_identifiers_are_left_alone(void **state)
{
	(void)state;
	static uint8_t octets[65535];
	memset(octets, '7', sizeof octets);
	ByteSpan huge = {octets, sizeof octets};
	assert_int_equal(id_shape(huge), 0);
	assert_int_equal(id_difference(huge, span("a"), SECOND), ID_UNRELATED);
	/* digits too many for a number */
	ByteSpan wide = {octets, 200};
	assert_int_equal(id_difference(wide, (ByteSpan){octets, 199}, SECOND), ID_UNRELATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_up_parts_are_told),
		cmocka_unit_test(the_clock_is_told),
		cmocka_unit_test(processes_are_numbers),
		cmocka_unit_test(what_tells_devices_apart_is_no_change),
		cmocka_unit_test(a_fixed_name_has_no_shape),
		cmocka_unit_test(huge_identifiers_are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
