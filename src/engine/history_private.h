/* SPDX-License-Identifier: MIT */
/*
 * history_private: what a history consists of.  For src/engine alone.
 *
 * What was published does not move.  The thread that fills it changes it only while
 * it keeps the engine still, as its readers do.
 */
#pragma once

#include "src/engine/history.h"
#include "src/session/store.h"

typedef struct Octets {
	const uint8_t *data;
	uint32_t size;
} Octets;

typedef struct SubscriptionList {
	HistorySubscription *list;
	uint32_t n;
} SubscriptionList;

struct History {
	gint n_refs;
	Store events;        /* of HistoryEvent */
	Store octets;        /* of Octets, one for each event */
	Store texts;         /* of Octets; the first is empty */
	Store subscriptions; /* of SubscriptionList; the first is empty */
	GPtrArray *blocks;   /* in which all these octets stand */
	double done;
	unsigned cut; /* HistoryCut */
	char *error;
};

/* Empty; one reference. */
History *history_new(void);
