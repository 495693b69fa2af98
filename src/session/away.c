/* SPDX-License-Identifier: MIT */
#include "src/session/away.h"

#include <string.h>

#include "src/session/away_private.h"
#include "src/session/content_key.h"
#include "src/session/deliveries.h"
#include "src/session/host.h"
#include "src/session/matching.h"
#include "src/session/members.h"
#include "src/session/observe_parts.h"

static size_t size_of(uint32_t n_subscriptions)
{
	return sizeof(Away) + n_subscriptions * (sizeof(uint64_t) + sizeof(LostSubscription));
}

/* What it has beside its block. */
static void release(Away *away)
{
	if (away->in_flight != NULL)
		g_free(away->in_flight);
	g_clear_pointer(&away->index, pending_index_free);
	g_clear_pointer(&away->pending, g_array_unref);
	g_clear_pointer(&away->held, held_free);
}

void away_clear(Away *away)
{
	release(away);
	if (away->n_room >= AWAY_FEW)
		g_free(away);
}

void away_free(Model *model, Away *away)
{
	if (away == NULL)
		return;
	release(away);
	uint32_t n_room = away->n_room;
	if (n_room >= AWAY_FEW) {
		g_free(away);
		return;
	}
	memset(away, 0, size_of(n_room));
	*(Away **)(void *)away = model->unused_aways[n_room];
	model->unused_aways[n_room] = away;
}

static void await(Model *model, const Away *away, uint32_t i, int change)
{
	uint32_t filter = away->subscriptions[i].filter;
	if (away->subscriptions[i].shared) /* another member's to take */
		members_await(model, connection_at(model, away->from)->broker, filter, change);
	else
		topics_await(model->topics, filter, change);
}

/* One that was used before, the last first; all zero. */
static Away *take_block(Model *model, uint32_t n_subscriptions)
{
	if (n_subscriptions >= AWAY_FEW)
		return g_malloc0(size_of(n_subscriptions));
	Away *away = model->unused_aways[n_subscriptions];
	if (away == NULL)
		return arena_take(&model->arena, size_of(n_subscriptions));
	model->unused_aways[n_subscriptions] = *(Away **)(void *)away;
	*(Away **)(void *)away = NULL;
	return away;
}

/* One block for all: clients come and go often. */
static Away *away_new(Model *model, uint32_t n_subscriptions)
{
	Away *away = take_block(model, n_subscriptions);
	away->n_subscriptions = away->n_room = n_subscriptions;
	away->until = (uint64_t *)(void *)(away + 1);
	away->subscriptions = (LostSubscription *)(void *)(away->until + n_subscriptions);
	return away;
}

static void copy_subscriptions(Away *away, const Client *client)
{
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *from = &client->subscriptions[i];
		away->subscriptions[i] = (LostSubscription){
			.filter = from->filter,
			.qos = from->qos,
			.shared = from->shared,
			.no_local = from->no_local,
		};
	}
}

static void copy_in_flight(Away *away, Live *live)
{
	unsigned client_side = (unsigned)live->client_side;
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL) {
		if (exchange->type != MQTT_PUBLISH)
			continue;
		if (exchange->side == client_side) {
			away->n_client_in_flight++;
			continue;
		}
		if (exchange->state != MQTT_EXCHANGE_SENT || exchange->tag == 0)
			continue;
		away->in_flight = g_renew(Delivery, away->in_flight, away->n_in_flight + 1);
		away->in_flight[away->n_in_flight++] = *delivery_at(live->model, exchange->tag);
	}
}

/* What was still missing on the connection that ends stays owed while the session lives. */
static void carry_over(Live *live, Away *away)
{
	Away *before = live->away;
	if (before == NULL)
		return;
	if (before->resumed) {
		away->pending = g_array_new(FALSE, TRUE, sizeof(Pending));
		for (guint i = 0; i < before->pending->len; i++) {
			const Pending *pending = &g_array_index(before->pending, Pending, i);
			if (!pending->done && !pending->skipped && pending->sequence != 0 &&
			    pending->not_owed == 0 && !pending->given_up)
				g_array_append_vals(away->pending, pending, 1);
		}
		away_count_pending(live->model, away);
	}
	live->away = NULL;
	away_settle(live->model, before);
}

static bool is_missed_still(const Away *before, uint32_t i)
{
	return before->until[i] == 0 && !before->subscriptions[i].restored;
}

