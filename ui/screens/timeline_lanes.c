/* SPDX-License-Identifier: MIT */
#include "ui/screens/timeline.h"

#include <string.h>

#include "ui/report/format.h"

enum { GUTTER = 10, TICK_COLUMNS = 15, MIN_WINDOW_NS = 1000 };

typedef struct Axis {
	Area area;        /* of one lane, without the gutter */
	Instant from, to;
	int lane;         /* row of the lane that is drawn */
} Axis;

/* By what is most useful where room is short; drawn in the order of the rows. */
int timeline_lane_rows(int rows)
{
	int lanes = CLAMP((rows - 6) / 2, 0, TIMELINE_LANES);
	return lanes > 0 ? lanes + 2 : 0;
}

static double span_ns(const Axis *axis)
{
	return MAX((double)axis->to.ns - (double)axis->from.ns, 1.0);
}

static int column_of(const Axis *axis, Instant moment)
{
	double part = ((double)moment.ns - (double)axis->from.ns) / span_ns(axis);
	return (int)CLAMP(part * axis->area.columns, -1.0, (double)axis->area.columns);
}

static Instant moment_of(const Axis *axis, int column)
{
	double part = (column + 0.5) / MAX(axis->area.columns, 1);
	return (Instant){axis->from.ns + (int64_t)(part * span_ns(axis))};
}

static Axis axis_of(const Timeline *timeline, Area area)
{
	int gutter = area.columns >= 40 ? GUTTER : 0;
	Axis axis = {.area = area_part(area, gutter, 0, area.columns - gutter, area.rows)};
	timeline_window(timeline, &axis.from, &axis.to);
	return axis;
}

Instant timeline_moment_at(const Timeline *timeline, int x)
{
	Axis axis = axis_of(timeline, timeline->lanes_at);
	return moment_of(&axis, x - (timeline->lanes_at.columns - axis.area.columns));
}

/* --- the scale ----------------------------------------------------------------------------------- */

static int64_t tick_step(double least)
{
	static const int64_t seconds[] = {1,   2,    5,    10,   15,    30,    60,    120,  300,
	                                  600, 900,  1800, 3600, 7200,  10800, 21600, 43200};
	for (int64_t step = 1; step < NS_PER_SECOND; step *= 10)
		for (int64_t times = 1; times <= 5; times += times == 1 ? 1 : 3)
			if ((double)(step * times) >= least)
				return step * times;
	for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++)
		if ((double)(seconds[i] * NS_PER_SECOND) >= least)
			return seconds[i] * NS_PER_SECOND;
	int64_t day = 86400 * NS_PER_SECOND, step = day;
	while ((double)step < least && step < INT64_MAX / 4)
		step *= 2;
	return step;
}

static void tick_text(const View *view, Instant at, int64_t step, char text[static FORMAT_SIZE])
{
	int64_t since = ns_between(view->analysis->first, at);
	if (view->times_relative && since != INT64_MIN) {
		format_offset(since, text);
		return;
	}
	if (step >= 86400 * NS_PER_SECOND) {
		format_date_time(at, text);
		text[strlen(text) >= 10 ? 10 : strlen(text)] = '\0';
		return;
	}
	format_time_of_day(at, text);
	if (step >= NS_PER_SECOND)
		text[MIN(strlen(text), (size_t)8)] = '\0';
}

/* In @room columns: a label that is cut would be another time. */
static void draw_scale(const View *view, const Axis *axis, int room)
{
	int n = MAX(axis->area.columns / TICK_COLUMNS, 1);
	int64_t step = tick_step(span_ns(axis) / n);
	int64_t zero = view->times_relative ? view->analysis->first.ns : 0;
	int64_t offset = (axis->from.ns - zero) % step;
	int64_t at = axis->from.ns - offset + (offset > 0 ? step : 0);
	for (int i = 0; i <= n + 1 && at <= axis->to.ns; i++, at += step) {
		char text[FORMAT_SIZE];
		tick_text(view, (Instant){at}, step, text);
		int x = column_of(axis, (Instant){at});
		if (x >= room)
			return;
		area_glyph(axis->area, x, 0, ROLE_RULE, GLYPH_VERTICAL);
		if (x + 1 + text_width(text) <= room)
			area_text(axis->area, x + 1, 0, ROLE_FAINT, text);
	}
}

/* --- lanes of the lifeline ----------------------------------------------------------------------- */

/* Columns of @span that are its own, at least one; false: it is out of sight. */
static bool columns_of(const Axis *axis, const LifeSpan *span, int *begin, int *end)
{
	if (span->to.ns < axis->from.ns || span->from.ns > axis->to.ns)
		return false;
	*begin = MAX(column_of(axis, span->from), 0);
	*end = MAX(column_of(axis, span->to), *begin + 1);
	return *begin < axis->area.columns;
}

