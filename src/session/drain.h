/* SPDX-License-Identifier: MIT */
/*
 * drain: how a broker delivers what waited for a client, and whether QoS 0 is among it.
 */
#pragma once

#include "src/session/broker_facts.h"
#include "src/session/pending.h"

/* Of one resumed session; all zero at first. */
typedef struct Drain {
	Instant first, last; /* of the deliveries of QoS 1 and 2 that had waited */
	uint32_t n;
	uint32_t n_best_effort; /* at once after CONNACK, of what need not have been kept */
	uint64_t last_hash;
} Drain;

/* @pending came at @now, on a connection whose CONNACK was at @back. */
void drain_note(Drain *drain, const Pending *pending, Instant now, Instant back);
/* There will be no more. */
void drain_learn(BrokerFacts *facts, const Drain *drain);
