/* SPDX-License-Identifier: MIT */
/*
 * text_screen: lines to read: help, log, explanations.
 */
#include "ui/screens/screen.h"
#include "ui/screens/scroller.h"
#include "ui/screens/text_rows.h"

enum { WIDEST = 100 }; /* longer lines are hard to read */

typedef struct TextScreen {
	Screen base;
	char *title;
	char **lines;
	GArray *rows; /* of TextRow, of these */
	int columns;  /* for which they are */
	Scroller scroller; /* its cursor is the row that was found, or where reading goes on */
} TextScreen;

static TextScreen *of(Screen *screen)
{
	return (TextScreen *)screen;
}

static void text_free(Screen *screen)
{
	TextScreen *text = of(screen);
	g_free(text->title);
	g_strfreev(text->lines);
	g_array_unref(text->rows);
	g_free(text);
}

static char *text_title(Screen *screen, const View *view)
{
	(void)view;
	return g_strdup(of(screen)->title);
}

static const TextRow *row_at(const TextScreen *text, int64_t row)
{
	return &g_array_index(text->rows, TextRow, row);
}

/* The first row of @line. */
static int64_t row_of_line(const TextScreen *text, uint32_t line)
{
	int64_t row = 0;
	while (row + 1 < text->rows->len && row_at(text, row)->line < line)
		row++;
	return row;
}

/* Another width: reading goes on where it was. */
static void wrap(TextScreen *text, int columns)
{
	if (columns == text->columns)
		return;
	uint32_t line = row_at(text, MIN(text->scroller.cursor, (int64_t)text->rows->len - 1))->line;
	uint32_t top = row_at(text, MIN(text->scroller.top, (int64_t)text->rows->len - 1))->line;
	g_array_unref(text->rows);
	text->rows = text_rows(text->lines, columns);
	text->columns = columns;
	text->scroller.cursor = row_of_line(text, line);
	text->scroller.top = row_of_line(text, top);
}

static bool is_heading(const char *line)
{
	return *line != '\0' && *line != ' ' && !g_str_has_suffix(line, ".");
}

static void text_draw(Screen *screen, const View *view, Area area)
{
	TextScreen *text = of(screen);
	(void)view;
	wrap(text, CLAMP(area.columns, 1, WIDEST));
	scroller_fit(&text->scroller, text->rows->len, area.rows);
	for (int y = 0; y < area.rows && text->scroller.top + y < text->rows->len; y++) {
		const TextRow *row = row_at(text, text->scroller.top + y);
		Role role = is_heading(text->lines[row->line]) ? ROLE_HEADING : ROLE_NORMAL;
		area_text(area, 0, y, role, row->text);
	}
	area_cursor(area, 0, (int)(text->scroller.cursor - text->scroller.top), area.columns);
}

static bool text_act(Screen *screen, const View *view, Action action, App *app)
{
	(void)view;
	(void)app;
	return scroller_act(&of(screen)->scroller, action, of(screen)->rows->len);
}

/* Line by line: what is looked for may stand on two rows. */
static SearchRows text_search_rows(Screen *screen, const View *view)
{
	const TextScreen *text = of(screen);
	(void)view;
	return (SearchRows){g_strv_length(text->lines), row_at(text, text->scroller.cursor)->line};
}

static bool text_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t line)
{
	(void)view;
	return g_regex_match(pattern, of(screen)->lines[line], 0, NULL);
}

static void text_row_select(Screen *screen, const View *view, uint32_t line)
{
	(void)view;
	of(screen)->scroller.cursor = row_of_line(of(screen), line);
}

static char *text_copy(Screen *screen, const View *view)
{
	(void)view;
	return g_strjoinv("\n", of(screen)->lines);
}

static const ScreenOps text_ops = {
	.id = SCREEN_TEXT,
	.free = text_free,
	.title = text_title,
	.draw = text_draw,
	.act = text_act,
	.rows = text_search_rows,
	.row_fits = text_row_fits,
	.row_select = text_row_select,
	.copy = text_copy,
};

Screen *text_screen_new(char *title, char *text)
{
	TextScreen *screen = g_new0(TextScreen, 1);
	screen->base.ops = &text_ops;
	screen->title = title;
	g_strchomp(text);
	screen->lines = g_strsplit(*text == '\0' ? " " : text, "\n", -1); /* one line at least */
	screen->columns = WIDEST;
	screen->rows = text_rows(screen->lines, WIDEST);
	g_free(text);
	return &screen->base;
}
