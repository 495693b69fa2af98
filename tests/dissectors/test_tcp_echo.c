/* SPDX-License-Identifier: MIT */
/* A connection seen before and after NAT is one; whatever differs from that is two. */
#include "dissectors/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

typedef struct Told {
	unsigned opened, closed, refused;
} Told;

static StreamSink on_opened(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Told *told = user;
	(void)flow;
	(void)at;
	told->opened++;
	return (StreamSink){0};
}

static void on_closed(void *user, TcpFlow *flow)
{
	Told *told = user;
	(void)flow;
	told->closed++;
}

static void on_refused(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Told *told = user;
	(void)flow;
	(void)at;
	told->refused++;
}

static const TcpTableOps ops = {.opened = on_opened, .closed = on_closed, .refused = on_refused};

typedef struct Syn {
	uint8_t host;
	uint16_t port;
	uint32_t sequence;
	uint16_t ip_id, window;
	uint8_t ttl, clock; /* the last octet of its timestamp */
	int64_t time;
} Syn;

static const Syn before = {1, 50000, 77, 4711, 64240, 64, 9, 0};

static TcpSegment segment_of(const Syn *syn, uint8_t options[static 12])
{
	static const uint8_t octets[12] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
	memcpy(options, octets, sizeof octets);
	options[7] = syn->clock;
	TcpSegment segment = {
		.source = {{{10, [15] = syn->host}}, syn->port},
		.destination = {{{10, [15] = 99}}, 1883},
		.sequence = syn->sequence,
		.window = syn->window,
		.flags = TCP_SYN,
		.ttl = syn->ttl,
		.options_size = 12,
		.ip_id = syn->ip_id,
		.payload = {options + 12, 0},
	};
	return segment;
}

static Told tell(const Syn *second, bool refuse)
{
	Told told = {0};
	TcpTable *table = tcp_table_new(NULL, &ops, &told);
	const Syn *const both[] = {&before, second};
	StreamPoint at = {{0, 0}, {0}};
	for (unsigned i = 0; i < 2; i++) {
		uint8_t options[12];
		TcpSegment segment = segment_of(both[i], options);
		at = (StreamPoint){{i + 1, 0}, {both[i]->time}};
		tcp_table_segment(table, &segment, &at);
		if (!refuse)
			continue;
		TcpSegment reset = {.source = segment.destination,
		                    .destination = segment.source,
		                    .acknowledgement = segment.sequence + 1,
		                    .flags = TCP_RST | TCP_ACK,
		                    .payload = {options, 0}};
		tcp_table_segment(table, &reset, &at);
	}
	assert_int_equal(tcp_table_counts(table)->connections, 2);
	assert_int_equal(tcp_table_counts(table)->echoes, 2 - told.opened);
	tcp_table_finish(table, &at);
	tcp_table_free(table);
	assert_int_equal(told.closed, told.opened);
	return told;
}

static void a_translated_copy_is_taken_once(void **state)
{
	(void)state;
	Syn again = before;
	again.host = 2;
	again.port = 61000;
	again.ttl = 63;
	again.time = 40000;
	assert_int_equal(tell(&again, false).opened, 1);
	Told told = tell(&again, true);
	assert_int_equal(told.refused, 1);
	again.port = before.port;
	again.ttl = 60;
	again.time = 5000000;
	assert_int_equal(tell(&again, false).opened, 1);
}

static void anything_else_is_a_connection_of_its_own(void **state)
{
	(void)state;
	Syn good = before;
	good.host = 2;
	good.ttl = 63;
	Syn others[9];
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
		others[i] = good;
	others[0].sequence++;
	others[1].ip_id++;
	others[2].window++;
	others[3].ttl = 64; /* nobody forwarded it */
	others[4].ttl = 65;
	others[5].ttl = 59; /* that is another way */
	others[6].clock++;
	others[7].time = 5000001;
	others[8].host = 1; /* the same addresses: another port is another connection */
	others[8].port = 50001;
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
		if (tell(&others[i], false).opened != 2)
			fail_msg("case %u is taken for a copy", i);
	assert_int_equal(tell(&good, false).opened, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_translated_copy_is_taken_once),
		cmocka_unit_test(anything_else_is_a_connection_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
