/* SPDX-License-Identifier: MIT */
#include "ui/screens/cells.h"

#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/utf8.h"

struct Canvas {
	Cell *cells;
	size_t n_allocated;
	int columns, rows;
	bool ascii;
};

static const char *const glyphs[GLYPH_N][2] = {
#define GLYPH(id, unicode, ascii) [GLYPH_##id] = {unicode, ascii},
#include "ui/screens/glyphs.def"
#undef GLYPH
};

/* What the program's own words hold beyond ASCII. */
static const struct {
	uint32_t code;
	char ascii;
} plain[] = {
	{0x2009, ' '}, {0xA0, ' '},   {0xA7, 'S'},   {0xD7, 'x'},   {0xB1, '~'},   {0x2013, '-'},
	{0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x2264, '<'},
	{0x2265, '>'}, {0xB5, 'u'},   {0xB7, '.'},   {0x2022, '*'},
};

Canvas *canvas_new(void)
{
	return g_new0(Canvas, 1);
}

void canvas_free(Canvas *canvas)
{
	if (canvas == NULL)
		return;
	g_free(canvas->cells);
	g_free(canvas);
}

void canvas_begin(Canvas *canvas, int columns, int rows, bool ascii)
{
	canvas->columns = MAX(columns, 0);
	canvas->rows = MAX(rows, 0);
	canvas->ascii = ascii;
	size_t n = (size_t)canvas->columns * (size_t)canvas->rows;
	if (n > canvas->n_allocated) {
		canvas->cells = g_renew(Cell, canvas->cells, n);
		canvas->n_allocated = n;
	}
	for (size_t i = 0; i < n; i++)
		canvas->cells[i] = (Cell){.text = " "};
}

int canvas_columns(const Canvas *canvas)
{
	return canvas->columns;
}

int canvas_rows(const Canvas *canvas)
{
	return canvas->rows;
}

static Cell *cell_at(const Canvas *canvas, int x, int y)
{
	return &canvas->cells[(size_t)y * (size_t)canvas->columns + (size_t)x];
}

const Cell *canvas_cell(const Canvas *canvas, int x, int y)
{
	return cell_at(canvas, x, y);
}

static void append_line(GString *out, const GString *line)
{
	size_t size = line->len;
	while (size > 0 && line->str[size - 1] == ' ')
		size--;
	g_string_append_len(out, line->str, (gssize)size);
	g_string_append_c(out, '\n');
}

static char role_letter(const Cell *cell)
{
	if (cell->role == ROLE_NORMAL)
		return cell->cursor ? ',' : cell->marked ? ';' : '.';
	return (char)((cell->cursor ? 'a' : 'A') + cell->role - 1);
}

char *canvas_print(const Canvas *canvas, bool roles)
{
	GString *out = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new(NULL);
	for (int picture = 0; picture <= (int)roles; picture++) {
		for (int y = 0; y < canvas->rows; y++) {
			g_string_truncate(line, 0);
			for (int x = 0; x < canvas->columns; x++) {
				const Cell *cell = cell_at(canvas, x, y);
				if (picture == 0)
					g_string_append(line, cell->text);
				else
					g_string_append_c(line, role_letter(cell));
			}
			append_line(out, line);
		}
	}
	return g_string_free(out, FALSE);
}

Area canvas_area(Canvas *canvas)
{
	return (Area){canvas, 0, 0, canvas->columns, canvas->rows};
}

Area area_part(Area area, int x, int y, int columns, int rows)
{
	int left = CLAMP(x, 0, area.columns);
	int top = CLAMP(y, 0, area.rows);
	int right = (int)CLAMP((int64_t)x + columns, left, area.columns);
	int bottom = (int)CLAMP((int64_t)y + rows, top, area.rows);
	return (Area){area.canvas, area.x + left, area.y + top, right - left, bottom - top};
}

static bool inside(Area area, int x, int y)
{
	return x >= 0 && y >= 0 && x < area.columns && y < area.rows;
}

/* What a character leaves of its neighbours: no half of a wide one. */
static void make_room(const Canvas *canvas, int x, int y)
{
	Cell *cell = cell_at(canvas, x, y);
	if (cell->text[0] == '\0' && x > 0)
		strcpy(cell_at(canvas, x - 1, y)->text, " ");
	if (x + 1 < canvas->columns && cell_at(canvas, x + 1, y)->text[0] == '\0')
		strcpy(cell_at(canvas, x + 1, y)->text, " ");
}

static void put(Area area, int x, int y, Role role, const char *text, size_t size, int width)
{
	if (!inside(area, x, y) || !inside(area, x + width - 1, y))
		return;
	for (int i = 0; i < width; i++)
		make_room(area.canvas, area.x + x + i, area.y + y);
	Cell *cell = cell_at(area.canvas, area.x + x, area.y + y);
	memcpy(cell->text, text, MIN(size, (size_t)CELL_OCTETS - 1));
	cell->text[MIN(size, (size_t)CELL_OCTETS - 1)] = '\0';
	cell->role = (uint8_t)role;
	if (width == 2) {
		cell[1].text[0] = '\0';
		cell[1].role = (uint8_t)role;
	}
}

/* A combining mark joins the character before it; what does not fit any more is left out. */
static void join(Area area, int x, int y, const char *text, size_t size)
{
	if (!inside(area, x, y))
		return;
	Cell *cell = cell_at(area.canvas, area.x + x, area.y + y);
	if (cell->text[0] == '\0' && x > 0)
		cell--; /* to the left half of a wide one */
	size_t before = strlen(cell->text);
	if (before == 0 || before + size >= CELL_OCTETS)
		return;
	memcpy(cell->text + before, text, size);
	cell->text[before + size] = '\0';
}