static const LifeSpan *spans_from(const Timeline *timeline, Instant from, uint32_t *n)
{
	const Lifeline *lifeline = timeline->lifeline;
	uint32_t low = 0, high = lifeline->n_spans;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (lifeline->spans[middle].to.ns < from.ns)
			low = middle + 1;
		else
			high = middle;
	}
	*n = lifeline->n_spans - low;
	return lifeline->spans + low;
}

static void fill(const Axis *axis, int begin, int end, Role role, Glyph glyph)
{
	for (int x = begin; x < MIN(end, axis->area.columns); x++)
		area_glyph(axis->area, x, axis->lane, role, glyph);
}

/* How a connection ended, in few words: "disconnect by client". */
static char *ending_text(const Connection *connection)
{
	CloseKind kind = (CloseKind)connection->close_kind;
	if (kind == CLOSE_OPEN)
		return g_strdup("");
	return g_strdup_printf("%s by %s", close_kind_name(kind),
	                       closed_by_name((ClosedBy)connection->closed_by));
}

static Role ending_role(const Connection *connection)
{
	return connection->close_kind == CLOSE_DISCONNECT || connection->close_kind == CLOSE_FIN
	               ? ROLE_NORMAL
	               : ROLE_RISK;
}

/* Behind the bar, as far as the absence leaves room; else its first letter on the bar's last column. */
static void draw_ending(const Axis *axis, const View *view, const LifeSpan *span, int end, int room)
{
	const Connection *connection = view_connection(view, span->connection);
	if (connection == NULL)
		return;
	g_autofree char *text = ending_text(connection);
	if (*text == '\0')
		return;
	Role role = ending_role(connection);
	if (room > text_width(text) + 1) {
		area_text(axis->area, end, axis->lane, role, text);
		return;
	}
	char letter[] = {g_ascii_toupper(text[0]), '\0'};
	area_text(axis->area, MIN(end, axis->area.columns) - 1, axis->lane, role, letter);
}

static void draw_connections(Timeline *timeline, const View *view, const Axis *axis)
{
	uint32_t n;
	const LifeSpan *spans = spans_from(timeline, axis->from, &n);
	for (uint32_t i = 0; i < n && spans[i].from.ns <= axis->to.ns; i++) {
		int begin, end, next_begin, next_end;
		if (spans[i].kind != LIFE_ONLINE || !columns_of(axis, &spans[i], &begin, &end))
			continue;
		fill(axis, begin, end, ROLE_GOOD, GLYPH_LINE_ONLINE);
		uint32_t next = i + 1;
		while (next < n && spans[next].kind != LIFE_ONLINE)
			next++;
		if (next >= n || !columns_of(axis, &spans[next], &next_begin, &next_end))
			next_begin = axis->area.columns;
		if (spans[i].to.ns <= axis->to.ns)
			draw_ending(axis, view, &spans[i], end, next_begin - end);
	}
}

static void draw_session(Timeline *timeline, const View *view, const Axis *axis)
{
	static const struct {
		Role role;
		Glyph glyph;
	} looks[] = {
		[LIFE_ONLINE] = {ROLE_GOOD, GLYPH_LINE_ONLINE},
		[LIFE_KEPT] = {ROLE_KEPT, GLYPH_LINE_KEPT},
		[LIFE_GONE] = {ROLE_LOSS, GLYPH_LINE_GONE},
		[LIFE_UNKNOWN] = {ROLE_FAINT, GLYPH_LINE_UNKNOWN},
	};
	uint32_t n;
	const LifeSpan *spans = spans_from(timeline, axis->from, &n);
	(void)view;
	for (uint32_t i = 0; i < n && spans[i].from.ns <= axis->to.ns; i++) {
		int begin, end;
		if (columns_of(axis, &spans[i], &begin, &end))
			fill(axis, begin, end, looks[spans[i].kind].role, looks[spans[i].kind].glyph);
	}
}

/* "├ 5 min 04.2 s ┤": from one connection to the next, whatever became of the session. */
static void draw_gap(const Axis *axis, const LifeSpan *gap)
{
	int begin, end;
	if (!columns_of(axis, gap, &begin, &end))
		return;
	end = MIN(end, axis->area.columns);
	fill(axis, begin, end, ROLE_RULE, GLYPH_HORIZONTAL);
	area_glyph(axis->area, begin, axis->lane, ROLE_RULE, GLYPH_TEE_LEFT);
	area_glyph(axis->area, end - 1, axis->lane, ROLE_RULE, GLYPH_TEE_RIGHT);
	char text[FORMAT_SIZE];
	format_duration(ns_between(gap->from, gap->to), text);
	int width = text_width(text), room = end - begin - 2;
	if (width <= room)
		area_text(axis->area, begin + 1 + (room - width) / 2, axis->lane, ROLE_NORMAL, text);
}

