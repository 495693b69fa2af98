/* SPDX-License-Identifier: MIT */
/* A line of the scenario language, split into words. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define SCENARIO_ERROR scenario_error_quark()
typedef enum { SCENARIO_ERROR_SYNTAX } ScenarioError;
GQuark scenario_error_quark(void);

typedef struct {
	char *text;
	bool quoted; /* the whole word stood in quotation marks */
	bool used;
} Word;

/*
 * Elements are Word; free with g_ptr_array_unref. A word that starts with # and is not quoted
 * begins a comment.
 * Between quotation marks \" \\ and \xHH (not 00) are escapes. NULL where a mark is not closed.
 */
GPtrArray *words_split(const char *line, GError **error);

/* Words from..until (exclusive); wrong numbers and missing words are noted in `error`, the first
 * one stays. */
typedef struct {
	GPtrArray *words;
	guint from, until;
	GError *error;
} WordRange;

/* The value of KEY=value, or NULL where there is none. */
const char *words_take_text(WordRange *range, const char *key);
guint32 words_take_number(WordRange *range, const char *key, guint32 otherwise, guint32 maximum);
/* The next word that is neither KEY=value nor quoted, or NULL. */
const char *words_take_plain(WordRange *range);
const char *words_take_quoted(WordRange *range);
/* Whether `flag` stands there as a word of its own. */
bool words_take_flag(WordRange *range, const char *flag);
/* Decimal, 0x hexadecimal, or "never" (0xFFFFFFFF). */
guint32 words_number(WordRange *range, const char *text, guint32 maximum);
void words_fail(WordRange *range, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Splits KEY=value: the length of KEY, or 0 where the word has none. */
gsize words_key_length(const Word *word);

/* `text` must be a number of seconds; the answer is in nanoseconds. */
gint64 words_seconds(const char *text, GError **error);
