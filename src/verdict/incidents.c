/* SPDX-License-Identifier: MIT */
#include "src/verdict/incidents.h"

Candidate candidate_new(IncidentKind kind, BrokerIndex broker, Instant from)
{
	return (Candidate){
		.incident = {.kind = (uint8_t)kind, .broker = broker, .from = from, .to = INSTANT_UNKNOWN},
		.last = from,
		.oldest = {INSTANT_UNKNOWN, INSTANT_UNKNOWN},
		.youngest = {INSTANT_UNKNOWN, INSTANT_UNKNOWN},
		.first = NO_INDEX,
		.newest = NO_INDEX,
	};
}

void candidate_add_frame(Candidate *candidate, FrameRef frame, Instant time, IncidentSign sign)
{
	Incident *incident = &candidate->incident;
	/* The last place is for its end. */
	if (incident->n_frames < INCIDENT_FRAMES - 1 && frame.number != 0)
		incident->frames[incident->n_frames++] = (IncidentFrame){frame, time, (uint16_t)sign};
}

void candidate_hit(Candidate *candidate, ClientIndex client)
{
	if (client == NO_INDEX)
		return;
	if (candidate->hit == NULL)
		candidate->hit = g_array_new(FALSE, FALSE, sizeof client);
	g_array_append_val(candidate->hit, client);
}

/* --- marks -------------------------------------------------------------------------------- */

/* What is of one moment stays in the order in which it came: two files have numbers of their own. */
static int compare_marks(const void *a, const void *b, void *user)
{
	(void)user;
	const Mark *x = *(const Mark *const *)a, *y = *(const Mark *const *)b;
	return x->at.ns < y->at.ns ? -1 : x->at.ns > y->at.ns;
}

/* Of one broker, by time: as a rule they came so. */
static void sort_by_time(const MarkList *list)
{
	bool sorted = true;
	for (uint32_t i = 1; i < list->n && sorted; i++)
		sorted = list->marks[i - 1]->at.ns <= list->marks[i]->at.ns;
	if (!sorted)
		g_qsort_with_data(list->marks, (int)list->n, sizeof(const Mark *), compare_marks, NULL); /* stable */
}

/* Of a time of which connections were forgotten: who lived on then, or was accepted, is not known any more.
 * Those of later times are all there. */
static bool is_forgotten(const Model *model, const Mark *mark)
{
	Instant until = model_counts(model)->forgotten_until;
	return instant_known(until) && mark->at.ns <= until.ns;
}

/* All of them, by broker and time; those of one broker end where @ends says. */
static const Mark **sorted_marks(const Model *model, uint32_t *ends)
{
	uint32_t n = model_n_marks(model), n_brokers = model_n_brokers(model);
	const Mark **marks = g_new(const Mark *, n);
	for (uint32_t i = 0; i < n; i++)
		ends[model_mark(model, i)->broker] += !is_forgotten(model, model_mark(model, i));
	for (BrokerIndex i = 0, first = 0; i < n_brokers; i++) {
		uint32_t of_broker = ends[i];
		ends[i] = first; /* here it begins, until its marks are put down */
		first += of_broker;
	}
	for (uint32_t i = 0; i < n; i++) {
		const Mark *mark = model_mark(model, i);
		if (!is_forgotten(model, mark))
			marks[ends[mark->broker]++] = mark;
	}
	for (BrokerIndex i = 0, first = 0; i < n_brokers; first = ends[i++])
		sort_by_time(&(MarkList){marks + first, ends[i] - first});
	return marks;
}

/* --- what a restart comes to -------------------------------------------------------------- */

enum { MANY = 5 }; /* connections that close together by chance are fewer */

/* Connections of which nothing is known may have gone on; enough of them, to matter. */
static bool may_have_survivors(const Model *model, const Candidate *candidate)
{
	const Incident *incident = &candidate->incident;
	uint32_t n = candidate->n_doubtful + model_broker(model, incident->broker)->n_undecoded;
	return n > 0 && n * 10 >= incident->n_ended;
}

static Confidence restart_confidence(const Model *model, const Candidate *candidate)
{
	const Incident *incident = &candidate->incident;
	if ((incident->signs & SIGN_UPTIME) != 0)
		return CONFIDENCE_PROVEN;
	if ((incident->signs & SIGN_SHUTTING_DOWN) != 0)
		return CONFIDENCE_STRONG;
	if (may_have_survivors(model, candidate))
		return CONFIDENCE_CONSISTENT;
	if ((incident->signs & SIGN_REFUSED) != 0)
		return CONFIDENCE_STRONG;
	bool closed = incident->n_ended > 1;
	if ((incident->signs & SIGN_UNANSWERED) != 0)
		return closed ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT;
	/* Where every session is there afterwards, something on the way may have cut the
	 * connections just as well. */
	bool nothing_lost = incident->n_lost == 0 && incident->n_resumed > 0;
	return incident->n_open >= MANY && !nothing_lost ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT;
}

static bool all_or_none(uint32_t n_lost_so, uint32_t n_lost, uint32_t n_kept_so, uint32_t n_kept)
{
	return (n_lost_so == n_lost && n_kept_so == 0) || (n_lost_so == 0 && n_kept_so == n_kept);
}