static void draw_gaps(Timeline *timeline, const View *view, const Axis *axis)
{
	uint32_t n;
	const LifeSpan *spans = spans_from(timeline, axis->from, &n);
	(void)view;
	/* the one in sight may have begun before */
	while (n < timeline->lifeline->n_spans && spans[0].kind != LIFE_ONLINE &&
	       spans[-1].kind != LIFE_ONLINE) {
		spans--;
		n++;
	}
	for (uint32_t i = 0; i < n && spans[i].from.ns <= axis->to.ns; i++) {
		if (spans[i].kind == LIFE_ONLINE)
			continue;
		LifeSpan gap = spans[i];
		while (i + 1 < n && spans[i + 1].kind != LIFE_ONLINE)
			gap.to = spans[++i].to;
		draw_gap(axis, &gap);
	}
}

static void draw_marks(Timeline *timeline, const View *view, const Axis *axis)
{
	const Lifeline *lifeline = timeline->lifeline;
	static const Role roles[] = {ROLE_LOSS, ROLE_RISK, ROLE_NOTE};
	static const Glyph glyphs[] = {GLYPH_LOSS, GLYPH_RISK, GLYPH_NOTE};
	for (int worst = SEVERITY_NOTE; worst >= SEVERITY_LOSS; worst--) {
		for (uint32_t i = 0; i < lifeline->n_marks; i++) {
			const LifeMark *mark = &lifeline->marks[i];
			const Finding *finding =
				&g_array_index(view->analysis->findings, Finding, mark->finding);
			if (finding->severity != worst || mark->at.ns < axis->from.ns ||
			    mark->at.ns > axis->to.ns)
				continue;
			int x = MIN(column_of(axis, mark->at), axis->area.columns - 1);
			area_glyph(axis->area, x, axis->lane, roles[worst], glyphs[worst]);
			area_marked(axis->area, x, axis->lane, mark->finding == timeline->finding);
		}
	}
}

/* --- lanes of the history ------------------------------------------------------------------------ */

static void count_from(Timeline *timeline, const Axis *axis)
{
	LaneCounts *counts = &timeline->counts;
	guint columns = (guint)axis->area.columns;
	bool same = counts->from.ns == axis->from.ns && counts->to.ns == axis->to.ns &&
	            counts->owed->len == columns;
	if (!same) {
		g_array_set_size(counts->owed, 0);
		g_array_set_size(counts->owed, columns);
		g_array_set_size(counts->delivered, 0);
		g_array_set_size(counts->delivered, columns);
		counts->from = axis->from;
		counts->to = axis->to;
		counts->n_events = 0;
	}
	uint32_t n = history_n_events(timeline->history);
	for (; counts->n_events < n; counts->n_events++) {
		const HistoryEvent *event = history_event(timeline->history, counts->n_events);
		bool delivered = event->kind == HISTORY_PACKET && event->type == MQTT_PUBLISH &&
		                 !event->from_client;
		int column = column_of(axis, event->time);
		if ((!delivered && event->kind != HISTORY_OWED) || column < 0 ||
		    event->time.ns > axis->to.ns)
			continue;
		GArray *lane = delivered ? counts->delivered : counts->owed;
		g_array_index(lane, uint32_t, (guint)MIN(column, axis->area.columns - 1))++;
	}
}

static void draw_counts(const Axis *axis, const GArray *lane, Role role, Glyph one)
{
	for (guint x = 0; x < lane->len; x++) {
		uint32_t n = g_array_index(lane, uint32_t, x);
		if (n == 0)
			continue;
		Glyph glyph = n == 1 ? one : n < 4 ? GLYPH_BLOCK_2 : n < 16 ? GLYPH_BLOCK_3 : GLYPH_BLOCK_4;
		area_glyph(axis->area, (int)x, axis->lane, role, glyph);
	}
}

static void draw_owed(Timeline *timeline, const View *view, const Axis *axis)
{
	(void)view;
	count_from(timeline, axis);
	draw_counts(axis, timeline->counts.owed, ROLE_KEPT, GLYPH_OWED);
}

static void draw_delivered(Timeline *timeline, const View *view, const Axis *axis)
{
	(void)view;
	count_from(timeline, axis);
	draw_counts(axis, timeline->counts.delivered, ROLE_GOOD, GLYPH_DELIVERED);
}

/* --- all of it ------------------------------------------------------------------------------------ */

typedef struct Lane {
	const char *name;
	int least; /* lanes that there have to be, for this one to be among them */
	void (*draw)(Timeline *timeline, const View *view, const Axis *axis);
} Lane;

static const Lane lanes[TIMELINE_LANES] = {
	{"connected", 1, draw_connections}, {"session", 3, draw_session},
	{"away", 4, draw_gaps},             {"findings", 2, draw_marks},
	{"owed", 5, draw_owed},             {"delivered", 6, draw_delivered},
};