/* A host took the session of another, whose subscriptions are still gone when it leaves: so they
 * stay for the other, until it has them again. */
static const Away *robbed(const Live *live)
{
	const Away *before = live->away;
	if (before == NULL || before->resumed)
		return NULL;
	const Connection *other = connection_at(live->model, before->from);
	const Connection *own = connection_of(live);
	return model_same_host(live->model, other, own) ? NULL : before;
}

static uint32_t count_inherited(const Away *before)
{
	uint32_t n = 0;
	for (uint32_t i = 0; before != NULL && i < before->n_subscriptions; i++)
		n += is_missed_still(before, i);
	return n;
}

static void inherit(Away *away, const Away *before)
{
	uint32_t to = away->n_subscriptions - away->n_inherited;
	for (uint32_t i = 0; before != NULL && i < before->n_subscriptions; i++)
		if (is_missed_still(before, i))
			away->subscriptions[to++] = before->subscriptions[i];
}

void away_begin(Live *live)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const Client *client = client_at(model, connection->client);

	const Away *before = robbed(live);
	uint32_t n_inherited = count_inherited(before);
	Away *away = away_new(model, client->n_subscriptions + n_inherited);
	away->n_inherited = n_inherited;
	copy_subscriptions(away, client);
	inherit(away, before);
	away->client = connection->client;
	away->from = live->connection;
	away->to = NO_INDEX;
	away->since = message_log_next(model->messages);
	away->since_unkept = unkept_next(model->unkept);
	away->last_delivered = INSTANT_UNKNOWN;
	away->youngest = INSTANT_UNKNOWN;
	away->hole_bytes = broker_at(model, client->broker)->hole_bytes;
	away->n_untracked = broker_at(model, client->broker)->n_untracked;
	copy_in_flight(away, live);
	carry_over(live, away);
	if (away->n_subscriptions == 0 && away->n_in_flight == 0 &&
	    away->n_client_in_flight == 0 && away->pending == NULL && !client->subscriptions_partial && !client->subscriptions_unsure &&
	    !client->subscriptions_unanswered) {
		away_free(model, away);
		return;
	}
	away->held = g_steal_pointer(&live->held);
	away->doubtful = observe_unanswered(live);
	bool more = client->subscriptions_partial || client->subscriptions_unsure;
	if (more || client->subscriptions_unanswered)
		away->inexact |= INEXACT_SUBSCRIPTIONS_PARTIAL;
	away->unbounded = more;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		await(model, away, i, 1);
	presence_at(model, away->client)->away = away;
}

void away_stop_waiting(Model *model, Away *away, uint32_t i)
{
	if (away->until[i] != 0)
		return;
	away->until[i] = message_log_next(model->messages);
	await(model, away, i, -1);
}

/* --- coming back -------------------------------------------------------------------------- */

void away_fetch(const Away *away)
{
	fetch_ahead(away, size_of(1));
}

void away_return(Live *live, bool resumed)
{
	Model *model = live->model;
	ClientIndex client = connection_of(live)->client;
	Away *away = presence_at(model, client)->away;
	if (away == NULL)
		return;
	away->to = live->connection;
	away->back = message_log_next(model->messages);
	away->resumed = resumed;
	away->last_publish = away->looked = connection_of(live)->connack_time;
	live->away = away;
	if (!resumed)
		return;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		away_stop_waiting(model, away, i);
	away->n_subscriptions -= away->n_inherited; /* this session never held them */
	members_return(model, away);
	away_expect(model, away);
	if (away->n_open + away->n_others == 0) {
		live->away = NULL;
		away_settle(model, away);
	}
}

/* RETAIN 1 after a SUBSCRIBE is the retained message, not one that had been kept for the client
 * (5.0 §3.3.1.3); a bridge, or Retain As Published, leaves the flag as it was published. */
static bool is_retained_replay(const Live *live, const MqttPublish *publish)
{
	const Connection *connection = connection_of(live);
	const Client *client = client_at(live->model, connection->client);
	if (!publish->retain || connection->n_subscribes == 0 || connection->bridge ||
	    client->subscriptions_partial)
		return false;
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		if (client->subscriptions[i].retain_as_published)
			return false;
	return true;
}

static MqttPublish with_hash(const MqttPublish *publish)
{
	MqttPublish hashed = *publish;
	hashed.has_hash = publish_hash(publish, &hashed.hash);
	return hashed;
}

