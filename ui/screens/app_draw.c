/* SPDX-License-Identifier: MIT */
#include "ui/screens/app_private.h"

enum { BUSY_US = 100000, CLOCK_US = 1000000, SLICE_US = 8000 };

static char *status_words(const EngineStatus *status)
{
	if (status->error != NULL)
		return g_strdup_printf("broken: %s", status->error);
	if (status->frozen)
		return g_strdup_printf("frozen, %" G_GUINT64_FORMAT " new", (guint64)status->waiting);
	if (status->ended)
		return g_strdup(status->live ? "capture over" : "");
	if (status->live)
		return g_strdup("live");
	if (status->done < 0)
		return g_strdup("reading");
	return g_strdup_printf("reading %.0f %%", status->done * 100);
}

static void draw_title(App *app, const View *view, Area line)
{
	Screen *top = app_top(app);
	g_autofree char *title = top->ops->title(top, view);
	g_autofree char *status = status_words(view->status);
	Role role = view->frozen || view->status->error != NULL ? ROLE_WARNING : ROLE_TITLE;
	int width = MIN(text_width(status) + 2, line.columns);
	area_fill(line, ROLE_TITLE);
	area_text(line, 1, 0, ROLE_TITLE, "mqlapse");
	if (*status == '\0')
		width = 1;
	area_field(line, 10, 0, line.columns - 10 - width, ROLE_TITLE, ALIGN_LEFT, title);
	if (*status != '\0' && line.columns > width + 8)
		area_text(area_part(line, line.columns - width, 0, width, 1), 1, 0, role, status);
}

/* The keys that one most likely wants next. */
static void draw_hints(App *app, Area line)
{
	static const Action wanted[] = {
		ACTION_OPEN, ACTION_BACK, ACTION_HELP, ACTION_SHOW_CLIENTS, ACTION_SHOW_FINDINGS,
		ACTION_SHOW_BROKERS, ACTION_LADDER, ACTION_PACKET, ACTION_NEXT_PACKET, ACTION_NEXT_PANE,
		ACTION_MARK,
		ACTION_COMPARE, ACTION_SEARCH, ACTION_FILTER, ACTION_NEXT_FINDING, ACTION_ZOOM_IN,
		ACTION_ZOOM_OUT, ACTION_EXPLAIN, ACTION_SORT_NEXT, ACTION_COLUMNS, ACTION_FREEZE,
		ACTION_SAVE, ACTION_QUIT,
	};
	int x = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		const ActionInfo *info = action_info(wanted[i]);
		g_autofree char *key = keymap_first_key(app->keymap, wanted[i]);
		ScreenId id = app_top(app)->ops->id;
		if (key == NULL || (info->where >> id & 1) == 0 || (id == SCREEN_TEXT && wanted[i] == ACTION_OPEN))
			continue;
		if (x + text_width(key) + 1 + text_width(info->name) > line.columns)
			break;
		x = area_text(line, x, 0, ROLE_KEY, key);
		x = area_text(line, x + 1, 0, ROLE_FAINT, info->name) + 2;
	}
}

static void draw_search(App *app, Area line)
{
	g_autofree char *text = g_strdup_printf("Looking for \"%s\": %.0f %%", app->search.text,
	                                        search_done(&app->search) * 100);
	area_field(line, 0, 0, line.columns, ROLE_STRONG, ALIGN_LEFT, text);
}

static void draw_foot(App *app, Area area)
{
	Area line = area_part(area, 0, area.rows - 1, area.columns, 1);
	if (prompt_active(app->prompt))
		prompt_draw(app->prompt, area);
	else if (app->letter_for != ACTION_NONE)
		area_field(line, 0, 0, line.columns, ROLE_STRONG, ALIGN_LEFT, "A letter from a to z?");
	else if (search_done(&app->search) >= 0)
		draw_search(app, line);
	else if (app->message != NULL)
		area_field(line, 0, 0, line.columns, ROLE_STRONG, ALIGN_LEFT, app->message);
	else
		draw_hints(app, line);
}

static void note_drawn(App *app, const EngineStatus *status)
{
	app->changed = false;
	app->drawn_verdict = status->verdict;
	app->drawn_frames = status->frames;
	app->drawn_waiting = status->waiting;
	app->drawn_ended = status->ended;
	app->drawn_at = g_get_monotonic_time();
}

/* What takes long, for a while. */
static const View *work(App *app)
{
	int64_t until = g_get_monotonic_time() + SLICE_US;
	bool busy = app->desk.working || app->desk.next != NULL;
	desk_work(app, until);
	app_search_work(app, &app->desk.view, until);
	app->changed |= busy && !app->desk.working;
	return &app->desk.view;
}

/* The screen gets what is left by a line above and one below, where there are three at all. */
void app_draw(App *app, Canvas *canvas, int columns, int rows)
{
	canvas_begin(canvas, columns, rows, app->settings->ascii);
	desk_open(app);
	const View *view = work(app);
	Area all = canvas_area(canvas);
	int head = all.rows > 1 ? 1 : 0, foot = all.rows > 3 ? 1 : 0;
	Screen *top = app_top(app);
	app->body_y = head;
	app->body_rows = all.rows - head - foot;
	/* Before it is drawn: what comes while it is drawn has to be drawn as well.  What a screen needs it
	 * may ask for when it is drawn first. */
	app->drawn_busy = top->ops->busy != NULL && (app->drawn != top || top->ops->busy(top, view));
	app->drawn = top;
	top->ops->draw(top, view, area_part(all, 0, head, all.columns, app->body_rows));
	if (head > 0)
		draw_title(app, view, area_part(all, 0, 0, all.columns, 1));
	if (foot > 0 || prompt_active(app->prompt))
		draw_foot(app, all);
	note_drawn(app, view->status);
	desk_close(app);
}

bool app_busy(App *app)
{
	return app->drawn_busy || desk_busy(app) || search_done(&app->search) >= 0;
}

bool app_has_work(App *app)
{
	const Desk *desk = &app->desk;
	bool later = engine_status(app->engine).verdict != desk->shown->number;
	return desk->working || search_done(&app->search) >= 0 ||
	       (later && g_get_monotonic_time() >= desk->next_at);
}

void app_work(App *app)
{
	desk_open(app);
	work(app);
	desk_close(app);
}

bool app_stale(App *app)
{
	if (app_saved(app))
		app->changed = true;
	EngineStatus status = engine_status(app->engine);
	if (app->changed || status.frames != app->drawn_frames ||
	    status.waiting != app->drawn_waiting || status.ended != app->drawn_ended)
		return true;
	int64_t age = g_get_monotonic_time() - app->drawn_at;
	if (age > CLOCK_US && status.live && !status.ended)
		return true;
	return age >= BUSY_US && (app->drawn_verdict != app->desk.shown->number || app_busy(app));
}
