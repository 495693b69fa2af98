/* SPDX-License-Identifier: MIT */
#include "src/session/observe_parts.h"

#include "src/session/away.h"
#include "src/session/matching.h"

enum {
	MAX_SUBSCRIPTIONS = 4096, /* of one client; beyond it they are not followed */
	MAX_UNANSWERED = 64,      /* SUBSCRIBE and UNSUBSCRIBE packets of one connection */
};

/* What a SUBSCRIBE asked for, until its SUBACK says which were granted. */
struct Asked {
	Asked *next;
	uint16_t packet_id;
	uint32_t n;
	Subscription subscriptions[];
};

static Client *client_of(const Live *live)
{
	ClientIndex client = connection_at(live->model, live->connection)->client;
	return client == NO_INDEX ? NULL : client_at(live->model, client);
}

static uint32_t count_entries(const MqttPacket *packet)
{
	size_t position = 0;
	MqttFilter filter;
	uint32_t n = 0;
	while (n < MAX_SUBSCRIPTIONS && mqtt_filter_next(packet, &position, &filter))
		n++;
	return n;
}

/* A SUBACK whose SUBSCRIBE was not captured granted something that is not known by name. */
static void note_unknown_grants(Client *client, const MqttPacket *packet)
{
	size_t position = 0;
	uint8_t code;
	while (mqtt_code_next(packet, &position, &code))
		if (code <= 2)
			client->subscriptions_partial = client->wants_messages = true;
}

static Subscription *find(const Client *client, uint32_t filter)
{
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		if (client->subscriptions[i].filter == filter)
			return &client->subscriptions[i];
	return NULL;
}

static void put(Client *client, const Subscription *subscription)
{
	Subscription *known = find(client, subscription->filter);
	if (known != NULL) {
		*known = *subscription;
		return;
	}
	if (client->n_subscriptions >= MAX_SUBSCRIPTIONS) {
		client->subscriptions_partial = true;
		return;
	}
	client->subscriptions = g_renew(Subscription, client->subscriptions,
	                                client->n_subscriptions + 1);
	client->subscriptions[client->n_subscriptions++] = *subscription;
}

static void drop(Client *client, uint32_t filter)
{
	Subscription *known = find(client, filter);
	if (known != NULL)
		*known = client->subscriptions[--client->n_subscriptions];
}

static Asked *ask(Live *live, const MqttEvent *event)
{
	uint32_t n = count_entries(event->packet);
	Asked *asked = g_malloc(sizeof(Asked) + n * sizeof(Subscription));
	asked->n = 0;
	size_t position = 0;
	MqttFilter filter;
	while (asked->n < n && mqtt_filter_next(event->packet, &position, &filter)) {
		ByteSpan plain;
		asked->subscriptions[asked->n++] = (Subscription){
			.filter = topics_add_filter(live->model->topics, filter.filter),
			.qos = filter.qos,
			.no_local = filter.no_local,
			.retain_as_published = filter.retain_as_published,
			.shared = filter_is_shared(filter.filter, &plain),
			.since = event->begin.frame,
		};
	}
	return asked;
}

/* One at a time as a rule, so a list will do. */
static Asked *take_asked(Live *live, uint16_t packet_id)
{
	for (Asked **link = &live->asked; *link != NULL; link = &(*link)->next) {
		Asked *asked = *link;
		if (asked->packet_id != packet_id)
			continue;
		*link = asked->next;
		live->n_asked--;
		return asked;
	}
	return NULL;
}

static Asked *take_answered(Live *live, const MqttEvent *event)
{
	return event->exchange == NULL ? NULL : take_asked(live, event->packet->packet_id);
}

void forget_asked(Live *live)
{
	while (live->asked != NULL) {
		Asked *asked = live->asked;
		live->asked = asked->next;
		g_free(asked);
	}
}

static void put_asked(Live *live, const MqttEvent *event)
{
	if (event->exchange == NULL || event->exchange->tag != 0)
		return;
	g_free(take_asked(live, event->exchange->packet_id));
	if (live->n_asked == MAX_UNANSWERED) {
		Client *client = client_of(live);
		if (client != NULL)
			client->subscriptions_partial = true;
		return;
	}
	Asked *asked = ask(live, event);
	asked->packet_id = event->exchange->packet_id;
	asked->next = live->asked;
	live->asked = asked;
	live->n_asked++;
}

void observe_subscribe(Live *live, const MqttEvent *event)
{
	Connection *connection = connection_at(live->model, live->connection);
	if (!connection->connack_seen)
		connection->subscribed_early = true;
	connection->n_subscribes++;
	put_asked(live, event);
}

void observe_unsubscribe(Live *live, const MqttEvent *event)
{
	put_asked(live, event);
}

void observe_suback(Live *live, const MqttEvent *event)
{
	Client *client = client_of(live);
	g_autofree Asked *asked = take_answered(live, event);
	if (client == NULL)
		return;
	if (asked == NULL) {
		note_unknown_grants(client, event->packet);
		return;
	}
	size_t position = 0;
	uint8_t code;
	for (uint32_t i = 0; i < asked->n && mqtt_code_next(event->packet, &position, &code); i++) {
		Subscription *subscription = &asked->subscriptions[i];
		if (code > 2)
			continue; /* refused: 0x80 and above */
		subscription->qos = code;
		subscription->proven = true;
		subscription->since_message = message_log_next(live->model->messages);
		if (live->away != NULL)
			away_restored(live, subscription->filter, event->begin.frame);
		put(client, subscription);
		client->wants_messages = true;
	}
}

/* The connection ends, and nothing says what became of these: what was asked for may hold, or hold
 * no more. */
bool observe_unanswered(const Live *live)
{
	return live->asked != NULL;
}

void observe_unsuback(Live *live, const MqttEvent *event)
{
	Client *client = client_of(live);
	g_autofree Asked *asked = take_answered(live, event);
	if (asked == NULL || client == NULL)
		return;
	/* 3.x acknowledges all of them; 5.0 one by one, 0x11: there was none. */
	size_t position = 0;
	for (uint32_t i = 0; i < asked->n; i++) {
		uint8_t code = 0;
		mqtt_code_next(event->packet, &position, &code);
		if (code < 0x80)
			drop(client, asked->subscriptions[i].filter);
	}
}
