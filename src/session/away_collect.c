/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "src/session/away_private.h"

typedef struct Collecting {
	const Model *model;
	const Away *away;
	AwaySpan span;
	bool no_local;
	GArray *sequences;
} Collecting;

static bool is_owed(const Collecting *collecting, const Message *message)
{
	ClientIndex client = collecting->away->client;
	if (collecting->no_local && message->publisher == client)
		return false; /* its own: [MQTT-3.8.3-3] */
	return message->sequence < collecting->span.until &&
	       message->broker == client_at(collecting->model, client)->broker &&
	       message->state != MESSAGE_REJECTED;
}

static bool collect_topic(void *user, uint32_t topic)
{
	Collecting *collecting = user;
	const Model *model = collecting->model;
	uint64_t sequence = topics_newest(model->topics, topic);
	while (sequence >= collecting->span.from) {
		const Message *message = message_log_at(model->messages, sequence);
		if (message == NULL)
			return true; /* the rest is evicted */
		if (is_owed(collecting, message))
			g_array_append_val(collecting->sequences, sequence);
		if (collecting->sequences->len > collecting->span.limit)
			return false;
		sequence = message->previous;
	}
	return true;
}

static int compare_sequences(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void sort_unique(GArray *sequences)
{
	g_array_sort(sequences, compare_sequences);
	guint kept = 0;
	for (guint i = 0; i < sequences->len; i++) {
		uint64_t sequence = g_array_index(sequences, uint64_t, i);
		if (kept == 0 || g_array_index(sequences, uint64_t, kept - 1) != sequence)
			g_array_index(sequences, uint64_t, kept++) = sequence;
	}
	g_array_set_size(sequences, kept);
}

void away_note_evicted(const Model *model, Away *away)
{
	if (message_log_first(model->messages) > away->since &&
	    message_log_n_evicted(model->messages) > 0)
		away->inexact |= INEXACT_EVICTED;
}

GArray *away_collect(const Model *model, Away *away, bool queued, const AwaySpan *span)
{
	g_autoptr(GArray) sequences = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	away_note_evicted(model, away);
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		const LostSubscription *subscription = &away->subscriptions[i];
		if (subscription->shared || (subscription->qos >= 1) != queued ||
		    !topics_filter_has_newer(model->topics, subscription->filter, span->from))
			continue;
		Collecting collecting = {model, away, *span, subscription->no_local, sequences};
		if (away->until[i] != 0)
			collecting.span.until = MIN(away->until[i], span->until);
		topics_visit(model->topics, subscription->filter, span->from, collect_topic,
		             &collecting);
		if (sequences->len > span->limit)
			return NULL;
	}
	sort_unique(sequences);
	return g_steal_pointer(&sequences);
}

bool away_message_expired(const Message *message, Instant back)
{
	return message->expiry != UINT32_MAX && instant_known(back) &&
	       back.ns - message->time.ns >= (int64_t)message->expiry * NS_PER_SECOND;
}

bool away_message_too_large(const Model *model, const Message *message, const Connection *back)
{
	/* Fixed header and topic length at the least; the clause lets the broker drop it:
	 * [MQTT-3.1.2-24], [MQTT-3.1.2-25]. */
	return back->maximum_packet_size.known &&
	       message->payload_size + topics_topic(model->topics, message->topic).size + 4 >
	               back->maximum_packet_size.value;
}

bool away_is_among(const GArray *sequences, uint64_t sequence)
{
	return sequences->len > 0 && bsearch(&sequence, sequences->data, sequences->len,
	                                     sizeof sequence, compare_sequences) != NULL;
}
