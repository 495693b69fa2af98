/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ui/screens/cells.h"

typedef struct Easel {
	Canvas *canvas;
	Area area;
} Easel;

static Easel easel(int columns, int rows, bool ascii)
{
	Easel made = {.canvas = canvas_new()};
	canvas_begin(made.canvas, columns, rows, ascii);
	made.area = canvas_area(made.canvas);
	return made;
}

static void assert_picture(Easel made, const char *expected)
{
	char *picture = canvas_print(made.canvas, false);
	assert_string_equal(picture, expected);
	g_free(picture);
	canvas_free(made.canvas);
}

static void text_is_cut_at_the_edge(void **state)
{
	(void)state;
	Easel made = easel(5, 1, false);
	assert_int_equal(area_text(made.area, 2, 0, ROLE_NORMAL, "abcdef"), 5);
	assert_picture(made, "  abc\n");
}

static void text_that_begins_left_of_the_area_shows_its_end(void **state)
{
	(void)state;
	Easel made = easel(4, 1, false);
	area_text(made.area, -2, 0, ROLE_NORMAL, "abcdef");
	assert_picture(made, "cdef\n");
}

static void a_field_is_padded_or_ends_in_an_ellipsis(void **state)
{
	(void)state;
	Easel made = easel(12, 3, false);
	assert_int_equal(area_field(made.area, 0, 0, 6, ROLE_NORMAL, ALIGN_LEFT, "ab"), 6);
	area_text(made.area, 6, 0, ROLE_NORMAL, "|");
	area_field(made.area, 0, 1, 6, ROLE_NORMAL, ALIGN_RIGHT, "ab");
	area_field(made.area, 0, 2, 6, ROLE_NORMAL, ALIGN_LEFT, "abcdefgh");
	assert_picture(made, "ab    |\n    ab\nabcde…\n");
}

static void a_wide_character_is_never_cut_in_half(void **state)
{
	(void)state;
	Easel made = easel(8, 2, false);
	area_field(made.area, 0, 0, 4, ROLE_NORMAL, ALIGN_LEFT, "温度計");
	area_field(made.area, 0, 1, 5, ROLE_NORMAL, ALIGN_LEFT, "温度計");
	assert_picture(made, "温…\n温度…\n");
}

static void what_is_drawn_over_half_a_wide_character_takes_it_away(void **state)
{
	(void)state;
	Easel made = easel(6, 1, false);
	area_text(made.area, 0, 0, ROLE_NORMAL, "温度");
	area_text(made.area, 1, 0, ROLE_NORMAL, "x");
	assert_picture(made, " x度\n");
}

static void combining_marks_stay_with_their_character(void **state)
{
	(void)state;
	Easel made = easel(3, 1, false);
	assert_int_equal(area_text(made.area, 0, 0, ROLE_NORMAL, "e\xCC\x81x"), 2);
	assert_string_equal(canvas_cell(made.canvas, 0, 0)->text, "e\xCC\x81");
	assert_string_equal(canvas_cell(made.canvas, 1, 0)->text, "x");
	canvas_free(made.canvas);
}

static void a_heap_of_combining_marks_does_not_overflow_its_cell(void **state)
{
	(void)state;
	Easel made = easel(3, 1, false);
	g_autoptr(GString) text = g_string_new("e");
	for (int i = 0; i < 1000; i++)
		g_string_append(text, "\xCC\x81");
	assert_int_equal(area_text(made.area, 0, 0, ROLE_NORMAL, text->str), 1);
	assert_true(strlen(canvas_cell(made.canvas, 0, 0)->text) < CELL_OCTETS);
	canvas_free(made.canvas);
}

static void nothing_that_moves_a_cursor_comes_through(void **state)
{
	(void)state;
	Easel made = easel(40, 2, false);
	area_text(made.area, 0, 0, ROLE_NORMAL, "a\033[2Jb\r\n");
	area_field(made.area, 0, 1, 20, ROLE_NORMAL, ALIGN_LEFT, "x\xE2\x80\xAEy\xFF");
	assert_picture(made, "a?[2Jb??\nx?y?\n");
}

