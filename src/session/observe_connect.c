/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "src/session/away.h"
#include "src/session/content_key.h"
#include "src/session/expiry.h"
#include "src/session/learn.h"
#include "src/session/marks.h"
#include "src/session/observe_parts.h"
#include "src/session/pairing.h"
#include "src/session/registry.h"
#include "src/session/served.h"
#include "src/session/unheard.h"
#include "src/session/unfinished.h"
#include "src/session/wills.h"

static OptionalU32 property(const MqttPacket *packet, MqttPropertyIndex index)
{
	if (!mqtt_has_property(&packet->properties, index))
		return (OptionalU32){false, 0};
	return (OptionalU32){true, packet->properties.number[index]};
}

static void copy_will(Model *model, Connection *connection, const MqttConnect *connect)
{
	connection->has_will = connect->has_will;
	if (!connect->has_will)
		return;
	const MqttWill *will = &connect->will;
	Remarks *remarks = remarks_of(model, connection);
	remarks->will_qos = will->qos;
	remarks->will_retain = will->retain;
	remarks->will_topic = interner_add(model->texts, will->topic);
	remarks->will_payload = payload_hash(will->payload).low;
	remarks->will_size = (uint32_t)will->payload.size;
	if (mqtt_has_property(&will->properties, MQTT_PROP_WILL_DELAY_INTERVAL))
		remarks->will_delay = will->properties.number[MQTT_PROP_WILL_DELAY_INTERVAL];
}

static void copy_connect(Model *model, Connection *connection, const MqttEvent *event)
{
	const MqttPacket *packet = event->packet;
	const MqttConnect *connect = &packet->connect;
	connection->connect_seen = true;
	connection->connect_time = event->begin.time;
	connection->connect_frame = event->begin.frame;
	connection->version = (uint8_t)packet->version;
	connection->protocol_level = connect->protocol_level;
	connection->bridge = connect->bridge;
	connection->clean_start = connect->clean_start;
	connection->keep_alive = connect->keep_alive;
	connection->has_username = connect->has_username;
	if (connect->has_username)
		connection->username = interner_add(model->texts, connect->username);
	connection->expiry_connect = property(packet, MQTT_PROP_SESSION_EXPIRY_INTERVAL);
	connection->receive_maximum = property(packet, MQTT_PROP_RECEIVE_MAXIMUM);
	connection->maximum_packet_size = property(packet, MQTT_PROP_MAXIMUM_PACKET_SIZE);
	copy_will(model, connection, connect);
}

/* A key that no Client Identifier can be (U+0000 is forbidden in one): the host, for clients that
 * leave the naming to the broker. */
static ByteSpan host_key(const Connection *connection, uint8_t key[static HOST_KEY_SIZE])
{
	memset(key, 0, HOST_KEY_SIZE);
	memcpy(key + 1, connection->source.address.octets, 16);
	return (ByteSpan){key, HOST_KEY_SIZE};
}

static void note_empty_id(Model *model, ConnectionIndex index)
{
	Connection *connection = connection_at(model, index);
	uint8_t key[HOST_KEY_SIZE];
	uint32_t host = interner_add(model->texts, host_key(connection, key));
	uint64_t both = (uint64_t)connection->broker << 32 | host;
	connection->empty_client_id = true;
	void *before = g_hash_table_lookup(model->unnamed_by_host, &both);
	if (before != NULL)
		connection->same_host_before = GPOINTER_TO_UINT(before) - 1;
	g_hash_table_insert(model->unnamed_by_host, g_memdup2(&both, sizeof both),
	                    GUINT_TO_POINTER(index + 1));
}

/* What the CONNACK will be compared with: with many clients it lies far away, and is here by then. */
static void fetch_session(const Model *model, ClientIndex index)
{
	const Client *client = client_at(model, index);
	const Away *away = presence_at(model, index)->away;
	if (client->accepted != NO_INDEX)
		fetch_ahead(connection_at(model, client->accepted), sizeof(Connection));
	if (client->n_subscriptions > 0)
		fetch_ahead(client->subscriptions, client->n_subscriptions * sizeof(Subscription));
	if (away != NULL)
		away_fetch(away);
}

void observe_connect(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const MqttConnect *connect = &event->packet->connect;
	if (connection->connect_seen)
		return; /* a second CONNECT is a protocol error, and changes nothing */
	if (event->packet->truncated && connect->client_id.size == 0)
		return; /* cut before the Client Identifier: whose it is cannot be told */

	copy_connect(model, connection, event);
	if (connect->client_id.size == 0) {
		note_empty_id(model, live->connection);
		return; /* the CONNACK may name it */
	}
	ClientIndex client = model_add_client(model, connection->broker, connect->client_id);
	model_attach(model, live->connection, client);
	fetch_session(model, client);
}

