/* SPDX-License-Identifier: MIT */
/* Octets of one side into order: early, again, overlapping, missing, cut off. */
#include "tests/dissectors/tcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Each test begins behind a handshake. */
static int set_up(void **state)
{
	rig_set_up(state);
	rig_open(*state);
	return 0;
}

static void octets_in_order_pass_through(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 1, 5001, 1004, "xy");
	rig_text(rig, 0, 1004, 5003, "de");
	rig_expect(rig, "0<abc> 1<xy> 0<de>");
	assert_int_equal(rig_counts(rig)->segments, 6);
	assert_int_equal(rig_counts(rig)->retransmitted, 0);
	assert_int_equal(rig_counts(rig)->reordered, 0);
}

static void a_segment_that_comes_early_waits_for_the_one_before(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1004, 5001, "def");
	rig_text(rig, 0, 1007, 5001, "gh");
	rig_expect(rig, "");
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_expect(rig, "0<abc> 0<def> 0<gh>");
	assert_int_equal(rig_counts(rig)->reordered, 2);
	assert_int_equal(rig_counts(rig)->gaps, 0);
}

static void what_was_sent_again_passes_once(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_expect(rig, "0<abc>");
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
	assert_int_equal(rig_counts(rig)->duplicates, 0);
	assert_int_equal(rig_counts(rig)->conflicts, 0);
}

static void the_same_packet_within_a_millisecond_is_a_second_capture_of_it(void **state)
{
	Rig *rig = *state;
	rig->step_ns = 200000;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1004, 5001, "d");
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1004, 5001, "d");
	rig_expect(rig, "0<abc> 0<d>");
	assert_int_equal(rig_counts(rig)->retransmitted, 0);
	assert_int_equal(rig_counts(rig)->duplicates, 2);
}

static void another_ip_id_within_a_millisecond_is_a_retransmission(void **state)
{
	Rig *rig = *state;
	rig->step_ns = 200000;
	rig->ip_id = 7;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig->ip_id = 8;
	rig_text(rig, 0, 1001, 5001, "abc");
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
	assert_int_equal(rig_counts(rig)->duplicates, 0);
}

static void text_of(Rig *rig, unsigned source, unsigned from, uint32_t sequence, const char *text)
{
	rig->at.frame.source = source & 0xffff;
	rig_text(rig, from, sequence, from == 0 ? 5001 : 1001, text);
}

/* Two files, one packet. */
static void what_another_source_has_too_is_taken_once_and_no_retransmission(void **state)
{
	Rig *rig = *state;
	rig->step_ns = 300000000;
	text_of(rig, 0, 1, 5001, "abc");
	text_of(rig, 1, 1, 5001, "abc");
	rig->ip_id++;
	text_of(rig, 0, 1, 5004, "d");
	text_of(rig, 1, 1, 5004, "d");
	rig_expect(rig, "1<abc> 1<d>");
	assert_int_equal(rig_counts(rig)->duplicates, 2);
	assert_int_equal(rig_counts(rig)->retransmitted, 0);
	assert_false(tcp_flow_sent_again(rig->flow, 1));
	rig->ip_id++;
	text_of(rig, 0, 1, 5004, "d"); /* the source that it came from has it again */
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
	assert_true(tcp_flow_sent_again(rig->flow, 1));
}

static void what_comes_seconds_later_was_sent_again_whatever_the_source(void **state)
{
	Rig *rig = *state;
	text_of(rig, 0, 1, 5001, "abc");
	rig->at.time.ns += 3 * NS_PER_SECOND;
	rig->ip_id++;
	text_of(rig, 1, 1, 5001, "abc");
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
	assert_int_equal(rig_counts(rig)->duplicates, 0);
}

static void what_one_source_lacks_comes_from_the_other(void **state)
{
	Rig *rig = *state;
	text_of(rig, 0, 0, 1001, "abc");
	text_of(rig, 1, 0, 1001, "abc");
	text_of(rig, 0, 0, 1007, "ghi");
	text_of(rig, 1, 0, 1004, "def");
	text_of(rig, 1, 0, 1010, "jkl");
	rig_expect(rig, "0<abc> 0<def> 0<ghi> 0<jkl>");
	assert_int_equal(rig_counts(rig)->gaps, 0);
}

static void only_the_new_part_of_an_overlap_passes(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1002, 5001, "bcde");
	rig_expect(rig, "0<abc> 0<de>");
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
}

