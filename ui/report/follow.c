/* SPDX-License-Identifier: MIT */
#include "ui/report/follow.h"

#include "ui/report/report_private.h"

typedef enum EventKind {
	EVENT_OPENED,
	EVENT_CONNECT,
	EVENT_CONNACK,
	EVENT_SUBSCRIBED,
	EVENT_CLOSED,
	EVENT_N,
} EventKind;

static const char *const event_names[EVENT_N] = {
	[EVENT_OPENED] = "opened",       [EVENT_CONNECT] = "connect", [EVENT_CONNACK] = "connack",
	[EVENT_SUBSCRIBED] = "subscribed", [EVENT_CLOSED] = "closed",
};

/* A connection that is not over. */
typedef struct Watched {
	ConnectionIndex connection;
	uint32_t told;   /* 1u << EventKind */
	uint64_t since;  /* frame of the last subscription that was told */
} Watched;

typedef struct Event {
	Instant at;
	FrameRef frame;
	ConnectionIndex connection;
	uint8_t kind; /* EventKind */
	uint8_t qos;  /* of a subscription, as is */
	uint32_t filter;
} Event;

struct Follow {
	const Model *model;
	const ReportOptions *options;
	FILE *out;
	JsonWriter *writer;
	WireTexts *texts;
	GArray *watched; /* of Watched */
	GArray *events;  /* of Event: those of one look */
	ConnectionIndex n_known;
};

Follow *follow_new(const Model *model, const ReportOptions *options, FILE *out)
{
	Follow *follow = g_new0(Follow, 1);
	follow->model = model;
	follow->options = options;
	follow->out = out;
	follow->texts = wire_texts_new(model, options->redact, options->redact_key);
	follow->watched = g_array_new(FALSE, FALSE, sizeof(Watched));
	follow->events = g_array_new(FALSE, FALSE, sizeof(Event));
	return follow;
}

void follow_free(Follow *follow)
{
	if (follow == NULL)
		return;
	wire_texts_free(follow->texts);
	g_array_unref(follow->watched);
	g_array_unref(follow->events);
	g_free(follow);
}

/* --- what changed ------------------------------------------------------------------------- */

static void add(Follow *follow, ConnectionIndex index, EventKind kind, Instant at, FrameRef frame)
{
	Event event = {.at = at, .frame = frame, .connection = index, .kind = (uint8_t)kind};
	g_array_append_val(follow->events, event);
}

static void tell_once(Follow *follow, Watched *watched, EventKind kind, Instant at, FrameRef frame)
{
	if ((watched->told >> kind & 1) != 0)
		return;
	watched->told |= 1u << kind;
	add(follow, watched->connection, kind, at, frame);
}

/* Those of one SUBSCRIBE have one frame, and are told together. */
static void look_at_subscriptions(Follow *follow, Watched *watched, const Connection *connection)
{
	const Client *client = model_client(follow->model, connection->client);
	uint64_t last = watched->since;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->connection != watched->connection || !subscription->proven ||
		    subscription->since.number <= watched->since)
			continue;
		Event event = {INSTANT_UNKNOWN, subscription->since, watched->connection,
		               EVENT_SUBSCRIBED, subscription->qos, subscription->filter};
		g_array_append_val(follow->events, event);
		last = MAX(last, subscription->since.number);
	}
	watched->since = last;
}

/* False once it is over. */
static bool look_at(Follow *follow, Watched *watched)
{
	const Connection *connection = model_connection(follow->model, watched->connection);
	tell_once(follow, watched, EVENT_OPENED, connection->opened, connection->opened_frame);
	if (connection->connect_seen)
		tell_once(follow, watched, EVENT_CONNECT, connection->connect_time,
		          connection->connect_frame);
	if (connection->connack_seen)
		tell_once(follow, watched, EVENT_CONNACK, connection->connack_time,
		          connection->connack_frame);
	if (connection->client != NO_INDEX && connection->n_subscribes > 0)
		look_at_subscriptions(follow, watched, connection);
	bool closed = instant_known(connection->closed) || connection->close_kind != CLOSE_OPEN;
	if (closed)
		tell_once(follow, watched, EVENT_CLOSED, connection->closed, connection->close_frame);
	return !closed;
}

static void look(Follow *follow)
{
	uint32_t n = model_n_connections(follow->model);
	for (; follow->n_known < n; follow->n_known++) {
		Watched watched = {.connection = follow->n_known};
		g_array_append_val(follow->watched, watched);
	}
	for (guint i = follow->watched->len; i-- > 0;) {
		if (!look_at(follow, &g_array_index(follow->watched, Watched, i)))
			g_array_remove_index_fast(follow->watched, i);
	}
}

/* --- lines -------------------------------------------------------------------------------- */

