/* SPDX-License-Identifier: MIT */
/*
 * ranking: the order in which findings are told.
 */
#pragma once

#include "src/verdict/finding.h"

/* The most severe first; of those, what cost most; then the surest, the earliest. */
void findings_rank(const Model *model, GArray *findings);
