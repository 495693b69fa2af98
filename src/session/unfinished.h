/* SPDX-License-Identifier: MIT */
/*
 * unfinished: the exchanges that were open when a connection of a client ended,
 * until its next connection has shown how they go on.
 *
 * Kept only for clients that left some; a connection that has none costs nothing.
 */
#pragma once

#include "src/session/model_private.h"

typedef struct Unfinished Unfinished;

/* What tells a message from others: its topic and payload; 0: not known. */
static inline uint32_t content_mark(uint64_t topic_hash, MqttHash payload)
{
	uint64_t both = (topic_hash ^ payload.low) * UINT64_C(0x9E3779B97F4A7C15);
	uint32_t mark = (uint32_t)(both >> 32);
	return mark != 0 ? mark : 1;
}

/* The client's current connection is over: what it showed is written down, what is open now on its
 * stream is kept.  Before away_begin(). */
void unfinished_begin(Live *live);
/* A CONNECT of the client was accepted on @live. */
void unfinished_return(Live *live, bool resumed);
/* A packet of a connection whose live->asks is set. */
void unfinished_packet(Live *live, const MqttEvent *event);
/* Octets of a connection are missing whose live->asks is set: an answer may have been in them. */
void unfinished_hole(Live *live);
/* The capture is over for a connection that has not ended. */
void unfinished_end(Live *live);

void unfinished_free(Unfinished *unfinished);
