/* SPDX-License-Identifier: MIT */
#include "src/session/observe_parts.h"

#include "src/session/away.h"
#include "src/session/stalls.h"
#include "src/session/served.h"
#include "src/session/unheard.h"
#include "src/session/unfinished.h"
#include "src/session/marks.h"

/* Brokers look for silent clients in steps: with a Keep Alive of 1 s, some kick after 5 s. */
#define CHECK_GRAIN_NS (10 * NS_PER_SECOND)

/* The client sent what the capture does not have: it was not silent. */
static bool spoke_unread(const Live *live)
{
	const TcpFlow *flow = live->opening.flow;
	return live->unread || (flow != NULL && tcp_flow_lacks(flow, (unsigned)live->client_side));
}

/* The broker waits one and a half times the Keep Alive (5.0 [MQTT-3.1.2-22], 3.1.1
 * [MQTT-3.1.2-24]) or, as is seen, up to three times; less or more than that is no keep-alive kick. */
static bool keep_alive_ran_out(const Live *live, Instant now)
{
	const Connection *connection = connection_of(live);
	uint32_t keep_alive = connection->server_keep_alive.known
	                              ? connection->server_keep_alive.value
	                              : connection->keep_alive;
	if (keep_alive == 0 || !connection->connect_seen ||
	    !instant_known(live->last_from_client) || spoke_unread(live))
		return false;
	int64_t silence = now.ns - live->last_from_client.ns;
	int64_t due = (int64_t)keep_alive * NS_PER_SECOND * 3 / 2;
	return silence >= due && silence <= MAX(2 * due, due + CHECK_GRAIN_NS);
}

/* The client has sent another CONNECT, elsewhere, that was not refused. */
static bool was_taken_over(const Model *model, const Connection *connection)
{
	enum { LOOK = 64 };
	ConnectionIndex index = connection->next;
	for (int i = 0; index != NO_INDEX && i < LOOK; i++) {
		const Connection *next = connection_at(model, index);
		if (next->connect_seen && next->outcome != OUTCOME_REFUSED)
			return true;
		index = next->next;
	}
	return false;
}

static CloseKind refine(const Live *live, ClosedBy by, CloseKind kind, Instant now)
{
	const Connection *connection = connection_of(live);
	if (by != CLOSED_BY_BROKER || (kind != CLOSE_FIN && kind != CLOSE_RST))
		return kind;
	if (connection->outcome == OUTCOME_REFUSED)
		return CLOSE_REFUSED;
	if (was_taken_over(live->model, connection))
		return CLOSE_TAKEOVER;
	return keep_alive_ran_out(live, now) ? CLOSE_KEEP_ALIVE : kind;
}

void live_leave(Live *live)
{
	marks_gone(live);
	if (live->left || !live->accepted)
		return;
	live->left = true;
	Model *model = live->model;
	Connection *connection = connection_of(live);
	Client *client = client_at(model, connection->client);
	connection->last_from_client = live->last_from_client;
	connection->outlived_s = live->outlived_s;
	if (observe_unanswered(live))
		client->subscriptions_unanswered = client->wants_messages = true;
	connection->had_subscriptions = client->n_subscriptions > 0 ||
	                                client->subscriptions_partial ||
	                                client->subscriptions_unanswered;
	connection->wanted_messages = client->wants_messages;
	if (client->current != live->connection)
		return;
	client->current = NO_INDEX;
	presence_at(model, connection->client)->live = NULL;
	stalls_end(live);
	served_end(live);
	unfinished_begin(live);
	away_begin(live);
}

void live_forget(Live *live)
{
	Connection *connection = connection_of(live);
	connection->last_from_client = live->last_from_client;
	connection->outlived_s = live->outlived_s;
	if (connection->client == NO_INDEX)
		return;
	Presence *presence = presence_at(live->model, connection->client);
	if (presence->live == live)
		presence->live = NULL;
}

