/* SPDX-License-Identifier: MIT */
/*
 * away_private: the account's insides, for away*.c alone.
 */
#pragma once

#include "src/session/away.h"
#include "src/session/drain.h"
#include "src/session/pending.h"
#include "src/session/stalls.h"

struct Away {
	ClientIndex client;
	ConnectionIndex from, to; /* the connection that ended, and the one that came */
	uint64_t since; /* the first message that counts */
	uint64_t since_unkept; /* likewise, of QoS 0 */
	uint64_t n_untracked; /* of the broker, when the client left */
	uint64_t hole_bytes; /* of the broker, when the client left */
	uint64_t back;  /* the first that came after the CONNACK; 0 while away */
	LostSubscription *subscriptions;
	uint64_t *until; /* for each: the first message that counts no more; 0: it still waits */
	uint32_t n_subscriptions;
	uint32_t n_room;      /* for so many there is room */
	uint32_t n_inherited; /* of these, the last: what a session before had lost */
	Delivery *in_flight;
	uint32_t n_in_flight, n_client_in_flight;
	Held *held; /* what it let wait while it was connected; NULL: nothing */
	uint32_t inexact;
	bool unbounded; /* the client may have subscribed to more than is known */
	bool resumed;
	bool qos0_evicted; /* more was published with QoS 0 than is known */
	bool quiet;     /* the broker sent what it had: what did not come will not */
	Instant last_publish; /* to the client since it resumed, or its CONNACK */
	Instant looked; /* for @quiet, lately; likewise */
	bool doubtful; /* an UNSUBSCRIBE or SUBSCRIBE was not answered: perhaps nothing was owed */
	GArray *pending; /* of Pending; resumed sessions, and what an earlier absence left over */
	uint32_t n_open; /* of pending: those that are owed and have not come */
	uint32_t n_others; /* the same, of those that are not owed */
	Instant last_delivered; /* of pending */
	Instant youngest; /* when the youngest was published that came; of those not pending, when it came */
	bool disordered; /* what had been passed over came after all: younger ones say nothing */
	PendingIndex *index; /* of pending, once the client is back */
	uint32_t n_counted;  /* of pending, in the model's count */
	Drain drain;
};

/* The client is no longer away for its subscription @i, if it was. */
void away_stop_waiting(Model *model, Away *away, uint32_t i);
/* Which messages away_collect() looks at. */
typedef struct AwaySpan {
	uint64_t from, until;
	guint limit; /* more than so many are not wanted */
	bool elsewhere; /* published at other listeners of the host, which may be of another broker */
} AwaySpan;

/* Sequence numbers, ascending, of the messages that match what the client had subscribed to with
 * QoS 1 or 2 (@queued) or with QoS 0 (else).  NULL: there are more than span->limit. */
GArray *away_collect(const Model *model, Away *away, bool queued, const AwaySpan *span);
/* False, as a rule and found out cheaply: there are none. */
bool away_may_collect(const Model *model, const Away *away, bool queued, const AwaySpan *span);
bool away_is_among(const GArray *sequences, uint64_t sequence);
/* The client holds a filter that matches @topic, since before @sequence was published. */
bool away_is_subscribed(const Model *model, const Client *client, uint32_t topic, uint64_t sequence);
/* For sorting them. */
int away_compare_sequences(const void *a, const void *b);
/* Counts as lost what @absence was owed in @span, without a look at each message; false if that
 * cannot be done here, and nothing was counted (away_sum.c). */
bool away_sum(Model *model, Away *away, Absence *absence, const AwaySpan *span);
/* @message was for this session alone, which was there when it was acknowledged. */
void away_note_alive(Model *model, const Away *away, const Message *message);
/* The first few are enough. */
void away_add_example(Absence *absence, const Message *message);
/* What is lost with the session: all that waited, and what came until it is subscribed again. */
void away_lose(Model *model, Away *away, Absence *absence);
/* When what had expired can no longer be delivered: when the client was back, or now. */
Instant away_back_time(const Model *model, const Away *away);
/* Some that it may have been owed are gone from the log. */
void away_note_evicted(const Model *model, Away *away);
/* Its Message Expiry Interval had passed when the client was back ([MQTT-3.3.2-5]). */
bool away_message_expired(const Message *message, Instant back);
/* The one that ended, if the client never came back. */
const Connection *away_last_connection(const Model *model, const Away *away);
/* Octets of the PUBLISH by which the broker would forward it, at the least and at the most: with a
 * Topic Alias or without, with Subscription Identifiers or without. */
typedef struct ForwardedSize {
	uint32_t least, most;
} ForwardedSize;
ForwardedSize away_forwarded_size(const Message *message, size_t topic_size);
/* It does not fit the client's Maximum Packet Size ([MQTT-3.1.2-24], [MQTT-3.1.2-25]), or may not. */
bool away_message_too_large(const Model *model, const Message *message, const Connection *back);
bool away_message_perhaps_too_large(const Model *model, const Message *message,
                                    const Connection *back);
uint64_t away_topic_key(ByteSpan topic);
/* Keeps the model's count of pending messages. */
void away_count_pending(Model *model, Away *away);
/* The session was there: lists what has to come, and what others would hope for (away_expect.c). */
void away_expect(Model *model, Away *away);
/* Keeps accounts of what was not owed and did not come (away_missed.c). */
void away_keep_missed(Model *model, const Away *away);
/* What the holes of the capture may hide. */
void away_widen(const Model *model, const Away *away, Absence *absence);
void away_note_owed(Absence *absence, Instant time);
Absence away_empty_absence(const Away *away);
/* The acknowledgement may have come after the client did. */
bool away_is_accepted(const Model *model, const Pending *pending);
