/* SPDX-License-Identifier: MIT */
#include "src/session/stalls.h"

#include "src/session/filter_log.h"

struct Suspect {
	Live *live;
	uint64_t since;    /* the first message that counts; 0: not watched yet */
	Stall seen;
	uint32_t *filters; /* what the client had subscribed to with QoS 1 or 2 */
	uint32_t n_filters;
};

void stalls_free(Suspect *suspect)
{
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

/* --- while it is watched ------------------------------------------------------------------ */

static void await(const Suspect *suspect, int change)
{
	for (uint32_t i = 0; i < suspect->n_filters; i++)
		topics_await(suspect->live->model->topics, suspect->filters[i], change);
}

static void begin_watch(Suspect *suspect)
{
	Live *live = suspect->live;
	Model *model = live->model;
	const Client *client = client_at(model, connection_of(live)->client);
	suspect->filters = g_renew(uint32_t, suspect->filters, client->n_subscriptions);
	suspect->n_filters = 0;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->qos > 0 && !subscription->shared && !subscription->no_local)
			suspect->filters[suspect->n_filters++] = subscription->filter;
	}
	suspect->since = message_log_next(model->messages);
	await(suspect, 1);
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
	await(suspect, -1);
	suspect->since = 0;
}

/* --- once a second ------------------------------------------------------------------------ */

void stalls_suspect(Live *live)
{
	Model *model = live->model;
	Suspect *suspect = g_new0(Suspect, 1);
	suspect->live = live;
	live->suspected = true;
	g_hash_table_insert(model->suspects, live, suspect);
	if (model->look_at.ns == STALLS_NOTHING.ns)
		model->look_at = (Instant){model->counts.last.ns + NS_PER_SECOND};
}

/* False: the window is no longer full. */
static bool look_at_one(Suspect *suspect, Instant now)
{
	enum { QUIET_S = 2 };
	Live *live = suspect->live;
	Stall window = look_at_window(live);
	bool full = window.n_in_flight >= window_of(connection_of(live));
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
	live->suspected = false;
	g_hash_table_remove(live->model->suspects, live);
}
