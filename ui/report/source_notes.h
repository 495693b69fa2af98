/* SPDX-License-Identifier: MIT */
/*
 * source_notes: what there is to say of one file or interface, for the reports in words.
 */
#pragma once

#include "src/analysis.h"

typedef struct SourceNote {
	const char *label; /* one word */
	bool warning;      /* it makes verdicts weaker */
	char *text;        /* escaped for a terminal */
} SourceNote;

/* "a.pcap: 41 packets, 5.0 kB, EN10MB", escaped; free with g_free(). */
char *source_sentence(const SourceInfo *info);
/* Of SourceNote, of source @index. */
GArray *source_notes(const Analysis *analysis, unsigned index);
/* Of SourceNote, of all of them together. */
GArray *sources_notes(const Analysis *analysis);
