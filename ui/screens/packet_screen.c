/* SPDX-License-Identifier: MIT */
/*
 * packet_screen: a packet's fields beside its octets.
 */
#include <string.h>

#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/screens/app.h"
#include "ui/screens/event_find.h"
#include "ui/screens/event_text.h"
#include "ui/screens/packet_view.h"

static PacketView *of(Screen *screen)
{
	return (PacketView *)screen;
}

/* --- which fields are shown ----------------------------------------------------------------------- */

static void list_rows(PacketView *packet)
{
	const PacketFields *fields = &packet->fields;
	g_array_set_size(packet->rows, 0);
	for (uint32_t i = 0; i < fields->tree->len; i++) {
		g_array_append_val(packet->rows, i);
		if (!packet->closed[i])
			continue;
		unsigned depth = packet_field(fields, i)->depth;
		while (i + 1 < fields->tree->len && packet_field(fields, i + 1)->depth > depth)
			i++;
	}
}

uint32_t packet_selected(const PacketView *packet)
{
	int64_t row = packet->list.cursor;
	return row >= 0 && row < packet->rows->len ? g_array_index(packet->rows, uint32_t, (guint)row)
	                                           : UINT32_MAX;
}

static void open_above(PacketView *packet, uint32_t index)
{
	while (index > 0) {
		index = packet_field_above(&packet->fields, index);
		packet->closed[index] = false;
	}
}

/* And opens what it is in. */
static void packet_select(PacketView *packet, uint32_t index)
{
	open_above(packet, index);
	list_rows(packet);
	for (guint row = 0; row < packet->rows->len; row++)
		if (g_array_index(packet->rows, uint32_t, row) == index)
			packet->list.cursor = row;
}

void packet_select_octet(PacketView *packet, uint32_t octet)
{
	packet->octet = octet;
	packet_select(packet, packet->fields.owners[octet]);
}

static void follow_field(PacketView *packet)
{
	uint32_t selected = packet_selected(packet);
	if (selected == UINT32_MAX || packet->fields.octets.size == 0)
		return;
	uint32_t offset = packet_field(&packet->fields, selected)->offset;
	packet->octet = MIN(offset, (uint32_t)packet->fields.octets.size - 1);
}

/* The fixed header says little but of a PUBLISH; what is wrong is never hidden. */
static void close_first(PacketView *packet)
{
	const PacketFields *fields = &packet->fields;
	const HistoryEvent *event = history_event(packet->history, packet->event);
	for (uint32_t i = 0; i < fields->tree->len; i++)
		if (event->type != MQTT_PUBLISH && strcmp(packet_field(fields, i)->label, "Fixed Header") == 0)
			packet->closed[i] = true;
	for (uint32_t i = 0; i < fields->tree->len; i++)
		if (packet_field(fields, i)->fault >= 0)
			open_above(packet, i);
}

static void load(PacketView *packet, uint32_t event)
{
	packet_fields_clear(&packet->fields);
	g_free(packet->closed);
	packet->event = event;
	packet_fields_init(&packet->fields, packet->history, event);
	packet->closed = g_new0(uint8_t, packet->fields.tree->len + 1);
	close_first(packet);
	list_rows(packet);
	packet->list.cursor = packet->list.top = 0;
	packet->octet = 0;
}

/* --- drawing -------------------------------------------------------------------------------------- */

static const Connection *connection_of(const PacketView *packet, const View *view)
{
	return view_connection(view, history_event(packet->history, packet->event)->connection);
}

/* "frame 12  12:00:00.123  client → broker  10.0.0.9:51512 → 10.0.0.5:1883  connection 2 of c1" */
static char *where_text(const PacketView *packet, const View *view)
{
	const HistoryEvent *event = history_event(packet->history, packet->event);
	char first[48], last[48], time[FORMAT_SIZE];
	frame_text(view->report, event->frame, first);
	frame_text(view->report, event->last_frame, last);
	event_time(view, event->time, time);
	GString *out = g_string_new(NULL);
	bool several = strcmp(first, last) != 0 && *last != '\0';
	g_string_append_printf(out, "frame%s %s%s%s  %s  %s", several ? "s" : "",
	                       *first != '\0' ? first : "unknown", several ? " to " : "",
	                       several ? last : "", time,
	                       event->from_client ? "client → broker" : "broker → client");
	const Connection *connection = connection_of(packet, view);
	if (connection == NULL)
		return g_string_free(out, FALSE);
	g_autofree char *source = endpoint_sentence(&connection->source);
	g_autofree char *broker = connection->broker == NO_INDEX
	                                  ? g_strdup("?")
	                                  : endpoint_sentence(&model_broker(view->model, connection->broker)->endpoint);
	g_string_append_printf(out, "  %s → %s", event->from_client ? source : broker,
	                       event->from_client ? broker : source);
	g_string_append_printf(out, "  connection %u", connection->number);
	return g_string_free(out, FALSE);
}

