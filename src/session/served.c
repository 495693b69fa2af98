/* SPDX-License-Identifier: MIT */
#include "src/session/served.h"

#include "src/session/away_private.h"
#include "src/session/clues.h"
#include "src/session/matching.h"
#include "src/session/observe_parts.h"
#include "src/session/pairing.h"
#include "src/session/registry.h"
#include "src/session/stalls.h"

enum { WATCHES_MAX = 64, WATCH_S = 60, LEAST = 2 };

/* What was published this short before the end may still have been under way. */
#define UNDER_WAY_NS (10 * NS_PER_SECOND)

struct Watch {
	Live *live;
	uint64_t since; /* the first message that counts */
	uint64_t hole_bytes; /* of the broker, then */
	unsigned n;
	uint32_t filters[SERVED_LOOK]; /* by which nothing has come yet */
};

/* --- what came ---------------------------------------------------------------------------- */

static void stop(Watch *watch, unsigned i)
{
	topics_await(watch->live->model->topics, watch->filters[i], -1);
	watch->filters[i] = watch->filters[--watch->n];
}

static void release(Watch *watch)
{
	Live *live = watch->live;
	while (watch->n > 0)
		stop(watch, 0);
	g_ptr_array_remove_fast(live->model->watches, watch);
	g_free(watch);
	live->watch = NULL;
}

static void note_came(Live *live, ByteSpan topic)
{
	Watch *watch = live->watch;
	for (unsigned i = watch->n; i-- > 0;)
		if (filter_matches_topic(topics_filter(live->model->topics, watch->filters[i]), topic))
			stop(watch, i);
	if (watch->n == 0)
		release(watch);
}

/* One that only one subscription can have brought. */
static void note_served(Live *live, ByteSpan topic)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	Client *client = client_at(model, connection->client);
	Subscription *only = NULL;
	if (client->n_subscriptions > SERVED_LOOK)
		return;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		Subscription *subscription = &client->subscriptions[i];
		if (!filter_matches_topic(topics_filter(model->topics, subscription->filter), topic))
			continue;
		if (only != NULL)
			return;
		only = subscription;
	}
	if (only != NULL)
		only->served = true;
}

void served_note(Live *live, const MqttEvent *event)
{
	const MqttPublish *publish = &event->packet->publish;
	if (!live->accepted || live->left || !publish->topic_known)
		return;
	if (live->watch != NULL && !publish->retain)
		note_came(live, publish->resolved_topic);
	if (live->n_looked >= SERVED_LOOK || publish->retain)
		return;
	live->n_looked++;
	note_served(live, publish->resolved_topic);
}

/* --- what did not ------------------------------------------------------------------------- */

/* No one else's to take, no echo that is held back, and proven. */
static bool is_watched(const Subscription *subscription)
{
	return subscription->served && subscription->proven && subscription->qos > 0 &&
	       !subscription->shared && !subscription->no_local;
}

void served_watch(Live *live)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const Client *client = client_at(model, connection->client);
	if (client->n_subscriptions == 0 || client->n_subscriptions > SERVED_LOOK ||
	    client->subscriptions_unanswered || connection->maximum_packet_size.known ||
	    connection->bridge || (model->watches != NULL && model->watches->len >= WATCHES_MAX))
		return;
	Watch watch = {.live = live, .since = message_log_next(model->messages),
	               .hole_bytes = broker_at(model, connection->broker)->hole_bytes};
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		if (is_watched(&client->subscriptions[i]))
			watch.filters[watch.n++] = client->subscriptions[i].filter;
	if (watch.n == 0)
		return;
	if (model->watches == NULL)
		model->watches = g_ptr_array_new();
	for (unsigned i = 0; i < watch.n; i++)
		topics_await(model->topics, watch.filters[i], 1);
	live->watch = g_memdup2(&watch, sizeof watch);
	g_ptr_array_add(model->watches, live->watch);
}

