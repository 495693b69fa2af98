/* SPDX-License-Identifier: MIT */
/*
 * capture_notes: what there is to say of a capture as a whole, for the reports in words: where it was taken,
 * what is missing from it, what in it breaks the standard, and what was no MQTT.
 */
#pragma once

#include "ui/report/report_private.h"

typedef struct CaptureNote {
	char *label; /* "holes", "3 ×", "2 connections" */
	char *text;  /* both escaped for a terminal */
} CaptureNote;

/* "6 connections, 53 packets, 4 clients, 10.20.0.5:1883"; free with g_free(). */
char *mqtt_sentence(const ReportContext *context);
/* Where it was taken, and whether that was told or inferred. */
const char *vantage_sentence(const DiagnoseOptions *options);

/* Of CaptureNote; empty where there is nothing to say.  Free with g_array_unref(). */
/* What makes verdicts weaker: holes, what was skipped or forgotten. */
GArray *missing_notes(const ReportContext *context);
/* The faults that packets have, the most frequent first; those that are too many are counted in a last one
 * without a label. */
GArray *fault_notes(const ReportContext *context);
/* What was not decoded, or no MQTT, and how much of it. */
GArray *undecoded_notes(const ReportContext *context);
