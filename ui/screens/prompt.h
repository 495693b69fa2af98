/* SPDX-License-Identifier: MIT */
/*
 * prompt: one line that the user types, with history and completion.
 */
#pragma once

#include "ui/screens/cells.h"
#include "ui/screens/keymap.h"

typedef enum PromptKind {
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_COMMAND,
	PROMPT_SAVE,
	PROMPT_N,
} PromptKind;

typedef enum PromptResult {
	PROMPT_GOES_ON, /* nothing but the cursor changed */
	PROMPT_CHANGED, /* the text did */
	PROMPT_DONE,
	PROMPT_CANCELLED,
} PromptResult;

/* The words that can stand at octet @cursor of @text in place of the one that is being typed there;
 * new, NULL-terminated; NULL: none. */
typedef char **(*PromptComplete)(void *user, PromptKind kind, const char *text, size_t cursor);

typedef struct Prompt Prompt;

Prompt *prompt_new(PromptComplete complete, void *user);
void prompt_free(Prompt *prompt);
/* Begins with @text; the history is that of all prompts of this kind. */
void prompt_begin(Prompt *prompt, PromptKind kind, const char *text);
bool prompt_active(const Prompt *prompt);
PromptKind prompt_kind(const Prompt *prompt);
const char *prompt_text(const Prompt *prompt);
/* In place of the completions until the next key; NULL: nothing. */
void prompt_complain(Prompt *prompt, const char *fault);
/* In place of the completions while there are none; until the prompt begins anew. */
void prompt_note(Prompt *prompt, const char *note);
PromptResult prompt_key(Prompt *prompt, Key key);
/* On the last row of @area, what can be typed above it. */
void prompt_draw(const Prompt *prompt, Area area);
