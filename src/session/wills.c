/* SPDX-License-Identifier: MIT */
#include "src/session/wills.h"

#include "src/session/content_key.h"
#include "src/session/stalls.h"

enum { WILLS_MAX = 1 << 16 };

/* Brokers look at their timers now and then. */
#define TIMER_GRAIN_NS (2 * NS_PER_SECOND)

typedef struct Will {
	uint64_t key;
	ConnectionIndex connection; /* the last that carried it */
	uint64_t hole_bytes;        /* of the broker, when the first came */
	bool published;             /* somebody has said the same */
} Will;

static uint64_t key_of_will(const Model *model, const Remarks *remarks)
{
	MqttHash payload = {remarks->will_payload, 0};
	return content_key(interner_text(model->texts, remarks->will_topic), payload, 0);
}

void wills_keep(Live *live)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const Remarks *remarks = model_remarks(model, connection);
	if (connection->version != MQTT_5_0 || remarks->will_delay == 0 || remarks->will_size == 0)
		return; /* an empty one may be anybody's */
	if (model->wills == NULL)
		model->wills = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	uint64_t key = key_of_will(model, remarks);
	Will *will = g_hash_table_lookup(model->wills, &key);
	if (will == NULL && g_hash_table_size(model->wills) >= WILLS_MAX)
		return;
	if (will == NULL) {
		will = g_new0(Will, 1);
		will->key = key;
		will->hole_bytes = broker_at(model, connection->broker)->hole_bytes;
		g_hash_table_insert(model->wills, &will->key, will);
	}
	will->connection = live->connection;
	ByteSpan topic = interner_text(model->texts, remarks->will_topic);
	model->will_shapes |= will_shape(topic.size, remarks->will_size);
}

static Will *find(const Model *model, const MqttPublish *publish)
{
	MqttHash hash;
	if (!publish_hash(publish, &hash))
		return NULL;
	uint64_t key = content_key(publish->resolved_topic, hash, 0);
	return g_hash_table_lookup(model->wills, &key);
}

void wills_published(Live *live, const MqttEvent *event)
{
	Will *will = find(live->model, &event->packet->publish);
	if (will != NULL)
		will->published = true;
}

/* On this connection nothing waits that is older: neither retained nor queued. */
static bool comes_fresh(const Live *live, const MqttEvent *event, const Connection *of)
{
	const MqttPublish *publish = &event->packet->publish;
	const Connection *to = connection_of(live);
	return !publish->retain && !publish->dup && live->accepted && live->away == NULL &&
	       to->broker == of->broker && to->connack_time.ns < of->connect_time.ns &&
	       mqtt_stream_unanswered(live->stream, event->side) < window_of(to);
}

/* The connection is over, its Will was not withdrawn by the DISCONNECT ([MQTT-3.1.2-10]), and its
 * client has not tried to come back. */
static bool is_due(const Model *model, const Connection *connection, ConnectionIndex index)
{
	const Client *client = client_at(model, connection->client);
	bool withdrawn = connection->client_disconnected &&
	                 connection->client_disconnect_reason != 0x04;
	return instant_known(connection->closed) && !withdrawn && client->last == index;
}

/* The one of a connection before may have been late. */
static bool is_of_earlier(const Model *model, const Connection *connection)
{
	if (connection->accepted_before == NO_INDEX)
		return false;
	const Connection *earlier = connection_at(model, connection->accepted_before);
	int64_t delay = model_remarks(model, earlier)->will_delay * NS_PER_SECOND;
	return earlier->has_will &&
	       (!instant_known(earlier->closed) ||
	        earlier->closed.ns + delay + 10 * NS_PER_SECOND > connection->closed.ns);
}

static void judge(Model *model, const Will *will, const MqttEvent *event)
{
	Connection *connection = connection_at(model, will->connection);
	Broker *broker = broker_at(model, connection->broker);
	Remarks *remarks = remarks_of(model, connection);
	int64_t delay = remarks->will_delay * NS_PER_SECOND;
	int64_t waited = event->begin.time.ns - connection->closed.ns;
	if (waited >= delay - MAX(TIMER_GRAIN_NS, delay / 10)) {
		broker->facts.waits_for_will_delay |= delay > 5 * NS_PER_SECOND;
		return;
	}
	if (remarks->early_will.frame.number != 0 ||
	    event->packet->publish.qos > remarks->will_qos || is_of_earlier(model, connection))
		return;
	remarks->early_will = event->begin;
	model->n_early_wills++;
}

void wills_delivered(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Will *will = find(model, &event->packet->publish);
	if (will == NULL || will->published)
		return;
	const Connection *of = connection_at(model, will->connection);
	if (!comes_fresh(live, event, of))
		return;
	if (is_due(model, of, will->connection))
		judge(model, will, event);
	else if (client_at(model, of->client)->last == will->connection)
		will->published = true; /* its client is there, or has withdrawn it */
}

/* --- at the end --------------------------------------------------------------------------- */

static void take_back(Model *model, Connection *connection)
{
	remarks_of(model, connection)->early_will = (StreamPoint){.time = INSTANT_UNKNOWN};
}

/* Some connections to that host show nothing of what they publish. */
static bool is_blind(const Model *model, const Broker *broker)
{
	if (model->counts.unnamed > 0 || model->counts.untracked_messages > 0)
		return true;
	GHashTableIter iter;
	void *endpoint;
	g_hash_table_iter_init(&iter, model->undecoded);
	while (g_hash_table_iter_next(&iter, &endpoint, NULL))
		if (ip_address_equal(&((const Endpoint *)endpoint)->address, &broker->endpoint.address))
			return true;
	return false;
}

/* Has any other client the same Will?  Each key stands for its one client, or for nobody. */
static void note_owner(const Model *model, GHashTable *owners, const Connection *connection)
{
	uint64_t key = key_of_will(model, model_remarks(model, connection));
	void *owner = GUINT_TO_POINTER(connection->client + 1);
	void *known;
	if (!g_hash_table_lookup_extended(owners, &key, NULL, &known))
		g_hash_table_insert(owners, g_memdup2(&key, sizeof key), owner);
	else if (known != owner)
		g_hash_table_insert(owners, g_memdup2(&key, sizeof key), NULL);
}

static bool is_certain(const Model *model, GHashTable *owners, const Connection *connection)
{
	uint64_t key = key_of_will(model, model_remarks(model, connection));
	const Will *will = g_hash_table_lookup(model->wills, &key);
	const Broker *broker = broker_at(model, connection->broker);
	/* That something is missing shows only later: in all that is, another may have said the same. */
	return will != NULL && !will->published && g_hash_table_lookup(owners, &key) != NULL &&
	       broker->hole_bytes == will->hole_bytes && !is_blind(model, broker);
}

void wills_finish(Model *model, Breath *breath)
{
	if (model->n_early_wills == 0)
		return;
	g_autoptr(GHashTable) owners = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	for (ConnectionIndex i = 0; i < model->connections.n; i++) {
		const Connection *connection = connection_at(model, i);
		if (connection->has_will && connection->client != NO_INDEX)
			note_owner(model, owners, connection);
		breath_take(breath);
	}
	for (ConnectionIndex i = 0; i < model->connections.n; i++) {
		Connection *connection = connection_at(model, i);
		if (model_remarks(model, connection)->early_will.frame.number != 0 &&
		    !is_certain(model, owners, connection))
			take_back(model, connection);
		breath_take(breath);
	}
}
