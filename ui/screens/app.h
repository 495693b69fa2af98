/* SPDX-License-Identifier: MIT */
/*
 * app: the screens, one above the other, and what they have in common.
 *
 * Actions in, a picture out; the terminal is elsewhere, and tests need none.
 */
#pragma once

#include "ui/screens/keymap.h"
#include "ui/screens/screen.h"
#include "ui/screens/settings.h"

/* @engine, @settings and @keymap stay the caller's. */
App *app_new(Engine *engine, Settings *settings, Keymap *keymap);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

/* Only clients whose identifier fits one of @globs, NULL-terminated: as a filter, which can be changed. */
void app_only_clients(App *app, char **globs);
/* What somebody typed. */
void app_key(App *app, Key key);
void app_act(App *app, Action action);
/* A mouse button at a cell: clicks select, twice opens; the wheel is UP and DOWN. */
void app_click(App *app, int x, int y, bool twice);
void app_draw(App *app, Canvas *canvas, int columns, int rows);
/* There is something new to draw since the last app_draw(). */
bool app_stale(App *app);
/* What was drawn was not whole yet: a history loads, a filter or a search goes through many rows. */
bool app_busy(App *app);
/* Some of that can be done now, between keys: app_work() goes on with it for a few milliseconds. */
bool app_has_work(App *app);
void app_work(App *app);
bool app_over(const App *app);

/* What the terminal is asked for, once: text for the clipboard; to stop; NULL or false: nothing. */
char *app_take_clipboard(App *app);
bool app_take_suspend(App *app);
bool app_take_redraw(App *app);

/* --- for screens ------------------------------------------------------------------------------ */

Engine *app_engine(App *app);
Settings *app_settings(App *app);
const Keymap *app_keymap(const App *app);
/* Above the one that shows; taken over. */
void app_push(App *app, Screen *screen);
void app_pop(App *app);
/* A line for the user, in place of the hints until the next key; also kept for the log screen. */
G_GNUC_PRINTF(2, 3) void app_tell(App *app, const char *format, ...);
/* A line for the log screen alone; from any thread. */
void app_log(App *app, const char *line);
