/* SPDX-License-Identifier: MIT */
/*
 * theme: how each role looks.
 */
#pragma once

#include <glib.h>

#include "ui/screens/cells.h"

typedef enum Shade {
	SHADE_DEFAULT = -1, /* whatever the terminal has */
	SHADE_BLACK, SHADE_RED, SHADE_GREEN, SHADE_YELLOW,
	SHADE_BLUE, SHADE_MAGENTA, SHADE_CYAN, SHADE_WHITE,
	SHADE_BRIGHT_BLACK, SHADE_BRIGHT_RED, SHADE_BRIGHT_GREEN, SHADE_BRIGHT_YELLOW,
	SHADE_BRIGHT_BLUE, SHADE_BRIGHT_MAGENTA, SHADE_BRIGHT_CYAN, SHADE_BRIGHT_WHITE,
	SHADE_N,
} Shade;

typedef enum LookAttribute {
	LOOK_BOLD = 1,
	LOOK_DIM = 2,
	LOOK_REVERSE = 4,
	LOOK_UNDERLINE = 8,
} LookAttribute;

typedef struct Look {
	int8_t foreground, background; /* Shade */
	uint8_t attributes;            /* LookAttribute bits */
} Look;

typedef enum ThemeId { THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_N } ThemeId;

typedef struct Theme {
	ThemeId id;
	Look looks[ROLE_N];
} Theme;

void theme_init(Theme *theme, ThemeId id);
const char *theme_name(ThemeId id);
/* Of all of them; static, NULL-terminated. */
const char *const *theme_names(void);
/* THEME_N: there is none of that name. */
ThemeId theme_by_name(const char *name);
/* Of the look that @cell has, the other way round under the cursor: there all has one look, so that a row is one bar,
 * but for what has a ground of its own. */
Role theme_role(const Theme *theme, const Cell *cell);
/* "yellow default bold": false with *error if a word is wrong. */
bool theme_set_look(Theme *theme, const char *role, const char *look, GError **error);
