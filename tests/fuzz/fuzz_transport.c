/* SPDX-License-Identifier: MIT */
/*
 * The layers between TCP and MQTT, found by what they begin with: PROXY, TLS, WebSocket.  The first
 * octet of an input: bit 0 joins midway.  Then chunks, see stream_input.h.
 */
#include <glib.h>

#include "dissectors/transport.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stream_input.h"

typedef struct Below {
	StreamSink above;
	TransportShared shared;
	Layers *layers;
	StreamSink sink;
	bool midway;
} Below;

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Below *below = self;
	if (below->sink.ops == NULL) {
		below->layers = layers_for(span, side, below->midway, below->above, &below->shared);
		below->sink = below->layers != NULL ? layers_sink(below->layers) : below->above;
	}
	below->sink.ops->bytes(below->sink.self, side, span, at);
	if (below->layers == NULL)
		return;
	layers_transport(below->layers);
	layers_refuted(below->layers);
	if (layers_proxy(below->layers) != NULL && proxy_facts(layers_proxy(below->layers))->local)
		g_assert_false(proxy_facts(layers_proxy(below->layers))->known);
}

static StreamSink sink_of(Below *below)
{
	return below->sink.ops != NULL ? below->sink : below->above;
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Below *below = self;
	StreamSink sink = sink_of(below);
	below->midway = true;
	sink.ops->gap(sink.self, side, n_bytes, kind, at);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	StreamSink sink = sink_of(self);
	sink.ops->end(sink.self, side, how, at);
}

static const StreamSinkOps ops = {on_bytes, on_gap, on_end};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Reader reader = reader_over((ByteSpan){data, size});
	StreamDrain drain = {0};
	Below below = {.above = stream_drain(&drain), .midway = (reader_u8(&reader) & 1) != 0};
	stream_input_play(&reader, (StreamSink){&ops, &below});
	layers_free(below.layers);
	g_assert_cmpuint(below.shared.websocket.n_inflaters, ==, 0);
	return 0;
}
