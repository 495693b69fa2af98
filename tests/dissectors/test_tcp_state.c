/* SPDX-License-Identifier: MIT */
/* A connection's life: how it opens, what is no activity, who comes after it. */
#include "tests/dissectors/tcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_handshake_tells_who_opened(void **state)
{
	Rig *rig = *state;
	StreamPoint first = rig->at;
	rig_open(rig);
	assert_true(tcp_flow_syn_seen(rig->flow));
	assert_true(tcp_flow_handshake_seen(rig->flow));
	assert_int_equal(tcp_flow_endpoint(rig->flow, 0)->port, RIG_CLIENT_PORT);
	assert_int_equal(tcp_flow_endpoint(rig->flow, 1)->port, RIG_SERVER_PORT);
	assert_int_equal(tcp_flow_ttl(rig->flow, 0), 64);
	assert_int_equal(tcp_flow_ttl(rig->flow, 1), 57);
	assert_int_equal(tcp_flow_opened(rig->flow).time.ns, first.time.ns);
	assert_int_equal(tcp_flow_opened(rig->flow).frame.number, 1);
	assert_int_equal(rig_counts(rig)->connections, 1);
}

static void a_connection_is_joined_in_the_middle(void **state)
{
	Rig *rig = *state;
	rig_text(rig, 1, 700, 900, "mid");
	rig_text(rig, 0, 900, 703, "up");
	rig_expect(rig, "open 0<mid> 1<up>");
	assert_false(tcp_flow_syn_seen(rig->flow));
	assert_int_equal(tcp_flow_endpoint(rig->flow, 0)->port, RIG_SERVER_PORT);
}

static void an_answer_alone_tells_who_opened(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_text(rig, 0, 1001, 5001, "a");
	rig_text(rig, 1, 5001, 1002, "x");
	rig_expect(rig, "open 0<a> 1<x>");
	assert_true(tcp_flow_syn_seen(rig->flow));
	assert_false(tcp_flow_handshake_seen(rig->flow));
	assert_int_equal(tcp_flow_endpoint(rig->flow, 0)->port, RIG_CLIENT_PORT);
}

static void a_syn_that_its_answer_overtook_is_no_new_connection(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_text(rig, 0, 1001, 5001, "a");
	rig_expect(rig, "open 0<a>");
	assert_true(tcp_flow_handshake_seen(rig->flow));
}

static void a_missing_answer_does_no_harm(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_text(rig, 0, 1001, 5001, "a");
	rig_text(rig, 1, 5001, 1002, "x");
	rig_expect(rig, "open 0<a> 1<x>");
	assert_true(tcp_flow_syn_seen(rig->flow));
	assert_false(tcp_flow_handshake_seen(rig->flow));
}

static void a_hole_right_behind_the_handshake_is_found(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1004, 5001, "d");
	rig_send(rig, 1, TCP_ACK, 5001, 1005);
	rig_expect(rig, "0~3m 0<d>");
}

static void octets_in_the_syn_pass_once(void **state)
{
	Rig *rig = *state;
	TcpSegment syn = {.flags = TCP_SYN, .sequence = 1000,
	                  .payload = {(const uint8_t *)"fast", 4}, .payload_size = 4};
	rig_segment(rig, 0, syn);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_text(rig, 0, 1001, 5001, "faster");
	rig_expect(rig, "open 0<fast> 0<er>");
}

static void a_keep_alive_probe_is_no_activity(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_send(rig, 1, TCP_ACK, 5001, 1003);
	Instant active = tcp_flow_last_activity(rig->flow, 0);
	rig->at.time.ns += 10 * NS_PER_SECOND;
	rig_send(rig, 0, TCP_ACK, 1002, 5001);
	rig_text(rig, 0, 1002, 5001, "Z");
	Instant probed = rig->at.time;
	assert_int_equal(tcp_flow_last_activity(rig->flow, 0).ns, active.ns);
	assert_int_equal(tcp_flow_last_seen(rig->flow, 0).ns, probed.ns - rig->step_ns);
	assert_int_equal(rig_counts(rig)->retransmitted, 0);
	assert_int_equal(rig_counts(rig)->conflicts, 0);
	rig_expect(rig, "0<ab>");
}

