/* SPDX-License-Identifier: MIT */
#include "dissectors/transport.h"

#include <glib.h>

struct Layers {
	Proxy *proxy;
	Tls *tls;
	WebSocket *websocket;
	StreamSink mqtt;
	StreamSink outer;     /* of what follows the proxy's header, likewise */
	StreamSink inner;     /* of what TLS carries, once its first octets came */
	TransportShared *shared;
	const FarewellOps *ops;
	void *user;
	bool from_start;
	bool outer_hole;      /* in what follows the header, before it was known */
	bool hole;            /* in what TLS carries, before it was known */
};

const char *transport_name(Transport transport)
{
	static const char *const names[TRANSPORT_N] = {"tcp", "ws", "tls", "wss"};
	return names[transport];
}

/* --- how they end ------------------------------------------------------------------------- */

static void tell(Layers *layers, unsigned side, Farewell farewell, const StreamPoint *at)
{
	if (layers->ops != NULL)
		layers->ops->farewell(layers->user, side, &farewell, at);
}

static void on_close(void *self, unsigned side, uint16_t code, ByteSpan reason,
                     const StreamPoint *at)
{
	(void)reason;
	tell(self, side, (Farewell){FAREWELL_WEBSOCKET, code}, at);
}

static void on_alert(void *self, unsigned side, uint8_t description, const StreamPoint *at)
{
	tell(self, side, (Farewell){FAREWELL_TLS, description}, at);
}

static const WebSocketOps websocket_ops = {.closing = on_close};
static const TlsOps tls_ops = {.alert = on_alert};

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
			websocket_watch(layers->websocket, &websocket_ops, layers);
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

/* --- what lies below MQTT ----------------------------------------------------------------- */

/* The sink for octets that begin with @first: of WebSocket, of TLS, or of MQTT. */
static StreamSink find_sink(Layers *layers, ByteSpan first, unsigned side, bool midway)
{
	layers->websocket = find_websocket(first, side, midway, layers->mqtt, layers->shared);
	if (layers->websocket != NULL) {
		websocket_watch(layers->websocket, &websocket_ops, layers);
		return websocket_sink(layers->websocket);
	}
	layers->tls = find_tls(layers, first, side, midway);
	if (layers->tls == NULL)
		return layers->mqtt;
	tls_watch(layers->tls, &tls_ops, layers);
	return tls_sink(layers->tls);
}

static void outer_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Layers *layers = self;

	if (layers->outer.ops == NULL)
		layers->outer = find_sink(layers, span, side, layers->outer_hole);
	layers->outer.ops->bytes(layers->outer.self, side, span, at);
}

static void outer_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                      const StreamPoint *at)
{
	Layers *layers = self;
	StreamSink sink = layers->outer.ops == NULL ? layers->mqtt : layers->outer;

	layers->outer_hole = true;
	sink.ops->gap(sink.self, side, n_bytes, kind, at);
}

static void outer_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Layers *layers = self;
	StreamSink sink = layers->outer.ops == NULL ? layers->mqtt : layers->outer;

	sink.ops->end(sink.self, side, how, at);
}

static const StreamSinkOps outer_ops = {outer_bytes, outer_gap, outer_end};

static bool can_begin(ByteSpan first, unsigned side, bool midway)
{
	enum { CONNECT = 0x10 };
	bool masked;

	if (!midway && first.size > 0 && first.data[0] == CONNECT)
		return false; /* the usual case: it is none of those below */
	if (midway ? proxy_joins(first) : side == 0 && proxy_begins(first))
		return true;
	return tls_begins(first) || websocket_begins(first) ||
	       (midway && (tls_joins(first) || websocket_joins(first, &masked)));
}

Layers *layers_for(ByteSpan first, unsigned side, bool midway, StreamSink mqtt,
                   TransportShared *shared)
{
	if (!can_begin(first, side, midway))
		return NULL;
	Layers *layers = g_new0(Layers, 1);
	layers->mqtt = mqtt;
	layers->shared = shared;
	if (midway ? proxy_joins(first) : proxy_begins(first)) {
		layers->proxy = proxy_new((StreamSink){&outer_ops, layers}, side);
		layers->from_start = side == 0;
		return layers;
	}
	layers->outer = find_sink(layers, first, side, midway);
	if (layers->websocket == NULL && layers->tls == NULL) {
		g_free(layers);
		return NULL;
	}
	if (layers->websocket != NULL)
		layers->from_start = side == 0 && websocket_state(layers->websocket) == WEBSOCKET_ASKED;
	else
		layers->from_start = side == 0 && tls_state(layers->tls) == TLS_HANDSHAKE;
	return layers;
}

void layers_free(Layers *layers)
{
	if (layers == NULL)
		return;
	proxy_free(layers->proxy);
	tls_free(layers->tls);
	websocket_free(layers->websocket);
	g_free(layers);
}

StreamSink layers_sink(Layers *layers)
{
	return layers->proxy != NULL ? proxy_sink(layers->proxy) : layers->outer;
}

Transport layers_transport(const Layers *layers)
{
	if (layers->tls == NULL)
		return layers->websocket != NULL ? TRANSPORT_WS : TRANSPORT_TCP;
	return layers->websocket != NULL ? TRANSPORT_WSS : TRANSPORT_TLS;
}

const Proxy *layers_proxy(const Layers *layers)
{
	return layers->proxy != NULL && proxy_state(layers->proxy) == PROXY_READ ? layers->proxy : NULL;
}

bool layers_only_proxy(const Layers *layers)
{
	return layers_proxy(layers) != NULL && !proxy_carried(layers->proxy);
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

bool layers_lost_tls(const Layers *layers)
{
	return layers->tls != NULL && tls_lost(layers->tls);
}

bool layers_from_start(const Layers *layers)
{
	return layers->from_start;
}

void layers_watch(Layers *layers, const FarewellOps *ops, void *user)
{
	layers->ops = ops;
	layers->user = user;
}
