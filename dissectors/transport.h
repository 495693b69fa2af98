/* SPDX-License-Identifier: MIT */
/*
 * transport: the layers between TCP and MQTT on one connection, from below: the PROXY protocol,
 * TLS, WebSocket; each may be there or not.
 *
 * Plain MQTT has none and pays nothing: what a connection is shows in the first
 * octet of its client, for no CONNECT begins with that of an HTTP request, of a
 * TLS record or of a PROXY header.  Joined midway it takes a segment that makes sense.
 */
#pragma once

#include "dissectors/farewell.h"
#include "dissectors/proxy.h"
#include "dissectors/tls.h"
#include "dissectors/websocket.h"

typedef enum Transport {
	TRANSPORT_TCP,
	TRANSPORT_WS,
	TRANSPORT_TLS,
	TRANSPORT_WSS,
	TRANSPORT_N
} Transport;

/* As the reports name it: "tcp", "ws", "tls", "wss". */
const char *transport_name(Transport transport);

/* What all connections of a capture share. */
typedef struct TransportShared {
	WebSocketShared websocket;
	TlsShared tls;
} TransportShared;

typedef struct Layers Layers;

/* For the first octets of a connection, sent by @side, that was seen from its beginning; or, if
 * @midway, for a segment of one that was not.  NULL: nothing lies below @mqtt. */
Layers *layers_for(ByteSpan first, unsigned side, bool midway, StreamSink mqtt,
                   TransportShared *shared);
void layers_free(Layers *layers);
/* What TCP feeds. */
StreamSink layers_sink(Layers *layers);
Transport layers_transport(const Layers *layers);
/* Whether it turned out that no MQTT can come of it, or none that can be read. */
bool layers_refuted(const Layers *layers);
bool layers_is_websocket(const Layers *layers); /* an upgrade was asked for */
/* The header of a proxy that came first; NULL: none did. */
const Proxy *layers_proxy(const Layers *layers);
/* Whether that was all that the connection carried, as when a balancer asks whether one lives. */
bool layers_only_proxy(const Layers *layers);
/* The TLS that could not be looked into; NULL: it is none, or could. */
const Tls *layers_closed_tls(const Layers *layers);
/* Whether its TLS was opened, and went on with secrets that are not there: tls_lost(). */
bool layers_lost_tls(const Layers *layers);
/* Whether both sides of what MQTT gets were seen from its beginning, although the segment was one of
 * many: its handshake was there. */
bool layers_from_start(const Layers *layers);
/* Close frames of WebSocket, and alerts of TLS. */
void layers_watch(Layers *layers, const FarewellOps *ops, void *user);
