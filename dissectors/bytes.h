/* SPDX-License-Identifier: MIT */
/*
 * bytes: a borrowed run of octets, and moments in capture time.
 *
 * Spans are valid for the duration of the call that hands them over; who wants
 * to keep octets copies them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ByteSpan {
	const uint8_t *data;
	size_t size;
} ByteSpan;

/* For hash tables: FNV-1a. */
static inline uint32_t octets_hash(const void *octets, size_t size)
{
	uint32_t hash = UINT32_C(2166136261);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const uint8_t *)octets)[i]) * UINT32_C(16777619);
	return hash;
}

/* A moment on the capture's clock: nanoseconds since 1970-01-01T00:00:00Z. */
typedef struct Instant {
	int64_t ns;
} Instant;

#define INSTANT_UNKNOWN ((Instant){INT64_MIN})
#define NS_PER_SECOND INT64_C(1000000000)

static inline bool instant_known(Instant instant)
{
	return instant.ns != INT64_MIN;
}
