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

bool finding_in_scope(const View *view, const FindingScope *scope, uint32_t finding)
{
	if (instant_known(scope->cleared) &&
	    finding_showed(view->model, finding_at(view, finding)).ns <= scope->cleared.ns)
		return false;
	if (scope->filter == NULL)
		return true;
	FilterScope all = {view->model, view->analysis->findings, view->roster, view->now};
	return row_filter_fits_finding(scope->filter, &all, finding) != scope->inverted;
}

static const Incident *event_of(const View *view, const FindingGroup *group)
{
	const GPtrArray *incidents = view->analysis->incidents;
	return group->event < incidents->len ? g_ptr_array_index(incidents, group->event) : NULL;
}

bool finding_in_group(const View *view, const FindingGroup *group, const Finding *finding)
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

/* While counting: the groups there may be, and the client that each saw last. */
typedef struct Counting {
	const View *view;
	FindingGroup groups[RESPONSIBLE_N][CAUSE_N]; /* at CAUSE_NONE: the whole party */
	ClientIndex seen[RESPONSIBLE_N][CAUSE_N];
	GHashTable *costs; /* absences that are counted */
	uint32_t n;
} Counting;

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

/* Each absence once, as in the sums above the clients. */
static void count_finding(Counting *counting, const Finding *finding)
{
	const Model *model = counting->view->model;
	FindingGroup *groups = counting->groups[finding->responsible];
	ClientIndex *seen = counting->seen[finding->responsible];
	counting->n++;
	count_in(&groups[finding->cause], &seen[finding->cause], finding);
	count_in(&groups[CAUSE_NONE], &seen[CAUSE_NONE], finding);
	if (finding->severity != SEVERITY_LOSS)
		return;
	const Absence *cost = model_absence(model, finding->cost);
	bool open = !finding_messages_known(model, finding) || (cost != NULL && cost->unbounded);
	bool first = cost != NULL && g_hash_table_add(counting->costs, GUINT_TO_POINTER(finding->cost));
	count_lost(&groups[finding->cause], first ? &cost->lost : NULL, open);
	count_lost(&groups[CAUSE_NONE], first ? &cost->lost : NULL, open);
}

static Counting *counting_new(const View *view)
{
	Counting *counting = g_new0(Counting, 1);
	counting->view = view;
	counting->costs = g_hash_table_new(NULL, NULL);
	memset(counting->seen, 0xFF, sizeof counting->seen);
	for (unsigned who = 0; who < RESPONSIBLE_N; who++)
		for (unsigned cause = 0; cause < CAUSE_N; cause++)
			counting->groups[who][cause] = (FindingGroup){
				.kind = cause == CAUSE_NONE ? GROUP_PARTY : GROUP_CAUSE,
				.responsible = (uint8_t)who,
				.cause = (uint8_t)cause,
				.severity = SEVERITY_N,
			};
	return counting;
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

static void add_parties(FindingTree *tree, Counting *counting)
{
	FindingGroup parties[RESPONSIBLE_N];
	unsigned n_parties = 0;
	for (unsigned who = 0; who < RESPONSIBLE_N; who++)
		if (counting->groups[who][CAUSE_NONE].n > 0)
			parties[n_parties++] = counting->groups[who][CAUSE_NONE];
	qsort(parties, n_parties, sizeof *parties, worse);
	for (unsigned i = 0; i < n_parties; i++) {
		FindingGroup *causes = counting->groups[parties[i].responsible];
		g_array_append_val(tree->groups, parties[i]);
		guint begin = tree->groups->len;
		for (unsigned cause = CAUSE_FIRST; cause < CAUSE_N; cause++)
			if (causes[cause].n > 0)
				g_array_append_val(tree->groups, causes[cause]);
		qsort(&g_array_index(tree->groups, FindingGroup, begin), tree->groups->len - begin,
		      sizeof(FindingGroup), worse);
	}
}

/* Client by client, so that each is counted once. */
void finding_tree_build(FindingTree *tree, const View *view, const FindingScope *scope)
{
	const Roster *roster = view->roster;
	Counting *counting = counting_new(view);
	for (uint32_t i = 0; i < roster->first[roster->n_rows]; i++) {
		uint32_t index = roster->by_client[i];
		if (finding_in_scope(view, scope, index))
			count_finding(counting, finding_at(view, index));
	}
	g_array_set_size(tree->groups, 0);
	tree->n_shown = counting->n;
	add_events(tree, view);
	add_parties(tree, counting);
	g_hash_table_unref(counting->costs);
	g_free(counting);
}

/* --- members ------------------------------------------------------------------------------------ */

typedef struct Member {
	uint64_t key;
	uint32_t index;
} Member;

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

static int compare_members(const void *a, const void *b)
{
	const Member *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

GArray *finding_members(const View *view, const FindingScope *scope, const FindingGroup *group,
                        FindingOrder order, bool reverse)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Member));
	for (uint32_t i = 0; i < view->analysis->findings->len; i++) {
		if (!finding_in_group(view, group, finding_at(view, i)) || !finding_in_scope(view, scope, i))
			continue;
		Member member = {key_of(view, order, i), i};
		if (reverse)
			member.key = ~member.key;
		g_array_append_val(found, member);
	}
	if (order != ORDER_WORST || reverse)
		g_array_sort(found, compare_members);
	GArray *members = g_array_sized_new(FALSE, FALSE, sizeof(uint32_t), found->len);
	for (guint i = 0; i < found->len; i++)
		g_array_append_val(members, g_array_index(found, Member, i).index);
	return members;
}
