/* SPDX-License-Identifier: MIT */
/*
 * Streams cut, shuffled, repeated and robbed at random, with fixed seeds: what
 * is delivered is exactly what was sent, and memory keeps within its bounds.
 */
#include "tests/dissectors/tcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 4000, STREAM_MAX = 600, PARTS_MAX = 4 * STREAM_MAX };

typedef struct Part {
	uint32_t offset;
	uint32_t size;
} Part;

typedef struct Stream {
	uint8_t octets[STREAM_MAX];
	uint32_t size;
	uint32_t first; /* sequence number of octet 0 */
	Part parts[PARTS_MAX];
	unsigned n_parts;
} Stream;

static uint32_t below(GRand *dice, uint32_t limit)
{
	return (uint32_t)g_rand_int_range(dice, 0, (gint32)limit);
}

static void make_stream(Stream *stream, GRand *dice)
{
	stream->size = 1 + below(dice, STREAM_MAX);
	for (uint32_t i = 0; i < stream->size; i++)
		stream->octets[i] = (uint8_t)g_rand_int(dice);
	/* Every other stream runs over the end of the sequence space. */
	stream->first = below(dice, 2) ? g_rand_int(dice) : -below(dice, stream->size);
	stream->n_parts = 0;
	for (uint32_t at = 0; at < stream->size;) {
		uint32_t size = 1 + below(dice, 60);
		size = MIN(size, stream->size - at);
		stream->parts[stream->n_parts++] = (Part){at, size};
		at += size;
	}
}

/* Repeats some parts, and some runs that overlap several. */
static void repeat(Stream *stream, GRand *dice)
{
	for (unsigned n = below(dice, 10); n > 0; n--) {
		uint32_t offset = below(dice, stream->size);
		Part again = {offset, 1 + below(dice, MIN(100, stream->size - offset))};
		if (below(dice, 2))
			again = stream->parts[below(dice, stream->n_parts)];
		unsigned place = below(dice, stream->n_parts + 1);
		memmove(&stream->parts[place + 1], &stream->parts[place],
		        (stream->n_parts - place) * sizeof(Part));
		stream->parts[place] = again;
		stream->n_parts++;
	}
}

static void shuffle(Stream *stream, GRand *dice, unsigned window)
{
	for (unsigned i = 0; i < stream->n_parts; i++) {
		unsigned other = i + below(dice, window);
		other = MIN(other, stream->n_parts - 1);
		Part part = stream->parts[i];
		stream->parts[i] = stream->parts[other];
		stream->parts[other] = part;
	}
}

static void send_part(Rig *rig, const Stream *stream, unsigned side, Part part)
{
	rig_segment(rig, side, (TcpSegment){
		.flags = TCP_ACK,
		.sequence = stream->first + part.offset,
		.acknowledgement = side == 0 ? 5001 : 1001,
		.payload = {stream->octets + part.offset, part.size},
		.payload_size = part.size,
	});
}

static void restart(Rig *rig, uint32_t client, uint32_t server)
{
	rig_finish(rig);
	g_byte_array_set_size(rig->octets[0], 0);
	g_byte_array_set_size(rig->octets[1], 0);
	memset(rig->gaps, 0, sizeof rig->gaps);
	memset(rig->gap_bytes, 0, sizeof rig->gap_bytes);
	g_string_truncate(rig->log, 0);
	rig_handshake(rig, client, server);
}

static int set_up(void **state)
{
	rig_set_up(state);
	((Rig *)*state)->quiet = true;
	return 0;
}

static void whatever_the_order_the_octets_are_exact(void **state)
{
	Rig *rig = *state;
	GRand *dice = g_rand_new_with_seed(20);
	Stream *stream = g_new0(Stream, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned side = round & 1;
		make_stream(stream, dice);
		restart(rig, side == 0 ? stream->first - 1 : 1000, side == 1 ? stream->first - 1 : 5000);
		repeat(stream, dice);
		shuffle(stream, dice, 1 + below(dice, 20));
		for (unsigned i = 0; i < stream->n_parts; i++)
			send_part(rig, stream, side, stream->parts[i]);
		assert_int_equal(rig->octets[side]->len, stream->size);
		assert_memory_equal(rig->octets[side]->data, stream->octets, stream->size);
		assert_int_equal(rig->gaps[side], 0);
	}
	assert_int_equal(tcp_table_counts(rig->table)->conflicts, 0);
	g_free(stream);
	g_rand_free(dice);
}

