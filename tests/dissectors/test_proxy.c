/* SPDX-License-Identifier: MIT */
/* The PROXY protocol, at every cut; what it tells, what passes through, and what is none. */
#include "dissectors/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

#include "tests/dissectors/stream_rig.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4_ENDS "\xcb\0\x71\x07" "\x0a\0\0\5" "\xc3\x50" "\x07\x5b" /* 203.0.113.7:50000, 10.0.0.5:1883 */
#define V6_ENDS "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7" "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5" "\xc3\x50\x07\x5b"
#define AFTER "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0"

typedef struct Case {
	const char *octets;
	size_t size;
	const char *client, *server; /* NULL: it does not tell */
	bool local, tls;
} Case;

#define HEADER(text) text, sizeof text - 1
static const Case headers[] = {
	{HEADER("PROXY TCP4 203.0.113.7 10.0.0.5 50000 1883\r\n"), "203.0.113.7:50000", "10.0.0.5:1883", false, false},
	{HEADER("PROXY TCP6 2001:db8::7 fd00::5 50000 1883\r\n"), "[2001:db8::7]:50000", "[fd00::5]:1883", false, false},
	{HEADER("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
		false, false},
	{HEADER("PROXY UNKNOWN\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x11\0\x0c" V4_ENDS), "203.0.113.7:50000", "10.0.0.5:1883", false, false},
	{HEADER(SIGNATURE "\x21\x21\0\x24" V6_ENDS), "[2001:db8::7]:50000", "[fd00::5]:1883", false, false},
	{HEADER(SIGNATURE "\x21\x11\0\x1b" V4_ENDS "\x20\0\5\1\0\0\0\0" "\4\0\1x" "\xea\0\0"), "203.0.113.7:50000",
		"10.0.0.5:1883", false, true},
	{HEADER(SIGNATURE "\x20\0\0\0"), NULL, NULL, true, false},
	{HEADER(SIGNATURE "\x20\x11\0\x0c" V4_ENDS), NULL, NULL, true, false},
	{HEADER(SIGNATURE "\x21\0\0\0"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\0\0\5" "\xff\xff\xff\xff\xff"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x12\0\x0c" V4_ENDS), NULL, NULL, false, false},
};

static const Case none[] = {
	{HEADER("PROXY TCP4 203.0.113.7 10.0.0.5 50000\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 203.0.113.777 10.0.0.5 50000 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 2001:db8::7 fd00::5 50000 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 203.0.113.7 10.0.0.5 70000 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 203.0.113.7 10.0.0.5 -1 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 203.0.113.7 10.0.0.5 50000 1883\n"), NULL, NULL, false, false},
	{HEADER("PROXY TCP4 203.0.113.7\0 10.0.0.5 50000 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY UDP4 203.0.113.7 10.0.0.5 50000 1883\r\n"), NULL, NULL, false, false},
	{HEADER("PROXY  TCP4 203.0.113.7 10.0.0.5 50000 1883\r\n"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x31\x11\0\x0c" V4_ENDS), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x22\x11\0\x0c" V4_ENDS), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x11\0\x08" "\xcb\0\x71\x07" "\x0a\0\0\5"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x11\0\x0e" V4_ENDS "\4\0"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x11\0\x10" V4_ENDS "\4\0\2x"), NULL, NULL, false, false},
	{HEADER(SIGNATURE "\x21\x11\xff\xff" V4_ENDS), NULL, NULL, false, false},
	{HEADER("POST / HTTP/1.1\r\n\r\n"), NULL, NULL, false, false},
	{HEADER("\r\n\r\n\r\n\r\n\r\n\r\n"), NULL, NULL, false, false},
};

static void assert_endpoint(const Endpoint *endpoint, const char *expected)
{
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(endpoint, text);
	assert_string_equal(text, expected);
}

static void assert_facts(const Case *one, const ProxyFacts *facts)
{
	assert_int_equal(facts->version, one->octets[0] == 'P' ? 1 : 2);
	assert_int_equal(facts->known, one->client != NULL);
	assert_int_equal(facts->local, one->local);
	assert_int_equal(facts->tls, one->tls);
	if (one->client == NULL)
		return;
	assert_endpoint(&facts->client, one->client);
	assert_endpoint(&facts->server, one->server);
}

/* Feeds the case and what comes after it in two pieces, or in many. */
static Proxy *fed(const Case *one, size_t every, size_t cut, Above *above)
{
	Wire wire = wire_new();
	above_init(above);
	Proxy *proxy = proxy_new(above_sink(above), 0);
	g_autoptr(GByteArray) all = g_byte_array_new();
	g_byte_array_append(all, (const guint8 *)one->octets, (guint)one->size);
	g_byte_array_append(all, (const guint8 *)AFTER, sizeof AFTER - 1);
	wire_add(&wire, 0, all->data, all->len);
	wire_add(&wire, 1, "\x20\2\0\0", 4);
	wire_feed(&wire, proxy_sink(proxy), every, cut);
	wire_free(&wire);
	return proxy;
}

static void a_header_is_read_at_every_cut_and_the_rest_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		const Case *one = &headers[i];
		for (size_t cut = 0; cut < one->size + sizeof AFTER; cut++) {
			Above above;
			Proxy *proxy = fed(one, cut == 0 ? 1 : 0, cut, &above);
			if (proxy_state(proxy) != PROXY_READ)
				fail_msg("header %zu cut at %zu: state %d", i, cut, (int)proxy_state(proxy));
			assert_facts(one, proxy_facts(proxy));
			assert_int_equal(above.octets[0]->len, sizeof AFTER - 1);
			assert_memory_equal(above.octets[0]->data, AFTER, sizeof AFTER - 1);
			assert_int_equal(above.octets[1]->len, 4);
			assert_true(proxy_carried(proxy));
			proxy_free(proxy);
			above_clear(&above);
		}
	}
}

