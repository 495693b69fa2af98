/* SPDX-License-Identifier: MIT */
/*
 * compare_screen: two packets, or two connections, side by side.
 */
#include "ui/screens/app.h"
#include "ui/screens/compare.h"
#include "ui/screens/event_text.h"
#include "ui/report/sentences.h"

typedef struct Compare {
	Screen base;
	CompareSide sides[2];
	GArray *lines;     /* of CompareLine; made anew when what may be shown changes */
	bool made, redacted, relative;
	Scroller list;
	int list_y;
} Compare;

static Compare *of(Screen *screen)
{
	return (Compare *)screen;
}

static const HistoryEvent *event_of(const Compare *compare, int side)
{
	return history_event(compare->sides[side].history, compare->sides[side].event);
}

/* Two CONNECTs are their connections. */
static bool are_connections(const Compare *compare)
{
	for (int i = 0; i < 2; i++)
		if (event_of(compare, i)->kind != HISTORY_PACKET || event_of(compare, i)->type != MQTT_CONNECT)
			return false;
	return true;
}

static void renew(Compare *compare, const View *view)
{
	bool redacted = view->report->options->redact;
	if (compare->made && compare->redacted == redacted && compare->relative == view->times_relative)
		return;
	g_array_set_size(compare->lines, 0);
	if (are_connections(compare))
		compare_connections(compare->lines, view, compare->sides);
	else
		compare_packets(compare->lines, view, compare->sides);
	compare->made = true;
	compare->redacted = redacted;
	compare->relative = view->times_relative;
}

static void compare_free(Screen *screen)
{
	Compare *compare = of(screen);
	history_unref(compare->sides[0].history);
	history_unref(compare->sides[1].history);
	g_array_unref(compare->lines);
	g_free(compare);
}

static char *side_title(const Compare *compare, const View *view, int side)
{
	const HistoryEvent *event = event_of(compare, side);
	char frame[48], time[FORMAT_SIZE];
	frame_text(view->report, event->frame, frame);
	event_time(view, event->time, time);
	g_autofree char *client = client_sentence_short(view->report, event->client);
	return g_strdup_printf("%s %s%s %s of %s", time, *frame != '\0' ? "frame " : "", frame,
	                       event_name(event), client);
}

static char *compare_title(Screen *screen, const View *view)
{
	Compare *compare = of(screen);
	renew(compare, view);
	unsigned n = 0;
	for (guint i = 0; i < compare->lines->len; i++)
		n += g_array_index(compare->lines, CompareLine, i).different;
	return g_strdup_printf("%s side by side: %u line%s differ%s",
	                       are_connections(compare) ? "Two connections" : "Two packets", n,
	                       n == 1 ? "" : "s", n == 1 ? "s" : "");
}

static void draw_value(Area area, int x, int width, int y, Role role, const char *value)
{
	if (value == NULL)
		area_field(area, x, y, width, role, ALIGN_LEFT, "(absent)");
	else
		area_field(area, x, y, width, role, ALIGN_LEFT, value);
}

static void draw_line(const CompareLine *line, Area area, int y, int label, int value)
{
	Role role = line->different ? ROLE_DIFFERENT : ROLE_NORMAL;
	if (line->different)
		area_glyph(area, 0, y, ROLE_DIFFERENT, GLYPH_DIFFERENT);
	if (line->heading) {
		area_text(area, 2, y, ROLE_HEADING, line->label);
		return;
	}
	int indent = MIN((int)line->depth * 2, label / 2);
	area_field(area, 2 + indent, y, label - indent - 3, line->different ? role : ROLE_FAINT, ALIGN_LEFT,
	           line->label);
	draw_value(area, label, value - 1, y, role, line->values[0]);
	draw_value(area, label + value, value, y, role, line->values[1]);
}