static void the_first_copy_of_waiting_octets_wins(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1003, 5001, "CD");
	rig_text(rig, 0, 1001, 5001, "abcdef");
	rig_expect(rig, "0<ab> 0<CD> 0<ef>");
	assert_int_equal(rig_counts(rig)->conflicts, 1);
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
}

static void equal_waiting_octets_are_no_conflict(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1003, 5001, "cd");
	rig_text(rig, 0, 1007, 5001, "g");
	rig_text(rig, 0, 1002, 5001, "bcdefgh");
	rig_text(rig, 0, 1001, 5001, "a");
	rig_expect(rig, "0<a> 0<b> 0<cd> 0<ef> 0<g> 0<h>");
	assert_int_equal(rig_counts(rig)->conflicts, 0);
}

static void other_octets_in_a_retransmission_are_counted(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1001, 5001, "abX");
	rig_expect(rig, "0<abc>");
	assert_int_equal(rig_counts(rig)->conflicts, 1);
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
}

static void an_acknowledged_hole_is_a_gap_at_once(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_text(rig, 0, 1008, 5001, "hi");
	rig_expect(rig, "0<ab>");
	rig_send(rig, 1, TCP_ACK, 5001, 1010);
	rig_expect(rig, "0~5m 0<hi>");
	assert_int_equal(rig_counts(rig)->gaps, 1);
	assert_int_equal(rig_counts(rig)->gap_bytes, 5);
}

static void octets_behind_an_acknowledged_hole_need_not_wait(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_ACK, 5001, 1004);
	rig_expect(rig, "");
	rig_text(rig, 0, 1004, 5001, "d");
	rig_expect(rig, "0~3m 0<d>");
}

static void an_acknowledgement_may_overtake_its_octets(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_ACK, 5001, 1006);
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 0, 1004, 5001, "de");
	rig->at.time.ns += 2 * NS_PER_SECOND;
	rig_send(rig, 1, TCP_ACK, 5001, 1006);
	rig_expect(rig, "0<abc> 0<de>");
	assert_int_equal(rig_counts(rig)->gaps, 0);
}

static void an_acknowledged_tail_is_a_gap_after_a_second(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_ACK, 5001, 1004);
	rig->at.time.ns += NS_PER_SECOND;
	rig_text(rig, 1, 5001, 1004, "x");
	rig_expect(rig, "0~3m 1<x>");
}

static void a_hole_that_nobody_acknowledged_is_a_gap_at_the_end(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1004, 5001, "d");
	rig_finish(rig);
	rig_expect(rig, "0~3m 0<d> 0.capture 1.capture closed");
}

static void a_one_way_capture_does_not_wait_for_acknowledgements(void **state)
{
	Rig *rig = *state;
	rig->port++;
	rig_text(rig, 0, 100, 1, "a");
	rig_text(rig, 0, 105, 1, "b");
	rig->at.time.ns += 5 * NS_PER_SECOND;
	rig_text(rig, 0, 106, 1, "c");
	rig_expect(rig, "open 0<a> 0~4m 0<b> 0<c>");
}

static void cut_off_payload_is_a_truncated_gap(void **state)
{
	Rig *rig = *state;
	TcpSegment cut = {.flags = TCP_ACK, .sequence = 1001, .acknowledgement = 5001,
	                  .payload = {(const uint8_t *)"ab", 2}, .payload_size = 10};
	rig_segment(rig, 0, cut);
	rig_text(rig, 0, 1011, 5001, "k");
	rig_expect(rig, "0<ab> 0~8t 0<k>");
	assert_int_equal(rig_counts(rig)->gaps, 0);
}

static void cut_off_payload_may_wait_too(void **state)
{
	Rig *rig = *state;
	TcpSegment cut = {.flags = TCP_ACK, .sequence = 1002, .acknowledgement = 5001,
	                  .payload = {(const uint8_t *)"bc", 2}, .payload_size = 4};
	rig_segment(rig, 0, cut);
	cut = (TcpSegment){.flags = TCP_ACK, .sequence = 1006, .acknowledgement = 5001,
	                   .payload = {(const uint8_t *)"", 0}, .payload_size = 3};
	rig_segment(rig, 0, cut);
	rig_text(rig, 0, 1001, 5001, "a");
	rig_expect(rig, "0<a> 0<bc> 0~2t 0~3t");
}

