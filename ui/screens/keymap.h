/* SPDX-License-Identifier: MIT */
/*
 * keymap: from keys to actions, and back for help.
 */
#pragma once

#include <glib.h>

#include "ui/screens/action.h"

/* A character (of Unicode), or one of those below. */
typedef uint32_t Key;

enum {
	KEY_NONE = 0,
	KEY_CTRL_A = 1, /* ... to KEY_CTRL_A + 25 */
	KEY_TAB = 9,
	KEY_ENTER = 13,
	KEY_ESCAPE = 27,
	KEY_SPACE = 32,
	KEY_SPECIAL = 0x110000, /* beyond all characters */
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_BACKTAB,
	KEY_BACKSPACE,
	KEY_DELETE,
	KEY_INSERT,
	KEY_F1, /* ... to KEY_F1 + 11 */
	KEY_F12 = KEY_F1 + 11,
};

/* "k", "Up", "^L", "F10", "Space"; KEY_NONE if @name is none. */
Key key_by_name(const char *name);
/* New text. */
char *key_name(Key key);

typedef struct Keymap Keymap;

/* The keys of actions.def. */
Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keymap, keymap_free)
/* @keys, separated by blanks, in place of those that @action had; "" for none. */
bool keymap_set(Keymap *keymap, Action action, const char *keys, GError **error);
/* No key means two things on one screen; call after the last keymap_set(). */
bool keymap_check(const Keymap *keymap, GError **error);
Action keymap_action(const Keymap *keymap, ScreenId screen, Key key);
/* "Up, k"; new text. */
char *keymap_keys(const Keymap *keymap, Action action);
/* The first key of @action, for hints; new text, NULL: it has none. */
char *keymap_first_key(const Keymap *keymap, Action action);