static void copy_connack(Model *model, Connection *connection, const MqttEvent *event)
{
	const MqttPacket *packet = event->packet;
	connection->connack_seen = true;
	connection->connack_time = event->begin.time;
	connection->connack_frame = event->begin.frame;
	connection->return_code = packet->reason;
	connection->session_present = packet->connack.session_present;
	connection->expiry_connack = property(packet, MQTT_PROP_SESSION_EXPIRY_INTERVAL);
	connection->server_keep_alive = property(packet, MQTT_PROP_SERVER_KEEP_ALIVE);
	connection->maximum_qos = property(packet, MQTT_PROP_MAXIMUM_QOS);
	if (mqtt_has_property(&packet->properties, MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER)) {
		ByteSpan id = packet->properties.text[MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER];
		connection->assigned_client_id =
			(OptionalU32){true, interner_add(model->texts, id)};
	}
}

/* Likewise, of this connection alone. */
static ByteSpan connection_key(const Connection *connection, ConnectionIndex index,
                               uint8_t key[static HOST_KEY_SIZE])
{
	ByteSpan span = host_key(connection, key);
	uint32_t number = index + 1;
	memcpy(key + 1 + 16, &number, sizeof number);
	return span;
}

/* A client that sent no identifier: known by the assigned one; else nobody can tell it from others
 * behind its address, and nothing ties it to another connection. */
static void attach_unnamed(Model *model, ConnectionIndex index)
{
	Connection *connection = connection_at(model, index);
	uint8_t key[HOST_KEY_SIZE];
	ByteSpan id = connection->assigned_client_id.known
	                      ? interner_text(model->texts, connection->assigned_client_id.value)
	                      : connection_key(connection, index, key);
	model_attach(model, index, model_add_client(model, connection->broker, id));
}

static Outcome outcome_of(const Connection *connection, const Client *client)
{
	bool old = connection->version == MQTT_3_1; /* no Session Present there */
	if (old && connection->clean_start)
		return OUTCOME_FRESH_AS_REQUESTED;
	if (connection->session_present)
		return OUTCOME_RESUMED;
	if (connection->clean_start)
		return OUTCOME_FRESH_AS_REQUESTED;
	if (client->accepted == NO_INDEX)
		return OUTCOME_FIRST_SEEN;
	/* Only a delivery can tell in MQTT 3.1. */
	return old ? OUTCOME_NOT_OBSERVABLE : OUTCOME_FRESH_UNEXPECTED;
}

/* The client's older connection is the broker's to close now ([MQTT-3.1.4-2], 5.0 [MQTT-3.1.4-3]):
 * for the session it ends here. */
static void supersede(Live *live, Client *client)
{
	if (client->current == NO_INDEX || client->current == live->connection)
		return;
	Live *older = presence_at(live->model, connection_of(live)->client)->live;
	if (older != NULL) {
		marks_superseded(older, connection_of(live));
		unheard_settle(older, connection_of(live)->connack_time);
		live_leave(older);
	}
}

static void forget_subscriptions(Model *model, Client *client)
{
	note_unsure(model, client);
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		topics_hold(model->topics, client->subscriptions[i].filter,
		            client->subscriptions[i].shared, -1);
	client->n_subscriptions = 0;
}

static void begin_session(Live *live, Client *client)
{
	const Connection *connection = connection_of(live);
	Outcome outcome = connection->outcome;
	bool resumed = outcome == OUTCOME_RESUMED || outcome == OUTCOME_NOT_OBSERVABLE;
	if (resumed && client->accepted == NO_INDEX)
		client->subscriptions_partial = client->wants_messages = true;
	away_return(live, resumed);
	unfinished_return(live, resumed);
	if (!resumed) {
		forget_subscriptions(live->model, client);
		client->subscriptions_partial = client->subscriptions_unsure = false;
		client->subscriptions_unanswered = false;
	}
}

static void accept(Live *live)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	Client *client = client_at(model, connection->client);
	supersede(live, client);
	broker_at(model, connection->broker)->n_accepted++;
	marks_open(live);
	connection->outcome = (uint8_t)outcome_of(connection, client);
	connection->accepted_before = client->accepted;
	learn_reconnect(model, connection, client);
	begin_session(live, client);
	client->accepted = client->current = live->connection;
	presence_at(model, connection->client)->live = live;
	live->accepted = true;
	if (connection->has_will) {
		wills_keep(live);
		pairing_will(live);
	}
	if (connection->outcome == OUTCOME_RESUMED)
		served_watch(live);
	Expiry expiry = connection_expiry(connection);
	live->keeps = !expiry_known(expiry) || expiry.seconds > 0 || !connection->clean_start;
}

void observe_connack(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	if (connection->connack_seen || event->packet->truncated)
		return;
	copy_connack(model, connection, event);
	if (connection->connect_seen && connection->client == NO_INDEX)
		attach_unnamed(model, live->connection);
	if (connection->return_code != 0) {
		model->counts.refused++;
		connection->outcome = OUTCOME_REFUSED;
		marks_turned_away(live, &event->begin);
	} else if (connection->client != NO_INDEX) {
		bool tells = event->packet->version == MQTT_5_0;
		note_backend(model, connection, &live->opening,
		             tells ? backend_announces(&event->packet->properties) : 0);
		accept(live);
	}
	learn_connack(model, connection, event->packet);
}
