/* SPDX-License-Identifier: MIT */
#include "src/session/observe_parts.h"

#include "dissectors/mqtt_names.h"
#include "src/session/away.h"
#include "src/session/deliveries.h"
#include "src/session/marks.h"
#include "src/session/registry.h"
#include "src/session/renamed.h"
#include "src/session/served.h"
#include "src/session/stalls.h"
#include "src/session/unfinished.h"
#include "src/session/wills.h"

_Static_assert(sizeof(Live) <= 256, "a connection comes and goes every few packets");

Live *observe_open(Model *model, const Opening *opening)
{
	Live *live = model->unused_lives;
	if (live != NULL)
		model->unused_lives = live->next_unused;
	else
		live = arena_take(&model->arena, sizeof *live);
	*live = (Live){
		.model = model,
		.stream = opening->stream,
		.opening = *opening,
		.connection = NO_INDEX,
		.client_side = -1,
		.last_from_client = INSTANT_UNKNOWN,
		.last_packet = opening->at.time,
	};
	model->counts.connections++;
	return live;
}

/* A capture beside one client sees that host's connections alone. */
static void note_host(Broker *broker, const IpAddress *host)
{
	if (broker->n_connections++ == 0)
		broker->first_host = *host;
	broker->several_hosts |= !ip_address_equal(host, &broker->first_host) ||
	                         ip_address_equal(host, &broker->endpoint.address);
}

static ConnectionIndex add_connection(Model *model, const Opening *opening, unsigned client_side)
{
	ConnectionIndex index = model_add_connection(model);
	Connection *connection = connection_at(model, index);
	connection->source = opening->endpoint[client_side];
	if (opening->proxy != NULL && proxy_facts(opening->proxy)->known &&
	    proxy_side(opening->proxy) == client_side) {
		Remarks *remarks = remarks_of(model, connection);
		remarks->proxied = true;
		remarks->proxy = connection->source;
		connection->source = proxy_facts(opening->proxy)->client;
	}
	connection->broker = model_add_broker(model, &opening->endpoint[!client_side]);
	connection->syn_seen = opening->syn_seen;
	connection->opened = opening->at.time;
	connection->opened_frame = opening->at.frame;
	note_host(broker_at(model, connection->broker), &connection->source.address);
	return index;
}

/* Joined midway, packets that both sides may send do not tell who is who; but an address that is
 * known for a broker does. */
static int client_side_by_address(const Model *model, const Opening *opening)
{
	bool first = model_is_broker(model, &opening->endpoint[0]);
	bool second = model_is_broker(model, &opening->endpoint[1]);
	if (first == second)
		return -1;
	return second ? 0 : 1;
}

/* The connection gets its record with the first packet that tells who is who. */
static bool ensure_connection(Live *live, const MqttEvent *event)
{
	if (live->connection != NO_INDEX)
		return true;
	live->client_side = event->roles_known ? mqtt_stream_client_side(live->stream)
	                                       : client_side_by_address(live->model,
	                                                                &live->opening);
	if (live->client_side < 0)
		return false;
	live->connection = add_connection(live->model, &live->opening, (unsigned)live->client_side);
	Connection *connection = live->record = connection_at(live->model, live->connection);
	forget_follow(live);
	connection->version = (uint8_t)mqtt_stream_version(live->stream);
	connection->transport = (uint8_t)live->opening.transport;
	broker_at(live->model, connection->broker)->transports |=
		(uint8_t)(1u << connection->transport);
	connection->holes = (uint16_t)MIN(live->holes, UINT16_MAX);
	connection->snapped = live->snapped;
	if (event->packet->type != MQTT_CONNECT) {
		live->model->counts.unnamed++;
		marks_open(live);
	}
	return true;
}

/* The last packets of a connection that is known, come late, look like one of their own. */
static bool is_known(const Model *model, const Endpoint *source)
{
	enum { LOOK = 1024 };
	ConnectionIndex first = model->connections.n - MIN(model->connections.n, LOOK);
	for (ConnectionIndex i = model->connections.n; i-- > first;)
		if (endpoint_equal(&connection_at(model, i)->source, source))
			return true;
	return false;
}

