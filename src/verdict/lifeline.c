/* SPDX-License-Identifier: MIT */
#include "src/verdict/lifeline.h"

#include "src/session/expiry.h"

/* What is known of the session's end in one stretch of being away. */
typedef struct Away {
	ConnectionIndex connection; /* the one before */
	Instant from, to;
	Instant alive; /* the last proof of life: @from, or later */
	Instant dead;  /* proven dead by then: @to, or before */
	bool known;    /* its settings are */
	Instant end;   /* by them: not after @to */
	bool resumed;
	bool fresh;    /* found to be gone at @to, which did not end it itself */
} Away;

typedef struct Builder {
	const Model *model;
	const GArray *findings;
	const Roster *roster;
	const RosterRow *row;
	GArray *spans;
	Instant at;           /* until here there are spans */
	ConnectionIndex last; /* accepted, or perhaps so; NO_INDEX: none yet */
	Instant until;        /* of it; it has no span yet */
	GHashTable *deaths; /* connection that found it + 1 to index of a finding + 1; NULL: none */
} Builder;

/* From where the last one ended to @to, if that is any time at all. */
static void put_span(Builder *builder, Instant to, LifeKind kind, ConnectionIndex connection)
{
	if (to.ns <= builder->at.ns)
		return;
	LifeSpan span = {builder->at, to, (uint8_t)kind, connection};
	builder->at = to;
	LifeSpan *last = builder->spans->len == 0
	                         ? NULL : &g_array_index(builder->spans, LifeSpan, builder->spans->len - 1);
	if (last != NULL && last->kind == kind && last->connection == connection)
		last->to = to;
	else
		g_array_append_val(builder->spans, span);
}

/* --- away --------------------------------------------------------------------------------------- */

/* The finding that tells when the session ended which the connection @to (NO_INDEX: nobody yet) did
 * not find. */
static const Finding *death_before(const Builder *builder, ConnectionIndex to)
{
	if (builder->deaths == NULL)
		return NULL;
	uint32_t index = GPOINTER_TO_UINT(
		g_hash_table_lookup(builder->deaths, GUINT_TO_POINTER(to == NO_INDEX ? 0 : to + 1)));
	return index == 0 ? NULL : &g_array_index(builder->findings, Finding, index - 1);
}

static void note_deaths(Builder *builder)
{
	const Roster *roster = builder->roster;
	uint32_t begin = roster->first[builder->row->client], end = roster->first[builder->row->client + 1];
	for (uint32_t i = begin; i < end; i++) {
		uint32_t index = roster->by_client[i];
		const Finding *finding = &g_array_index(builder->findings, Finding, index);
		const CauseInfo *info = cause_info((CauseId)finding->cause);
		if (info == NULL || info->group != CAUSE_GROUP_SESSION || finding->severity == SEVERITY_RISK ||
		    !instant_known(finding->died_before))
			continue;
		if (builder->deaths == NULL)
			builder->deaths = g_hash_table_new(NULL, NULL);
		uint32_t to = finding->to == NO_INDEX ? 0 : finding->to + 1;
		g_hash_table_insert(builder->deaths, GUINT_TO_POINTER(to), GUINT_TO_POINTER(index + 1));
	}
}

static void read_settings(Away *away, const Connection *before)
{
	Expiry expiry = connection_expiry(before);
	/* One that was not seen to be accepted leaves open what it did to the session. */
	if (!expiry_known(expiry) || !before->connack_seen)
		return;
	int64_t end = away->to.ns;
	if (expiry.seconds != EXPIRY_NEVER) {
		if (!instant_known(before->closed) ||
		    __builtin_add_overflow(before->closed.ns, expiry.seconds * NS_PER_SECOND, &end))
			return;
	}
	away->known = true;
	away->end.ns = CLAMP(end, away->from.ns, away->to.ns);
}

static void read_witnesses(Away *away, const Finding *death)
{
	if (death == NULL || death->from != away->connection)
		return;
	if (instant_known(death->died_after))
		away->alive.ns = CLAMP(death->died_after.ns, away->from.ns, away->to.ns);
	away->dead.ns = CLAMP(death->died_before.ns, away->alive.ns, away->to.ns);
}

