/* SPDX-License-Identifier: MIT */
#include "src/session/away_private.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "src/session/deliveries.h"
#include "src/session/matching.h"
#include "src/session/pairing.h"

uint64_t away_topic_key(ByteSpan topic)
{
	return XXH3_64bits(topic.data, topic.size);
}

void away_count_pending(Model *model, Away *away)
{
	model->n_pending += away->pending->len - away->n_counted;
	away->n_counted = away->pending->len;
}

/* With which QoS it has to come: the lower of the published and the granted one, the highest of
 * overlapping filters (5.0 [MQTT-3.8.4-8], [MQTT-3.3.4-2]). */
static uint8_t qos_of(const Model *model, const Away *away, const Message *message)
{
	enum { LOOK = 16 };
	ByteSpan topic = topics_topic(model->topics, message->topic);
	uint8_t granted = 1;
	for (uint32_t i = 0; i < away->n_subscriptions && i < LOOK && granted < message->qos; i++) {
		const LostSubscription *subscription = &away->subscriptions[i];
		if (!subscription->shared && subscription->qos > granted &&
		    filter_matches_topic(topics_filter(model->topics, subscription->filter), topic))
			granted = subscription->qos;
	}
	return MIN(granted, message->qos);
}

/* 0: it is owed; else why it is not. */
static uint8_t why_not_owed(const Model *model, const Message *message, const Connection *back,
                            bool queued)
{
	if (!queued)
		return 1 + MISSED_QOS0_SUBSCRIPTION;
	if (away_message_expired(message, back->connack_time))
		return 1 + MISSED_EXPIRED;
	return away_message_too_large(model, message, back) ? 1 + MISSED_TOO_LARGE : 0;
}

static Pending pending_of(const Model *model, const Away *away, const Message *message)
{
	const Connection *back = connection_at(model, away->to);
	return (Pending){
		.sequence = message->sequence,
		.topic_key = away_topic_key(topics_topic(model->topics, message->topic)),
		.hash = message->hash,
		.has_hash = message->has_hash,
		.size_unsure = away_message_perhaps_too_large(model, message, back),
		.expiry = message->expiry,
		.time = message->time,
		.lost = {message->topic, message->publisher, message->qos, message->frame,
		         message->time},
	};
}

static void add_pending_message(Model *model, Away *away, uint64_t sequence, bool queued)
{
	const Message *message = message_log_at(model->messages, sequence);
	Pending pending = pending_of(model, away, message);
	pending.qos = queued ? qos_of(model, away, message) : 0;
	pending.not_owed = why_not_owed(model, message, connection_at(model, away->to), queued);
	g_array_append_val(away->pending, pending);
}

static bool was_sent(const Model *model, GHashTable *sent, uint64_t sequence)
{
	const Message *message = message_log_at(model->messages, sequence);
	uint64_t key = held_key(away_topic_key(topics_topic(model->topics, message->topic)), message->hash);
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(sent, &key));
	if (n == 0 || !message->has_hash)
		return false;
	g_hash_table_insert(sent, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(n - 1));
	return true;
}

/* Of what the broker took while the client's window was full, some was sent all the same.  Only if that
 * came after the window was full, nothing older than all of this waited too ([MQTT-4.6.0-6]). */
static void leave_out_sent(const Model *model, Away *away, GArray *owed)
{
	const GArray *list = away->held->sent;
	g_autoptr(GHashTable) sent = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	for (guint i = 0; i < list->len; i++) {
		uint64_t key = g_array_index(list, uint64_t, i);
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(sent, &key));
		g_hash_table_insert(sent, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(n + 1));
	}
	guint kept = 0, n_held = 0;
	for (guint i = 0; i < owed->len; i++) {
		uint64_t sequence = g_array_index(owed, uint64_t, i);
		if (sequence < away->since && was_sent(model, sent, sequence))
			continue;
		n_held += sequence < away->since;
		g_array_index(owed, uint64_t, kept++) = sequence;
	}
	bool all_known = list->len > 0 && owed->len - kept == list->len;
	g_array_set_size(owed, kept);
	if (n_held > 0 && !all_known) {
		away->inexact |= INEXACT_HELD;
		away->unbounded = true;
	}
}

