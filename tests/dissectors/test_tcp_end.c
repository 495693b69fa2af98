/* SPDX-License-Identifier: MIT */
/* How a connection ends: FIN and RST. */
#include "tests/dissectors/tcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_side_ends_at_its_fin(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_expect(rig, "0.fin");
	rig_text(rig, 1, 5001, 1002, "still");
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5006, 1002);
	rig_send(rig, 0, TCP_ACK, 1002, 5007);
	rig_expect(rig, "1<still> 1.fin");
	rig_finish(rig);
	rig_expect(rig, "closed");
}

static void a_fin_may_carry_octets(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	TcpSegment fin = {.flags = TCP_FIN | TCP_ACK, .sequence = 1001, .acknowledgement = 5001,
	                  .payload = {(const uint8_t *)"bye", 3}, .payload_size = 3};
	rig_segment(rig, 0, fin);
	rig_expect(rig, "0<bye> 0.fin");
}

static void an_early_fin_waits(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1004, 5001);
	rig_expect(rig, "");
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_expect(rig, "0<abc> 0.fin");
}

static void a_fin_behind_a_hole_that_will_not_fill_ends_all_the_same(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1004, 5001);
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5001, 1005);
	rig_expect(rig, "0~3m 0.fin 1.fin");
}

static void octets_behind_a_fin_are_not_of_the_stream(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1003, 5001);
	rig_text(rig, 0, 1001, 5001, "abJUNK");
	rig_text(rig, 0, 1004, 5001, "junk");
	rig_expect(rig, "0<ab> 0.fin");
}

static void a_fin_before_octets_that_wait_is_not_believed(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1010, 5001, "k");
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1003, 5001);
	rig_send(rig, 1, TCP_ACK, 5001, 1011);
	rig_expect(rig, "0~9m 0<k>");
}

static void the_number_of_a_fin_is_no_octet(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "abc");
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1004, 5001);
	rig_send(rig, 1, TCP_ACK, 5001, 1005);
	assert_int_equal(tcp_flow_acknowledged(rig->flow, 0), 3);
}

static void both_may_close_at_once(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_send(rig, 1, TCP_FIN | TCP_ACK, 5001, 1001);
	rig_send(rig, 0, TCP_ACK, 1002, 5002);
	rig_send(rig, 1, TCP_ACK, 5002, 1002);
	rig_finish(rig);
	rig_expect(rig, "0.fin 1.fin closed");
	assert_int_equal(rig_counts(rig)->connections, 1);
}

static void a_fin_sent_again_ends_nothing_twice(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_expect(rig, "0.fin");
	assert_int_equal(rig_counts(rig)->retransmitted, 0); /* it holds no octets */
}

static void a_reset_ends_both_sides_its_sender_first(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 1, TCP_RST | TCP_ACK, 5001, 1001);
	rig_expect(rig, "1.rst 0.rst");
	rig_send(rig, 1, TCP_RST | TCP_ACK, 5001, 1001);
	rig_text(rig, 0, 1001, 5001, "late");
	rig_expect(rig, "");
}

static void a_reset_behind_a_fin_ends_the_other_side(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 0, TCP_FIN | TCP_ACK, 1001, 5001);
	rig_send(rig, 0, TCP_RST, 1002, 0);
	rig_expect(rig, "0.fin 1.rst");
}

static void a_reset_from_nowhere_is_not_believed(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 1, TCP_RST, 5001 + 0x20000000, 0);
	rig_text(rig, 0, 1001, 5001, "on");
	rig_expect(rig, "0<on>");
}

static void a_reset_within_the_window_is_believed(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_send(rig, 1, TCP_RST, 5001 + 8000, 0);
	rig_expect(rig, "1.rst 0.rst");
}

static void an_answer_may_come_again_with_another_number(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 0, TCP_SYN, 1000, 0);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 5000, 1001);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 8000, 1001);
	rig_text(rig, 1, 8001, 1001, "x");
	rig_expect(rig, "open 1<x>");
	assert_int_equal(rig_counts(rig)->connections, 1);
}

