/* SPDX-License-Identifier: MIT */
/*
 * follow: what happens, as lines of ndjson while the input goes on.
 *
 * It looks at the model now and then and tells what changed; a connection is
 * looked at until it is closed.  Findings are told once nothing that comes can
 * change who is responsible.
 */
#pragma once

#include "src/early.h"
#include "ui/report/report.h"

typedef struct Follow Follow;

/* @options: client_globs, redact, redact_key; they and what is in @early outlive it.  It watches @pipeline,
 * to which nothing was given yet, until it is freed. */
Follow *follow_new(const Early *early, Pipeline *pipeline, const ReportOptions *options, FILE *out);
/* Writes and flushes a line for each event since the last call, by time; false if @out took not all. */
bool follow_take(Follow *follow);
void follow_free(Follow *follow);
