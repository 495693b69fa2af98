/* SPDX-License-Identifier: MIT */
/*
 * websocket_parts: what the files of the WebSocket layer share.
 */
#pragma once

#include <glib.h>

#include "dissectors/websocket.h"

typedef enum FrameOpcode {
	FRAME_CONTINUATION = 0,
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10,
} FrameOpcode;

enum {
	FRAME_HEADER_MOST = 14,
	FRAME_CONTROL_MOST = 125, /* octets of payload (RFC 6455 section 5.5) */
	HTTP_HEAD_MOST = 16384,
};

/* The header of one frame. */
typedef struct FrameHeader {
	uint64_t length; /* of the payload */
	uint8_t size;
	uint8_t opcode;
	bool fin, rsv1, masked;
	uint8_t mask[4];
} FrameHeader;

typedef enum FrameParse {
	FRAME_WRONG = -1, /* no header of RFC 6455 and RFC 7692 */
	FRAME_PARTIAL,
	FRAME_COMPLETE,
} FrameParse;

FrameParse frame_header_parse(ByteSpan bytes, FrameHeader *header);
/* @phase: how many octets of the payload went before. */
void frame_unmask(uint8_t *to, ByteSpan from, const uint8_t mask[static 4], unsigned phase);
/* Where in @bytes frames begin that fit together and are masked as @masked says; -1: nowhere. */
ptrdiff_t frame_search(ByteSpan bytes, bool masked);

/* What an HTTP head says that concerns us. */
typedef struct HttpHead {
	unsigned status;      /* of a response; 0: a request */
	bool is_http;
	bool upgrade;         /* Upgrade: websocket */
} HttpHead;

/* The size of the head in @bytes, its empty line included; 0 if it is not complete. */
size_t http_head_size(ByteSpan bytes);
HttpHead http_head_parse(ByteSpan head);

typedef struct Inflater Inflater;

/* NULL where this build cannot inflate. */
Inflater *inflater_new(void);
void inflater_free(Inflater *inflater);
/* What came before is not known (any more): references to it are errors from now on, and what
 * comes without such references is right. */
void inflater_reset(Inflater *inflater);
/* Hands the inflated octets of @bytes to @out; false if it cannot, or may not (@DROPPED). */
bool inflater_bytes(Inflater *inflater, ByteSpan bytes, void (*out)(void *user, ByteSpan span),
                    void *user);
/* The message is over. */
bool inflater_end(Inflater *inflater, void (*out)(void *user, ByteSpan span), void *user);
