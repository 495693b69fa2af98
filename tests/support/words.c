/* SPDX-License-Identifier: MIT */
#include "tests/support/words.h"

#include <string.h>

G_DEFINE_QUARK(scenario - error - quark, scenario_error)

static void word_free(gpointer data)
{
	Word *word = data;

	g_free(word->text);
	g_free(word);
}

/* Reads what follows a backslash at `at`; gives the place after it, or NULL. */
static const char *read_escape(const char *at, GString *text)
{
	if (*at == '"' || *at == '\\') {
		g_string_append_c(text, *at);
		return at + 1;
	}
	if (*at == 'x' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
		int byte = g_ascii_xdigit_value(at[1]) << 4 | g_ascii_xdigit_value(at[2]);

		g_string_append_c(text, (char)byte);
		return byte != 0 ? at + 3 : NULL;
	}
	return NULL;
}

static const char *read_quoted(const char *at, GString *text)
{
	while (at != NULL && *at != '"') {
		if (*at == '\0')
			return NULL;
		if (*at == '\\') {
			at = read_escape(at + 1, text);
			continue;
		}
		g_string_append_c(text, *at++);
	}
	return at != NULL ? at + 1 : NULL;
}

static const char *read_word(const char *at, GPtrArray *words)
{
	GString *text = g_string_new(NULL);
	bool quoted = *at == '"';
	Word *word;

	while (at != NULL && *at != '\0' && !g_ascii_isspace(*at)) {
		if (*at == '"')
			at = read_quoted(at + 1, text);
		else
			g_string_append_c(text, *at++);
	}
	word = g_new0(Word, 1);
	word->quoted = quoted;
	word->text = g_string_free(text, FALSE);
	g_ptr_array_add(words, word);
	return at;
}

GPtrArray *words_split(const char *line, GError **error)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(word_free);
	const char *at = line;

	while (at != NULL) {
		while (g_ascii_isspace(*at))
			at++;
		if (*at == '\0' || *at == '#')
			return words;
		at = read_word(at, words);
	}
	g_ptr_array_unref(words);
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
	            "a quotation mark or escape is not complete");
	return NULL;
}

void words_fail(WordRange *range, const char *format, ...)
{
	va_list arguments;

	if (range->error != NULL)
		return;
	va_start(arguments, format);
	range->error = g_error_new_valist(SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, format, arguments);
	va_end(arguments);
}

gsize words_key_length(const Word *word)
{
	gsize length = strspn(word->text, "abcdefghijklmnopqrstuvwxyz_.");

	return !word->quoted && word->text[length] == '=' ? length : 0;
}

const char *words_take_text(WordRange *range, const char *key)
{
	gsize length = strlen(key);

	for (guint i = range->from; i < range->until; i++) {
		Word *word = range->words->pdata[i];

		if (word->used || words_key_length(word) != length ||
		    strncmp(word->text, key, length) != 0)
			continue;
		word->used = true;
		return word->text + length + 1;
	}
	return NULL;
}

guint32 words_number(WordRange *range, const char *text, guint32 maximum)
{
	guint64 value;
	char *end;

	if (strcmp(text, "never") == 0)
		return G_MAXUINT32;
	value = g_ascii_strtoull(text, &end, 0);
	if (end == text || *end != '\0' || value > maximum)
		words_fail(range, "'%s' is not a number up to %u", text, maximum);
	return (guint32)value;
}

guint32 words_take_number(WordRange *range, const char *key, guint32 otherwise, guint32 maximum)
{
	const char *text = words_take_text(range, key);

	return text != NULL ? words_number(range, text, maximum) : otherwise;
}

static const char *take(WordRange *range, bool quoted)
{
	for (guint i = range->from; i < range->until; i++) {
		Word *word = range->words->pdata[i];

		if (word->used || word->quoted != quoted || words_key_length(word) > 0)
			continue;
		word->used = true;
		return word->text;
	}
	return NULL;
}

const char *words_take_plain(WordRange *range)
{
	return take(range, false);
}

const char *words_take_quoted(WordRange *range)
{
	return take(range, true);
}

bool words_take_flag(WordRange *range, const char *flag)
{
	for (guint i = range->from; i < range->until; i++) {
		Word *word = range->words->pdata[i];

		if (!word->used && !word->quoted && strcmp(word->text, flag) == 0) {
			word->used = true;
			return true;
		}
	}
	return false;
}

gint64 words_seconds(const char *text, GError **error)
{
	char *end;
	double seconds = g_ascii_strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds > -1e6 && seconds < 1e9)) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
		            "'%s' is not a time in seconds", text);
		return 0;
	}
	/* Whole microseconds, so that sums of decimals do not depend on rounding. */
	return (gint64)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)) * 1000;
}