static bool fault_within(const PacketView *packet, uint32_t index)
{
	unsigned depth = packet_field(&packet->fields, index)->depth;
	for (uint32_t i = index + 1; i < packet->fields.tree->len; i++) {
		const MqttField *field = packet_field(&packet->fields, i);
		if (field->depth <= depth)
			return false;
		if (field->fault >= 0)
			return true;
	}
	return false;
}

static Role label_role(const PacketView *packet, uint32_t index)
{
	const MqttField *field = packet_field(&packet->fields, index);
	if (field->fault >= 0)
		return ROLE_FAULT;
	if (packet->closed[index] && fault_within(packet, index))
		return ROLE_FAULT;
	if (packet_field_has_parts(&packet->fields, index))
		return field->depth == 0 ? ROLE_STRONG : ROLE_HEADING;
	return field->size == 0 || field->mask != 0 ? ROLE_FAINT : ROLE_NORMAL;
}

static void draw_field(PacketView *packet, const View *view, Area area, int y, uint32_t index)
{
	const MqttField *field = packet_field(&packet->fields, index);
	int x = MIN((int)field->depth * 2, area.columns / 2);
	Role role = label_role(packet, index);
	if (field->fault >= 0)
		area_glyph(area, x, y, role, GLYPH_LOSS);
	else if (packet_field_has_parts(&packet->fields, index))
		area_glyph(area, x, y, role, packet->closed[index] ? GLYPH_CLOSED : GLYPH_OPENED);
	g_autofree char *text = packet_field_text(view->report, field);
	g_autofree char *row =
		field->fault >= 0
			? g_strdup_printf("%s [%s]", field->label, field->clause)
			: g_strdup_printf("%s%s%s%s%s", text, field->clause != NULL ? " [" : "",
	                                  field->clause != NULL ? field->clause : "",
	                                  field->clause != NULL ? "]" : "", "");
	x += 2;
	if (field->fault < 0) {
		x = area_text(area, x, y, role, field->label);
		if (*row != '\0')
			x = area_text(area, x, y, ROLE_FAINT, ": ");
	}
	if (x < area.columns)
		area_field(area, x, y, area.columns - x, field->fault >= 0 || field->size == 0 ? role : ROLE_NORMAL,
		           ALIGN_LEFT, row);
}

static void draw_tree(PacketView *packet, const View *view, Area area)
{
	packet->list_at = area;
	scroller_fit(&packet->list, packet->rows->len, area.rows);
	for (int y = 0; y < area.rows && packet->list.top + y < packet->rows->len; y++)
		draw_field(packet, view, area, y,
		           g_array_index(packet->rows, uint32_t, (guint)(packet->list.top + y)));
	if (packet->rows->len > 0 && !packet->in_hex)
		area_cursor(area, 0, (int)(packet->list.cursor - packet->list.top), area.columns);
	else if (packet->rows->len > 0)
		area_marked(area, 0, (int)(packet->list.cursor - packet->list.top), area.columns);
}

