/* SPDX-License-Identifier: MIT */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "src/session/deliveries.h"
#include "src/session/matching.h"
#include "src/session/unfinished_private.h"

void unfinished_free(Unfinished *unfinished)
{
	if (unfinished == NULL)
		return;
	g_array_unref(unfinished->left);
	g_free(unfinished);
}

static void *key_of(const Live *live)
{
	return GUINT_TO_POINTER(connection_of(live)->client + 1);
}

static Client *client_of(const Live *live)
{
	return client_at(live->model, connection_of(live)->client);
}

/* Few clients have one. */
static Unfinished *find(const Live *live)
{
	if (!client_of(live)->left_unfinished)
		return NULL;
	return g_hash_table_lookup(live->model->unfinished, key_of(live));
}

static void put(const Live *live, Unfinished *unfinished)
{
	client_of(live)->left_unfinished = true;
	g_hash_table_replace(live->model->unfinished, key_of(live), unfinished);
}

static void forget(const Live *live)
{
	client_of(live)->left_unfinished = false;
	g_hash_table_remove(live->model->unfinished, key_of(live));
}

/* --- the connection ends ------------------------------------------------------------------ */

/* Who may get it instead: of a Shared Subscription, another member (5.0 §4.8.2). */
static LeftTo receivers_of(const Model *model, const Client *client, ByteSpan topic, bool whole)
{
	bool shared = false;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		shared |= subscription->shared;
		if (!subscription->shared && whole &&
		    filter_matches_topic(topics_filter(model->topics, subscription->filter), topic))
			return LEFT_TO_CLIENT;
	}
	if (shared)
		return LEFT_TO_ANY_MEMBER;
	return client->subscriptions_partial || client->subscriptions_unsure ||
	                       client->subscriptions_unanswered
	               ? LEFT_TO_UNKNOWN
	               : LEFT_TO_CLIENT;
}

static void describe_delivery(Live *live, const Client *client, uint32_t tag, Left *left)
{
	const Delivery *delivery = delivery_at(live->model, tag);
	ByteSpan topic = {delivery->topic, delivery->topic_size};
	bool whole = delivery->topic_size < sizeof delivery->topic;
	left->mark = content_mark(delivery->topic_hash, delivery->hash);
	left->expiry = delivery->expiry;
	left->topic = whole ? topics_add(live->model->topics, topic) : NO_TOPIC;
	left->receivers = (uint8_t)receivers_of(live->model, client, topic, whole);
}

static Left left_of(Live *live, const Client *client, const MqttExchange *exchange)
{
	Left left = {
		.opened = exchange->opened,
		.mark = exchange->mark,
		.topic = NO_TOPIC,
		.expiry = UINT32_MAX,
		.packet_id = exchange->packet_id,
		.qos = exchange->qos,
		.state = exchange->state,
		.half = exchange->opened_unseen,
		.from_client = (int)exchange->side == live->client_side,
	};
	if (!left.from_client && exchange->tag != 0)
		describe_delivery(live, client, exchange->tag, &left);
	/* Whether it is this one that expires is not remembered. */
	if (left.from_client && live->own_expires > 0)
		left.expiry = live->own_expires - 1;
	return left;
}

/* What is open on the stream.  Where a hole may hide how it went on, it asks no question. */
static void collect(Live *live, GArray *all)
{
	const Client *client = client_at(live->model,
	                                 connection_of(live)->client);
	size_t position = 0;
	const MqttExchange *exchange;
	while (all->len < UNFINISHED_MAX &&
	       (exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL) {
		if (exchange->type != MQTT_PUBLISH || exchange->uncertain)
			continue;
		Left left = left_of(live, client, exchange);
		g_array_append_val(all, left);
	}
}

static bool is_open_now(const GArray *now, guint n_now, const Left *before)
{
	for (guint i = 0; i < n_now; i++) {
		const Left *left = &g_array_index(now, Left, i);
		if (left->packet_id == before->packet_id && left->from_client == before->from_client)
			return true;
	}
	return false;
}

/* A question that the connection was too short to answer stays. */
static void keep_waiting(GArray *all, const Unfinished *before)
{
	guint n_now = all->len;
	for (guint i = 0; before != NULL && i < before->left->len && all->len < UNFINISHED_MAX; i++) {
		const Left *left = left_at(before, i);
		bool same = !left->reassigned && is_open_now(all, n_now, left);
		if (left->progress == LEFT_WAITING && !same)
			g_array_append_vals(all, left, 1);
	}
}

void unfinished_begin(Live *live)
{
	Unfinished *before = find(live);
	if (before != NULL && before->to == live->connection)
		unfinished_judge(live, before);
	size_t position = 0;
	if (before == NULL && mqtt_stream_exchange_next(live->stream, &position) == NULL)
		return;
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Left));
	collect(live, all);
	keep_waiting(all, before);
	live->asks = all->len > 0; /* acknowledgements may still follow on this connection */
	if (all->len == 0) {
		forget(live);
		return;
	}
	Unfinished *unfinished = g_new(Unfinished, 1);
	*unfinished = (Unfinished){
		.from = live->connection,
		.to = NO_INDEX,
		.last_seen = INSTANT_UNKNOWN,
		.n_asked = all->len,
		.left = g_steal_pointer(&all),
	};
	put(live, unfinished);
}

