/* SPDX-License-Identifier: MIT */
/* The reader at the end of its octets; behind them lies a page that must not be touched. */
#include "dissectors/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* @size octets 1, 2, 3 ... right before a page that may not be read. */
static ByteSpan span_before_the_edge(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	for (size_t i = 0; i < size; i++)
		pages[page - size + i] = (uint8_t)(i + 1);
	return (ByteSpan){pages + page - size, size};
}

static void release(ByteSpan span)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t edge = (uintptr_t)span.data + span.size;
	assert_int_equal(munmap((void *)(edge - page), 2 * page), 0);
}

static void integers_are_big_endian(void **state)
{
	(void)state;
	ByteSpan span = span_before_the_edge(7);
	Reader reader = reader_over(span);
	assert_int_equal(reader_u8(&reader), 0x01);
	assert_int_equal(reader_u16(&reader), 0x0203);
	assert_int_equal(reader_u32(&reader), 0x04050607);
	assert_false(reader.failed);
	assert_int_equal(reader_remaining(&reader), 0);
	release(span);
}

static void every_read_that_does_not_fit_fails_and_touches_nothing(void **state)
{
	(void)state;
	for (size_t size = 0; size < 4; size++) {
		ByteSpan span = span_before_the_edge(size);
		Reader u32 = reader_over(span), u16 = reader_over(span), take = reader_over(span);
		assert_int_equal(reader_u32(&u32), 0);
		assert_true(u32.failed);
		assert_int_equal(reader_u16(&u16), size < 2 ? 0 : 0x0102);
		assert_int_equal(u16.failed, size < 2);
		ByteSpan taken = reader_take(&take, size + 1);
		assert_int_equal(taken.size, 0);
		assert_non_null(taken.data);
		assert_true(take.failed);
		release(span);
	}
}

static void a_failure_sticks_and_keeps_its_offset(void **state)
{
	(void)state;
	ByteSpan span = span_before_the_edge(3);
	Reader reader = reader_over(span);
	reader_skip(&reader, 2);
	assert_int_equal(reader_u16(&reader), 0);
	assert_int_equal(reader_u8(&reader), 0); /* it would fit, but comes after a failure */
	reader_skip(&reader, 1);
	assert_int_equal(reader.offset, 2);
	assert_int_equal(reader_remaining(&reader), 0);
	release(span);
}

static void a_huge_size_does_not_wrap(void **state)
{
	(void)state;
	ByteSpan span = span_before_the_edge(4);
	Reader reader = reader_over(span);
	reader_u8(&reader);
	assert_int_equal(reader_take(&reader, SIZE_MAX).size, 0);
	assert_true(reader.failed);
	Reader skipper = reader_over(span);
	reader_u8(&skipper);
	reader_skip(&skipper, SIZE_MAX);
	assert_true(skipper.failed);
	assert_int_equal(skipper.offset, 1);
	release(span);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(every_read_that_does_not_fit_fails_and_touches_nothing),
		cmocka_unit_test(a_failure_sticks_and_keeps_its_offset),
		cmocka_unit_test(a_huge_size_does_not_wrap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