void observe_undecoded(Model *model, const Opening *opening)
{
	int client_side = client_side_by_address(model, opening);
	if (client_side >= 0 && !opening->syn_seen &&
	    is_known(model, &opening->endpoint[client_side]))
		return;
	if (client_side < 0) {
		/* Of a broker that will show itself only later, perhaps. */
		if (opening->syn_seen)
			model_note_undecoded(model, &opening->endpoint[1]);
		return;
	}
	ConnectionIndex index = add_connection(model, opening, (unsigned)client_side);
	if (opening->stream != NULL)
		broker_at(model, connection_at(model, index)->broker)->undecoded = true;
	/* Of one that was never seen to carry anything, nor to begin, the end is all there is. */
	if (opening->stream == NULL && !opening->syn_seen)
		connection_at(model, index)->closed = opening->at.time;
	model->counts.unnamed++;
}

static void count(Live *live, const MqttEvent *event)
{
	ModelCounts *counts = &live->model->counts;
	const MqttPacket *packet = event->packet;
	counts->packets++;
	counts->packets_by_type[packet->type & 15]++;
	if (!instant_known(counts->first))
		counts->first = event->begin.time;
	counts->last = event->end.time;
	if (packet->n_faults == 0)
		return;
	bool malformed = false;
	for (uint32_t i = 0; i < packet->n_faults && i < MQTT_MAX_FAULTS; i++) {
		counts->faults[packet->faults[i].id]++;
		malformed = malformed || mqtt_fault_is_malformed(packet->faults[i].id);
	}
	counts->malformed += malformed;
}

static void from_client(Live *live, const MqttEvent *event)
{
	switch (event->packet->type) {
	case MQTT_CONNECT:
		observe_connect(live, event);
		break;
	case MQTT_PUBLISH:
		observe_publish_from_client(live, event);
		break;
	case MQTT_SUBSCRIBE:
		observe_subscribe(live, event);
		break;
	case MQTT_UNSUBSCRIBE:
		observe_unsubscribe(live, event);
		break;
	case MQTT_DISCONNECT:
		observe_disconnect(live, event);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
	case MQTT_PINGREQ:
	case MQTT_AUTH:
	case MQTT_CONNACK:
	case MQTT_SUBACK:
	case MQTT_UNSUBACK:
	case MQTT_PINGRESP:
	case MQTT_RESERVED:
	case MQTT_N_TYPES:
		break;
	}
}

static void from_broker(Live *live, const MqttEvent *event)
{
	switch (event->packet->type) {
	case MQTT_CONNACK:
		observe_connack(live, event);
		break;
	case MQTT_PUBLISH:
		observe_publish_to_client(live, event);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
		observe_publish_acknowledged(live, event);
		if (live->away != NULL)
			away_answered(live, event);
		break;
	case MQTT_PINGRESP:
		if (live->away != NULL)
			away_answered(live, event);
		break;
	case MQTT_SUBACK:
		observe_suback(live, event);
		break;
	case MQTT_UNSUBACK:
		observe_unsuback(live, event);
		break;
	case MQTT_DISCONNECT:
		observe_disconnect(live, event);
		break;
	case MQTT_CONNECT:
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
	case MQTT_PINGREQ:
	case MQTT_AUTH:
	case MQTT_RESERVED:
	case MQTT_N_TYPES:
		break;
	}
}

/* What was in flight to the client is so no more. */
static void release_delivery(Live *live, const MqttEvent *event)
{
	MqttExchange *exchange = event->exchange;
	if (!event->exchange_done || exchange == NULL || exchange->tag == 0 ||
	    exchange->type != MQTT_PUBLISH ||
	    (int)exchange->side == live->client_side)
		return;
	delivery_end(live->model, exchange->tag);
	exchange->tag = 0;
}

static void note_faults(Connection *connection, uint32_t n)
{
	connection->faults = (uint16_t)MIN(connection->faults + n, UINT16_MAX);
}

