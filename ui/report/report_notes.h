/* SPDX-License-Identifier: MIT */
/*
 * report_notes: the findings as comments at the frames of a capture that is saved.
 *
 * "session lost here: expiry-absent (client pump-7; client-config, proven)" stands where a finding
 * shows, and what proves it at the frames of its evidence.
 */
#pragma once

#include "src/save_again.h"
#include "ui/report/report_private.h"

/* Of the findings about @clients, 1 for each that is wanted; NULL: those that @context selects.  New. */
FrameNotes *report_notes(const ReportContext *context, const uint8_t *clients);
/* Chooses for @saving the clients that @options select, and says at their frames what is to be said. */
void report_choose_frames(const Analysis *analysis, const ReportOptions *options, SaveRun *saving);