void served_forget(Live *live, uint32_t filter)
{
	Watch *watch = live->watch;
	for (unsigned i = watch == NULL ? 0 : watch->n; i-- > 0;)
		if (watch->filters[i] == filter)
			stop(watch, i);
	if (watch != NULL && watch->n == 0)
		release(watch);
}

typedef struct Unserved {
	const Model *model;
	const Watch *watch;
	ClientIndex client;
	Instant until;
	uint64_t first;
	uint32_t n, n_nobody;
} Unserved;

static bool count_topic(void *user, uint32_t topic)
{
	Unserved *unserved = user;
	const Model *model = unserved->model;
	uint64_t sequence = topics_newest(model->topics, topic);
	while (sequence >= unserved->watch->since) {
		const Message *message = message_log_at(model->messages, sequence);
		if (message == NULL)
			return true;
		bool taken = message->state == MESSAGE_ACCEPTED || message->state == MESSAGE_NO_MATCHING;
		if (taken && message->time.ns <= unserved->until.ns &&
		    message->expiry == UINT32_MAX && message->publisher != unserved->client &&
		    is_one_broker(model, message->broker,
		                  client_at(model, unserved->client)->broker)) {
			unserved->n++;
			unserved->n_nobody += message->state == MESSAGE_NO_MATCHING;
			unserved->first = unserved->first == 0 ? sequence : MIN(sequence, unserved->first);
		}
		sequence = message->previous;
	}
	return true;
}

/* The broker could send: the client takes more, and shows that it is there. */
static bool is_served_else(const Live *live, Instant after)
{
	const Connection *connection = connection_of(live);
	unsigned broker_side = (unsigned)!live->client_side;
	return mqtt_stream_unanswered(live->stream, broker_side) < window_of(connection) &&
	       instant_known(live->last_from_client) && live->last_from_client.ns >= after.ns;
}

static AbsenceIndex cost_of(Model *model, const Unserved *unserved)
{
	Absence cost = {
		.owed = {unserved->n, unserved->n},
		.lost = {unserved->n, unserved->n},
		.lost_connected = unserved->n,
		.resumed = true,
		.first_owed = INSTANT_UNKNOWN,
		.last_owed = INSTANT_UNKNOWN,
		.no_matching = INSTANT_UNKNOWN,
	};
	away_add_example(&cost, message_log_at(model->messages, unserved->first));
	return model_keep_absence(model, &cost);
}

static void judge(Live *live, uint32_t filter, Instant now)
{
	Model *model = live->model;
	Watch *watch = live->watch;
	Connection *connection = connection_of(live);
	Unserved unserved = {.model = model, .watch = watch, .client = connection->client,
	                     .until = {now.ns - UNDER_WAY_NS}};
	topics_visit(model->topics, filter, watch->since, count_topic, &unserved);
	const Message *first = message_log_at(model->messages, unserved.first);
	if (unserved.n < LEAST || first == NULL || !is_served_else(live, first->time))
		return;
	StreamPoint at = {first->frame, first->time};
	Clue *clue = clue_put(model, connection, CLUE_NOT_SERVED, &at);
	if (clue == NULL)
		return;
	clue->filter = filter;
	clue->n = unserved.n;
	clue->answered = unserved.n_nobody == unserved.n ? 0x10 : 0;
	clue->unsure = connection->holes > 0 ||
	               broker_at(model, connection->broker)->hole_bytes != watch->hole_bytes;
	clue->cost = cost_of(model, &unserved);
}

static void end(Live *live, Instant now)
{
	for (unsigned i = 0; i < live->watch->n; i++)
		judge(live, live->watch->filters[i], now);
	release(live->watch);
}

void served_end(Live *live)
{
	if (live->watch != NULL)
		end(live, live->model->counts.last);
}

void served_sweep(Model *model, Instant now)
{
	for (guint i = model->watches == NULL ? 0 : model->watches->len; i-- > 0;) {
		Live *live = ((Watch *)g_ptr_array_index(model->watches, i))->live;
		Instant back = connection_of(live)->connack_time;
		if (now.ns - back.ns > WATCH_S * NS_PER_SECOND)
			end(live, now);
	}
}