/* Conflicting copies: the first one sent of each octet is the one delivered. */
static void the_first_copy_of_every_octet_is_delivered(void **state)
{
	Rig *rig = *state;
	GRand *dice = g_rand_new_with_seed(21);
	Stream *stream = g_new0(Stream, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		make_stream(stream, dice);
		restart(rig, stream->first - 1, 5000);
		repeat(stream, dice);
		shuffle(stream, dice, 1 + below(dice, 20));
		uint8_t expected[STREAM_MAX];
		bool sent[STREAM_MAX] = {false};
		for (unsigned i = 0; i < stream->n_parts; i++) {
			Part part = stream->parts[i];
			for (uint32_t at = part.offset; at < part.offset + part.size; at++) {
				stream->octets[at] = (uint8_t)g_rand_int(dice);
				if (!sent[at])
					expected[at] = stream->octets[at];
				sent[at] = true;
			}
			send_part(rig, stream, 0, part);
		}
		assert_int_equal(rig->octets[0]->len, stream->size);
		assert_memory_equal(rig->octets[0]->data, expected, stream->size);
	}
	assert_true(tcp_table_counts(rig->table)->conflicts > 0);
	g_free(stream);
	g_rand_free(dice);
}

static void acknowledge(Rig *rig, const Stream *stream, Part part)
{
	rig_send(rig, 1, TCP_ACK, 5001, stream->first + part.offset + part.size);
}

static void send_without(Rig *rig, const Stream *stream, unsigned robbed, bool acked)
{
	restart(rig, stream->first - 1, 5000);
	for (unsigned i = 0; i < stream->n_parts; i++) {
		if (i != robbed)
			send_part(rig, stream, 0, stream->parts[i]);
		if (acked)
			acknowledge(rig, stream, stream->parts[i]);
	}
	rig_finish(rig);
}

static void every_removed_segment_is_one_gap_of_its_size(void **state)
{
	Rig *rig = *state;
	GRand *dice = g_rand_new_with_seed(22);
	Stream *stream = g_new0(Stream, 1);
	for (unsigned round = 0; round < ROUNDS / 20; round++) {
		make_stream(stream, dice);
		for (unsigned robbed = 0; robbed < stream->n_parts; robbed++) {
			bool acked = below(dice, 2);
			Part hole = stream->parts[robbed];
			send_without(rig, stream, robbed, acked);
			/* What nobody acknowledged at the tail is not known to have been sent. */
			bool visible = acked || robbed + 1 < stream->n_parts;
			assert_int_equal(rig->gaps[0], visible ? 1 : 0);
			assert_int_equal(rig->gap_bytes[0], visible ? hole.size : 0);
			assert_int_equal(rig->octets[0]->len, stream->size - hole.size);
			assert_memory_equal(rig->octets[0]->data, stream->octets, hole.offset);
			assert_memory_equal(rig->octets[0]->data + hole.offset,
			                    stream->octets + hole.offset + hole.size,
			                    stream->size - hole.offset - hole.size);
		}
	}
	g_free(stream);
	g_rand_free(dice);
}

/* On a bridge and on its port each packet shows twice, a few packets apart. */
static void packets_captured_twice_are_not_sent_twice(void **state)
{
	Rig *rig = *state;
	GRand *dice = g_rand_new_with_seed(24);
	Stream *stream = g_new0(Stream, 1);
	uint64_t sent = 0;
	rig->step_ns = 10000;
	for (unsigned round = 0; round < ROUNDS / 10; round++) {
		make_stream(stream, dice);
		shuffle(stream, dice, 3);
		restart(rig, stream->first - 1, 5000);
		unsigned lag = 1 + below(dice, 20);
		for (unsigned i = 0; i < stream->n_parts + lag; i++) {
			if (i < stream->n_parts)
				send_part(rig, stream, 0, stream->parts[i]);
			if (i >= lag)
				send_part(rig, stream, 0, stream->parts[i - lag]);
		}
		sent += stream->n_parts;
		assert_int_equal(rig->octets[0]->len, stream->size);
		assert_memory_equal(rig->octets[0]->data, stream->octets, stream->size);
	}
	const TcpCounts *counts = tcp_table_counts(rig->table);
	assert_int_equal(counts->duplicates + counts->retransmitted, sent);
	/* Two that fall on one place of the cache hide the first: one in hundreds at this lag. */
	assert_true(counts->retransmitted <= sent / 100);
	g_free(stream);
	g_rand_free(dice);
}

