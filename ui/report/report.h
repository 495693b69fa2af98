/* SPDX-License-Identifier: MIT */
/*
 * report: the headless views of an analysis.
 *
 * They print what the model and the findings say and compute nothing but counts
 * over what is selected.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "src/analysis.h"

typedef enum ReportFormat {
	REPORT_TEXT,
	REPORT_JSON,   /* schema mqlapse.report/1 */
	REPORT_NDJSON, /* the same objects, one a line */
	REPORT_CSV,    /* RFC 4180, one row a finding */
	REPORT_MARKDOWN,
	REPORT_HTML,
	REPORT_UNKNOWN,
} ReportFormat;

typedef struct ReportOptions {
	ReportFormat format;
	const GPtrArray *client_globs; /* of char *; NULL: all clients */
	bool redact;                   /* hide user names, topics and filters */
	const char *redact_key;        /* tokens follow from it; NULL: a new one each time */
	bool color;                    /* ANSI, in the text report alone */
	unsigned width;                /* columns of the text report; 0: 100 */
} ReportOptions;

/* REPORT_UNKNOWN if there is no such format; NULL is text. */
ReportFormat report_format_by_name(const char *name);
/* The names of all; static, NULL-terminated. */
const char *const *report_format_names(void);

/* Writes the report to @out and flushes it.  Fails (MQLAPSE_REPORT_ERROR) if @out does not take
 * it or the format is not in this version. */
bool report_write(const Analysis *analysis, const ReportOptions *options, FILE *out,
                  GError **error);

#define MQLAPSE_REPORT_ERROR (report_error_quark())
GQuark report_error_quark(void);
typedef enum ReportError {
	REPORT_ERROR_WRITE,
	REPORT_ERROR_FORMAT,
} ReportError;