static void put_away(Builder *builder, const Away *away)
{
	if (away->resumed) {
		put_span(builder, away->to, LIFE_KEPT, away->connection);
		return;
	}
	put_span(builder, away->alive, LIFE_KEPT, away->connection);
	bool too_long = away->alive.ns > away->end.ns;
	bool too_short = away->dead.ns < away->end.ns ||
	                 (away->fresh && away->end.ns == away->to.ns && away->dead.ns == away->to.ns);
	if (!away->known || too_long || too_short)
		put_span(builder, away->dead, LIFE_UNKNOWN, away->connection);
	else
		put_span(builder, away->end, LIFE_KEPT, away->connection);
	put_span(builder, away->to, LIFE_GONE, away->connection);
}

/* @index: of the connection that ends it; NO_INDEX: nobody came until @to. */
static void go_away(Builder *builder, Instant to, ConnectionIndex index)
{
	if (to.ns <= builder->at.ns)
		return;
	uint8_t outcome = index == NO_INDEX ? OUTCOME_NOT_OBSERVABLE
	                                    : model_connection(builder->model, index)->outcome;
	Away away = {
		.connection = builder->last,
		.from = builder->at,
		.to = to,
		.alive = builder->at,
		.dead = to,
		.end = to,
		.resumed = outcome == OUTCOME_RESUMED,
		.fresh = outcome == OUTCOME_FRESH_UNEXPECTED,
	};
	read_settings(&away, model_connection(builder->model, builder->last));
	read_witnesses(&away, death_before(builder, index));
	put_away(builder, &away);
}

/* --- connected ---------------------------------------------------------------------------------- */

/* As far as is known: the end of one that was not seen to end is its last sign of life. */
static Instant end_of(const Builder *builder, const Connection *connection, ConnectionIndex index,
                      Instant begin)
{
	const Client *client = model_client(builder->model, builder->row->client);
	/* An attempt that nobody answered. */
	if (!connection->connack_seen && connection->holes == 0)
		return begin;
	if (client->current == index)
		return builder->roster->now;
	return instant_known(connection->closed) ? connection->closed : connection->last_from_client;
}

/* What the connection before was, and what came behind it, until @to. */
static void finish_last(Builder *builder, Instant to, ConnectionIndex index)
{
	if (builder->last == NO_INDEX)
		return;
	/* When another one comes it ends for the session, whatever its TCP does. */
	Instant until = {MIN(builder->until.ns, to.ns)};
	put_span(builder, until, LIFE_ONLINE, builder->last);
	go_away(builder, to, index);
}

static void connect_at(Builder *builder, const Connection *connection, ConnectionIndex index)
{
	Instant begin = instant_known(connection->connect_time) ? connection->connect_time
	                                                        : connection->opened;
	if (!instant_known(begin))
		return;
	finish_last(builder, begin, index);
	if (builder->last == NO_INDEX)
		builder->at = begin;
	builder->last = index;
	builder->until = end_of(builder, connection, index, begin);
}

static void connect_all(Builder *builder)
{
	const Client *client = model_client(builder->model, builder->row->client);
	for (ConnectionIndex i = client->first; i != NO_INDEX;) {
		const Connection *connection = model_connection(builder->model, i);
		bool refused = connection->connack_seen && connection->return_code != 0;
		if (!refused)
			connect_at(builder, connection, i);
		i = connection->next;
	}
	finish_last(builder, builder->roster->now, NO_INDEX);
}

/* --- the whole ---------------------------------------------------------------------------------- */

static void add_marks(Lifeline *lifeline, const Builder *builder)
{
	const Roster *roster = builder->roster;
	uint32_t begin = roster->first[builder->row->client];
	lifeline->n_marks = roster->first[builder->row->client + 1] - begin;
	lifeline->marks = g_new(LifeMark, (gsize)lifeline->n_marks + 1);
	for (uint32_t i = 0; i < lifeline->n_marks; i++) {
		uint32_t index = roster->by_client[begin + i];
		const Finding *finding = &g_array_index(builder->findings, Finding, index);
		lifeline->marks[i] = (LifeMark){finding_showed(builder->model, finding), index};
	}
}

