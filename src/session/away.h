/* SPDX-License-Identifier: MIT */
/*
 * away: the running account of one client's absence.
 *
 * Opened when a connection of a client ends with something to lose; closed into
 * an Absence.  While it is open, messages for the client's filters are logged
 * (diagnosis: which were owed, which came, which are gone).
 */
#pragma once

#include "src/session/model_private.h"

/* The client's current connection ended at @at; opens an account if there is something to lose.
 * Looks at the open exchanges of live->stream. */
void away_begin(Live *live);

/* The client may be back soon. */
void away_fetch(const Away *away);

/* A CONNECT of the client was accepted on @live.  @resumed: the session was there. */
void away_return(Live *live, bool resumed);

/* The broker delivered a message on a resumed session that still waits for some. */
void away_delivered(Live *live, const MqttEvent *event);

/* The broker answered something else; live->away is not NULL.  When it has long delivered nothing,
 * though it could, what is still missing on a resumed session will not come. */
void away_answered(Live *live, const MqttEvent *event);

/* The client unsubscribed; live->away is not NULL.  What still waits in a resumed session, and matches no
 * filter that is left, need not come any more: the broker may go on, but has to only with what it
 * has begun (5.0 §3.10.4, 3.1.1 §3.10.4). */
void away_unsubscribed(Live *live);

/* The client gave @filter up, on a session that was new: it waits for it no more. */
void away_renounced(Live *live, uint32_t filter);

/* The client has @filter again, on a session that was new. */
void away_restored(Live *live, uint32_t filter, FrameRef frame);

/* The session before held @filter, and is gone; NULL is an account that misses nothing. */
bool away_missed(const Away *away, uint32_t filter);

/* Writes the Absence of the connection, and frees the account. */
void away_settle(Model *model, Away *away);

/* It was opened and nobody has come back yet. */
bool away_is_open(const Away *away);
/* The capture is over and the client never came back: @instead, the first connection of another
 * client, is the same device.  Writes the Absence there, and frees the account. */
void away_abandon(Model *model, Away *away, ConnectionIndex instead);

/* The capture is over and the client had not come back.  Writes an Absence if somebody was told that
 * its session is gone. */
void away_give_up(Model *model, Away *away);

/* The log is full: settle what can be settled and let go of messages nobody needs. */
void away_make_room(Model *model);

/* Its memory goes to the next one. */
void away_free(Model *model, Away *away);
/* The same when the model goes, and there will be none. */
void away_clear(Away *away);
