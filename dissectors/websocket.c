/* SPDX-License-Identifier: MIT */
#include "dissectors/websocket.h"

#include <string.h>

#include "dissectors/websocket_parts.h"

typedef enum SideState {
	SIDE_HEAD,    /* HTTP */
	SIDE_HEADER,  /* of a frame */
	SIDE_PAYLOAD, /* of a data frame */
	SIDE_CONTROL, /* the payload of a control frame */
	SIDE_SEARCH,  /* for a frame, after a hole */
	SIDE_OVER,    /* Close was seen, or the end of the stream */
} SideState;

typedef struct Side {
	GByteArray *head;      /* HTTP, while it is incomplete */
	Inflater *inflater;    /* once a compressed message came */
	uint64_t left;         /* of the payload */
	unsigned phase;        /* octets of the payload that passed */
	FrameHeader frame;
	uint8_t state;         /* SideState */
	uint8_t n_kept;
	uint8_t kept[FRAME_CONTROL_MOST]; /* of a header, or of a control frame */
	bool in_message;       /* a fragment came, and not yet the last one */
	bool binary;           /* the message: MQTT is in binary ones only (5.0 [MQTT-6.0.0-1]) */
	bool compressed;       /* the message */
	bool spoilt;           /* the rest of the message cannot be inflated */
	bool cut;              /* a part of the control frame is missing */
} Side;

struct WebSocket {
	StreamSink above;
	const WebSocketOps *ops;
	void *user;
	WebSocketShared *shared;
	uint8_t client;
	uint8_t state; /* WebSocketState */
	Side sides[2];
};

/* What hands octets of one side up. */
typedef struct Hand {
	WebSocket *socket;
	unsigned side;
	const StreamPoint *at;
} Hand;

static void hand_up(void *user, ByteSpan span)
{
	const Hand *hand = user;
	hand->socket->above.ops->bytes(hand->socket->above.self, hand->side, span, hand->at);
}

static void hand_hole(const Hand *hand, uint64_t n_bytes)
{
	if (n_bytes > 0)
		hand->socket->above.ops->gap(hand->socket->above.self, hand->side, n_bytes,
		                             GAP_UNMEASURED, hand->at);
}

static void hand_end(const Hand *hand, StreamEnd how)
{
	Side *own = &hand->socket->sides[hand->side];
	if (own->state == SIDE_OVER)
		return;
	own->state = SIDE_OVER;
	hand->socket->above.ops->end(hand->socket->above.self, hand->side, how, hand->at);
}

static void search(const Hand *hand, uint64_t n_bytes)
{
	Side *own = &hand->socket->sides[hand->side];
	own->state = SIDE_SEARCH;
	own->in_message = own->cut = false;
	own->n_kept = 0;
	if (own->inflater != NULL)
		inflater_reset(own->inflater);
	hand_hole(hand, n_bytes);
}

/* --- payload ------------------------------------------------------------------------------ */

/* The rest of this message is lost.  The window holds what is not known to be right. */
static void spoil(const Hand *hand, uint64_t n_bytes)
{
	Side *own = &hand->socket->sides[hand->side];
	if (own->spoilt)
		return;
	own->spoilt = true;
	hand->socket->shared->n_not_inflated++;
	if (own->inflater != NULL)
		inflater_reset(own->inflater);
	hand_hole(hand, MAX(n_bytes, 1));
}

static bool has_inflater(const Hand *hand)
{
	Side *own = &hand->socket->sides[hand->side];
	WebSocketShared *shared = hand->socket->shared;
	if (own->inflater == NULL && shared->n_inflaters < WEBSOCKET_INFLATERS) {
		own->inflater = inflater_new();
		shared->n_inflaters += own->inflater != NULL;
	}
	return own->inflater != NULL;
}

static void plain_payload(Hand *hand, ByteSpan span)
{
	const Side *own = &hand->socket->sides[hand->side];
	if (!own->compressed)
		hand_up(hand, span);
	else if (!own->spoilt && !inflater_bytes(own->inflater, span, hand_up, hand))
		spoil(hand, span.size);
}

