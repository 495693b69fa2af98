/* SPDX-License-Identifier: MIT */
#include "dissectors/tcp_print.h"

#include <string.h>

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WINDOW_SCALE = 3,
	OPTION_TIMESTAMPS = 8,
	OPTION_OTHER = 15,
};

static uint16_t u16_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void take_option(TcpOptions *options, const uint8_t *at, size_t size)
{
	if (at[0] == OPTION_MSS && size == 4)
		options->mss = u16_at(at + 2);
	if (at[0] == OPTION_WINDOW_SCALE && size == 3)
		options->window_scale = at[2];
	if (at[0] == OPTION_TIMESTAMPS && size == 10) {
		options->has_timestamp = true;
		options->timestamp = (uint32_t)u16_at(at + 2) << 16 | u16_at(at + 4);
	}
}

/* RFC 9293 section 3.2: kind, and but for the first two a size that counts both. */
TcpOptions tcp_options_read(ByteSpan span)
{
	TcpOptions options = {.window_scale = TCP_NO_SCALE};
	size_t at = 0;
	while (at < span.size && span.data[at] != OPTION_END) {
		uint8_t kind = span.data[at];
		size_t size = 1;
		if (kind != OPTION_NOP) {
			size = at + 1 < span.size ? span.data[at + 1] : 0;
			if (size < 2 || size > span.size - at)
				break;
			take_option(&options, span.data + at, size);
		}
		options.kinds = options.kinds << 4 | (kind < OPTION_OTHER ? kind : OPTION_OTHER);
		at += size;
	}
	return options;
}

static bool is_same(const TcpPrint *a, const TcpPrint *b)
{
	return a->asked == b->asked && a->answered == b->answered && a->mss == b->mss &&
	       a->window_scale == b->window_scale && a->ttl == b->ttl && a->complete == b->complete;
}

uint8_t tcp_prints_add(TcpPrints *prints, const TcpPrint *print)
{
	for (unsigned i = 0; i < prints->n; i++)
		if (is_same(&prints->prints[i], print))
			return (uint8_t)(i + 1);
	if (prints->n == TCP_PRINTS_MAX)
		return 0;
	prints->prints[prints->n++] = *print;
	return (uint8_t)prints->n;
}

uint16_t tcp_clock_base(uint32_t timestamp, int64_t now_ns)
{
	uint64_t now_ms = (uint64_t)(now_ns / 1000000);
	uint16_t base = (uint16_t)(((uint32_t)now_ms - timestamp) >> 10);
	return base != 0 ? base : 1;
}