static IncidentSplit split_of(const Candidate *candidate)
{
	const Incident *incident = &candidate->incident;
	uint32_t n_lost = incident->n_lost, n_kept = incident->n_resumed;
	if (MIN(n_lost, n_kept) < 2)
		return SPLIT_NONE;
	if (candidate->n_clean[0] == n_lost && candidate->n_clean[1] == 0)
		return SPLIT_CLEAN_START;
	/* Known of no broker in particular, these are more likely to be chance. */
	if (MIN(n_lost, n_kept) < 3)
		return SPLIT_NONE;
	if (all_or_none(candidate->n_v5[0], n_lost, candidate->n_v5[1], n_kept))
		return SPLIT_VERSION;
	return candidate->youngest[1].ns < candidate->oldest[0].ns ? SPLIT_AGE : SPLIT_NONE;
}

/* What is no more than possible, and took nothing from anybody, is not worth a word. */
static bool judge_restart(const Model *model, Candidate *candidate)
{
	Incident *incident = &candidate->incident;
	incident->confidence = (uint8_t)restart_confidence(model, candidate);
	/* How old sessions are is forgotten with their first connections. */
	bool whole = model_counts(model)->forgotten_connections == 0;
	incident->split = (uint8_t)(whole ? split_of(candidate) : SPLIT_NONE);
	incident->lost_v5 = candidate->n_v5[0] > 0;
	incident->youngest_kept = candidate->youngest[1];
	if (candidate->n_survivors > 0 && incident->confidence != CONFIDENCE_PROVEN)
		return false;
	return incident->confidence < CONFIDENCE_CONSISTENT || incident->n_lost > 0;
}

/* --- all of it ---------------------------------------------------------------------------- */

static gint by_index(gconstpointer a, gconstpointer b)
{
	ClientIndex x = *(const ClientIndex *)a, y = *(const ClientIndex *)b;
	return (x > y) - (x < y);
}

void incident_free(void *incident)
{
	g_free(((Incident *)incident)->hit);
	g_free(incident);
}

static void take_hit(Incident *incident, GArray *hit)
{
	g_array_sort(hit, by_index);
	incident->hit = g_new(ClientIndex, hit->len);
	for (guint i = 0; i < hit->len; i++) {
		ClientIndex client = g_array_index(hit, ClientIndex, i);
		if (incident->n_hit == 0 || incident->hit[incident->n_hit - 1] != client)
			incident->hit[incident->n_hit++] = client;
	}
}

const Incident *add_incident(Verdict *verdict, const Candidate *candidate)
{
	Incident *incident = g_memdup2(&candidate->incident, sizeof candidate->incident);
	if (incident->frames[INCIDENT_FRAMES - 1].frame.number != 0) {
		incident->frames[incident->n_frames] = incident->frames[INCIDENT_FRAMES - 1];
		incident->n_frames++;
	}
	if (candidate->hit != NULL)
		take_hit(incident, candidate->hit);
	g_ptr_array_add(verdict->incidents, incident);
	return incident;
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const Incident *x = *(Incident *const *)a, *y = *(Incident *const *)b;
	if (x->from.ns != y->from.ns)
		return x->from.ns < y->from.ns ? -1 : 1;
	if (x->broker != y->broker)
		return x->broker < y->broker ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

void incidents_number(GPtrArray *incidents)
{
	g_ptr_array_sort(incidents, by_time);
	for (guint i = 0; i < incidents->len; i++)
		((Incident *)g_ptr_array_index(incidents, i))->number = i + 1;
}

static void add_restarts(const Model *model, Verdict *verdict, GArray *candidates)
{
	if (candidates->len > 0)
		weigh_restarts(model, candidates);
	find_failovers(model, candidates);
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *candidate = &g_array_index(candidates, Candidate, i);
		if (judge_restart(model, candidate))
			add_incident(verdict, candidate);
		g_clear_pointer(&candidate->hit, g_array_unref);
	}
}

static void add_others(Verdict *verdict, GArray *candidates)
{
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *candidate = &g_array_index(candidates, Candidate, i);
		add_incident(verdict, candidate);
		g_clear_pointer(&candidate->hit, g_array_unref);
	}
}

/* Of habits: how long connections last, who is turned away how often.  What was forgotten may contradict. */
static void find_patterns(const Model *model, const MarkList *marks, GArray *others)
{
	find_site_outages(model, marks, others);
	find_refusals(model, marks, others);
	find_time_limits(model, marks, others);
	find_idle_kills(model, marks, others);
}

void incidents_find(const Model *model, const DiagnoseOptions *options, Verdict *verdict)
{
	if (model_n_marks(model) == 0)
		return;
	g_autofree uint32_t *ends = g_new0(uint32_t, model_n_brokers(model));
	g_autofree const Mark **all = sorted_marks(model, ends);
	g_autoptr(GArray) restarts = g_array_new(FALSE, FALSE, sizeof(Candidate));
	g_autoptr(GArray) others = g_array_new(FALSE, FALSE, sizeof(Candidate));
	for (BrokerIndex i = 0, first = 0; i < model_n_brokers(model); first = ends[i++]) {
		MarkList marks = {all + first, ends[i] - first};
		if (marks.n == 0)
			continue;
		find_restarts(model, &marks, restarts);
		if (options->n_forgotten == 0)
			find_patterns(model, &marks, others);
	}
	add_restarts(model, verdict, restarts);
	add_others(verdict, others);
}