void live_close(Live *live, ClosedBy by, CloseKind kind, const StreamPoint *at)
{
	if (live->closed || live->connection == NO_INDEX)
		return;
	live->closed = true;
	Connection *connection = connection_of(live);
	connection->closed_by = (uint8_t)by;
	connection->close_kind = (uint8_t)refine(live, by, kind, at->time);
	connection->closed = at->time;
	connection->close_frame = at->frame;
	if (by == CLOSED_BY_BROKER)
		marks_closed(live, at);
	if (by == CLOSED_BY_CLIENT && kind == CLOSE_RST)
		marks_reset(live, at);
	if (by != CLOSED_BY_CLIENT || kind == CLOSE_RST)
		unheard_settle(live, at->time);
	live_leave(live);
}

static CloseKind kind_of_reason(uint8_t reason)
{
	switch (reason) {
	case 0x8E:
		return CLOSE_TAKEOVER;
	case 0x8D:
		return CLOSE_KEEP_ALIVE;
	case 0x81:
	case 0x82:
	case 0x93:
	case 0x94:
	case 0x95:
	case 0x99:
		return CLOSE_PROTOCOL_ERROR;
	default:
		return CLOSE_DISCONNECT;
	}
}

static void learn_reason(Broker *broker, uint8_t reason)
{
	broker->facts.sends_taken_over |= reason == 0x8E;
	broker->facts.sends_keep_alive_timeout |= reason == 0x8D;
	broker->facts.sends_shutting_down |= reason == 0x8B;
}

void observe_disconnect(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	Connection *connection = connection_of(live);
	const MqttPacket *packet = event->packet;
	uint8_t reason = packet->has_reason ? packet->reason : 0;
	if ((int)event->side != live->client_side) {
		connection->server_disconnected = true;
		connection->server_disconnect_reason = reason;
		learn_reason(broker_at(model, connection->broker), reason);
		live_close(live, CLOSED_BY_BROKER, kind_of_reason(reason), &event->begin);
		return;
	}
	if (live->closed || packet->truncated)
		return;
	connection->client_disconnected = true;
	connection->client_disconnect_reason = reason;
	if (mqtt_has_property(&packet->properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL))
		connection->expiry_disconnect = (OptionalU32){
			true, packet->properties.number[MQTT_PROP_SESSION_EXPIRY_INTERVAL]};
	live_close(live, CLOSED_BY_CLIENT, CLOSE_DISCONNECT, &event->begin);
}

/* The flow is over without a sign on the wire. */
static void vanish(Live *live, bool capture_ended)
{
	if (live->closed || live->connection == NO_INDEX)
		return;
	Connection *connection = connection_of(live);
	bool superseded = live->left || was_taken_over(live->model, connection);
	live->closed = true;
	if (capture_ended && !superseded) {
		connection->closed_by = CLOSED_BY_CAPTURE_END;
		connection->close_kind = CLOSE_OPEN;
		return;
	}
	connection->closed_by = CLOSED_BY_UNKNOWN;
	connection->close_kind = CLOSE_VANISHED;
	live_leave(live);
}

void observe_end(Live *live, unsigned side, StreamEnd how, const StreamPoint *at)
{
	if (live->connection == NO_INDEX)
		return;
	bool client = (int)side == live->client_side;
	Connection *connection = connection_of(live);
	/* Either side's FIN after the other's end: nothing of it is missing that is not known to be. */
	bool other = connection->closed_by == (client ? CLOSED_BY_BROKER : CLOSED_BY_CLIENT);
	if (other && (how == STREAM_END_FIN || how == STREAM_END_RST))
		connection->answered_close = true;
	connection->answered_fin |= other && how == STREAM_END_FIN;
	ClosedBy by = client ? CLOSED_BY_CLIENT : CLOSED_BY_BROKER;
	switch (how) {
	case STREAM_END_FIN:
		live_close(live, by, CLOSE_FIN, at);
		return;
	case STREAM_END_RST:
		live_close(live, by, CLOSE_RST, at);
		return;
	case STREAM_END_STALE:
		vanish(live, false);
		return;
	case STREAM_END_CAPTURE:
		vanish(live, true);
		return;
	}
}

void observe_farewell(Live *live, unsigned side, const Farewell *farewell)
{
	if (live->connection == NO_INDEX)
		return;
	Connection *connection = connection_of(live);
	Parting *parting = &remarks_of(live->model, connection)->parting[(int)side != live->client_side];
	if (parting->layer == FAREWELL_NONE)
		*parting = (Parting){(uint8_t)farewell->layer, farewell->code};
}
