/* SPDX-License-Identifier: MIT */
/*
 * timeline_screen: one client through time: lanes, events, the verdict beside them.
 */
#include "src/verdict/explain.h"
#include "ui/screens/app.h"
#include "ui/screens/event_find.h"
#include "ui/screens/event_text.h"
#include "ui/screens/timeline.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"

/* --- what it is about ----------------------------------------------------------------------------- */

uint32_t timeline_selected(Timeline *timeline)
{
	uint32_t n = timeline->history == NULL ? 0 : history_n_events(timeline->history);
	return n == 0 ? UINT32_MAX : (uint32_t)CLAMP(timeline->list.cursor, 0, (int64_t)n - 1);
}

Instant timeline_moment(Timeline *timeline)
{
	uint32_t event = timeline_selected(timeline);
	return event == UINT32_MAX ? timeline->wanted : history_event(timeline->history, event)->time;
}

void timeline_select(Timeline *timeline, uint32_t event)
{
	scroller_jump(&timeline->list, event);
	timeline->wanted = INSTANT_UNKNOWN;
	timeline->wanted_frame = timeline->missed = (FrameRef){0};
	timeline->chosen = false;
	timeline_show_selected(timeline);
}

void timeline_window(const Timeline *timeline, Instant *from, Instant *to)
{
	bool all = !instant_known(timeline->from);
	*from = all ? timeline->first : timeline->from;
	*to = all ? timeline->last : timeline->to;
}

static const Finding *finding_at(const View *view, uint32_t index)
{
	return index < view->analysis->findings->len
	               ? &g_array_index(view->analysis->findings, Finding, index)
	               : NULL;
}

static void renew_lifeline(Timeline *timeline, const View *view)
{
	if (timeline->lifeline != NULL)
		lifeline_free(timeline->lifeline);
	timeline->lifeline = timeline->client >= view->roster->n_rows ? g_new0(Lifeline, 1)
		: lifeline_new(view->model, view->analysis->findings, view->roster, timeline->client);
	timeline->verdict = view->status->verdict;
	const Lifeline *lifeline = timeline->lifeline;
	uint32_t n = lifeline->n_spans;
	timeline->first = n > 0 ? lifeline->spans[0].from : view->analysis->first;
	timeline->last = n > 0 ? lifeline->spans[n - 1].to : view->analysis->last;
	/* some way to the deadline is worth seeing */
	int64_t size = timeline->last.ns - timeline->first.ns;
	if (instant_known(lifeline->deadline) && lifeline->deadline.ns > timeline->last.ns &&
	    lifeline->deadline.ns - timeline->last.ns <= size)
		timeline->last = lifeline->deadline;
}

/* --- findings ------------------------------------------------------------------------------------- */

static uint32_t n_marks(const Timeline *timeline)
{
	return timeline->lifeline == NULL ? 0 : timeline->lifeline->n_marks;
}

static double distance(Instant a, Instant b)
{
	double ns = (double)a.ns - (double)b.ns;
	return ns < 0 ? -ns : ns;
}

/* The finding that shows at or nearest to the selection: the last of those at the same moment
 * only if nothing is worse. */
static uint32_t nearest_finding(Timeline *timeline)
{
	Instant moment = timeline_moment(timeline);
	uint32_t found = UINT32_MAX;
	double least = 0;
	for (uint32_t i = 0; i < n_marks(timeline); i++) {
		const LifeMark *mark = &timeline->lifeline->marks[i];
		double here = instant_known(moment) ? distance(mark->at, moment) : 0;
		bool better = here < least || (here <= least && mark->finding < found);
		if (found == UINT32_MAX || better) {
			found = mark->finding;
			least = here;
		}
	}
	return found;
}

static const LifeMark *mark_of(const Timeline *timeline, uint32_t finding)
{
	for (uint32_t i = 0; i < n_marks(timeline); i++)
		if (timeline->lifeline->marks[i].finding == finding)
			return &timeline->lifeline->marks[i];
	return NULL;
}