static void data_payload(Hand *hand, ByteSpan span)
{
	Side *own = &hand->socket->sides[hand->side];
	uint8_t room[4096];

	while (span.size > 0 && own->binary) {
		size_t n = own->frame.masked ? MIN(span.size, sizeof room) : span.size;
		ByteSpan part = {span.data, n};
		if (own->frame.masked) {
			frame_unmask(room, part, own->frame.mask, own->phase & 3);
			part.data = room;
		}
		own->phase += (unsigned)n;
		plain_payload(hand, part);
		span = (ByteSpan){span.data + n, span.size - n};
	}
	own->phase += (unsigned)span.size;
}

static void frame_over(Hand *hand)
{
	Side *own = &hand->socket->sides[hand->side];
	own->state = SIDE_HEADER;
	own->n_kept = 0;
	own->in_message = !own->frame.fin;
	if (own->frame.fin && own->compressed && own->binary && !own->spoilt &&
	    !inflater_end(own->inflater, hand_up, hand))
		spoil(hand, 0);
}

/* --- control frames ----------------------------------------------------------------------- */

static void control_over(const Hand *hand)
{
	WebSocket *socket = hand->socket;
	Side *own = &socket->sides[hand->side];
	unsigned size = own->n_kept;
	uint16_t code = WEBSOCKET_NO_STATUS;

	own->state = SIDE_HEADER;
	own->n_kept = 0;
	if (own->frame.opcode != FRAME_CLOSE)
		return;
	if (own->frame.masked)
		frame_unmask(own->kept, (ByteSpan){own->kept, size}, own->frame.mask, 0);
	if (size >= 2 && !own->cut)
		code = (uint16_t)(own->kept[0] << 8 | own->kept[1]);
	ByteSpan reason = {own->kept + MIN(size, 2u), size < 2 || own->cut ? 0 : size - 2};
	if (socket->ops != NULL)
		socket->ops->closing(socket->user, hand->side, code, reason, hand->at);
	hand_end(hand, STREAM_END_FIN);
}

/* --- frames ------------------------------------------------------------------------------- */

/* Whether a frame may come here: RFC 6455 section 5.4. */
static bool fits(const Side *own, const FrameHeader *frame)
{
	if (frame->opcode >= FRAME_CLOSE)
		return true;
	return (frame->opcode == FRAME_CONTINUATION) == own->in_message;
}

static void message_begins(const Hand *hand)
{
	Side *own = &hand->socket->sides[hand->side];
	own->binary = own->frame.opcode == FRAME_BINARY;
	own->compressed = own->frame.rsv1;
	own->spoilt = false;
	if (own->compressed && own->binary && !has_inflater(hand))
		spoil(hand, own->frame.length);
}

/* A frame follows whose message began in a hole: whether it was compressed is not known. */
static void message_unknown(const Hand *hand)
{
	Side *own = &hand->socket->sides[hand->side];
	own->binary = true;
	own->compressed = own->inflater != NULL || hand->socket->sides[1 - hand->side].inflater != NULL;
	own->spoilt = own->compressed;
	hand_hole(hand, own->compressed ? own->frame.length : 0);
}

static void frame_begins(Hand *hand)
{
	Side *own = &hand->socket->sides[hand->side];
	own->left = own->frame.length;
	own->phase = 0;
	own->n_kept = 0;
	if (hand->socket->state == WEBSOCKET_ASKED && hand->side != hand->socket->client)
		hand->socket->state = WEBSOCKET_OPEN;
	if (own->frame.opcode >= FRAME_CLOSE) {
		own->cut = false;
		own->state = SIDE_CONTROL;
		if (own->left == 0)
			control_over(hand);
		return;
	}
	own->state = SIDE_PAYLOAD;
	if (own->frame.opcode != FRAME_CONTINUATION)
		message_begins(hand);
	if (own->left == 0)
		frame_over(hand);
}

