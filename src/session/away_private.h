/* SPDX-License-Identifier: MIT */
/*
 * away_private: the account's insides, for away*.c alone.
 */
#pragma once

#include "src/session/away.h"

/* A message that a resumed session still has to deliver. */
typedef struct Pending {
	uint64_t sequence; /* in the log; 0: it was in flight at the break */
	uint64_t topic_key;
	MqttHash hash;
	Instant time;
	LostMessage lost; /* for the report, should it not come */
	bool has_hash;
	bool best_effort; /* QoS 0 on the client's side: the broker need not keep it */
	bool done;    /* it came */
	bool skipped; /* a younger one of its topic came first */
} Pending;

struct Away {
	ClientIndex client;
	ConnectionIndex from, to; /* the connection that ended, and the one that came */
	uint64_t since; /* the first message that counts */
	uint64_t back;  /* the first that came after the CONNACK; 0 while away */
	LostSubscription *subscriptions;
	uint64_t *until; /* for each: the first message that counts no more; 0: it still waits */
	uint32_t n_subscriptions;
	Delivery *in_flight;
	uint32_t n_in_flight, n_client_in_flight;
	uint32_t n_expired;
	uint32_t inexact;
	bool resumed;
	bool doubtful; /* an UNSUBSCRIBE or SUBSCRIBE was not answered: perhaps nothing was owed */
	GArray *pending; /* of Pending; resumed sessions, and what an earlier absence left over */
	uint32_t n_open; /* of pending: those that have not come */
	guint cursor;
};

/* Sequence numbers, ascending, of the messages that match what the client had subscribed to with
 * QoS 1 or 2 (@queued) or with QoS 0 (else). */
GArray *away_collect(const Model *model, Away *away, bool queued);
/* Its Message Expiry Interval had passed when the client was back ([MQTT-3.3.2-5]). */
bool away_message_expired(const Message *message, Instant back);
/* It would not have fitted the client's Maximum Packet Size. */
bool away_message_too_large(const Model *model, const Message *message, const Connection *back);
