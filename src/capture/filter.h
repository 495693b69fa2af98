/* SPDX-License-Identifier: MIT */
/*
 * filter: one BPF expression, compiled for each link type that turns up.
 */
#pragma once

#include "src/capture/source.h"

typedef struct FrameFilter FrameFilter;

FrameFilter *frame_filter_new(const char *expression);
void frame_filter_free(FrameFilter *filter);

/* Compiles for @link_type now, so that a mistake in the expression shows early. */
bool frame_filter_prepare(FrameFilter *filter, uint16_t link_type, GError **error);

/* False: it cannot be compiled for the link type of @frame. */
bool frame_filter_match(FrameFilter *filter, const Frame *frame, bool *out_matches,
                        GError **error);
