/* SPDX-License-Identifier: MIT */
/*
 * unkept: the last thousand messages that were published with QoS 0 while somebody was away.
 *
 * Nobody owes them, so they must cost next to nothing: they are written down as they come, and only
 * who comes back looks whether some were for it.  Sequence numbers start at 1.
 */
#pragma once

#include "dissectors/stream.h"

enum { UNKEPT_MAX = 1024, UNKEPT_TOPIC = 80 };

typedef struct UnkeptMessage {
	Instant time;
	FrameRef frame;
	uint32_t broker;
	uint32_t publisher; /* ClientIndex, or NO_INDEX */
	uint32_t size;      /* of the topic */
	uint8_t topic[UNKEPT_TOPIC];
} UnkeptMessage;

typedef struct Unkept Unkept;

Unkept *unkept_new(void);
void unkept_free(Unkept *unkept);

/* Long topics are passed over. */
void unkept_add(Unkept *unkept, const UnkeptMessage *message, ByteSpan topic);
/* The sequence number that the next one will get. */
uint64_t unkept_next(const Unkept *unkept);
/* Those from @since on that @filter matches, which is no shared one; @visit returns false to stop.
 * False: there may be more, but they are forgotten, or too much has been looked through. */
bool unkept_visit(Unkept *unkept, ByteSpan filter, uint64_t since,
                  bool (*visit)(void *user, const UnkeptMessage *message), void *user);
