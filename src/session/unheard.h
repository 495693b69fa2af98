/* SPDX-License-Identifier: MIT */
/*
 * unheard: messages that the broker sent into a connection whose other end gave no sign of life.
 *
 * Costs nothing while the client speaks; a client that has been silent for a second is looked at
 * with each message that is sent to it.
 */
#pragma once

#include "src/session/model_private.h"

enum { UNHEARD_SILENCE_NS = 1000000000 };

/* A PUBLISH of the broker's to a client that has not spoken for that long. */
void unheard_note(Live *live, const MqttEvent *event);
/* The connection ends at @at, not by the client's will: Remarks get what never was acknowledged. */
void unheard_settle(Live *live, Instant at);

static inline void unheard_see(Live *live, const MqttEvent *event)
{
	if (instant_known(live->last_from_client) &&
	    event->begin.time.ns - live->last_from_client.ns > UNHEARD_SILENCE_NS)
		unheard_note(live, event);
}
