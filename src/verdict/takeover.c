/* SPDX-License-Identifier: MIT */
#include "src/verdict/takeover.h"

#include "src/session/host.h"

bool alive_at_once(const Connection *a, const Connection *b)
{
	const Connection *older = a->number < b->number ? a : b;
	return older->close_kind == CLOSE_TAKEOVER && older->answered_fin;
}

/* The next that was let in, or may have been. */
static const Connection *next_let_in(const Model *model, const Connection *connection)
{
	for (ConnectionIndex next = connection->next; next != NO_INDEX;) {
		const Connection *candidate = model_connection(model, next);
		if (candidate->outcome != OUTCOME_REFUSED)
			return candidate;
		next = candidate->next;
	}
	return NULL;
}

/* @old and @new come from the hosts of @a and @b, one from each. */
static bool are_of_hosts(const Model *model, const Connection *old, const Connection *new, const Connection *a,
                         const Connection *b)
{
	if (model_same_host(model, old, new))
		return false;
	bool crossed = model_same_host(model, old, b);
	return model_same_host(model, old, crossed ? b : a) && model_same_host(model, new, crossed ? a : b);
}

bool throw_each_other_out(const Model *model, const Connection *a, const Connection *b)
{
	enum { LOOK = 64, TURNS = 3 };
	unsigned turns = 0;
	const Connection *at = a;
	for (int i = 0; i < LOOK && at->previous != NO_INDEX; i++)
		at = model_connection(model, at->previous);
	for (int i = 0; i < 2 * LOOK && turns < TURNS; i++) {
		const Connection *next = next_let_in(model, at);
		if (next == NULL)
			break;
		bool turn = alive_at_once(at, next) && are_of_hosts(model, at, next, a, b) &&
		            next->connect_time.ns - at->connect_time.ns <= TAKEOVER_TURN_NS;
		turns += turn;
		at = next;
	}
	return turns >= TURNS;
}

static void note_turn(PingPong *all, const Connection *old, const Connection *new)
{
	if (all->n++ == 0) {
		all->hosts[0] = old->source.address;
		all->hosts[1] = new->source.address;
		all->begin = new->connect_time;
	}
	for (unsigned i = 0; i < 2; i++) {
		const IpAddress *host = i == 0 ? &old->source.address : &new->source.address;
		all->more_hosts |= !ip_address_equal(host, &all->hosts[0]) &&
		                   !ip_address_equal(host, &all->hosts[1]);
	}
	all->end = new->connect_time;
}

PingPong ping_pong_of(const Model *model, const Client *client)
{
	PingPong all = {.begin = INSTANT_UNKNOWN, .end = INSTANT_UNKNOWN};
	if (client->first == NO_INDEX)
		return all;
	enum { LOOK = 4096 };
	const Connection *at = model_connection(model, client->first), *next;
	for (int i = 0; i < LOOK && (next = next_let_in(model, at)) != NULL; i++, at = next)
		if (alive_at_once(at, next) && !model_same_host(model, at, next))
			note_turn(&all, at, next);
	if (all.n > 1)
		all.period_ns = (all.end.ns - all.begin.ns) / (all.n - 1);
	return all;
}
