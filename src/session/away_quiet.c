/* SPDX-License-Identifier: MIT */
#include "src/session/away_private.h"
#include "src/session/matching.h"

/* So long a queue does not pause while the client acknowledges and the broker answers: 30 s are
 * also what the slowest known brokers, with ten messages a second, are far from. */
enum { QUIET_SECONDS = 30 };

/* The client owes an acknowledgement, so the broker may have to wait. */
static bool is_window_in_use(const Live *live)
{
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL)
		if (exchange->type == MQTT_PUBLISH && (int)exchange->side != live->client_side)
			return true;
	return false;
}

/* What was queued for a filter that the client has given up need not come ([MQTT-3.10.4-3]). */
static bool holds_all_filters(const Away *away, const Client *client)
{
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		uint32_t filter = away->subscriptions[i].filter, at = 0;
		while (at < client->n_subscriptions && client->subscriptions[at].filter != filter)
			at++;
		if (at == client->n_subscriptions)
			return false;
	}
	return true;
}

/* A message that was queued, and for which nothing excuses the broker. */
static bool is_queued(const Pending *pending)
{
	return pending->sequence != 0 && pending->not_owed == 0 && !pending->given_up && pending->qos > 0;
}

static bool is_any_delivered(const Away *away)
{
	for (guint i = 0; i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		if (pending->done && is_queued(pending))
			return true;
	}
	return false;
}

/* When anything came, or, where new messages overtake what waits, anything of that: whatever else comes
 * meanwhile then tells nothing of it. */
static Instant last_came(const Away *away)
{
	return away->disordered && instant_known(away->last_delivered) ? away->last_delivered
	                                                               : away->last_publish;
}

void away_answered(Live *live, const MqttEvent *event)
{
	enum { LOOK_AGAIN_SECONDS = 5 }; /* once in a while, whatever it takes */
	Away *away = live->away;
	int64_t now = event->begin.time.ns;
	if (!away->resumed || away->quiet || now - away->looked.ns < LOOK_AGAIN_SECONDS * NS_PER_SECOND)
		return;
	away->looked = event->begin.time;
	if (now - last_came(away).ns < QUIET_SECONDS * NS_PER_SECOND)
		return;
	const Client *client = client_at(live->model, away->client);
	if (is_window_in_use(live) || !holds_all_filters(away, client) || !is_any_delivered(away))
		return;
	away->quiet = true;
	for (guint i = 0; i < away->pending->len; i++) {
		Pending *pending = &g_array_index(away->pending, Pending, i);
		pending->skipped |= !pending->done && is_queued(pending);
	}
}

bool away_is_subscribed(const Model *model, const Client *client, uint32_t topic, uint64_t sequence)
{
	ByteSpan name = topics_topic(model->topics, topic);
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->since_message <= sequence &&
		    filter_matches_topic(topics_filter(model->topics, subscription->filter), name))
			return true;
	}
	return false;
}

void away_unsubscribed(Live *live)
{
	/* Of all clients together, so that the whole costs as much as its packets: who needs more means to hurt. */
	enum { LOOKS = 1 << 22, LOOKS_A_PACKET = 64 };
	Away *away = live->away;
	if (!away->resumed || away->pending == NULL)
		return;
	const Client *client = client_at(live->model, away->client);
	live->model->n_unsubscribed_looks += (uint64_t)away->pending->len * MAX(client->n_subscriptions, 1u);
	if (live->model->n_unsubscribed_looks > LOOKS + LOOKS_A_PACKET * live->model->counts.packets) {
		away->doubtful = true; /* what it waits for is not told any more */
		return;
	}
	for (guint i = 0; i < away->pending->len; i++) {
		Pending *pending = &g_array_index(away->pending, Pending, i);
		bool waits = !pending->done && !pending->skipped && pending->sequence != 0;
		if (waits && !away_is_subscribed(live->model, client, pending->lost.topic, UINT64_MAX))
			pending->given_up = true;
	}
}
