/* SPDX-License-Identifier: MIT */
/*
 * Findings by who is responsible and by cause, and what each event hit.
 */
#include "ui/screens/findings_private.h"

#include <stdlib.h>
#include <string.h>

static const Finding *finding_at(const View *view, uint32_t index)
{
	return &g_array_index(view->analysis->findings, Finding, index);
}

static bool is_in_scope(const View *view, const FindingScope *scope, uint32_t finding)
{
	if (instant_known(scope->cleared) &&
	    finding_showed(view->model, finding_at(view, finding)).ns <= scope->cleared.ns)
		return false;
	if (scope->filter == NULL)
		return true;
	FilterScope all = {view->model, view->analysis->findings, view->roster, view->now, view->analysis->incidents};
	return row_filter_fits_finding(scope->filter, &all, finding) != scope->inverted;
}

static const Incident *event_of(const View *view, const FindingGroup *group)
{
	const GPtrArray *incidents = view->analysis->incidents;
	return group->event < incidents->len ? g_ptr_array_index(incidents, group->event) : NULL;
}

static bool is_in_group(const View *view, const FindingGroup *group, const Finding *finding)
{
	switch ((GroupKind)group->kind) {
	case GROUP_EVENT:
		return finding->incident != NULL && finding->incident == event_of(view, group);
	case GROUP_PARTY:
		return finding->responsible == group->responsible;
	case GROUP_CAUSE:
		return finding->responsible == group->responsible && finding->cause == group->cause;
	}
	return false;
}

bool finding_group_same(const FindingGroup *a, const FindingGroup *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == GROUP_EVENT)
		return a->event == b->event;
	return a->responsible == b->responsible && (a->kind == GROUP_PARTY || a->cause == b->cause);
}

char *finding_group_filter(const View *view, const FindingGroup *group)
{
	const char *party = responsible_name((Responsible)group->responsible);
	const Incident *event = event_of(view, group);
	if (group->kind == GROUP_EVENT)
		return g_strdup_printf("event = %u", event == NULL ? 0 : event->number);
	if (group->kind == GROUP_PARTY)
		return g_strdup_printf("responsible = %s", party);
	return g_strdup_printf("cause = %s and responsible = %s", cause_name((CauseId)group->cause), party);
}

void lost_text(GString *text, uint64_t min, uint64_t max, bool open)
{
	if (open && min == 0)
		g_string_append_c(text, '?');
	else if (open)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT "+", (guint64)min);
	else if (min == max)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)min);
	else
		g_string_append_printf(text, "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, (guint64)min,
		                       (guint64)max);
}

/* --- counting ----------------------------------------------------------------------------------- */

/* The groups there may be, and the client that each saw last. */
struct FindingCounts {
	FindingGroup groups[RESPONSIBLE_N][CAUSE_N]; /* at CAUSE_NONE: the whole party */
	ClientIndex seen[RESPONSIBLE_N][CAUSE_N];
	GByteArray *costs; /* a bit for each absence: it is counted */
	uint32_t n;
};

static void count_in(FindingGroup *group, ClientIndex *seen, const Finding *finding)
{
	group->n++;
	group->n_clients += *seen != finding->client;
	group->severity = MIN(group->severity, finding->severity);
	*seen = finding->client;
}

static void count_lost(FindingGroup *group, const CountRange *lost, bool open)
{
	group->lost_open |= open;
	if (lost == NULL)
		return;
	group->lost_min += lost->min;
	group->lost_max += lost->max;
}

static bool is_counted_first(GByteArray *costs, AbsenceIndex absence)
{
	guint at = absence / 8, had = costs->len;
	if (at >= had) {
		g_byte_array_set_size(costs, at + 1);
		memset(costs->data + had, 0, costs->len - had);
	}
	uint8_t bit = (uint8_t)(1u << absence % 8);
	bool first = (costs->data[at] & bit) == 0;
	costs->data[at] |= bit;
	return first;
}

/* Each absence once, as in the sums above the clients. */
static void count_finding(FindingCounts *counts, const Model *model, const Finding *finding)
{
	FindingGroup *groups = counts->groups[finding->responsible];
	ClientIndex *seen = counts->seen[finding->responsible];
	counts->n++;
	count_in(&groups[finding->cause], &seen[finding->cause], finding);
	count_in(&groups[CAUSE_NONE], &seen[CAUSE_NONE], finding);
	if (finding->severity != SEVERITY_LOSS)
		return;
	const Absence *cost = model_absence(model, finding->cost);
	bool open = !finding_messages_known(model, finding) || (cost != NULL && cost->unbounded);
	bool first = cost != NULL && is_counted_first(counts->costs, finding->cost);
	count_lost(&groups[finding->cause], first ? &cost->lost : NULL, open);
	count_lost(&groups[CAUSE_NONE], first ? &cost->lost : NULL, open);
}

