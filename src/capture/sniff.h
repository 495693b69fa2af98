/* SPDX-License-Identifier: MIT */
/*
 * sniff: what the first octets of a file that is no capture look like.
 */
#pragma once

#include "dissectors/bytes.h"

/* As many octets as are worth showing. */
enum { SNIFF_SIZE = 16 };

/* One clause for an error message, printable ASCII only; free with g_free(). */
char *sniff_describe(ByteSpan bytes);