static char in_ascii(uint32_t code, const char *text, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
		if (plain[i].code == code)
			return plain[i].ascii;
	for (unsigned i = 0; i < GLYPH_N; i++)
		if (strlen(glyphs[i][0]) == size && memcmp(glyphs[i][0], text, size) == 0)
			return glyphs[i][1][0];
	return '?';
}

/* One character of the text that ends at @end; *size octets, *code '?' if it must not be shown. */
static unsigned next_character(const char *text, size_t left, uint32_t *code)
{
	unsigned size = utf8_decode((ByteSpan){(const uint8_t *)text, left}, code);
	if (size == 0 || escape_is_deceptive(*code)) {
		*code = '?';
		return MAX(size, 1u);
	}
	return size;
}

static int code_width(uint32_t code)
{
	if (code < 0x300)
		return 1;
	if (g_unichar_iszerowidth(code))
		return 0;
	return g_unichar_iswide(code) ? 2 : 1;
}

/* Draws at most @limit columns of @text; gives the column behind. */
static int draw_text(Area area, int x, int y, int limit, Role role, const char *text, size_t size)
{
	int end = x + limit;
	for (size_t at = 0; at < size && x <= end;) {
		uint32_t code;
		unsigned octets = next_character(text + at, size - at, &code);
		int width = code_width(code);
		if (x + width > end)
			break;
		if (width == 0)
			join(area, x - 1, y, text + at, octets);
		else if (code == '?')
			put(area, x, y, role, "?", 1, 1);
		else if (code > 0x7E && area.canvas->ascii)
			put(area, x, y, role, (char[]){in_ascii(code, text + at, octets), '\0'}, 1, 1);
		else
			put(area, x, y, role, text + at, octets, width);
		if (width == 2 && code != '?' && area.canvas->ascii)
			put(area, x + 1, y, role, "?", 1, 1);
		x += width;
		at += octets;
	}
	return x;
}

int text_width(const char *text)
{
	int width = 0;
	for (size_t at = 0, size = strlen(text); at < size;) {
		uint32_t code;
		at += next_character(text + at, size - at, &code);
		width += code_width(code);
	}
	return width;
}

int area_text(Area area, int x, int y, Role role, const char *text)
{
	return draw_text(area, x, y, MAX(area.columns - x, 0), role, text, strlen(text));
}

static int draw_field(Area area, int x, int y, int width, Role role, Align align, const char *text)
{
	if (width <= 0)
		return x;
	int wanted = text_width(text);
	for (int i = 0; i < width; i++)
		put(area, x + i, y, role, " ", 1, 1);
	if (wanted <= width) {
		int indent = align == ALIGN_RIGHT ? width - wanted : 0;
		draw_text(area, x + indent, y, width - indent, role, text, strlen(text));
		return x + width;
	}
	int end = draw_text(area, x, y, width - 1, role, text, strlen(text));
	area_glyph(area, end, y, role, GLYPH_ELLIPSIS);
	return x + width;
}

int area_field(Area area, int x, int y, int width, Role role, Align align, const char *text)
{
	return draw_field(area, x, y, width, role, align, text);
}

int area_glyph(Area area, int x, int y, Role role, Glyph glyph)
{
	const char *text = glyphs[glyph][area.canvas->ascii];
	put(area, x, y, role, text, strlen(text), 1);
	return x + 1;
}

size_t text_line_size(const char *text, int columns)
{
	size_t fits = text_fit(text, (unsigned)columns);
	if (text[fits] == '\0')
		return fits;
	for (size_t at = fits; at > 0; at--)
		if (text[at] == ' ')
			return at;
	uint32_t code;
	return fits > 0 ? fits : next_character(text, strlen(text), &code);
}

int area_paragraph(Area area, int y, int indent, Role role, const char *text)
{
	int columns = area.columns - indent;
	if (columns <= 0)
		return y;
	while (*text != '\0') {
		const char *end = text + strcspn(text, "\n");
		g_autofree char *line = g_strndup(text, (size_t)(end - text));
		const char *rest = line;
		do {
			size_t size = text_line_size(rest, columns);
			draw_text(area, indent, y++, columns, role, rest, size);
			rest += size;
			rest += strspn(rest, " ");
		} while (*rest != '\0');
		text = *end == '\n' ? end + 1 : end;
	}
	return y;
}

void area_fill(Area area, Role role)
{
	for (int y = 0; y < area.rows; y++)
		for (int x = 0; x < area.columns; x++)
			put(area, x, y, role, " ", 1, 1);
}

void area_rule(Area area, int y, Role role)
{
	for (int x = 0; x < area.columns; x++)
		area_glyph(area, x, y, role, GLYPH_HORIZONTAL);
}

void area_upright(Area area, int x, Role role)
{
	for (int y = 0; y < area.rows; y++)
		area_glyph(area, x, y, role, GLYPH_VERTICAL);
}

void area_cursor(Area area, int x, int y, int columns)
{
	for (int i = MAX(x, 0); i < x + columns; i++)
		if (inside(area, i, y))
			cell_at(area.canvas, area.x + i, area.y + y)->cursor = true;
}

void area_marked(Area area, int x, int y, int columns)
{
	for (int i = MAX(x, 0); i < x + columns; i++)
		if (inside(area, i, y))
			cell_at(area.canvas, area.x + i, area.y + y)->marked = true;
}