/* A silence is outlived once both sides have spoken after it. */
static inline void note_silence(Live *live, Instant now, bool from_client)
{
	enum { LONG_S = 60 };
	int64_t silence = now.ns - live->last_packet.ns;
	live->last_packet = now;
	if (silence >= LONG_S * NS_PER_SECOND) {
		live->idle_s = (uint16_t)MIN(silence / NS_PER_SECOND, UINT16_MAX);
		live->idle_by_client = from_client;
	} else if (live->idle_s != 0 && from_client != live->idle_by_client) {
		live->outlived_s = MAX(live->outlived_s, live->idle_s);
		live->idle_s = 0;
	}
}

void observe_packet(Live *live, const MqttEvent *event)
{
	count(live, event);
	if (event->end.time.ns >= live->model->look_at.ns)
		stalls_look(live->model, event->end.time);
	if (!ensure_connection(live, event))
		return;
	if (event->packet->n_faults > 0)
		note_faults(connection_of(live), event->packet->n_faults);
	note_silence(live, event->end.time, (int)event->side == live->client_side);
	if ((int)event->side == live->client_side) {
		live->last_from_client = event->end.time;
		live->unread = false;
		from_client(live, event);
	} else {
		from_broker(live, event);
	}
	if (live->asks)
		unfinished_packet(live, event);
	release_delivery(live, event);
}

ConnectionIndex observe_connection(const Live *live)
{
	return live->connection;
}

void observe_near(const Live *live, ObserveNear *near)
{
	near->live = live;
	near->connection = live->record;
	if (live->record != NULL && live->record->client != NO_INDEX)
		near->client = client_at(live->model, live->record->client);
}

/* Line by line: to name them costs less than to count them. */
void observe_fetch(const ObserveNear *near)
{
	_Static_assert(sizeof(Live) <= 4 * 64 && sizeof(Connection) <= 4 * 64, "four lines each");
	const char *live = (const char *)near->live;
	const char *connection = near->connection;
	__builtin_prefetch(live, 1);
	__builtin_prefetch(live + 64, 1);
	__builtin_prefetch(live + 128, 1);
	__builtin_prefetch(live + 192, 1);
	__builtin_prefetch(connection, 1);
	__builtin_prefetch(connection + 64, 1);
	__builtin_prefetch(connection + 128, 1);
	__builtin_prefetch(near->client, 1);
}

static void note_hole(Live *live, unsigned side, uint64_t n_bytes, MqttLossKind kind)
{
	if (live->asks)
		unfinished_hole(live);
	Connection *connection = connection_of(live);
	connection->holes = (uint16_t)MIN(connection->holes + 1u, UINT16_MAX);
	connection->snapped |= kind == MQTT_LOSS_TRUNCATED;
	broker_at(live->model, connection->broker)->hole_bytes += n_bytes;
	if (!live->accepted || (int)side != live->client_side)
		return;
	/* A SUBSCRIBE may have been in it: then what was delivered so far shows no session from before. */
	client_at(live->model, connection->client)->subscriptions_unsure = true;
	if (connection->version == MQTT_3_1 && connection->outcome == OUTCOME_RESUMED &&
	    connection->publish_before_subscribe && !connection->session_present && connection->n_subscribes == 0)
		connection->outcome = OUTCOME_NOT_OBSERVABLE;
}

void observe_lost(Live *live, unsigned side, uint64_t n_bytes, MqttLossKind kind)
{
	if (kind == MQTT_LOSS_MISSING || kind == MQTT_LOSS_TRUNCATED) {
		live->holes++;
		live->snapped |= kind == MQTT_LOSS_TRUNCATED;
		live->unread |= kind == MQTT_LOSS_MISSING && (int)side == live->client_side;
		if (live->connection != NO_INDEX)
			note_hole(live, side, n_bytes, kind);
	}
	live->model->counts.skipped_bytes += n_bytes;
}

static void release_deliveries(Live *live)
{
	int client_side = live->client_side;
	size_t position = 0;
	MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(live->stream, &position)) != NULL) {
		if (exchange->type != MQTT_PUBLISH || (int)exchange->side == client_side)
			continue;
		delivery_end(live->model, exchange->tag);
		exchange->tag = 0;
	}
}

