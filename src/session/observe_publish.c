/* SPDX-License-Identifier: MIT */
#include "src/session/observe_parts.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "src/session/away.h"
#include "src/session/deliveries.h"
#include "src/session/filter_log.h"
#include "src/session/stalls.h"
#include "src/session/unfinished.h"
#include "src/session/unheard.h"
#include "src/session/matching.h"
#include "src/session/marks.h"
#include "src/session/members.h"
#include "src/session/pairing.h"
#include "src/session/replays.h"
#include "src/session/served.h"
#include "src/session/wills.h"

/* Tags of a client's PUBLISH: the low half of its sequence number in the log. */
static Message *message_of_tag(const Model *model, uint32_t tag)
{
	if (tag == 0)
		return NULL;
	uint64_t next = message_log_next(model->messages);
	uint64_t sequence = (next & ~(uint64_t)UINT32_MAX) | tag;
	if (sequence >= next)
		sequence -= UINT64_C(1) << 32;
	return message_log_at(model->messages, sequence);
}

/* The Topic Alias is this connection's own; all else is forwarded (5.0 §3.3.2.3). */
static uint32_t forwarded_properties(const MqttPacket *packet)
{
	enum { ALIAS = 3 };
	bool alias = mqtt_has_property(&packet->properties, MQTT_PROP_TOPIC_ALIAS);
	size_t size = packet->properties.raw.size;
	return (uint32_t)(alias && size >= ALIAS ? size - ALIAS : size);
}

/* Looking for room costs a walk over all clients that are away: not for every message. */
static void make_room(Model *model)
{
	uint64_t next = message_log_next(model->messages), most = message_log_most(model->messages);
	if (!message_log_is_full(model->messages) ||
	    next < model->room_tried + CLAMP(model->clients.n, most, MESSAGES_MAX) / 16)
		return;
	model->room_tried = next;
	away_make_room(model);
}

/* The same message, sent again by its publisher because no acknowledgement came: counted once. */
static Message *sent_before(const Model *model, const Connection *connection,
                            const MqttPublish *publish, uint32_t topic)
{
	uint64_t sequence = topics_newest(model->topics, topic);
	for (int i = 0; i < 64; i++) {
		Message *message = message_log_at(model->messages, sequence);
		if (message == NULL)
			return NULL;
		if (message->publisher == connection->client && publish->has_hash &&
		    message->state == MESSAGE_UNACKNOWLEDGED &&
		    message->hash.low == publish->hash.low && message->hash.high == publish->hash.high)
			return message;
		sequence = message->previous;
	}
	return NULL;
}

static Message message_of(const Live *live, const MqttEvent *event, uint32_t topic)
{
	const Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	return (Message){
		.time = event->begin.time,
		.frame = event->begin.frame,
		.ack_time = INSTANT_UNKNOWN,
		.hash = publish->hash,
		.topic = topic,
		.broker = connection->broker,
		.publisher = connection->client,
		.payload_size = publish->payload_size,
		.properties_size = forwarded_properties(event->packet),
		.expiry = message_expiry(event->packet),
		.qos = publish->qos,
		.has_hash = publish->has_hash,
	};
}

static void log_message(Live *live, const MqttEvent *event, uint32_t topic)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	if (publish->dup) {
		const Message *before = sent_before(model, connection, publish, topic);
		if (before != NULL) {
			event->exchange->tag = (uint32_t)before->sequence;
			return;
		}
	}
	Message message = message_of(live, event, topic);
	message.previous = topics_newest(model->topics, topic);
	TopicHolders holders = topics_holders(model->topics, topic);
	message.sole = holders.n == 1 && !holders.perhaps_more;
	message.online = holders.online;
	make_room(model);
	if (model->watches != NULL && message_log_next(model->messages) % 256 == 0)
		served_sweep(model, event->begin.time);
	uint64_t sequence = message_log_add(model->messages, &message);
	topics_set_newest(model->topics, topic, sequence);
	event->exchange->tag = (uint32_t)sequence;
	model->counts.evicted_messages = message_log_n_evicted(model->messages);
}

/* Nobody is owed what is published with QoS 0, but somebody may miss it. */
static void note_unkept(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	if (!publish->topic_known)
		return;
	const UnkeptMessage message = {
		.time = event->begin.time,
		.frame = event->begin.frame,
		.broker = connection->broker,
		.publisher = connection->client,
	};
	unkept_add(model->unkept, &message, publish->resolved_topic);
}

