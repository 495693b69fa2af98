/* SPDX-License-Identifier: MIT */
/* How the clocks of two files differ: what their segments tell, and what they do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <glib.h>

#include "src/clocks.h"

enum { N_SEGMENTS = 50, MS = 1000000 };

/* Two captures of one stream: the first beside the client, the second beside the broker. */
typedef struct Pair {
	ClockSample *near, *far;
	int64_t ahead_ns; /* the second clock */
	int64_t way_ns;   /* from one place to the other */
	int64_t now_ns;
	uint32_t sent[2];
	uint16_t port;
} Pair;

static Pair pair_new(int64_t ahead_ns, int64_t way_ns)
{
	return (Pair){clock_sample_new(1 << 15), clock_sample_new(1 << 15), ahead_ns, way_ns,
	              1000 * NS_PER_SECOND, {1000, 5000}, 40000};
}

static void pair_free(Pair *pair)
{
	clock_sample_free(pair->near);
	clock_sample_free(pair->far);
}

static Endpoint endpoint(uint8_t last, uint16_t port)
{
	return (Endpoint){.address.octets = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = last}, .port = port};
}

/* A segment of @size octets from the client (0) or the broker; which of the two captures have it? */
static void send(Pair *pair, unsigned from, uint32_t size, bool near, bool far)
{
	static const uint8_t octets[100] = {1, 2, 3};
	Endpoint ends[2] = {endpoint(1, pair->port), endpoint(2, 1883)};
	TcpSegment segment = {
		.source = ends[from],
		.destination = ends[!from],
		.sequence = pair->sent[from],
		.acknowledgement = pair->sent[!from],
		.flags = TCP_ACK,
		.payload = {octets, size},
		.payload_size = size,
	};
	int64_t at_near = pair->now_ns + (from == 0 ? 0 : pair->way_ns);
	int64_t at_far = pair->now_ns + (from == 0 ? pair->way_ns : 0) + pair->ahead_ns;
	if (near)
		clock_sample_add(pair->near, &segment, (Instant){at_near});
	if (far)
		clock_sample_add(pair->far, &segment, (Instant){at_far});
	pair->sent[from] += size;
	pair->now_ns += 100 * MS;
}

static ClockReading compare(const Pair *pair)
{
	return clock_samples_compare(pair->near, pair->far);
}

/* The way there takes what the way back gives. */
static void segments_in_both_files_tell_the_skew(void **state)
{
	(void)state;
	Pair pair = pair_new(37 * NS_PER_SECOND, 20 * MS);
	for (unsigned i = 0; i < N_SEGMENTS; i++)
		send(&pair, i % 2, 10, true, true);
	ClockReading reading = compare(&pair);
	assert_true(reading.known);
	assert_int_equal(reading.n_common, N_SEGMENTS);
	assert_int_equal(reading.offset_ns, 37 * NS_PER_SECOND);
	assert_int_equal(reading.doubt_ns, 20 * MS);
	pair_free(&pair);
}

static void a_skew_within_the_doubt_is_taken_for_none(void **state)
{
	(void)state;
	Pair pair = pair_new(5 * MS, 20 * MS);
	for (unsigned i = 0; i < N_SEGMENTS; i++)
		send(&pair, i % 2, 10, true, true);
	ClockReading reading = compare(&pair);
	assert_true(reading.known);
	assert_int_equal(reading.offset_ns, 0);
	assert_int_equal(reading.doubt_ns, 25 * MS);
	pair_free(&pair);
}

/* One clock runs slow: what they differ by changes by two seconds from the first to the last. */
static void a_drift_is_doubt(void **state)
{
	(void)state;
	Pair pair = pair_new(100 * NS_PER_SECOND, 0);
	for (unsigned i = 0; i <= N_SEGMENTS; i++) {
		send(&pair, 0, 10, true, true);
		send(&pair, 1, 10, true, true);
		pair.ahead_ns += 2 * NS_PER_SECOND / N_SEGMENTS;
	}
	ClockReading reading = compare(&pair);
	assert_true(reading.known);
	assert_in_range(reading.offset_ns, 100 * NS_PER_SECOND, 102 * NS_PER_SECOND);
	assert_in_range(reading.doubt_ns, 900 * MS, 1200 * MS);
	pair_free(&pair);
}

