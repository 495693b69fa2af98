/* SPDX-License-Identifier: MIT */
/*
 * text_screen: lines to read: help, log, explanations.
 */
#include "ui/screens/screen.h"
#include "ui/screens/scroller.h"

typedef struct TextScreen {
	Screen base;
	char *title;
	char **lines;
	unsigned n_lines;
	Scroller scroller; /* its cursor is the line that was found, or where reading goes on */
	int shift; /* columns that are out of sight at the left */
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
	g_free(text);
}

static char *text_title(Screen *screen, const View *view)
{
	(void)view;
	return g_strdup(of(screen)->title);
}

static void text_draw(Screen *screen, const View *view, Area area)
{
	TextScreen *text = of(screen);
	(void)view;
	scroller_fit(&text->scroller, text->n_lines, area.rows);
	for (int y = 0; y < area.rows; y++) {
		int64_t line = text->scroller.top + y;
		if (line >= text->n_lines)
			break;
		const char *words = text->lines[line];
		bool heading = *words != '\0' && *words != ' ' && !g_str_has_suffix(words, ".");
		area_text(area, -text->shift, y, heading ? ROLE_HEADING : ROLE_NORMAL, words);
	}
	area_cursor(area, 0, (int)(text->scroller.cursor - text->scroller.top), area.columns);
}

static bool text_act(Screen *screen, const View *view, Action action, App *app)
{
	TextScreen *text = of(screen);
	(void)view;
	(void)app;
	if (action == ACTION_LEFT || action == ACTION_RIGHT) {
		text->shift = MAX(text->shift + (action == ACTION_LEFT ? -8 : 8), 0);
		return true;
	}
	return scroller_act(&text->scroller, action, text->n_lines);
}

static SearchRows text_rows(Screen *screen, const View *view)
{
	(void)view;
	return (SearchRows){of(screen)->n_lines, (uint32_t)of(screen)->scroller.cursor};
}

static bool text_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	(void)view;
	return g_regex_match(pattern, of(screen)->lines[row], 0, NULL);
}

static void text_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	of(screen)->scroller.cursor = row;
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
	.rows = text_rows,
	.row_fits = text_row_fits,
	.row_select = text_row_select,
	.copy = text_copy,
};

Screen *text_screen_new(char *title, char *text)
{
	TextScreen *screen = g_new0(TextScreen, 1);
	screen->base.ops = &text_ops;
	screen->title = title;
	screen->lines = g_strsplit(text, "\n", -1);
	screen->n_lines = g_strv_length(screen->lines);
	g_free(text);
	return &screen->base;
}
