/* SPDX-License-Identifier: MIT */
#include "ui/report/paint.h"

#include <string.h>

#include "ui/report/escape.h"

enum { NARROWEST = 40, FLUSH_SIZE = 64 * 1024, GUTTER = 2 };

void page_init(Page *page, FILE *out, unsigned width, bool color)
{
	*page = (Page){
		.out = out,
		.text = g_string_new(NULL),
		.width = width == 0 ? 100 : MAX(width, (unsigned)NARROWEST),
		.color = color,
	};
}

bool page_flush(Page *page)
{
	if (!page->failed && fwrite(page->text->str, 1, page->text->len, page->out) != page->text->len)
		page->failed = true;
	g_string_truncate(page->text, 0);
	return !page->failed;
}

void page_clear(Page *page)
{
	g_string_free(page->text, TRUE);
	page->text = NULL;
}

static const char *ink_sequence(Ink ink)
{
	switch (ink) {
	case INK_PLAIN:
		return NULL;
	case INK_HEADING:
	case INK_STRONG:
		return "\033[1m";
	case INK_FAINT:
		return "\033[2m";
	case INK_LOSS:
		return "\033[1;31m";
	case INK_RISK:
		return "\033[1;33m";
	case INK_NOTE:
		return "\033[36m";
	case INK_GOOD:
		return "\033[32m";
	}
	return NULL;
}

static void put_span(Page *page, Ink ink, const char *text, size_t size)
{
	const char *sequence = page->color ? ink_sequence(ink) : NULL;
	if (sequence != NULL)
		g_string_append(page->text, sequence);
	g_string_append_len(page->text, text, (gssize)size);
	if (sequence != NULL)
		g_string_append(page->text, "\033[0m");
}

void page_put(Page *page, Ink ink, const char *text)
{
	put_span(page, ink, text, strlen(text));
}

static void put_spaces(Page *page, unsigned n)
{
	static const char spaces[] = "                                ";
	for (unsigned part; n > 0; n -= part) {
		part = MIN(n, (unsigned)sizeof spaces - 1);
		g_string_append_len(page->text, spaces, (gssize)part);
	}
}

void page_blank(Page *page)
{
	g_string_append_c(page->text, '\n');
	if (page->text->len > FLUSH_SIZE)
		page_flush(page);
}

void page_heading(Page *page, const char *heading)
{
	page_blank(page);
	page_put(page, INK_HEADING, heading);
	unsigned columns = text_columns(heading) + 1;
	g_autoptr(GString) rule = g_string_new(" ");
	for (; columns < page->width; columns++)
		g_string_append(rule, "─");
	page_put(page, INK_FAINT, rule->str);
	page_blank(page);
}

/* Octets of @text that go on a line of @columns: whole words, or as much of one as fits where it
 * is longer than a line. */
static size_t line_size(const char *text, unsigned columns)
{
	size_t fits = text_fit(text, columns);
	if (text[fits] == '\0' || text[fits] == ' ')
		return fits;
	for (size_t size = fits; size > 0; size--) {
		if (text[size] == ' ')
			return size;
	}
	return fits > 0 ? fits : strlen(text);
}

static void put_wrapped(Page *page, unsigned indent, Ink ink, const char *text)
{
	unsigned columns = page->width > indent + 20 ? page->width - indent : 20;
	for (;;) {
		size_t size = line_size(text, columns);
		put_span(page, ink, text, size);
		page_blank(page);
		text += size;
		text += strspn(text, " ");
		if (*text == '\0')
			return;
		put_spaces(page, indent);
	}
}

void page_item(Page *page, Item item, const char *text)
{
	put_spaces(page, item.indent);
	if (item.label != NULL) {
		unsigned columns = text_columns(item.label);
		page_put(page, item.label_ink, item.label);
		put_spaces(page, item.label_width > columns ? item.label_width - columns : 1);
	}
	put_wrapped(page, item.indent + item.label_width, item.ink, text);
}

void page_paragraph(Page *page, unsigned indent, const char *text)
{
	page_item(page, (Item){.indent = indent}, text);
}

typedef struct Cell {
	char *text;
	Ink ink;
} Cell;

struct Table {
	GArray *cells; /* of Cell */
	unsigned n_columns;
	unsigned flexible;
};

static void cell_clear(gpointer cell)
{
	g_free(((Cell *)cell)->text);
}

Table *table_new(const char *const *headings, unsigned n_columns, unsigned flexible)
{
	g_assert(n_columns > 0 && flexible < n_columns);
	Table *table = g_new(Table, 1);
	*table = (Table){g_array_new(FALSE, FALSE, sizeof(Cell)), n_columns, flexible};
	g_array_set_clear_func(table->cells, cell_clear);
	for (unsigned i = 0; i < n_columns; i++)
		table_add(table, INK_FAINT, g_strdup(headings[i]));
	return table;
}

void table_add(Table *table, Ink ink, char *text)
{
	Cell cell = {text, ink};
	g_array_append_val(table->cells, cell);
}

void table_free(Table *table)
{
	g_array_unref(table->cells);
	g_free(table);
}

static void measure_columns(const Table *table, unsigned *widths)
{
	for (guint i = 0; i < table->cells->len; i++) {
		unsigned columns = text_columns(g_array_index(table->cells, Cell, i).text);
		unsigned *width = &widths[i % table->n_columns];
		*width = MAX(*width, columns);
	}
}

/* Takes from the flexible column what is too much for the page. */
static void fit_columns(const Table *table, unsigned *widths, unsigned available)
{
	unsigned total = GUTTER * (table->n_columns - 1);
	for (unsigned i = 0; i < table->n_columns; i++)
		total += widths[i];
	unsigned *flexible = &widths[table->flexible];
	unsigned excess = total > available ? total - available : 0;
	unsigned least = MIN(*flexible, 12u);
	*flexible = *flexible > excess + least ? *flexible - excess : least;
	if (excess == 0)
		measure_columns(table, widths);
}

static void put_cell(Page *page, const Cell *cell, unsigned width, bool last)
{
	unsigned columns = text_columns(cell->text);
	if (columns <= width) {
		page_put(page, cell->ink, cell->text);
	} else {
		put_span(page, cell->ink, cell->text, text_fit(cell->text, width - 1));
		page_put(page, cell->ink, "…");
		columns = width;
	}
	if (!last)
		put_spaces(page, (width > columns ? width - columns : 0) + GUTTER);
}

void table_print(Page *page, Table *table, unsigned indent)
{
	g_autofree unsigned *widths = g_new0(unsigned, table->n_columns);
	measure_columns(table, widths);
	fit_columns(table, widths, page->width - indent);
	for (guint i = 0; i < table->cells->len; i++) {
		unsigned column = i % table->n_columns;
		bool last = column + 1 == table->n_columns;
		if (column == 0)
			put_spaces(page, indent);
		put_cell(page, &g_array_index(table->cells, Cell, i), widths[column], last);
		if (last)
			page_blank(page);
	}
}
