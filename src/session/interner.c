/* SPDX-License-Identifier: MIT */
#include "src/session/interner.h"

#include <glib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "src/session/store.h"

enum { BLOCK_BITS = 16, UNIT_BITS = 3, FIRST_SLOTS = 256 };

/* A text where it is kept, in the blocks, at a multiple of a unit. */
typedef struct Record {
	uint32_t index;
	uint32_t size;
	uint32_t tag; /* its owner's */
	uint8_t data[];
} Record;

/* Half of the hash tells nearly all texts apart: a look at a slot costs no look at its record. */
typedef struct Slot {
	uint32_t hash;
	uint32_t place; /* of the record, in units, + 1; 0: free */
} Slot;

struct Interner {
	Store places; /* uint32_t, of the records in the order of their index */
	Slot *slots;
	uint32_t n_slots;   /* a power of two */
	uint64_t seed;      /* nobody outside can choose texts that collide */
	GPtrArray *blocks;  /* of records, in the arena */
	size_t block_used;  /* octets of the newest block */
	Arena *arena; /* @own, or a shared one */
	Arena own;
};

Interner *interner_new(void)
{
	Interner *interner = g_new0(Interner, 1);
	store_init(&interner->places, sizeof(uint32_t));
	interner->n_slots = FIRST_SLOTS;
	interner->slots = large_new0(interner->n_slots * sizeof(Slot));
	interner->seed = (uint64_t)g_random_int() << 32 | g_random_int();
	interner->arena = &interner->own;
	interner->blocks = g_ptr_array_new();
	interner->block_used = (size_t)1 << BLOCK_BITS;
	return interner;
}

void interner_share(Interner *interner, Arena *arena)
{
	interner->arena = arena;
	store_share(&interner->places, arena);
}

void interner_free(Interner *interner)
{
	if (interner == NULL)
		return;
	store_clear(&interner->places);
	large_free(interner->slots, interner->n_slots * sizeof(Slot));
	g_ptr_array_unref(interner->blocks);
	arena_clear(&interner->own);
	g_free(interner);
}

static Record *record_at(const Interner *interner, uint32_t place)
{
	uint8_t *block = interner->blocks->pdata[place >> (BLOCK_BITS - UNIT_BITS)];
	size_t unit = place & ((1u << (BLOCK_BITS - UNIT_BITS)) - 1);
	return (Record *)(void *)(block + (unit << UNIT_BITS));
}

static uint32_t hash_of(const Interner *interner, ByteSpan text)
{
	return (uint32_t)XXH3_64bits_withSeed(text.data, text.size, interner->seed);
}

static bool holds(const Record *record, ByteSpan text)
{
	return record->size == text.size &&
	       (text.size == 0 || memcmp(record->data, text.data, text.size) == 0);
}

/* The slot that holds @text, or the free one where it would go. */
static uint32_t slot_of(const Interner *interner, ByteSpan text, uint32_t hash)
{
	uint32_t mask = interner->n_slots - 1;
	uint32_t slot = hash & mask;
	while (interner->slots[slot].place != 0) {
		const Slot *at = &interner->slots[slot];
		if (at->hash == hash && holds(record_at(interner, at->place - 1), text))
			return slot;
		slot = (slot + 1) & mask;
	}
	return slot;
}

static void grow(Interner *interner)
{
	uint32_t mask = interner->n_slots * 2 - 1;
	Slot *slots = large_new0(((size_t)mask + 1) * sizeof(Slot));
	for (uint32_t i = 0; i < interner->n_slots; i++) {
		if (interner->slots[i].place == 0)
			continue;
		uint32_t slot = interner->slots[i].hash & mask;
		while (slots[slot].place != 0)
			slot = (slot + 1) & mask;
		slots[slot] = interner->slots[i];
	}
	large_free(interner->slots, interner->n_slots * sizeof(Slot));
	interner->slots = slots;
	interner->n_slots = mask + 1;
}

/* A text larger than a block has one for itself. */
static void add_block(Interner *interner, size_t size)
{
	if (interner->blocks->len >> (32 - BLOCK_BITS + UNIT_BITS) != 0)
		g_error("out of room for texts");
	g_ptr_array_add(interner->blocks,
	                arena_take(interner->arena, MAX(size, (size_t)1 << BLOCK_BITS)));
	interner->block_used = 0;
}

/* Stores @text, with no tag; returns its place. */
static uint32_t keep(Interner *interner, ByteSpan text)
{
	const size_t unit = (size_t)1 << UNIT_BITS, block = (size_t)1 << BLOCK_BITS;
	size_t size = (sizeof(Record) + text.size + unit - 1) & ~(unit - 1);
	if (interner->block_used > block || size > block - interner->block_used)
		add_block(interner, size);
	uint32_t place = (uint32_t)(((uint64_t)(interner->blocks->len - 1) << BLOCK_BITS |
	                             interner->block_used) >> UNIT_BITS);
	uint8_t *newest = interner->blocks->pdata[interner->blocks->len - 1];
	Record *record = (Record *)(void *)(newest + interner->block_used);
	record->index = interner->places.n;
	record->size = (uint32_t)text.size;
	record->tag = 0;
	if (text.size > 0)
		memcpy(record->data, text.data, text.size);
	interner->block_used += size;
	*(uint32_t *)store_add(&interner->places) = place;
	return place;
}

static Record *add(Interner *interner, ByteSpan text)
{
	uint32_t hash = hash_of(interner, text);
	uint32_t slot = slot_of(interner, text, hash);
	uint32_t place = interner->slots[slot].place;
	if (place != 0)
		return record_at(interner, place - 1);

	place = keep(interner, text) + 1;
	interner->slots[slot] = (Slot){hash, place};
	if (interner->places.n > interner->n_slots / 2)
		grow(interner);
	return record_at(interner, place - 1);
}

uint32_t interner_add(Interner *interner, ByteSpan text)
{
	return add(interner, text)->index;
}

uint32_t interner_add_tagged(Interner *interner, ByteSpan text, uint32_t **tag)
{
	Record *record = add(interner, text);
	*tag = &record->tag;
	return record->index;
}

uint32_t interner_await(const Interner *interner, ByteSpan text)
{
	uint32_t hash = hash_of(interner, text);
	__builtin_prefetch(&interner->slots[hash & (interner->n_slots - 1)]);
	return hash;
}

uint32_t interner_find_awaited(const Interner *interner, ByteSpan text, uint32_t awaited)
{
	uint32_t slot = slot_of(interner, text, awaited);
	uint32_t place = interner->slots[slot].place;
	return place == 0 ? INTERNER_NONE : record_at(interner, place - 1)->index;
}

uint32_t interner_find(const Interner *interner, ByteSpan text)
{
	return interner_find_awaited(interner, text, hash_of(interner, text));
}

ByteSpan interner_text(const Interner *interner, uint32_t index)
{
	const uint32_t *place = store_at_size(&interner->places, index, sizeof(uint32_t));
	const Record *record = record_at(interner, *place);
	return (ByteSpan){record->data, record->size};
}

uint32_t interner_size(const Interner *interner)
{
	return interner->places.n;
}
