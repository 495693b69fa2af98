/* SPDX-License-Identifier: MIT */
/*
 * filter: which clients to show, in a small language.
 *
 *   lost > 0 and (broker ~ "10\.0\." or state = kept) not version = 5.0
 *
 * FIELD OPERATOR VALUE, see filter_fields.def; = takes * and ? in a text as a glob, ~ is a regular
 * expression (case does not matter); durations are 5s 10m 2h 1d, times "10:15" or "2026-11-22 10:15:30"
 * (UTC).  A word alone: client, broker, cause or topic contains it.  "and" may be left out.  Blanks and
 * the signs of the language stand in quotation marks.
 */
#pragma once

#include <glib.h>

#include "src/verdict/roster.h"

enum {
	FILTER_LENGTH = 1000, /* octets at most */
	FILTER_DEPTH = 32,    /* of parentheses and nots */
	FILTER_TESTS = 100,
};

typedef struct RowFilter RowFilter;

/* NULL with *error, which names the column, if @text is no filter.  All rows fit "". */
RowFilter *row_filter_new(const char *text, GError **error);
void row_filter_free(RowFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowFilter, row_filter_free)

/* What there is to look at; @findings and @roster of the same verdict. */
typedef struct FilterScope {
	const Model *model;
	const GArray *findings;
	const Roster *roster;
	Instant now;
	const GPtrArray *incidents; /* of Incident *; NULL: none */
} FilterScope;

/* @client: of @scope->roster.  What is said of findings is true if it is of one of them. */
bool row_filter_fits(const RowFilter *filter, const FilterScope *scope, ClientIndex client);
/* The same for one finding: what is said of findings, messages and times is of this one. */
bool row_filter_fits_finding(const RowFilter *filter, const FilterScope *scope, uint32_t finding);

/* The words that can stand at octet @cursor of @text, in place of the one that is being typed there;
 * new, NULL-terminated; NULL: none. */
char **filter_complete(const char *text, size_t cursor);

#define ROW_FILTER_ERROR (row_filter_error_quark())
GQuark row_filter_error_quark(void);
