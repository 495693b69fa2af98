/* SPDX-License-Identifier: MIT */
/*
 * counterfactual: which settings would have saved what was lost.
 */
#pragma once

#include "src/verdict/finding.h"

/* What would have helped; INT64_MIN and 0 where that is not known, or nothing. */
typedef struct Counterfactual {
	int64_t interval_s;      /* a Session Expiry Interval of so much would have covered the absence */
	uint32_t queue_drops;    /* but a queue of the usual length would have dropped so many */
} Counterfactual;

Counterfactual finding_counterfactual(const Model *model, const Finding *finding);
