/* SPDX-License-Identifier: MIT */
#include "src/session/stalls.h"

#include "src/session/deliveries.h"
#include "src/session/filter_log.h"

struct Suspect {
	Live *live;
	uint64_t since;    /* the first message that counts; 0: not watched yet */
	Stall seen;
	uint32_t *filters; /* what the client had subscribed to with QoS 1 or 2; awaited */
	uint32_t n_filters;
	uint32_t n_subscriptions, n_subscribes; /* of the client and the connection, then */
	uint64_t held_since; /* the first message since the window is full */
	GArray *sent;        /* see Held */
};

void held_free(Held *held)
{
	g_array_unref(held->sent);
	g_free(held);
}

void stalls_free(Suspect *suspect)
{
	g_array_unref(suspect->sent);
	g_free(suspect->filters);
	g_free(suspect);
}

/* What the client has to answer: a PUBREL would be the broker's turn. */
static Stall look_at_window(Live *live)
{
	Stall stall = {.oldest_time = INSTANT_UNKNOWN, .newest_time = INSTANT_UNKNOWN,
	               .held_time = INSTANT_UNKNOWN};
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL) {
		if (exchange->type != MQTT_PUBLISH || (int)exchange->side == live->client_side ||
		    exchange->uncertain || exchange->opened_unseen ||
		    exchange->state == MQTT_EXCHANGE_RECEIVED)
			continue;
		if (stall.n_in_flight++ == 0) {
			stall.oldest = exchange->opened.frame;
			stall.oldest_time = exchange->opened.time;
		}
		stall.newest = exchange->opened.frame;
		stall.newest_time = exchange->opened.time;
	}
	return stall;
}

static bool is_full(const Live *live, Stall window)
{
	return window.n_in_flight >= window_of(connection_of(live));
}

/* --- while it is watched ------------------------------------------------------------------ */

static void await(const Suspect *suspect, int change)
{
	for (uint32_t i = 0; i < suspect->n_filters; i++)
		topics_await(suspect->live->model->topics, suspect->filters[i], change);
}

/* Messages for it are kept from now on. */
static void take_filters(Suspect *suspect)
{
	Live *live = suspect->live;
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const Client *client = client_at(model, connection->client);
	suspect->n_subscriptions = client->n_subscriptions;
	suspect->n_subscribes = connection->n_subscribes;
	suspect->filters = g_renew(uint32_t, suspect->filters, client->n_subscriptions);
	suspect->n_filters = 0;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->qos > 0 && !subscription->shared && !subscription->no_local)
			suspect->filters[suspect->n_filters++] = subscription->filter;
	}
	await(suspect, 1);
}

static bool is_subscribed_otherwise(const Suspect *suspect)
{
	const Live *live = suspect->live;
	const Connection *connection = connection_of(live);
	return suspect->n_subscribes != connection->n_subscribes ||
	       suspect->n_subscriptions != client_at(live->model, connection->client)->n_subscriptions;
}

static void begin_watch(Suspect *suspect)
{
	if (is_subscribed_otherwise(suspect)) {
		await(suspect, -1);
		take_filters(suspect);
		suspect->held_since = 0; /* what was for it before is not all known */
	}
	suspect->since = message_log_next(suspect->live->model->messages);
}

/* How many the broker took for the client; of overlapping filters the one that matched most. */
static void count_held(const Suspect *suspect, Stall *stall)
{
	Model *model = suspect->live->model;
	BrokerIndex broker = connection_of(suspect->live)->broker;
	for (uint32_t i = 0; i < suspect->n_filters; i++) {
		FilterSum sum = filter_log_sum(model, suspect->filters[i], broker, suspect->since,
		                               message_log_next(model->messages));
		uint32_t n = sum.n_acknowledged - MIN(sum.n_no_matching, sum.n_acknowledged);
		const Message *first = n > stall->n_held && sum.first[0] != 0
		                               ? message_log_at(model->messages, sum.first[0])
		                               : NULL;
		if (first == NULL)
			continue;
		stall->n_held = n;
		stall->held = first->frame;
		stall->held_time = first->time;
	}
}