/* Nanoseconds; a hostile clock may put them further apart than an int64_t can say. */
static uint64_t time_between(Instant from, Instant to)
{
	return (uint64_t)to.ns - (uint64_t)from.ns;
}

static void add_sums(Lifeline *lifeline)
{
	lifeline->sums = g_malloc0_n((gsize)lifeline->n_spans + 1, sizeof *lifeline->sums);
	for (uint32_t i = 0; i < lifeline->n_spans; i++) {
		const LifeSpan *span = &lifeline->spans[i];
		for (unsigned kind = 0; kind < LIFE_N; kind++)
			lifeline->sums[i + 1][kind] = lifeline->sums[i][kind];
		lifeline->sums[i + 1][span->kind] += time_between(span->from, span->to);
	}
}

Lifeline *lifeline_new(const Model *model, const GArray *findings, const Roster *roster,
                       ClientIndex client)
{
	Lifeline *lifeline = g_new0(Lifeline, 1);
	lifeline->deadline = INSTANT_UNKNOWN;
	if (client >= roster->n_rows) { /* not known when the verdict was made */
		add_sums(lifeline);
		return lifeline;
	}
	Builder builder = {
		.model = model,
		.findings = findings,
		.roster = roster,
		.row = &roster->rows[client],
		.spans = g_array_new(FALSE, FALSE, sizeof(LifeSpan)),
		.at = INSTANT_UNKNOWN,
		.last = NO_INDEX,
		.until = INSTANT_UNKNOWN,
	};
	note_deaths(&builder);
	connect_all(&builder);
	lifeline->deadline = builder.row->deadline;
	add_marks(lifeline, &builder);
	gsize n_spans = 0;
	lifeline->spans = g_array_steal(builder.spans, &n_spans);
	lifeline->n_spans = (uint32_t)n_spans;
	add_sums(lifeline);
	g_array_unref(builder.spans);
	g_clear_pointer(&builder.deaths, g_hash_table_unref);
	return lifeline;
}

void lifeline_free(Lifeline *lifeline)
{
	if (lifeline == NULL)
		return;
	g_free(lifeline->spans);
	g_free(lifeline->marks);
	g_free(lifeline->sums);
	g_free(lifeline);
}

/* --- looked at ---------------------------------------------------------------------------------- */

/* The first span that ends after @moment; n_spans: none does. */
static uint32_t span_at(const Lifeline *lifeline, Instant moment)
{
	uint32_t low = 0, high = lifeline->n_spans;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (lifeline->spans[middle].to.ns <= moment.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t mark_at(const Lifeline *lifeline, Instant moment)
{
	uint32_t low = 0, high = lifeline->n_marks;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (lifeline->marks[middle].at.ns < moment.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How long each kind was until @moment, which lies in span @index or before it. */
static void sums_until(const Lifeline *lifeline, uint32_t index, Instant moment, uint64_t sums[LIFE_N])
{
	for (unsigned kind = 0; kind < LIFE_N; kind++)
		sums[kind] = lifeline->sums[index][kind];
	const LifeSpan *span = index < lifeline->n_spans ? &lifeline->spans[index] : NULL;
	if (span != NULL && moment.ns > span->from.ns)
		sums[span->kind] += time_between(span->from, moment);
}

int lifeline_at(const Lifeline *lifeline, Instant from, Instant to, uint32_t *finding)
{
	*finding = UINT32_MAX;
	for (uint32_t i = mark_at(lifeline, from); i < lifeline->n_marks; i++) {
		if (lifeline->marks[i].at.ns >= to.ns)
			break;
		*finding = MIN(*finding, lifeline->marks[i].finding);
	}
	uint64_t before[LIFE_N], after[LIFE_N];
	sums_until(lifeline, span_at(lifeline, from), from, before);
	sums_until(lifeline, span_at(lifeline, to), to, after);
	int most = -1;
	for (int kind = 0; kind < LIFE_N; kind++)
		if (after[kind] > before[kind] &&
		    (most < 0 || after[kind] - before[kind] > after[most] - before[most]))
			most = kind;
	return most;
}