static void any_segments_at_all_do_no_harm(void **state)
{
	Rig *rig = *state;
	const TcpLimits limits = {.flow_buffer = 2000, .total_buffer = 5000, .flows = 8};
	rig_clear(rig);
	rig_init(rig, &limits);
	rig->quiet = true;
	GRand *dice = g_rand_new_with_seed(23);
	static const uint8_t octets[400];
	static const uint32_t marks[] = {0, 1000, UINT32_MAX - 100, 0x7fffff80, 0x40000000, 0xc0000000};
	for (unsigned round = 0; round < 400000; round++) {
		uint32_t size = below(dice, 3) ? below(dice, 400) : 0;
		uint32_t cut = below(dice, 4) ? size : below(dice, size + 1);
		rig->port = (uint16_t)below(dice, 12);
		rig->step_ns = (int64_t)below(dice, 4) * 300000000 - 100000000;
		rig->ignores = below(dice, 5000) == 0;
		rig_segment(rig, below(dice, 2), (TcpSegment){
			.flags = (uint8_t)(below(dice, 3) ? TCP_ACK : below(dice, 32)),
			.sequence = marks[below(dice, G_N_ELEMENTS(marks))] + below(dice, 1000),
			.acknowledgement = marks[below(dice, G_N_ELEMENTS(marks))] + below(dice, 1000),
			.payload = {octets, cut},
			.payload_size = below(dice, 1000) ? size : UINT32_MAX,
		});
	}
	rig_finish(rig);
	assert_int_equal(rig->n_closed, rig->n_open);
	g_rand_free(dice);
}

static void a_flood_of_syns_keeps_within_the_bound(void **state)
{
	Rig *rig = *state;
	const TcpLimits limits = {.flows = 1000};
	rig_clear(rig);
	rig_init(rig, &limits);
	rig->quiet = true;
	for (unsigned i = 0; i < 50000; i++) {
		rig->port = (uint16_t)i;
		rig_send(rig, 0, TCP_SYN, i, 0);
		assert_true(rig->n_open - rig->n_closed <= 1000);
	}
	assert_int_equal(tcp_table_counts(rig->table)->evicted, 49000);
}

/* 20 flows of which each has a hole of 2 octets before every 10; returns what still waits. */
static size_t flood_out_of_order(Rig *rig, const TcpLimits *limits)
{
	rig_clear(rig);
	rig_init(rig, limits);
	rig->quiet = true;
	for (uint16_t port = 1; port <= 20; port++) {
		rig->port = port;
		rig_handshake(rig, 1000, 5000);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		rig->port = (uint16_t)(1 + i % 20);
		rig_text(rig, 0, 1003 + i / 20 * 12, 5001, "0123456789");
	}
	size_t waited = 20000 * 10 - rig->octets[0]->len;
	rig_finish(rig);
	assert_int_equal(rig->octets[0]->len, 20000 * 10);
	assert_int_equal(rig->gap_bytes[0], 20000 * 2);
	return waited;
}

static void a_flood_out_of_order_keeps_within_the_bound_of_a_flow(void **state)
{
	const TcpLimits limits = {.flow_buffer = 3000};
	size_t waited = flood_out_of_order(*state, &limits);
	assert_in_range(waited, 1, 20 * 3000);
}

static void a_flood_out_of_order_keeps_within_the_bound_of_all(void **state)
{
	const TcpLimits limits = {.total_buffer = 50000};
	size_t waited = flood_out_of_order(*state, &limits);
	assert_in_range(waited, 1, 50000);
}

/* Thousands of flows come and go in any order; each is found as long as it is there. */
static void flows_are_found_while_others_come_and_go(void **state)
{
	enum { PORTS = 6000, STEPS = 200000 };
	Rig *rig = *state;
	GRand *dice = g_rand_new_with_seed(25);
	uint32_t *next = g_new0(uint32_t, PORTS); /* 0: no such flow */
	unsigned opened = 0;
	rig->step_ns = NS_PER_SECOND; /* closed ones are forgotten within 60 steps */
	for (unsigned step = 0; step < STEPS; step++) {
		uint32_t port = below(dice, PORTS);
		rig->port = (uint16_t)port;
		if (next[port] == 0) {
			next[port] = 1 + step;
			opened++;
			rig_send(rig, 0, TCP_SYN, next[port]++, 0);
		} else if (below(dice, 5) == 0) {
			rig_send(rig, 0, TCP_RST, next[port], 0);
			next[port] = 0;
		} else {
			rig_text(rig, 0, next[port]++, 1, "x");
		}
	}
	assert_int_equal(rig->n_open, opened);
	assert_int_equal(tcp_table_counts(rig->table)->gaps, 0);
	g_free(next);
	g_rand_free(dice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whatever_the_order_the_octets_are_exact),
		TEST(the_first_copy_of_every_octet_is_delivered),
		TEST(every_removed_segment_is_one_gap_of_its_size),
		TEST(packets_captured_twice_are_not_sent_twice),
		TEST(any_segments_at_all_do_no_harm),
		TEST(a_flood_of_syns_keeps_within_the_bound),
		TEST(a_flood_out_of_order_keeps_within_the_bound_of_a_flow),
		TEST(a_flood_out_of_order_keeps_within_the_bound_of_all),
		TEST(flows_are_found_while_others_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