static void what_is_none_passes_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
		const Case *one = &none[i];
		for (size_t cut = 0; cut < one->size + sizeof AFTER; cut++) {
			Above above;
			Proxy *proxy = fed(one, cut == 0 ? 1 : 0, cut, &above);
			feed_ends(proxy_sink(proxy));
			if (proxy_state(proxy) != PROXY_NOT)
				fail_msg("case %zu cut at %zu: state %d", i, cut, (int)proxy_state(proxy));
			assert_int_equal(above.octets[0]->len, one->size + sizeof AFTER - 1);
			assert_memory_equal(above.octets[0]->data, one->octets, one->size);
			assert_false(proxy_facts(proxy)->known);
			proxy_free(proxy);
			above_clear(&above);
		}
	}
}

static void a_header_alone_carried_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		Above above;
		above_init(&above);
		Proxy *proxy = proxy_new(above_sink(&above), 0);
		feed(proxy_sink(proxy), 0, headers[i].octets, headers[i].size);
		feed_ends(proxy_sink(proxy));
		assert_int_equal(proxy_state(proxy), PROXY_READ);
		assert_false(proxy_carried(proxy));
		assert_int_equal(above.n_ends[0] + above.n_ends[1], 2);
		proxy_free(proxy);
		above_clear(&above);
	}
}

static void a_header_that_never_ends_is_bounded(void **state)
{
	(void)state;
	g_autofree char *spaces = g_strnfill(4096, ' ');
	memcpy(spaces, "PROXY UNKNOWN", 13);
	Above above;
	above_init(&above);
	Proxy *proxy = proxy_new(above_sink(&above), 0);
	feed(proxy_sink(proxy), 0, spaces, PROXY_V1_MOST - 1);
	assert_int_equal(proxy_state(proxy), PROXY_READING);
	feed(proxy_sink(proxy), 0, spaces + PROXY_V1_MOST - 1, 1000);
	assert_int_equal(proxy_state(proxy), PROXY_NOT);
	assert_int_equal(above.octets[0]->len, PROXY_V1_MOST - 1 + 1000);
	proxy_free(proxy);
	above_clear(&above);
}

static void a_hole_in_the_header_ends_it(void **state)
{
	(void)state;
	Above above;
	above_init(&above);
	Proxy *proxy = proxy_new(above_sink(&above), 0);
	feed(proxy_sink(proxy), 0, headers[0].octets, 20);
	feed_gap(proxy_sink(proxy), 0, 5);
	feed(proxy_sink(proxy), 0, AFTER, sizeof AFTER - 1);
	assert_int_equal(proxy_state(proxy), PROXY_NOT);
	assert_int_equal(above.octets[0]->len, 20 + sizeof AFTER - 1);
	assert_int_equal(above.gap_bytes[0], 5);
	proxy_free(proxy);
	above_clear(&above);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read_at_every_cut_and_the_rest_passes),
		cmocka_unit_test(what_is_none_passes_whole),
		cmocka_unit_test(a_header_alone_carried_nothing),
		cmocka_unit_test(a_header_that_never_ends_is_bounded),
		cmocka_unit_test(a_hole_in_the_header_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
