/* SPDX-License-Identifier: MIT */
#include "src/session/drain.h"

void drain_note(Drain *drain, const Pending *pending, Instant now, Instant back)
{
	const int64_t at_once = NS_PER_SECOND;
	if (pending->qos > 0) {
		if (drain->n++ == 0)
			drain->first = now;
		drain->last = now;
		return;
	}
	/* The same payload again may be a new message. */
	if (!instant_known(back) || now.ns - back.ns > at_once ||
	    pending->hash.low == drain->last_hash)
		return;
	drain->last_hash = pending->hash.low;
	drain->n_best_effort++;
}

void drain_learn(BrokerFacts *facts, const Drain *drain)
{
	enum { FEW = 20, ENOUGH = 3 };
	int64_t span = drain->last.ns - drain->first.ns;
	facts->queues_qos0 |= drain->n_best_effort >= ENOUGH;
	/* What comes in one burst shows the network's rate and not the broker's. */
	if (drain->n < FEW || span < NS_PER_SECOND)
		return;
	double rate = (double)(drain->n - 1) * (double)NS_PER_SECOND / (double)span;
	facts->drain_rate = MAX(facts->drain_rate, rate);
}
