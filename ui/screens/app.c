/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/screens/app_private.h"

enum { KEY_US = 5000 };

static void screen_free(gpointer screen)
{
	((Screen *)screen)->ops->free(screen);
}

App *app_new(Engine *engine, Settings *settings, Keymap *keymap)
{
	App *app = g_new0(App, 1);
	app->engine = engine;
	app->settings = settings;
	app->keymap = keymap;
	app->screens = g_ptr_array_new_with_free_func(screen_free);
	app->buried = g_ptr_array_new_with_free_func(screen_free);
	app->prompt = prompt_new(app_complete, app);
	app->changed = true;
	g_mutex_init(&app->log_lock);
	g_queue_init(&app->log);
	g_ptr_array_add(app->screens, clients_screen_new());
	desk_init(app);
	return app;
}

void app_free(App *app)
{
	if (app == NULL)
		return;
	app_stop_saving(app);
	g_ptr_array_unref(app->screens);
	g_ptr_array_unref(app->buried);
	prompt_free(app->prompt);
	desk_clear(&app->desk);
	g_queue_clear_full(&app->log, g_free);
	g_mutex_clear(&app->log_lock);
	search_clear(&app->search);
	g_free(app->filter);
	g_free(app->message);
	g_free(app->clipboard);
	g_free(app);
}

Engine *app_engine(App *app)
{
	return app->engine;
}

Settings *app_settings(App *app)
{
	return app->settings;
}

const Keymap *app_keymap(const App *app)
{
	return app->keymap;
}

bool app_over(const App *app)
{
	return app->over;
}

/* --- the stack ---------------------------------------------------------------------------------- */

Screen *app_top(App *app)
{
	return g_ptr_array_index(app->screens, app->screens->len - 1);
}

void app_push(App *app, Screen *screen)
{
	search_stop(&app->search);
	g_ptr_array_add(app->screens, screen);
	app->changed = true;
}

/* It may be the screen itself that calls: it lives until the call is over. */
void app_pop(App *app)
{
	search_stop(&app->search);
	if (app->screens->len > 1)
		g_ptr_array_add(app->buried, g_ptr_array_steal_index(app->screens, app->screens->len - 1));
	app->changed = true;
}

void app_free_buried(App *app)
{
	g_ptr_array_set_size(app->buried, 0);
}

void app_show_root(App *app, ScreenId id)
{
	while (app->screens->len > 1)
		app_pop(app);
	if (id == SCREEN_FINDINGS)
		app_push(app, findings_screen_new());
	else if (id == SCREEN_BROKERS)
		app_push(app, brokers_screen_new());
}

void app_show_text(App *app, char *title, char *text)
{
	app_push(app, text_screen_new(title, text));
}

static void append_pattern(GString *out, const char *glob)
{
	for (; *glob != '\0'; glob++) {
		if (*glob == '*')
			g_string_append(out, ".*");
		else if (strchr("?^\\\"", *glob) != NULL) /* those that brackets do not tame match anything */
			g_string_append_c(out, '.');
		else if (g_ascii_isalnum(*glob) || *glob < 0)
			g_string_append_c(out, *glob);
		else
			g_string_append_printf(out, "[%c]", *glob);
	}
}

void app_only_clients(App *app, char **globs)
{
	GString *filter = g_string_new("client ~ \"^(");
	for (char **glob = globs; *glob != NULL; glob++) {
		if (glob != globs)
			g_string_append_c(filter, '|');
		append_pattern(filter, *glob);
	}
	g_string_append(filter, ")$\"");
	clients_screen_filter(app_top(app), filter->str);
	g_free(app->filter);
	app->filter = g_string_free(filter, FALSE);
}

/* --- what it says ------------------------------------------------------------------------------- */

void app_log(App *app, const char *line)
{
	enum { LOG_MAX = 1000 };
	g_mutex_lock(&app->log_lock);
	g_queue_push_tail(&app->log, g_strdup(line));
	if (g_queue_get_length(&app->log) > LOG_MAX)
		g_free(g_queue_pop_head(&app->log));
	g_mutex_unlock(&app->log_lock);
}

void app_tell(App *app, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_free(app->message);
	app->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	app_log(app, app->message);
	app->changed = true;
}

