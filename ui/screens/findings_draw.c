/* SPDX-License-Identifier: MIT */
/*
 * The findings as a picture: the tree, and beside or below it what is in the group that is selected.
 */
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/screens/findings_private.h"

enum { WIDE = 100, TREE_WIDTH = 50, FEW_ROWS = 7, INDENT = 2, SIGN = 2, NUMBERS = 26 };

static Area row_of(Area area, int y)
{
	return area_part(area, 0, y, area.columns, 1);
}

/* --- the tree ----------------------------------------------------------------------------------- */

static char *group_title(const View *view, const FindingGroup *group)
{
	if (group->kind == GROUP_EVENT) {
		const Incident *incident = report_incident(view->report, group->event);
		char clock[FORMAT_SIZE];
		clock_text(view, incident->from, clock);
		return g_strdup_printf("#%u %s, %s", incident->number,
		                       incident_kind_name((IncidentKind)incident->kind), clock);
	}
	if (group->kind == GROUP_PARTY)
		return g_strdup(party_text(view, (Responsible)group->responsible));
	return g_strdup(cause_name((CauseId)group->cause));
}

/* The longest name of a cause that shows. */
static int longest_cause(const FindingsScreen *findings)
{
	const GArray *groups = findings->tree.groups;
	int longest = 0;
	for (guint i = 0; i < groups->len; i++) {
		const FindingGroup *group = &g_array_index(groups, FindingGroup, i);
		if (group->kind == GROUP_CAUSE)
			longest = MAX(longest, text_width(cause_name((CauseId)group->cause)));
	}
	return longest;
}

/* Beside the list: as wide as its names need, if they leave half of the screen. */
static int tree_width(const FindingsScreen *findings, int columns)
{
	return CLAMP(INDENT + SIGN + longest_cause(findings) + NUMBERS, TREE_WIDTH, columns / 2);
}

/* Where the numbers stand, from the right; what has no room is left out. */
typedef struct TreeColumns {
	int title, findings, clients, lost;
} TreeColumns;

static TreeColumns tree_columns(int columns)
{
	TreeColumns at = {.title = columns};
	if (columns >= 24)
		at = (TreeColumns){.title = columns - 8, .lost = 7};
	if (columns >= 34)
		at = (TreeColumns){.title = columns - 17, .lost = 7, .clients = 8};
	if (columns >= 46)
		at = (TreeColumns){.title = columns - NUMBERS, .lost = 7, .clients = 8, .findings = 8};
	return at;
}

static void draw_numbers(Area line, const TreeColumns *at, Role role, const char *const numbers[3])
{
	const int widths[3] = {at->findings, at->clients, at->lost};
	int x = line.columns;
	for (int i = 2; i >= 0; i--) {
		if (widths[i] == 0)
			continue;
		x -= widths[i];
		area_field(line, x, 0, widths[i], role, ALIGN_RIGHT, numbers[i]);
		x--;
	}
}

static void draw_group(const View *view, Area line, const FindingGroup *group)
{
	TreeColumns at = tree_columns(line.columns);
	Role role = severity_role((Severity)group->severity);
	int x = group->kind == GROUP_CAUSE ? INDENT : 0;
	g_autofree char *title = group_title(view, group);
	area_glyph(line, x, 0, role, group->kind == GROUP_EVENT ? GLYPH_FRAME_MARK
	                             : group->kind == GROUP_PARTY ? GLYPH_OPENED
	                                                          : severity_sign((Severity)group->severity));
	area_field(line, x + 2, 0, MAX(at.title - x - 2, 0), group->kind == GROUP_CAUSE ? ROLE_NORMAL : ROLE_STRONG,
	           ALIGN_LEFT, title);
	char findings[FORMAT_SIZE] = "", clients[FORMAT_SIZE];
	g_autoptr(GString) lost = g_string_new(NULL);
	format_count(group->n_clients, clients);
	if (group->kind != GROUP_EVENT || group->n > 0)
		format_count(group->n, findings);
	if (group->kind != GROUP_EVENT && group->severity == SEVERITY_LOSS)
		lost_text(lost, group->lost_min, group->lost_max, group->lost_open);
	const char *const numbers[3] = {findings, clients, lost->str};
	draw_numbers(line, &at, ROLE_NORMAL, numbers);
}

