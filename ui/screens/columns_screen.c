/* SPDX-License-Identifier: MIT */
/*
 * columns_screen: which columns the list of clients has, and in which order.
 */
#include <string.h>

#include "ui/screens/app.h"
#include "ui/screens/clients_columns.h"
#include "ui/screens/scroller.h"

typedef struct ColumnsScreen {
	Screen base;
	Scroller scroller;
	int rows_y;
	/* as drawn last: first those that are chosen, in their order, then the others */
	ColumnList list;
	unsigned n_chosen;
} ColumnsScreen;

static ColumnsScreen *of(Screen *screen)
{
	return (ColumnsScreen *)screen;
}

static void columns_free(Screen *screen)
{
	g_free(of(screen));
}

static char *columns_title(Screen *screen, const View *view)
{
	(void)screen;
	(void)view;
	return g_strdup("Columns of the clients");
}

static void refresh(ColumnsScreen *columns, const Settings *settings)
{
	ColumnList list = column_list(settings == NULL ? NULL : settings->columns);
	columns->n_chosen = list.n;
	for (unsigned i = 0; i < COLUMN_N; i++)
		if (memchr(list.columns, (int)i, list.n) == NULL)
			list.columns[list.n++] = (uint8_t)i;
	columns->list = list;
}

static void columns_draw(Screen *screen, const View *view, Area area)
{
	ColumnsScreen *columns = of(screen);
	refresh(columns, view->settings);
	columns->rows_y = area.rows >= 6 ? 2 : 0;
	if (columns->rows_y > 0)
		area_text(area, 0, 0, ROLE_FAINT, "mark shows or hides a column, left and right move it, back when done.");
	Area rows = area_part(area, 0, columns->rows_y, area.columns, area.rows - columns->rows_y);
	scroller_fit(&columns->scroller, COLUMN_N, rows.rows);
	for (int y = 0; y < rows.rows && columns->scroller.top + y < COLUMN_N; y++) {
		unsigned at = (unsigned)(columns->scroller.top + y);
		const ColumnInfo *info = column_info((ClientColumn)columns->list.columns[at]);
		bool chosen = at < columns->n_chosen;
		area_text(rows, 0, y, chosen ? ROLE_GOOD : ROLE_FAINT, chosen ? "[x]" : "[ ]");
		area_field(rows, 4, y, 12, chosen ? ROLE_STRONG : ROLE_NORMAL, ALIGN_LEFT, info->name);
		area_text(rows, 17, y, ROLE_NORMAL, info->help);
	}
	area_cursor(rows, 0, (int)(columns->scroller.cursor - columns->scroller.top), rows.columns);
}

static void choose(ColumnsScreen *columns, const ColumnList *chosen, App *app)
{
	Settings *settings = app_settings(app);
	g_free(settings->columns);
	settings->columns = column_list_names(chosen);
	refresh(columns, settings);
}

static void toggle(ColumnsScreen *columns, App *app)
{
	unsigned at = (unsigned)columns->scroller.cursor;
	ColumnList chosen = columns->list;
	chosen.n = columns->n_chosen;
	if (at >= chosen.n) {
		chosen.columns[chosen.n++] = columns->list.columns[at];
	} else if (chosen.n > 1) {
		memmove(chosen.columns + at, chosen.columns + at + 1, chosen.n - at - 1);
		chosen.n--;
	} else {
		app_tell(app, "One column has to stay");
		return;
	}
	choose(columns, &chosen, app);
}

static void move(ColumnsScreen *columns, int step, App *app)
{
	int at = (int)columns->scroller.cursor, to = at + step, n = (int)columns->n_chosen;
	if (at >= n || to < 0 || to >= n)
		return;
	ColumnList chosen = columns->list;
	chosen.n = columns->n_chosen;
	uint8_t other = chosen.columns[to];
	chosen.columns[to] = chosen.columns[at];
	chosen.columns[at] = other;
	columns->scroller.cursor = to;
	choose(columns, &chosen, app);
}

static bool columns_act(Screen *screen, const View *view, Action action, App *app)
{
	ColumnsScreen *columns = of(screen);
	refresh(columns, view->settings);
	if (action == ACTION_MARK || action == ACTION_OPEN)
		toggle(columns, app);
	else if (action == ACTION_LEFT || action == ACTION_RIGHT)
		move(columns, action == ACTION_LEFT ? -1 : 1, app);
	else
		return scroller_act(&columns->scroller, action, COLUMN_N);
	return true;
}

static bool columns_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	ColumnsScreen *columns = of(screen);
	int64_t row = columns->scroller.top + y - columns->rows_y;
	(void)view;
	if (y < columns->rows_y || row >= COLUMN_N)
		return false;
	columns->scroller.cursor = row;
	if (twice || x < 3)
		toggle(columns, app);
	return true;
}

static const ScreenOps columns_ops = {
	.id = SCREEN_COLUMNS,
	.free = columns_free,
	.title = columns_title,
	.draw = columns_draw,
	.act = columns_act,
	.click = columns_click,
};

Screen *columns_screen_new(Screen *clients)
{
	ColumnsScreen *columns = g_new0(ColumnsScreen, 1);
	(void)clients;
	columns->base.ops = &columns_ops;
	return &columns->base;
}