static void choose_finding(Timeline *timeline, uint32_t finding)
{
	const LifeMark *mark = mark_of(timeline, finding);
	if (mark == NULL)
		return;
	uint32_t event = timeline->history == NULL || history_done(timeline->history) < 1
	                         ? UINT32_MAX
	                         : event_at(timeline->history, mark->at);
	if (event != UINT32_MAX)
		timeline_select(timeline, event);
	else
		timeline->wanted = mark->at;
	timeline->follow = false;
	timeline->finding = finding;
	timeline->chosen = true;
	timeline->card.scroller.cursor = timeline->card.scroller.top = 0;
}

static void step_finding(Timeline *timeline, int step, App *app)
{
	uint32_t n = n_marks(timeline), at = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++)
		if (timeline->lifeline->marks[i].finding == timeline->finding)
			at = i;
	uint32_t next = at == UINT32_MAX ? 0 : at + (uint32_t)step;
	if (next >= n) {
		app_tell(app, n == 0    ? "No finding about this client."
		              : step > 0 ? "This is the last finding about this client."
		                         : "This is the first finding about this client.");
		return;
	}
	choose_finding(timeline, timeline->lifeline->marks[next].finding);
}

/* --- before each look ----------------------------------------------------------------------------- */

/* Selects what is waited for, once the history is there or will bring no more. */
static void look_for_wanted(Timeline *timeline)
{
	uint32_t n = history_n_events(timeline->history), event = UINT32_MAX;
	bool waits = instant_known(timeline->wanted) || timeline->wanted_frame.number != 0;
	if (!waits || n == 0)
		return;
	bool whole = history_done(timeline->history) >= 1;
	if (timeline->wanted_frame.number != 0)
		event = event_of_frame(timeline->history, timeline->wanted_frame);
	bool passed = instant_known(timeline->wanted) &&
	              (whole || history_event(timeline->history, n - 1)->time.ns >= timeline->wanted.ns);
	if (event == UINT32_MAX && passed)
		event = event_at(timeline->history, timeline->wanted);
	if (event == UINT32_MAX && !whole)
		return;
	bool chosen = timeline->chosen;
	FrameRef missed = event == UINT32_MAX ? timeline->wanted_frame : (FrameRef){0};
	timeline_select(timeline, event == UINT32_MAX ? timeline_selected(timeline) : event);
	timeline->chosen = chosen;
	timeline->missed = missed;
}

static void begin(Timeline *timeline, const View *view)
{
	timeline->history = engine_history(view->engine, &timeline->client, 1);
	renew_lifeline(timeline, view);
	uint32_t finding = timeline->finding;
	if (finding == UINT32_MAX && timeline->client < view->roster->n_rows)
		finding = view->roster->rows[timeline->client].finding;
	if (finding != UINT32_MAX)
		choose_finding(timeline, finding);
}

static void renew(Timeline *timeline, const View *view)
{
	if (timeline->history == NULL)
		begin(timeline, view);
	if (timeline->verdict != view->status->verdict) {
		renew_lifeline(timeline, view);
		timeline->card_finding = UINT32_MAX - 1;
		timeline->chosen = timeline->chosen && mark_of(timeline, timeline->finding) != NULL;
	}
	look_for_wanted(timeline);
	if (!timeline->chosen)
		timeline->finding = nearest_finding(timeline);
}

/* --- the ops -------------------------------------------------------------------------------------- */

static void timeline_free(Screen *screen)
{
	Timeline *timeline = timeline_of(screen);
	if (timeline->history != NULL)
		history_unref(timeline->history);
	if (timeline->lifeline != NULL)
		lifeline_free(timeline->lifeline);
	g_array_unref(timeline->counts.owed);
	g_array_unref(timeline->counts.delivered);
	card_clear(&timeline->card);
	card_clear(&timeline->session);
	g_free(timeline);
}

static char *timeline_title(Screen *screen, const View *view)
{
	Timeline *timeline = timeline_of(screen);
	const Client *client = model_client(view->model, timeline->client);
	g_autofree char *name = client_sentence_short(view->report, timeline->client);
	g_autofree char *broker =
		endpoint_sentence(&model_broker(view->model, client->broker)->endpoint);
	const RosterRow *row =
		timeline->client < view->roster->n_rows ? &view->roster->rows[timeline->client] : NULL;
	return g_strdup_printf("%s at %s%s%s", name, broker, row == NULL ? "" : ": ",
	                       row == NULL ? "" : client_state_name((ClientState)row->state));
}

