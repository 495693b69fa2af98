/* SPDX-License-Identifier: MIT */
/*
 * inflate_codec: what a way of compressing must offer.  For inflate.c and its codecs.
 */
#pragma once

#include <stdbool.h>

#include "dissectors/bytes.h"

/* One step: octets are taken from the front of @in and put to the front of @out. */
typedef struct InflateStep {
	const uint8_t *in;
	size_t n_in;
	uint8_t *out;
	size_t n_out;
	bool midway;       /* a member or frame has begun and has not ended */
	const char *fault; /* what is wrong; static */
} InflateStep;

typedef struct InflateCodec {
	const char *name;
	const char *version; /* of the library; NULL: not in this build, and nothing below */
	bool (*begins)(ByteSpan first);
	void *(*begin)(void); /* NULL: no memory */
	void (*step)(void *state, InflateStep *step);
	void (*end)(void *state);
} InflateCodec;

extern const InflateCodec inflate_gzip;
extern const InflateCodec inflate_zstd;
