/* SPDX-License-Identifier: MIT */
#include "dissectors/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const Endpoint v4 = {{{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 5}}, 1883};
static const Endpoint v6 = {{{0xfd, [15] = 0x10}}, 65535};

static void an_ipv4_endpoint_reads_as_such(void **state)
{
	(void)state;
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(&v4, text);
	assert_string_equal(text, "10.0.0.5:1883");
	ip_address_format(&v4.address, text);
	assert_string_equal(text, "10.0.0.5");
	assert_true(ip_address_is_v4(&v4.address));
}

static void an_ipv6_endpoint_stands_in_brackets(void **state)
{
	(void)state;
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(&v6, text);
	assert_string_equal(text, "[fd00::10]:65535");
	ip_address_format(&v6.address, text);
	assert_string_equal(text, "fd00::10");
	assert_false(ip_address_is_v4(&v6.address));
}

static void the_longest_endpoint_fits(void **state)
{
	(void)state;
	Endpoint longest = {.port = 65535};
	char text[ENDPOINT_TEXT_SIZE];
	memset(longest.address.octets, 0xfe, sizeof longest.address.octets);
	endpoint_format(&longest, text);
	assert_string_equal(text, "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
}

static void endpoints_differ_by_address_or_port(void **state)
{
	(void)state;
	Endpoint other = v4;
	assert_true(endpoint_equal(&v4, &other));
	other.port++;
	assert_false(endpoint_equal(&v4, &other));
	other = v4;
	other.address.octets[0] = 1;
	assert_false(endpoint_equal(&v4, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_endpoint_reads_as_such),
		cmocka_unit_test(an_ipv6_endpoint_stands_in_brackets),
		cmocka_unit_test(the_longest_endpoint_fits),
		cmocka_unit_test(endpoints_differ_by_address_or_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
