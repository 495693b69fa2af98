/* SPDX-License-Identifier: MIT */
/*
 * store: an array that grows by chunks, so that elements never move.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

enum { STORE_CHUNK = 1024 };

typedef struct Store {
	GPtrArray *chunks;
	size_t element_size;
	uint32_t n;
} Store;

static inline void store_init(Store *store, size_t element_size)
{
	*store = (Store){g_ptr_array_new_with_free_func(g_free), element_size, 0};
}

static inline void store_clear(Store *store)
{
	g_ptr_array_unref(store->chunks);
}

static inline void *store_at(const Store *store, uint32_t index)
{
	g_assert(index < store->n);
	return (uint8_t *)store->chunks->pdata[index / STORE_CHUNK] +
	       index % STORE_CHUNK * store->element_size;
}

/* A new element, zeroed; its index is store->n before the call. */
static inline void *store_add(Store *store)
{
	if (store->n % STORE_CHUNK == 0)
		g_ptr_array_add(store->chunks, g_malloc0_n(STORE_CHUNK, store->element_size));
	store->n++;
	return store_at(store, store->n - 1);
}
