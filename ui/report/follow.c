/* SPDX-License-Identifier: MIT */
#include "ui/report/follow.h"

#include "src/session/forget.h"
#include "src/verdict/finding_key.h"
#include "src/verdict/roster.h"
#include "ui/report/report_private.h"

typedef enum EventKind {
	EVENT_OPENED,
	EVENT_CONNECT,
	EVENT_CONNACK,
	EVENT_SUBSCRIBED,
	EVENT_CLOSED,
	EVENT_FINDING,
	EVENT_N,
} EventKind;

static const char *const event_names[EVENT_N] = {
	[EVENT_OPENED] = "opened",       [EVENT_CONNECT] = "connect", [EVENT_CONNACK] = "connack",
	[EVENT_SUBSCRIBED] = "subscribed", [EVENT_CLOSED] = "closed", [EVENT_FINDING] = "finding",
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
	Finding finding; /* of EVENT_FINDING */
} Event;

enum { SUBSCRIBES_MOST = 1 << 16, VERDICT_US = G_USEC_PER_SEC / 4, VERDICT_SHARE = 9 };

struct Follow {
	Early early;
	Pipeline *pipeline;
	const Model *model;
	const ReportOptions *options;
	FILE *out;
	JsonWriter *writer;
	WireTexts *texts;
	GArray *watched; /* of Watched */
	GArray *events;  /* of Event: those of one look */
	ConnectionIndex n_known;
	GHashTable *times;   /* frame of a SUBSCRIBE → Instant, of the last ones */
	GHashTable *findings; /* FindingKey: told */
	uint64_t judged;     /* frames */
	gint64 next_verdict; /* on the monotonic clock */
};

/* --- when a SUBSCRIBE came ------------------------------------------------------------------ */

static gint64 key_of(FrameRef frame)
{
	return (gint64)((uint64_t)frame.source << 48 | frame.number);
}

static void on_packet(void *watched, const MqttEvent *event, const MqttStream *stream,
                      ConnectionIndex connection)
{
	Follow *follow = watched;
	(void)stream, (void)connection;
	if (event->packet->type != MQTT_SUBSCRIBE)
		return;
	if (g_hash_table_size(follow->times) >= SUBSCRIBES_MOST)
		g_hash_table_remove_all(follow->times);
	gint64 key = key_of(event->begin.frame);
	g_hash_table_insert(follow->times, g_memdup2(&key, sizeof key),
	                    g_memdup2(&event->begin.time, sizeof event->begin.time));
}

static void *on_opened(void *user, const TcpFlow *flow, const StreamPoint *at)
{
	(void)flow, (void)at;
	return user;
}

static StreamSink on_tap(void *watched, StreamSink mqtt, bool anew)
{
	(void)watched, (void)anew;
	return mqtt;
}

static void on_gap(void *watched, unsigned side, uint64_t n_bytes, const StreamPoint *at)
{
	(void)watched, (void)side, (void)n_bytes, (void)at;
}

static void on_end(void *watched, unsigned side, StreamEnd how, const StreamPoint *at)
{
	(void)watched, (void)side, (void)how, (void)at;
}

static void on_again(void *watched, unsigned side, uint32_t n_bytes, const StreamPoint *at)
{
	(void)watched, (void)side, (void)n_bytes, (void)at;
}

static void on_closed(void *watched)
{
	(void)watched;
}

static const PipelineWatch follow_watch = {
	.opened = on_opened, .tap = on_tap,     .packet = on_packet, .gap = on_gap,
	.end = on_end,       .again = on_again, .closed = on_closed,
};

static Instant time_of(const Follow *follow, FrameRef frame)
{
	gint64 key = key_of(frame);
	const Instant *time = g_hash_table_lookup(follow->times, &key);
	return time != NULL ? *time : INSTANT_UNKNOWN;
}

/* --- the whole of it ------------------------------------------------------------------------ */

static guint finding_hash(gconstpointer data)
{
	return octets_hash(data, sizeof(FindingKey));
}

static gboolean finding_equal(gconstpointer a, gconstpointer b)
{
	return finding_key_equal(a, b);
}

