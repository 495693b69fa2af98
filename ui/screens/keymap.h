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
	TYPED_NONE = 0,
	TYPED_CTRL_A = 1, /* ... to TYPED_CTRL_A + 25 */
	TYPED_TAB = 9,
	TYPED_ENTER = 13,
	TYPED_ESCAPE = 27,
	TYPED_SPACE = 32,
	TYPED_SPECIAL = 0x110000, /* beyond all characters */
	TYPED_UP,
	TYPED_DOWN,
	TYPED_LEFT,
	TYPED_RIGHT,
	TYPED_PAGE_UP,
	TYPED_PAGE_DOWN,
	TYPED_HOME,
	TYPED_END,
	TYPED_BACKTAB,
	TYPED_BACKSPACE,
	TYPED_DELETE,
	TYPED_INSERT,
	TYPED_F1, /* ... to TYPED_F1 + 11 */
	TYPED_F12 = TYPED_F1 + 11,
};

/* "k", "Up", "^L", "F10", "Space"; TYPED_NONE if @name is none. */
Key typed_by_name(const char *name);
/* New text. */
char *typed_name(Key key);

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
