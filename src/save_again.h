/* SPDX-License-Identifier: MIT */
/*
 * save_again: reads files a second time, to save them.
 *
 * Only when everything was read it is known which connections are whose, and what there is
 * to say of them.  What can be read only once, or goes on, is saved as it comes.
 */
#pragma once

#include "src/inputs.h"

/* What becomes of -w. */
typedef struct SaveRun {
	const char *path; /* NULL: nothing is saved */
	Save *save;
	bool again;
	char *filter;     /* by which Wireshark shows what was chosen; NULL: everything was */
	uint32_t n_left;  /* as chosen_wireshark() says */
	uint64_t n_frames; /* in the end */
	unsigned n_files;  /* likewise */
} SaveRun;

/* @choose: only what belongs to some clients. */
SaveRun save_run_begin(const Inputs *inputs, const char *path, const Rotation *rotation, bool choose);
/* @source: of what was analysed, @n_frames of them.  *@stoppable is the source while it is read again, for
 * a signal handler.  False: *error says why it is not what it should be. */
bool save_run_end(SaveRun *saving, const Inputs *inputs, const Source *source, uint64_t n_frames,
                Source *volatile *stoppable, GError **error);
