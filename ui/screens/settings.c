/* SPDX-License-Identifier: MIT */
#include "ui/screens/settings.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	"theme", "ascii", "mouse", "redact", "times", "card", "columns", "sort", NULL,
};

void settings_init(Settings *settings)
{
	const char *no_color = getenv("NO_COLOR");
	bool mono = no_color != NULL && *no_color != '\0';
	*settings = (Settings){.card = true};
	theme_init(&settings->theme, mono ? THEME_MONO : THEME_DARK);
}

void settings_clear(Settings *settings)
{
	g_clear_pointer(&settings->columns, g_free);
	g_clear_pointer(&settings->sort, g_free);
}

const char *const *settings_names(void)
{
	return names;
}

const char *const *settings_values(const char *name)
{
	static const char *const times[] = {"absolute", "relative", NULL};
	static const char *const flags[] = {"on", "off", NULL};
	if (strcmp(name, "theme") == 0)
		return theme_names();
	if (strcmp(name, "times") == 0)
		return times;
	return strcmp(name, "columns") == 0 || strcmp(name, "sort") == 0 ? NULL : flags;
}

G_GNUC_PRINTF(2, 3) static bool refuse(GError **error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error_literal(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, text);
	return false;
}

static bool set_flag(bool *flag, const char *name, const char *value, GError **error)
{
	if (strcmp(value, "on") == 0 || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0)
		*flag = true;
	else if (strcmp(value, "off") == 0 || strcmp(value, "false") == 0 || strcmp(value, "no") == 0)
		*flag = false;
	else
		return refuse(error, "%s is on or off, not \"%s\"", name, value);
	return true;
}

static bool set_theme(Settings *settings, const char *value, GError **error)
{
	ThemeId id = theme_by_name(value);
	if (id == THEME_N)
		return refuse(error, "theme is dark, light or mono, not \"%s\"", value);
	theme_init(&settings->theme, id);
	return true;
}

static bool set_times(Settings *settings, const char *value, GError **error)
{
	settings->times_relative = strcmp(value, "relative") == 0;
	return settings->times_relative || strcmp(value, "absolute") == 0 ||
	       refuse(error, "times are absolute or relative, not \"%s\"", value);
}

static bool set_text(char **text, const char *value)
{
	g_free(*text);
	*text = *value == '\0' ? NULL : g_strdup(value);
	return true;
}

bool settings_set(Settings *settings, const char *name, const char *value, GError **error)
{
	if (strcmp(name, "theme") == 0)
		return set_theme(settings, value, error);
	if (strcmp(name, "ascii") == 0)
		return set_flag(&settings->ascii, name, value, error);
	if (strcmp(name, "mouse") == 0)
		return set_flag(&settings->mouse, name, value, error);
	if (strcmp(name, "redact") == 0)
		return set_flag(&settings->redact, name, value, error);
	if (strcmp(name, "card") == 0)
		return set_flag(&settings->card, name, value, error);
	if (strcmp(name, "times") == 0)
		return set_times(settings, value, error);
	if (strcmp(name, "columns") == 0)
		return set_text(&settings->columns, value);
	if (strcmp(name, "sort") == 0)
		return set_text(&settings->sort, value);
	return refuse(error, "there is no setting \"%s\"; Tab after :set shows them all", name);
}

/* --- the file ----------------------------------------------------------------------------------- */

static Action action_by_name(const char *name)
{
	for (Action action = ACTION_NONE + 1; action < ACTION_N; action++)
		if (strcmp(action_info(action)->name, name) == 0)
			return action;
	return ACTION_NONE;
}

typedef struct Target {
	Settings *settings;
	Keymap *keymap;
} Target;

static bool take_setting(Target target, const char *key, const char *value, GError **error)
{
	/* What the environment forbids the file does not allow. */
	if (strcmp(key, "theme") == 0 && target.settings->theme.id == THEME_MONO)
		return theme_by_name(value) != THEME_N ||
		       refuse(error, "theme is dark, light or mono, not \"%s\"", value);
	return settings_set(target.settings, key, value, error);
}

static bool take_keys(Target target, const char *key, const char *value, GError **error)
{
	Action action = action_by_name(key);
	if (action == ACTION_NONE)
		return refuse(error, "there is no action \"%s\"; the help screen names them", key);
	return keymap_set(target.keymap, action, value, error);
}

static bool take_color(Target target, const char *key, const char *value, GError **error)
{
	if (target.settings->theme.id == THEME_MONO)
		return true;
	return theme_set_look(&target.settings->theme, key, value, error);
}

static bool take_group(GKeyFile *file, const char *group, Target target,
                       bool (*take)(Target, const char *, const char *, GError **), GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
	for (char **key = keys; key != NULL && *key != NULL; key++) {
		g_autofree char *value = g_key_file_get_string(file, group, *key, error);
		if (value == NULL)
			return false;
		if (!take(target, *key, value, error)) {
			g_prefix_error(error, "[%s] %s: ", group, *key);
			return false;
		}
	}
	return true;
}

static bool take_file(GKeyFile *file, Target target, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group != NULL; group++)
		if (strcmp(*group, "screen") != 0 && strcmp(*group, "keys") != 0 &&
		    strcmp(*group, "colors") != 0)
			return refuse(error, "there is no group [%s]; there are [screen], [keys] and [colors]",
			              *group);
	return take_group(file, "screen", target, take_setting, error) &&
	       take_group(file, "colors", target, take_color, error) &&
	       take_group(file, "keys", target, take_keys, error) && keymap_check(target.keymap, error);
}

bool settings_load_file(Settings *settings, Keymap *keymap, const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	bool good = g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error) &&
	            take_file(file, (Target){settings, keymap}, error);
	if (!good)
		g_prefix_error(error, "%s: ", path);
	return good;
}

bool settings_load(Settings *settings, Keymap *keymap, GError **error)
{
	g_autofree char *path = g_build_filename(g_get_user_config_dir(), "mqlapse", "config", NULL);
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	return settings_load_file(settings, keymap, path, error);
}
