/* SPDX-License-Identifier: MIT */
#include "dissectors/net.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

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

/* The examples of RFC 5952 and RFC 4291, and each pattern of groups that are 0, as the system has it. */
static void ipv6_addresses_are_shortened_as_by_everybody(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"::", "::1", "1::", "2001:db8::1", "2001:db8::2:1", "2001:db8:0:1:1:1:1:1",
		"2001:0:0:1::1", "2001:db8::1:0:0:1", "::13.1.68.3", "::fffe:0:1", "::1:2:3", "fe80::",
		"64:ff9b::c000:221",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		IpAddress address;
		char text[ENDPOINT_TEXT_SIZE];
		assert_int_equal(inet_pton(AF_INET6, texts[i], &address), 1);
		ip_address_format(&address, text);
		assert_string_equal(text, texts[i]);
	}
	static const uint8_t groups[] = {0x10, 0x01, 0xab, 0xff};
	for (unsigned pattern = 0; pattern < 1u << 16; pattern++) {
		IpAddress address = {{0}};
		char text[ENDPOINT_TEXT_SIZE], system[ENDPOINT_TEXT_SIZE];
		for (unsigned octet = 0; octet < 16; octet++)
			if ((pattern >> octet & 1) != 0)
				address.octets[octet] = groups[octet % 4];
		ip_address_format(&address, text);
		inet_ntop(AF_INET6, &address, system, sizeof system);
		if (!ip_address_is_v4(&address))
			assert_string_equal(text, system);
	}
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
		cmocka_unit_test(ipv6_addresses_are_shortened_as_by_everybody),
		cmocka_unit_test(endpoints_differ_by_address_or_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