/* --- the client is back ------------------------------------------------------------------- */

static void finish(Unfinished *unfinished, Left *left)
{
	if (left->progress == LEFT_DONE)
		return;
	left->progress = LEFT_DONE;
	unfinished->n_asked--;
}

static void let_go_if_answered(Live *live, const Unfinished *unfinished)
{
	if (unfinished->n_asked > 0)
		return;
	live->asks = false;
	forget(live);
}

/* Of @side's packets with @packet_id. */
static Left *find_left(const Unfinished *unfinished, bool from_client, uint16_t packet_id)
{
	for (guint i = 0; i < unfinished->left->len; i++) {
		Left *left = left_at(unfinished, i);
		if (left->packet_id == packet_id && left->from_client == from_client &&
		    left->progress != LEFT_DONE && !left->reassigned)
			return left;
	}
	return NULL;
}

/* A client may send before it has the CONNACK (5.0 §3.1.4): such packets are no answer to it, but
 * show that nothing was forgotten. */
static void note_early_packets(const Live *live, Unfinished *unfinished)
{
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL) {
		bool own = exchange->type == MQTT_PUBLISH && (int)exchange->side == live->client_side;
		Left *left = own ? find_left(unfinished, true, exchange->packet_id) : NULL;
		if (left != NULL)
			finish(unfinished, left);
	}
}

void unfinished_return(Live *live, bool resumed)
{
	Unfinished *unfinished = find(live);
	if (unfinished == NULL)
		return;
	unfinished->to = live->connection;
	unfinished->resumed = resumed;
	unfinished->last_seen = connection_of(live)->connack_time;
	for (guint i = 0; i < unfinished->left->len && !resumed; i++)
		if (!left_at(unfinished, i)->from_client)
			finish(unfinished, left_at(unfinished, i)); /* it died with the session */
	note_early_packets(live, unfinished);
	live->asks = true;
	let_go_if_answered(live, unfinished);
}

/* --- what comes then ---------------------------------------------------------------------- */

static uint32_t mark_of(const MqttPublish *publish)
{
	ByteSpan topic = publish->resolved_topic;
	if (!publish->topic_known || !publish->has_hash)
		return 0;
	return content_mark(XXH3_64bits(topic.data, topic.size), publish->hash);
}

static bool may_be_same(const Left *left, uint32_t mark)
{
	return left->mark == 0 || mark == 0 || left->mark == mark;
}

/* By its identifier if it says that it comes again, or says the same; else by what it says: some
 * senders number anew. */
static Left *find_message(const Unfinished *unfinished, bool from_client,
                          const MqttPacket *packet, uint32_t mark)
{
	Left *left = find_left(unfinished, from_client, packet->packet_id);
	if (left != NULL && (packet->publish.dup || may_be_same(left, mark)))
		return left;
	for (guint i = 0; i < unfinished->left->len && mark != 0; i++) {
		Left *other = left_at(unfinished, i);
		if (other->mark == mark && other->from_client == from_client &&
		    other->progress != LEFT_DONE)
			return other;
	}
	if (left != NULL)
		left->reassigned = true;
	return NULL;
}

static void note_again(Left *left, const MqttEvent *event)
{
	if (left->progress == LEFT_AGAIN)
		return;
	left->progress = LEFT_AGAIN;
	left->again = event->begin;
}

/* [MQTT-3.3.1-1], of messages that are the same for certain. */
static void learn_dup(Live *live, const Left *left, const MqttPacket *packet, uint32_t mark)
{
	BrokerFacts *facts;
	if (left->packet_id != packet->packet_id || left->mark == 0 || left->mark != mark)
		return;
	facts = &broker_at(live->model, connection_of(live)->broker)->facts;
	facts->redelivery_with_dup = packet->publish.dup &&
	                             (facts->redelivery_with_dup || !facts->redelivery_seen);
	facts->redelivery_seen = true;
}