static void two_segments_in_both_files_are_too_few(void **state)
{
	(void)state;
	Pair pair = pair_new(37 * NS_PER_SECOND, MS);
	send(&pair, 0, 10, true, true);
	send(&pair, 0, 10, true, true);
	assert_false(compare(&pair).known);
	send(&pair, 0, 10, true, true);
	assert_true(compare(&pair).known);
	pair_free(&pair);
}

/* Each file has one direction: what is acknowledged was sent before. */
static void acknowledgements_bound_the_skew_from_both_ends(void **state)
{
	(void)state;
	Pair pair = pair_new(37 * NS_PER_SECOND, 0);
	for (unsigned i = 0; i < N_SEGMENTS; i++) {
		send(&pair, 0, 10, true, false);
		send(&pair, 1, 10, false, true);
	}
	ClockReading reading = compare(&pair);
	assert_true(reading.known);
	assert_int_equal(reading.n_common, 0);
	assert_true(ABS(reading.offset_ns - 37 * NS_PER_SECOND) <= reading.doubt_ns);
	assert_true(reading.doubt_ns <= 200 * MS);
	pair_free(&pair);
}

/* A capture in two files, one after the other: the stream goes on, but only in one order. */
static void a_stream_that_goes_on_in_the_next_file_bounds_from_one_end_only(void **state)
{
	(void)state;
	Pair pair = pair_new(0, 0);
	for (unsigned i = 0; i < N_SEGMENTS; i++)
		send(&pair, i % 2, 10, i < N_SEGMENTS / 2, i >= N_SEGMENTS / 2);
	ClockReading reading = compare(&pair);
	assert_false(reading.known);
	assert_false(reading.beside);
	pair_free(&pair);
}

static void files_without_a_common_stream_tell_nothing(void **state)
{
	(void)state;
	Pair pair = pair_new(0, 0);
	for (unsigned i = 0; i < N_SEGMENTS; i++) {
		pair.port = 40000;
		send(&pair, i % 2, 10, true, false);
		pair.port = 40001;
		send(&pair, i % 2, 10, false, true);
	}
	ClockReading reading = compare(&pair);
	assert_false(reading.known);
	assert_true(reading.beside);
	pair_free(&pair);
}

/* What was sent twice may be the first one here and the second there. */
static void what_was_sent_again_does_not_count(void **state)
{
	(void)state;
	Pair pair = pair_new(37 * NS_PER_SECOND, 0);
	for (unsigned i = 0; i < N_SEGMENTS; i++) {
		send(&pair, 0, 10, true, false);
		pair.sent[0] -= 10;
		send(&pair, 0, 10, true, true);
	}
	assert_int_equal(compare(&pair).n_common, 0);
	pair_free(&pair);
}

/* However much there is to read, the sample is small, and two samples are of the same segments. */
static void samples_are_thinned_out_alike(void **state)
{
	(void)state;
	Pair pair = pair_new(37 * NS_PER_SECOND, 0);
	clock_sample_free(pair.far);
	pair.far = clock_sample_new(64);
	for (unsigned i = 0; i < 4000; i++)
		send(&pair, i % 2, 10, true, true);
	ClockReading reading = compare(&pair);
	assert_true(reading.known);
	assert_in_range(reading.n_common, 3, 64);
	assert_int_equal(reading.offset_ns, 37 * NS_PER_SECOND);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_in_both_files_tell_the_skew),
		cmocka_unit_test(a_skew_within_the_doubt_is_taken_for_none),
		cmocka_unit_test(a_drift_is_doubt),
		cmocka_unit_test(two_segments_in_both_files_are_too_few),
		cmocka_unit_test(acknowledgements_bound_the_skew_from_both_ends),
		cmocka_unit_test(a_stream_that_goes_on_in_the_next_file_bounds_from_one_end_only),
		cmocka_unit_test(files_without_a_common_stream_tell_nothing),
		cmocka_unit_test(what_was_sent_again_does_not_count),
		cmocka_unit_test(samples_are_thinned_out_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
