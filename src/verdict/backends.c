/* SPDX-License-Identifier: MIT */
#include "src/verdict/backends.h"

#include <glib.h>

#include "src/session/expiry.h"

/* How far back, in connections of one client: what is farther counts as never seen. */
enum { LOOK = 48 };

/* Clocks drift, and the handshake may have waited: units of 4 s, one either way. */
static bool clocks_agree(uint8_t a, uint8_t b)
{
	uint8_t apart = (uint8_t)(a - b);
	return apart <= 1 || apart == UINT8_MAX;
}

/* How many different clocks there are; the last may be neighbours of the first. */
static unsigned count_clocks(const uint8_t seen[UINT8_MAX + 1])
{
	unsigned n = 0;
	for (unsigned clock = 1; clock <= UINT8_MAX; clock++)
		n += seen[clock] > 0 && seen[clock - 1] == 0;
	return n;
}

/* Some systems begin the clock anew for each connection (Linux since 6.18), and then two may agree by
 * chance: it tells something only if all connections of this client, more than three, lie on a few
 * clocks, and one of the two was seen to go on for some other connection. */
static bool clock_goes_on(const Model *model, const Connection *a, const Connection *b)
{
	enum { FEW = 2, SHARE = 3, ENOUGH = 4 }; /* four lie on two by chance once in a thousand */
	uint8_t clocks[2] = {model_backend(model, a).clock, model_backend(model, b).clock};
	uint8_t seen[UINT8_MAX + 1] = {0};
	unsigned n = 0;
	bool again = false;
	ConnectionIndex at = model_client(model, a->client)->last;
	for (int i = 0; i < 2 * LOOK && at != NO_INDEX; i++) {
		const Connection *other = model_connection(model, at);
		uint8_t clock = model_backend(model, other).clock;
		at = other->previous;
		if (clock == 0)
			continue;
		n++;
		seen[clock] = 1;
		again |= other != a && other != b &&
		         (clocks_agree(clock, clocks[0]) || clocks_agree(clock, clocks[1]));
	}
	return again && n >= ENOUGH && count_clocks(seen) <= MAX(FEW, n / SHARE);
}

static BackendRelation by_print(const TcpPrint *a, const TcpPrint *b)
{
	if (a == NULL || b == NULL || a->asked != b->asked)
		return BACKEND_UNKNOWN;
	if (a->answered != b->answered || a->mss != b->mss || a->window_scale != b->window_scale)
		return BACKEND_OTHER;
	return a->ttl == b->ttl ? BACKEND_SAME : BACKEND_FARTHER;
}

void backend_hosts_see(BackendHosts *hosts, const Model *model, const Connection *connection)
{
	if (connection->backend == hosts->last || hosts->several)
		return;
	hosts->last = connection->backend;
	const TcpPrint *print = model_backend(model, connection).print;
	bool known = print == NULL;
	for (uint8_t i = 0; i < hosts->n; i++) {
		hosts->several |= by_print(hosts->prints[i], print) == BACKEND_OTHER;
		known |= hosts->prints[i] == print;
	}
	if (!known && hosts->n < G_N_ELEMENTS(hosts->prints))
		hosts->prints[hosts->n++] = print;
}

/* The limits that a broker announces may depend on what the client asked for. */
static bool announce_differs(const Connection *a, const Connection *b, Backend x, Backend y)
{
	return x.announces != 0 && y.announces != 0 && x.announces != y.announces &&
	       a->keep_alive == b->keep_alive && a->has_username == b->has_username &&
	       a->username == b->username;
}

BackendRelation backend_relation(const Model *model, const Connection *a, const Connection *b)
{
	Backend x = model_backend(model, a), y = model_backend(model, b);
	BackendRelation relation = by_print(x.print, y.print);
	if (relation == BACKEND_OTHER)
		return BACKEND_OTHER;
	if (relation != BACKEND_UNKNOWN && x.clock != 0 && y.clock != 0) {
		if (clocks_agree(x.clock, y.clock))
			return BACKEND_SAME; /* whatever way it took */
		if (clock_goes_on(model, a, b))
			return BACKEND_OTHER;
	}
	return announce_differs(a, b, x, y) ? BACKEND_FARTHER : relation;
}

/* The session that @left made or kept was to be there still. */
static bool lasts_until(const Connection *left, Instant moment)
{
	Expiry expiry = connection_expiry(left);
	if (!expiry_known(expiry) || expiry.seconds == 0 || !instant_known(left->closed))
		return false;
	return expiry.seconds == EXPIRY_NEVER ||
	       left->closed.ns + expiry.seconds * NS_PER_SECOND > moment.ns;
}

/* The client had been at the host of @now before, and its session there was to last. */
static bool was_there_before(const Model *model, const Connection *now)
{
	ConnectionIndex at = now->accepted_before;
	for (int i = 0; i < LOOK && at != NO_INDEX; i++) {
		const Connection *earlier = model_connection(model, at);
		if (backend_relation(model, earlier, now) == BACKEND_SAME)
			return lasts_until(earlier, now->connect_time);
		at = earlier->accepted_before;
	}
	return false;
}

static void weigh(BackendRecord *record, const Model *model, ConnectionIndex index)
{
	const Connection *now = model_connection(model, index);
	const Connection *before = model_connection(model, now->accepted_before);
	BackendRelation relation = backend_relation(model, before, now);
	bool resumed = now->outcome == OUTCOME_RESUMED;
	bool known = was_there_before(model, now);
	if (relation == BACKEND_UNKNOWN || now->clean_start || !lasts_until(before, now->connect_time))
		return;
	if (resumed != known) {
		record->against++;
	} else if (!resumed) {
		record->lost_on_arrival++;
	} else if (relation == BACKEND_SAME) {
		record->stayed++;
	} else {
		record->found_on_return++;
		record->returned = index; /* the walk goes back in time */
	}
}

BackendRecord backend_record(const Model *model, const Client *client)
{
	BackendRecord record = {.returned = NO_INDEX};
	ConnectionIndex at = client->accepted;
	for (int i = 0; i < LOOK && at != NO_INDEX; i++) {
		const Connection *now = model_connection(model, at);
		bool told = now->outcome == OUTCOME_RESUMED ||
		            now->outcome == OUTCOME_FRESH_UNEXPECTED;
		if (told && now->accepted_before != NO_INDEX)
			weigh(&record, model, at);
		at = now->accepted_before;
	}
	return record;
}
