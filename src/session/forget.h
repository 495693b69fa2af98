/* SPDX-License-Identifier: MIT */
/*
 * forget: the oldest history goes when the model would take more than it may.
 *
 * What goes is the connections that ended, and what they cost, chunk by chunk from the oldest on, but for
 * those that a client's next packet may be compared with.  A connection whose predecessor is forgotten is
 * compared with nothing, like the first of its client.  What was forgotten is counted, and weakens verdicts as packets that the
 * capture has lost do (analysis.c): nobody knows any more what it would have refuted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct Model Model;

/* Of Model. */
typedef struct Room {
	size_t most;   /* octets; 0: there is no limit */
	size_t next;   /* so many make the next look worth while */
	uint32_t chunk; /* of connections, where that begins */
} Room;

/* From now on the model is to take no more than @octets; 0: as much as it needs.  Where it would, the
 * oldest connections are forgotten, but for those that the next packets may ask for: the last accepted
 * one of each client and the one before.  What a client, topic or text itself takes stays. */
void model_limit(Model *model, size_t octets);
/* What it takes of memory, about. */
size_t model_size(const Model *model);
/* For registry.c: to be called before a connection is added.  Connections move: who keeps a pointer is Live alone. */
void forget_if_full(Model *model);