FindingCounts *finding_counts_new(void)
{
	FindingCounts *counts = g_new0(FindingCounts, 1);
	counts->costs = g_byte_array_new();
	memset(counts->seen, 0xFF, sizeof counts->seen);
	for (unsigned who = 0; who < RESPONSIBLE_N; who++)
		for (unsigned cause = 0; cause < CAUSE_N; cause++)
			counts->groups[who][cause] = (FindingGroup){
				.kind = cause == CAUSE_NONE ? GROUP_PARTY : GROUP_CAUSE,
				.responsible = (uint8_t)who,
				.cause = (uint8_t)cause,
				.severity = SEVERITY_N,
			};
	return counts;
}

void finding_counts_free(FindingCounts *counts)
{
	if (counts == NULL)
		return;
	g_byte_array_unref(counts->costs);
	g_free(counts);
}

/* Client by client, so that each is counted once. */
void finding_counts_add(FindingCounts *counts, const View *view, const FindingScope *scope, uint32_t nth)
{
	uint32_t index = view->roster->by_client[nth];
	if (is_in_scope(view, scope, index))
		count_finding(counts, view->model, finding_at(view, index));
}

/* --- the tree ----------------------------------------------------------------------------------- */

static int worse(const void *a, const void *b)
{
	const FindingGroup *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->lost_max != y->lost_max)
		return x->lost_max > y->lost_max ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->responsible != y->responsible ? x->responsible - y->responsible : x->cause - y->cause;
}

static void add_events(FindingTree *tree, const View *view)
{
	const GPtrArray *incidents = view->analysis->incidents;
	for (guint i = 0; incidents != NULL && i < incidents->len; i++) {
		const Incident *incident = g_ptr_array_index(incidents, i);
		FindingGroup group = {
			.kind = GROUP_EVENT,
			.severity = incident->n_lost > 0 ? SEVERITY_LOSS : SEVERITY_NOTE,
			.event = i,
			.n = incident->n_lost,
			.n_clients = incident->n_hit,
		};
		g_array_append_val(tree->groups, group);
	}
}

static void add_parties(FindingTree *tree, FindingCounts *counts)
{
	FindingGroup parties[RESPONSIBLE_N];
	unsigned n_parties = 0;
	for (unsigned who = 0; who < RESPONSIBLE_N; who++)
		if (counts->groups[who][CAUSE_NONE].n > 0)
			parties[n_parties++] = counts->groups[who][CAUSE_NONE];
	qsort(parties, n_parties, sizeof *parties, worse);
	for (unsigned i = 0; i < n_parties; i++) {
		FindingGroup *causes = counts->groups[parties[i].responsible];
		g_array_append_val(tree->groups, parties[i]);
		guint begin = tree->groups->len;
		for (unsigned cause = CAUSE_FIRST; cause < CAUSE_N; cause++)
			if (causes[cause].n > 0)
				g_array_append_val(tree->groups, causes[cause]);
		qsort(&g_array_index(tree->groups, FindingGroup, begin), tree->groups->len - begin,
		      sizeof(FindingGroup), worse);
	}
}

void finding_tree_build(FindingTree *tree, const View *view, FindingCounts *counts)
{
	g_array_set_size(tree->groups, 0);
	tree->n_shown = counts->n;
	add_events(tree, view);
	add_parties(tree, counts);
}

/* --- members ------------------------------------------------------------------------------------ */

static uint64_t key_of(const View *view, FindingOrder order, uint32_t index)
{
	const Finding *finding = finding_at(view, index);
	const Absence *cost = model_absence(view->model, finding->cost);
	switch (order) {
	case ORDER_TIME:
		return (uint64_t)finding_showed(view->model, finding).ns ^ (UINT64_C(1) << 63);
	case ORDER_CLIENT:
		return finding->client;
	case ORDER_LOST:
		return UINT64_MAX - (cost == NULL ? 0 : cost->lost.max);
	case ORDER_ABSENCE:
		return ~((uint64_t)finding->absence_ns ^ (UINT64_C(1) << 63));
	case ORDER_WORST:
	case ORDER_N:
		break;
	}
	return index;
}

void finding_member_add(GArray *members, const View *view, const FindingScope *scope,
                        const FindingGroup *group, const FindingSort *sort, uint32_t finding)
{
	if (!is_in_group(view, group, finding_at(view, finding)) || !is_in_scope(view, scope, finding))
		return;
	uint64_t key = key_of(view, sort->order, finding);
	Entry member = {sort->reverse ? ~key : key, finding};
	g_array_append_val(members, member);
}
