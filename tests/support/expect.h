/* SPDX-License-Identifier: MIT */
/* The `expect` lines of a scenario, checked and turned into JSON for the comparer. */
#pragma once

#include "tests/support/words.h"

/*
 * `words` begins with "expect". One JSON object without a line end, to be freed; NULL where a word
 * is unknown.
 * See tests/scenarios/README.md for the forms.
 */
char *expect_to_json(GPtrArray *words, guint line, GError **error);
