/* SPDX-License-Identifier: MIT */
/* tcp_parts: the functions that the files of the TCP part call of each other. */
#pragma once

#include "dissectors/tcp_flow.h"

/* What was seen of a flow lately at the place of the stream that a segment is for. */
typedef enum TcpRecentMatch {
	TCP_RECENT_NONE,      /* nothing known */
	TCP_RECENT_SAME,      /* sent again with the same octets */
	TCP_RECENT_DUPLICATE, /* the same packet, captured twice */
	TCP_RECENT_CONFLICT,  /* sent again with other octets */
} TcpRecentMatch;

/* A segment on its way through its flow. */
typedef struct TcpArrival {
	TcpTable *table;
	TcpFlow *flow;
	unsigned side; /* the sender's */
	TcpSide *self, *peer; /* of that side, and of the other */
	const TcpSegment *segment;
	const StreamPoint *at;
	TcpRecentMatch match;
	Instant active; /* when @side last was, before this */
} TcpArrival;

/* No window reaches further, RFC 7323 section 2.3. */
enum { TCP_WINDOW_MAX = 1 << 30 };

/* How far @a is behind @b in the sequence space; negative if before it. */
static inline int32_t tcp_distance(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* tcp_slots: flows found by their endpoints, and memory for them. */
void tcp_slots_init(TcpTable *table);
void tcp_slots_clear(TcpTable *table);
/* The flow of @segment, and which @side of it sent it; NULL if there is none. */
TcpFlow *tcp_slots_find(TcpTable *table, const TcpSegment *segment, unsigned *side);
/* A zeroed flow for @segment, findable once its endpoints are set; not in a queue yet. */
TcpFlow *tcp_slots_add(TcpTable *table, const TcpSegment *segment);
void tcp_slots_remove(TcpTable *table, TcpFlow *flow);

void tcp_queue_push(TcpQueue *queue, TcpFlow *flow, Instant time);
void tcp_queue_remove(TcpQueue *queue, TcpFlow *flow);

/* tcp_recent */
/* Looks the segment up; notes it if it is not known yet. */
TcpRecentMatch tcp_recent_match(const TcpArrival *arrival);
void tcp_recent_note(const TcpArrival *arrival);

/* tcp_echo: whether @segment opens a connection that was seen opening already, by other addresses. */
bool tcp_echo(TcpTable *table, const TcpSegment *segment, Instant time);

/* tcp_facts: the handshake. */
void tcp_note_handshake(const TcpArrival *arrival);

/* tcp_stream: one side's octets, into order. */
/* Hands @size octets on, of which @span was captured, and what waited right behind them. */
void tcp_stream_deliver(TcpFlow *flow, unsigned side, ByteSpan span, uint32_t size,
                        const StreamPoint *at);
typedef struct TcpTaken {
	bool known;    /* some octets had been seen before */
	bool conflict; /* and they differ from those that wait */
} TcpTaken;
/* Takes what is new of the first @size octets of the segment's payload, the first of which has
 * number @sequence. */
TcpTaken tcp_stream_take(const TcpArrival *arrival, uint32_t sequence, uint32_t size);
/* Goes on over the holes that the peer acknowledged, and ends the side at its FIN. */
void tcp_stream_settle(TcpFlow *flow, unsigned side, const StreamPoint *at);
/* Goes on over the hole, up to what waits, else to the position that was acknowledged. */
void tcp_stream_skip_hole(TcpFlow *flow, unsigned side, GapKind kind, const StreamPoint *at);
/* Nothing more will come: hands on all that waits, and ends the side if its FIN was seen. */
void tcp_stream_flush(TcpFlow *flow, unsigned side, const StreamPoint *at);
void tcp_stream_end(TcpFlow *flow, unsigned side, StreamEnd how, const StreamPoint *at);
void tcp_stream_drop_waiting(TcpFlow *flow);

/* tcp_state: what the flags of a segment mean for its flow. */
/* Whether a SYN belongs to this flow; else it begins another on the same ports. */
bool tcp_state_owns_syn(const TcpFlow *flow, unsigned side, const TcpSegment *segment);
/* What it finds out on the way stands in @arrival. */
void tcp_state_segment(TcpArrival *arrival);
/* The flow is over for a reason other than its own segments. */
void tcp_state_abandon(TcpFlow *flow, StreamEnd how, const StreamPoint *at);
