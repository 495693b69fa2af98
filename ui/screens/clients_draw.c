/* SPDX-License-Identifier: MIT */
/*
 * The list of clients as a picture.
 */
#include <string.h>

#include "ui/screens/clients_private.h"

static bool is_marked(const ClientsScreen *clients, ClientIndex client)
{
	return client < clients->marks->len && clients->marks->data[client] != 0;
}

static void draw_headings(ClientsScreen *clients, const View *view, Area area, const TimeWindow *window)
{
	const ColumnLayout *layout = &clients->layout;
	for (unsigned i = 0; i < layout->n; i++) {
		ClientColumn column = (ClientColumn)layout->columns[i];
		const ColumnInfo *info = column_info(column);
		Area part = area_part(area, layout->x[i], 0, layout->width[i], 2);
		if (column == COLUMN_TIMELINE) {
			draw_axis(part, view, window);
			continue;
		}
		enum { CUT_LEAST = 3 }; /* less of a word says nothing */
		int width = MIN(text_width(info->heading), layout->width[i]);
		if (width < text_width(info->heading) && width < CUT_LEAST)
			width = 0;
		int x = info->align == ALIGN_RIGHT ? layout->width[i] - width : 0;
		area_field(part, x, 0, width, ROLE_HEADING, ALIGN_LEFT, info->heading);
		if (column == clients->column)
			area_glyph(part, info->align == ALIGN_RIGHT ? MAX(x - 1, 0) : MIN(x + width, part.columns - 1), 0,
			           ROLE_STRONG, clients->reverse ? GLYPH_ARROW_UP : GLYPH_ARROW_DOWN);
		area_rule(part, 1, ROLE_RULE);
	}
}

static void measure_row(ClientsScreen *clients, const View *view, const ColumnList *list, ClientIndex client)
{
	g_autoptr(GString) string = g_string_new(NULL);
	ColumnText text = {.text = string};
	for (unsigned i = 0; i < list->n; i++) {
		int *natural = &clients->natural[list->columns[i]];
		column_text((ClientColumn)list->columns[i], view, &view->roster->rows[client], &text);
		*natural = MAX(*natural, column_text_width(&text));
	}
}

/* For the rows that will show. */
static void lay_out(ClientsScreen *clients, const View *view, int columns, int rows)
{
	ColumnList list = column_list(view->settings == NULL ? NULL : view->settings->columns);
	if (model_n_brokers(view->model) < 2) {
		uint8_t *broker = memchr(list.columns, COLUMN_BROKER, list.n);
		if (broker != NULL && list.n > 1)
			memmove(broker, broker + 1, (size_t)(list.columns + list.n-- - broker - 1));
	}
	for (unsigned i = 0; i < list.n; i++) {
		ClientColumn column = (ClientColumn)list.columns[i];
		int width = column == COLUMN_TIMELINE ? INT_MAX : text_width(column_info(column)->heading) + 1;
		clients->natural[column] = MAX(clients->natural[column], width);
	}
	for (int y = 0; y < rows; y++) {
		ClientIndex client =
			clients_index_at(clients->index, (uint32_t)clients->scroller.top + (uint32_t)y);
		if (client != NO_INDEX)
			measure_row(clients, view, &list, client);
	}
	clients->layout = column_layout(&list, columns, clients->natural);
}

static void draw_cell(Area cell, const ColumnInfo *info, const ColumnText *text)
{
	int x = 0;
	if (text->glyph != GLYPH_N) {
		area_glyph(cell, 0, 0, text->role, text->glyph);
		x = 2;
	}
	if (cell.columns > x)
		area_field(cell, x, 0, cell.columns - x, text->role, info->align, text->text->str);
}

static void draw_row(ClientsScreen *clients, const View *view, Area line, ClientIndex client,
                     const TimeWindow *window)
{
	const ColumnLayout *layout = &clients->layout;
	g_autoptr(GString) string = g_string_new(NULL);
	ColumnText text = {.text = string};
	for (unsigned i = 0; i < layout->n; i++) {
		ClientColumn column = (ClientColumn)layout->columns[i];
		Area cell = area_part(line, layout->x[i], 0, layout->width[i], 1);
		if (column == COLUMN_TIMELINE) {
			draw_line(cell, view, line_cache_get(clients->lines, view, client), window);
			continue;
		}
		text.room = cell.columns;
		column_text(column, view, &view->roster->rows[client], &text);
		draw_cell(cell, column_info(column), &text);
	}
}

/* All of the row but the times, which would say the opposite the other way round. */
static void draw_cursor(const ClientsScreen *clients, Area line)
{
	const ColumnLayout *layout = &clients->layout;
	int from = 0;
	for (unsigned i = 0; i < layout->n; i++) {
		if (layout->columns[i] != COLUMN_TIMELINE)
			continue;
		area_cursor(line, from, 0, MAX(layout->x[i] - 1, 0));
		from = layout->x[i] + layout->width[i];
	}
	area_cursor(line, from, 0, line.columns - from);
}

static void draw_rows(ClientsScreen *clients, const View *view, Area area, const TimeWindow *window)
{
	for (int y = 0; y < area.rows; y++) {
		uint32_t position = (uint32_t)clients->scroller.top + (uint32_t)y;
		ClientIndex client = clients_index_at(clients->index, position);
		if (client == NO_INDEX)
			break;
		draw_row(clients, view, area_part(area, 0, y, area.columns, 1), client, window);
		if (client == clients->selected)
			draw_cursor(clients, area_part(area, 0, y, area.columns, 1));
		if (is_marked(clients, client))
			area_marked(area, 0, y, area.columns);
	}
}

void clients_draw(Screen *screen, const View *view, Area area)
{
	ClientsScreen *clients = (ClientsScreen *)screen;
	int y = clients_draw_head(clients, view, area);
	Area list = area_part(area, 0, y, area.columns, area.rows - y);
	clients->heading_y = clients->rows_y = y;
	if (clients_n_rows(clients) == 0) {
		clients_draw_empty(clients, view, list);
		return;
	}
	TimeWindow window = time_window(view, clients->zoom, clients->shift);
	int heads = list.rows >= 8 ? 2 : list.rows >= 4 ? 1 : 0;
	scroller_fit(&clients->scroller, clients_n_rows(clients), list.rows - heads);
	clients_select_row(clients);
	lay_out(clients, view, area.columns, list.rows - heads);
	draw_headings(clients, view, area_part(list, 0, 0, list.columns, heads), &window);
	clients->rows_y = y + heads;
	draw_rows(clients, view, area_part(list, 0, heads, list.columns, list.rows - heads), &window);
}