void app_show_log(App *app)
{
	GString *text = g_string_new(NULL);
	g_mutex_lock(&app->log_lock);
	for (GList *line = app->log.head; line != NULL; line = line->next)
		g_string_append_printf(text, "%s\n", (char *)line->data);
	g_mutex_unlock(&app->log_lock);
	if (text->len == 0)
		g_string_append(text, "Nothing was said so far.\n");
	app_show_text(app, g_strdup("Messages"), g_string_free(text, FALSE));
}

void app_show_help(App *app)
{
	ScreenId id = app_top(app)->ops->id;
	GString *text = g_string_new("Keys of this screen\n");
	for (Action action = ACTION_NONE + 1; action < ACTION_N; action++) {
		const ActionInfo *info = action_info(action);
		if ((info->where >> id & 1) == 0)
			continue;
		g_autofree char *keys = keymap_keys(app->keymap, action);
		g_string_append_printf(text, "  %-16s %-16s %s.\n", keys, info->name, info->help);
	}
	g_string_append(text,
	                "\nCommands\n"
	                "  :filter EXPRESSION        only what fits, as in  lost > 0 and cause = expired.\n"
	                "  :goto TIME or FRAME       10:15:30, 2026-11-22 10:15:30, 4711.\n"
	                "  :save FILE                the marked or selected clients to a capture file.\n"
	                "  :export FILE [FORMAT]     a report: text, json, ndjson, csv, markdown, html.\n"
	                "  :set NAME VALUE           theme, ascii, mouse, redact, times, card, ...\n"
	                "  :theme NAME               dark, light, mono.\n"
	                "  :explain CAUSE            what a cause means and how to mend it.\n"
	                "  :wireshark                a display filter for the marked or selected clients, copied.\n"
	                "  :clients :findings :brokers :log :help :quit\n"
	                "\nConfiguration\n"
	                "  $XDG_CONFIG_HOME/mqlapse/config: [screen] has the settings of :set, [keys] the "
	                "names above with keys, as in \"filter = f F7\", [colors] names and colors.\n"
	                "\nSigns\n"
	                "  Clients:    ● online, ◐ away with the session kept, ◌ away with it gone, ? away and not "
	                "known, ○ refused.\n"
	                "  Time lines: █ connected, ▒ away with the session kept, · away with it gone, "
	                "░ not known; ✗ where a loss showed, ! a risk, i a note.\n"
	                "  Their ends: D disconnect, F closed (FIN), R reset or refused, K keep-alive, T takeover, "
	                "P protocol error, V vanished.\n"
	                "  Ladders:    │ connected, · not; ▪ a message that the session is owed, ▸ evidence, "
	                "✗ a reset.\n");
	app_show_text(app, g_strdup("Help"), g_string_free(text, FALSE));
}

/* --- bookmarks ---------------------------------------------------------------------------------- */

static void set_bookmark(App *app, const View *view, Bookmark *bookmark, Key letter)
{
	Screen *top = app_top(app);
	*bookmark = (Bookmark){.set = true, .screen = top->ops->id, .client = NO_INDEX};
	if (top->ops->client != NULL)
		bookmark->client = top->ops->client(top, view);
	if (top->ops->frame != NULL)
		bookmark->frame = top->ops->frame(top, view);
	app_tell(app, "Bookmark %c", (int)letter);
}

static void go_to_bookmark(App *app, const View *view, const Bookmark *bookmark)
{
	Screen *top = app_top(app);
	if (bookmark->screen == SCREEN_FINDINGS || bookmark->screen == SCREEN_BROKERS) {
		app_show_root(app, bookmark->screen);
	} else if (bookmark->client == NO_INDEX || bookmark->screen == SCREEN_CLIENTS) {
		app_show_root(app, SCREEN_CLIENTS);
	} else if (top->ops->id != SCREEN_TIMELINE || top->ops->client(top, view) != bookmark->client) {
		app_push(app, timeline_screen_new(bookmark->client, UINT32_MAX));
	}
	top = app_top(app);
	if (bookmark->client != NO_INDEX && top->ops->select != NULL)
		top->ops->select(top, view, bookmark->client);
	if (bookmark->frame.number != 0 && top->ops->go != NULL)
		top->ops->go(top, view, INSTANT_UNKNOWN, bookmark->frame);
}

