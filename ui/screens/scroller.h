/* SPDX-License-Identifier: MIT */
/*
 * scroller: which of many rows is selected, and which are on the screen.
 */
#pragma once

#include "ui/screens/action.h"

typedef struct Scroller {
	int64_t cursor; /* the selected row; 0 if there are none */
	int64_t top;    /* the first row shown */
	int rows;       /* shown at once, as of the last scroller_fit() */
} Scroller;

/* Before drawing: there are @n rows, and room for @rows.  Keeps the cursor in range and in sight. */
void scroller_fit(Scroller *scroller, int64_t n, int rows);
/* UP, DOWN, PAGE_UP, PAGE_DOWN, TOP, BOTTOM; false for others.  @n as in scroller_fit(). */
bool scroller_act(Scroller *scroller, Action action, int64_t n);
