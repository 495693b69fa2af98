/* SPDX-License-Identifier: MIT */
/*
 * findings_screen: what was found, by who is responsible and why.
 */
#include <string.h>

#include "src/verdict/explain.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/screens/app.h"
#include "ui/screens/findings_private.h"

static FindingsScreen *of(Screen *screen)
{
	return (FindingsScreen *)screen;
}

static void findings_free(Screen *screen)
{
	FindingsScreen *findings = of(screen);
	findings_work_clear(findings);
	g_hash_table_unref(findings->marks);
	row_filter_free(findings->filter);
	g_free(findings->filter_text);
	g_free(findings);
}

static char *findings_title(Screen *screen, const View *view)
{
	(void)screen;
	g_autofree char *number = counted(view->analysis->findings->len, "finding", NULL);
	return g_strdup_printf("Findings: %s", number);
}

/* --- what is selected --------------------------------------------------------------------------- */

const FindingGroup *findings_group(const FindingsScreen *findings)
{
	const GArray *groups = findings->tree.groups;
	return findings->trees.cursor < groups->len
	               ? &g_array_index(groups, FindingGroup, findings->trees.cursor) : NULL;
}

uint32_t findings_member(const FindingsScreen *findings, int64_t nth)
{
	return g_array_index(findings->members, Entry, nth).index;
}

/* UINT32_MAX: none. */
static uint32_t selected(const FindingsScreen *findings)
{
	bool any = findings->list.cursor < findings->members->len;
	return any ? findings_member(findings, findings->list.cursor) : UINT32_MAX;
}

void findings_note_selected(FindingsScreen *findings, const View *view)
{
	const FindingGroup *group = findings_group(findings);
	if (group != NULL)
		findings->group = *group;
	uint32_t index = selected(findings);
	if (index >= view->analysis->findings->len)
		return;
	findings->selected = finding_key(&g_array_index(view->analysis->findings, Finding, index));
}

/* --- acting ------------------------------------------------------------------------------------- */

static void explain(const FindingsScreen *findings, const View *view, App *app)
{
	const FindingGroup *group = findings_group(findings);
	uint32_t index = selected(findings);
	CauseId cause = CAUSE_NONE;
	if (findings->in_list && index != UINT32_MAX)
		cause = (CauseId)g_array_index(view->analysis->findings, Finding, index).cause;
	else if (group != NULL && group->kind == GROUP_CAUSE)
		cause = (CauseId)group->cause;
	GString *text = g_string_new(NULL);
	if (cause != CAUSE_NONE) {
		explain_cause(cause, text, UNWRAPPED);
		app_push(app, text_screen_new(g_strdup(cause_name(cause)), g_string_free(text, FALSE)));
	} else if (group != NULL && group->kind == GROUP_EVENT) {
		char *title = incident_title(view->report, group->event);
		const Incident *incident = report_incident(view->report, group->event);
		g_autofree char *says = incident_explanation(incident);
		g_string_printf(text, "%s\n\nFalse if: %s\n", says,
		                incident_refutation((IncidentKind)incident->kind));
		app_push(app, text_screen_new(title, g_string_free(text, FALSE)));
	} else {
		g_string_free(text, TRUE);
		app_tell(app, "Select a cause first");
	}
}

static void open_clients(const FindingsScreen *findings, const View *view, App *app)
{
	const FindingGroup *group = findings_group(findings);
	if (group == NULL)
		return;
	g_autofree char *filter = finding_group_filter(view, group);
	Screen *clients = clients_screen_new();
	clients_screen_filter(clients, filter);
	app_push(app, clients);
}

static bool act_on_selected(FindingsScreen *findings, const View *view, Action action, App *app)
{
	uint32_t index = selected(findings);
	if (action == ACTION_EXPLAIN) {
		explain(findings, view, app);
		return true;
	}
	if (action == ACTION_OPEN && !findings->in_list) {
		open_clients(findings, view, app);
		return true;
	}
	if (index >= view->analysis->findings->len || !findings->in_list)
		return false;
	const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
	if (action == ACTION_OPEN)
		app_push(app, timeline_screen_new(finding->client, index));
	else if (action == ACTION_LADDER)
		app_push(app, ladder_screen_new(finding->client, index));
	else
		return false;
	return true;
}