static void write_down(const Suspect *suspect, bool ended)
{
	Model *model = suspect->live->model;
	Connection *connection = connection_of(suspect->live);
	Stall stall = suspect->seen;
	stall.until = suspect->live->last_from_client;
	stall.ended = ended;
	stall.by_receive_maximum = connection->receive_maximum.known &&
	                           stall.n_in_flight >= connection->receive_maximum.value;
	/* A client that shows no sign of life is gone, rather than stuck. */
	if (!instant_known(stall.until) ||
	    stall.until.ns - stall.newest_time.ns < STALL_WATCH_S * NS_PER_SECOND)
		return;
	count_held(suspect, &stall);
	if (stall.n_held == 0 || stall.held_time.ns > stall.until.ns)
		return;
	Remarks *remarks = remarks_of(model, connection);
	if (remarks->stall != 0)
		return; /* the first is enough */
	*(Stall *)store_add(&model->stalls) = stall;
	remarks->stall = model->stalls.n;
}

static void end_watch(Suspect *suspect, bool ended)
{
	if (suspect->since == 0)
		return;
	write_down(suspect, ended);
	suspect->since = 0;
}

/* --- once a second ------------------------------------------------------------------------ */

void stalls_suspect(Live *live)
{
	Model *model = live->model;
	Suspect *suspect = g_new0(Suspect, 1);
	suspect->live = live;
	suspect->sent = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	suspect->held_since = message_log_next(model->messages);
	take_filters(suspect);
	live->suspected = true;
	g_hash_table_insert(model->suspects, live, suspect);
	if (model->look_at.ns == STALLS_NOTHING.ns)
		model->look_at = (Instant){model->counts.last.ns + NS_PER_SECOND};
}

void stalls_sent(Live *live, uint32_t tag)
{
	enum { MOST = 4096 };
	Suspect *suspect = g_hash_table_lookup(live->model->suspects, live);
	const Delivery *delivery = delivery_at(live->model, tag);
	uint64_t key = held_key(delivery->topic_hash, delivery->hash);
	if (suspect->sent->len < MOST)
		g_array_append_val(suspect->sent, key);
	else
		suspect->held_since = 0; /* it takes what it gets */
}

/* False: the window is no longer full. */
static bool look_at_one(Suspect *suspect, Instant now)
{
	enum { QUIET_S = 2 };
	Live *live = suspect->live;
	Stall window = look_at_window(live);
	bool full = is_full(live, window);
	if (!full || window.newest_time.ns != suspect->seen.newest_time.ns)
		end_watch(suspect, !full);
	if (!full)
		return false;
	if (suspect->since == 0 && now.ns - window.newest_time.ns >= QUIET_S * NS_PER_SECOND)
		begin_watch(suspect);
	suspect->seen = window;
	return true;
}

void stalls_look(Model *model, Instant now)
{
	GHashTableIter iter;
	void *value;
	g_hash_table_iter_init(&iter, model->suspects);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Suspect *suspect = value;
		if (look_at_one(suspect, now))
			continue;
		await(suspect, -1);
		suspect->live->suspected = false;
		g_hash_table_iter_remove(&iter);
	}
	model->look_at = g_hash_table_size(model->suspects) == 0
	                         ? STALLS_NOTHING
	                         : (Instant){now.ns + NS_PER_SECOND};
}

void stalls_end(Live *live)
{
	if (!live->suspected)
		return;
	Suspect *suspect = g_hash_table_lookup(live->model->suspects, live);
	end_watch(suspect, false);
	await(suspect, -1);
	if (is_full(live, look_at_window(live)) && suspect->held_since != 0 &&
	    !is_subscribed_otherwise(suspect)) {
		g_clear_pointer(&live->held, held_free);
		live->held = g_new(Held, 1);
		*live->held = (Held){suspect->held_since, g_array_ref(suspect->sent)};
	}
	live->suspected = false;
	g_hash_table_remove(live->model->suspects, live);
}
