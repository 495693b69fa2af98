/* SPDX-License-Identifier: MIT */
#include "ui/screens/ladder.h"

#include "ui/report/sentences.h"
#include "ui/screens/event_text.h"

enum { FIELDS_FROM = 110, BROKER = LADDER_CLIENTS };

/* Where things stand across the screen. */
typedef struct Lanes {
	Area area;                   /* of the lanes, all rows of events */
	int frame, time, delta;      /* widths; 0: not shown */
	int left;                    /* columns of these */
	int at[LADDER_CLIENTS + 1];  /* column of each client, and of the broker */
	unsigned n_own;              /* clients with a lane of their own; the others share the last one */
	bool shared;
} Lanes;

static Lanes lanes_of(const Ladder *ladder, Area area)
{
	Lanes lanes = {.area = area};
	lanes.time = area.columns >= 50 ? 13 : 0;
	lanes.frame = area.columns >= 76 ? 7 : 0;
	lanes.delta = area.columns >= 100 ? 13 : 0;
	lanes.left = lanes.time + lanes.frame + lanes.delta + 2;
	int width = MAX(area.columns - lanes.left, 2), first = lanes.left, last = area.columns - 3;
	unsigned others = ladder->n_clients - 1;
	enum { LEAST = 14, WIDE = 90 };
	int share = others > 1 && width >= WIDE ? width / 2 : width * 2 / 5;
	int for_others = others == 0 ? 0 : MAX(share, MIN(width / 3, LEAST));
	unsigned fit = (unsigned)MAX(for_others / LEAST, 1);
	lanes.shared = others > fit;
	lanes.n_own = lanes.shared ? fit : others + 1;
	unsigned n = others == 0 ? 0 : lanes.shared ? fit : others;
	lanes.at[0] = first;
	lanes.at[BROKER] = MAX(last - for_others, first + 1);
	for (unsigned i = 1; i <= others; i++) {
		unsigned lane = MIN(i, n);
		lanes.at[i] = lanes.at[BROKER] + (int)lane * (last - lanes.at[BROKER]) / (int)MAX(n, 1u);
	}
	return lanes;
}

static void heading_of(const View *view, const Ladder *ladder, const Lanes *lanes, Area area, unsigned i)
{
	char host[ENDPOINT_TEXT_SIZE];
	ip_address_format(&ladder->twin_host, host);
	g_autofree char *name = i > 0 && i == ladder->twin
	                                ? g_strdup_printf("twin at %s", host)
	                                : client_sentence_short(view->report, ladder->clients[i]);
	bool last = i > 0 && lanes->shared && i >= lanes->n_own;
	g_autofree char *text = last ? g_strdup_printf("%u others", ladder->n_clients - lanes->n_own)
	                             : g_strdup(name);
	int before = i == 0 ? 0 : i == 1 ? lanes->at[BROKER] + 5 : lanes->at[i - 1] + 2;
	int room = i == 0 ? lanes->at[BROKER] - 2 - lanes->at[0] : lanes->at[i] + 2 - before;
	int width = MIN(text_width(text), room);
	if (width > 0 && !(last && i > lanes->n_own))
		area_field(area, i == 0 ? lanes->at[0] : lanes->at[i] + 2 - width, 0, width, ROLE_CLIENT,
		           ALIGN_LEFT, text);
}

static void draw_heading(const View *view, const Ladder *ladder, const Lanes *lanes, Area area)
{
	int x = 1;
	if (lanes->frame > 0)
		x = area_field(area, x, 0, lanes->frame - 1, ROLE_HEADING, ALIGN_RIGHT, "frame") + 1;
	if (lanes->time > 0)
		x = area_field(area, x, 0, lanes->time - 1, ROLE_HEADING, ALIGN_LEFT,
		               view->times_relative ? "since start" : "time (UTC)") + 1;
	if (lanes->delta > 0)
		area_field(area, x, 0, lanes->delta - 1, ROLE_HEADING, ALIGN_RIGHT, "after");
	for (unsigned i = 0; i < ladder->n_clients; i++)
		heading_of(view, ladder, lanes, area, i);
	int broker = MIN(lanes->at[BROKER] - 2, area.columns - 6);
	area_text(area, MAX(broker, 0), 0, ROLE_BROKER, "broker");
}