static void mark(FindingsScreen *findings)
{
	if (findings->selected.client == NO_INDEX)
		return;
	gpointer key = GUINT_TO_POINTER(findings->selected.client + 1);
	if (!g_hash_table_remove(findings->marks, key))
		g_hash_table_add(findings->marks, key);
}

static void sort_by(FindingsScreen *findings, Action action, App *app)
{
	FindingSort *sort = &findings->sort;
	static const char *const orders[ORDER_N] = {"worst first", "time", "client", "messages lost", "absence"};
	if (action == ACTION_SORT_REVERSE)
		sort->reverse = !sort->reverse;
	else
		sort->order = (sort->order + (action == ACTION_SORT_NEXT ? 1 : ORDER_N - 1)) % ORDER_N;
	findings->asked_list = true;
	app_tell(app, "Sorted by %s%s", orders[sort->order], sort->reverse ? ", reversed" : "");
}

static bool act_on_scope(FindingsScreen *findings, const View *view, Action action, App *app)
{
	if (action == ACTION_FILTER_INVERT && findings->filter == NULL)
		app_tell(app, "There is no filter to turn round");
	else if (action == ACTION_FILTER_INVERT)
		findings->scope.inverted = !findings->scope.inverted;
	else if (action == ACTION_CLEAR)
		findings->scope.cleared = view->now;
	else if (action == ACTION_CLEAR_OTHERS)
		app_tell(app, "The others are hidden by the filter already");
	else
		return false;
	findings->asked = true;
	return true;
}

static bool act_on_panes(FindingsScreen *findings, const View *view, Action action, App *app)
{
	if (action == ACTION_NEXT_PANE || action == ACTION_PREVIOUS_PANE)
		findings->in_list = !findings->in_list && findings->members->len > 0;
	else if (action == ACTION_RIGHT && findings->members->len > 0)
		findings->in_list = true;
	else if (action == ACTION_LEFT)
		findings->in_list = false;
	else if (action == ACTION_FOLLOW)
		findings->follow = !findings->follow;
	else
		return false;
	if (action == ACTION_FOLLOW) {
		findings->asked = true;
		app_tell(app, findings->follow ? "Stays at the newest finding" : "Stays where it is");
	}
	(void)view;
	return true;
}

static bool findings_act(Screen *screen, const View *view, Action action, App *app)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	bool moved = findings->in_list ? scroller_act(&findings->list, action, findings->members->len)
	                               : scroller_act(&findings->trees, action, findings->tree.groups->len);
	if (moved) {
		findings->follow = false;
		findings_note_selected(findings, view);
		if (!findings->in_list) {
			findings->list.cursor = findings->list.top = 0;
			findings->selected.client = NO_INDEX;
			findings->asked_list = true;
		}
		return true;
	}
	if (action == ACTION_MARK)
		mark(findings);
	else if (action == ACTION_SORT_NEXT || action == ACTION_SORT_PREVIOUS || action == ACTION_SORT_REVERSE)
		sort_by(findings, action, app);
	else
		return act_on_panes(findings, view, action, app) || act_on_scope(findings, view, action, app) ||
		       act_on_selected(findings, view, action, app);
	return true;
}

/* --- for the app -------------------------------------------------------------------------------- */

static bool finding_fits(const View *view, const GRegex *pattern, uint32_t index)
{
	const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
	g_autofree char *client = client_sentence(view->report, finding->client);
	return g_regex_match(pattern, client, 0, NULL) ||
	       g_regex_match(pattern, cause_name((CauseId)finding->cause), 0, NULL);
}

/* Among the findings of the group that is selected. */
static SearchRows findings_rows(Screen *screen, const View *view)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	return (SearchRows){findings->members->len, (uint32_t)findings->list.cursor};
}

static bool findings_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	return finding_fits(view, pattern, findings_member(of(screen), row));
}

static void findings_row_select(Screen *screen, const View *view, uint32_t row)
{
	FindingsScreen *findings = of(screen);
	findings->list.cursor = row;
	findings->in_list = true;
	findings->follow = false;
	findings_note_selected(findings, view);
}

static ClientIndex findings_client(Screen *screen, const View *view)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	return findings->in_list ? findings->selected.client : NO_INDEX;
}

