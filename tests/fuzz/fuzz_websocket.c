/* SPDX-License-Identifier: MIT */
/*
 * WebSocket.  The first octet of an input: bit 0 joins midway, bit 1 has an upgrade before it.  Then
 * chunks, see stream_input.h.
 */
#include <glib.h>
#include <string.h>

#include "dissectors/websocket.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stream_input.h"

static void on_closing(void *user, unsigned side, uint16_t code, ByteSpan reason,
                       const StreamPoint *at)
{
	const StreamDrain *drain = user;
	(void)code;
	(void)at;
	g_assert_cmpuint(drain->ends[side], ==, 0);
	g_assert_cmpuint(reason.size, <=, 123);
}

static void upgrade(StreamSink sink)
{
	static const char request[] = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
	static const char answer[] = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n";
	StreamPoint at = {{1, 0}, {0}};
	sink.ops->bytes(sink.self, 0, (ByteSpan){(const uint8_t *)request, sizeof request - 1}, &at);
	sink.ops->bytes(sink.self, 1, (ByteSpan){(const uint8_t *)answer, sizeof answer - 1}, &at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const WebSocketOps ops = {on_closing};
	Reader reader = reader_over((ByteSpan){data, size});
	uint8_t mode = reader_u8(&reader);
	StreamDrain drain = {0};
	WebSocketShared shared = {0};
	WebSocket *socket = (mode & 1) != 0 ? websocket_join(stream_drain(&drain), 0, &shared)
	                                    : websocket_new(stream_drain(&drain), 0, &shared);
	bool masked;
	websocket_watch(socket, &ops, &drain);
	websocket_joins((ByteSpan){data, size}, &masked);
	if ((mode & 2) != 0)
		upgrade(websocket_sink(socket));
	stream_input_play(&reader, websocket_sink(socket));
	websocket_free(socket);
	g_assert_cmpuint(shared.n_inflaters, ==, 0);
	return 0;
}
