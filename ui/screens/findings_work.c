/* SPDX-License-Identifier: MIT */
/*
 * Counts and lists findings piece by piece: there may be hundreds of thousands.
 */
#include "ui/screens/findings_private.h"

enum { CHECK_EVERY = 64 };

void findings_work_init(FindingsScreen *findings)
{
	findings->tree.groups = g_array_new(FALSE, FALSE, sizeof(FindingGroup));
	findings->members = g_array_new(FALSE, FALSE, sizeof(Entry));
	findings->work.tree.groups = g_array_new(FALSE, FALSE, sizeof(FindingGroup));
	findings->work.list = g_array_new(FALSE, FALSE, sizeof(Entry));
	findings->verdict = UINT32_MAX;
	findings->asked = true;
}

void findings_work_clear(FindingsScreen *findings)
{
	g_array_unref(findings->tree.groups);
	g_array_unref(findings->members);
	g_array_unref(findings->work.tree.groups);
	g_array_unref(findings->work.list);
	finding_counts_free(findings->work.counts);
	entry_sort_clear(&findings->work.sort);
}

void findings_refresh(FindingsScreen *findings, const View *view)
{
	bool other = findings->verdict != view->status->verdict;
	if (other)
		g_array_set_size(findings->tree.groups, 0);
	if (other || findings->asked_list)
		g_array_set_size(findings->members, 0);
}

/* --- what stays selected ------------------------------------------------------------------------ */

static void find_group(FindingsScreen *findings)
{
	const GArray *groups = findings->tree.groups;
	for (guint i = 0; i < groups->len; i++)
		if (finding_group_same(&g_array_index(groups, FindingGroup, i), &findings->group))
			findings->trees.cursor = i;
	findings->trees.cursor = CLAMP(findings->trees.cursor, 0, MAX((int64_t)groups->len - 1, 0));
}

static const Finding *member_at(const FindingsScreen *findings, const View *view, guint nth)
{
	return &g_array_index(view->analysis->findings, Finding, findings_member(findings, nth));
}

static void find_newest(FindingsScreen *findings, const View *view)
{
	int64_t newest = INT64_MIN;
	for (guint i = 0; i < findings->members->len; i++) {
		Instant at = finding_showed(view->model, member_at(findings, view, i));
		if (at.ns <= newest)
			continue;
		newest = at.ns;
		findings->list.cursor = i;
	}
}

static void find_member(FindingsScreen *findings, const View *view)
{
	for (guint i = 0; findings->selected.client != NO_INDEX && i < findings->members->len; i++) {
		FindingKey key = finding_key(member_at(findings, view, i));
		if (!finding_key_equal(&findings->selected, &key))
			continue;
		findings->list.top += (int64_t)i - findings->list.cursor;
		findings->list.cursor = i;
		return;
	}
	findings->list.cursor = CLAMP(findings->list.cursor, 0, MAX((int64_t)findings->members->len - 1, 0));
}

/* --- piece by piece ----------------------------------------------------------------------------- */

static void begin(FindingsScreen *findings, const View *view, bool all)
{
	FindingsWork *work = &findings->work;
	finding_counts_free(work->counts);
	work->counts = all ? finding_counts_new() : NULL;
	work->phase = all ? FINDINGS_COUNT : FINDINGS_LIST;
	work->verdict = view->status->verdict;
	work->new_tree = all;
	work->next = 0;
	g_array_set_size(work->list, 0);
	entry_sort_clear(&work->sort);
	findings->scope.filter = findings->filter;
	findings->asked_list = false;
	if (all)
		findings->asked = false;
}

static bool is_late(const FindingsWork *work, int64_t until)
{
	return work->next % CHECK_EVERY == 0 && g_get_monotonic_time() > until;
}

/* False: there was no time for all. */
static bool count(FindingsScreen *findings, const View *view, int64_t until)
{
	FindingsWork *work = &findings->work;
	uint32_t n = view->roster->first[view->roster->n_rows];
	while (work->next < n) {
		finding_counts_add(work->counts, view, &findings->scope, work->next++);
		if (is_late(work, until))
			return false;
	}
	finding_tree_build(&work->tree, view, work->counts);
	g_clear_pointer(&work->counts, finding_counts_free);
	work->phase = FINDINGS_LIST;
	work->next = 0;
	return true;
}

/* The group that will be selected; NULL: there is none. */
static const FindingGroup *group_to_list(const FindingsScreen *findings)
{
	const GArray *groups = findings->work.new_tree ? findings->work.tree.groups : findings->tree.groups;
	for (guint i = 0; i < groups->len; i++)
		if (finding_group_same(&g_array_index(groups, FindingGroup, i), &findings->group))
			return &g_array_index(groups, FindingGroup, i);
	guint cursor = (guint)CLAMP(findings->trees.cursor, 0, MAX((int64_t)groups->len - 1, 0));
	return cursor < groups->len ? &g_array_index(groups, FindingGroup, cursor) : NULL;
}

static bool list(FindingsScreen *findings, const View *view, int64_t until)
{
	FindingsWork *work = &findings->work;
	const FindingGroup *group = group_to_list(findings);
	uint32_t n = group == NULL ? 0 : view->analysis->findings->len;
	while (work->next < n) {
		finding_member_add(work->list, view, &findings->scope, group, &findings->sort, work->next++);
		if (is_late(work, until))
			return false;
	}
	return entries_sort(work->list, &work->sort, until);
}

static void show(FindingsScreen *findings, const View *view)
{
	FindingsWork *work = &findings->work;
	GArray *members = findings->members;
	findings->members = work->list;
	work->list = members;
	if (work->new_tree) {
		FindingTree tree = findings->tree;
		findings->tree = work->tree;
		work->tree = tree;
		find_group(findings);
	}
	findings->verdict = work->verdict;
	work->phase = FINDINGS_IDLE;
	if (findings->follow)
		find_newest(findings, view);
	else
		find_member(findings, view);
	findings_note_selected(findings, view);
}

bool findings_work(Screen *screen, const View *view, int64_t until)
{
	FindingsScreen *findings = (FindingsScreen *)screen;
	FindingsWork *work = &findings->work;
	if (findings->asked || work->verdict != view->status->verdict)
		begin(findings, view, true);
	else if (findings->asked_list)
		begin(findings, view, work->phase != FINDINGS_IDLE && work->new_tree);
	if (work->phase == FINDINGS_COUNT && !count(findings, view, until))
		return true;
	if (work->phase == FINDINGS_LIST && !list(findings, view, until))
		return true;
	if (work->phase == FINDINGS_LIST)
		show(findings, view);
	return false;
}

double findings_work_done(const FindingsScreen *findings, const View *view)
{
	const FindingsWork *work = &findings->work;
	double n = MAX(view->analysis->findings->len, 1);
	double part = MIN(work->next / n, 1);
	if (work->phase == FINDINGS_IDLE)
		return findings->asked || findings->asked_list ? 0 : 1;
	if (!work->new_tree)
		return part;
	return work->phase == FINDINGS_COUNT ? part / 2 : (1 + part) / 2;
}
