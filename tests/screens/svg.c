/* SPDX-License-Identifier: MIT */
#include "tests/screens/svg.h"

#include <string.h>

enum { CELL_WIDTH = 8, CELL_HEIGHT = 17, BASELINE = 13, EDGE = 10 };

/* What terminals show by default, made a little softer for the eye. */
static const char *const shades[SHADE_N] = {
	"#1c1f24", "#d05c5c", "#6fb36f", "#c9a94e", "#4f7fc4", "#b47fc0", "#4fb0b5", "#c8ccd2",
	"#7b828c", "#ff7b72", "#8fd18f", "#e6c973", "#79aef0", "#d4a5de", "#76d3d8", "#ffffff",
};

static const char background[] = "#14171b", foreground[] = "#d5d9df";

/* How a cell looks once the cursor and the attributes are applied. */
typedef struct Paint {
	const char *ink, *paper; /* @paper NULL: as all around */
	bool bold, dim, underline;
} Paint;

static Paint paint_of(const Cell *cell, const Theme *theme)
{
	const Look *look = &theme->looks[theme_role(theme, cell)];
	Paint paint = {
		.ink = look->foreground < 0 ? foreground : shades[look->foreground],
		.paper = look->background < 0 ? NULL : shades[look->background],
		.bold = (look->attributes & LOOK_BOLD) != 0,
		.dim = (look->attributes & LOOK_DIM) != 0,
		.underline = (look->attributes & LOOK_UNDERLINE) != 0 || cell->marked,
	};
	if (((look->attributes & LOOK_REVERSE) != 0) != cell->cursor) {
		const char *ink = paint.paper == NULL ? background : paint.paper;
		paint.paper = paint.ink;
		paint.ink = ink;
	}
	return paint;
}

static bool same_paint(Paint a, Paint b)
{
	return a.ink == b.ink && a.paper == b.paper && a.bold == b.bold && a.dim == b.dim &&
	       a.underline == b.underline;
}

static void append_words(GString *out, int left, int top, Paint paint, const char *words)
{
	g_autofree char *escaped = g_markup_escape_text(words, -1);
	g_string_append_printf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s%s%s>%s</text>\n",
	                       left, top + BASELINE, text_width(words) * CELL_WIDTH, paint.ink,
	                       paint.bold ? " font-weight=\"bold\"" : "",
	                       paint.dim ? " opacity=\"0.6\"" : "",
	                       paint.underline ? " text-decoration=\"underline\"" : "", escaped);
}

/* Viewers fold blanks that follow one another: what stands between them is placed by itself. */
static void append_run(GString *out, int x, int y, int columns, Paint paint, const char *text)
{
	int left = EDGE + x * CELL_WIDTH, top = EDGE + y * CELL_HEIGHT;
	if (paint.paper != NULL)
		g_string_append_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n",
		                       left, top, columns * CELL_WIDTH, CELL_HEIGHT, paint.paper);
	while (*text != '\0') {
		size_t blanks = strspn(text, " ");
		text += blanks;
		left += (int)blanks * CELL_WIDTH;
		const char *end = strstr(text, "  ");
		size_t size = end == NULL ? strlen(text) : (size_t)(end - text);
		g_autofree char *words = g_strchomp(g_strndup(text, size));
		if (*words != '\0')
			append_words(out, left, top, paint, words);
		text += strlen(words);
		left += text_width(words) * CELL_WIDTH;
	}
}

static void append_row(GString *out, const Canvas *canvas, const Theme *theme, int y)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int columns = canvas_columns(canvas);
	for (int x = 0; x < columns;) {
		Paint paint = paint_of(canvas_cell(canvas, x, y), theme);
		int begin = x;
		g_string_truncate(text, 0);
		while (x < columns && same_paint(paint, paint_of(canvas_cell(canvas, x, y), theme)))
			g_string_append(text, canvas_cell(canvas, x++, y)->text);
		append_run(out, begin, y, x - begin, paint, text->str);
	}
}

char *svg_of(const Canvas *canvas, const Theme *theme)
{
	int width = 2 * EDGE + canvas_columns(canvas) * CELL_WIDTH;
	int height = 2 * EDGE + canvas_rows(canvas) * CELL_HEIGHT;
	GString *out = g_string_new(NULL);
	g_string_append_printf(
		out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- SPDX-License-Identifier: MIT -->\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\"\n"
		"     font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" "
		"font-size=\"13\">\n"
		"<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\"/>\n",
		width, height, width, height, width, height, background);
	for (int y = 0; y < canvas_rows(canvas); y++)
		append_row(out, canvas, theme, y);
	g_string_append(out, "</svg>\n");
	return g_string_free(out, FALSE);
}