/* Connected: a line; else dots. */
static void draw_lifelines(const Ladder *ladder, const Lanes *lanes, int y, uint32_t event)
{
	uint8_t online = event < ladder->online->len ? g_array_index(ladder->online, uint8_t, event) : 0;
	area_glyph(lanes->area, lanes->at[BROKER], y, ROLE_BROKER, GLYPH_VERTICAL);
	for (unsigned i = 0; i < ladder->n_clients; i++) {
		bool up = (online >> i & 1) != 0;
		if (i < lanes->n_own || up || !lanes->shared)
			area_glyph(lanes->area, lanes->at[i], y, up ? ROLE_CLIENT : ROLE_FAINT,
			           up ? GLYPH_VERTICAL : GLYPH_LINE_GONE);
	}
}

static bool is_evidence(const Ladder *ladder, const HistoryEvent *event)
{
	for (guint i = 0; i < ladder->evidence->len; i++) {
		FrameRef frame = g_array_index(ladder->evidence, FrameRef, i);
		if (frame.number == event->frame.number && frame.source == event->frame.source &&
		    event->kind != HISTORY_RETRANSMITTED)
			return true;
	}
	return false;
}

static Glyph line_glyph(const HistoryEvent *event)
{
	switch ((HistoryKind)event->kind) {
	case HISTORY_RETRANSMITTED: return GLYPH_LINE_GONE;
	case HISTORY_GAP: return GLYPH_LINE_UNKNOWN;
	case HISTORY_PACKET:
	case HISTORY_OPENED:
	case HISTORY_FIN:
	case HISTORY_RST:
	case HISTORY_VANISHED:
	case HISTORY_OWED: break;
	}
	return GLYPH_HORIZONTAL;
}

/* "CONNECT Clean Start 0, ..." between @left and @right, as far as there is room. */
static void draw_words(const View *view, const Ladder *ladder, const Lanes *lanes, int y, uint32_t index,
                       int left, int right)
{
	const HistoryEvent *event = history_event(ladder->history, index);
	g_autofree char *facts = event_facts(view->report, ladder->history, index);
	unsigned lane = ladder_lane(ladder, view->model, event);
	bool several = lanes->shared && lane >= lanes->n_own;
	g_autofree char *who = !several                ? NULL
	                       : lane == ladder->twin ? g_strdup("twin")
	                                              : client_sentence_short(view->report, event->client);
	g_autofree char *text =
		g_strdup_printf(" %s%s%s%s%s ", several ? who : "", several ? ": " : "", event_name(event),
	                        *facts != '\0' ? " " : "", facts);
	Role role = event->n_faults > 0 ? ROLE_FAULT : event_role(event);
	int room = right - left - 1;
	if (room > 0)
		area_field(lanes->area, left + 1, y, MIN(text_width(text), room), role, ALIGN_LEFT, text);
}

static void draw_arrow(const View *view, const Ladder *ladder, const Lanes *lanes, int y, uint32_t index)
{
	const HistoryEvent *event = history_event(ladder->history, index);
	unsigned lane = ladder_lane(ladder, view->model, event);
	int client = lanes->at[lane], broker = lanes->at[BROKER];
	int left = MIN(client, broker), right = MAX(client, broker);
	Role role = event_role(event);
	bool arrives = event->kind != HISTORY_VANISHED && event->kind != HISTORY_OWED;
	for (int x = left + 1; arrives && x < right; x++)
		area_glyph(lanes->area, x, y, role, line_glyph(event));
	draw_words(view, ladder, lanes, y, index, left + 1, right - 1);
	if (!arrives) {
		area_glyph(lanes->area, event->kind == HISTORY_OWED ? broker : client, y, role,
		           event->kind == HISTORY_OWED ? GLYPH_OWED : GLYPH_LOSS);
		return;
	}
	bool to_right = event->from_client == (client < broker);
	if (event->by_nobody)
		return;
	Glyph head = event->kind == HISTORY_RST ? GLYPH_LOSS : to_right ? GLYPH_ARROW_RIGHT : GLYPH_ARROW_LEFT;
	area_glyph(lanes->area, to_right ? right - 1 : left + 1, y, role, head);
}

static void draw_times(const View *view, const Ladder *ladder, const Lanes *lanes, int y, uint32_t index)
{
	const HistoryEvent *event = history_event(ladder->history, index);
	char text[FORMAT_SIZE], frame[48];
	int x = 1;
	if (lanes->frame > 0) {
		frame_text(view->report, event->frame, frame);
		x = area_field(lanes->area, x, y, lanes->frame - 1, ROLE_FAINT, ALIGN_RIGHT, frame) + 1;
	}
	if (lanes->time > 0) {
		event_time(view, event->time, text);
		x = area_field(lanes->area, x, y, lanes->time - 1, ROLE_NORMAL, ALIGN_LEFT, text) + 1;
	}
	int64_t ns = index == 0 ? INT64_MIN
	                        : ns_between(history_event(ladder->history, index - 1)->time, event->time);
	if (lanes->delta > 0 && ns != INT64_MIN) {
		format_duration(ns, text);
		area_field(lanes->area, x, y, lanes->delta - 1, ROLE_FAINT, ALIGN_RIGHT, text);
	}
}