void observe_close(Live *live)
{
	Model *model = live->model;
	if (live->connection != NO_INDEX) {
		unfinished_end(live);
		stalls_end(live);
		g_clear_pointer(&live->held, held_free);
		served_end(live);
		release_deliveries(live);
		live_forget(live);
		forget_unfollow(live);
	}
	if (live->away != NULL)
		away_settle(model, live->away);
	forget_asked(live);
	live->next_unused = model->unused_lives;
	model->unused_lives = live;
}

/* What the cost of absences rests on: that what is for the client was seen to be published. */
static uint32_t doubts_of(const BrokerFacts *facts)
{
	enum { FEW = 3, SOME = 10, ENOUGH = 95 };
	uint32_t n = facts->n_paired + facts->n_unpaired;
	if (n >= SOME && facts->n_paired == 0 && facts->n_elsewhere * 2 > n)
		return INEXACT_REWRITTEN;
	return facts->n_unpaired >= FEW && facts->n_paired * 100ull < n * (uint64_t)ENOUGH
	               ? INEXACT_UNPAIRED : 0;
}

static void doubt_cost(Model *model, AbsenceIndex index, uint32_t doubts)
{
	Absence *absence = absence_at(model, index);
	absence->inexact |= doubts;
	absence->unbounded |= doubts != 0;
	if ((doubts & INEXACT_REWRITTEN) != 0)
		absence->lost.min = absence->owed.min = 0;
}

/* By the first listener of each broker: clients of several hosts are seen with it. */
static bool *list_sights(const Model *model)
{
	bool *several = g_new0(bool, model->brokers.n + 1);
	for (BrokerIndex i = 0; i < model->brokers.n; i++) {
		const Broker *broker = broker_at(model, i);
		several[broker->group] |= broker->several_hosts ||
		                          !ip_address_equal(&broker->first_host,
		                                            &broker_at(model, broker->group)->first_host);
	}
	return several;
}

/* With the clients of one host alone in the capture, what others published is not known. */
static void judge_sight(Model *model, const Connection *connection, const bool *several)
{
	const Remarks *remarks = model_remarks(model, connection);
	const Broker *broker = broker_at(model, connection->broker);
	/* What was published there is not known. */
	uint32_t doubts = doubts_of(&broker->facts) | (broker->undecoded ? INEXACT_HOLES : 0);
	if (doubts != 0 && connection->absence != NO_ABSENCE)
		doubt_cost(model, connection->absence, doubts);
	if (doubts != 0 && remarks->never_back != 0)
		doubt_cost(model, remarks->never_back - 1, doubts);
	if (several[broker_at(model, connection->broker)->group])
		return;
	if (connection->absence != NO_ABSENCE)
		absence_at(model, connection->absence)->inexact |= INEXACT_NO_PUBLISHER_SEEN;
	if (remarks->never_back != 0)
		absence_at(model, remarks->never_back - 1)->inexact |= INEXACT_NO_PUBLISHER_SEEN;
}

void observe_pause(Model *model)
{
	forget_paused(model);
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		const Live *live = presence_at(model, i)->live;
		if (live != NULL)
			connection_of(live)->last_from_client = live->last_from_client;
	}
}

/* What there is one of for each client. */
static void finish_presence(Model *model, ClientIndex client)
{
	Live *live = presence_at(model, client)->live;
	if (live == NULL)
		return;
	served_end(live);
	if (live->away != NULL)
		away_settle(model, g_steal_pointer(&live->away));
}

static void finish_absence(Model *model, ClientIndex client)
{
	Away *away = presence_at(model, client)->away;
	note_unsure(model, client_at(model, client));
	if (away != NULL && away_is_open(away))
		away_give_up(model, away);
}

void observe_finish(Model *model, Breath *breath)
{
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		finish_presence(model, i);
		breath_take(breath);
	}
	wills_finish(model, breath);
	note_renamed(model, breath);
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		finish_absence(model, i);
		breath_take(breath);
	}
	g_autofree bool *several = list_sights(model);
	for (ConnectionIndex i = 0; i < model->connections.n; i++) {
		judge_sight(model, connection_at(model, i), several);
		breath_take(breath);
	}
}
