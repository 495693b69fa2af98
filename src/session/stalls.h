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

/* The window of the client is full. */
void stalls_suspect(Live *live);
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
