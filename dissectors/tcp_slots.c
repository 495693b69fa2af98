/* SPDX-License-Identifier: MIT */
/*
 * tcp_slots: a hash table of flows with open addressing, and their memory.
 *
 * A slot holds 32 bits of the hash, which give its place too: flows need not be
 * touched to compare or to grow.  The hash is seeded for each table, so that
 * nobody outside can choose addresses that collide.
 */
#include "dissectors/tcp_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_SLOT_BITS = 10, BLOCK_BITS = 13, BLOCK_FLOWS = 1 << BLOCK_BITS };

_Static_assert(sizeof(Endpoint) == 18, "endpoints are hashed and compared as octets");
_Static_assert(sizeof(TcpFlow) <= 256, "a million flows live at once");

void tcp_slots_init(TcpTable *table)
{
	for (size_t i = 0; i < G_N_ELEMENTS(table->seeds); i++)
		table->seeds[i] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
	table->slot_bits = FIRST_SLOT_BITS;
	table->slots = g_new0(TcpSlot, (size_t)1 << table->slot_bits);
	table->blocks = g_ptr_array_new_with_free_func(free);
}

void tcp_slots_clear(TcpTable *table)
{
	g_ptr_array_free(table->blocks, TRUE);
	g_free(table->slots);
}

/* A product of two words that nobody outside knows, both halves of it. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline uint64_t endpoint_hash(const TcpTable *table, const Endpoint *endpoint)
{
	uint64_t high, low;
	memcpy(&high, endpoint->address.octets, sizeof high);
	memcpy(&low, endpoint->address.octets + sizeof high, sizeof low);
	uint64_t address = fold(high ^ table->seeds[0], low ^ table->seeds[1]);
	return fold(address ^ endpoint->port, table->seeds[2]);
}

/* Symmetric: both directions find the same flow. */
static inline uint32_t tag_of(const TcpTable *table, const TcpSegment *segment)
{
	uint64_t hash = endpoint_hash(table, &segment->source) +
	                endpoint_hash(table, &segment->destination);
	return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

static inline size_t slot_of(const TcpTable *table, uint32_t tag)
{
	return tag >> (32 - table->slot_bits);
}

static inline size_t slot_after(const TcpTable *table, size_t slot)
{
	return (slot + 1) & (((size_t)1 << table->slot_bits) - 1);
}

static inline TcpFlow *flow_at(const TcpTable *table, uint32_t index)
{
	TcpFlow *block = table->blocks->pdata[index >> BLOCK_BITS];
	return &block[index & (BLOCK_FLOWS - 1)];
}

static inline void prefetch(const void *memory, size_t size)
{
	for (size_t line = 0; line < size; line += 64)
		__builtin_prefetch((const char *)memory + line, 1);
}

/* The ports first: they tell the two directions of a connection apart. */
static inline bool same_endpoint(const Endpoint *a, const Endpoint *b)
{
	return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static inline bool flow_has(const TcpFlow *flow, const TcpSegment *segment, unsigned *side)
{
	for (unsigned i = 0; i < 2; i++) {
		if (same_endpoint(&flow->endpoints[i], &segment->source) &&
		    same_endpoint(&flow->endpoints[!i], &segment->destination)) {
			*side = i;
			return true;
		}
	}
	return false;
}

static TcpFlow *look_up(TcpTable *table, const TcpSegment *segment, unsigned *side)
{
	uint32_t tag = tag_of(table, segment);
	for (size_t i = slot_of(table, tag); table->slots[i].place != 0; i = slot_after(table, i)) {
		if (table->slots[i].tag != tag)
			continue;
		TcpFlow *flow = flow_at(table, table->slots[i].place - 1);
		prefetch(flow, sizeof *flow);
		if (!flow_has(flow, segment, side))
			continue;
		if (segment->payload_size > 0 && flow->sink.self != NULL)
			prefetch(flow->sink.self, table->sink_size);
		table->latest = flow;
		return flow;
	}
	return NULL;
}

/* Segment and acknowledgement often follow each other: the flow of the one before is tried first. */
TcpFlow *tcp_slots_find(TcpTable *table, const TcpSegment *segment, unsigned *side)
{
	TcpFlow *latest = table->latest;
	if (latest != NULL && flow_has(latest, segment, side))
		return latest;
	return look_up(table, segment, side);
}

static void slots_put(TcpTable *table, TcpSlot new)
{
	size_t i = slot_of(table, new.tag);
	while (table->slots[i].place != 0)
		i = slot_after(table, i);
	table->slots[i] = new;
}

static void slots_grow(TcpTable *table)
{
	TcpSlot *old = table->slots;
	size_t n_old = (size_t)1 << table->slot_bits;
	table->slot_bits++;
	table->slots = g_new0(TcpSlot, n_old * 2);
	for (size_t i = 0; i < n_old; i++)
		if (old[i].place != 0)
			slots_put(table, old[i]);
	g_free(old);
}

/* Huge pages, but for the first block: of that a small capture touches a small part only. */
static void blocks_grow(TcpTable *table)
{
	size_t size = BLOCK_FLOWS * sizeof(TcpFlow);
	TcpFlow *block = aligned_alloc(size, size);
	if (block == NULL)
		g_error("out of memory for TCP flows");
#ifdef MADV_HUGEPAGE
	if (table->blocks->len > 0)
		madvise(block, size, MADV_HUGEPAGE); /* only a wish */
#endif
	g_ptr_array_add(table->blocks, block);
}

/* Memory for one more: that of one that is gone, or what was never used. */
static TcpFlow *take_memory(TcpTable *table)
{
	TcpFlow *flow = table->free;
	if (flow != NULL) {
		table->free = flow->older;
		return flow;
	}
	if (table->n_made == table->blocks->len << BLOCK_BITS)
		blocks_grow(table);
	flow = flow_at(table, table->n_made);
	flow->index = table->n_made++;
	return flow;
}

TcpFlow *tcp_slots_add(TcpTable *table, const TcpSegment *segment)
{
	uint32_t tag = tag_of(table, segment);
	if (table->n_flows >= (size_t)1 << (table->slot_bits - 1))
		slots_grow(table);
	TcpFlow *flow = take_memory(table);
	uint32_t index = flow->index;
	memset(flow, 0, sizeof *flow);
	flow->index = index;
	flow->tag = tag;
	flow->table = table;
	slots_put(table, (TcpSlot){tag, index + 1});
	table->n_flows++;
	return flow;
}

/* Closes the hole at @i: who stands behind it moves up, unless that is before where it belongs. */
static void slots_close_hole(TcpTable *table, size_t hole)
{
	size_t mask = ((size_t)1 << table->slot_bits) - 1;
	for (size_t i = slot_after(table, hole); table->slots[i].place != 0; i = slot_after(table, i)) {
		size_t home = slot_of(table, table->slots[i].tag);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		table->slots[hole] = table->slots[i];
		hole = i;
	}
	table->slots[hole] = (TcpSlot){0, 0};
}

void tcp_slots_remove(TcpTable *table, TcpFlow *flow)
{
	size_t i = slot_of(table, flow->tag);
	while (table->slots[i].place != flow->index + 1)
		i = slot_after(table, i);
	slots_close_hole(table, i);
	if (table->latest == flow)
		table->latest = NULL;
	flow->older = table->free;
	table->free = flow;
	table->n_flows--;
}

void tcp_queue_push(TcpQueue *queue, TcpFlow *flow, Instant time)
{
	flow->queued_at = time;
	flow->newer = NULL;
	flow->older = queue->newest;
	if (queue->newest != NULL)
		queue->newest->newer = flow;
	else
		queue->oldest = flow;
	queue->newest = flow;
	queue->size++;
}

void tcp_queue_remove(TcpQueue *queue, TcpFlow *flow)
{
	if (flow->older != NULL)
		flow->older->newer = flow->newer;
	else
		queue->oldest = flow->newer;
	if (flow->newer != NULL)
		flow->newer->older = flow->older;
	else
		queue->newest = flow->older;
	queue->size--;
}