static void draw_row(const View *view, const Ladder *ladder, const Lanes *lanes, int y, uint32_t index)
{
	const HistoryEvent *event = history_event(ladder->history, index);
	draw_times(view, ladder, lanes, y, index);
	draw_lifelines(ladder, lanes, y, index);
	draw_arrow(view, ladder, lanes, y, index);
	if (is_evidence(ladder, event))
		area_glyph(lanes->area, 0, y, ROLE_LOSS, GLYPH_FRAME_MARK);
	if (!marks_has(&ladder->marks, index))
		return;
	area_glyph(lanes->area, 0, y, ROLE_STRONG, GLYPH_MARKED);
	area_marked(lanes->area, 0, y, lanes->area.columns);
}

/* The selected packet's own fields: no bits, and nothing of the fixed header. */
static void draw_fields(Ladder *ladder, const View *view, Area area)
{
	uint32_t selected = ladder_selected(ladder);
	if (selected == UINT32_MAX)
		return;
	if (ladder->shown != selected) {
		packet_fields_clear(&ladder->fields);
		packet_fields_init(&ladder->fields, ladder->history, selected);
		ladder->shown = selected;
	}
	g_autofree char *row = event_row_text(view, ladder->history, selected);
	int y = area_paragraph(area, 0, 0, ROLE_STRONG, row) + 1;
	for (guint i = 0; i < ladder->fields.tree->len && y < area.rows; i++) {
		const MqttField *field = packet_field(&ladder->fields, i);
		bool fault = field->fault >= 0;
		if (!fault && (field->mask != 0 || field->depth < 2 || packet_field_has_parts(&ladder->fields, i)) &&
		    field->privacy != MQTT_PAYLOAD)
			continue;
		g_autofree char *value = packet_field_text(view->report, field);
		g_autofree char *text = g_strdup_printf("%s%s%s", field->label, *value != '\0' ? ": " : "", value);
		y = area_paragraph(area, y, 0,
		                   fault ? ROLE_FAULT : field->size == 0 ? ROLE_FAINT : ROLE_NORMAL, text);
	}
}

static void draw_state(const Ladder *ladder, Area area)
{
	const char *error = history_error(ladder->history);
	double done = history_done(ladder->history);
	if (error == NULL && done >= 1)
		return;
	g_autofree char *text =
		error != NULL ? g_strdup_printf("The packets cannot be shown: %s", error)
			      : g_strdup_printf("Reading the capture again for its packets: %.0f %%", done * 100);
	area_field(area, 0, area.rows - 1, area.columns, error != NULL ? ROLE_WARNING : ROLE_FAINT,
	           ALIGN_LEFT, text);
}

void ladder_draw(Screen *screen, const View *view, Area area)
{
	Ladder *ladder = (Ladder *)screen;
	ladder_renew(ladder, view);
	int beside = area.columns >= FIELDS_FROM ? area.columns / 3 : 0, head = area.rows >= 3;
	bool state = history_done(ladder->history) < 1 || history_error(ladder->history) != NULL;
	Area left = area_part(area, 0, 0, area.columns - (beside > 0 ? beside + 1 : 0), area.rows);
	Lanes lanes = lanes_of(ladder, area_part(left, 0, head, left.columns, left.rows - head - state));
	uint32_t n = history_n_events(ladder->history);
	if (head)
		draw_heading(view, ladder, &lanes, left);
	ladder->list_y = head;
	if (ladder->follow && n > 0)
		ladder->list.cursor = n - 1;
	scroller_fit(&ladder->list, n, lanes.area.rows);
	for (int y = 0; y < lanes.area.rows && ladder->list.top + y < n; y++)
		draw_row(view, ladder, &lanes, y, (uint32_t)(ladder->list.top + y));
	if (n > 0)
		area_cursor(lanes.area, 0, (int)(ladder->list.cursor - ladder->list.top), lanes.area.columns);
	draw_state(ladder, left);
	if (beside == 0)
		return;
	area_upright(area_part(area, left.columns, 0, 1, area.rows), 0, ROLE_RULE);
	draw_fields(ladder, view, area_part(area, left.columns + 2, 0, beside - 1, area.rows));
}
