/* SPDX-License-Identifier: MIT */
/*
 * store: an array that grows by chunks, so that elements never move.
 */
#pragma once

#include "src/session/large.h"

/* Few: of most kinds there are few, and a huge page is cleared whether it is used or not. */
enum { STORE_CHUNK = 256 };

/* Memory that waits to be used again, chained. */
typedef struct StoreSpare {
	struct StoreSpare *next;
} StoreSpare;

typedef struct Store {
	uint8_t **chunks; /* of one that was thinned the address + 1 of what is left, see store_thin() */
	size_t element_size;
	uint32_t n;
	uint32_t n_spare;
	size_t n_left; /* octets of thinned chunks */
	StoreSpare *spare; /* chunks */
	void *gone; /* what is seen in place of elements that were given up, set before the first is; it is freed
	             * with g_free() */
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
/* The element, if it was kept, of a chunk that was thinned. */
void *store_left(const Store *store, uint8_t *chunk, uint32_t index);

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

/* For a store that is thinned, now or later: an element that was given up is *store->gone. */
static inline void *store_at_thinned(const Store *store, uint32_t index, size_t element_size)
{
	g_assert(index < store->n);
	uint8_t *chunk = store->chunks[index / STORE_CHUNK];
	if (G_UNLIKELY(((uintptr_t)chunk & 1) != 0))
		return store_left(store, chunk, index);
	return chunk + index % STORE_CHUNK * element_size;
}

/* More would give too little room. */
enum { STORE_THINNED_MOST = STORE_CHUNK / 2 };
/* Gives up the elements of @chunk, which is complete, but for the @n_kept that @kept[index % STORE_CHUNK]
 * names, which move; STORE_THINNED_MOST at most. */
void store_thin(Store *store, uint32_t chunk, const bool *kept, unsigned n_kept);
/* What thinning has saved so far, and not been used again: octets. */
static inline size_t store_saved(const Store *store)
{
	return store->n_spare * (STORE_CHUNK * store->element_size) - store->n_left;
}

/* A new element, zeroed; its index is store->n before the call. */
static inline void *store_add(Store *store)
{
	if (store->n % STORE_CHUNK == 0)
		store_grow(store);
	store->n++;
	return store_at(store, store->n - 1);
}

/* Likewise, one of @unused if there is any (uint32_t, the indexes of elements that nobody has any
 * more, which are as they were left; NULL: there are none); its index. */
static inline uint32_t store_take(Store *store, GArray *unused)
{
	if (unused == NULL || unused->len == 0) {
		store_add(store);
		return store->n - 1;
	}
	uint32_t index = g_array_index(unused, uint32_t, unused->len - 1);
	g_array_set_size(unused, unused->len - 1);
	return index;
}
