/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissectors/tcp_print.h"

#define MINUTE_NS (60 * INT64_C(1000000000))

static TcpOptions options(const char *octets, size_t size)
{
	return tcp_options_read((ByteSpan){(const uint8_t *)octets, size});
}

/* As Linux answers: MSS, SACK permitted, timestamps, NOP, window scale. */
static void what_a_syn_ack_offers_is_read(void **state)
{
	(void)state;
	TcpOptions it = options("\x02\x04\x05\xb4\x04\x02\x08\x0a\x01\x02\x03\x04\0\0\0\0\x01\x03\x03\x07", 20);

	assert_int_equal(it.kinds, 0x24813);
	assert_int_equal(it.mss, 1460);
	assert_int_equal(it.window_scale, 7);
	assert_true(it.has_timestamp);
	assert_int_equal(it.timestamp, 0x01020304);
}

static void what_is_cut_or_malformed_ends_the_list(void **state)
{
	(void)state;
	assert_int_equal(options("", 0).kinds, 0);
	assert_int_equal(options("\x02", 1).kinds, 0);
	assert_int_equal(options("\x02\x04\x05", 3).kinds, 0);
	assert_int_equal(options("\x01\x02\x00\x05\xb4", 5).kinds, 1);
	assert_int_equal(options("\x01\x02\x01\x05\xb4", 5).kinds, 1);
	assert_int_equal(options("\x01\x00\x02\x04\x05\xb4", 6).kinds, 1); /* behind the end */
	TcpOptions odd = options("\x02\x03\x05\x08\x03\x01\x22\x02", 8); /* wrong sizes, a kind of its own */
	assert_int_equal(odd.kinds, 0x28F);
	assert_int_equal(odd.mss, 0);
	assert_false(odd.has_timestamp);
	assert_int_equal(odd.window_scale, TCP_NO_SCALE);
}

static void a_print_is_kept_once(void **state)
{
	(void)state;
	static TcpPrints prints;
	TcpPrint one = {.mss = 1460, .ttl = 64, .complete = true}, two = one;
	two.ttl = 63;

	assert_int_equal(tcp_prints_add(&prints, &one), 1);
	assert_int_equal(tcp_prints_add(&prints, &two), 2);
	assert_int_equal(tcp_prints_add(&prints, &one), 1);
	assert_int_equal(tcp_prints_at(&prints, 2)->ttl, 63);
}

static void too_many_prints_are_not_known(void **state)
{
	(void)state;
	static TcpPrints prints;
	for (unsigned i = 0; i < 400; i++) {
		TcpPrint print = {.mss = (uint16_t)(i + 1)};
		assert_int_equal(tcp_prints_add(&prints, &print), i < TCP_PRINTS_MAX ? i + 1 : 0);
	}
}

static void a_clock_that_goes_on_keeps_its_base(void **state)
{
	(void)state;
	/* up for so long that the 32 bits wrap in between */
	uint32_t timestamp = UINT32_MAX - 30000;
	uint16_t first = tcp_clock_base(timestamp, 1000 * MINUTE_NS);
	uint16_t later = tcp_clock_base(timestamp + 60000, 1001 * MINUTE_NS);
	uint16_t other = tcp_clock_base(timestamp + 100000, 1000 * MINUTE_NS);

	assert_int_equal(first, later);
	assert_int_not_equal(first, other);
	assert_int_not_equal(first, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_syn_ack_offers_is_read),
		cmocka_unit_test(what_is_cut_or_malformed_ends_the_list),
		cmocka_unit_test(a_print_is_kept_once),
		cmocka_unit_test(too_many_prints_are_not_known),
		cmocka_unit_test(a_clock_that_goes_on_keeps_its_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
