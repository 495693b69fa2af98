/* SPDX-License-Identifier: MIT */
/*
 * standing: how everything stood at one moment: a verdict, its roster, and what somebody made of them.
 *
 * It stays as it is while somebody has a reference, though there may be later ones: who needs several
 * looks at it finds the same indexes each time.  The model is that of the engine, and goes on.
 */
#pragma once

#include "src/analysis.h"
#include "src/verdict/roster.h"

/* Made of each standing before others see it, in the thread that judges; @analysis has the new verdict,
 * and is gone after the call. */
typedef struct DigestOps {
	void *(*make)(const Analysis *analysis);
	void (*free)(void *digest);
} DigestOps;

typedef struct Standing {
	gint n_refs;
	uint32_t number;  /* of the verdict, from 1; 0: nothing was looked at */
	Verdict *verdict;
	DiagnoseOptions diagnosis; /* by which it was made */
	Roster *roster;
	const DigestOps *ops;
	void *digest;     /* NULL: nobody wants one */
} Standing;

/* Takes @verdict and @roster over; one reference. */
Standing *standing_new(Verdict *verdict, Roster *roster);
/* @analysis: of the same model; before others see it. */
void standing_digest(Standing *standing, const Analysis *analysis, const DigestOps *ops);
/* Puts it into @analysis, which borrows it. */
void standing_show(const Standing *standing, Analysis *analysis);
Standing *standing_ref(Standing *standing);
void standing_unref(Standing *standing);
