/* SPDX-License-Identifier: MIT */
/*
 * search: goes through the rows of a screen for a regular expression, piece by piece.
 */
#pragma once

#include "ui/screens/screen.h"

typedef enum SearchState {
	SEARCH_IDLE,  /* nothing is looked for, or it was found */
	SEARCH_GOES_ON,
	SEARCH_FOUND, /* just now: the screen has selected it */
	SEARCH_VAIN,  /* all rows were looked at */
} SearchState;

typedef struct Search {
	char *text;     /* what was looked for last; NULL: nothing */
	GRegex *pattern;
	Screen *screen; /* whose rows; NULL: idle */
	uint32_t n;     /* of its rows, as search began */
	uint32_t at;    /* the next to look at */
	uint32_t left;  /* rows that were not looked at */
	bool backwards;
} Search;

void search_clear(Search *search);
/* Other words.  False with *error: they are no regular expression. */
bool search_set(Search *search, const char *text, GError **error);
/* From the row that is selected on, or from the one after it (@backwards: before it), round to it again.
 * False: there is nothing to look for, or @screen cannot be searched. */
bool search_begin(Search *search, Screen *screen, const View *view, bool backwards, bool from_here);
/* No further; @screen will not be looked into any more. */
void search_stop(Search *search);
/* Goes on until about @until (µs, monotonic). */
SearchState search_work(Search *search, const View *view, int64_t until);
/* The part of the rows that was looked at, 0 to 1; negative: it is idle. */
double search_done(const Search *search);
