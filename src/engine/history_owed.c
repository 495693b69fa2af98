/* SPDX-License-Identifier: MIT */
/*
 * What a client's session is like while its packets pass, and while it is away.
 */
#include "src/engine/history_record_private.h"
#include "src/session/matching.h"

/* NULL: this time it is not known yet.  The identifier that the broker assigns comes in the CONNACK, but whose the
 * CONNECT before it is was known from the beginning. */
static const Client *client_of(const Recorder *recorder, const Track *track)
{
	bool known = track->client < model_n_clients(recorder->model);
	return known ? model_client(recorder->model, track->client) : NULL;
}

/* --- what it is owed ---------------------------------------------------------------------------- */

static bool is_away(const Recorder *recorder, const Track *track)
{
	const Client *client = client_of(recorder, track);
	return client != NULL && client->accepted != NO_INDEX && client->current == NO_INDEX;
}

/* The Quality of Service by which @topic would have come, 0: not, or not to be kept.  What is shared
 * another member may have got. */
static uint8_t owed_qos(const Recorder *recorder, const Client *client, const MqttPublish *publish)
{
	uint8_t qos = 0;
	for (uint32_t i = 0; i < client->n_subscriptions && i < HISTORY_LIST_MOST; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->shared || subscription->qos <= qos)
			continue;
		if (filter_matches_topic(model_filter(recorder->model, subscription->filter),
		                         publish->resolved_topic))
			qos = MIN(subscription->qos, publish->qos);
	}
	return qos;
}

static void add_owed(Recorder *recorder, Track *track, const MqttEvent *event,
                     ConnectionIndex connection, uint8_t qos)
{
	const MqttPacket *packet = event->packet;
	track->moment.waiting++;
	HistoryEvent owed = {
		.frame = event->begin.frame,
		.last_frame = event->end.frame,
		.time = event->end.time,
		.client = track->client,
		.connection = connection,
		.kind = HISTORY_OWED,
		.side = (uint8_t)event->side,
		.from_client = true,
		.type = MQTT_PUBLISH,
		.version = (uint8_t)packet->version,
		.qos = qos,
		.retain = packet->publish.retain,
		.packet_id = packet->packet_id,
		.size = packet->header_size + packet->remaining_length,
		.payload_size = packet->publish.payload_size,
		.text = history_batch_text(recorder->batch, packet->publish.resolved_topic),
		.publisher = model_connection(recorder->model, connection)->client,
		.answers = -1,
		.answered_by = -1,
		.moment = track->moment,
	};
	history_batch_event(recorder->batch, &owed, (ByteSpan){0});
}

void recorder_published(Recorder *recorder, const MqttEvent *event, ConnectionIndex connection)
{
	const MqttPublish *publish = &event->packet->publish;
	if (connection == NO_INDEX || !event->from_client || !event->roles_known || publish->qos == 0 ||
	    publish->dup || !publish->topic_known)
		return;
	BrokerIndex broker = model_connection(recorder->model, connection)->broker;
	for (unsigned i = 0; i < recorder->n_tracks; i++) {
		Track *track = &recorder->tracks[i];
		if (!is_away(recorder, track))
			continue;
		const Client *client = model_client(recorder->model, track->client);
		uint8_t qos = client->broker == broker ? owed_qos(recorder, client, publish) : 0;
		if (qos > 0)
			add_owed(recorder, track, event, connection, qos);
	}
}

/* --- its own packets ---------------------------------------------------------------------------- */

static bool may_change_subscriptions(const MqttEvent *event)
{
	static const bool may[MQTT_N_TYPES] = {
		[MQTT_CONNECT] = true,
		[MQTT_CONNACK] = true,
		[MQTT_SUBSCRIBE] = true,
		[MQTT_SUBACK] = true,
		[MQTT_UNSUBSCRIBE] = true,
		[MQTT_UNSUBACK] = true,
	};
	return may[event->packet->type & 15];
}

static void list_subscriptions(Recorder *recorder, Track *track)
{
	const Client *client = client_of(recorder, track);
	uint32_t n = client == NULL ? 0 : MIN(client->n_subscriptions, HISTORY_LIST_MOST);
	track->listed = true;
	track->moment.subscriptions = 0;
	if (n == 0)
		return;
	HistorySubscription *list = g_new0(HistorySubscription, n);
	for (uint32_t i = 0; i < n; i++) {
		const Subscription *from = &client->subscriptions[i];
		list[i] = (HistorySubscription){
			.filter = history_batch_text(recorder->batch,
			                             model_filter(recorder->model, from->filter)),
			.qos = from->qos,
			.shared = from->shared,
			.no_local = from->no_local,
			.since = from->since,
		};
	}
	track->moment.subscriptions = history_batch_subscriptions(recorder->batch, list, n);
}

static void count_waiting(Track *track, const MqttEvent *event)
{
	const MqttPacket *packet = event->packet;
	if (packet->type == MQTT_CONNACK && !packet->connack.session_present)
		track->moment.waiting = 0;
	if (packet->type == MQTT_PUBLISH && !event->from_client && packet->publish.qos > 0 &&
	    !packet->publish.dup && track->moment.waiting > 0)
		track->moment.waiting--;
}

/* The message of @side that @event answers to the end: the stream has it until everybody has heard of it. */
static bool ends_message(const MqttEvent *event, unsigned side)
{
	const MqttExchange *exchange = event->exchange;
	return event->exchange_done && exchange != NULL && exchange->type == MQTT_PUBLISH &&
	       exchange->side == side && !exchange->opened_unseen && !exchange->uncertain;
}

static uint16_t in_flight(const MqttStream *stream, const MqttEvent *event, unsigned side)
{
	uint32_t n = mqtt_stream_unanswered(stream, side);
	return (uint16_t)MIN(n - MIN(n, ends_message(event, side)), UINT16_MAX);
}

void track_follow(Recorder *recorder, Track *track, const MqttEvent *event, const MqttStream *stream)
{
	unsigned client_side = event->from_client ? event->side : !event->side;
	track->moment.to_client = in_flight(stream, event, !client_side);
	track->moment.from_client = in_flight(stream, event, client_side);
	if (may_change_subscriptions(event) || !track->listed)
		list_subscriptions(recorder, track);
	count_waiting(track, event);
}

void track_left(Track *track)
{
	track->moment.waiting = 0;
}