static void timeline_draw(Screen *screen, const View *view, Area area)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	timeline->wide = area.columns >= WIDE_COLUMNS;
	int rows = timeline_lane_rows(area.rows);
	timeline_draw_lanes(timeline, view, area_part(area, 0, 0, area.columns, rows));
	timeline_draw_panes(timeline, view, area_part(area, 0, rows, area.columns, area.rows - rows));
	if (!timeline_card_shown(timeline))
		timeline->pane = PANE_EVENTS;
	else if (!timeline->wide)
		timeline->pane = PANE_CARD;
}

static void open_evidence(Timeline *timeline, App *app)
{
	const CardLine *line = card_selected(timeline_active_card(timeline));
	if (line == NULL || line->frame.number == 0)
		return;
	uint32_t event = event_of_frame(timeline->history, line->frame);
	bool chosen = timeline->chosen;
	uint32_t finding = timeline->finding;
	if (event == UINT32_MAX && instant_known(line->time)) {
		event = event_at(timeline->history, line->time);
		app_tell(app, "Frame %" G_GUINT64_FORMAT " is of another client: this is the same moment.",
		         (guint64)line->frame.number);
	}
	if (event == UINT32_MAX)
		return;
	timeline_select(timeline, event);
	timeline->finding = finding;
	timeline->chosen = chosen || finding != UINT32_MAX;
	timeline->follow = false;
	if (!timeline->wide)
		timeline_show_card(timeline, false);
}

static bool explain(Timeline *timeline, const View *view, App *app)
{
	const Finding *finding = finding_at(view, timeline->finding);
	if (finding == NULL)
		return false;
	CauseId cause = (CauseId)finding->cause;
	GString *text = g_string_new(NULL);
	explain_cause(cause, text, UNWRAPPED);
	app_push(app, text_screen_new(g_strdup(cause_name(cause)), g_string_free(text, FALSE)));
	return true;
}

static bool act_on_view(Timeline *timeline, const View *view, Action action, App *app)
{
	switch ((int)action) {
	case ACTION_LEFT: timeline_pan(timeline, -1); return true;
	case ACTION_RIGHT: timeline_pan(timeline, 1); return true;
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
	case ACTION_ZOOM_ALL: return timeline_zoom(timeline, action);
	case ACTION_CARD: timeline_show_card(timeline, !timeline_card_shown(timeline)); return true;
	case ACTION_NEXT_PANE: timeline_next_pane(timeline, 1); return true;
	case ACTION_PREVIOUS_PANE: timeline_next_pane(timeline, -1); return true;
	case ACTION_NEXT_FINDING: step_finding(timeline, 1, app); return true;
	case ACTION_PREVIOUS_FINDING: step_finding(timeline, -1, app); return true;
	case ACTION_FOLLOW:
		timeline->follow = !timeline->follow;
		app_tell(app, timeline->follow ? "Following the newest event." : "Not following any more.");
		return true;
	case ACTION_MARK: marks_toggle(&timeline->marks, timeline_selected(timeline)); return true;
	case ACTION_COMPARE:
		marks_compare(&timeline->marks, timeline->history, timeline_selected(timeline), app);
		return true;
	case ACTION_PACKET:
		event_open(timeline->history, timeline_selected(timeline), app);
		return true;
	case ACTION_EXPLAIN: return explain(timeline, view, app);
	case ACTION_LADDER:
		app_push(app, ladder_screen_new(timeline->client, timeline->finding));
		return true;
	default: return false;
	}
}

