/* SPDX-License-Identifier: MIT */
/*
 * cells: a grid of character cells to draw a screen on.
 *
 * A cell holds text, its width and a role, never a colour.  Drawing is clipped to
 * an Area, a rectangle of the canvas with coordinates of its own; any size is
 * fine, nothing included.  The terminal shows a canvas, tests print it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum Role {
#define ROLE(id, ...) ROLE_##id,
#include "ui/screens/roles.def"
#undef ROLE
	ROLE_N,
} Role;

typedef enum Glyph {
#define GLYPH(id, ...) GLYPH_##id,
#include "ui/screens/glyphs.def"
#undef GLYPH
	GLYPH_N,
} Glyph;

enum { CELL_OCTETS = 14 };

typedef struct Cell {
	char text[CELL_OCTETS]; /* one character and its combining marks, UTF-8, NUL-terminated; "" for
	                         * the right half of a wide one */
	uint8_t role;           /* Role */
	bool cursor : 1;        /* of the row or field that is selected */
	bool marked : 1;        /* the user marked it */
} Cell;

typedef struct Canvas Canvas;

Canvas *canvas_new(void);
void canvas_free(Canvas *canvas);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canvas, canvas_free)
/* Begins a new picture: all blank.  @ascii: nothing but ASCII comes onto it. */
void canvas_begin(Canvas *canvas, int columns, int rows, bool ascii);
int canvas_columns(const Canvas *canvas);
int canvas_rows(const Canvas *canvas);
const Cell *canvas_cell(const Canvas *canvas, int x, int y);
/* The picture as lines of text without trailing blanks; with @roles a second picture follows,
 * a letter a cell for its role ('.' NORMAL, else from 'A' on; lower case under the cursor). */
char *canvas_print(const Canvas *canvas, bool roles);

typedef struct Area {
	Canvas *canvas;
	int x, y;
	int columns, rows; /* never negative */
} Area;

Area canvas_area(Canvas *canvas);
/* The part of @area that begins at @x, @y; cut to what there is. */
Area area_part(Area area, int x, int y, int columns, int rows);
void area_fill(Area area, Role role);

typedef enum Align { ALIGN_LEFT, ALIGN_RIGHT } Align;

/* @text is the program's own, or was escaped (ui/report/escape.h); control characters that are in it all
 * the same become '?'.  Draws what fits and gives the column behind it. */
int area_text(Area area, int x, int y, Role role, const char *text);
/* The same in exactly @width columns: padded, or cut with an ellipsis. */
int area_field(Area area, int x, int y, int width, Role role, Align align, const char *text);
int area_glyph(Area area, int x, int y, Role role, Glyph glyph);
/* Wraps @text at words from row @y on under @indent; gives the row behind it.  With rows beyond the
 * area (or columns 0) it draws nothing but counts. */
int area_paragraph(Area area, int y, int indent, Role role, const char *text);

void area_rule(Area area, int y, Role role);             /* across the area */
void area_upright(Area area, int x, Role role);          /* from top to bottom */
/* What is on row @y, or on part of it, is selected, or marked. */
void area_cursor(Area area, int x, int y, int columns);
void area_marked(Area area, int x, int y, int columns);

/* Columns that @text takes. */
int text_width(const char *text);
/* Octets of @text for one line of @columns: up to a blank where there is one; at least one character. */
size_t text_line_size(const char *text, int columns);