static size_t step_payload(Hand *hand, ByteSpan span)
{
	Side *own = &hand->socket->sides[hand->side];
	size_t n = MIN(span.size, own->left);

	own->left -= n;
	data_payload(hand, (ByteSpan){span.data, n});
	if (own->left == 0)
		frame_over(hand);
	return n;
}

/* Takes a header, or what there is of it, and what payload follows at once; how many octets. */
static size_t step_header(Hand *hand, ByteSpan span)
{
	Side *own = &hand->socket->sides[hand->side];
	size_t before = own->n_kept;
	size_t n = MIN(span.size, FRAME_HEADER_MOST - before);
	ByteSpan head = {span.data, n};

	if (before > 0) {
		memcpy(own->kept + before, span.data, n);
		head = (ByteSpan){own->kept, before + n};
	}
	FrameParse parse = frame_header_parse(head, &own->frame);
	if (parse == FRAME_WRONG || (parse == FRAME_COMPLETE && !fits(own, &own->frame))) {
		search(hand, before);
		return 0;
	}
	if (parse == FRAME_PARTIAL) {
		memcpy(own->kept + before, span.data, n);
		own->n_kept = (uint8_t)(before + n);
		return n;
	}
	size_t used = own->frame.size - before;
	frame_begins(hand);
	if (own->state == SIDE_PAYLOAD && used < span.size)
		used += step_payload(hand, (ByteSpan){span.data + used, span.size - used});
	return used;
}

static size_t step_control(Hand *hand, ByteSpan span)
{
	Side *own = &hand->socket->sides[hand->side];
	size_t n = MIN(span.size, own->left);

	memcpy(own->kept + own->n_kept, span.data, n);
	own->n_kept += (uint8_t)n;
	own->left -= n;
	if (own->left == 0)
		control_over(hand);
	return n;
}

static size_t step_search(Hand *hand, ByteSpan span)
{
	Side *own = &hand->socket->sides[hand->side];
	ptrdiff_t at = frame_search(span, hand->side == hand->socket->client);

	if (at < 0) {
		hand_hole(hand, span.size);
		return span.size;
	}
	hand_hole(hand, (uint64_t)at);
	own->state = SIDE_HEADER;
	own->n_kept = 0;
	frame_header_parse((ByteSpan){span.data + at, span.size - (size_t)at}, &own->frame);
	own->in_message = own->frame.opcode == FRAME_CONTINUATION;
	if (own->in_message)
		message_unknown(hand);
	return (size_t)at;
}

/* --- HTTP --------------------------------------------------------------------------------- */

static void judge_head(WebSocket *socket, unsigned side, ByteSpan octets)
{
	HttpHead head = http_head_parse(octets);
	if (side == socket->client) {
		if (!head.is_http || !head.upgrade)
			socket->state = WEBSOCKET_NOT;
	} else if (!head.is_http) {
		socket->state = WEBSOCKET_NOT;
	} else if (socket->state == WEBSOCKET_ASKED) {
		socket->state = head.status == 101 ? WEBSOCKET_OPEN : WEBSOCKET_REFUSED;
	}
}

static size_t step_head(WebSocket *socket, unsigned side, ByteSpan span)
{
	Side *own = &socket->sides[side];
	if (own->head == NULL)
		own->head = g_byte_array_new();
	size_t before = own->head->len, from = before < 3 ? 0 : before - 3;

	g_byte_array_append(own->head, span.data, (guint)MIN(span.size, HTTP_HEAD_MOST));
	size_t size = http_head_size((ByteSpan){own->head->data + from, own->head->len - from});
	if (size == 0 && own->head->len < HTTP_HEAD_MOST)
		return span.size;
	judge_head(socket, side, (ByteSpan){own->head->data, size == 0 ? 0 : from + size});
	g_byte_array_unref(own->head);
	own->head = NULL;
	own->state = SIDE_HEADER;
	return size == 0 ? span.size : from + size - before;
}

