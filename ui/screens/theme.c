/* SPDX-License-Identifier: MIT */
#include "ui/screens/theme.h"

#include <string.h>

static const char *const color_names[SHADE_N] = {
	"black",        "red",        "green",        "yellow",
	"blue",         "magenta",    "cyan",         "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue",  "bright-magenta", "bright-cyan", "bright-white",
};

static const struct {
	const char *name;
	uint8_t bit;
} attributes[] = {
	{"bold", LOOK_BOLD}, {"dim", LOOK_DIM}, {"reverse", LOOK_REVERSE}, {"underline", LOOK_UNDERLINE},
};

static const char *const role_names[ROLE_N] = {
#define ROLE(id, name, ...) [ROLE_##id] = name,
#include "ui/screens/roles.def"
#undef ROLE
};

/* roles.def speaks of DEFAULT, RED, BOLD. */
enum {
	DEFAULT = SHADE_DEFAULT,
	BLACK = SHADE_BLACK, RED = SHADE_RED, GREEN = SHADE_GREEN, YELLOW = SHADE_YELLOW,
	BLUE = SHADE_BLUE, MAGENTA = SHADE_MAGENTA, CYAN = SHADE_CYAN,
	BRIGHT_BLACK = SHADE_BRIGHT_BLACK, BRIGHT_RED = SHADE_BRIGHT_RED,
	BRIGHT_BLUE = SHADE_BRIGHT_BLUE, BRIGHT_WHITE = SHADE_BRIGHT_WHITE,
	BOLD = LOOK_BOLD, DIM = LOOK_DIM, REVERSE = LOOK_REVERSE, UNDERLINE = LOOK_UNDERLINE,
};

#define LOOK(foreground, background, attributes) {foreground, background, attributes}
static const Look looks[THEME_N][ROLE_N] = {
	[THEME_DARK] = {
#define ROLE(id, name, dark, light, mono) [ROLE_##id] = LOOK dark,
#include "ui/screens/roles.def"
#undef ROLE
	},
	[THEME_LIGHT] = {
#define ROLE(id, name, dark, light, mono) [ROLE_##id] = LOOK light,
#include "ui/screens/roles.def"
#undef ROLE
	},
	[THEME_MONO] = {
#define ROLE(id, name, dark, light, mono) [ROLE_##id] = LOOK mono,
#include "ui/screens/roles.def"
#undef ROLE
	},
};

void theme_init(Theme *theme, ThemeId id)
{
	theme->id = id;
	memcpy(theme->looks, looks[id], sizeof theme->looks);
}

Role theme_role(const Theme *theme, const Cell *cell)
{
	const Look *look = &theme->looks[cell->role];
	bool own = look->background != SHADE_DEFAULT || (look->attributes & LOOK_REVERSE) != 0;
	return cell->cursor && !own ? ROLE_NORMAL : (Role)cell->role;
}

const char *const *theme_names(void)
{
	static const char *const names[THEME_N + 1] = {"dark", "light", "mono", NULL};
	return names;
}

const char *theme_name(ThemeId id)
{
	return id < THEME_N ? theme_names()[id] : "unknown";
}

ThemeId theme_by_name(const char *name)
{
	unsigned id = 0;
	while (id < THEME_N && g_strcmp0(name, theme_name(id)) != 0)
		id++;
	return id;
}

static bool color_by_name(const char *name, int8_t *color)
{
	if (strcmp(name, "default") == 0) {
		*color = SHADE_DEFAULT;
		return true;
	}
	for (int8_t i = 0; i < SHADE_N; i++) {
		if (strcmp(name, color_names[i]) == 0) {
			*color = i;
			return true;
		}
	}
	return false;
}

static bool attribute_by_name(const char *name, uint8_t *bits)
{
	for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
		if (strcmp(name, attributes[i].name) == 0) {
			*bits |= attributes[i].bit;
			return true;
		}
	}
	return false;
}

static bool parse_look(const char *text, Look *look, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
	int8_t *colors[] = {&look->foreground, &look->background};
	unsigned n_colors = 0;
	*look = (Look){SHADE_DEFAULT, SHADE_DEFAULT, 0};
	for (char **word = words; *word != NULL; word++) {
		if (**word == '\0' || attribute_by_name(*word, &look->attributes))
			continue;
		if (n_colors == 2 || !color_by_name(*word, colors[n_colors++])) {
			g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
			            "\"%s\" is no color and no attribute; a look is a foreground, a "
			            "background and attributes, as in \"yellow default bold\"", *word);
			return false;
		}
	}
	return true;
}

bool theme_set_look(Theme *theme, const char *role, const char *look, GError **error)
{
	for (unsigned i = 0; i < ROLE_N; i++)
		if (strcmp(role, role_names[i]) == 0)
			return parse_look(look, &theme->looks[i], error);
	g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
	            "\"%s\" is nothing that has a color", role);
	return false;
}