/* So that the message is known again after the connection broke. */
static void mark_own(Live *live, const MqttEvent *event)
{
	const MqttPublish *publish = &event->packet->publish;
	ByteSpan topic = publish->resolved_topic;
	if (live->keeps && event->exchange != NULL && publish->topic_known && publish->has_hash)
		event->exchange->mark = content_mark(XXH3_64bits(topic.data, topic.size),
		                                     publish->hash);
	if (!live->keeps || !mqtt_has_property(&event->packet->properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL))
		return;
	uint32_t expiry = message_expiry(event->packet);
	if (live->own_expires == 0 || expiry < live->own_expires - 1)
		live->own_expires = MIN(expiry, UINT32_MAX - 1) + 1;
}

void observe_publish_from_client(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const MqttPublish *publish = &event->packet->publish;
	Connection *connection = connection_of(live);
	uint32_t hash = 0;
	if (publish->qos > 0 && publish->topic_known && topics_anybody_waits(model->topics))
		hash = topics_prepare(model->topics, publish->resolved_topic);
	if (connection->client != NO_INDEX)
		client_at(model, connection->client)->published = true;
	if (publish->qos > 0) {
		Broker *broker = broker_at(model, connection->broker);
		broker->publish_bytes += event->packet->remaining_length;
		broker->n_publishes++;
		mark_own(live, event);
		pairing_published(live, publish);
		if (publish->retain)
			replays_published(live, event);
	}
	if (wills_may_be(model, publish))
		wills_published(live, event);
	if (!topics_anybody_waits(model->topics))
		return; /* nobody can be owed it */
	if (publish->qos == 0) {
		note_unkept(live, event);
		return;
	}
	if (event->exchange == NULL || event->exchange->tag != 0)
		return; /* it is sent again */
	uint32_t topic = NO_TOPIC;
	if (publish->topic_known &&
	    !topics_find_awaited(model->topics, publish->resolved_topic, hash, &topic))
		return;
	if (topic == NO_TOPIC) {
		model->counts.untracked_messages++;
		broker_at(model, connection->broker)->n_untracked++;
	} else {
		log_message(live, event, topic);
	}
}

/* "Nobody is subscribed", although somebody is, and connected: the broker's word is worth nothing.
 * Somebody may be so at another broker, though. */
static void note_nobody(Model *model, const Message *message)
{
	model->newest_no_matching = MAX(model->newest_no_matching, message->sequence);
	if (message->online && model->brokers.n == 1 &&
	    topics_holders(model->topics, message->topic).online)
		broker_at(model, message->broker)->facts.denies_subscribers = true;
}

void observe_publish_acknowledged(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const MqttPacket *packet = event->packet;
	uint8_t reason = packet->has_reason ? packet->reason : 0;
	if (reason == 0x10 && connection_of(live)->broker != NO_INDEX)
		broker_at(model, connection_of(live)->broker)
			->facts.reports_no_matching_subscribers = true;
	if (event->exchange == NULL)
		return;
	Message *message = message_of_tag(model, event->exchange->tag);
	if (message == NULL || message->state != MESSAGE_UNACKNOWLEDGED)
		return;
	message->state = reason == 0x10   ? MESSAGE_NO_MATCHING
	                 : reason >= 0x80 ? MESSAGE_REJECTED
	                                  : MESSAGE_ACCEPTED;
	message->told = packet->version == MQTT_5_0;
	message->ack_time = event->begin.time;
	message->ack_frame = event->begin.frame;
	if (message->state == MESSAGE_NO_MATCHING)
		note_nobody(model, message);
	filter_logs_acknowledged(model->filter_logs, message->sequence);
}

/* Delivered before the client asked for anything: session and subscription lived. */
static void note_early_delivery(Model *model, Connection *connection, const MqttEvent *event)
{
	const MqttPublish *publish = &event->packet->publish;
	if (publish->qos == 0 || !publish->topic_known || connection->outcome != OUTCOME_RESUMED)
		return;
	Clue *clue = clue_put(model, connection, CLUE_EARLY_DELIVERY, &event->begin);
	if (clue == NULL)
		return;
	clue->topic = interner_add(model->texts, publish->resolved_topic);
	clue->asked = publish->qos;
}

