/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/screens/app_private.h"

static void freeze(App *app, const View *view)
{
	(void)view;
	bool frozen = engine_status(app->engine).frozen;
	if (!frozen && engine_status(app->engine).ended)
		app_tell(app, "All is read: nothing moves that could be frozen");
	else
		engine_freeze(app->engine, !frozen);
}

static void next_theme(App *app, const View *view)
{
	(void)view;
	theme_init(&app->settings->theme, (app->settings->theme.id + 1) % THEME_N);
	app_tell(app, "Theme: %s", theme_name(app->settings->theme.id));
	app->redraw = true;
}

static void copy(App *app, const View *view)
{
	Screen *top = app_top(app);
	enum { MOST = 74994 }; /* what terminals are known to take */
	char *text = top->ops->copy == NULL ? NULL : top->ops->copy(top, view);
	if (text == NULL || strlen(text) > MOST) {
		app_tell(app, text == NULL ? "Nothing to copy here" : "Too much for a clipboard");
		g_free(text);
		return;
	}
	g_free(app->clipboard);
	app->clipboard = text;
	app_tell(app, "Copied %zu octets", strlen(text));
}

static void begin_filter(App *app, const View *view)
{
	(void)view;
	if (app_top(app)->ops->filter == NULL) {
		app_tell(app, "This screen has no filter");
		return;
	}
	prompt_begin(app->prompt, PROMPT_FILTER, app->filter == NULL ? "" : app->filter);
}

static void begin_save(App *app, const View *view)
{
	g_autofree char *what = app_save_what(app, view);
	if (what == NULL) {
		app_tell(app, "Nothing to save: no client is selected or marked");
		return;
	}
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *name = g_date_time_format(now, "mqlapse-%Y%m%d-%H%M%S.pcapng");
	prompt_begin(app->prompt, PROMPT_SAVE, name);
	prompt_note(app->prompt, what);
}

static void explain_selected(App *app, const View *view)
{
	(void)view;
	app_tell(app, "Select a finding first, or type :explain and a cause");
}

static void go_back(App *app, const View *view)
{
	(void)view;
	if (app->screens->len > 1)
		app_pop(app);
	else
		app_tell(app, "This is the first screen: Q ends the program");
}

static void quit(App *app, const View *view)
{
	(void)view;
	app->over = true;
}

static void show_help(App *app, const View *view)
{
	(void)view;
	app_show_help(app);
}

static void show_log(App *app, const View *view)
{
	(void)view;
	app_show_log(app);
}

static void show_clients(App *app, const View *view)
{
	(void)view;
	app_show_root(app, SCREEN_CLIENTS);
}

static void show_findings(App *app, const View *view)
{
	(void)view;
	app_show_root(app, SCREEN_FINDINGS);
}

static void show_brokers(App *app, const View *view)
{
	(void)view;
	app_show_root(app, SCREEN_BROKERS);
}

static void choose_columns(App *app, const View *view)
{
	(void)view;
	app_push(app, columns_screen_new(app_top(app)));
}

static void begin_search(App *app, const View *view)
{
	(void)view;
	prompt_begin(app->prompt, PROMPT_SEARCH, "");
}

static void find_next(App *app, const View *view)
{
	app_find(app, view, false, false);
}

static void find_previous(App *app, const View *view)
{
	app_find(app, view, true, false);
}

static void begin_command(App *app, const View *view)
{
	(void)view;
	prompt_begin(app->prompt, PROMPT_COMMAND, "");
}

static void begin_setting(App *app, const View *view)
{
	(void)view;
	prompt_begin(app->prompt, PROMPT_COMMAND, "set ");
}

static void change_times(App *app, const View *view)
{
	(void)view;
	app->settings->times_relative = !app->settings->times_relative;
}

static void change_redact(App *app, const View *view)
{
	(void)view;
	app->settings->redact = !app->settings->redact;
	app_tell(app, app->settings->redact ? "User names, topics and payloads are hidden"
	                                    : "User names, topics and payloads are shown");
}

static void change_mouse(App *app, const View *view)
{
	(void)view;
	app->settings->mouse = !app->settings->mouse;
	app_tell(app, app->settings->mouse ? "The mouse is used here" : "The mouse is the terminal's");
}

static void suspend(App *app, const View *view)
{
	(void)view;
	app->suspend = true;
}

static void redraw(App *app, const View *view)
{
	(void)view;
	app->redraw = true;
}

static void ask_bookmark(App *app, const View *view)
{
	(void)view;
	app->letter_for = ACTION_BOOKMARK;
}

static void ask_go_bookmark(App *app, const View *view)
{
	(void)view;
	app->letter_for = ACTION_GO_BOOKMARK;
}

/* What the app does for all screens. */
static void (*const doers[ACTION_N])(App *app, const View *view) = {
	[ACTION_BACK] = go_back,
	[ACTION_QUIT] = quit,
	[ACTION_HELP] = show_help,
	[ACTION_LOG] = show_log,
	[ACTION_SHOW_CLIENTS] = show_clients,
	[ACTION_SHOW_FINDINGS] = show_findings,
	[ACTION_SHOW_BROKERS] = show_brokers,
	[ACTION_COLUMNS] = choose_columns,
	[ACTION_SEARCH] = begin_search,
	[ACTION_SEARCH_NEXT] = find_next,
	[ACTION_SEARCH_PREVIOUS] = find_previous,
	[ACTION_FILTER] = begin_filter,
	[ACTION_COMMAND] = begin_command,
	[ACTION_SETTINGS] = begin_setting,
	[ACTION_SAVE] = begin_save,
	[ACTION_COPY] = copy,
	[ACTION_FREEZE] = freeze,
	[ACTION_TIMES] = change_times,
	[ACTION_REDACT] = change_redact,
	[ACTION_THEME] = next_theme,
	[ACTION_MOUSE] = change_mouse,
	[ACTION_EXPLAIN] = explain_selected,
	[ACTION_BOOKMARK] = ask_bookmark,
	[ACTION_GO_BOOKMARK] = ask_go_bookmark,
	[ACTION_REDRAW] = redraw,
	[ACTION_SUSPEND] = suspend,
};

void app_do(App *app, const View *view, Action action)
{
	Screen *top = app_top(app);
	if (action == ACTION_NONE || top->ops->act(top, view, action, app))
		return;
	if (doers[action] != NULL)
		doers[action](app, view);
}

void app_act(App *app, Action action)
{
	app->changed = true;
	app_do(app, desk_open(app), action);
	desk_close(app);
}