/* The session was not there, or was not wanted: a 5.0 client has to discard its side of it
 * (5.0 [MQTT-3.2.2-5]).  MQTT 3.1.1 leaves it free. */
static bool must_discard(const Live *live, const Unfinished *unfinished)
{
	return !unfinished->resumed &&
	       connection_of(live)->version == MQTT_5_0;
}

static void go_on_from_broker(Live *live, Unfinished *unfinished, const MqttEvent *event)
{
	const MqttPacket *packet = event->packet;
	if (packet->type == MQTT_PUBACK || packet->type == MQTT_PUBREC ||
	    packet->type == MQTT_PUBCOMP) {
		Left *own = find_left(unfinished, true, packet->packet_id);
		if (own != NULL)
			finish(unfinished, own);
		return;
	}
	bool publish = packet->type == MQTT_PUBLISH;
	uint32_t mark = publish ? mark_of(&packet->publish) : 0;
	Left *left = publish ? find_message(unfinished, false, packet, mark)
	                     : find_left(unfinished, false, packet->packet_id);
	if (left == NULL)
		return;
	bool first = left->progress == LEFT_WAITING;
	note_again(left, event);
	if (publish)
		learn_dup(live, left, packet, mark);
	/* 5.0 [MQTT-4.3.3-6]; what was released and came anew is told by its content. */
	if (publish && first && left->state == MQTT_EXCHANGE_RELEASED && left->mark != 0 &&
	    left->mark == mark && left->packet_id == packet->packet_id)
		unfinished_count(live, RESUME_REPLAYED, left);
}

static void go_on_from_client(Live *live, Unfinished *unfinished, const MqttEvent *event)
{
	const MqttPacket *packet = event->packet;
	bool publish = packet->type == MQTT_PUBLISH;
	bool own = publish || packet->type == MQTT_PUBREL;
	Left *left = publish ? find_message(unfinished, true, packet, mark_of(&packet->publish))
	                     : find_left(unfinished, own, packet->packet_id);
	if (left == NULL)
		return;
	bool again = own && left->packet_id == packet->packet_id &&
	             (!publish || packet->publish.dup);
	if (again && must_discard(live, unfinished)) {
		note_again(left, event);
		unfinished_count(live, RESUME_OWN_KEPT, left);
	}
	finish(unfinished, left);
}

/* An acknowledgement that was still under way when the connection ended: whether it arrived, the
 * capture cannot tell. */
static void note_late(Live *live, Unfinished *unfinished, const MqttEvent *event)
{
	bool by_client = (int)event->side == live->client_side;
	bool answer = event->packet->type == MQTT_PUBACK || event->packet->type == MQTT_PUBREC ||
	              event->packet->type == MQTT_PUBCOMP;
	Left *left = answer ? find_left(unfinished, !by_client, event->packet->packet_id) : NULL;
	if (left != NULL)
		finish(unfinished, left);
}

static bool goes_on(const MqttPacket *packet)
{
	if (packet->type == MQTT_PUBLISH)
		return packet->publish.qos > 0;
	return packet->type >= MQTT_PUBACK && packet->type <= MQTT_PUBCOMP;
}

void unfinished_packet(Live *live, const MqttEvent *event)
{
	Unfinished *unfinished = find(live);
	bool current = unfinished != NULL && unfinished->to == live->connection && !live->left;
	bool late = unfinished != NULL && unfinished->from == live->connection;
	if (!current && !late) {
		live->asks = false;
		return;
	}
	if (current)
		unfinished->last_seen = event->end.time;
	if (!goes_on(event->packet))
		return;
	if (!current)
		note_late(live, unfinished, event);
	else if ((int)event->side == live->client_side)
		go_on_from_client(live, unfinished, event);
	else
		go_on_from_broker(live, unfinished, event);
	let_go_if_answered(live, unfinished);
}

void unfinished_hole(Live *live)
{
	Unfinished *unfinished = find(live);
	if (unfinished == NULL || unfinished->from != live->connection || !live->left)
		return;
	for (guint i = 0; i < unfinished->left->len; i++)
		finish(unfinished, left_at(unfinished, i));
	let_go_if_answered(live, unfinished);
}

void unfinished_end(Live *live)
{
	Unfinished *unfinished = live->asks && !live->left ? find(live) : NULL;
	if (unfinished == NULL || unfinished->to != live->connection)
		return;
	unfinished_judge(live, unfinished);
	forget(live);
}
