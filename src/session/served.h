/* SPDX-License-Identifier: MIT */
/*
 * served: subscriptions by which nothing comes any more, although the session was resumed.
 *
 * For a minute after a session was resumed it is watched whether each subscription by which messages
 * had come before brings what is published for it.  Of few clients at once, so that it costs little.
 */
#pragma once

#include "src/session/model_private.h"

/* A PUBLISH to the client: by which of its subscriptions did it come? */
void served_note(Live *live, const MqttEvent *event);
/* The session of @live was resumed. */
void served_watch(Live *live);
/* What it is subscribed to changes: @filter is no longer watched. */
void served_forget(Live *live, uint32_t filter);
/* The connection is over, or the capture. */
void served_end(Live *live);
/* Watches that are over are ended: not called for each message. */
void served_sweep(Model *model, Instant now);

enum { SERVED_LOOK = 8 }; /* messages of a connection that are looked at, and subscriptions */

static inline void served_see(Live *live, const MqttEvent *event)
{
	if (live->watch != NULL || live->n_looked < SERVED_LOOK)
		served_note(live, event);
}
