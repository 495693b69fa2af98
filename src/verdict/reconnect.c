/* SPDX-License-Identifier: MIT */
#include "src/verdict/reconnect.h"

#include "src/session/clock_doubt.h"
#include "src/session/host.h"
#include "src/verdict/backends.h"
#include "src/verdict/takeover.h"

static int64_t absence_between(Instant from, Instant to)
{
	if (!instant_known(from) || !instant_known(to))
		return INT64_MIN;
	return to.ns > from.ns ? to.ns - from.ns : 0;
}

/* A connection between of whose CONNACK the capture has only a hole, or whose end is missing. */
static uint32_t unseen_answers(const Model *model, const Connection *now)
{
	ConnectionIndex index = now->previous;
	while (index != NO_INDEX && index != now->accepted_before) {
		const Connection *between = model_connection(model, index);
		if (!between->connack_seen &&
		    (between->holes > 0 || !instant_known(between->closed)))
			return GATE_CONNACK_NOT_SEEN;
		index = between->previous;
	}
	return 0;
}

/* Between @now and the one accepted before it something was forgotten. */
static bool is_cut_off(const Model *model, const Connection *now)
{
	const Connection *at = now;
	while (!at->gap_before && at->previous != NO_INDEX && at->previous != now->accepted_before)
		at = model_connection(model, at->previous);
	return at->gap_before;
}

bool reconnect_view(const Model *model, const DiagnoseOptions *options, ConnectionIndex index,
                    Reconnect *view)
{
	const Connection *now = model_connection(model, index);
	if (now->client == NO_INDEX || !connection_was_accepted(now) || now->accepted_before == NO_INDEX)
		return false;
	const Connection *before = model_connection(model, now->accepted_before);
	bool whole = model_counts(model)->forgotten_connections == 0;
	if (!whole && (before->forgotten || is_cut_off(model, now)))
		return false;
	const Client *client = model_client(model, now->client);
	*view = (Reconnect){
		.model = model,
		.options = options,
		.client = client,
		.broker = model_broker(model, client->broker),
		.now = now,
		.before = before,
		.now_index = index,
		.before_index = now->accepted_before,
		.expiry = connection_expiry(before),
		.absence_ns = absence_between(before->closed, now->connect_time),
		.absence_at_most_ns = absence_between(before->last_from_client, now->connect_time),
		.cost = model_absence(model, now->absence),
	};
	view->unseen_between = unseen_answers(model, now);
	if (before->accepted_before != NO_INDEX && !model_connection(model, before->accepted_before)->forgotten)
		view->earlier = model_connection(model, before->accepted_before);
	return true;
}

static void fetch(const void *memory, size_t size)
{
	for (size_t at = 0; at < size; at += 64)
		__builtin_prefetch((const char *)memory + at);
}

void reconnect_fetch(const Model *model, ConnectionIndex index)
{
	if (index >= model_n_connections(model))
		return;
	const Connection *now = model_connection(model, index);
	if (now->accepted_before != NO_INDEX)
		fetch(model_connection(model, now->accepted_before), sizeof *now);
	if (now->client != NO_INDEX)
		fetch(model_client(model, now->client), sizeof(Client));
	if (now->absence != NO_ABSENCE)
		fetch(model_absence(model, now->absence), sizeof(Absence));
}

/* Where several hosts are known to answer, one whose handshake was not seen may be any of them. */
static bool may_be_other_backend(const Reconnect *view)
{
	bool several = view->record != NULL && view->record->hosts.several;
	return backend_changed(view->model, view->before, view->now) ||
	       (several && backend_relation(view->model, view->before, view->now) ==
	                           BACKEND_UNKNOWN);
}