static bool timeline_act(Screen *screen, const View *view, Action action, App *app)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	if (timeline->pane != PANE_EVENTS) {
		if (action == ACTION_OPEN) {
			open_evidence(timeline, app);
			return true;
		}
		if (card_act(timeline_active_card(timeline), action))
			return true;
	} else if (action == ACTION_OPEN) {
		event_open(timeline->history, timeline_selected(timeline), app);
		return true;
	} else if (scroller_act(&timeline->list, action, history_n_events(timeline->history))) {
		timeline->follow = false;
		if (timeline_selected(timeline) != UINT32_MAX)
			timeline_select(timeline, timeline_selected(timeline));
		return true;
	}
	return act_on_view(timeline, view, action, app);
}

static SearchRows timeline_rows(Screen *screen, const View *view)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	return (SearchRows){history_n_events(timeline->history), timeline_selected(timeline)};
}

static bool timeline_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	return event_fits(view->report, timeline_of(screen)->history, pattern, row);
}

static void timeline_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	timeline_select(timeline_of(screen), row);
}

static char *timeline_copy(Screen *screen, const View *view)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	const CardLine *line = card_selected(timeline_active_card(timeline));
	if (timeline->pane != PANE_EVENTS && line != NULL)
		return g_strdup(line->text);
	uint32_t event = timeline_selected(timeline);
	return event == UINT32_MAX ? NULL : event_row_text(view, timeline->history, event);
}

static ClientIndex timeline_client(Screen *screen, const View *view)
{
	(void)view;
	return timeline_of(screen)->client;
}

static bool timeline_go(Screen *screen, const View *view, Instant moment, FrameRef frame)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	timeline->wanted = moment;
	timeline->wanted_frame = frame;
	timeline->chosen = timeline->follow = false;
	bool there = frame.number == 0 || history_done(timeline->history) < 1 ||
	             event_of_frame(timeline->history, frame) != UINT32_MAX;
	look_for_wanted(timeline);
	return there;
}

static bool timeline_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	Timeline *timeline = timeline_of(screen);
	renew(timeline, view);
	Area lanes = timeline->lanes_at, list = timeline->list_at;
	int64_t row = timeline->list.top + y - (list.y - lanes.y);
	if (y < lanes.rows) {
		uint32_t event = event_at(timeline->history, timeline_moment_at(timeline, x));
		if (event != UINT32_MAX)
			timeline_select(timeline, event);
		return true;
	}
	if (x >= list.columns || y < list.y - lanes.y || y >= list.y - lanes.y + list.rows ||
	    row >= history_n_events(timeline->history))
		return false;
	timeline->pane = PANE_EVENTS;
	timeline_select(timeline, (uint32_t)row);
	if (twice)
		event_open(timeline->history, timeline_selected(timeline), app);
	return true;
}

static FrameRef timeline_frame(Screen *screen, const View *view)
{
	Timeline *timeline = timeline_of(screen);
	(void)view;
	uint32_t event = timeline_selected(timeline);
	return event == UINT32_MAX ? (FrameRef){0} : history_event(timeline->history, event)->frame;
}

static bool timeline_busy(Screen *screen, const View *view)
{
	Timeline *timeline = timeline_of(screen);
	(void)view;
	return timeline->history != NULL && history_done(timeline->history) < 1 &&
	       history_error(timeline->history) == NULL;
}

static const ScreenOps timeline_ops = {
	.id = SCREEN_TIMELINE,
	.free = timeline_free,
	.title = timeline_title,
	.draw = timeline_draw,
	.act = timeline_act,
	.rows = timeline_rows,
	.row_fits = timeline_row_fits,
	.row_select = timeline_row_select,
	.copy = timeline_copy,
	.client = timeline_client,
	.go = timeline_go,
	.click = timeline_click,
	.frame = timeline_frame,
	.busy = timeline_busy,
};

Screen *timeline_screen_new(ClientIndex client, uint32_t finding)
{
	Timeline *timeline = g_new0(Timeline, 1);
	timeline->base.ops = &timeline_ops;
	timeline->client = client;
	timeline->finding = finding;
	timeline->card_finding = UINT32_MAX - 1;
	marks_init(&timeline->marks);
	timeline->from = timeline->to = timeline->wanted = INSTANT_UNKNOWN;
	timeline->counts.owed = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	timeline->counts.delivered = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	card_init(&timeline->card);
	card_init(&timeline->session);
	return &timeline->base;
}
