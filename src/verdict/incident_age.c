/* SPDX-License-Identifier: MIT */
/* incident_age: the broker closes connections when they have a certain age, as for a token's life. */
#include <stdlib.h>

#include "src/verdict/incidents.h"

enum { AGE_MANY = 5 };
#define AGE_LEAST_NS (60 * NS_PER_SECOND)
#define AGE_SLACK_NS (2 * NS_PER_SECOND)

typedef struct Age {
	int64_t ns;
	const Mark *mark;
} Age;

static bool is_candidate(const Connection *connection)
{
	if (connection->close_kind == CLOSE_FIN)
		return true;
	return connection->close_kind == CLOSE_DISCONNECT &&
	       (connection->server_disconnect_reason == 0xA0 ||
	        connection->server_disconnect_reason == 0x00 ||
	        connection->server_disconnect_reason == 0x87);
}

static GArray *list_ages(const Model *model, const MarkList *marks)
{
	GArray *ages = g_array_new(FALSE, FALSE, sizeof(Age));
	for (uint32_t i = 0; i < marks->n; i++) {
		const Mark *mark = marks->marks[i];
		if (mark->kind != MARK_CLOSED)
			continue;
		const Connection *connection = model_connection(model, mark->connection);
		if (!is_candidate(connection) || !instant_known(connection->connack_time))
			continue;
		Age age = {mark->at.ns - connection->connack_time.ns, mark};
		if (age.ns >= AGE_LEAST_NS)
			g_array_append_val(ages, age);
	}
	return ages;
}

static gint by_age(gconstpointer a, gconstpointer b)
{
	const Age *x = a, *y = b;
	return (x->ns > y->ns) - (x->ns < y->ns);
}

static const Age *age_at(const GArray *ages, guint index)
{
	return &g_array_index(ages, Age, index);
}

/* Connections that began and ended together have one age anyhow: so many others are left. */
static uint32_t count_apart(const GArray *ages, guint first, guint end)
{
	g_autofree int64_t *times = g_new(int64_t, end - first);
	for (guint i = first; i < end; i++)
		times[i - first] = age_at(ages, i)->mark->at.ns;
	uint32_t n = 1;
	for (guint i = 1; i < end - first; i++) {
		bool apart = true;
		for (guint k = 0; k < i && k < 64; k++)
			apart = apart && llabs(times[i] - times[k]) > 2 * AGE_SLACK_NS;
		n += apart;
	}
	return n;
}

static void add(const Model *model, const GArray *ages, guint first, guint end, GArray *candidates)
{
	const Mark *earliest = age_at(ages, first)->mark, *latest = earliest;
	for (guint i = first; i < end; i++) {
		const Mark *mark = age_at(ages, i)->mark;
		earliest = mark->at.ns < earliest->at.ns ? mark : earliest;
		latest = mark->at.ns > latest->at.ns ? mark : latest;
	}
	Candidate candidate = candidate_new(INCIDENT_TIME_LIMIT, earliest->broker, earliest->at);
	candidate.incident.to = latest->at;
	candidate.incident.signs = SIGN_CLOSED;
	candidate.incident.n_ended = end - first;
	candidate.incident.age_ns = age_at(ages, first)->ns;
	candidate.incident.confidence = CONFIDENCE_STRONG;
	candidate_add_frame(&candidate, earliest->frame, earliest->at, SIGN_CLOSED);
	candidate_add_frame(&candidate, latest->frame, latest->at, SIGN_CLOSED);
	for (guint i = first; i < end; i++)
		candidate_hit(&candidate,
		              model_connection(model, age_at(ages, i)->mark->connection)->client);
	g_array_append_val(candidates, candidate);
}

void find_time_limits(const Model *model, const MarkList *marks, GArray *candidates)
{
	g_autoptr(GArray) ages = list_ages(model, marks);
	g_array_sort(ages, by_age);
	for (guint first = 0, end; first < ages->len; first = end) {
		for (end = first + 1;
		     end < ages->len && age_at(ages, end)->ns - age_at(ages, first)->ns <= AGE_SLACK_NS;)
			end++;
		/* A broker with such a limit closes hardly any connection for another reason. */
		if (end - first >= AGE_MANY && (end - first) * 2 > ages->len &&
		    count_apart(ages, first, end) >= AGE_MANY)
			add(model, ages, first, end, candidates);
	}
}
