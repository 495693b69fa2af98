/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/stream_input.h"

#include <glib.h>

enum { ACTION_OCTETS, ACTION_HOLE, ACTION_CUT, ACTION_END };

void stream_input_chunk(Reader *reader, StreamSink sink, bool ended[static 2], const StreamPoint *at)
{
	uint8_t control = reader_u8(reader);
	size_t length = (size_t)(control & 0x1F) << 8 | reader_u8(reader);
	unsigned side = control >> 7;
	if (ended[side])
		return;
	switch (control >> 5 & 3) {
	case ACTION_OCTETS:
		length = MIN(length, reader_remaining(reader));
		if (length > 0)
			sink.ops->bytes(sink.self, side, reader_take(reader, length), at);
		return;
	case ACTION_HOLE:
		sink.ops->gap(sink.self, side, length + 1, GAP_MISSING, at);
		return;
	case ACTION_CUT:
		sink.ops->gap(sink.self, side, length + 1, GAP_TRUNCATED, at);
		return;
	default:
		sink.ops->end(sink.self, side, STREAM_END_FIN, at);
		ended[side] = true;
	}
}

void stream_input_play(Reader *reader, StreamSink sink)
{
	bool ended[2] = {false, false};
	StreamPoint at = {{0, 0}, {0}};
	while (!reader->failed && reader_remaining(reader) > 0) {
		at.frame.number++;
		at.time.ns += 1000000;
		stream_input_chunk(reader, sink, ended, &at);
	}
	for (unsigned side = 0; side < 2; side++)
		if (!ended[side])
			sink.ops->end(sink.self, side, STREAM_END_CAPTURE, &at);
}

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	StreamDrain *drain = self;
	(void)at;
	g_assert_cmpuint(drain->ends[side], ==, 0);
	g_assert_cmpuint(span.size, >, 0);
	for (size_t i = 0; i < span.size; i++)
		drain->octets += span.data[i] | 1u; /* every octet is read */
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	StreamDrain *drain = self;
	(void)kind;
	(void)at;
	g_assert_cmpuint(drain->ends[side], ==, 0);
	g_assert_cmpuint(n_bytes, >, 0);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	StreamDrain *drain = self;
	(void)how;
	(void)at;
	g_assert_cmpuint(++drain->ends[side], ==, 1);
}

StreamSink stream_drain(StreamDrain *drain)
{
	static const StreamSinkOps ops = {on_bytes, on_gap, on_end};
	return (StreamSink){&ops, drain};
}
