/* SPDX-License-Identifier: MIT */
/*
 * theme: how each role looks.
 */
#pragma once

#include <glib.h>

#include "ui/screens/cells.h"

typedef enum Color {
	COLOR_DEFAULT_ = -1, /* whatever the terminal has */
	COLOR_BLACK_, COLOR_RED_, COLOR_GREEN_, COLOR_YELLOW_,
	COLOR_BLUE_, COLOR_MAGENTA_, COLOR_CYAN_, COLOR_WHITE_,
	COLOR_BRIGHT_BLACK_, COLOR_BRIGHT_RED_, COLOR_BRIGHT_GREEN_, COLOR_BRIGHT_YELLOW_,
	COLOR_BRIGHT_BLUE_, COLOR_BRIGHT_MAGENTA_, COLOR_BRIGHT_CYAN_, COLOR_BRIGHT_WHITE_,
	COLOR_N_,
} Color;

typedef enum LookAttribute {
	LOOK_BOLD = 1,
	LOOK_DIM = 2,
	LOOK_REVERSE = 4,
	LOOK_UNDERLINE = 8,
} LookAttribute;

typedef struct Look {
	int8_t foreground, background; /* Color */
	uint8_t attributes;            /* LookAttribute bits */
} Look;

typedef enum ThemeId { THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_N } ThemeId;

typedef struct Theme {
	ThemeId id;
	Look looks[ROLE_N];
} Theme;

void theme_init(Theme *theme, ThemeId id);
const char *theme_name(ThemeId id);
/* THEME_N: there is none of that name. */
ThemeId theme_by_name(const char *name);
/* "yellow default bold": false with *error if a word is wrong. */
bool theme_set_look(Theme *theme, const char *role, const char *look, GError **error);
