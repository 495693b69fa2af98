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
	bool jumped;    /* see scroller_jump(); until the next scroller_fit() */
} Scroller;

/* Before drawing: there are @n rows, and room for @rows.  Keeps the cursor in range and in sight. */
void scroller_fit(Scroller *scroller, int64_t n, int rows);
/* Selects @row, not as a step from the one before: if it is out of sight, it comes into the middle, so that what is
 * around it is seen as well. */
void scroller_jump(Scroller *scroller, int64_t row);
/* UP, DOWN, PAGE_UP, PAGE_DOWN, TOP, BOTTOM; false for others.  @n as in scroller_fit(). */
bool scroller_act(Scroller *scroller, Action action, int64_t n);
