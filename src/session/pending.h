/* SPDX-License-Identifier: MIT */
/*
 * pending: what a resumed session still has to deliver, and which delivery is which.
 *
 * Entries stand in the order in which the broker took them.  Finding the one that
 * a delivery answers, and passing over the older ones of its topic, costs the same
 * however many there are.
 */
#pragma once

#include <glib.h>

#include "dissectors/mqtt_packet.h"
#include "src/session/absence.h"

enum { PENDING_MAX = 1 << 20 }; /* of all clients together, about */

/* A message that a resumed session still has to deliver. */
typedef struct Pending {
	uint64_t sequence; /* in the log; 0: it was in flight at the break */
	uint64_t topic_key;
	MqttHash hash;
	Instant time;
	LostMessage lost; /* for the report, should it not come */
	uint32_t next_of_topic, next_alike; /* positions; the index's own */
	bool has_hash;
	uint8_t qos;  /* with which it has to come; 0: the broker need not keep it at all */
	bool done;    /* it came */
	bool skipped; /* a younger one of its topic came first */
	uint8_t not_owed; /* MissedKind + 1; 0: it is owed */
	bool given_up; /* the client unsubscribed from it before it came */
	bool size_unsure; /* perhaps it was too large for the client */
	uint32_t expiry;  /* Message Expiry Interval; UINT32_MAX: none */
} Pending;

typedef struct PendingIndex PendingIndex;

/* @pending: of Pending, borrowed; it must not grow any more. */
PendingIndex *pending_index_new(GArray *pending);
void pending_index_free(PendingIndex *index);

/* The oldest entry that has not come and that @publish on the topic of @key may be: one that was
 * not passed over if there is one.  NULL: none. */
Pending *pending_index_find(PendingIndex *index, uint64_t key, const MqttPublish *publish);
/* An entry has the topic and payload of @publish: where there is none to be found, all of those came, and this is
 * another copy (3.1.1 [MQTT-3.3.5-1], 5.0 §3.3.4), or says the same again. */
bool pending_index_knows(const PendingIndex *index, uint64_t key, const MqttPublish *publish);
/* Marks what is older than @until of the topic and @qos, or all if that is NULL, as skipped.  What
 * was in flight at the break is not. */
void pending_index_skip(PendingIndex *index, uint64_t key, uint8_t qos, const Pending *until);