static void a_half_open_connection_ends_when_the_client_returns(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1001, 5001, "a");
	/* The client lost power; it comes back on the same port, is challenged, and resets. */
	rig_send(rig, 0, TCP_SYN, 70000, 0);
	rig_expect(rig, "0<a> 0.stale 1.stale closed open");
	rig_send(rig, 1, TCP_ACK, 5001, 1002);
	rig_send(rig, 0, TCP_RST, 1002, 0);
	rig_send(rig, 0, TCP_SYN, 70000, 0);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, 9000, 70001);
	rig_text(rig, 0, 70001, 9001, "b");
	rig_text(rig, 1, 9001, 70002, "y");
	rig_expect(rig, "0<b> 1<y>");
	assert_int_equal(rig_counts(rig)->connections, 2);
}

static void what_waits_is_handed_on_before_a_reset(void **state)
{
	Rig *rig = *state;
	rig_open(rig);
	rig_text(rig, 0, 1003, 5001, "cd");
	rig_send(rig, 1, TCP_RST, 5001, 0);
	rig_expect(rig, "0~2m 0<cd> 1.rst 0.rst");
}

static void a_reset_of_no_connection_opens_none(void **state)
{
	Rig *rig = *state;
	rig_send(rig, 1, TCP_RST, 5001, 0);
	rig_expect(rig, "");
	assert_int_equal(rig_counts(rig)->connections, 0);
	assert_int_equal(rig_counts(rig)->segments, 1);
}

/* Three connections, each with an octet that waits for the one before it; the first was active last. */
static void open_three(Rig *rig)
{
	static const char *const texts[] = {"a", "b", "c"};
	for (unsigned i = 0; i < 3; i++) {
		rig->port = (uint16_t)(RIG_CLIENT_PORT + i);
		rig_open(rig);
		rig_text(rig, 0, 1002, 5001, texts[i]);
	}
	rig->at.time.ns += 100 * NS_PER_SECOND;
	rig->port = RIG_CLIENT_PORT;
	rig_text(rig, 1, 5001, 1001, "d");
	rig_expect(rig, "1<d>");
}

#define CUT(text) "0~1m 0<" text "> 0.capture 1.capture closed"

static void those_still_open_end_in_the_order_of_their_opening(void **state)
{
	Rig *rig = *state;
	open_three(rig);
	rig_finish(rig);
	rig_expect(rig, CUT("a") " " CUT("b") " " CUT("c"));
}

static void lining_them_up_tells_nobody_anything(void **state)
{
	Rig *rig = *state;
	open_three(rig);
	tcp_table_line_up(rig->table);
	rig_expect(rig, "");
	rig_finish(rig);
	rig_expect(rig, CUT("a") " " CUT("b") " " CUT("c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(each_side_ends_at_its_fin),
		RIG_TEST(a_fin_may_carry_octets),
		RIG_TEST(an_early_fin_waits),
		RIG_TEST(a_fin_behind_a_hole_that_will_not_fill_ends_all_the_same),
		RIG_TEST(octets_behind_a_fin_are_not_of_the_stream),
		RIG_TEST(a_fin_before_octets_that_wait_is_not_believed),
		RIG_TEST(the_number_of_a_fin_is_no_octet),
		RIG_TEST(both_may_close_at_once),
		RIG_TEST(a_fin_sent_again_ends_nothing_twice),
		RIG_TEST(a_reset_ends_both_sides_its_sender_first),
		RIG_TEST(a_reset_behind_a_fin_ends_the_other_side),
		RIG_TEST(a_reset_from_nowhere_is_not_believed),
		RIG_TEST(a_reset_within_the_window_is_believed),
		RIG_TEST(an_answer_may_come_again_with_another_number),
		RIG_TEST(a_half_open_connection_ends_when_the_client_returns),
		RIG_TEST(what_waits_is_handed_on_before_a_reset),
		RIG_TEST(a_reset_of_no_connection_opens_none),
		RIG_TEST(those_still_open_end_in_the_order_of_their_opening),
		RIG_TEST(lining_them_up_tells_nobody_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
