/* SPDX-License-Identifier: MIT */
/*
 * explain: a cause as a page of text, and all of them as a list.
 *
 * Plain UTF-8 without colours; the text does not depend on any capture.
 */
#pragma once

#include <glib.h>

#include "src/verdict/cause.h"

enum {
	EXPLAIN_WIDTH = 80,     /* the default */
	EXPLAIN_WIDTH_MIN = 72, /* narrower ones are taken as this */
};

/* Appends what --explain prints for @cause, wrapped at @width columns (0: the default).  A
 * longer word, none in the tables, would be left whole.  Nothing for CAUSE_NONE. */
void explain_cause(CauseId cause, GString *out, unsigned width);

/* Appends what --list-causes prints: name, responsible, headline, one line a cause. */
void explain_list(GString *out);
