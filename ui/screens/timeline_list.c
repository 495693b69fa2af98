/* SPDX-License-Identifier: MIT */
#include "ui/screens/timeline.h"

#include "ui/screens/event_text.h"

typedef struct Columns {
	int frame, time, delta, name; /* widths; 0: not shown */
} Columns;

static Columns columns_for(int width)
{
	return (Columns){
		.frame = width >= 76 ? 6 : 0,
		.time = width >= 44 ? 13 : 0,
		.delta = width >= 66 ? 13 : 0,
		.name = width >= 36 ? 12 : 9,
	};
}

static int draw_times(const View *view, Timeline *timeline, Area area, int y, uint32_t index,
                      Columns columns)
{
	const HistoryEvent *event = history_event(timeline->history, index);
	char text[FORMAT_SIZE];
	int x = 1;
	if (columns.frame > 0) {
		char frame[48];
		frame_text(view->report, event->frame, frame);
		x = area_field(area, x, y, columns.frame, ROLE_FAINT, ALIGN_RIGHT, frame) + 1;
	}
	if (columns.time > 0) {
		event_time(view, event->time, text);
		x = area_field(area, x, y, columns.time - 1, ROLE_NORMAL, ALIGN_LEFT, text) + 1;
	}
	if (columns.delta > 0) {
		*text = '\0';
		int64_t ns = index == 0 ? INT64_MIN
		                        : ns_between(history_event(timeline->history, index - 1)->time,
		                                     event->time);
		if (ns != INT64_MIN)
			format_duration(ns, text);
		x = area_field(area, x, y, columns.delta - 1, ROLE_FAINT, ALIGN_RIGHT, text) + 1;
	}
	return x;
}

static void draw_row(const View *view, Timeline *timeline, Area area, int y, uint32_t index,
                     Columns columns)
{
	const HistoryEvent *event = history_event(timeline->history, index);
	Role role = event_role(event);
	if (marks_has(&timeline->marks, index)) {
		area_glyph(area, 0, y, ROLE_STRONG, GLYPH_MARKED);
		area_marked(area, 0, y, area.columns);
	}
	int x = draw_times(view, timeline, area, y, index, columns);
	if (event_has_direction(event))
		area_glyph(area, x, y, role, event->from_client ? GLYPH_ARROW_RIGHT : GLYPH_ARROW_LEFT);
	else if (event->kind == HISTORY_OWED)
		area_glyph(area, x, y, role, GLYPH_OWED);
	x = area_field(area, x + 2, y, columns.name - 1, role, ALIGN_LEFT, event_name(event)) + 1;
	if (x >= area.columns)
		return;
	g_autofree char *facts = event_facts(view->report, timeline->history, index);
	Role facts_role = event->n_faults > 0 ? ROLE_FAULT
	                  : event_unanswered(timeline->history, event) ||
	                              (event->kind == HISTORY_PACKET && event->has_reason && event->reason >= 0x80)
	                          ? ROLE_RISK
	                  : event->kind == HISTORY_PACKET || event->kind == HISTORY_OWED ? ROLE_NORMAL
	                                                                                 : role;
	area_field(area, x, y, area.columns - x, facts_role, ALIGN_LEFT, facts);
}

static void draw_heading(const View *view, Area area, Columns columns)
{
	int x = 1;
	if (columns.frame > 0)
		x = area_field(area, x, 0, columns.frame, ROLE_HEADING, ALIGN_RIGHT, "frame") + 1;
	if (columns.time > 0)
		x = area_field(area, x, 0, columns.time - 1, ROLE_HEADING, ALIGN_LEFT,
		               view->times_relative ? "since start" : "time (UTC)") +
		    1;
	if (columns.delta > 0)
		x = area_field(area, x, 0, columns.delta - 1, ROLE_HEADING, ALIGN_RIGHT, "after") + 1;
	x = area_field(area, x + 2, 0, columns.name - 1, ROLE_HEADING, ALIGN_LEFT, "event") + 1;
	area_text(area, x, 0, ROLE_HEADING, "what it says");
}

/* The worst of it. */
static char *cut_text(unsigned cut)
{
	if ((cut & HISTORY_CUT_KEPT) != 0)
		return g_strdup("Later packets cannot be shown: there was no room to keep them (TMPDIR)");
	if ((cut & HISTORY_CUT_EVENTS) != 0)
		return g_strdup_printf("What came later is not shown: these are the first %d events",
		                       HISTORY_EVENTS_MOST);
	return g_strdup("Too large to be kept as a whole: of later packets there are no octets");
}

/* What there is to say of the history as a whole; NULL: nothing.  New. */
static char *state_text(const Timeline *timeline, Role *role)
{
	History *history = timeline->history;
	const char *error = history_error(history);
	double done = history_done(history);
	*role = ROLE_FAINT;
	if (error != NULL) {
		*role = ROLE_WARNING;
		return g_strdup_printf("The packets cannot be shown: %s", error);
	}
	if (done < 1)
		return g_strdup_printf("Reading the capture again for its packets: %.0f %%",
		                       CLAMP(done, 0.0, 1.0) * 100);
	if (timeline->missed.number != 0) {
		*role = ROLE_WARNING;
		return g_strdup_printf("Frame %" G_GUINT64_FORMAT " is none of this client's", (guint64)timeline->missed.number);
	}
	if (history_cut(history) != 0) {
		*role = ROLE_WARNING;
		return cut_text(history_cut(history));
	}
	return history_n_events(history) == 0 ? g_strdup("No packet of this client is in the capture.")
	                                      : NULL;
}

/* All of the selected event, where its row is too narrow. */
static void draw_detail(Timeline *timeline, const View *view, Area area)
{
	uint32_t event = timeline_selected(timeline);
	if (event == UINT32_MAX)
		return;
	g_autofree char *text = event_row_text(view, timeline->history, event);
	area_rule(area, 0, ROLE_RULE);
	area_paragraph(area_part(area, 0, 1, area.columns, area.rows - 1), 0, 0, ROLE_NORMAL, text);
}

void timeline_draw_list(Timeline *timeline, const View *view, Area area)
{
	Columns columns = columns_for(area.columns);
	uint32_t n = history_n_events(timeline->history);
	Role role;
	g_autofree char *state = state_text(timeline, &role);
	if (n == 0 && state != NULL) { /* it has all the room */
		timeline->list_at = area_part(area, 0, 0, 0, 0);
		area_paragraph(area, 0, 0, role, state);
		return;
	}
	bool heading = area.rows >= 5, footer = state != NULL && area.rows >= 3;
	if (heading)
		draw_heading(view, area, columns);
	int detail = area.rows >= 10 && n > 0 ? 3 : 0;
	Area rows = area_part(area, 0, heading, area.columns, area.rows - heading - footer - detail);
	if (detail > 0)
		draw_detail(timeline, view,
		            area_part(area, 0, area.rows - footer - detail, area.columns, detail));
	timeline->list_at = rows;
	if (timeline->follow && n > 0)
		timeline->list.cursor = n - 1;
	scroller_fit(&timeline->list, n, rows.rows);
	for (int y = 0; y < rows.rows && timeline->list.top + y < n; y++)
		draw_row(view, timeline, rows, y, (uint32_t)(timeline->list.top + y), columns);
	if (n > 0)
		area_cursor(rows, 0, (int)(timeline->list.cursor - timeline->list.top), rows.columns);
	if (footer)
		area_field(area, 0, area.rows - 1, area.columns, role, ALIGN_LEFT, state);
}