/* --- the sink ----------------------------------------------------------------------------- */

static bool useless(const WebSocket *socket)
{
	return socket->state == WEBSOCKET_NOT || socket->state == WEBSOCKET_REFUSED;
}

static size_t step(Hand *hand, ByteSpan span)
{
	switch ((SideState)hand->socket->sides[hand->side].state) {
	case SIDE_HEAD:
		return step_head(hand->socket, hand->side, span);
	case SIDE_HEADER:
		return step_header(hand, span);
	case SIDE_PAYLOAD:
		return step_payload(hand, span);
	case SIDE_CONTROL:
		return step_control(hand, span);
	case SIDE_SEARCH:
		return step_search(hand, span);
	case SIDE_OVER:
		break;
	}
	return span.size;
}

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	WebSocket *socket = self;
	Hand hand = {socket, side, at};

	while (span.size > 0 && !useless(socket)) {
		size_t used = step(&hand, span);
		span = (ByteSpan){span.data + used, span.size - used};
	}
}

/* A hole in a frame whose length is known. */
static void gap_inside(Hand *hand, uint64_t n_bytes, GapKind kind)
{
	Side *own = &hand->socket->sides[hand->side];
	StreamSink above = hand->socket->above;
	uint64_t n = MIN(n_bytes, own->left);

	own->left -= n;
	own->phase += (unsigned)n;
	if (own->state == SIDE_CONTROL) {
		own->cut = true;
		if (own->left == 0)
			control_over(hand);
	} else {
		if (own->compressed && own->binary)
			spoil(hand, n);
		else if (own->binary)
			above.ops->gap(above.self, hand->side, n, kind, hand->at);
		if (own->left == 0)
			frame_over(hand);
	}
	if (n_bytes > n && own->state != SIDE_OVER)
		search(hand, n_bytes - n);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	WebSocket *socket = self;
	Side *own = &socket->sides[side];
	Hand hand = {socket, side, at};

	if (useless(socket) || own->state == SIDE_OVER || n_bytes == 0)
		return;
	if (kind != GAP_UNMEASURED && (own->state == SIDE_PAYLOAD || own->state == SIDE_CONTROL)) {
		gap_inside(&hand, n_bytes, kind);
		return;
	}
	search(&hand, n_bytes);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Hand hand = {self, side, at};
	hand_end(&hand, how);
}

static const StreamSinkOps websocket_ops = {.bytes = on_bytes, .gap = on_gap, .end = on_end};

WebSocket *websocket_new(StreamSink above, unsigned client, WebSocketShared *shared)
{
	WebSocket *socket = g_new0(WebSocket, 1);
	socket->above = above;
	socket->client = (uint8_t)client;
	socket->shared = shared;
	return socket;
}

WebSocket *websocket_join(StreamSink above, unsigned client, WebSocketShared *shared)
{
	WebSocket *socket = websocket_new(above, client, shared);
	socket->state = WEBSOCKET_OPEN;
	socket->sides[0].state = socket->sides[1].state = SIDE_SEARCH;
	return socket;
}

void websocket_watch(WebSocket *socket, const WebSocketOps *ops, void *user)
{
	socket->ops = ops;
	socket->user = user;
}

void websocket_free(WebSocket *socket)
{
	if (socket == NULL)
		return;
	for (unsigned side = 0; side < 2; side++) {
		Side *own = &socket->sides[side];
		if (own->head != NULL)
			g_byte_array_unref(own->head);
		socket->shared->n_inflaters -= own->inflater != NULL;
		inflater_free(own->inflater);
	}
	g_free(socket);
}

StreamSink websocket_sink(WebSocket *socket)
{
	return (StreamSink){&websocket_ops, socket};
}

WebSocketState websocket_state(const WebSocket *socket)
{
	return (WebSocketState)socket->state;
}
