/* SPDX-License-Identifier: MIT */
/*
 * clocks: how the clocks of several capture files differ.
 *
 * A segment that two files hold passed both places within moments; an acknowledgement
 * in one file is later than what it acknowledges in the other.  Files that share no
 * TCP stream tell nothing about each other.  Files are read once more for this, and
 * only samples of them are kept, so that memory stays flat.
 */
#pragma once

#include <glib.h>
#include <stdatomic.h>

#include "dissectors/net.h"

/* Of one file. */
typedef struct ClockReading {
	bool known;         /* how its clock differs from that of the first file */
	bool beside;        /* by its own clock it overlaps with another file, or that is not known */
	uint64_t n_common;  /* segments that it shares with the file that it was compared with */
	int64_t offset_ns;  /* its clock is ahead by this much; 0 if that is within the doubt */
	int64_t doubt_ns;   /* how far the offset may be wrong, drift and ways between included */
} ClockReading;

/* One reading for each of @files (NULL-terminated), the first of which is 0 by definition; NULL if
 * it is one file alone.  What cannot be read twice (a pipe) or at all is not known, nor is
 * anything where there are more than CLOCKS_MOST files.  @stopped (NULL: never) ends the reading. */
enum { CLOCKS_MOST = 64 };
GArray *clocks_compare(char *const *files, const atomic_bool *stopped);

/* The estimate itself, for tests: samples of files are made from segments. */
typedef struct ClockSample ClockSample;
ClockSample *clock_sample_new(guint n_most);
void clock_sample_free(ClockSample *sample);
void clock_sample_add(ClockSample *sample, const TcpSegment *segment, Instant time);
/* How @b differs from @a. */
ClockReading clock_samples_compare(const ClockSample *a, const ClockSample *b);
