/* SPDX-License-Identifier: MIT */
/*
 * early: the verdict of what was read so far, while more is to come.
 *
 * What may still turn out otherwise is weakened in it: see interim.c.
 */
#pragma once

#include "src/analysis.h"

typedef struct Early {
	Model *model;
	const Source *source;
	const Pipeline *pipeline;
	const GArray *clocks; /* as in Analysis */
	Declared declared;
} Early;

Verdict *early_verdict(const Early *early);
