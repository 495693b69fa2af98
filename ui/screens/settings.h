/* SPDX-License-Identifier: MIT */
/*
 * settings: what the user may choose, from the configuration file, the command set and keys.
 *
 * $XDG_CONFIG_HOME/mqlapse/config (or ~/.config/...), a GKeyFile: [screen] for these, [keys] with an
 * action's name and its keys, [colors] with a role's name and "foreground background attributes".
 */
#pragma once

#include "ui/screens/keymap.h"
#include "ui/screens/theme.h"

typedef struct Settings {
	Theme theme;
	bool ascii;
	bool mouse;
	bool redact;
	bool times_relative;
	bool card;       /* the verdict card of the timeline */
	char *columns;   /* of the list of clients, names separated by blanks; NULL: as the program likes */
	char *sort;      /* "column" or "-column"; NULL likewise */
} Settings;

/* Dark, or mono if NO_COLOR says so. */
void settings_init(Settings *settings);
void settings_clear(Settings *settings);
/* Reads the user's configuration, if there is one; a mistake in it is an error with file and key. */
bool settings_load(Settings *settings, Keymap *keymap, GError **error);
/* The same from @path. */
bool settings_load_file(Settings *settings, Keymap *keymap, const char *path, GError **error);
/* As the command set NAME VALUE says. */
bool settings_set(Settings *settings, const char *name, const char *value, GError **error);
/* The names that settings_set() takes, for completion; static, NULL-terminated. */
const char *const *settings_names(void);
/* Likewise what @name can be set to; NULL: any text. */
const char *const *settings_values(const char *name);
