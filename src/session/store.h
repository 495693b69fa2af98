/* SPDX-License-Identifier: MIT */
/*
 * store: an array that grows by chunks, so that elements never move.
 */
#pragma once

#include "src/session/large.h"

/* Few: of most kinds there are few, and a huge page is cleared whether it is used or not. */
enum { STORE_CHUNK = 256 };

typedef struct Store {
	uint8_t **chunks;
	size_t element_size;
	uint32_t n;
	Arena *shared; /* where its chunks come from; NULL: its own */
	Arena own;
} Store;

static inline void store_init(Store *store, size_t element_size)
{
	*store = (Store){.element_size = element_size};
}

/* From now on @arena gives the memory; it outlives the store. */
static inline void store_share(Store *store, Arena *arena)
{
	store->shared = arena;
}

void store_clear(Store *store);
/* Makes the chunk that element store->n begins. */
void store_grow(Store *store);

static inline void *store_at(const Store *store, uint32_t index)
{
	g_assert(index < store->n);
	return store->chunks[index / STORE_CHUNK] + index % STORE_CHUNK * store->element_size;
}

/* The same for who names the size, so that no multiplication is left of the way to what is looked up
 * for every packet. */
static inline void *store_at_size(const Store *store, uint32_t index, size_t element_size)
{
	g_assert(index < store->n);
	return store->chunks[index / STORE_CHUNK] + index % STORE_CHUNK * element_size;
}

/* A new element, zeroed; its index is store->n before the call. */
static inline void *store_add(Store *store)
{
	if (store->n % STORE_CHUNK == 0)
		store_grow(store);
	store->n++;
	return store_at(store, store->n - 1);
}