/* A Subscription Identifier names the subscription by which it comes, if the client has not given it
 * to several (5.0 §3.3.2.3.8). */
static void note_identifier(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const MqttProperties *properties = &event->packet->properties;
	if (!mqtt_has_property(properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER) ||
	    connection->outcome != OUTCOME_RESUMED || connection->client == NO_INDEX)
		return;
	const Client *client = client_at(model, connection->client);
	Subscription *only = NULL;
	if (client->n_subscriptions > 64)
		return;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		Subscription *subscription = &client->subscriptions[i];
		if (subscription->identifier != properties->number[MQTT_PROP_SUBSCRIPTION_IDENTIFIER])
			continue;
		if (only != NULL)
			return;
		only = subscription;
	}
	if (only == NULL || only->lived_to == live->connection)
		return;
	only->lived_to = live->connection;
	Clue *clue = clue_put(model, connection, CLUE_LIVED_ON, &event->begin);
	if (clue != NULL)
		clue->filter = only->filter;
}

static void note_first_delivery(Model *model, Connection *connection, const MqttEvent *event)
{
	if (connection->n_subscribes > 0 || connection->publish_before_subscribe)
		return;
	connection->publish_before_subscribe = true;
	/* MQTT 3.1 has no Session Present: a delivery before any SUBSCRIBE is the proof, if none was in
	 * a hole (see also note_hole()). */
	if (connection->version == MQTT_3_1 && connection->outcome == OUTCOME_NOT_OBSERVABLE &&
	    connection->connack_seen && connection->holes == 0)
		connection->outcome = OUTCOME_RESUMED;
	note_early_delivery(model, connection, event);
}

/* With Retain Handling 1 a retained message comes only if the subscription did not exist
 * (5.0 §3.3.1.3, and the body of [MQTT-3.3.1-10]; Appendix B has it the wrong way round). */
static void note_retained(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	if (connection->client == NO_INDEX || connection->n_subscribes == 0 || !publish->topic_known)
		return;
	const Client *client = client_at(model, connection->client);
	const Subscription *probe = NULL;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (!filter_matches_topic(topics_filter(model->topics, subscription->filter),
		                          publish->resolved_topic))
			continue;
		/* Another one may have brought it. */
		if (!subscription->if_new || subscription->retain_as_published)
			return;
		probe = subscription;
	}
	if (probe == NULL || live->asked != NULL)
		return;
	Clue *clue = clue_put(model, connection, CLUE_TAKEN_AS_NEW, &event->begin);
	if (clue == NULL)
		return;
	clue->filter = probe->filter;
	clue->unsure = client->subscriptions_unsure || client->subscriptions_unanswered ||
	               client->subscriptions_partial;
}

static void suspect_if_full(Live *live, const MqttEvent *event, const Connection *connection)
{
	if (event->packet->publish.qos > 0 && !live->suspected && live->accepted && !live->left &&
	    mqtt_stream_unanswered(live->stream, event->side) >= window_of(connection))
		stalls_suspect(live);
}

void observe_publish_to_client(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const MqttPublish *publish = &event->packet->publish;
	Connection *connection = connection_of(live);
	note_first_delivery(model, connection, event);
	if (connection->n_subscribes == 0)
		note_identifier(live, event);
	unheard_see(live, event);
	served_see(live, event);
	if (publish->retain)
		note_retained(live, event);
	if (publish->qos > 0 && event->exchange != NULL && event->exchange->tag == 0) {
		event->exchange->tag = delivery_begin(model, event);
		if (live->suspected && event->exchange->tag != 0)
			stalls_sent(live, event->exchange->tag);
	}
	if (publish->qos > 0)
		pairing_delivered(live, publish);
	if (publish->qos > 0 && model->replays != NULL)
		replays_delivered(live, event);
	if (publish->qos > 0 && model->n_members_away > 0)
		members_delivered(live, event);
	if (publish->resolved_topic.size > 0 && publish->resolved_topic.data[0] == '$')
		marks_uptime(live, event);
	if (wills_may_be(model, publish))
		wills_delivered(live, event);
	suspect_if_full(live, event, connection);
	if (live->away != NULL)
		away_delivered(live, event);
}