/* All of the selected field, below; its rows at most. */
static void draw_detail(PacketView *packet, const View *view, Area area)
{
	uint32_t selected = packet_selected(packet);
	area_rule(area, 0, ROLE_RULE);
	if (selected == UINT32_MAX)
		return;
	const MqttField *field = packet_field(&packet->fields, selected);
	g_autofree char *value = packet_field_text(view->report, field);
	GString *text = g_string_new(NULL);
	if (field->size > 1)
		g_string_append_printf(text, "octets %u to %u  ", field->offset, field->offset + field->size - 1);
	else if (field->size == 1)
		g_string_append_printf(text, "octet %u  ", field->offset);
	g_string_append_printf(text, "%s%s%s", field->label, *value != '\0' ? ": " : "", value);
	if (field->clause != NULL)
		g_string_append_printf(text, " [%s]", field->clause);
	area_paragraph(area_part(area, 0, 1, area.columns, area.rows - 1), 0, 0,
	               field->fault >= 0 ? ROLE_LOSS : ROLE_NORMAL, text->str);
	g_string_free(text, TRUE);
}

static int octets_per_row(int columns, bool in_hex)
{
	static const int counts[] = {16, 8, 4};
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		if (columns >= packet_hex_columns(counts[i]) + (counts[i] == 4 ? 34 : 40))
			return counts[i];
	if (!in_hex)
		return 0;
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		if (columns >= packet_hex_columns(counts[i]))
			return counts[i];
	return 2;
}

static void draw_panes(PacketView *packet, const View *view, Area area)
{
	packet->per_row = octets_per_row(area.columns, packet->in_hex);
	int hex = packet->per_row > 0 ? packet_hex_columns(packet->per_row) : 0;
	bool beside = hex > 0 && area.columns >= hex + 34;
	if (!beside) {
		Area nothing = area_part(area, 0, 0, 0, 0);
		packet->list_at = packet->hex_at = nothing;
		if (packet->in_hex)
			packet_draw_hex(packet, view, area);
		else
			draw_tree(packet, view, area);
		return;
	}
	draw_tree(packet, view, area_part(area, 0, 0, area.columns - hex - 2, area.rows));
	area_upright(area_part(area, area.columns - hex - 2, 0, 1, area.rows), 0, ROLE_RULE);
	packet_draw_hex(packet, view, area_part(area, area.columns - hex, 0, hex, area.rows));
}

static void packet_draw(Screen *screen, const View *view, Area area)
{
	PacketView *packet = of(screen);
	int head = area.rows >= 5 ? 1 : 0, detail = area.rows >= 14 ? 4 : 0;
	packet->whole = area;
	if (head > 0) {
		g_autofree char *where = where_text(packet, view);
		area_field(area, 0, 0, area.columns, ROLE_HEADING, ALIGN_LEFT, where);
	}
	Area rest = area_part(area, 0, head, area.columns, area.rows - head - detail);
	if (packet->fields.tree->len == 0) {
		area_paragraph(rest, 0, 0, ROLE_WARNING,
		               history_event(packet->history, packet->event)->kind == HISTORY_PACKET
		                       ? "The octets of this packet were not kept: there are too many packets."
		                       : "This event has no MQTT packet.");
		return;
	}
	draw_panes(packet, view, rest);
	if (detail > 0)
		draw_detail(packet, view, area_part(area, 0, area.rows - detail, area.columns, detail));
}

/* --- the other ops -------------------------------------------------------------------------------- */

static void packet_free(Screen *screen)
{
	PacketView *packet = of(screen);
	packet_fields_clear(&packet->fields);
	g_free(packet->closed);
	g_array_unref(packet->rows);
	history_unref(packet->history);
	g_free(packet);
}

static char *packet_title(Screen *screen, const View *view)
{
	const HistoryEvent *event = history_event(of(screen)->history, of(screen)->event);
	g_autofree char *client = client_sentence_short(view->report, event->client);
	return g_strdup_printf("%s of %s", event_name(event), client);
}

static void to_packet(PacketView *packet, bool before, App *app)
{
	uint32_t event = event_beside(packet->history, packet->event, before);
	if (event == UINT32_MAX)
		app_tell(app, before ? "This is the first packet of the connection."
		                     : "This is the last packet of the connection.");
	else
		load(packet, event);
}

static void close_branch(PacketView *packet)
{
	uint32_t selected = packet_selected(packet);
	if (packet_field_has_parts(&packet->fields, selected) && !packet->closed[selected])
		packet->closed[selected] = true;
	else
		selected = packet_field_above(&packet->fields, selected);
	packet_select(packet, selected);
}

