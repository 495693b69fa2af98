/* SPDX-License-Identifier: MIT */
/*
 * text_rows: lines of text as rows of a screen that may be narrower than they are.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct TextRow {
	char *text;
	uint32_t line; /* of which it is, or a part */
} TextRow;

/* @lines: NULL-terminated.  What does not fit goes on below, indented as the last column of a table, or a
 * little more than the line itself.  Of TextRow, new. */
GArray *text_rows(char **lines, int columns);