Follow *follow_new(const Early *early, Pipeline *pipeline, const ReportOptions *options, FILE *out)
{
	const Model *model = early->model;
	Follow *follow = g_new0(Follow, 1);
	follow->early = *early;
	follow->pipeline = pipeline;
	follow->model = model;
	follow->options = options;
	follow->out = out;
	follow->texts = wire_texts_new(model, options->redact, options->redact_key);
	follow->watched = g_array_new(FALSE, FALSE, sizeof(Watched));
	follow->events = g_array_new(FALSE, FALSE, sizeof(Event));
	follow->times = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	follow->findings = g_hash_table_new_full(finding_hash, finding_equal, g_free, NULL);
	pipeline_watch(pipeline, &follow_watch, follow);
	model_told(early->model, INSTANT_UNKNOWN);
	return follow;
}

void follow_free(Follow *follow)
{
	if (follow == NULL)
		return;
	wire_texts_free(follow->texts);
	g_array_unref(follow->watched);
	g_array_unref(follow->events);
	g_hash_table_unref(follow->times);
	g_hash_table_unref(follow->findings);
	pipeline_watch(follow->pipeline, NULL, NULL);
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
		Event event = {.at = time_of(follow, subscription->since),
		               .frame = subscription->since,
		               .connection = watched->connection,
		               .kind = EVENT_SUBSCRIBED,
		               .qos = subscription->qos,
		               .filter = subscription->filter};
		g_array_append_val(follow->events, event);
		last = MAX(last, subscription->since.number);
	}
	watched->since = last;
}

/* False once it is over. */
static bool look_at(Follow *follow, Watched *watched)
{
	const Connection *connection = model_connection(follow->model, watched->connection);
	if (connection->forgotten)
		return false;
	bool closed = instant_known(connection->closed) || connection->close_kind != CLOSE_OPEN;
	if (follow->options->client_globs != NULL && connection->client == NO_INDEX && !closed)
		return true; /* whether it was asked for shows with its CONNECT */
	tell_once(follow, watched, EVENT_OPENED, connection->opened, connection->opened_frame);
	if (connection->connect_seen)
		tell_once(follow, watched, EVENT_CONNECT, connection->connect_time,
		          connection->connect_frame);
	if (connection->connack_seen)
		tell_once(follow, watched, EVENT_CONNACK, connection->connack_time,
		          connection->connack_frame);
	if (connection->client != NO_INDEX && connection->n_subscribes > 0)
		look_at_subscriptions(follow, watched, connection);
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

/* What more that comes can change is not told yet. */
static void add_finding(Follow *follow, const Finding *finding)
{
	const Connection *connection = finding_connection(follow->model, finding);
	FindingKey key = finding_key(finding);
	if (connection == NULL || connection->broker == NO_INDEX ||
	    (finding->weakened & GATE_NOT_OVER) != 0 || g_hash_table_contains(follow->findings, &key))
		return;
	g_hash_table_add(follow->findings, g_memdup2(&key, sizeof key));
	StreamPoint shows = finding_shows(follow->model, finding);
	Event event = {.at = shows.time,
	               .frame = shows.frame,
	               .connection = finding->to != NO_INDEX ? finding->to : finding->from,
	               .kind = EVENT_FINDING,
	               .finding = *finding};
	event.finding.incident = NULL; /* it goes with the verdict */
	g_array_append_val(follow->events, event);
}

/* Not so often that the reading would suffer. */
static void judge(Follow *follow)
{
	gint64 begun = g_get_monotonic_time();
	uint64_t frames = pipeline_counts(follow->pipeline)->frames;
	if (begun < follow->next_verdict || frames == follow->judged)
		return;
	follow->judged = frames;
	g_autoptr(Verdict) verdict = early_verdict(&follow->early);
	for (guint i = 0; i < verdict->findings->len; i++)
		add_finding(follow, &g_array_index(verdict->findings, Finding, i));
	gint64 now = g_get_monotonic_time();
	follow->next_verdict = now + MAX((now - begun) * VERDICT_SHARE, (gint64)VERDICT_US);
	model_told(follow->early.model, model_counts(follow->model)->last);
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

static void write_finding(const Follow *follow, JsonWriter *writer, const Finding *finding)
{
	json_connection_number(writer, follow->model, "from_connection", finding->from);
	json_finding_verdict(writer, finding);
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
	case EVENT_FINDING:
		write_finding(follow, writer, &event->finding);
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

/* Some have no time: the frame tells their place. */
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
	judge(follow);
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
