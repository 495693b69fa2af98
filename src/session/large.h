/* SPDX-License-Identifier: MIT */
/*
 * large: memory for what grows by millions.
 *
 * Where it is large enough it lies in huge pages, if the system grants them: what is looked up at
 * random then misses its cache, but not its address translation, and a first touch of 2 MiB costs
 * little more than one of 4 KiB.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Calls @size octets, a few hundred at most, into the cache: they will be looked at soon. */
static inline void fetch_ahead(const void *memory, size_t size)
{
	for (size_t at = 0; at < size && at < 512; at += 64)
		__builtin_prefetch((const char *)memory + at);
}

/* @size octets, all zero; never NULL. */
void *large_new0(size_t size);
/* @memory may be NULL; @size as it was asked for. */
void large_free(void *memory, size_t size);

/* Blocks that live as long as all the others; all zero is an empty one. */
typedef struct Arena {
	GArray *slabs; /* what the blocks are cut from; NULL until there is one */
	uint8_t *next;
	size_t left;   /* octets behind @next */
	size_t total;  /* octets of all slabs */
	bool many;     /* many share it: it will be large, and begins so */
} Arena;

/* @size octets, all zero, at a multiple of 64. */
void *arena_take(Arena *arena, size_t size);
void arena_clear(Arena *arena);
