/* SPDX-License-Identifier: MIT */
#include "tests/ui/fake_analysis.h"

#include <arpa/inet.h>
#include <string.h>

/* 2026-11-22 12:00:00 UTC: 20779 days after 1970-01-01. */
#define NOON INT64_C(1795348800)

struct Source {
	SourceInfo info;
};

struct Model {
	ModelCounts counts;
	GPtrArray *texts;       /* of GBytes */
	GPtrArray *brokers;     /* of Broker */
	GPtrArray *clients;     /* of Client */
	GPtrArray *connections; /* of Connection */
	GPtrArray *absences;    /* of Absence */
};

struct Fake {
	Analysis analysis;
	TcpCounts tcp;
	Decap *decap;
	GArray *findings;
	GPtrArray *incidents;
	Source source;
	Model model;
};

Instant fake_instant(double seconds)
{
	return (Instant){NOON * NS_PER_SECOND + (int64_t)(seconds * 1e9 + (seconds < 0 ? -.5 : .5))};
}

static void client_free(gpointer pointer)
{
	Client *client = pointer;
	g_free(client->subscriptions);
	g_free(client);
}

static void absence_free(gpointer pointer)
{
	Absence *absence = pointer;
	g_free(absence->subscriptions);
	g_free(absence->examples);
	g_free(absence);
}

static void incident_free(gpointer pointer)
{
	Incident *incident = pointer;
	g_free(incident->hit);
	g_free(incident);
}

Fake *fake_new(void)
{
	Fake *fake = g_new0(Fake, 1);
	Model *model = &fake->model;
	model->texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	model->brokers = g_ptr_array_new_with_free_func(g_free);
	model->clients = g_ptr_array_new_with_free_func(client_free);
	model->connections = g_ptr_array_new_with_free_func(g_free);
	model->absences = g_ptr_array_new_with_free_func(absence_free);
	fake->source.info = (SourceInfo){.name = "capture.pcapng", .link_types = {1}, .n_link_types = 1};
	fake->decap = decap_new();
	fake->findings = g_array_new(FALSE, TRUE, sizeof(Finding));
	fake->incidents = g_ptr_array_new_with_free_func(incident_free);
	fake->analysis = (Analysis){
		.source = &fake->source,
		.decap = fake->decap,
		.tcp = &fake->tcp,
		.model = model,
		.findings = fake->findings,
		.incidents = fake->incidents,
		.diagnosis = {.vantage = VANTAGE_BROKER, .vantage_inferred = true},
		.first = fake_instant(0),
		.last = fake_instant(0),
	};
	return fake;
}

void fake_free(Fake *fake)
{
	g_ptr_array_unref(fake->model.texts);
	g_ptr_array_unref(fake->model.brokers);
	g_ptr_array_unref(fake->model.clients);
	g_ptr_array_unref(fake->model.connections);
	g_ptr_array_unref(fake->model.absences);
	decap_free(fake->decap);
	g_array_unref(fake->findings);
	g_ptr_array_unref(fake->incidents);
	g_free(fake);
}

Analysis *fake_analysis(Fake *fake)
{
	return &fake->analysis;
}

SourceInfo *fake_source_info(Fake *fake)
{
	return &fake->source.info;
}

ModelCounts *fake_counts(Fake *fake)
{
	return &fake->model.counts;
}

TcpCounts *fake_tcp(Fake *fake)
{
	return &fake->tcp;
}

Decap *fake_decap(Fake *fake)
{
	return fake->decap;
}

uint32_t fake_text(Fake *fake, const char *text, size_t size)
{
	g_ptr_array_add(fake->model.texts, g_bytes_new(text, size));
	return fake->model.texts->len - 1;
}

static uint32_t add_text(Fake *fake, const char *text)
{
	return fake_text(fake, text, strlen(text));
}

static Endpoint endpoint_of(const char *ip, uint16_t port)
{
	Endpoint endpoint = {.port = port};
	if (strchr(ip, ':') != NULL) {
		inet_pton(AF_INET6, ip, endpoint.address.octets);
		return endpoint;
	}
	endpoint.address.octets[10] = endpoint.address.octets[11] = 0xFF;
	inet_pton(AF_INET, ip, endpoint.address.octets + 12);
	return endpoint;
}

BrokerIndex fake_broker(Fake *fake, const char *ip, uint16_t port)
{
	Broker *broker = g_new0(Broker, 1);
	broker->transports = 1u << TRANSPORT_TCP;
	broker->endpoint = endpoint_of(ip, port);
	broker->facts.longest_absence_resumed_ns = INT64_MIN;
	broker->facts.shortest_absence_lost_ns = INT64_MIN;
	g_ptr_array_add(fake->model.brokers, broker);
	return fake->model.brokers->len - 1;
}

