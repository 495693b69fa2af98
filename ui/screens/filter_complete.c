/* SPDX-License-Identifier: MIT */
/*
 * What can be typed next in a filter.
 */
#include <string.h>

#include "ui/screens/filter_private.h"

/* What stands before the word that is being typed. */
typedef enum Place {
	PLACE_BEGIN,    /* of a condition */
	PLACE_FIELD,    /* behind a field: an operator is next */
	PLACE_OPERATOR, /* behind that: a value */
	PLACE_END,      /* behind a condition */
} Place;

static bool is_operator_sign(char c)
{
	return c != '\0' && strchr("=!~<>", c) != NULL;
}

static bool ends_word(char c)
{
	return g_ascii_isspace(c) || c == '(' || c == ')' || is_operator_sign(c);
}

/* Where a quoted text that begins at @at ends, or @end. */
static size_t skip_quoted(const char *text, size_t at, size_t end)
{
	char quote = text[at++];
	while (at < end && text[at] != quote)
		at += text[at] == '\\' && at + 1 < end ? 2 : 1;
	return MIN(at + 1, end);
}

static size_t skip_word(const char *text, size_t at, size_t end)
{
	if (text[at] == '"' || text[at] == '\'')
		return skip_quoted(text, at, end);
	while (at < end && !ends_word(text[at]))
		at++;
	return at;
}

static Place after_word(const char *word, Place place, FilterField *field)
{
	if (place == PLACE_OPERATOR)
		return PLACE_END;
	if (g_ascii_strcasecmp(word, "and") == 0 || g_ascii_strcasecmp(word, "or") == 0 ||
	    g_ascii_strcasecmp(word, "not") == 0)
		return PLACE_BEGIN;
	*field = filter_field_by_name(word);
	return *field != FIELD_N ? PLACE_FIELD : PLACE_END;
}

/* *from: where the word at @cursor begins. */
static Place find_place(const char *text, size_t cursor, size_t *from, FilterField *field)
{
	Place place = PLACE_BEGIN;
	size_t at = 0;
	*from = cursor;
	while (at < cursor) {
		size_t begin = at;
		char c = text[at];
		if (g_ascii_isspace(c)) {
			at++;
		} else if (c == '(' || c == ')') {
			place = c == '(' ? PLACE_BEGIN : PLACE_END;
			at++;
		} else if (is_operator_sign(c)) {
			while (at < cursor && is_operator_sign(text[at]))
				at++;
			place = place == PLACE_FIELD ? PLACE_OPERATOR : PLACE_BEGIN;
		} else {
			at = skip_word(text, at, cursor);
			if (at == cursor) {
				*from = begin;
				return place;
			}
			g_autofree char *word = g_strndup(text + begin, at - begin);
			place = after_word(word, place, field);
		}
	}
	return place;
}

static void offer(GPtrArray *words, const char *typed, size_t n_typed, const char *word)
{
	if (g_ascii_strncasecmp(word, typed, n_typed) == 0)
		g_ptr_array_add(words, g_strdup(word));
}

static void offer_fields(GPtrArray *words, const char *typed, size_t n_typed)
{
	for (unsigned i = 0; i < FIELD_N; i++)
		offer(words, typed, n_typed, filter_field_info((FilterField)i)->name);
	offer(words, typed, n_typed, "not");
}

static void offer_operators(GPtrArray *words, FieldKind kind)
{
	for (unsigned op = 0; op < OPERATOR_N; op++)
		if (filter_operator_suits((FilterOperator)op, kind))
			g_ptr_array_add(words, g_strdup(filter_operator_text((FilterOperator)op)));
}

static void offer_names(GPtrArray *words, FilterField field, const char *typed, size_t n_typed)
{
	const char *name;
	uint32_t value;
	for (unsigned i = 0; (name = filter_name(field, i, &value)) != NULL; i++)
		offer(words, typed, n_typed, name);
}

char **filter_complete(const char *text, size_t cursor)
{
	size_t from;
	FilterField field = FIELD_N;
	Place place = find_place(text, MIN(cursor, strlen(text)), &from, &field);
	const char *typed = text + from;
	size_t n_typed = MIN(cursor, strlen(text)) - from;
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	if (place == PLACE_OPERATOR) {
		offer_names(words, field, typed, n_typed);
	} else if (place == PLACE_FIELD && n_typed == 0) {
		offer_operators(words, filter_field_info(field)->kind);
	} else {
		if (place == PLACE_END) {
			offer(words, typed, n_typed, "and");
			offer(words, typed, n_typed, "or");
		}
		offer_fields(words, typed, n_typed);
	}
	if (words->len == 0)
		return NULL;
	g_ptr_array_set_free_func(words, NULL);
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}