static void a_connection_joined_at_a_probe_has_no_hole(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_ACK, 1000, 5001);
	rig_send(rig, 1, TCP_ACK, 5001, 1001);
	rig->at.time.ns += 10 * NS_PER_SECOND;
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_expect(rig, "open 0<ab>");
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 0);
}

static void a_zero_window_probe_is_no_retransmission(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "ab");
	rig->window = 0;
	rig_send(rig, 1, TCP_ACK, 5001, 1003);
	rig->window = 8192;
	rig_text(rig, 0, 1003, 5001, "c"); /* the probe has the next octet; it is refused */
	rig_text(rig, 0, 1003, 5001, "c");
	rig_text(rig, 0, 1003, 5001, "c");
	rig_text(rig, 0, 1003, 5001, "cd");
	rig_expect(rig, "0<ab> 0<c> 0<d>");
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
}

static void a_bare_acknowledgement_is_no_activity(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	Instant active = tcp_flow_last_activity(rig->flow, 1);
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_send(rig, 1, TCP_ACK, 5001, 1003);
	assert_int_equal(tcp_flow_last_activity(rig->flow, 1).ns, active.ns);
	assert_true(tcp_flow_last_seen(rig->flow, 1).ns > active.ns);
}

static void acknowledged_octets_are_counted_like_those_handed_on(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	assert_true(tcp_flow_acknowledged(rig->flow, 0) == UINT64_MAX);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 0);
	rig_text(rig, 0, 1001, 5001, "abcde");
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 0);
	rig_send(rig, 1, TCP_ACK, 5001, 1004);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 3);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1006, 5001);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 3);
	rig_send(rig, 1, TCP_ACK, 5001, 1006);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 5);
	rig_send(rig, 1, TCP_ACK, 5001, 1007);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 5);
}

static void a_syn_answered_by_a_reset_is_refused(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_send(rig, 1, TCP_RST | TCP_ACK, 0, 1001);
	rig_expect(rig, "open refused 1.rst 0.rst");
	assert_int_equal(rig_counts(rig)->refused, 1);
}

static void a_syn_that_stays_unanswered_is_refused_at_the_end(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig->at.time.ns += NS_PER_SECOND;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_expect(rig, "open");
	rig_finish(rig);
	rig_expect(rig, "refused 0.capture 1.capture closed");
	assert_int_equal(rig_counts(rig)->refused, 0); /* counts those with an answer */
}

static void a_syn_captured_twice_is_not_sent_twice(void **state)
{
	Rig *rig = *state;
	rig->step_ns = 1000;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_finish(rig);
	rig_expect(rig, "open 0.capture 1.capture closed");
	assert_int_equal(rig_counts(rig)->duplicates, 1);
}

/* Two files have it: that is one SYN, and none that was sent again. */
static void a_syn_of_two_sources_was_sent_once(void **state)
{
	Rig *rig = *state;
	rig->step_ns = NS_PER_SECOND / 2;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig->at.frame.source = 1;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_finish(rig);
	rig_expect(rig, "open 0.capture 1.capture closed");
}

static void ports_used_again_begin_a_new_connection(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "old");
	rig_handshake(rig, 90000, 70000);
	rig_text(rig, 0, 90001, 70001, "new");
	rig_expect(rig, "0<old> 0.stale 1.stale closed open 0<new>");
	assert_int_equal(rig_counts(rig)->connections, 2);
}

static void ports_used_again_behind_a_close_are_not_stale(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5001, 1002);
	rig_handshake(rig, 90000, 70000);
	rig_expect(rig, "0.fin 1.fin closed open");
}

static void an_answer_to_another_syn_is_another_connection(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 1, 5001, 1001, "x");
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 777, 333);
	rig_expect(rig, "1<x> 0.stale 1.stale closed open");
}

static void late_retransmissions_of_a_closed_connection_are_recognised(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1003, 5001);
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5001, 1004);
	rig->at.time.ns += 30 * NS_PER_SECOND;
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_expect(rig, "0<ab> 0.fin 1.fin");
	assert_int_equal(rig_counts(rig)->connections, 1);
	assert_int_equal(rig_counts(rig)->retransmitted, 1);
}

