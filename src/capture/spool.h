/* SPDX-License-Identifier: MIT */
/*
 * spool: frames of what can be read only once, kept to be read again and again.
 *
 * One thread writes; any number of others read, from the first frame on, also what was
 * written just now.  The frames stand in a file without a name (in $TMPDIR), which is
 * gone with the program.  Where that is full, nothing further is kept: frames then only
 * pass to the one reader that follows, and the writer waits for it.
 */
#pragma once

#include "src/capture/source.h"

typedef struct Spool Spool;

/* For the frames of @of, whose infos the readers have; at most @octets_most octets of them. */
Spool *spool_new(const Source *of, uint64_t octets_most, GError **error);
/* Its readers must be gone. */
void spool_free(Spool *spool);

/* For the thread that writes; @of: what is known of it now.  Waits while there is no room. */
void spool_put(Spool *spool, const Source *of, const Frame *frames, unsigned n_frames);
/* Nothing follows; @error (taken over, or NULL): what broke the source. */
void spool_end(Spool *spool, const Source *of, GError *error);
/* What waits for room waits no longer, and is lost; from any thread. */
void spool_abandon(Spool *spool);

/* Of all frames so far. */
uint64_t spool_n_frames(Spool *spool);
/* Not everything could be kept. */
bool spool_is_full(Spool *spool);

/* All its frames, one after the other, as from a file that grows.  @follows: for the one reader that
 * also has what can no longer be kept; others end there.  The source is for one thread, and must go
 * before the spool. */
Source *spool_open(Spool *spool, bool follows);