static void take_letter(App *app, const View *view, Key key)
{
	Bookmark *bookmark = bookmark_at(&app->bookmarks, key);
	if (bookmark == NULL)
		app_tell(app, "A bookmark is a letter from a to z");
	else if (app->letter_for == ACTION_BOOKMARK)
		set_bookmark(app, view, bookmark, key);
	else if (!bookmark->set)
		app_tell(app, "There is no bookmark %c", (int)key);
	else
		go_to_bookmark(app, view, bookmark);
	app->letter_for = ACTION_NONE;
}

/* --- keys --------------------------------------------------------------------------------------- */

static void set_filter(App *app, const View *view, const char *text)
{
	Screen *top = app_top(app);
	g_autoptr(GError) error = NULL;
	if (top->ops->filter(top, view, text, &error)) {
		char *kept = g_strdup(text); /* it may be the old one */
		g_free(app->filter);
		app->filter = kept;
	} else {
		app_tell(app, "%s", error->message);
	}
}

/* What makes no sense stays there to be mended, and what was shown before is what Escape goes back to. */
static void take_filter(App *app, const View *view, const char *text)
{
	Screen *top = app_top(app);
	g_autoptr(GError) error = NULL;
	if (top->ops->filter(top, view, text, &error)) {
		set_filter(app, view, text);
		return;
	}
	g_autofree char *typed = g_strdup(text);
	prompt_begin(app->prompt, PROMPT_FILTER, typed);
	prompt_complain(app->prompt, error->message);
}

static void take_prompt(App *app, const View *view)
{
	const char *text = prompt_text(app->prompt);
	switch (prompt_kind(app->prompt)) {
	case PROMPT_SEARCH:
		break;
	case PROMPT_FILTER:
		take_filter(app, view, text);
		break;
	case PROMPT_COMMAND:
		app_command(app, view, text);
		break;
	case PROMPT_SAVE:
		app_save(app, view, text);
		break;
	case PROMPT_N:
		break;
	}
}

/* Filters apply as they are typed, as long as they make sense. */
static void follow_prompt(App *app, const View *view)
{
	Screen *top = app_top(app);
	g_autoptr(GError) error = NULL;
	if (prompt_kind(app->prompt) == PROMPT_SEARCH)
		app_search(app, view, prompt_text(app->prompt));
	else if (prompt_kind(app->prompt) == PROMPT_FILTER &&
	         !top->ops->filter(top, view, prompt_text(app->prompt), &error))
		prompt_complain(app->prompt, error->message);
}

static void key_for_prompt(App *app, const View *view, Key key)
{
	switch (prompt_key(app->prompt, key)) {
	case PROMPT_GOES_ON:
		break;
	case PROMPT_CHANGED:
		follow_prompt(app, view);
		break;
	case PROMPT_DONE:
		take_prompt(app, view);
		break;
	case PROMPT_CANCELLED:
		search_stop(&app->search);
		if (prompt_kind(app->prompt) == PROMPT_FILTER)
			set_filter(app, view, app->filter == NULL ? "" : app->filter);
		break;
	}
}

void app_key(App *app, Key key)
{
	app->changed = true;
	g_clear_pointer(&app->message, g_free);
	const View *view = desk_open(app);
	desk_work(app, g_get_monotonic_time() + KEY_US); /* several keys may come at once */
	if (!prompt_active(app->prompt))
		search_stop(&app->search);
	if (prompt_active(app->prompt))
		key_for_prompt(app, view, key);
	else if (app->letter_for != ACTION_NONE)
		take_letter(app, view, key);
	else
		app_do(app, view, keymap_action(app->keymap, app_top(app)->ops->id, key));
	desk_close(app);
}

void app_click(App *app, int x, int y, bool twice)
{
	Screen *top = app_top(app);
	bool inside = x >= 0 && y >= app->body_y && y < app->body_y + app->body_rows;
	if (!inside || top->ops->click == NULL || prompt_active(app->prompt))
		return;
	app->changed |= top->ops->click(top, desk_open(app), x, y - app->body_y, twice, app);
	desk_close(app);
}

/* --- for the terminal --------------------------------------------------------------------------- */

char *app_take_clipboard(App *app)
{
	return g_steal_pointer(&app->clipboard);
}

static bool take(bool *flag)
{
	bool was = *flag;
	*flag = false;
	return was;
}

bool app_take_suspend(App *app)
{
	return take(&app->suspend);
}

bool app_take_redraw(App *app)
{
	return take(&app->redraw);
}