static void ascii_shows_no_octet_beyond_ascii(void **state)
{
	(void)state;
	Easel made = easel(10, 3, true);
	area_text(made.area, 0, 0, ROLE_NORMAL, "12\xE2\x80\x89""345 § é");
	area_text(made.area, 0, 1, ROLE_NORMAL, "温x");
	area_glyph(made.area, 0, 2, ROLE_NORMAL, GLYPH_LOSS);
	assert_picture(made, "12 345 S ?\n??x\nX\n");
}

static void a_paragraph_wraps_at_words_and_counts_its_rows(void **state)
{
	(void)state;
	Easel made = easel(10, 5, false);
	int rows = area_paragraph(made.area, 0, 2, ROLE_NORMAL, "one two three fourteenth");
	assert_int_equal(rows, 4);
	assert_picture(made, "  one two\n  three\n  fourteen\n  th\n\n");
}

static void an_area_of_nothing_takes_everything(void **state)
{
	(void)state;
	for (int columns = 0; columns < 4; columns++) {
		for (int rows = 0; rows < 4; rows++) {
			Easel made = easel(columns, rows, false);
			area_rule(made.area, 0, ROLE_RULE);
			area_upright(made.area, 0, ROLE_RULE);
			Area inner = area_part(made.area, 1, 1, columns - 2, rows - 2);
			area_text(inner, 0, 0, ROLE_NORMAL, "text");
			area_field(inner, -3, -1, 9, ROLE_NORMAL, ALIGN_RIGHT, "温");
			area_paragraph(inner, 0, 0, ROLE_NORMAL, "words and words");
			area_cursor(inner, -5, 0, 99);
			assert_true(inner.columns >= 0 && inner.rows >= 0);
			canvas_free(made.canvas);
		}
	}
}

static void a_part_lies_within_its_whole(void **state)
{
	(void)state;
	Easel made = easel(10, 10, false);
	Area part = area_part(made.area, 8, 8, INT32_MAX, INT32_MAX);
	assert_int_equal(part.columns, 2);
	assert_int_equal(part.rows, 2);
	part = area_part(made.area, 20, -5, 3, 3);
	assert_int_equal(part.columns, 0);
	canvas_free(made.canvas);
}

static void the_second_picture_tells_roles_and_cursor(void **state)
{
	(void)state;
	Easel made = easel(3, 1, false);
	area_text(made.area, 0, 0, ROLE_STRONG, "a");
	area_text(made.area, 1, 0, ROLE_STRONG, "b");
	area_cursor(made.area, 1, 0, 1);
	char *picture = canvas_print(made.canvas, true);
	assert_string_equal(picture, "ab\nAa.\n");
	g_free(picture);
	canvas_free(made.canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_at_the_edge),
		cmocka_unit_test(text_that_begins_left_of_the_area_shows_its_end),
		cmocka_unit_test(a_field_is_padded_or_ends_in_an_ellipsis),
		cmocka_unit_test(a_wide_character_is_never_cut_in_half),
		cmocka_unit_test(what_is_drawn_over_half_a_wide_character_takes_it_away),
		cmocka_unit_test(combining_marks_stay_with_their_character),
		cmocka_unit_test(a_heap_of_combining_marks_does_not_overflow_its_cell),
		cmocka_unit_test(nothing_that_moves_a_cursor_comes_through),
		cmocka_unit_test(ascii_shows_no_octet_beyond_ascii),
		cmocka_unit_test(a_paragraph_wraps_at_words_and_counts_its_rows),
		cmocka_unit_test(an_area_of_nothing_takes_everything),
		cmocka_unit_test(a_part_lies_within_its_whole),
		cmocka_unit_test(the_second_picture_tells_roles_and_cursor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
