/* SPDX-License-Identifier: MIT */
#include "src/verdict/rules_overflow.h"

#include "src/verdict/death.h"

/* Messages queued for one client by default. */
static const struct {
	uint32_t n;
	const char *who;
} limits[] = {
	{100, "mosquitto before 2.0"},
	{512, "FlashMQ"},
	{1000, "mosquitto, EMQX, HiveMQ and VerneMQ"},
	{1020, "mosquitto, with 20 more in flight"},
	{2048, "NanoMQ"},
	{8192, "mochi-mqtt"},
};

/* Beyond so many the session itself goes: Azure Event Grid; EMQX (force_shutdown). */
static const uint32_t fatal[] = {100, 1000};

const char *overflow_limit_of(uint32_t n)
{
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
		if (limits[i].n == n)
			return limits[i].who;
	return NULL;
}

static bool is_fatal(uint32_t n)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fatal); i++)
		if (n == fatal[i] || n == fatal[i] + 1) /* the one that was too many, or the last but it */
			return true;
	return false;
}

static bool should_have_lived(const Reconnect *view)
{
	return view->now->outcome == OUTCOME_FRESH_UNEXPECTED && expiry_known(view->expiry) &&
	       view->expiry.seconds > 0 && view->cost != NULL;
}

/* Publishers were told that somebody subscribes, so many times, and from then on that nobody does. */
static bool has_flip(const Absence *cost)
{
	return cost->n_no_matching >= 2 && cost->n_matching == 0 && cost->n_matching_before > 0;
}

bool overflow_is_possible(const Reconnect *view)
{
	enum { FEW = 10 }; /* a limit may be set to anything, but hardly to less */
	return should_have_lived(view) &&
	       (view->cost->owed.max > fatal[0] ||
	        (has_flip(view->cost) && view->cost->n_matching_before >= FEW));
}

/* Publishers are told that somebody subscribes until so many messages wait, and from then on, again
 * and again, that nobody does.  What was not captured may have another reason ready. */
Ruling rule_overflow_ended_session(const Reconnect *view)
{
	const Ruling no = {.applies = false, .other = NO_INDEX};
	if (!should_have_lived(view) || reconnect_unseen(view) != 0)
		return no;
	const Absence *cost = view->cost;
	if (cost->inexact != 0 || !has_flip(cost) || !is_fatal(cost->n_matching_before))
		return no;
	/* What went at the flip may have been another subscriber. */
	if (!cost->matched_alone || death_of(view).alive_by != WITNESS_MATCHED)
		return no;
	return (Ruling){.applies = true, .confidence = CONFIDENCE_STRONG, .other = NO_INDEX};
}