static char *findings_copy(Screen *screen, const View *view)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	uint32_t index = selected(findings);
	if (index >= view->analysis->findings->len)
		return NULL;
	const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
	g_autofree char *client = client_sentence(view->report, finding->client);
	char time[FORMAT_SIZE];
	format_date_time(finding_showed(view->model, finding), time);
	return g_strdup_printf("%s\t%s\t%s\t%s\t%s", time, client, cause_name((CauseId)finding->cause),
	                       responsible_name((Responsible)finding->responsible),
	                       confidence_name((Confidence)finding->confidence));
}

/* Those that are marked; else the selected one, or in the tree all of the group. */
static bool findings_clients(Screen *screen, const View *view, uint8_t *clients)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	GHashTableIter iter;
	gpointer key;
	bool any = false;
	g_hash_table_iter_init(&iter, findings->marks);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		clients[GPOINTER_TO_UINT(key) - 1] = 1;
		any = true;
	}
	if (!any && findings->in_list && findings->selected.client != NO_INDEX) {
		clients[findings->selected.client] = 1;
		return true;
	}
	for (guint i = 0; !any && i < findings->members->len; i++) {
		uint32_t index = findings_member(findings, i);
		clients[g_array_index(view->analysis->findings, Finding, index).client] = 1;
	}
	return any || findings->members->len > 0;
}

static bool findings_filter(Screen *screen, const View *view, const char *text, GError **error)
{
	FindingsScreen *findings = of(screen);
	(void)view;
	RowFilter *filter = row_filter_new(text, error);
	if (filter == NULL)
		return false;
	bool none = text[strspn(text, " \t")] == '\0';
	row_filter_free(findings->filter);
	g_free(findings->filter_text);
	findings->filter = none ? NULL : filter;
	findings->filter_text = g_strdup(none ? "" : text);
	if (none) {
		row_filter_free(filter);
		findings->scope.inverted = false;
		findings->scope.cleared = INSTANT_UNKNOWN;
	}
	findings->asked = true;
	return true;
}

static char **findings_complete(Screen *screen, const View *view, const char *filter, size_t cursor)
{
	(void)screen;
	(void)view;
	return filter_complete(filter, cursor);
}

static bool inside(Area area, int x, int y, Area origin)
{
	int left = area.x - origin.x, top = area.y - origin.y;
	return x >= left && x < left + area.columns && y >= top && y < top + area.rows;
}

static bool findings_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	FindingsScreen *findings = of(screen);
	findings_refresh(findings, view);
	Area origin = findings->origin;
	bool in_list = inside(findings->list_area, x, y, origin);
	if (!in_list && !inside(findings->tree_area, x, y, origin))
		return false;
	Scroller *scroller = in_list ? &findings->list : &findings->trees;
	const Area *area = in_list ? &findings->list_area : &findings->tree_area;
	int64_t n = in_list ? findings->members->len : findings->tree.groups->len;
	int64_t row = scroller->top + y - (area->y - origin.y);
	if (row >= n)
		return false;
	bool other = !in_list && row != scroller->cursor;
	scroller->cursor = row;
	findings->in_list = in_list;
	findings_note_selected(findings, view);
	if (other) {
		findings->list.cursor = findings->list.top = 0;
		findings->selected.client = NO_INDEX;
		findings->asked_list = true;
	}
	return !twice || act_on_selected(findings, view, ACTION_OPEN, app);
}

static const ScreenOps findings_ops = {
	.id = SCREEN_FINDINGS,
	.free = findings_free,
	.title = findings_title,
	.draw = findings_draw,
	.act = findings_act,
	.work = findings_work,
	.rows = findings_rows,
	.row_fits = findings_row_fits,
	.row_select = findings_row_select,
	.copy = findings_copy,
	.client = findings_client,
	.clients = findings_clients,
	.filter = findings_filter,
	.complete = findings_complete,
	.click = findings_click,
};

Screen *findings_screen_new(void)
{
	FindingsScreen *findings = g_new0(FindingsScreen, 1);
	findings->base.ops = &findings_ops;
	findings_work_init(findings);
	findings->marks = g_hash_table_new(NULL, NULL);
	findings->filter_text = g_strdup("");
	findings->group = (FindingGroup){.kind = GROUP_EVENT, .event = UINT32_MAX};
	findings->selected.client = NO_INDEX;
	findings->scope.cleared = INSTANT_UNKNOWN;
	return &findings->base;
}
