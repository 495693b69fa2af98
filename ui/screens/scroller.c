/* SPDX-License-Identifier: MIT */
#include "ui/screens/scroller.h"

#include <glib.h>

void scroller_fit(Scroller *scroller, int64_t n, int rows)
{
	scroller->rows = MAX(rows, 0);
	scroller->cursor = CLAMP(scroller->cursor, 0, MAX(n - 1, 0));
	bool seen = scroller->cursor >= scroller->top && scroller->cursor < scroller->top + rows;
	if (scroller->jumped && !seen)
		scroller->top = scroller->cursor - rows / 2;
	scroller->jumped = false;
	if (scroller->cursor < scroller->top)
		scroller->top = scroller->cursor;
	if (rows > 0 && scroller->cursor >= scroller->top + rows)
		scroller->top = scroller->cursor - rows + 1;
	scroller->top = CLAMP(scroller->top, 0, MAX(n - rows, 0));
}

void scroller_jump(Scroller *scroller, int64_t row)
{
	scroller->jumped |= row != scroller->cursor;
	scroller->cursor = row;
}

bool scroller_act(Scroller *scroller, Action action, int64_t n)
{
	int64_t page = MAX(scroller->rows - 1, 1);
	int64_t to = scroller->cursor;
	if (action == ACTION_UP)
		to--;
	else if (action == ACTION_DOWN)
		to++;
	else if (action == ACTION_PAGE_UP)
		to -= page;
	else if (action == ACTION_PAGE_DOWN)
		to += page;
	else if (action == ACTION_TOP)
		to = 0;
	else if (action == ACTION_BOTTOM)
		to = n - 1;
	else
		return false;
	scroller->cursor = CLAMP(to, 0, MAX(n - 1, 0));
	return true;
}
