/* SPDX-License-Identifier: MIT */
/*
 * Decapsulation and TCP.  An input is a run of frames: two octets of length (big endian, of which
 * the highest bit says that the wire had 100 octets more), one of link type, one of milliseconds
 * since the frame before, and the frame.
 */
#include <glib.h>

#include "dissectors/decap.h"
#include "dissectors/reader.h"
#include "dissectors/tcp.h"
#include "tests/fuzz/fuzz.h"

/* The sink's own account, checked against what stream.h promises. */
typedef struct Account {
	unsigned ends[2];
	uint64_t octets[2];
} Account;

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Account *account = self;
	(void)at;
	g_assert_cmpuint(account->ends[side], ==, 0);
	for (size_t i = 0; i < span.size; i++)
		account->octets[side] += 1 + (span.data[i] & 0);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Account *account = self;
	(void)kind;
	(void)at;
	g_assert_cmpuint(account->ends[side], ==, 0);
	g_assert_cmpuint(n_bytes, >, 0);
	account->octets[side] += n_bytes;
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Account *account = self;
	(void)how;
	(void)at;
	g_assert_cmpuint(++account->ends[side], ==, 1);
}

static const StreamSinkOps sink_ops = {.bytes = on_bytes, .gap = on_gap, .end = on_end};

static StreamSink on_opened(void *user, TcpFlow *flow, const StreamPoint *at)
{
	(void)user;
	(void)flow;
	(void)at;
	return (StreamSink){&sink_ops, g_new0(Account, 1)};
}

static void on_closed(void *user, TcpFlow *flow)
{
	(void)user;
	Account *account = tcp_flow_sink(flow).self;
	g_assert_cmpuint(account->ends[0], ==, 1);
	g_assert_cmpuint(account->ends[1], ==, 1);
	g_free(account);
}

static const TcpTableOps table_ops = {.opened = on_opened, .closed = on_closed};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t link_types[] = {1,   0,   12,  101, 108, 113, 276,
	                                      228, 229, 147, 127, 105, 239, 192};
	Decap *decap = decap_new();
	TcpLimits limits = {.flow_buffer = 4096, .total_buffer = 16384, .flows = 8};
	TcpTable *table = tcp_table_new(&limits, &table_ops, NULL);
	Reader reader = reader_over((ByteSpan){data, size});
	StreamPoint at = {{0, 0}, {0}};
	while (!reader.failed && reader_remaining(&reader) > 0) {
		uint16_t length = reader_u16(&reader);
		uint8_t link = reader_u8(&reader);
		at.time.ns += reader_u8(&reader) * INT64_C(1000000);
		ByteSpan bytes = reader_take(&reader, MIN(length & 0x7FFFu, reader_remaining(&reader)));
		at.frame.number++;
		TcpSegment segment;
		Frame frame = {
			.bytes = bytes,
			.wire_size = (uint32_t)bytes.size + (length & 0x8000 ? 100 : 0),
			.link_type = link_types[link % G_N_ELEMENTS(link_types)],
			.ref = at.frame,
			.time = at.time,
		};
		if (decap_frame(decap, &frame, &segment) == DECAP_TCP)
			tcp_table_segment(table, &segment, &at);
	}
	decap_finish(decap);
	tcp_table_finish(table, &at);
	tcp_table_free(table);
	decap_free(decap);
	return 0;
}