Broker *fake_broker_at(Fake *fake, BrokerIndex broker)
{
	return g_ptr_array_index(fake->model.brokers, broker);
}

ClientIndex fake_client(Fake *fake, BrokerIndex broker, const char *id)
{
	Client *client = g_new0(Client, 1);
	client->broker = broker;
	client->id = add_text(fake, id);
	client->first = client->last = client->accepted = client->current = NO_INDEX;
	g_ptr_array_add(fake->model.clients, client);
	fake_broker_at(fake, broker)->n_clients++;
	return fake->model.clients->len - 1;
}

Client *fake_client_at(Fake *fake, ClientIndex client)
{
	return g_ptr_array_index(fake->model.clients, client);
}

static Connection *connection_at(Fake *fake, ConnectionIndex connection)
{
	return g_ptr_array_index(fake->model.connections, connection);
}

static FrameRef frame_of(uint32_t number)
{
	return (FrameRef){.number = number, .source = 0};
}

static void append_connection(Fake *fake, Client *client, Connection *connection)
{
	connection->previous = client->last;
	connection->accepted_before = client->accepted;
	connection->next = NO_INDEX;
	connection->number = ++client->n_connections;
	g_ptr_array_add(fake->model.connections, connection);
	ConnectionIndex index = fake->model.connections->len - 1;
	if (client->last != NO_INDEX)
		connection_at(fake, client->last)->next = index;
	else
		client->first = index;
	client->last = index;
	if (connection->return_code == 0)
		client->accepted = index;
	fake_broker_at(fake, client->broker)->n_connections++;
	fake->model.counts.connections++;
	fake->tcp.connections++;
}

Connection *fake_connection(Fake *fake, ClientIndex index, double begin, double end, uint32_t frame)
{
	Client *client = fake_client_at(fake, index);
	Connection *connection = g_new(Connection, 1);
	*connection = (Connection){
		.client = index,
		.broker = client->broker,
		.source = endpoint_of("10.0.0.9", (uint16_t)(51512 + frame)),
		.opened = fake_instant(begin),
		.connect_time = fake_instant(begin + 0.001),
		.connack_time = fake_instant(begin + 0.002),
		.closed = fake_instant(end),
		.last_from_client = fake_instant(end),
		.connect_frame = frame_of(frame + 3),
		.connack_frame = frame_of(frame + 4),
		.close_frame = frame_of(frame + 5),
		.version = MQTT_5_0,
		.protocol_level = 5,
		.syn_seen = true,
		.connect_seen = true,
		.connack_seen = true,
		.keep_alive = 60,
		.client_disconnected = true,
		.closed_by = CLOSED_BY_CLIENT,
		.close_kind = CLOSE_DISCONNECT,
		.outcome = client->last == NO_INDEX ? OUTCOME_FIRST_SEEN : OUTCOME_FRESH_UNEXPECTED,
		.absence = NO_ABSENCE,
	};
	append_connection(fake, client, connection);
	fake->analysis.last = fake_instant(end);
	fake->analysis.frames = frame + 6;
	return connection;
}

void fake_subscribe(Fake *fake, ClientIndex index, const char *filter, uint32_t frame)
{
	Client *client = fake_client_at(fake, index);
	client->subscriptions =
		g_renew(Subscription, client->subscriptions, client->n_subscriptions + 1);
	client->subscriptions[client->n_subscriptions++] = (Subscription){
		.filter = add_text(fake, filter),
		.qos = 1,
		.shared = g_str_has_prefix(filter, "$share/"),
		.proven = true,
		.since = frame_of(frame),
	};
}

Absence *fake_absence(Fake *fake, ClientIndex client, const char *filter, uint32_t n_lost)
{
	Absence *absence = g_new0(Absence, 1);
	absence->subscriptions = g_new0(LostSubscription, 1);
	absence->examples = g_new0(LostMessage, ABSENCE_EXAMPLES);
	absence->n_subscriptions = 1;
	absence->subscriptions[0].filter = add_text(fake, filter);
	absence->subscriptions[0].qos = 1;
	absence->owed = absence->lost = (CountRange){n_lost, n_lost};
	absence->lost_offline = n_lost;
	absence->no_matching = INSTANT_UNKNOWN;
	g_ptr_array_add(fake->model.absences, absence);
	connection_at(fake, fake_client_at(fake, client)->last)->absence =
		fake->model.absences->len - 1;
	return absence;
}

