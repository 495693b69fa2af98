/* SPDX-License-Identifier: MIT */
#include "src/session/observe_parts.h"

#include "src/session/away.h"
#include "src/session/matching.h"
#include "src/session/served.h"

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
	ClientIndex client = connection_of(live)->client;
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

/* What a session before needed stays: most ask for the same again. */
static void make_room(Client *client)
{
	client->subscription_room = MAX(client->subscription_room * 2, 1);
	client->subscriptions = g_renew(Subscription, client->subscriptions, client->subscription_room);
}

static void put(Topics *topics, Client *client, const Subscription *subscription)
{
	Subscription *known = find(client, subscription->filter);
	if (known != NULL) {
		bool served = known->served;
		*known = *subscription;
		known->served = served;
		return;
	}
	if (client->n_subscriptions >= MAX_SUBSCRIPTIONS) {
		client->subscriptions_partial = true;
		return;
	}
	if (client->n_subscriptions == client->subscription_room)
		make_room(client);
	client->subscriptions[client->n_subscriptions++] = *subscription;
	topics_hold(topics, subscription->filter, subscription->shared, 1);
}

static void drop(Topics *topics, Client *client, uint32_t filter)
{
	Subscription *known = find(client, filter);
	if (known == NULL)
		return;
	topics_hold(topics, filter, known->shared, -1);
	*known = client->subscriptions[--client->n_subscriptions];
}

static uint32_t identifier_of(const MqttPacket *packet)
{
	return mqtt_has_property(&packet->properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER)
	               ? packet->properties.number[MQTT_PROP_SUBSCRIPTION_IDENTIFIER] : 0;
}

static Asked *ask(Live *live, const MqttEvent *event)
{
	uint32_t n = count_entries(event->packet);
	Asked *asked = g_malloc(sizeof(Asked) + n * sizeof(Subscription));
	asked->n = 0;
	size_t position = 0;
	bool bridge = connection_of(live)->bridge;
	MqttFilter filter;
	while (asked->n < n && mqtt_filter_next(event->packet, &position, &filter)) {
		ByteSpan plain;
		asked->subscriptions[asked->n++] = (Subscription){
			.filter = topics_add_filter(live->model->topics, filter.filter),
			.qos = filter.qos,
			/* To a bridge, brokers do not send back what it brought. */
			.no_local = filter.no_local || bridge,
			.retain_as_published = filter.retain_as_published,
			.shared = filter_is_shared(filter.filter, &plain),
			.if_new = filter.retain_handling == 1,
			.connection = live->connection,
			.lived_to = NO_INDEX,
			.identifier = identifier_of(event->packet),
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

/* Something for the client is under way. */
static bool has_unacknowledged(const Live *live)
{
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL)
		if (exchange->type == MQTT_PUBLISH && (int)exchange->side != live->client_side)
			return true;
	return false;
}

/* A resumed session brought messages, the client has acknowledged them all, and only then asks for
 * them: whether its application was ready by then, nobody knows. */
static void note_late_subscribe(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const Clue *early = model_clue(model, connection, CLUE_EARLY_DELIVERY);
	if (early == NULL || has_unacknowledged(live))
		return;
	size_t position = 0;
	MqttFilter filter;
	while (mqtt_filter_next(event->packet, &position, &filter)) {
		if (!filter_matches_topic(filter.filter, model_text(model, early->topic)))
			continue;
		Clue *clue = clue_put(model, connection, CLUE_SUBSCRIBED_LATE, &event->begin);
		if (clue != NULL)
			clue->filter = topics_add_filter(model->topics, filter.filter);
		return;
	}
}

void observe_subscribe(Live *live, const MqttEvent *event)
{
	Connection *connection = connection_of(live);
	if (!connection->connack_seen)
		connection->subscribed_early = true;
	connection->n_subscribes++;
	put_asked(live, event);
	if (connection->n_subscribes == 1 && connection->publish_before_subscribe)
		note_late_subscribe(live, event);
}

void observe_unsubscribe(Live *live, const MqttEvent *event)
{
	put_asked(live, event);
}

/* The session held it when this connection began. */
static bool was_held(const Live *live, const Subscription *known)
{
	return known != NULL && known->proven && known->connection != live->connection &&
	       known->lived_to != live->connection && /* by its identifier it is there */
	       connection_of(live)->outcome == OUTCOME_RESUMED;
}

static void note_grant(Live *live, const MqttEvent *event, Subscription *subscription, uint8_t code)
{
	Model *model = live->model;
	const Subscription *known = find(client_of(live), subscription->filter);
	subscription->if_new = subscription->if_new && was_held(live, known);
	if (code >= subscription->qos)
		return;
	Clue *clue = clue_put(model, connection_of(live), CLUE_GRANTED_LESS,
	                      &event->begin);
	if (clue == NULL)
		return;
	clue->filter = subscription->filter;
	clue->asked = subscription->qos;
	clue->answered = code;
}

/* What had been granted is refused now: in this session, or in the one before that is gone. */
static void note_refusal(Live *live, const MqttEvent *event, const Subscription *asked, uint8_t code)
{
	Model *model = live->model;
	Client *client = client_of(live);
	bool held = was_held(live, find(client, asked->filter));
	if (!held && !away_missed(live->away, asked->filter))
		return;
	drop(model->topics, client, asked->filter);
	client->subscriptions_unsure = true; /* brokers differ in whether the old one stays */
	Clue *clue = clue_put(model, connection_of(live), CLUE_REFUSED_NOW,
	                      &event->begin);
	if (clue == NULL)
		return;
	clue->filter = asked->filter;
	clue->asked = asked->qos;
	clue->answered = code;
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
		if (code > 2) { /* refused: 0x80 and above */
			note_refusal(live, event, subscription, code);
			continue;
		}
		note_grant(live, event, subscription, code);
		subscription->qos = code;
		subscription->proven = true;
		subscription->since_message = message_log_next(live->model->messages);
		if (live->away != NULL)
			away_restored(live, subscription->filter, event->begin.frame);
		served_forget(live, subscription->filter);
		put(live->model->topics, client, subscription);
		client->wants_messages = true;
	}
}

/* The connection ends, and nothing says what became of these: what was asked for may hold, or hold
 * no more. */
bool observe_unanswered(const Live *live)
{
	return live->asked != NULL;
}

/* UNSUBACK 0x11, no subscription existed (5.0 §3.11.3), for one that the session should hold. */
static void note_not_subscribed(Live *live, const MqttEvent *event, uint32_t filter)
{
	Model *model = live->model;
	const Client *client = client_of(live);
	if (!was_held(live, find(client, filter)))
		return;
	Clue *clue = clue_put(model, connection_of(live), CLUE_NOT_SUBSCRIBED,
	                      &event->begin);
	if (clue == NULL)
		return;
	clue->filter = filter;
	clue->answered = 0x11;
	clue->unsure = client->subscriptions_unsure || client->subscriptions_unanswered;
}

void note_unsure(Model *model, Client *client)
{
	if (client->was_unsure || !(client->subscriptions_partial || client->subscriptions_unsure ||
	                            client->subscriptions_unanswered))
		return;
	client->was_unsure = true;
	broker_at(model, client->broker)->n_unsure++;
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
		if (code == 0x11)
			note_not_subscribed(live, event, asked->subscriptions[i].filter);
		served_forget(live, asked->subscriptions[i].filter);
		if (code >= 0x80)
			continue;
		away_renounced(live, asked->subscriptions[i].filter);
		drop(live->model->topics, client, asked->subscriptions[i].filter);
	}
	if (live->away != NULL)
		away_unsubscribed(live);
}
