/* SPDX-License-Identifier: MIT */
/* incident_refused: the broker turns many clients away, for their credentials or for want of room. */
#include "src/verdict/incidents.h"

typedef struct Refusal {
	IncidentKind kind;
	uint32_t many;   /* different clients that it takes */
	int64_t gap_ns;  /* so long nothing, and it is over */
} Refusal;

static const Refusal refusals[] = {
	{INCIDENT_CREDENTIALS, 3, 600 * NS_PER_SECOND},
	{INCIDENT_HERD, 5, 10 * NS_PER_SECOND},
};

static bool is_about_credentials(const Connection *connection, uint8_t reason)
{
	if (connection->version == MQTT_5_0)
		return reason == 0x86 || reason == 0x87;
	return reason == 4 || reason == 5;
}

static bool is_about_room(const Connection *connection, uint8_t reason)
{
	if (connection->version == MQTT_5_0)
		return reason == 0x88 || reason == 0x89 || reason == 0x97 || reason == 0x9F;
	return reason == 3;
}

static bool is_of_kind(const Model *model, const Mark *mark, IncidentKind kind)
{
	if (mark->kind != MARK_TURNED_AWAY && mark->kind != MARK_CLOSED)
		return false;
	const Connection *connection = model_connection(model, mark->connection);
	bool connack = mark->kind == MARK_TURNED_AWAY;
	if (!connack && !connection->server_disconnected)
		return false;
	uint8_t reason = connack ? connection->return_code : connection->server_disconnect_reason;
	if (kind == INCIDENT_HERD)
		return is_about_room(connection, reason);
	/* Whoever was never let in has credentials that are just wrong. */
	return connack && is_about_credentials(connection, reason) &&
	       connection->client != NO_INDEX && connection->previous != NO_INDEX;
}

/* The first connection after @connection that was accepted; NULL if there is none. */
static const Connection *accepted_after(const Model *model, const Connection *connection)
{
	enum { LOOK = 64 };
	ConnectionIndex next = connection->next;
	for (int i = 0; next != NO_INDEX && i < LOOK; i++) {
		const Connection *later = model_connection(model, next);
		if (connection_was_accepted(later))
			return later;
		next = later->next;
	}
	return NULL;
}

static bool was_accepted_before(const Model *model, const Connection *connection)
{
	enum { LOOK = 64 };
	ConnectionIndex previous = connection->previous;
	for (int i = 0; previous != NO_INDEX && i < LOOK; i++) {
		const Connection *earlier = model_connection(model, previous);
		if (connection_was_accepted(earlier))
			return true;
		previous = earlier->previous;
	}
	return false;
}

static void note_return(Candidate *candidate, const Connection *accepted)
{
	Incident *incident = &candidate->incident;
	incident->n_resumed += accepted->outcome == OUTCOME_RESUMED;
	incident->n_lost += accepted->outcome == OUTCOME_FRESH_UNEXPECTED;
	if (instant_known(incident->to) && incident->to.ns <= accepted->connack_time.ns)
		return;
	incident->to = accepted->connack_time;
	incident->frames[INCIDENT_FRAMES - 1] =
		(IncidentFrame){accepted->connect_frame, accepted->connect_time, 0};
}

/* One client may be turned away many times: only the last of them, before it is let in, counts. */
static bool is_last_in_row(const Model *model, const Connection *connection)
{
	return connection->next == NO_INDEX ||
	       model_connection(model, connection->next)->outcome != OUTCOME_REFUSED;
}

static void add(const Model *model, const Mark *mark, Candidate *candidate)
{
	const Connection *connection = model_connection(model, mark->connection);
	Incident *incident = &candidate->incident;
	bool credentials = incident->kind == INCIDENT_CREDENTIALS;
	candidate->last = mark->at;
	if (mark->kind == MARK_TURNED_AWAY) {
		candidate->first = MIN(candidate->first, mark->connection);
		candidate->newest = mark->connection;
	}
	if (credentials && !was_accepted_before(model, connection))
		return;
	incident->n_attempts++;
	candidate_add_frame(candidate, mark->frame, mark->at, SIGN_TURNED_AWAY);
	if (connection->client == NO_INDEX || !is_last_in_row(model, connection))
		return;
	const Connection *accepted = accepted_after(model, connection);
	if (credentials && accepted == NULL)
		return;
	candidate_hit(candidate, connection->client);
	if (accepted != NULL)
		note_return(candidate, accepted);
}

/* CONNECTs to the broker that it answered, of those that came to be known from @first to @last. */
static uint32_t count_answered(const Model *model, ConnectionIndex first, ConnectionIndex last)
{
	BrokerIndex broker = model_connection(model, first)->broker;
	uint32_t n = 0;
	for (ConnectionIndex i = first; i <= last; i++)
		n += model_connection(model, i)->broker == broker && model_connection(model, i)->connack_seen;
	return n;
}

/* The broker turned away much of what came, or more came than at other times: a few who find no room
 * while all others do are no herd. */
static bool was_rush(const Model *model, const Candidate *candidate)
{
	enum { SHARE = 2, TIMES = 4 };
	ConnectionIndex first = candidate->first, last = candidate->newest;
	if (first == NO_INDEX)
		return true;
	uint32_t n = count_answered(model, first, last);
	if (candidate->incident.n_attempts * SHARE >= n)
		return true;
	const Broker *broker = model_broker(model, model_connection(model, first)->broker);
	double span = (double)(candidate->last.ns - candidate->incident.from.ns) + NS_PER_SECOND;
	double whole = (double)(model_counts(model)->last.ns - model_counts(model)->first.ns) + NS_PER_SECOND;
	return n / span >= TIMES * (broker->n_connections / whole);
}

static void finish(const Model *model, const Refusal *refusal, Candidate *candidate, GArray *candidates)
{
	guint n_hit = candidate->hit == NULL ? 0 : candidate->hit->len;
	candidate->incident.signs = SIGN_TURNED_AWAY;
	candidate->incident.confidence = CONFIDENCE_STRONG;
	if (n_hit >= refusal->many && (refusal->kind != INCIDENT_HERD || was_rush(model, candidate)))
		g_array_append_val(candidates, *candidate);
	else
		g_clear_pointer(&candidate->hit, g_array_unref);
}

static void find_of_kind(const Model *model, const MarkList *marks, const Refusal *refusal,
                         GArray *candidates)
{
	Candidate candidate;
	bool open = false;
	for (uint32_t i = 0; i < marks->n; i++) {
		const Mark *mark = marks->marks[i];
		if (!is_of_kind(model, mark, refusal->kind))
			continue;
		if (open && mark->at.ns - candidate.last.ns > refusal->gap_ns) {
			finish(model, refusal, &candidate, candidates);
			open = false;
		}
		if (!open)
			candidate = candidate_new(refusal->kind, mark->broker, mark->at);
		open = true;
		add(model, mark, &candidate);
	}
	if (open)
		finish(model, refusal, &candidate, candidates);
}

void find_refusals(const Model *model, const MarkList *marks, GArray *candidates)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++)
		find_of_kind(model, marks, &refusals[i], candidates);
}
