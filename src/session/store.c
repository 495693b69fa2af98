/* SPDX-License-Identifier: MIT */
#include "src/session/store.h"

void store_clear(Store *store)
{
	arena_clear(&store->own);
	g_clear_pointer(&store->chunks, g_free);
	store->n = 0;
}

void store_grow(Store *store)
{
	uint32_t n_chunks = store->n / STORE_CHUNK;
	store->chunks = g_renew(uint8_t *, store->chunks, n_chunks + 1);
	Arena *arena = store->shared != NULL ? store->shared : &store->own;
	store->chunks[n_chunks] = arena_take(arena, STORE_CHUNK * store->element_size);
}