static void a_segment_larger_than_any_is_not_believed(void **state)
{
	Rig *rig = *state;
	TcpSegment huge = {.flags = TCP_ACK, .sequence = 1001, .acknowledgement = 5001,
	                   .payload = {(const uint8_t *)"ab", 2}, .payload_size = UINT32_MAX};
	rig_segment(rig, 0, huge);
	rig_text(rig, 0, 1001, 5001, "AB");
	rig_expect(rig, "0<AB>");
}

static void sequence_numbers_wrap(void **state)
{
	Rig *rig = *state;
	rig->port++;
	rig_handshake(rig, UINT32_MAX - 2, 9);
	rig_text(rig, 0, 1, 10, "cd");
	rig_text(rig, 0, UINT32_MAX - 1, 10, "ABb");
	rig_text(rig, 0, UINT32_MAX, 10, "Bbcde");
	rig_expect(rig, "open 0<ABb> 0<cd> 0<e>");
}

static void a_jump_beyond_all_windows_counts_only_when_acknowledged(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 0, 1001, 5001, "a");
	rig_text(rig, 0, 1001 + 0x50000000, 5001, "zz");
	rig_text(rig, 0, 1002, 5001, "b");
	rig_expect(rig, "0<a> 0<b>");
	rig_send(rig, 1, TCP_ACK, 5001, 1003 + 0x50000000);
	rig_text(rig, 0, 1003 + 0x50000000, 5001, "c");
	rig_expect(rig, "0~1342177280m 0<c>"); /* from 1003 to 1003 + 0x50000000 */
}

static void the_bound_of_a_flow_gives_the_hole_up(void **state)
{
	Rig *rig = *state;
	const TcpLimits limits = {.flow_buffer = 100};
	rig_clear(rig);
	rig_init(rig, &limits);
	rig_handshake(rig, 1000, 5000);
	rig_text(rig, 0, 1011, 5001, "0123456789");
	rig_expect(rig, "open");
	rig_text(rig, 0, 1031, 5001, "0123456789012345678901234567890123456789");
	rig_expect(rig, "0~10d 0<0123456789>");
	rig_text(rig, 0, 1021, 5001, "abcdefghij");
	rig_expect(rig, "0<abcdefghij> 0<0123456789012345678901234567890123456789>");
}

static void who_ignores_a_flow_hears_nothing_more(void **state)
{
	Rig *rig = *state;
	rig->ignores = true;
	rig_text(rig, 0, 1003, 5001, "cd");
	rig_text(rig, 0, 1005, 5001, "ef");
	rig_text(rig, 1, 5003, 1001, "y");
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_text(rig, 1, 5001, 1007, "x");
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1007, 5002);
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5002, 1008);
	rig_finish(rig);
	rig_expect(rig, "0<ab> closed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(octets_in_order_pass_through),
		TEST(a_segment_that_comes_early_waits_for_the_one_before),
		TEST(what_was_sent_again_passes_once),
		TEST(the_same_packet_within_a_millisecond_is_a_second_capture_of_it),
		TEST(another_ip_id_within_a_millisecond_is_a_retransmission),
		TEST(what_another_source_has_too_is_taken_once_and_no_retransmission),
		TEST(what_comes_seconds_later_was_sent_again_whatever_the_source),
		TEST(what_one_source_lacks_comes_from_the_other),
		TEST(only_the_new_part_of_an_overlap_passes),
		TEST(the_first_copy_of_waiting_octets_wins),
		TEST(equal_waiting_octets_are_no_conflict),
		TEST(other_octets_in_a_retransmission_are_counted),
		TEST(an_acknowledged_hole_is_a_gap_at_once),
		TEST(octets_behind_an_acknowledged_hole_need_not_wait),
		TEST(an_acknowledgement_may_overtake_its_octets),
		TEST(an_acknowledged_tail_is_a_gap_after_a_second),
		TEST(a_hole_that_nobody_acknowledged_is_a_gap_at_the_end),
		TEST(a_one_way_capture_does_not_wait_for_acknowledgements),
		TEST(cut_off_payload_is_a_truncated_gap),
		TEST(cut_off_payload_may_wait_too),
		TEST(a_segment_larger_than_any_is_not_believed),
		TEST(sequence_numbers_wrap),
		TEST(a_jump_beyond_all_windows_counts_only_when_acknowledged),
		TEST(the_bound_of_a_flow_gives_the_hole_up),
		TEST(who_ignores_a_flow_hears_nothing_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