static void draw_tree(FindingsScreen *findings, const View *view, Area area)
{
	int head = area.rows >= FEW_ROWS ? 1 : 0;
	if (head > 0) {
		TreeColumns at = tree_columns(area.columns);
		static const char *const headings[3] = {"FINDINGS", "CLIENTS", "LOST"};
		area_field(area, 0, 0, at.title, ROLE_HEADING, ALIGN_LEFT, "EVENT, PARTY AND CAUSE");
		draw_numbers(row_of(area, 0), &at, ROLE_HEADING, headings);
	}
	Area rows = area_part(area, 0, head, area.columns, area.rows - head);
	findings->tree_area = rows;
	const GArray *groups = findings->tree.groups;
	scroller_fit(&findings->trees, groups->len, rows.rows);
	for (int y = 0; y < rows.rows; y++) {
		int64_t at = findings->trees.top + y;
		if (at >= groups->len)
			break;
		draw_group(view, row_of(rows, y), &g_array_index(groups, FindingGroup, at));
		/* Where the list has the cursor, the sign alone tells of which group it is. */
		if (at == findings->trees.cursor)
			area_cursor(rows, 0, y, findings->in_list ? 3 : rows.columns);
	}
}

/* --- what is in a group ------------------------------------------------------------------------- */

static char *event_says(const View *view, const FindingGroup *group)
{
	enum { NAMES = 6 };
	const Incident *incident = report_incident(view->report, group->event);
	g_autofree char *title = incident_title(view->report, group->event);
	g_autofree char *says = incident_explanation(incident);
	g_autofree char *hit = incident_clients_sentence(view->report, incident, NAMES);
	return g_strdup_printf("%s. %s%s%s", title, says, hit == NULL ? "" : " It hit ", hit == NULL ? "" : hit);
}

static char *party_says(const View *view, Responsible responsible)
{
	if (view->analysis->diagnosis.unfinished && responsible == RESPONSIBLE_UNKNOWABLE)
		return g_strdup("Not decided while the capture goes on: what comes may explain these otherwise.");
	return g_strdup_printf("Responsible: %s.", responsible_sentence(responsible));
}

static char *group_says(const View *view, const FindingGroup *group)
{
	if (group->kind == GROUP_EVENT)
		return event_says(view, group);
	if (group->kind == GROUP_PARTY)
		return party_says(view, (Responsible)group->responsible);
	const CauseInfo *info = cause_info((CauseId)group->cause);
	return g_strdup_printf("%s: %s. %s", info->name, info->headline, info->text->fix);
}

typedef struct ListColumns {
	int client, cause, confidence, absence, lost; /* widths; 0: no room */
} ListColumns;

enum { TIME_WIDTH = 11, LOST_WIDTH = 7, ABSENCE_WIDTH = 12, CONFIDENCE_WIDTH = 11, CAUSE_WIDTH = 20 };

/* Takes room for a column, if the client keeps @least. */
static void take_room(int *left, int *width, int wanted, int least)
{
	if (*left < least + wanted + 1)
		return;
	*width = wanted;
	*left -= wanted + 1;
}

/* The longest name of a client that will show in @rows. */
static int longest_client(const FindingsScreen *findings, const View *view, int rows)
{
	int longest = 0;
	for (int64_t at = findings->list.top; at < MIN(findings->list.top + rows, (int64_t)findings->members->len); at++) {
		uint32_t index = findings_member(findings, at);
		const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
		g_autofree char *client = client_sentence_short(view->report, finding->client);
		longest = MAX(longest, text_width(client));
	}
	return longest;
}

static bool one_cause(const FindingsScreen *findings)
{
	const FindingGroup *group = findings_group(findings);
	return group != NULL && group->kind == GROUP_CAUSE;
}

/* Where all are of one cause, there is no need to name it in each row. */
static ListColumns list_columns(const FindingsScreen *findings, const View *view, Area rows)
{
	enum { CLIENT_LEAST = 14, CLIENT_WIDE = 40 };
	ListColumns at = {0};
	int client = CLAMP(longest_client(findings, view, rows.rows), CLIENT_LEAST, CLIENT_WIDE);
	int left = rows.columns - 2 - TIME_WIDTH - 1;
	take_room(&left, &at.lost, LOST_WIDTH, CLIENT_LEAST);
	if (!one_cause(findings)) {
		take_room(&left, &at.cause, longest_cause(findings), client);
		if (at.cause == 0)
			take_room(&left, &at.cause, MIN(CAUSE_WIDTH, longest_cause(findings)), CLIENT_LEAST);
	}
	take_room(&left, &at.absence, ABSENCE_WIDTH, client);
	take_room(&left, &at.confidence, CONFIDENCE_WIDTH, client);
	at.client = MAX(left, 0);
	return at;
}