static void write_connect(const Follow *follow, JsonWriter *writer, const Connection *connection)
{
	json_key(writer, "clean_start");
	json_bool(writer, connection->clean_start);
	json_key(writer, "keep_alive");
	json_number(writer, connection->keep_alive);
	json_key(writer, "session_expiry");
	if (connection->expiry_connect.known)
		json_number(writer, connection->expiry_connect.value);
	else
		json_null(writer);
	json_key(writer, "username");
	if (connection->has_username)
		json_bytes(writer, report_wire_text(follow->texts, WIRE_USERNAME, connection->username));
	else
		json_null(writer);
}

static void write_connack(JsonWriter *writer, const Connection *connection)
{
	json_key(writer, "return_code");
	json_number(writer, connection->return_code);
	json_key(writer, "session_present");
	if (connection->version == MQTT_3_1) /* it has none */
		json_null(writer);
	else
		json_bool(writer, connection->session_present);
	json_key(writer, "outcome");
	json_string(writer, outcome_name((Outcome)connection->outcome));
}

static void write_subscribed(const Follow *follow, JsonWriter *writer, const Event *event)
{
	json_key(writer, "filter");
	json_bytes(writer, report_wire_text(follow->texts, WIRE_FILTER, event->filter));
	json_key(writer, "qos");
	json_number(writer, event->qos);
}

static void write_closed(JsonWriter *writer, const Connection *connection)
{
	json_key(writer, "closed_by");
	json_string(writer, closed_by_name((ClosedBy)connection->closed_by));
	json_key(writer, "close_kind");
	json_string(writer, close_kind_name((CloseKind)connection->close_kind));
}

static void write_particulars(const Follow *follow, JsonWriter *writer, const Event *event,
                              const Connection *connection)
{
	switch ((EventKind)event->kind) {
	case EVENT_CONNECT:
		write_connect(follow, writer, connection);
		break;
	case EVENT_CONNACK:
		write_connack(writer, connection);
		break;
	case EVENT_SUBSCRIBED:
		write_subscribed(follow, writer, event);
		break;
	case EVENT_CLOSED:
		write_closed(writer, connection);
		break;
	case EVENT_OPENED:
	case EVENT_N:
		break;
	}
}

static void write_whose(const Follow *follow, JsonWriter *writer, const Connection *connection)
{
	json_key(writer, "broker");
	json_endpoint(writer, &model_broker(follow->model, connection->broker)->endpoint);
	json_key(writer, "source");
	json_endpoint(writer, &connection->source);
	json_key(writer, "client_id");
	if (connection->client == NO_INDEX)
		json_null(writer);
	else
		json_bytes(writer, report_wire_text(follow->texts, WIRE_CLIENT_ID,
		                                    model_client(follow->model, connection->client)->id));
	json_key(writer, "connection");
	if (connection->client == NO_INDEX)
		json_null(writer);
	else
		json_number(writer, connection->number);
}

static void write_event(const Follow *follow, JsonWriter *writer, const Event *event)
{
	const Connection *connection = model_connection(follow->model, event->connection);
	json_begin_object(writer);
	json_key(writer, "type");
	json_string(writer, "event");
	json_key(writer, "event");
	json_string(writer, event_names[event->kind]);
	json_key(writer, "time");
	json_instant(writer, event->at);
	json_key(writer, "frame");
	json_frame(writer, event->frame);
	json_key(writer, "file");
	json_frame_source(writer, event->frame);
	write_whose(follow, writer, connection);
	write_particulars(follow, writer, event, connection);
	json_end_object(writer);
	json_end_line(writer);
}

/* Subscriptions have no time of their own: the frame tells their place. */
static int by_frame(const void *a, const void *b)
{
	const Event *x = a, *y = b;
	if (x->frame.source == y->frame.source && x->frame.number != y->frame.number)
		return x->frame.number < y->frame.number ? -1 : 1;
	if (x->frame.source != y->frame.source)
		return x->frame.source < y->frame.source ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static bool is_selected(const Event *event, const Model *model, const uint8_t *clients)
{
	const Connection *connection = model_connection(model, event->connection);
	return clients == NULL || (connection->client != NO_INDEX && clients[connection->client] != 0);
}

bool follow_take(Follow *follow)
{
	look(follow);
	if (follow->events->len == 0)
		return true;
	g_array_sort(follow->events, by_frame);
	const GPtrArray *globs = follow->options->client_globs;
	g_autofree uint8_t *clients = globs == NULL ? NULL : clients_fitting(follow->model, globs);
	JsonWriter *writer = json_writer_new(follow->out, 0);
	for (guint i = 0; i < follow->events->len; i++) {
		const Event *event = &g_array_index(follow->events, Event, i);
		if (is_selected(event, follow->model, clients))
			write_event(follow, writer, event);
	}
	g_array_set_size(follow->events, 0);
	return json_writer_finish(writer);
}
