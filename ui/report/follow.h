/* SPDX-License-Identifier: MIT */
/*
 * follow: what happens, as lines of ndjson while the input goes on.
 *
 * It looks at the model now and then and tells what changed; a connection is
 * looked at until it is closed.
 */
#pragma once

#include "ui/report/report.h"

typedef struct Follow Follow;

/* @options: client_globs, redact, redact_key; they and @model outlive it. */
Follow *follow_new(const Model *model, const ReportOptions *options, FILE *out);
/* Writes and flushes a line for each event since the last call, by time; false if @out took not all. */
bool follow_take(Follow *follow);
void follow_free(Follow *follow);
