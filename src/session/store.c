/* SPDX-License-Identifier: MIT */
#include "src/session/store.h"

#include <string.h>

/* What is left of a chunk: where each element lies among the rest, + 1; 0: it was given up. */
typedef struct Thinned {
	size_t size; /* of all this */
	uint8_t place[STORE_CHUNK];
	max_align_t elements[];
} Thinned;

_Static_assert((int)STORE_THINNED_MOST < UINT8_MAX, "places fit an octet");

static bool is_thinned(const uint8_t *chunk)
{
	return ((uintptr_t)chunk & 1) != 0;
}

static Thinned *thinned_of(uint8_t *chunk)
{
	return (Thinned *)(void *)(chunk - 1);
}

void store_clear(Store *store)
{
	uint32_t n_chunks = (store->n + STORE_CHUNK - 1) / STORE_CHUNK;
	for (uint32_t i = 0; store->gone != NULL && i < n_chunks; i++)
		if (is_thinned(store->chunks[i]))
			g_free(thinned_of(store->chunks[i]));
	g_clear_pointer(&store->gone, g_free);
	arena_clear(&store->own);
	g_clear_pointer(&store->chunks, g_free);
	store->n = store->n_spare = 0;
	store->n_left = 0;
	store->spare = NULL;
}

static uint8_t *take_chunk(Store *store)
{
	size_t size = STORE_CHUNK * store->element_size;
	StoreSpare *spare = store->spare;
	if (spare == NULL)
		return arena_take(store->shared != NULL ? store->shared : &store->own, size);
	store->spare = spare->next;
	store->n_spare--;
	return memset(spare, 0, size);
}

void store_grow(Store *store)
{
	uint32_t n_chunks = store->n / STORE_CHUNK;
	store->chunks = g_renew(uint8_t *, store->chunks, n_chunks + 1);
	store->chunks[n_chunks] = take_chunk(store);
}

void *store_left(const Store *store, uint8_t *chunk, uint32_t index)
{
	Thinned *thinned = thinned_of(chunk);
	unsigned place = thinned->place[index % STORE_CHUNK];
	if (place == 0)
		return store->gone;
	return (uint8_t *)thinned->elements + (place - 1) * store->element_size;
}

static void give_back(Store *store, uint8_t *chunk)
{
	if (is_thinned(chunk)) {
		store->n_left -= thinned_of(chunk)->size;
		g_free(thinned_of(chunk));
		return;
	}
	StoreSpare *spare = (StoreSpare *)(void *)chunk;
	*spare = (StoreSpare){store->spare};
	store->spare = spare;
	store->n_spare++;
}

void store_thin(Store *store, uint32_t chunk, const bool *kept, unsigned n_kept)
{
	uint32_t first = chunk * STORE_CHUNK;
	g_assert(store->gone != NULL && n_kept <= STORE_THINNED_MOST);
	size_t size = sizeof(Thinned) + n_kept * store->element_size;
	Thinned *thinned = g_malloc(size);
	thinned->size = size;
	store->n_left += size;
	unsigned place = 0;
	for (unsigned i = 0; i < STORE_CHUNK; i++) {
		thinned->place[i] = 0;
		if (!kept[i])
			continue;
		memcpy((uint8_t *)thinned->elements + place * store->element_size,
		       store_at_thinned(store, first + i, store->element_size), store->element_size);
		thinned->place[i] = (uint8_t)++place;
	}
	give_back(store, store->chunks[chunk]);
	store->chunks[chunk] = (uint8_t *)thinned + 1;
}