Finding *fake_finding(Fake *fake, ClientIndex index, CauseId cause)
{
	const CauseInfo *info = cause_info(cause);
	const Client *client = fake_client_at(fake, index);
	const Connection *last = connection_at(fake, client->last);
	bool risk = last->previous == NO_INDEX;
	Finding finding = {
		.client = index,
		.from = risk ? client->last : last->previous,
		.to = risk ? NO_INDEX : client->last,
		.cause = (uint8_t)cause,
		.severity = (uint8_t)(risk ? SEVERITY_RISK : info->severity),
		.responsible = (uint8_t)info->responsible,
		.confidence = (uint8_t)info->cap,
		.lapse = !risk && info->severity == SEVERITY_LOSS,
		.other = NO_INDEX,
		.absence_ns = INT64_MIN,
		.died_after = INSTANT_UNKNOWN,
		.died_before = INSTANT_UNKNOWN,
		.cost = last->absence,
	};
	if (!risk) {
		const Connection *before = connection_at(fake, last->previous);
		finding.absence_ns = instant_known(before->closed)
		                             ? last->connect_time.ns - before->closed.ns
		                             : INT64_MIN;
		finding.died_after = before->closed;
		finding.died_before = last->connack_time;
		finding.alive_frame = before->close_frame;
		finding.dead_frame = last->connack_frame;
		finding.alive_by = WITNESS_CLOSE;
		finding.dead_by = WITNESS_CONNACK;
	}
	g_array_append_val(fake->findings, finding);
	return &g_array_index(fake->findings, Finding, fake->findings->len - 1);
}

Incident *fake_incident(Fake *fake, BrokerIndex broker, double from, double to)
{
	Incident *incident = g_new0(Incident, 1);
	incident->broker = broker;
	incident->from = fake_instant(from);
	incident->to = fake_instant(to);
	incident->number = fake->incidents->len + 1;
	incident->n_hit = fake->model.clients->len;
	incident->hit = g_new(ClientIndex, incident->n_hit + 1);
	for (uint32_t i = 0; i < incident->n_hit; i++)
		incident->hit[i] = i;
	g_ptr_array_add(fake->incidents, incident);
	return incident;
}

void fake_explain(Fake *fake, const Incident *incident)
{
	for (guint i = 0; i < fake->findings->len; i++)
		g_array_index(fake->findings, Finding, i).incident = incident;
}

/* What the views read in place of the model's own. */

const ModelCounts *model_counts(const Model *model)
{
	return &model->counts;
}

uint32_t model_n_brokers(const Model *model)
{
	return model->brokers->len;
}

uint32_t model_n_clients(const Model *model)
{
	return model->clients->len;
}

uint32_t model_n_connections(const Model *model)
{
	return model->connections->len;
}

static gpointer at(const GPtrArray *array, uint32_t index)
{
	g_assert(index < array->len);
	return g_ptr_array_index(array, index);
}

const Broker *model_broker(const Model *model, BrokerIndex index)
{
	return at(model->brokers, index);
}

const Client *model_client(const Model *model, ClientIndex index)
{
	return at(model->clients, index);
}

const Connection *model_connection(const Model *model, ConnectionIndex index)
{
	return at(model->connections, index);
}

const Unheard *model_unheard(const Model *model, const Connection *connection)
{
	(void)model;
	(void)connection;
	return NULL;
}

Backend model_backend(const Model *model, const Connection *connection)
{
	(void)model;
	(void)connection;
	return (Backend){0};
}

const Remarks *model_remarks(const Model *model, const Connection *connection)
{
	static const Remarks none;
	(void)model;
	(void)connection;
	return &none;
}

const Stall *model_stall(const Model *model, const Connection *connection)
{
	(void)model;
	(void)connection;
	return NULL;
}

const Resume *model_resume(const Model *model, const Connection *connection)
{
	(void)model;
	(void)connection;
	return NULL;
}

bool model_is_counting(const Model *model, ConnectionIndex connection)
{
	(void)model, (void)connection;
	return false;
}

AbsenceIndex model_missed(const Model *model, const Connection *connection, MissedKind kind)
{
	(void)model;
	(void)connection;
	(void)kind;
	return NO_ABSENCE;
}

const Clue *model_clue(const Model *model, const Connection *connection, ClueKind kind)
{
	(void)model;
	(void)connection;
	(void)kind;
	return NULL;
}

const Absence *model_absence(const Model *model, AbsenceIndex index)
{
	return index == NO_ABSENCE ? NULL : at(model->absences, index);
}

ByteSpan model_text(const Model *model, uint32_t text)
{
	gsize size;
	const uint8_t *data = g_bytes_get_data(at(model->texts, text), &size);
	return (ByteSpan){data != NULL ? data : (const uint8_t *)"", size};
}

ByteSpan model_topic(const Model *model, uint32_t topic)
{
	return model_text(model, topic);
}

ByteSpan model_filter(const Model *model, uint32_t filter)
{
	return model_text(model, filter);
}

unsigned source_n_infos(const Source *source)
{
	(void)source;
	return 1;
}

const SourceInfo *source_info(const Source *source, unsigned index)
{
	g_assert(index == 0);
	return &source->info;
}
