/* SPDX-License-Identifier: MIT */
/* incident_idle: a NAT or firewall on the way forgets connections on which nothing was sent for some
 * time.  What was idle for longer than any that lived on is found dead. */
#include "src/verdict/incidents.h"

enum {
	IDLE_FEW = 3,   /* clients and connections, at least */
	IDLE_MANY = 5,
	IDLE_LEAST_S = 60,
	IDLE_TOGETHER = 2, /* no more than one in so many at one time */
};
#define IDLE_TOGETHER_NS (10 * NS_PER_SECOND)

typedef struct Killed {
	const Mark *mark;
	const Connection *connection;
	uint32_t idle_s; /* before it was found dead */
} Killed;

static uint32_t keep_alive_of(const Connection *connection)
{
	return connection->server_keep_alive.known ? connection->server_keep_alive.value
	                                           : connection->keep_alive;
}

/* Its client is back on another connection, or one of the two was answered by RST, after that silence. */
static bool is_candidate(const Model *model, const Mark *mark, Killed *killed)
{
	if (mark->connection == NO_INDEX)
		return false;
	const Connection *connection = model_connection(model, mark->connection);
	bool reset = mark->kind == MARK_CUT_OFF ||
	             (mark->kind == MARK_CLOSED && connection->close_kind == CLOSE_RST);
	*killed = (Killed){mark, connection, model_remarks(model, connection)->idle_end_s};
	return (reset || mark->kind == MARK_SUPERSEDED) && killed->idle_s >= IDLE_LEAST_S &&
	       connection->connect_seen && connection->holes == 0;
}

static GArray *list_killed(const Model *model, const MarkList *marks)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(Killed));
	for (uint32_t i = 0; i < marks->n; i++) {
		Killed killed;
		if (is_candidate(model, marks->marks[i], &killed))
			g_array_append_val(list, killed);
	}
	return list;
}

static const Killed *killed_at(const GArray *list, guint i)
{
	return &g_array_index(list, Killed, i);
}

static guint hash_of(gconstpointer address)
{
	guint hash = 5381;
	for (size_t i = 0; i < sizeof ((const IpAddress *)address)->octets; i++)
		hash = hash * 33 + ((const IpAddress *)address)->octets[i];
	return hash;
}

static gboolean is_equal(gconstpointer a, gconstpointer b)
{
	return ip_address_equal(a, b);
}

/* The longest silence that a connection of the same hosts outlived. */
static uint32_t longest_outlived(const Model *model, const GArray *list)
{
	g_autoptr(GHashTable) hosts = g_hash_table_new_full(hash_of, is_equal, g_free, NULL);
	for (guint i = 0; i < list->len; i++) {
		const IpAddress *host = &killed_at(list, i)->connection->source.address;
		g_hash_table_add(hosts, g_memdup2(host, sizeof *host));
	}
	BrokerIndex broker = killed_at(list, 0)->mark->broker;
	uint32_t longest = 0;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->broker == broker && connection->outlived_s > longest &&
		    g_hash_table_contains(hosts, &connection->source.address))
			longest = connection->outlived_s;
	}
	return longest;
}

/* Longer than what was outlived, and the Keep Alive let it be so: with a shorter one something is
 * sent before; who was silent for much longer was away for a reason of its own. */
static void keep_idle_ones(GArray *list, uint32_t outlived)
{
	guint kept = 0;
	for (guint i = 0; i < list->len; i++) {
		const Killed killed = *killed_at(list, i);
		uint32_t keep_alive = keep_alive_of(killed.connection);
		bool may_be_idle = keep_alive == 0 || keep_alive > outlived + outlived / 10;
		bool at_most = keep_alive == 0 || killed.idle_s <= keep_alive * 5 / 2;
		if (killed.idle_s > outlived && may_be_idle && at_most)
			g_array_index(list, Killed, kept++) = killed;
	}
	g_array_set_size(list, kept);
}

static guint count_clients(const GArray *list)
{
	g_autoptr(GHashTable) clients = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < list->len; i++)
		g_hash_table_add(clients, GUINT_TO_POINTER(killed_at(list, i)->connection->client));
	return g_hash_table_size(clients);
}

/* What befalls them at one time is an outage; the marks are in the order of time. */
static bool are_together(const GArray *list)
{
	guint first = 0, most = 0;
	for (guint i = 0; i < list->len; i++) {
		while (killed_at(list, i)->mark->at.ns - killed_at(list, first)->mark->at.ns >
		       IDLE_TOGETHER_NS)
			first++;
		most = MAX(most, i - first + 1);
	}
	return most * IDLE_TOGETHER > list->len;
}

static uint32_t shortest(const GArray *list)
{
	uint32_t idle = UINT32_MAX;
	for (guint i = 0; i < list->len; i++)
		idle = MIN(idle, killed_at(list, i)->idle_s);
	return idle;
}

static void add(const GArray *list, uint32_t outlived, GArray *candidates)
{
	const Mark *first = killed_at(list, 0)->mark, *last = killed_at(list, list->len - 1)->mark;
	uint32_t idle = shortest(list);
	bool tight = outlived >= IDLE_LEAST_S && idle <= 2 * outlived;
	Candidate candidate = candidate_new(INCIDENT_IDLE_KILL, first->broker, first->at);
	candidate.incident.to = last->at;
	candidate.incident.n_ended = list->len;
	candidate.incident.age_ns = idle * NS_PER_SECOND;
	candidate.incident.outlived_ns = outlived * NS_PER_SECOND;
	candidate.incident.confidence = list->len >= IDLE_MANY && tight ? CONFIDENCE_STRONG
	                                                              : CONFIDENCE_CONSISTENT;
	for (guint i = 0; i < list->len; i++) {
		const Mark *mark = killed_at(list, i)->mark;
		IncidentSign sign = mark->kind == MARK_SUPERSEDED ? SIGN_VANISHED : SIGN_RESET;
		candidate.incident.signs |= (uint16_t)sign;
		candidate_add_frame(&candidate, mark->frame, mark->at, sign);
		candidate_hit(&candidate, killed_at(list, i)->connection->client);
	}
	g_array_append_val(candidates, candidate);
}

void find_idle_kills(const Model *model, const MarkList *marks, GArray *candidates)
{
	g_autoptr(GArray) list = list_killed(model, marks);
	if (list->len < IDLE_FEW)
		return;
	uint32_t outlived = longest_outlived(model, list);
	keep_idle_ones(list, outlived);
	if (list->len >= IDLE_FEW && count_clients(list) >= IDLE_FEW && !are_together(list))
		add(list, outlived, candidates);
}