/* Texts in their columns from @x on. */
typedef struct Cells {
	Area line;
	int x;
} Cells;

static void put_cell(Cells *cells, int width, Role role, Align align, const char *text)
{
	if (width <= 0)
		return;
	area_field(cells->line, cells->x, 0, width, role, align, text);
	cells->x += width + 1;
}

static void draw_list_headings(const FindingsScreen *findings, ListColumns at, Area line)
{
	Cells cells = {line, 2};
	put_cell(&cells, TIME_WIDTH, ROLE_HEADING, ALIGN_LEFT, findings->sort.order == ORDER_TIME ? "TIME *" : "TIME");
	put_cell(&cells, at.client, ROLE_HEADING, ALIGN_LEFT,
	         findings->sort.order == ORDER_CLIENT ? "CLIENT *" : "CLIENT");
	put_cell(&cells, at.cause, ROLE_HEADING, ALIGN_LEFT, "CAUSE");
	put_cell(&cells, at.confidence, ROLE_HEADING, ALIGN_LEFT, "CONFIDENCE");
	put_cell(&cells, at.absence, ROLE_HEADING, ALIGN_RIGHT,
	         findings->sort.order == ORDER_ABSENCE ? "AWAY *" : "AWAY");
	put_cell(&cells, at.lost, ROLE_HEADING, ALIGN_RIGHT, findings->sort.order == ORDER_LOST ? "LOST *" : "LOST");
}

static void draw_finding(const View *view, Area line, ListColumns at, const Finding *finding)
{
	Role role = severity_role((Severity)finding->severity);
	char text[FORMAT_SIZE];
	Cells cells = {line, 2};
	area_glyph(line, 0, 0, role, severity_sign((Severity)finding->severity));
	clock_text(view, finding_showed(view->model, finding), text);
	put_cell(&cells, TIME_WIDTH, ROLE_NORMAL, ALIGN_LEFT, text);
	g_autofree char *client = client_sentence_short(view->report, finding->client);
	put_cell(&cells, at.client, ROLE_STRONG, ALIGN_LEFT, client);
	put_cell(&cells, at.cause, ROLE_NORMAL, ALIGN_LEFT, cause_name((CauseId)finding->cause));
	put_cell(&cells, at.confidence, ROLE_NORMAL, ALIGN_LEFT,
	         confidence_name((Confidence)finding->confidence));
	if (finding->absence_ns == INT64_MIN)
		g_strlcpy(text, finding->to == NO_INDEX ? "" : "?", sizeof text);
	else
		format_duration(finding->absence_ns, text);
	put_cell(&cells, at.absence, ROLE_NORMAL, ALIGN_RIGHT, text);
	g_autoptr(GString) lost = g_string_new(NULL);
	const Absence *cost = model_absence(view->model, finding->cost);
	bool open = !finding_messages_known(view->model, finding) || (cost != NULL && cost->unbounded);
	if (finding->severity == SEVERITY_LOSS)
		lost_text(lost, cost == NULL ? 0 : cost->lost.min, cost == NULL ? 0 : cost->lost.max, open);
	put_cell(&cells, at.lost, role, ALIGN_RIGHT, lost->str);
}

static void draw_looking(const FindingsScreen *findings, const View *view, Area area)
{
	double done = findings_work_done(findings, view);
	g_autofree char *text = g_strdup_printf("Looking, %.0f %%", done * 100);
	if (done < 1)
		area_text(area, 0, 0, ROLE_NOTE, text);
}

static void draw_members(FindingsScreen *findings, const View *view, ListColumns columns, Area rows)
{
	findings->list_area = rows;
	if (findings->members->len == 0)
		draw_looking(findings, view, rows);
	for (int y = 0; y < rows.rows; y++) {
		int64_t at = findings->list.top + y;
		if (at >= findings->members->len)
			break;
		uint32_t index = findings_member(findings, at);
		const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
		draw_finding(view, row_of(rows, y), columns, finding);
		if (at == findings->list.cursor && findings->in_list)
			area_cursor(rows, 0, y, rows.columns);
		if (g_hash_table_contains(findings->marks, GUINT_TO_POINTER(finding->client + 1)))
			area_marked(rows, 0, y, rows.columns);
	}
}

