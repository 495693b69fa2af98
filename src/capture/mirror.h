/* SPDX-License-Identifier: MIT */
/*
 * mirror: what is known of a source, as it was at some moment, for those who may not look at the
 * source itself because another thread reads from it.
 */
#pragma once

#include "src/capture/source.h"

/* A source without frames, that has the infos of @of. */
Source *mirror_new(const Source *of);
/* As it is now. */
void mirror_take(Source *mirror, const Source *of);
