/* SPDX-License-Identifier: MIT */
/*
 * paint: lines of text on a page of some width, in colour where wanted.
 *
 * Colour repeats what a word or a glyph says already.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum Ink {
	INK_PLAIN,
	INK_HEADING,
	INK_STRONG,
	INK_FAINT,
	INK_LOSS,
	INK_RISK,
	INK_NOTE,
	INK_GOOD,
} Ink;

typedef struct Page {
	FILE *out;
	GString *text; /* not yet written */
	unsigned width;
	bool color;
	bool failed; /* @out took not everything; errno tells why */
} Page;

void page_init(Page *page, FILE *out, unsigned width, bool color);
/* Writes what waits; false if anything was not written since the beginning. */
bool page_flush(Page *page);
void page_clear(Page *page);

void page_blank(Page *page);
/* A heading with a rule behind it, after a blank line. */
void page_heading(Page *page, const char *heading);
/* A label in a column of @label_width (0 for none) at @indent, then @text, wrapped at the page's
 * width under its own beginning. */
typedef struct Item {
	unsigned indent;
	unsigned label_width;
	const char *label;
	Ink label_ink;
	Ink ink;
} Item;
void page_item(Page *page, Item item, const char *text);
void page_paragraph(Page *page, unsigned indent, const char *text);
/* @text in @ink, without a line break. */
void page_put(Page *page, Ink ink, const char *text);

/* A table that is as wide as what it holds; its @flexible column gives way. */
typedef struct Table Table;
Table *table_new(const char *const *headings, unsigned n_columns, unsigned flexible);
/* Takes the next cell's text over; a row is full after n_columns. */
void table_add(Table *table, Ink ink, char *text);
void table_print(Page *page, Table *table, unsigned indent);
void table_free(Table *table);
