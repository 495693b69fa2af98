/* SPDX-License-Identifier: MIT */
/*
 * clock_doubt: how far the times of two frames may be compared.
 *
 * The frames of one file have one clock, which may step back; those of two have two,
 * and what is known of how these differ has its limits.
 */
#pragma once

#include "src/session/model.h"

/* Of the clock of one source. */
typedef struct ClockDoubt {
	const ClockStep *steps; /* where it went back, in the order of frames */
	unsigned n_steps;
	bool summed;       /* the last of them stands for several, of which it has the first frame */
	int64_t jitter_ns; /* times of neighbours may be off by this much, anywhere */
	int64_t skew_ns;  /* its times may be off by this much from those of other sources */
	bool unrelated;   /* nothing tells how it differs from those of other sources */
	bool beside;      /* and it overlaps with them in time, so that even the order is not known */
} ClockDoubt;

/* At any time before the diagnosis; the steps are copied. */
void model_doubt_clock(Model *model, unsigned source, ClockDoubt doubt);

/* What the time from @a to @b may be wrong by: of one source, the steps that lie between them.  A frame of
 * number 0 is of no source, and may lie anywhere in that of the other. */
int64_t model_clock_doubt(const Model *model, FrameRef a, FrameRef b);
/* They are of two sources, of one of which it is not known how its clock differs from that of the
 * other; *beside: and these overlap. */
bool model_clocks_unrelated(const Model *model, FrameRef a, FrameRef b, bool *beside);
/* One source may hold copies of what another holds, at times that tell nothing. */
bool model_clocks_hide_copies(const Model *model);
