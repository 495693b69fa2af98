/* SPDX-License-Identifier: MIT */
/*
 * death: between which two moments a session ended, by what was seen, whatever its settings say.
 *
 * The last sign of its life and the first of its death.  A cause that would have ended it at
 * another time did not (diagnosis: witnesses).
 */
#pragma once

#include "src/verdict/reconnect.h"

typedef struct Death {
	DeathWitness alive_by, dead_by;
	StreamPoint alive, dead; /* time INSTANT_UNKNOWN: not known; frame number 0: no frame */
} Death;

Death death_of(const Reconnect *view);

/* It lived on well after the connection closed, and ended before the client was back. */
bool death_was_after_close(const Reconnect *view);
/* The same, unless a session that is not known in full was meant. */
bool death_may_be_after_close(const Reconnect *view);
/* Another host came with the identifier of this one, to a session that was dead by then. */
bool death_was_before_twin(const Reconnect *view);
/* It was dead by @moment: publishers agree on it, or its Will says so. */
bool death_was_before(const Reconnect *view, Instant moment);
