/* SPDX-License-Identifier: MIT */
/*
 * version: what this build is and has.
 */
#pragma once

#include <glib.h>

/* Appends a few lines of text. */
void version_append(GString *out);