static void a_closed_connection_is_forgotten_after_a_minute(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_RST, 1001, 0);
	rig->at.time.ns += 60 * NS_PER_SECOND;
	rig->port++;
	rig_send(rig, 0, TCP_SYN, 1, 0);
	rig_expect(rig, "0.rst 1.rst closed open");
}

static void both_sides_may_open_at_once(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_send(rig, 1, TCP_SYN, 5000, 0);
	rig_send(rig, 0, TCP_SYN | TCP_ACK, 1000, 5001);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_text(rig, 0, 1001, 5001, "a");
	rig_text(rig, 1, 5001, 1002, "x");
	rig_expect(rig, "open 0<a> 1<x>");
	assert_true(tcp_flow_handshake_seen(rig->flow));
}

static void nobody_need_listen(void **state)
{
	Rig *rig = *state;
	rig->deaf = true;
	rig_open(rig);
	rig_text(rig, 0, 1003, 5001, "cd");
	rig_text(rig, 0, 1001, 5001, "ab");
	rig_send(rig, 0, TCP_RST, 1005, 0);
	rig_finish(rig);
	rig_expect(rig, "closed");
}

static void the_longest_idle_flow_goes_when_room_is_needed(void **state)
{
	Rig *rig = *state;
	const TcpLimits limits = {.flows = 3};
	rig_clear(rig);
	rig_init(rig, &limits);
	rig->step_ns = 10 * NS_PER_SECOND;
	for (uint16_t port = 1; port <= 3; port++) {
		rig->port = port;
		rig_send(rig, 0, TCP_SYN, 1000, 0);
	}
	rig->port = 1;
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig->port = 4;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_expect(rig, "open open open 0.stale 1.stale closed open");
	assert_int_equal(rig_counts(rig)->evicted, 1);
	rig->port = 1; /* still known */
	rig_text(rig, 0, 1001, 5001, "a");
	rig_expect(rig, "0<a>");
}

static void flows_end_in_the_order_of_their_opening(void **state)
{
	Rig *rig = *state;
	for (uint16_t port = 1; port <= 2; port++) {
		rig->port = port;
		rig_handshake(rig, 1000, 5000);
	}
	rig->at.time.ns += 100 * NS_PER_SECOND;
	rig->port = 1;
	rig_text(rig, 0, 1002, 5001, "b");
	rig_finish(rig);
	rig_expect(rig, "open open 0~1m 0<b> 0.capture 1.capture closed 0.capture 1.capture closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_handshake_tells_who_opened),
		RIG_TEST(a_connection_is_joined_in_the_middle),
		RIG_TEST(an_answer_alone_tells_who_opened),
		RIG_TEST(a_syn_that_its_answer_overtook_is_no_new_connection),
		RIG_TEST(a_missing_answer_does_no_harm),
		RIG_TEST(a_hole_right_behind_the_handshake_is_found),
		RIG_TEST(octets_in_the_syn_pass_once),
		RIG_TEST(a_keep_alive_probe_is_no_activity),
		RIG_TEST(a_connection_joined_at_a_probe_has_no_hole),
		RIG_TEST(a_zero_window_probe_is_no_retransmission),
		RIG_TEST(a_bare_acknowledgement_is_no_activity),
		RIG_TEST(acknowledged_octets_are_counted_like_those_handed_on),
		RIG_TEST(a_syn_answered_by_a_reset_is_refused),
		RIG_TEST(a_syn_that_stays_unanswered_is_refused_at_the_end),
		RIG_TEST(a_syn_captured_twice_is_not_sent_twice),
		RIG_TEST(a_syn_of_two_sources_was_sent_once),
		RIG_TEST(ports_used_again_begin_a_new_connection),
		RIG_TEST(ports_used_again_behind_a_close_are_not_stale),
		RIG_TEST(an_answer_to_another_syn_is_another_connection),
		RIG_TEST(late_retransmissions_of_a_closed_connection_are_recognised),
		RIG_TEST(a_closed_connection_is_forgotten_after_a_minute),
		RIG_TEST(both_sides_may_open_at_once),
		RIG_TEST(nobody_need_listen),
		RIG_TEST(the_longest_idle_flow_goes_when_room_is_needed),
		RIG_TEST(flows_end_in_the_order_of_their_opening),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