uint32_t reconnect_unseen(const Reconnect *view)
{
	uint32_t gates = view->unseen_between;
	if (!view->before->connack_seen)
		gates |= GATE_CONNACK_NOT_SEEN;
	if (!instant_known(view->before->closed))
		gates |= GATE_END_NOT_SEEN;
	if (view->before->holes > 0 || view->now->holes > 0)
		gates |= GATE_HOLES;
	if (lacks_evidence(view->options))
		gates |= GATE_CAPTURE_LOSS;
	if (view->options->vantage == VANTAGE_CLIENT)
		gates |= GATE_CLIENT_VANTAGE;
	if (view->other_brokers)
		gates |= GATE_OTHER_BROKER;
	if (may_be_other_backend(view))
		gates |= GATE_OTHER_BACKEND;
	return gates;
}

bool reconnect_close_unheard(const Reconnect *view)
{
	const Connection *before = view->before;
	return before->closed_by == CLOSED_BY_CLIENT && !before->answered_close &&
	       (before->close_kind == CLOSE_FIN || before->close_kind == CLOSE_DISCONNECT);
}

/* Seen to be missed; what holes may hide does not count here. */
static bool messages_missed(const Absence *cost)
{
	return cost->lost_offline + cost->lost_resubscribe_gap + cost->lost_in_flight > 0;
}

Instant reconnect_session_began(const Model *model, const Connection *connection)
{
	enum { LOOK = 64 };
	for (int i = 0; i < LOOK && connection->outcome == OUTCOME_RESUMED &&
	                connection->accepted_before != NO_INDEX;
	     i++)
		connection = model_connection(model, connection->accepted_before);
	return connection->connect_time;
}

bool reconnect_had_state(const Reconnect *view)
{
	return view->before->had_subscriptions ||
	       (view->cost != NULL && (view->cost->n_subscriptions > 0 || view->cost->in_flight > 0 ||
	                               messages_missed(view->cost)));
}

Instant reconnect_deadline(const Reconnect *view)
{
	if (!expiry_known(view->expiry) || view->expiry.seconds == EXPIRY_NEVER ||
	    !instant_known(view->before->closed))
		return INSTANT_UNKNOWN;
	return (Instant){view->before->closed.ns + view->expiry.seconds * NS_PER_SECOND};
}

int64_t reconnect_grace_ns(uint32_t expiry_seconds)
{
	int64_t tenth = (int64_t)expiry_seconds * NS_PER_SECOND / 10;
	return tenth > 5 * NS_PER_SECOND ? tenth : 5 * NS_PER_SECOND;
}

int64_t reconnect_doubt_ns(const Model *model, const Connection *before, const Connection *now)
{
	FrameRef left = before->close_frame.number != 0 ? before->close_frame : before->connect_frame;
	return model_clock_doubt(model, left, now->connect_frame);
}

static bool is_over(const Reconnect *view, int side)
{
	if (!expiry_known(view->expiry))
		return side < 0;
	if (view->expiry.seconds == 0) /* unless @now is what closed it */
		return view->before->close_kind != CLOSE_TAKEOVER;
	Instant deadline = reconnect_deadline(view);
	if (!instant_known(deadline))
		return false;
	int64_t margin = reconnect_grace_ns(view->expiry.seconds) +
	                 reconnect_doubt_ns(view->model, view->before, view->now);
	return view->now->connect_time.ns > deadline.ns + side * margin;
}

bool reconnect_was_over(const Reconnect *view)
{
	return is_over(view, 1);
}

bool reconnect_may_be_over(const Reconnect *view)
{
	return is_over(view, -1);
}

static bool same_number(OptionalU32 a, OptionalU32 b)
{
	return a.known == b.known && (!a.known || a.value == b.value);
}

/* Keep Alive is not among them: devices stretch it where sending is dear. */
bool reconnect_same_settings(const Connection *a, const Connection *b)
{
	return a->version == b->version && a->has_username == b->has_username &&
	       (!a->has_username || a->username == b->username) && a->has_will == b->has_will &&
	       same_number(a->expiry_connect, b->expiry_connect) &&
	       same_number(a->receive_maximum, b->receive_maximum) &&
	       same_number(a->maximum_packet_size, b->maximum_packet_size);
}

/* A library may leave the interval out when it connects again, or fall back to an older version of MQTT (C07, C08);
 * the rest of them a program keeps. */