static void draw_list(FindingsScreen *findings, const View *view, Area area)
{
	const FindingGroup *group = findings_group(findings);
	int y = 0;
	if (group != NULL && area.rows >= 10) {
		g_autofree char *says = group_says(view, group);
		Area top = area_part(area, 0, 0, area.columns, MIN(6, area.rows / 3));
		y = MIN(area_paragraph(top, 0, 0, ROLE_NOTE, says), top.rows);
		area_rule(area, y++, ROLE_RULE);
	}
	bool headed = area.rows - y >= 3;
	Area rows = area_part(area, 0, y + headed, area.columns, area.rows - y - headed);
	scroller_fit(&findings->list, findings->members->len, rows.rows);
	ListColumns columns = list_columns(findings, view, rows);
	if (headed)
		draw_list_headings(findings, columns, row_of(area, y));
	draw_members(findings, view, columns, rows);
}

/* --- both --------------------------------------------------------------------------------------- */

static int draw_filter(const FindingsScreen *findings, const View *view, Area area)
{
	if (findings->filter_text[0] == '\0' && !instant_known(findings->scope.cleared))
		return 0;
	char shown[FORMAT_SIZE], all[FORMAT_SIZE];
	format_count(findings->tree.n_shown, shown);
	format_count(view->analysis->findings->len, all);
	double done = findings_work_done(findings, view);
	g_autofree char *number = done < 1 ? g_strdup_printf("looking, %.0f %%", done * 100)
	                                   : g_strdup_printf("%s of %s", shown, all);
	g_autofree char *text = g_strdup_printf(
		"%s  %s%s%s%s%s", number, findings->filter_text[0] != '\0' ? "filter: " : "",
		findings->scope.inverted ? "not (" : "", findings->filter_text, findings->scope.inverted ? ")" : "",
		instant_known(findings->scope.cleared) ? "  cleared: only what showed since" : "");
	area_text(area, 0, 0, ROLE_NOTE, text);
	return 1;
}

static void draw_nothing(const FindingsScreen *findings, const View *view, Area area)
{
	g_autofree char *verdict = verdict_sentence(view->report);
	int y = 0;
	if (findings_work_done(findings, view) < 1 || findings->verdict != view->status->verdict)
		draw_looking(findings, view, area);
	else if (view->analysis->findings->len > 0)
		area_paragraph(area, 0, 0, ROLE_NORMAL, "No finding fits. An empty filter shows all.");
	else if (view->status->ended && model_counts(view->model)->connections == 0)
		area_paragraph(area, 0, 0, ROLE_NORMAL, verdict);
	else if (view->status->ended)
		y = area_paragraph(area, 0, 0, ROLE_GOOD, verdict);
	else
		area_paragraph(area, 0, 0, ROLE_NORMAL, "No findings so far.");
	if (y > 0)
		area_paragraph(area, y + 1, 0, ROLE_NORMAL, "Nothing was found that a client lost, or is about to lose.");
}

void findings_draw(Screen *screen, const View *view, Area area)
{
	FindingsScreen *findings = (FindingsScreen *)screen;
	findings_refresh(findings, view);
	findings->origin = area;
	findings->tree_area = findings->list_area = area_part(area, 0, 0, 0, 0);
	int y = area.rows >= 4 ? draw_filter(findings, view, area) : 0;
	Area rest = area_part(area, 0, y, area.columns, area.rows - y);
	if (findings->tree.groups->len == 0) {
		draw_nothing(findings, view, rest);
	} else if (rest.columns >= WIDE) {
		int width = tree_width(findings, rest.columns);
		draw_tree(findings, view, area_part(rest, 0, 0, width, rest.rows));
		area_upright(area_part(rest, width, 0, 1, rest.rows), 0, ROLE_RULE);
		draw_list(findings, view, area_part(rest, width + 2, 0, rest.columns - width - 2, rest.rows));
	} else if (rest.rows >= 2 * FEW_ROWS) {
		int upper = MIN((int)findings->tree.groups->len + 1, rest.rows / 2);
		draw_tree(findings, view, area_part(rest, 0, 0, rest.columns, upper));
		area_rule(rest, upper, ROLE_RULE);
		draw_list(findings, view, area_part(rest, 0, upper + 1, rest.columns, rest.rows - upper - 1));
	} else if (findings->in_list) {
		draw_list(findings, view, rest);
	} else {
		draw_tree(findings, view, rest);
	}
}
