/* SPDX-License-Identifier: MIT */
/*
 * clients_lines: the small timelines in the list of clients.
 */
#pragma once

#include "src/verdict/lifeline.h"
#include "ui/screens/screen.h"

/* The lifelines of the rows that show, kept for one verdict. */
typedef struct LineCache LineCache;

LineCache *line_cache_new(void);
void line_cache_free(LineCache *cache);
/* Valid until the next verdict or the next call; never NULL. */
const Lifeline *line_cache_get(LineCache *cache, const View *view, ClientIndex client);

/* What the timelines span. */
typedef struct TimeWindow {
	Instant from, to; /* unknown, or not apart: nothing to show */
} TimeWindow;

/* A part of the capture: a 2^@zoom-th, of which @shift more lie behind it. */
TimeWindow time_window(const View *view, unsigned zoom, unsigned shift);
bool time_window_empty(const TimeWindow *window);

/* One row, from column 0 of @area on. */
void draw_line(Area area, const View *view, const Lifeline *line, const TimeWindow *window);
/* The times of a few columns on row 0 of @area, and a line with their ticks on row 1. */
void draw_axis(Area area, const View *view, const TimeWindow *window);