static bool differ_for_good(const Connection *a, const Connection *b)
{
	return a->has_username != b->has_username ||
	       (a->has_username && a->username != b->username) || a->has_will != b->has_will ||
	       !same_number(a->receive_maximum, b->receive_maximum) ||
	       !same_number(a->maximum_packet_size, b->maximum_packet_size);
}

/* Around two connections of different hosts. */
typedef struct Neighbours {
	bool back;     /* the host of the first came back after the second, or that of the second was there before */
	bool steady;   /* each host has kept to its settings, so that they tell one from the other */
	bool for_good; /* likewise to those that a library does not change by itself */
} Neighbours;

static void look_at(const Model *model, const Connection *other, const Connection *near, const Connection *far,
                    Neighbours *seen)
{
	bool far_host = model_same_host(model, other, far);
	seen->back |= far_host;
	const Connection *host = far_host ? far : model_same_host(model, other, near) ? near : NULL;
	if (host == NULL || !other->connect_seen)
		return;
	seen->steady &= reconnect_same_settings(other, host);
	seen->for_good &= !differ_for_good(other, host);
}

static Neighbours neighbours_of(const Model *model, const Connection *a, const Connection *b)
{
	const Connection *first = a->number < b->number ? a : b;
	const Connection *second = first == a ? b : a;
	Neighbours seen = {.steady = true, .for_good = true};
	enum { LOOK = 64 };
	ConnectionIndex at = second->next;
	for (int i = 0; at != NO_INDEX && i < LOOK; i++) {
		const Connection *other = model_connection(model, at);
		look_at(model, other, second, first, &seen);
		at = other->next;
	}
	at = first->previous;
	for (int i = 0; at != NO_INDEX && i < LOOK; i++) {
		const Connection *other = model_connection(model, at);
		look_at(model, other, first, second, &seen);
		at = other->previous;
	}
	return seen;
}

static bool same_user(const Connection *a, const Connection *b)
{
	return a->has_username == b->has_username && (!a->has_username || a->username == b->username);
}

/* The user of @a is there again beyond @b, the next or the previous ones. */
static bool user_is_back(const Model *model, const Connection *a, const Connection *b, bool after)
{
	enum { LOOK = 64 };
	ConnectionIndex at = after ? b->next : b->previous;
	for (int i = 0; at != NO_INDEX && i < LOOK; i++) {
		const Connection *other = model_connection(model, at);
		if (same_user(other, a))
			return true;
		at = after ? other->next : other->previous;
	}
	return false;
}

/* Behind one address, two users that take turns are two programs, or two devices behind a NAT. */
static bool users_take_turns(const Model *model, const Connection *a, const Connection *b)
{
	if (!a->has_username || !b->has_username || same_user(a, b))
		return false;
	const Connection *first = a->number < b->number ? a : b;
	const Connection *second = first == a ? b : a;
	return user_is_back(model, first, second, true) ||
	       user_is_back(model, second, first, false);
}

TwinEvidence reconnect_twin(const Model *model, const Connection *a, const Connection *b)
{
	bool same = reconnect_same_settings(a, b);
	if (model_same_host(model, a, b)) {
		/* A program that was started anew does not answer for the one before. */
		bool two = !same && alive_at_once(a, b);
		return two || users_take_turns(model, a, b) ? TWIN_MAYBE : TWIN_NO;
	}
	/* A device with two interfaces, or behind two balancers, overlaps with itself; but it does not
	 * go on doing so. */
	bool at_once = alive_at_once(a, b);
	if (at_once && throw_each_other_out(model, a, b))
		return TWIN_PROVEN;
	if (same)
		return !at_once && a->keep_alive == b->keep_alive ? TWIN_MOVED : TWIN_MAYBE;
	/* One that roams, and whose settings change whatever its address, is no two. */
	Neighbours seen = neighbours_of(model, a, b);
	bool two = differ_for_good(a, b) ? seen.for_good && (seen.back || at_once) : seen.steady && seen.back;
	/* What would tell otherwise may be forgotten. */
	return two && model_counts(model)->forgotten_connections == 0 ? TWIN_PROVEN : TWIN_MAYBE;
}