static void open_branch(PacketView *packet)
{
	uint32_t selected = packet_selected(packet);
	if (!packet_field_has_parts(&packet->fields, selected))
		return;
	if (!packet->closed[selected]) {
		packet->list.cursor++;
		return;
	}
	packet->closed[selected] = false;
	list_rows(packet);
}

static bool act_on_tree(PacketView *packet, Action action)
{
	uint32_t selected = packet_selected(packet);
	if (selected == UINT32_MAX)
		return false;
	bool closed = packet->closed[selected];
	if (action == ACTION_LEFT || (action == ACTION_OPEN && !closed))
		close_branch(packet);
	else if (action == ACTION_RIGHT || action == ACTION_OPEN)
		open_branch(packet);
	else if (!scroller_act(&packet->list, action, packet->rows->len))
		return false;
	follow_field(packet);
	return true;
}

static bool packet_act(Screen *screen, const View *view, Action action, App *app)
{
	PacketView *packet = of(screen);
	(void)view;
	if (action == ACTION_NEXT_PACKET || action == ACTION_PREVIOUS_PACKET) {
		to_packet(packet, action == ACTION_PREVIOUS_PACKET, app);
		return true;
	}
	if (action == ACTION_NEXT_PANE || action == ACTION_PREVIOUS_PANE) {
		packet->in_hex = !packet->in_hex && packet->fields.octets.size > 0;
		return true;
	}
	return packet->in_hex ? packet_act_hex(packet, action) : act_on_tree(packet, action);
}

static SearchRows packet_rows(Screen *screen, const View *view)
{
	(void)view;
	return (SearchRows){of(screen)->fields.tree->len, packet_selected(of(screen))};
}

static bool packet_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	const MqttField *field = packet_field(&of(screen)->fields, row);
	g_autofree char *text = packet_field_text(view->report, field);
	g_autofree char *whole = g_strdup_printf("%s: %s", field->label, text);
	return g_regex_match(pattern, whole, 0, NULL);
}

static void packet_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	packet_select(of(screen), row);
	follow_field(of(screen));
}

static char *packet_copy(Screen *screen, const View *view)
{
	PacketView *packet = of(screen);
	uint32_t selected = packet_selected(packet);
	if (selected == UINT32_MAX)
		return NULL;
	const MqttField *field = packet_field(&packet->fields, selected);
	if (packet->in_hex)
		return packet_field_hex(view->report, &packet->fields, selected);
	g_autofree char *text = packet_field_text(view->report, field);
	return g_strdup(*text != '\0' ? text : field->label);
}

static ClientIndex packet_client(Screen *screen, const View *view)
{
	(void)view;
	return history_event(of(screen)->history, of(screen)->event)->client;
}

static FrameRef packet_frame(Screen *screen, const View *view)
{
	(void)view;
	return history_event(of(screen)->history, of(screen)->event)->frame;
}

static bool packet_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	PacketView *packet = of(screen);
	(void)view;
	(void)app;
	int column = x + packet->whole.x, row = y + packet->whole.y;
	Area list = packet->list_at, hex = packet->hex_at;
	uint32_t octet = packet_octet_at(packet, column - hex.x, row - hex.y);
	if (hex.columns > 0 && column >= hex.x && octet != UINT32_MAX) {
		packet->in_hex = true;
		packet_select_octet(packet, octet);
		return true;
	}
	int64_t at = packet->list.top + row - list.y;
	if (list.columns == 0 || row < list.y || row >= list.y + list.rows || at >= packet->rows->len)
		return false;
	packet->in_hex = false;
	packet->list.cursor = at;
	follow_field(packet);
	return !twice || act_on_tree(packet, ACTION_OPEN);
}

static const ScreenOps packet_ops = {
	.id = SCREEN_PACKET,
	.free = packet_free,
	.title = packet_title,
	.draw = packet_draw,
	.act = packet_act,
	.rows = packet_rows,
	.row_fits = packet_row_fits,
	.row_select = packet_row_select,
	.copy = packet_copy,
	.client = packet_client,
	.frame = packet_frame,
	.click = packet_click,
};

Screen *packet_screen_new(History *history, uint32_t event)
{
	PacketView *packet = g_new0(PacketView, 1);
	packet->base.ops = &packet_ops;
	packet->history = history;
	packet->rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	load(packet, event);
	return &packet->base;
}
