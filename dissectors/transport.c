/* SPDX-License-Identifier: MIT */
#include "dissectors/transport.h"

#include <glib.h>

struct Layers {
	WebSocket *websocket;
	bool from_start;
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

Layers *layers_for(ByteSpan first, unsigned side, bool midway, StreamSink mqtt,
                   TransportShared *shared)
{
	WebSocket *websocket = find_websocket(first, side, midway, mqtt, shared);
	Layers *layers;

	if (websocket == NULL)
		return NULL;
	layers = g_new0(Layers, 1);
	layers->websocket = websocket;
	layers->from_start = side == 0 && websocket_state(websocket) == WEBSOCKET_ASKED;
	return layers;
}

void layers_free(Layers *layers)
{
	if (layers == NULL)
		return;
	websocket_free(layers->websocket);
	g_free(layers);
}

StreamSink layers_sink(Layers *layers)
{
	return websocket_sink(layers->websocket);
}

Transport layers_transport(const Layers *layers)
{
	return layers->websocket != NULL ? TRANSPORT_WS : TRANSPORT_TCP;
}

bool layers_refuted(const Layers *layers)
{
	WebSocketState state = websocket_state(layers->websocket);
	return state == WEBSOCKET_NOT || state == WEBSOCKET_REFUSED;
}

bool layers_is_websocket(const Layers *layers)
{
	return websocket_state(layers->websocket) != WEBSOCKET_NOT;
}

bool layers_from_start(const Layers *layers)
{
	return layers->from_start;
}

void layers_watch(Layers *layers, const WebSocketOps *ops, void *user)
{
	websocket_watch(layers->websocket, ops, user);
}
