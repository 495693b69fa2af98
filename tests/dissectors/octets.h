/* SPDX-License-Identifier: MIT */
/*
 * octets: packets written as hexadecimal text, and placed so that a read beyond
 * them is a crash.
 *
 * Octets are pairs of hex digits; rN is the Remaining Length N as a Variable
 * Byte Integer, pN the same for a Property Length, and R the Remaining Length
 * that fits what follows; 'text' are its characters, and "text" (in C: \"text\")
 * is a string with its length before it.  Spaces and commas mean nothing.
 */
#pragma once

#include "dissectors/bytes.h"

enum { OCTETS_MAX = 4096 };

typedef struct Octets {
	uint8_t data[OCTETS_MAX];
	size_t size;
} Octets;

/* Fails the test where @text is not in the notation. */
void octets_parse(Octets *octets, const char *text);
/* @size octets appended, then the same as a span. */
void octets_add(Octets *octets, const void *data, size_t size);
ByteSpan octets_span(const Octets *octets);

/* A run of memory whose end is the end of what may be read. */
typedef struct Fence {
	uint8_t *pages;
	size_t size;
} Fence;

Fence fence_new(void);
void fence_free(Fence *fence);
/* A copy of @bytes that ends at the fence. */
ByteSpan fence_place(const Fence *fence, ByteSpan bytes);
