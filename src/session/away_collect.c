/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "src/session/away_private.h"
#include "src/session/pairing.h"

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
	const Model *model = collecting->model;
	BrokerIndex broker = client_at(model, client)->broker;
	bool ours = collecting->span.elsewhere ? may_be_one_broker(model, message->broker, broker)
	                                       : is_one_broker(model, message->broker, broker);
	return message->sequence < collecting->span.until && ours &&
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

int away_compare_sequences(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void sort_unique(GArray *sequences)
{
	g_array_sort(sequences, away_compare_sequences);
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

bool away_may_collect(const Model *model, const Away *away, bool queued, const AwaySpan *span)
{
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		const LostSubscription *subscription = &away->subscriptions[i];
		if (!subscription->shared && (subscription->qos >= 1) == queued &&
		    topics_filter_has_newer(model->topics, subscription->filter, span->from))
			return true;
	}
	return false;
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

const Connection *away_last_connection(const Model *model, const Away *away)
{
	return connection_at(model, away->to != NO_INDEX ? away->to : away->from);
}

static uint32_t length_size(uint32_t length)
{
	return length < 128 ? 1 : length < 16384 ? 2 : length < 2097152 ? 3 : 4;
}

static uint32_t whole_size(uint64_t topic_size, uint64_t properties, uint64_t payload)
{
	uint32_t size = (uint32_t)MIN(properties, UINT32_MAX / 4);
	uint64_t length = 2 + topic_size + 2 + length_size(size) + properties + payload;
	return (uint32_t)MIN(1 + length_size((uint32_t)MIN(length, UINT32_MAX)) + length, UINT32_MAX);
}

ForwardedSize away_forwarded_size(const Message *message, size_t topic_size)
{
	enum { ALIAS = 3, IDENTIFIERS = 2 * 5 };
	uint32_t properties = message->properties_size;
	return (ForwardedSize){
		MIN(whole_size(0, properties + ALIAS, message->payload_size),
		    whole_size(topic_size, properties, message->payload_size)),
		whole_size(topic_size, properties + ALIAS + IDENTIFIERS, message->payload_size),
	};
}

static ForwardedSize size_of(const Model *model, const Message *message)
{
	return away_forwarded_size(message, topics_topic(model->topics, message->topic).size);
}

bool away_message_too_large(const Model *model, const Message *message, const Connection *back)
{
	return back->maximum_packet_size.known &&
	       size_of(model, message).least > back->maximum_packet_size.value;
}

bool away_message_perhaps_too_large(const Model *model, const Message *message,
                                    const Connection *back)
{
	return back->maximum_packet_size.known &&
	       size_of(model, message).most > back->maximum_packet_size.value;
}

bool away_is_among(const GArray *sequences, uint64_t sequence)
{
	return sequences->len > 0 && bsearch(&sequence, sequences->data, sequences->len,
	                                     sizeof sequence, away_compare_sequences) != NULL;
}
