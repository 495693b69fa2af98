/* SPDX-License-Identifier: MIT */
#include "ui/screens/keymap.h"

#include <string.h>

enum { KEYS_MAX = 8 };

typedef struct Binding {
	Key keys[KEYS_MAX];
	unsigned n;
} Binding;

struct Keymap {
	Binding bindings[ACTION_N];
};

static const struct {
	const char *name;
	Key key;
} named[] = {
	{"Tab", TYPED_TAB},         {"Enter", TYPED_ENTER},       {"Escape", TYPED_ESCAPE},
	{"Space", TYPED_SPACE},     {"Up", TYPED_UP},             {"Down", TYPED_DOWN},
	{"Left", TYPED_LEFT},       {"Right", TYPED_RIGHT},       {"PageUp", TYPED_PAGE_UP},
	{"PageDown", TYPED_PAGE_DOWN}, {"Home", TYPED_HOME},      {"End", TYPED_END},
	{"BackTab", TYPED_BACKTAB}, {"Backspace", TYPED_BACKSPACE}, {"Delete", TYPED_DELETE},
	{"Insert", TYPED_INSERT},
};

static Key function_key(const char *name)
{
	char *end;
	if (name[0] != 'F' || !g_ascii_isdigit(name[1]))
		return TYPED_NONE;
	guint64 number = g_ascii_strtoull(name + 1, &end, 10);
	return *end == '\0' && number >= 1 && number <= 12 ? TYPED_F1 + (Key)number - 1 : TYPED_NONE;
}

Key typed_by_name(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
		if (g_ascii_strcasecmp(name, named[i].name) == 0)
			return named[i].key;
	if (name[0] == '^' && g_ascii_isalpha(name[1]) && name[2] == '\0')
		return TYPED_CTRL_A + (Key)(g_ascii_toupper(name[1]) - 'A');
	if (g_utf8_validate(name, -1, NULL) && g_utf8_strlen(name, -1) == 1)
		return g_utf8_get_char(name);
	return function_key(name);
}

char *typed_name(Key key)
{
	for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
		if (key == named[i].key)
			return g_strdup(named[i].name);
	if (key >= TYPED_F1 && key <= TYPED_F12)
		return g_strdup_printf("F%u", key - TYPED_F1 + 1);
	if (key >= TYPED_CTRL_A && key < TYPED_CTRL_A + 26)
		return g_strdup_printf("^%c", 'A' + (int)(key - TYPED_CTRL_A));
	char text[8] = "";
	if (key < TYPED_SPECIAL && g_unichar_isprint(key))
		text[g_unichar_to_utf8(key, text)] = '\0';
	return g_strdup(text);
}

Keymap *keymap_new(void)
{
	Keymap *keymap = g_new0(Keymap, 1);
	for (Action action = ACTION_NONE + 1; action < ACTION_N; action++) {
		bool good = keymap_set(keymap, action, action_info(action)->keys, NULL);
		g_assert(good);
	}
	g_assert(keymap_check(keymap, NULL));
	return keymap;
}

void keymap_free(Keymap *keymap)
{
	g_free(keymap);
}

static bool refuse(GError **error, Action action, const char *why, const char *key)
{
	g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "%s: %s \"%s\"",
	            action_info(action)->name, why, key);
	return false;
}

bool keymap_set(Keymap *keymap, Action action, const char *keys, GError **error)
{
	g_auto(GStrv) names = g_strsplit_set(keys, " \t", -1);
	Binding binding = {.n = 0};
	for (char **name = names; *name != NULL; name++) {
		if (**name == '\0')
			continue;
		Key key = typed_by_name(*name);
		if (key == TYPED_NONE)
			return refuse(error, action, "there is no key", *name);
		if (binding.n == KEYS_MAX)
			return refuse(error, action, "too many keys, from", *name);
		binding.keys[binding.n++] = key;
	}
	keymap->bindings[action] = binding;
	return true;
}

static bool has_key(const Keymap *keymap, Action action, Key key)
{
	const Binding *binding = &keymap->bindings[action];
	for (unsigned i = 0; i < binding->n; i++)
		if (binding->keys[i] == key)
			return true;
	return false;
}

/* A key of @action that another one of the same screens has, too; TYPED_NONE: there is none. */
static Key shared_key(const Keymap *keymap, Action action, Action other)
{
	if ((action_info(action)->where & action_info(other)->where) == 0)
		return TYPED_NONE;
	const Binding *binding = &keymap->bindings[action];
	for (unsigned i = 0; i < binding->n; i++)
		if (has_key(keymap, other, binding->keys[i]))
			return binding->keys[i];
	return TYPED_NONE;
}

bool keymap_check(const Keymap *keymap, GError **error)
{
	for (Action action = ACTION_NONE + 1; action < ACTION_N; action++) {
		for (Action other = action + 1; other < ACTION_N; other++) {
			Key key = shared_key(keymap, action, other);
			if (key == TYPED_NONE)
				continue;
			g_autofree char *name = typed_name(key);
			g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
			            "the key %s is both %s and %s", name, action_info(action)->name,
			            action_info(other)->name);
			return false;
		}
	}
	if (keymap->bindings[ACTION_QUIT].n > 0 || keymap->bindings[ACTION_COMMAND].n > 0)
		return true;
	g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
	            "quit and command have no key: there would be no way out");
	return false;
}

Action keymap_action(const Keymap *keymap, ScreenId screen, Key key)
{
	for (Action action = ACTION_NONE + 1; action < ACTION_N; action++)
		if ((action_info(action)->where >> screen & 1) != 0 && has_key(keymap, action, key))
			return action;
	return ACTION_NONE;
}

char *keymap_keys(const Keymap *keymap, Action action)
{
	GString *text = g_string_new(NULL);
	const Binding *binding = &keymap->bindings[action];
	for (unsigned i = 0; i < binding->n; i++) {
		g_autofree char *name = typed_name(binding->keys[i]);
		g_string_append_printf(text, "%s%s", i == 0 ? "" : ", ", name);
	}
	return g_string_free(text, FALSE);
}

char *keymap_first_key(const Keymap *keymap, Action action)
{
	const Binding *binding = &keymap->bindings[action];
	return binding->n == 0 ? NULL : typed_name(binding->keys[0]);
}
