/* SPDX-License-Identifier: MIT */
/*
 * stalls: connections on which as much is unacknowledged as the client takes.
 *
 * Looked at once a second of the capture, and only while there are any.
 */
#pragma once

#include "src/session/model_private.h"

#define STALLS_NOTHING ((Instant){INT64_MAX})

typedef struct Suspect Suspect;

/* A client's window was full when its connection ended: what the broker took for it meanwhile is queued,
 * or dropped, although it was connected. */
struct Held {
	uint64_t since; /* the first message that counts */
	GArray *sent;   /* of uint64_t, held_key(): of what was sent to it since, in that order */
};

static inline uint64_t held_key(uint64_t topic, MqttHash payload)
{
	return topic ^ (payload.low * UINT64_C(0x9E3779B97F4A7C15) + payload.high);
}

void held_free(Held *held);

/* The window of the client is full. */
void stalls_suspect(Live *live);
/* A message of QoS 1 or 2 was sent to it, with that as its tag; live->suspected. */
void stalls_sent(Live *live, uint32_t tag);
/* A second has gone by: model->look_at. */
void stalls_look(Model *model, Instant now);
/* The connection is over, or the capture. */
void stalls_end(Live *live);
void stalls_free(Suspect *suspect);

/* More must not be on its way to the client: its Receive Maximum, or what brokers allow at least. */
static inline uint32_t window_of(const Connection *connection)
{
	return connection->receive_maximum.known
	               ? MIN(connection->receive_maximum.value, STALL_LEAST_WINDOW)
	               : STALL_LEAST_WINDOW;
}
