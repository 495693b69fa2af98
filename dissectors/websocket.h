/* SPDX-License-Identifier: MIT */
/*
 * websocket: the octets that the data messages of a WebSocket carry (RFC 6455).
 *
 * A StreamSink between TCP (or TLS) and what the messages hold: reads the HTTP
 * upgrade on any path, takes the frames of both directions apart, whatever their
 * borders, undoes masking and permessage-deflate (RFC 7692), and tells of Close.
 * A Close frame ends its side for the layer above: who sends the first one closes
 * the connection, whoever then closes TCP.  After a hole it looks for a frame.
 */
#pragma once

#include "dissectors/stream.h"

typedef enum WebSocketState {
	WEBSOCKET_ASKED,   /* the request is not complete, or not answered */
	WEBSOCKET_OPEN,
	WEBSOCKET_REFUSED, /* an upgrade that was not answered by 101 */
	WEBSOCKET_NOT,     /* another request: plain HTTP */
} WebSocketState;

enum {
	WEBSOCKET_NO_STATUS = 1005,  /* Close without a code (RFC 6455 section 7.4.1) */
	WEBSOCKET_INFLATERS = 8192,  /* that may be in use at once */
};

/* What all WebSockets of a capture share. */
typedef struct WebSocketShared {
	unsigned n_inflaters;
	uint64_t n_not_inflated; /* messages: their context was not seen, or a bound was hit */
} WebSocketShared;

typedef struct WebSocketOps {
	/* A Close frame; @reason is text of the peer, and may be cut. */
	void (*closing)(void *user, unsigned side, uint16_t code, ByteSpan reason,
	                const StreamPoint *at);
} WebSocketOps;

typedef struct WebSocket WebSocket;

/* @client: the side that sends the request, or masks. */
WebSocket *websocket_new(StreamSink above, unsigned client, WebSocketShared *shared);
/* The same joined midway: both sides begin where a frame is found. */
WebSocket *websocket_join(StreamSink above, unsigned client, WebSocketShared *shared);
void websocket_watch(WebSocket *socket, const WebSocketOps *ops, void *user);
void websocket_free(WebSocket *socket);
StreamSink websocket_sink(WebSocket *socket);
WebSocketState websocket_state(const WebSocket *socket);

/* What inflates compressed messages, and its version; or that nothing does. */
const char *websocket_inflater(void);

/* Whether a connection may begin so: with an HTTP request, as far as it came. */
bool websocket_begins(ByteSpan bytes);
/* Whether a segment of a connection joined midway is frames with MQTT in them. */
bool websocket_joins(ByteSpan bytes, bool *masked);
