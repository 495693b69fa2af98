/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/stream_rig.h"

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Above *above = self;

	(void)at;
	g_assert_cmpuint(above->n_ends[side], ==, 0);
	g_byte_array_append(above->octets[side], span.data, (guint)span.size);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Above *above = self;

	(void)kind;
	(void)at;
	g_assert_cmpuint(above->n_ends[side], ==, 0);
	above->gap_bytes[side] += n_bytes;
	above->n_gaps[side]++;
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Above *above = self;

	(void)at;
	g_assert_cmpuint(++above->n_ends[side], ==, 1);
	above->end[side] = how;
	above->at_end[side] = above->octets[side]->len;
}

void above_init(Above *above)
{
	*above = (Above){.octets = {g_byte_array_new(), g_byte_array_new()}};
}

void above_clear(Above *above)
{
	g_byte_array_unref(above->octets[0]);
	g_byte_array_unref(above->octets[1]);
}

StreamSink above_sink(Above *above)
{
	static const StreamSinkOps ops = {on_bytes, on_gap, on_end};

	return (StreamSink){&ops, above};
}

static void clear_write(gpointer data)
{
	g_byte_array_unref(((Write *)data)->octets);
}

Wire wire_new(void)
{
	Wire wire = {g_array_new(FALSE, FALSE, sizeof(Write))};

	g_array_set_clear_func(wire.writes, clear_write);
	return wire;
}

void wire_free(Wire *wire)
{
	g_array_unref(wire->writes);
}

void wire_add(Wire *wire, unsigned side, const void *data, size_t size)
{
	Write write = {side, g_byte_array_new()};

	g_byte_array_append(write.octets, data, (guint)size);
	g_array_append_val(wire->writes, write);
}

size_t wire_size(const Wire *wire)
{
	size_t size = 0;

	for (guint i = 0; i < wire->writes->len; i++)
		size += g_array_index(wire->writes, Write, i).octets->len;
	return size;
}

void feed(StreamSink sink, unsigned side, const void *data, size_t size)
{
	/* As large as it is and no larger, for the sanitizers to see every octet too many. */
	g_autofree uint8_t *exact = g_memdup2(data, size);
	StreamPoint at = {{1, 0}, {0}};

	if (size > 0)
		sink.ops->bytes(sink.self, side, (ByteSpan){exact, size}, &at);
}

void feed_gap(StreamSink sink, unsigned side, uint64_t n_bytes)
{
	StreamPoint at = {{1, 0}, {0}};

	sink.ops->gap(sink.self, side, n_bytes, GAP_MISSING, &at);
}

void feed_ends(StreamSink sink)
{
	StreamPoint at = {{1, 0}, {0}};

	sink.ops->end(sink.self, 0, STREAM_END_FIN, &at);
	sink.ops->end(sink.self, 1, STREAM_END_FIN, &at);
}

void wire_feed(const Wire *wire, StreamSink sink, size_t every, size_t cut)
{
	size_t before = 0;

	for (guint i = 0; i < wire->writes->len; i++) {
		const Write *write = &g_array_index(wire->writes, Write, i);
		for (size_t at = 0; at < write->octets->len;) {
			size_t n = write->octets->len - at;
			if (every > 0)
				n = MIN(n, every);
			if (cut > before + at)
				n = MIN(n, cut - before - at);
			feed(sink, write->side, write->octets->data + at, n);
			at += n;
		}
		before += write->octets->len;
	}
}
