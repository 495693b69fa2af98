/* SPDX-License-Identifier: MIT */
/* incident_purge: sessions of many absent clients die at one time, and nothing says why. */
#include "src/verdict/incidents.h"

enum { PURGE_MANY = 3 };
#define PURGE_NS (60 * NS_PER_SECOND) /* the time in which all of them died */

static BrokerIndex broker_of(const Model *model, const Finding *finding)
{
	return model_client(model, finding->client)->broker;
}

/* A witness dated the death, before the client came back to find it. */
static bool is_dated(const Model *model, const Finding *finding)
{
	if (finding->cause != CAUSE_DROPPED_UNEXPLAINED || finding->to == NO_INDEX ||
	    !instant_known(finding->died_after) || !instant_known(finding->died_before))
		return false;
	const Connection *now = model_connection(model, finding->to);
	const Absence *cost = model_absence(model, now->absence);
	return cost != NULL && instant_known(cost->no_matching) &&
	       finding->died_before.ns <= cost->no_matching.ns &&
	       cost->no_matching.ns < now->connect_time.ns;
}

static gint by_broker_and_death(gconstpointer a, gconstpointer b, gpointer user)
{
	const Finding *x = *(Finding *const *)a, *y = *(Finding *const *)b;
	BrokerIndex first = broker_of(user, x), second = broker_of(user, y);
	if (first != second)
		return first < second ? -1 : 1;
	if (x->died_before.ns != y->died_before.ns)
		return x->died_before.ns < y->died_before.ns ? -1 : 1;
	return x->client < y->client ? -1 : x->client > y->client;
}

static Finding *finding_at(const GPtrArray *dated, guint index)
{
	return g_ptr_array_index(dated, index);
}

/* One moment may have seen all of them die: the last of these that died after the @first was dead. */
static guint end_of_group(const Model *model, const GPtrArray *dated, guint first)
{
	const Finding *begin = finding_at(dated, first);
	guint end = first + 1;
	while (end < dated->len && broker_of(model, finding_at(dated, end)) ==
	                                   broker_of(model, begin) &&
	       finding_at(dated, end)->died_after.ns <= begin->died_before.ns &&
	       finding_at(dated, end)->died_before.ns - begin->died_before.ns <= PURGE_NS)
		end++;
	return end;
}

static void add(const Model *model, const GPtrArray *dated, guint first, guint end,
                Verdict *verdict)
{
	const Finding *begin = finding_at(dated, first);
	Candidate candidate = candidate_new(INCIDENT_PURGE, broker_of(model, begin),
	                                    begin->died_after);
	Incident *incident = &candidate.incident;
	incident->to = begin->died_before;
	incident->signs = SIGN_NO_MATCHING;
	incident->confidence = CONFIDENCE_CONSISTENT;
	incident->n_lost = end - first;
	for (guint i = first; i < end; i++) {
		const Finding *finding = finding_at(dated, i);
		const Connection *now = model_connection(model, finding->to);
		const Absence *cost = model_absence(model, now->absence);
		if (finding->died_after.ns > incident->from.ns)
			incident->from = finding->died_after;
		candidate_hit(&candidate, finding->client);
		candidate_add_frame(&candidate, cost->no_matching_frame, cost->no_matching,
		                    SIGN_NO_MATCHING);
	}
	const Incident *added = add_incident(verdict, &candidate);
	g_clear_pointer(&candidate.hit, g_array_unref);
	for (guint i = first; i < end; i++)
		finding_at(dated, i)->incident = added;
}

void find_purges(const Model *model, Verdict *verdict)
{
	g_autoptr(GPtrArray) dated = g_ptr_array_new();
	for (guint i = 0; i < verdict->findings->len; i++) {
		Finding *finding = &g_array_index(verdict->findings, Finding, i);
		if (is_dated(model, finding) && finding->incident == NULL)
			g_ptr_array_add(dated, finding);
	}
	g_ptr_array_sort_with_data(dated, by_broker_and_death, (void *)(uintptr_t)model);
	for (guint first = 0, end; first < dated->len; first = end) {
		end = end_of_group(model, dated, first);
		if (end - first >= PURGE_MANY)
			add(model, dated, first, end, verdict);
	}
}
