/* SPDX-License-Identifier: MIT */
#include "dissectors/transport.h"

#include <glib.h>

struct Layers {
	Tls *tls;
	WebSocket *websocket;
	StreamSink mqtt;
	StreamSink inner;     /* of what TLS carries, once its first octets came */
	TransportShared *shared;
	const WebSocketOps *ops;
	void *user;
	bool from_start;
	bool hole;            /* in what TLS carries, before it was known */
};

const char *transport_name(Transport transport)
{
	static const char *const names[TRANSPORT_N] = {"tcp", "ws", "tls", "wss"};
	return names[transport];
}

static WebSocket *find_websocket(ByteSpan first, unsigned side, bool midway, StreamSink mqtt,
                                 TransportShared *shared)
{
	bool masked;

	if (websocket_begins(first) && (!midway || first.size >= 4))
		return websocket_new(mqtt, side, &shared->websocket);
	if (midway && websocket_joins(first, &masked))
		return websocket_join(mqtt, masked ? side : 1 - side, &shared->websocket);
	return NULL;
}

/* --- what TLS carries --------------------------------------------------------------------- */

static void inner_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Layers *layers = self;

	if (layers->inner.ops == NULL) {
		layers->websocket = find_websocket(span, side, layers->hole, layers->mqtt, layers->shared);
		layers->inner = layers->mqtt;
		if (layers->websocket != NULL) {
			websocket_watch(layers->websocket, layers->ops, layers->user);
			layers->inner = websocket_sink(layers->websocket);
		}
	}
	layers->inner.ops->bytes(layers->inner.self, side, span, at);
}

static void inner_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                      const StreamPoint *at)
{
	Layers *layers = self;
	StreamSink sink = layers->inner.ops == NULL ? layers->mqtt : layers->inner;

	layers->hole = true;
	sink.ops->gap(sink.self, side, n_bytes, kind, at);
}

static void inner_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Layers *layers = self;
	StreamSink sink = layers->inner.ops == NULL ? layers->mqtt : layers->inner;

	sink.ops->end(sink.self, side, how, at);
}

static const StreamSinkOps inner_ops = {inner_bytes, inner_gap, inner_end};

static Tls *find_tls(Layers *layers, ByteSpan first, unsigned side, bool midway)
{
	StreamSink sink = {&inner_ops, layers};

	if (tls_begins(first) && (!midway || first.size >= 6))
		return tls_new(sink, side, &layers->shared->tls);
	return midway && tls_joins(first) ? tls_midway(sink, &layers->shared->tls) : NULL;
}

Layers *layers_for(ByteSpan first, unsigned side, bool midway, StreamSink mqtt,
                   TransportShared *shared)
{
	WebSocket *websocket = find_websocket(first, side, midway, mqtt, shared);

	if (websocket == NULL && !tls_begins(first) && !(midway && tls_joins(first)))
		return NULL;
	Layers *layers = g_new0(Layers, 1);
	layers->mqtt = mqtt;
	layers->shared = shared;
	layers->websocket = websocket;
	if (websocket != NULL)
		layers->from_start = side == 0 && websocket_state(websocket) == WEBSOCKET_ASKED;
	else
		layers->tls = find_tls(layers, first, side, midway);
	if (websocket == NULL && layers->tls == NULL) {
		g_free(layers);
		return NULL;
	}
	if (layers->tls != NULL)
		layers->from_start = side == 0 && tls_state(layers->tls) == TLS_HANDSHAKE;
	return layers;
}

void layers_free(Layers *layers)
{
	if (layers == NULL)
		return;
	tls_free(layers->tls);
	websocket_free(layers->websocket);
	g_free(layers);
}

StreamSink layers_sink(Layers *layers)
{
	return layers->tls != NULL ? tls_sink(layers->tls) : websocket_sink(layers->websocket);
}

Transport layers_transport(const Layers *layers)
{
	if (layers->tls == NULL)
		return TRANSPORT_WS;
	return layers->websocket != NULL ? TRANSPORT_WSS : TRANSPORT_TLS;
}

bool layers_refuted(const Layers *layers)
{
	WebSocketState state =
		layers->websocket == NULL ? WEBSOCKET_ASKED : websocket_state(layers->websocket);
	return state == WEBSOCKET_NOT || state == WEBSOCKET_REFUSED ||
	       (layers->tls != NULL && tls_state(layers->tls) >= TLS_NO_KEYS);
}

bool layers_is_websocket(const Layers *layers)
{
	return layers->websocket != NULL && websocket_state(layers->websocket) != WEBSOCKET_NOT;
}

const Tls *layers_closed_tls(const Layers *layers)
{
	if (layers->tls == NULL || tls_state(layers->tls) == TLS_NOT ||
	    tls_state(layers->tls) == TLS_READABLE)
		return NULL;
	return layers->tls;
}

bool layers_from_start(const Layers *layers)
{
	return layers->from_start;
}

void layers_watch(Layers *layers, const WebSocketOps *ops, void *user)
{
	layers->ops = ops;
	layers->user = user;
	if (layers->websocket != NULL)
		websocket_watch(layers->websocket, ops, user);
}