static void expect_messages(Model *model, Away *away)
{
	if (model->n_pending >= PENDING_MAX) {
		away->inexact |= INEXACT_EVICTED;
		model->counts.untracked_messages++;
		return;
	}
	uint64_t from = away->held != NULL ? MIN(away->held->since, away->since) : away->since;
	const AwaySpan all = {.from = from, .until = UINT64_MAX, .limit = UINT_MAX};
	g_autoptr(GArray) owed = away_collect(model, away, true, &all);
	if (away->held != NULL)
		leave_out_sent(model, away, owed);
	for (guint i = 0; i < owed->len; i++)
		add_pending_message(model, away, g_array_index(owed, uint64_t, i), true);
	const AwaySpan offline = {.from = away->since, .until = UINT64_MAX, .limit = UINT_MAX};
	g_autoptr(GArray) others = away_collect(model, away, false, &offline);
	for (guint i = 0; i < others->len; i++)
		if (!away_is_among(owed, g_array_index(others, uint64_t, i)))
			add_pending_message(model, away, g_array_index(others, uint64_t, i), false);
}

static GArray *pending_list(Away *away)
{
	if (away->pending == NULL)
		away->pending = g_array_new(FALSE, TRUE, sizeof(Pending));
	return away->pending;
}

static void expect_queued(Model *model, Away *away)
{
	GArray *list = pending_list(away);
	for (uint32_t i = 0; i < away->n_in_flight; i++) {
		const Delivery *delivery = &away->in_flight[i];
		Pending pending = {
			.topic_key = delivery->topic_hash,
			.hash = delivery->hash,
			.has_hash = true,
			.qos = delivery->qos,
			.expiry = UINT32_MAX,
			.time = delivery->time,
		};
		g_array_append_val(list, pending);
	}
	expect_messages(model, away);
}

/* The usual case, found out cheaply: nobody published anything for the client meanwhile. */
static bool nothing_came(const Model *model, const Away *away)
{
	if (away->n_in_flight > 0 || (away->pending != NULL && away->pending->len > 0))
		return false;
	uint64_t since = away->held != NULL ? MIN(away->held->since, away->since) : away->since;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (topics_filter_has_newer(model->topics, away->subscriptions[i].filter, since))
			return false;
	return true;
}

typedef struct Hoping {
	Model *model;
	Away *away;
	bool no_local;
	guint n;
} Hoping;

static bool hope_for(void *user, const UnkeptMessage *message)
{
	enum { MOST = 1024 };
	Hoping *hoping = user;
	Model *model = hoping->model;
	const Away *away = hoping->away;
	bool own = hoping->no_local && message->publisher == away->client;
	if (own || !is_one_broker(model, message->broker, client_at(model, away->client)->broker))
		return true;
	ByteSpan name = {message->topic, message->size};
	uint32_t topic = topics_add(model->topics, name);
	if (topic == NO_TOPIC)
		return true;
	Pending pending = {
		.sequence = UINT64_MAX, /* not in the log */
		.topic_key = away_topic_key(name),
		.expiry = UINT32_MAX,
		.not_owed = 1 + MISSED_QOS0_PUBLISHED,
		.time = message->time,
		.lost = {topic, message->publisher, 0, message->frame, message->time},
	};
	g_array_append_val(pending_list(hoping->away), pending);
	return ++hoping->n < MOST;
}

/* What was published with QoS 0: some brokers keep it all the same.  Overlapping filters would
 * count it twice, so the first that has some will do. */
static void hope_for_qos0(Model *model, Away *away)
{
	if (away->since_unkept == unkept_next(model->unkept) || model->n_pending >= PENDING_MAX)
		return;
	Hoping hoping = {.model = model, .away = away};
	for (uint32_t i = 0; i < away->n_subscriptions && hoping.n == 0; i++) {
		const LostSubscription *subscription = &away->subscriptions[i];
		if (subscription->qos == 0 || subscription->shared)
			continue;
		hoping.no_local = subscription->no_local;
		ByteSpan filter = topics_filter(model->topics, subscription->filter);
		away->qos0_evicted |=
			!unkept_visit(model->unkept, filter, away->since_unkept, hope_for, &hoping);
		away->qos0_evicted |= i + 1 < away->n_subscriptions;
	}
}

void away_expect(Model *model, Away *away)
{
	if (!nothing_came(model, away))
		expect_queued(model, away);
	hope_for_qos0(model, away);
	if (away->pending == NULL)
		return;
	away_count_pending(model, away);
	away->index = pending_index_new(away->pending);
	for (guint i = 0; i < away->pending->len; i++) {
		bool owed = g_array_index(away->pending, Pending, i).not_owed == 0;
		*(owed ? &away->n_open : &away->n_others) += 1;
	}
}
