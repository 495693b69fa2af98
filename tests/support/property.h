/* SPDX-License-Identifier: MIT */
/* MQTT 5.0 properties from words KEY=value. */
#pragma once

#include "tests/support/words.h"

/*
 * All unused words prefix+KEY=value in their order, encoded, without the length in front. A KEY
 * that is no
 * property, or one below level 5, is noted in range->error. The caller frees the array.
 */
GByteArray *property_take(WordRange *range, guint8 level, const char *prefix);
