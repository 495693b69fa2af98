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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissectors/bytes.h"

typedef struct Live Live;
typedef struct Model Model;

/* Of Model. */
typedef struct Room {
	size_t most;   /* octets; 0: there is no limit */
	size_t next;   /* so many make the next look worth while */
	uint32_t chunk; /* of connections, where that begins */
	Instant told;   /* what ended later is still to be told to somebody */
} Room;

/* From now on the model is to take no more than @octets; 0: as much as it needs.  Where it would, the
 * oldest connections are forgotten, but for those that the next packets may ask for: the last accepted
 * one of each client and the one before.  What a client, topic or text itself takes stays. */
void model_limit(Model *model, size_t octets); /* before there is a connection */
/* What it takes of memory, about. */
size_t model_size(const Model *model);
/* The next two change nothing for a model without a limit.
 * What ended after @until is not forgotten before this was called again: somebody tells of ends. */
void model_told(Model *model, Instant until);
/* Verdicts are held while the model goes on: indexes of absences that were forgotten are not used again until
 * observe_pause() was called so often that nobody can have one of before. */
enum { ABSENCES_HELD = 64 };
void model_hold_absences(Model *model);
/* For observe.c: the connection of @live, which it writes to, is in the model; it will write no more. */
void forget_follow(Live *live);
void forget_unfollow(const Live *live);
/* For observe_pause(). */
void forget_paused(Model *model);
/* For registry.c: to be called before a connection is added.  Connections move: who keeps a pointer is Live alone. */
void forget_if_full(Model *model);
