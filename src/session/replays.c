/* SPDX-License-Identifier: MIT */
#include "src/session/replays.h"

#include "src/session/clues.h"
#include "src/session/content_key.h"
#include "src/session/matching.h"
#include "src/session/observe_parts.h"

enum { PUBLISHED_BITS = 12, HAD_BITS = 14 };

/* A message that the broker was told to retain. */
typedef struct Published {
	uint64_t key; /* of topic, payload and broker; 0: none */
	Instant time; /* the last time it was published */
} Published;

/* That a client got it as any other message. */
typedef struct Had {
	uint64_t key;
	ClientIndex client;
	ConnectionIndex connection;
	StreamPoint at;
} Had;

struct Replays {
	Published published[1 << PUBLISHED_BITS];
	Had had[1 << HAD_BITS];
};

static uint64_t key_of(const MqttPublish *publish, BrokerIndex broker)
{
	return content_key(publish->resolved_topic, publish->hash, broker);
}

static Published *published_at(Replays *replays, uint64_t key)
{
	return &replays->published[key >> (64 - PUBLISHED_BITS)];
}

static Had *had_at(Replays *replays, uint64_t key, ClientIndex client)
{
	return &replays->had[mix64(key + client) >> (64 - HAD_BITS)];
}

void replays_published(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const MqttPublish *publish = &event->packet->publish;
	/* One without payload takes the retained message away ([MQTT-3.3.1-6]). */
	if (!publish->topic_known || !publish->has_hash || publish->payload_size == 0)
		return;
	if (model->replays == NULL)
		model->replays = g_new0(Replays, 1);
	uint64_t key = key_of(publish, connection_of(live)->broker);
	Published *published = published_at(model->replays, key);
	if (published->key != key || !publish->dup)
		*published = (Published){key, event->begin.time};
}

static void note_had(Live *live, const MqttEvent *event, uint64_t key)
{
	Replays *replays = live->model->replays;
	ClientIndex client = connection_of(live)->client;
	*had_at(replays, key, client) = (Had){key, client, live->connection, event->begin};
}

/* The subscription by which a message of @topic with RETAIN 1 came; NULL if it was none that this
 * connection made, or if one may pass the flag on as it was published (Retain As Published). */
static const Subscription *asked_by(const Live *live, const Client *client, ByteSpan topic)
{
	const Subscription *by = NULL;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (!filter_matches_topic(topics_filter(live->model->topics, subscription->filter), topic))
			continue;
		if (subscription->retain_as_published)
			return NULL;
		if (subscription->connection == live->connection)
			by = subscription;
	}
	return by;
}

/* Before this connection, or on it from the queue; and nobody has published the same once more
 * since. */
static bool had_before(const Live *live, const Had *had, const Published *published)
{
	const Connection *connection = connection_of(live);
	return had->at.time.ns >= published->time.ns &&
	       (had->connection != live->connection ||
	        published->time.ns < connection->connect_time.ns);
}

/* Who asks for a new session wants the retained messages anew. */
static bool comes_back(const Connection *connection)
{
	return connection->accepted_before != NO_INDEX && !connection->bridge &&
	       (connection->outcome == OUTCOME_RESUMED ||
	        connection->outcome == OUTCOME_FRESH_UNEXPECTED);
}

static void note_replay(Live *live, const MqttEvent *event, const Published *published)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const Client *client = client_at(model, connection->client);
	const Had *had = had_at(model->replays, published->key, connection->client);
	if (!comes_back(connection) || live->asked != NULL || had->key != published->key ||
	    had->client != connection->client || !had_before(live, had, published))
		return;
	const Subscription *by = asked_by(live, client, event->packet->publish.resolved_topic);
	if (by == NULL)
		return;
	Clue *clue = clue_put(model, connection, CLUE_RETAINED_AGAIN, &event->begin);
	if (clue == NULL)
		return;
	clue->filter = by->filter;
	clue->unsure = client->subscriptions_unsure || client->subscriptions_unanswered ||
	               client->subscriptions_partial;
	clue_put(model, connection, CLUE_HAD_BEFORE, &had->at);
}

void replays_delivered(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	if (!publish->topic_known || !publish->has_hash || connection->client == NO_INDEX)
		return;
	uint64_t key = key_of(publish, connection->broker);
	const Published *published = published_at(model->replays, key);
	if (published->key != key)
		return;
	if (publish->retain)
		note_replay(live, event, published);
	else
		note_had(live, event, key);
}