static void draw_deadline(const Timeline *timeline, const Axis *axis, int rows)
{
	Instant deadline = timeline->lifeline->deadline;
	if (!instant_known(deadline) || deadline.ns > axis->to.ns)
		return;
	int x = column_of(axis, deadline);
	for (int y = 1; x >= 0 && y <= rows; y++)
		area_glyph(axis->area, MIN(x, axis->area.columns - 1), y, ROLE_RISK, GLYPH_DEADLINE);
}

/* Beside the scale, if the deadline is out of sight; the columns that are left of it. */
static int draw_later_deadline(const Timeline *timeline, const Axis *axis, int rows)
{
	Instant deadline = timeline->lifeline->deadline;
	if (!instant_known(deadline) || deadline.ns <= axis->to.ns || rows < 2)
		return axis->area.columns;
	char time[FORMAT_SIZE];
	format_date_time(deadline, time);
	g_autofree char *text = g_strdup_printf("kept until %s →", time);
	int x = axis->area.columns - text_width(text);
	area_text(axis->area, x, 0, ROLE_RISK, text);
	return MAX(x - 1, 0);
}

static void draw_cursor(Timeline *timeline, const Axis *axis, int rows)
{
	Instant moment = timeline_moment(timeline);
	if (!instant_known(moment) || moment.ns < axis->from.ns || moment.ns > axis->to.ns)
		return;
	int x = MIN(column_of(axis, moment), axis->area.columns - 1);
	area_glyph(axis->area, x, rows + 1, ROLE_STRONG, GLYPH_ARROW_UP);
	for (int y = 1; y <= rows; y++)
		area_cursor(axis->area, x, y, 1);
}

void timeline_draw_lanes(Timeline *timeline, const View *view, Area area)
{
	timeline->lanes_at = area;
	int n_lanes = area.rows - 2, y = 1;
	if (n_lanes <= 0 || area.columns <= 0)
		return;
	Axis axis = axis_of(timeline, area);
	draw_scale(view, &axis, draw_later_deadline(timeline, &axis, n_lanes));
	for (size_t i = 0; i < G_N_ELEMENTS(lanes); i++) {
		if (lanes[i].least > n_lanes)
			continue;
		if (axis.area.columns < area.columns)
			area_text(area, 0, y, ROLE_FAINT, lanes[i].name);
		axis.lane = y++;
		lanes[i].draw(timeline, view, &axis);
	}
	draw_deadline(timeline, &axis, n_lanes);
	area_rule(area, area.rows - 1, ROLE_RULE);
	draw_cursor(timeline, &axis, n_lanes);
}

/* --- zoom and pan --------------------------------------------------------------------------------- */

static void set_window(Timeline *timeline, double from, double to)
{
	double first = (double)timeline->first.ns, last = (double)timeline->last.ns;
	double size = MAX(to - from, MIN_WINDOW_NS);
	if (size >= last - first) {
		timeline->from = timeline->to = INSTANT_UNKNOWN;
		return;
	}
	from = CLAMP(from, first, last - size);
	timeline->from = (Instant){(int64_t)from};
	timeline->to = (Instant){(int64_t)(from + size)};
}

bool timeline_zoom(Timeline *timeline, Action action)
{
	if (action == ACTION_ZOOM_ALL) {
		timeline->from = timeline->to = INSTANT_UNKNOWN;
		return true;
	}
	Instant from, to, moment = timeline_moment(timeline);
	timeline_window(timeline, &from, &to);
	double size = (double)to.ns - (double)from.ns;
	bool seen = instant_known(moment) && moment.ns >= from.ns && moment.ns <= to.ns;
	double part = seen ? ((double)moment.ns - (double)from.ns) / MAX(size, 1.0) : 0.5;
	double middle = seen ? (double)moment.ns : (double)from.ns + size / 2;
	double wanted = action == ACTION_ZOOM_IN ? size / 2 : size * 2;
	set_window(timeline, middle - part * wanted, middle + (1 - part) * wanted);
	return true;
}

void timeline_pan(Timeline *timeline, int direction)
{
	Instant from, to;
	timeline_window(timeline, &from, &to);
	double step = ((double)to.ns - (double)from.ns) / 4 * direction;
	set_window(timeline, (double)from.ns + step, (double)to.ns + step);
}

void timeline_show_selected(Timeline *timeline)
{
	Instant moment = timeline_moment(timeline);
	if (!instant_known(timeline->from) || !instant_known(moment))
		return;
	if (moment.ns >= timeline->from.ns && moment.ns <= timeline->to.ns)
		return;
	double half = ((double)timeline->to.ns - (double)timeline->from.ns) / 2;
	set_window(timeline, (double)moment.ns - half, (double)moment.ns + half);
}
