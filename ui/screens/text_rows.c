/* SPDX-License-Identifier: MIT */
#include "ui/screens/text_rows.h"

#include <string.h>

#include "ui/screens/cells.h"

enum { DEEPER = 2 };

static void row_clear(void *row)
{
	g_free(((TextRow *)row)->text);
}

static void add(GArray *rows, char *text, uint32_t line)
{
	TextRow row = {.text = text, .line = line};
	g_array_append_val(rows, row);
}

static int width_of(const char *text, size_t size)
{
	g_autofree char *part = g_strndup(text, size);
	return text_width(part);
}

/* Where the last column of a table begins: behind two blanks or more. */
static const char *last_column(const char *text)
{
	const char *last = text + strspn(text, " ");
	for (const char *at = last; *at != '\0'; at++)
		if (at[0] == ' ' && at[1] == ' ')
			last = at + strspn(at, " ");
	return last;
}

/* Columns of a table that has no room stand close together. */
static char *squeeze(const char *text)
{
	size_t indent = strspn(text, " ");
	GString *out = g_string_new_len(text, (gssize)indent);
	for (const char *at = text + indent; *at != '\0'; at++)
		if (at[0] != ' ' || at[1] != ' ' || at[2] != ' ')
			g_string_append_c(out, *at);
	return g_string_free(out, FALSE);
}

static void wrap(GArray *rows, const char *text, uint32_t line, int columns, int indent)
{
	bool begins = true;
	while (*text != '\0' || begins) {
		int room = MAX(begins ? columns : columns - indent, 1);
		size_t size = text_line_size(text, room);
		g_autofree char *part = g_strndup(text, size);
		add(rows, g_strdup_printf("%*s%s", begins ? 0 : indent, "", part), line);
		text += size;
		text += strspn(text, " ");
		begins = false;
	}
}

static void add_line(GArray *rows, const char *text, uint32_t line, int columns)
{
	if (text_width(text) <= columns) {
		add(rows, g_strdup(text), line);
		return;
	}
	int hang = width_of(text, (size_t)(last_column(text) - text));
	if (hang <= columns / 2 && hang > 0) {
		wrap(rows, text, line, columns, hang);
		return;
	}
	g_autofree char *close = squeeze(text);
	wrap(rows, close, line, columns, MIN((int)strspn(text, " ") + DEEPER, columns / 2));
}

GArray *text_rows(char **lines, int columns)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(TextRow));
	g_array_set_clear_func(rows, row_clear);
	for (uint32_t line = 0; lines[line] != NULL; line++)
		add_line(rows, lines[line], line, MAX(columns, 1));
	return rows;
}