static void settle_now(Live *live)
{
	Away *away = live->away;
	live->away = NULL;
	away_settle(live->model, away);
}

/* For what nobody owes the account does not stay open. */
static bool has_waited_enough(const Live *live, Instant now)
{
	const int64_t enough = 30 * NS_PER_SECOND;
	return live->away->n_open == 0 &&
	       now.ns - connection_of(live)->connack_time.ns > enough;
}

/* A broker that sends an old message after a young one of its topic does not keep [MQTT-4.6.0-6]; what two
 * publishers sent at nearly the same time may come either way. */
static void note_order(Away *away, const Pending *pending, Instant published)
{
	if (pending != NULL && pending->skipped && instant_known(away->youngest) &&
	    away->youngest.ns - published.ns > NS_PER_SECOND)
		away->disordered = true;
	if (!instant_known(away->youngest) || away->youngest.ns < published.ns)
		away->youngest = published;
}

static void take_delivery(const Model *model, Away *away, const MqttPublish *publish, Instant now)
{
	uint64_t key = away_topic_key(publish->resolved_topic);
	Pending *pending = pending_index_find(away->index, key, publish);
	if (pending == NULL) {
		if (!publish->retain && !publish->dup && !pending_index_knows(away->index, key, publish)) {
			pending_index_skip(away->index, key, publish->qos, NULL);
			/* It is new, unless more waited than is known. */
			if (away->held == NULL && !away->unbounded)
				note_order(away, NULL, now);
		}
		return;
	}
	/* The broker keeps the order of a topic and QoS ([MQTT-4.6.0-6]): what is older will not
	 * come. */
	bool next_value = pending->not_owed == 1 + MISSED_QOS0_PUBLISHED;
	pending_index_skip(away->index, key, publish->qos, next_value ? NULL : pending);
	if (!next_value && pending->qos > 0)
		note_order(away, pending, pending->time);
	pending->done = true;
	away->last_delivered = now;
	if (!next_value)
		drain_note(&away->drain, pending, now, connection_at(model, away->to)->connack_time);
	*(pending->not_owed == 0 ? &away->n_open : &away->n_others) -= 1;
}

void away_delivered(Live *live, const MqttEvent *event)
{
	Away *away = live->away;
	const MqttPublish *seen = &event->packet->publish;
	if (away != NULL)
		away->last_publish = event->end.time;
	if (away == NULL || !away->resumed || !seen->topic_known || is_retained_replay(live, seen))
		return;
	MqttPublish publish = with_hash(seen);
	take_delivery(live->model, away, &publish, event->begin.time);
	if (away->n_open + away->n_others == 0 || has_waited_enough(live, event->begin.time))
		settle_now(live);
}

void away_renounced(Live *live, uint32_t filter)
{
	Away *away = live->away;
	if (away == NULL || away->resumed)
		return;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (away->subscriptions[i].filter == filter)
			away_stop_waiting(live->model, away, i);
}

void away_restored(Live *live, uint32_t filter, FrameRef frame)
{
	Away *away = live->away;
	if (away == NULL || away->resumed)
		return;
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		LostSubscription *lost = &away->subscriptions[i];
		if (lost->filter != filter || lost->restored)
			continue;
		lost->restored = true;
		lost->restored_frame = frame;
		away_stop_waiting(live->model, away, i);
	}
}

bool away_missed(const Away *away, uint32_t filter)
{
	if (away == NULL || away->resumed)
		return false;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (away->subscriptions[i].filter == filter && !away->subscriptions[i].restored)
			return true;
	return false;
}

/* --- room --------------------------------------------------------------------------------- */

static bool is_ready(const Away *away)
{
	if (away->back == 0)
		return false;
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (away->until[i] == 0)
			return false;
	return !away->resumed;
}

/* What came back to a client whose session was gone, and is subscribed again, cannot change. */
static void settle_ready(Model *model)
{
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		Live *live = presence_at(model, i)->live;
		if (live != NULL && live->away != NULL && is_ready(live->away))
			away_settle(model, g_steal_pointer(&live->away));
	}
}

void away_make_room(Model *model)
{
	settle_ready(model);
	uint64_t oldest = message_log_next(model->messages);
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		const Away *away = presence_at(model, i)->away;
		if (away != NULL && !away->resumed) /* those have taken what they need */
			oldest = MIN(oldest, away->since);
	}
	message_log_trim(model->messages, oldest);
}