static void compare_draw(Screen *screen, const View *view, Area area)
{
	Compare *compare = of(screen);
	renew(compare, view);
	int label = MIN(area.columns / 3, 44), value = (area.columns - label) / 2, head = area.rows >= 3;
	if (head) {
		g_autofree char *left = side_title(compare, view, 0), *right = side_title(compare, view, 1);
		area_field(area, label, 0, value - 1, ROLE_HEADING, ALIGN_LEFT, left);
		area_field(area, label + value, 0, value, ROLE_HEADING, ALIGN_LEFT, right);
	}
	int detail = area.rows >= 12 ? 3 : 0;
	Area rows = area_part(area, 0, head, area.columns, area.rows - head - detail);
	compare->list_y = head;
	scroller_fit(&compare->list, compare->lines->len, rows.rows);
	for (int y = 0; y < rows.rows && compare->list.top + y < compare->lines->len; y++)
		draw_line(&g_array_index(compare->lines, CompareLine, (guint)(compare->list.top + y)), rows, y,
		          label, value);
	if (compare->lines->len == 0)
		return;
	area_cursor(rows, 0, (int)(compare->list.cursor - compare->list.top), rows.columns);
	const CompareLine *line = &g_array_index(compare->lines, CompareLine, (guint)compare->list.cursor);
	if (detail == 0 || line->heading)
		return;
	Area below = area_part(area, 0, area.rows - detail, area.columns, detail);
	g_autofree char *text = g_strdup_printf("%s: %s%s%s", line->label,
	                                        line->values[0] != NULL ? line->values[0] : "(absent)",
	                                        line->different ? " ≠ " : "",
	                                        !line->different           ? ""
	                                        : line->values[1] != NULL ? line->values[1]
	                                                                  : "(absent)");
	area_rule(below, 0, ROLE_RULE);
	area_paragraph(area_part(below, 0, 1, below.columns, detail - 1), 0, 0, ROLE_NORMAL, text);
}

static void to_difference(Compare *compare, int step, App *app)
{
	for (int64_t at = compare->list.cursor + step; at >= 0 && at < compare->lines->len; at += step) {
		if (!g_array_index(compare->lines, CompareLine, (guint)at).different)
			continue;
		compare->list.cursor = at;
		return;
	}
	app_tell(app, step > 0 ? "No difference below." : "No difference above.");
}

static bool compare_act(Screen *screen, const View *view, Action action, App *app)
{
	Compare *compare = of(screen);
	renew(compare, view);
	if (action == ACTION_NEXT_PANE || action == ACTION_PREVIOUS_PANE) {
		to_difference(compare, action == ACTION_NEXT_PANE ? 1 : -1, app);
		return true;
	}
	return scroller_act(&compare->list, action, compare->lines->len);
}

static SearchRows compare_rows(Screen *screen, const View *view)
{
	Compare *compare = of(screen);
	renew(compare, view);
	return (SearchRows){compare->lines->len, (uint32_t)compare->list.cursor};
}

static bool compare_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	const CompareLine *line = &g_array_index(of(screen)->lines, CompareLine, row);
	g_autofree char *text =
		g_strdup_printf("%s %s %s", line->label, line->values[0] != NULL ? line->values[0] : "",
	                        line->values[1] != NULL ? line->values[1] : "");
	(void)view;
	return g_regex_match(pattern, text, 0, NULL);
}

static void compare_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	of(screen)->list.cursor = row;
}

static char *compare_copy(Screen *screen, const View *view)
{
	Compare *compare = of(screen);
	renew(compare, view);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < compare->lines->len; i++) {
		const CompareLine *line = &g_array_index(compare->lines, CompareLine, i);
		g_string_append_printf(out, "%s %*s%s\t%s\t%s\n", line->different ? "!" : " ", line->depth * 2,
		                       "", line->label, line->values[0] != NULL ? line->values[0] : "(absent)",
		                       line->values[1] != NULL ? line->values[1] : "(absent)");
	}
	return g_string_free(out, FALSE);
}

static ClientIndex compare_client(Screen *screen, const View *view)
{
	(void)view;
	return event_of(of(screen), 0)->client;
}

static FrameRef compare_frame(Screen *screen, const View *view)
{
	(void)view;
	return event_of(of(screen), 0)->frame;
}

static bool compare_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	Compare *compare = of(screen);
	(void)view;
	(void)x;
	(void)twice;
	(void)app;
	int64_t row = compare->list.top + y - compare->list_y;
	if (y < compare->list_y || row >= compare->lines->len)
		return false;
	compare->list.cursor = row;
	return true;
}

static const ScreenOps compare_ops = {
	.id = SCREEN_COMPARE,
	.free = compare_free,
	.title = compare_title,
	.draw = compare_draw,
	.act = compare_act,
	.rows = compare_rows,
	.row_fits = compare_row_fits,
	.row_select = compare_row_select,
	.copy = compare_copy,
	.client = compare_client,
	.frame = compare_frame,
	.click = compare_click,
};

Screen *compare_screen_new(History *left, uint32_t left_event, History *right, uint32_t right_event)
{
	Compare *compare = g_new0(Compare, 1);
	compare->base.ops = &compare_ops;
	compare->sides[0] = (CompareSide){left, left_event};
	compare->sides[1] = (CompareSide){right, right_event};
	compare->lines = compare_lines_new();
	return &compare->base;
}
