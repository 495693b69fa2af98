/* SPDX-License-Identifier: MIT */
/*
 * What was lost in a span, from the running totals of each filter.  Only where no message has to be
 * looked at: no filter shares a message with another, and none is for this client otherwise than
 * for all others.
 */
#include "src/session/away_private.h"
#include "src/session/filter_log.h"
#include "src/session/matching.h"

enum { MAX_FILTERS = 8 };

typedef struct Summed {
	const LostSubscription *subscription;
	uint64_t until;
	FilterSum sum;
} Summed;

typedef struct Sums {
	unsigned n;
	Summed of[MAX_FILTERS];
} Sums;

static bool is_alike_for_all(const Model *model, const Away *away, const Summed *summed,
                             bool in_gap)
{
	const Connection *back = away_last_connection(model, away);
	if (summed->subscription->no_local && client_at(model, away->client)->published)
		return false; /* some may be its own */
	if (in_gap && client_at(model, back->client)->n_subscriptions > 0)
		return false; /* another filter may have brought some */
	if (!in_gap && summed->sum.n_expiring > 0)
		return false;
	return !back->maximum_packet_size.known ||
	       summed->sum.largest <= back->maximum_packet_size.value;
}

static bool add(Sums *sums, const Model *model, const Summed *summed)
{
	ByteSpan filter = topics_filter(model->topics, summed->subscription->filter);
	if (sums->n == MAX_FILTERS)
		return false;
	for (unsigned i = 0; i < sums->n; i++)
		if (filters_may_overlap(filter, topics_filter(model->topics,
		                                              sums->of[i].subscription->filter)))
			return false;
	sums->of[sums->n++] = *summed;
	return true;
}

static bool sum_up(Model *model, const Away *away, const AwaySpan *span, Sums *sums)
{
	BrokerIndex broker = client_at(model, away->client)->broker;
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		Summed summed = {.subscription = &away->subscriptions[i], .until = span->until};
		uint32_t filter = summed.subscription->filter;
		if (summed.subscription->shared || summed.subscription->qos == 0 ||
		    !topics_filter_has_newer(model->topics, filter, span->from))
			continue;
		if (away->until[i] != 0)
			summed.until = MIN(away->until[i], span->until);
		summed.sum = filter_log_sum(model, filter, broker, span->from, summed.until);
		if (summed.sum.n == 0)
			continue;
		if (!is_alike_for_all(model, away, &summed, span->from >= away->back) ||
		    !add(sums, model, &summed))
			return false;
	}
	return true;
}

static void add_examples(const Model *model, const Sums *sums, Absence *absence)
{
	uint64_t first[MAX_FILTERS * FILTER_LOG_FIRST];
	unsigned n = 0;
	for (unsigned i = 0; i < sums->n; i++)
		for (unsigned k = 0; k < FILTER_LOG_FIRST && k < sums->of[i].sum.n; k++)
			first[n++] = sums->of[i].sum.first[k];
	qsort(first, n, sizeof first[0], away_compare_sequences);
	for (unsigned i = 0; i < n; i++)
		away_add_example(absence, message_log_at(model->messages, first[i]));
}

static void note_times(const Model *model, const Summed *summed, Absence *absence)
{
	const Message *first = message_log_at(model->messages, summed->sum.first[0]);
	const Message *last = message_log_at(model->messages, summed->sum.last);
	if (!instant_known(absence->first_owed) || first->time.ns < absence->first_owed.ns)
		absence->first_owed = first->time;
	if (!instant_known(absence->last_owed) || last->time.ns > absence->last_owed.ns)
		absence->last_owed = last->time;
}

static void note_alive(Model *model, const Away *away, const Sums *sums, const Absence *absence)
{
	for (unsigned i = 0; !instant_known(absence->no_matching) && i < sums->n; i++) {
		const Message *last = message_log_at(model->messages, sums->of[i].sum.last_sole);
		if (last != NULL)
			away_note_alive(model, away, last);
	}
}

/* Before message @first, the last that anybody was there for was for this session alone. */
static bool is_last_alone(Model *model, const Summed *summed, BrokerIndex broker, uint64_t first)
{
	uint64_t sole = summed->sum.last_sole;
	return sole != 0 && sole < first &&
	       filter_log_n_matching(model, summed->subscription->filter, broker, sole + 1,
	                             MIN(first, summed->until)) == 0;
}

static void note_no_matching(Model *model, const Away *away, const Sums *sums, uint64_t from,
                             Absence *absence)
{
	BrokerIndex broker = client_at(model, away->client)->broker;
	uint64_t first = UINT64_MAX;
	for (unsigned i = 0; i < sums->n; i++) {
		absence->n_no_matching += sums->of[i].sum.n_no_matching;
		if (sums->of[i].sum.n_no_matching > 0)
			first = MIN(first, sums->of[i].sum.first_no_matching);
	}
	const Message *message = message_log_at(model->messages, first);
	for (unsigned i = 0; !instant_known(absence->no_matching) && i < sums->n; i++) {
		absence->n_matching_before += filter_log_n_matching(
			model, sums->of[i].subscription->filter, broker, from,
			MIN(first, sums->of[i].until));
		absence->matched_alone = is_last_alone(model, &sums->of[i], broker, first);
	}
	if (!instant_known(absence->no_matching) && message != NULL) {
		absence->no_matching = message->ack_time;
		absence->no_matching_frame = message->ack_frame;
	} else if (instant_known(absence->no_matching)) {
		first = from; /* told so before already */
	}
	for (unsigned i = 0; instant_known(absence->no_matching) && i < sums->n; i++)
		absence->n_matching += filter_log_n_matching(
			model, sums->of[i].subscription->filter, broker, first, sums->of[i].until);
}

bool away_sum(Model *model, Away *away, Absence *absence, const AwaySpan *span)
{
	Sums sums = {0};
	away_note_evicted(model, away);
	if (!sum_up(model, away, span, &sums))
		return false;
	for (unsigned i = 0; i < sums.n; i++) {
		const FilterSum *sum = &sums.of[i].sum;
		absence->owed.max += sum->n;
		absence->owed.min += sum->n_acknowledged;
		if (sum->n_acknowledged < sum->n)
			absence->inexact |= INEXACT_UNACKNOWLEDGED;
		*(span->from >= away->back ? &absence->lost_resubscribe_gap
		                           : &absence->lost_offline) += sum->n;
		note_times(model, &sums.of[i], absence);
	}
	add_examples(model, &sums, absence);
	if (span->from < away->back)
		note_alive(model, away, &sums, absence);
	note_no_matching(model, away, &sums, span->from, absence);
	return true;
}
