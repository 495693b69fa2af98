/* SPDX-License-Identifier: MIT */
/* incident_restart: the broker closes nearly all connections at once, or nobody listens. */
#include "src/verdict/incidents.h"

#define BURST_NS (2 * NS_PER_SECOND)

/* A DISCONNECT for a reason that concerns one client alone is no sign of a restart. */
static bool is_plain_close(const Model *model, const Mark *mark)
{
	if (mark->kind != MARK_CLOSED)
		return false;
	const Connection *connection = model_connection(model, mark->connection);
	if (connection->close_kind == CLOSE_FIN || connection->close_kind == CLOSE_RST)
		return true;
	uint8_t reason = connection->server_disconnect_reason;
	return connection->close_kind == CLOSE_DISCONNECT &&
	       (reason == 0x00 || reason == 0x80 || reason == 0x8B);
}

static bool says_shutting_down(const Model *model, const Mark *mark)
{
	const Connection *connection = model_connection(model, mark->connection);
	return connection->server_disconnected && connection->server_disconnect_reason == 0x8B;
}

static MarkList plain_closes(const Model *model, const MarkList *marks)
{
	MarkList closes = {g_new(const Mark *, marks->n + 1), 0};
	for (uint32_t i = 0; i < marks->n; i++)
		if (is_plain_close(model, marks->marks[i]))
			closes.marks[closes.n++] = marks->marks[i];
	return closes;
}

typedef struct Burst {
	uint32_t n;        /* closes of connections that were open when it began */
	uint32_t n_marks;  /* of all connections */
	uint32_t n_reset;
	bool shutting_down;
} Burst;

/* The closes within two seconds from the @first of @closes on, but no more than @at_most of them. */
static Burst measure_burst(const Model *model, const MarkList *closes, uint32_t first,
                           uint32_t at_most)
{
	Burst burst = {0};
	int64_t begin = closes->marks[first]->at.ns;
	for (uint32_t i = first; i < closes->n && burst.n_marks < at_most; i++) {
		const Mark *mark = closes->marks[i];
		if (mark->at.ns - begin > BURST_NS)
			break;
		const Connection *connection = model_connection(model, mark->connection);
		burst.n_marks++;
		burst.n += connection->opened.ns <= begin;
		burst.n_reset += connection->close_kind == CLOSE_RST;
		burst.shutting_down |= says_shutting_down(model, mark);
	}
	return burst;
}

/* Eight in ten of those that were open, rounded up. */
static uint32_t enough(uint32_t n_open)
{
	return (uint32_t)(((uint64_t)n_open * 8 + 9) / 10);
}

/* Cheap: with too few closes in the time there is no burst. */
static bool may_be_burst(const Model *model, const MarkList *closes, uint32_t first)
{
	const Mark *mark = closes->marks[first];
	uint32_t need = MAX(enough(mark->n_open), says_shutting_down(model, mark) ? 1u : 2u);
	return need <= closes->n - first &&
	       closes->marks[first + need - 1]->at.ns - mark->at.ns <= BURST_NS;
}

static void add_burst(const Model *model, const MarkList *closes, uint32_t first, Burst burst,
                      GArray *candidates)
{
	const Mark *begin = closes->marks[first];
	Candidate candidate = candidate_new(INCIDENT_RESTART, begin->broker, begin->at);
	candidate.incident.n_open = begin->n_open;
	candidate.incident.n_ended = MIN(burst.n, begin->n_open);
	candidate.incident.signs = SIGN_CLOSED;
	if (burst.n_reset * 2 > burst.n_marks)
		candidate.incident.signs |= SIGN_RESET;
	candidate_add_frame(&candidate, begin->frame, begin->at, SIGN_CLOSED);
	for (uint32_t i = first; i < first + burst.n_marks; i++) {
		const Mark *mark = closes->marks[i];
		candidate.last = mark->at;
		candidate_hit(&candidate, model_connection(model, mark->connection)->client);
		if (!says_shutting_down(model, mark))
			continue;
		if ((candidate.incident.signs & SIGN_SHUTTING_DOWN) == 0)
			candidate_add_frame(&candidate, mark->frame, mark->at, SIGN_SHUTTING_DOWN);
		candidate.incident.signs |= SIGN_SHUTTING_DOWN;
	}
	g_array_append_val(candidates, candidate);
}

static void find_bursts(const Model *model, const MarkList *marks, GArray *candidates)
{
	MarkList closes = plain_closes(model, marks);
	/* A hostile capture may be full of what looks like the beginning of one. */
	uint64_t budget = (uint64_t)closes.n * 32 + 1024;
	for (uint32_t i = 0; i < closes.n;) {
		uint32_t n_open = closes.marks[i]->n_open;
		if (!may_be_burst(model, &closes, i) || budget < n_open) {
			i++;
			continue;
		}
		budget -= n_open;
		Burst burst = measure_burst(model, &closes, i, 2 * n_open + 16);
		if (burst.n >= enough(n_open) && (burst.n >= 2 || burst.shutting_down)) {
			add_burst(model, &closes, i, burst, candidates);
			i += burst.n_marks;
		} else {
			i++;
		}
	}
	g_free(closes.marks);
}

/* --- attempts in vain, and what the broker says of itself --------------------------------- */

static void add_sign(const Mark *mark, GArray *candidates)
{
	static const IncidentSign signs[] = {
		[MARK_REFUSED] = SIGN_REFUSED,
		[MARK_UNANSWERED] = SIGN_UNANSWERED,
		[MARK_UPTIME] = SIGN_UPTIME,
	};
	Candidate candidate = candidate_new(INCIDENT_RESTART, mark->broker, mark->at);
	candidate.incident.signs = (uint16_t)signs[mark->kind];
	candidate.last = mark->until;
	if (mark->kind != MARK_UPTIME)
		candidate.incident.n_attempts = mark->n;
	candidate_add_frame(&candidate, mark->frame, mark->at, signs[mark->kind]);
	g_array_append_val(candidates, candidate);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const Candidate *x = a, *y = b;
	int64_t first = x->incident.from.ns, second = y->incident.from.ns;
	return (first > second) - (first < second);
}

void find_restarts(const Model *model, const MarkList *marks, GArray *candidates)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Candidate));
	find_bursts(model, marks, found);
	for (uint32_t i = 0; i < marks->n; i++) {
		MarkKind kind = (MarkKind)marks->marks[i]->kind;
		if (kind == MARK_REFUSED || kind == MARK_UNANSWERED || kind == MARK_UPTIME)
			add_sign(marks->marks[i], found);
	}
	g_array_sort(found, by_time);
	g_array_append_vals(candidates, found->data, found->len);
}
