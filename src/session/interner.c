/* SPDX-License-Identifier: MIT */
#include "src/session/interner.h"

#include <glib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { ARENA_BLOCK = 1 << 16, FIRST_SLOTS = 256 };

typedef struct Entry {
	const uint8_t *data;
	uint32_t size;
	uint32_t hash;
} Entry;

struct Interner {
	GArray *entries;    /* of Entry */
	uint32_t *slots;    /* index + 1; 0 is free */
	uint32_t n_slots;   /* a power of two */
	GPtrArray *blocks;  /* the texts */
	uint8_t *free_data; /* the rest of the newest block */
	size_t free_size;
};

Interner *interner_new(void)
{
	Interner *interner = g_new0(Interner, 1);
	interner->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	interner->n_slots = FIRST_SLOTS;
	interner->slots = g_new0(uint32_t, interner->n_slots);
	interner->blocks = g_ptr_array_new_with_free_func(g_free);
	return interner;
}

void interner_free(Interner *interner)
{
	if (interner == NULL)
		return;
	g_array_unref(interner->entries);
	g_free(interner->slots);
	g_ptr_array_unref(interner->blocks);
	g_free(interner);
}

static const Entry *entry_at(const Interner *interner, uint32_t index)
{
	return &g_array_index(interner->entries, Entry, index);
}

static uint32_t hash_of(ByteSpan text)
{
	return (uint32_t)XXH3_64bits(text.data, text.size);
}

/* The slot that holds @text, or the free one where it would go. */
static uint32_t slot_of(const Interner *interner, ByteSpan text, uint32_t hash)
{
	uint32_t mask = interner->n_slots - 1;
	uint32_t slot = hash & mask;
	while (interner->slots[slot] != 0) {
		const Entry *entry = entry_at(interner, interner->slots[slot] - 1);
		if (entry->hash == hash && entry->size == text.size &&
		    (text.size == 0 || memcmp(entry->data, text.data, text.size) == 0))
			return slot;
		slot = (slot + 1) & mask;
	}
	return slot;
}

static void grow(Interner *interner)
{
	uint32_t n_slots = interner->n_slots * 2;
	uint32_t *slots = g_new0(uint32_t, n_slots);
	for (uint32_t i = 0; i < interner->entries->len; i++) {
		uint32_t slot = entry_at(interner, i)->hash & (n_slots - 1);
		while (slots[slot] != 0)
			slot = (slot + 1) & (n_slots - 1);
		slots[slot] = i + 1;
	}
	g_free(interner->slots);
	interner->slots = slots;
	interner->n_slots = n_slots;
}

static const uint8_t *keep(Interner *interner, ByteSpan text)
{
	if (text.size > interner->free_size) {
		size_t size = MAX(text.size, (size_t)ARENA_BLOCK);
		uint8_t *block = g_malloc(size);
		g_ptr_array_add(interner->blocks, block);
		interner->free_data = block;
		interner->free_size = size;
	}
	uint8_t *copy = interner->free_data;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	interner->free_data += text.size;
	interner->free_size -= text.size;
	return copy;
}

uint32_t interner_add(Interner *interner, ByteSpan text)
{
	uint32_t hash = hash_of(text);
	uint32_t slot = slot_of(interner, text, hash);
	if (interner->slots[slot] != 0)
		return interner->slots[slot] - 1;

	static const uint8_t nothing[1] = {0};
	Entry entry = {text.size > 0 ? keep(interner, text) : nothing, (uint32_t)text.size, hash};
	g_array_append_val(interner->entries, entry);
	interner->slots[slot] = interner->entries->len;
	if (interner->entries->len > interner->n_slots / 2)
		grow(interner);
	return interner->entries->len - 1;
}

uint32_t interner_find(const Interner *interner, ByteSpan text)
{
	uint32_t slot = slot_of(interner, text, hash_of(text));
	return interner->slots[slot] == 0 ? INTERNER_NONE : interner->slots[slot] - 1;
}

ByteSpan interner_text(const Interner *interner, uint32_t index)
{
	const Entry *entry = entry_at(interner, index);
	return (ByteSpan){entry->data, entry->size};
}

uint32_t interner_size(const Interner *interner)
{
	return interner->entries->len;
}
