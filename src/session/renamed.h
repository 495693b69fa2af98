/* SPDX-License-Identifier: MIT */
/*
 * renamed: clients that look like one device which comes under ever new Client Identifiers.
 *
 * Needs the whole capture: that an identifier does not come back is known at its end.
 */
#pragma once

#include "src/session/breath.h"
#include "src/session/model_private.h"

/* Writes Remarks.name_before and what follows it, and what the session left behind cost.  @breath may be
 * NULL. */
void note_renamed(Model *model, Breath *breath);
