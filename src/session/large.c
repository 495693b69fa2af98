/* SPDX-License-Identifier: MIT */
#include "src/session/large.h"

#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)
#define SLAB_MIN ((size_t)64 << 10)
#define SLAB_MAX ((size_t)16 << 20)
#define LINE ((size_t)64)

typedef struct Slab {
	void *memory;
	size_t size;
} Slab;

static bool is_large(size_t size)
{
	return size >= HUGE_PAGE;
}

static size_t whole(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

/* One huge page more than needed, of which what is before and behind the aligned part goes back. */
static void *map_aligned(size_t size)
{
	uint8_t *wide = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
	                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (wide == MAP_FAILED)
		g_error("out of memory for %zu octets", size);
	size_t before = (HUGE_PAGE - (uintptr_t)wide % HUGE_PAGE) % HUGE_PAGE;
	if (before > 0)
		munmap(wide, before);
	munmap(wide + before + size, HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
	madvise(wide + before, size, MADV_HUGEPAGE); /* only a wish */
#endif
	return wide + before;
}

void *large_new0(size_t size)
{
	return is_large(size) ? map_aligned(whole(size, HUGE_PAGE)) : g_malloc0(size);
}

void large_free(void *memory, size_t size)
{
	if (memory == NULL)
		return;
	if (is_large(size))
		munmap(memory, whole(size, HUGE_PAGE));
	else
		g_free(memory);
}

/* As much again as there is, so that a large arena has few slabs and a small one is small. */
static void add_slab(Arena *arena, size_t least)
{
	size_t first = arena->many ? HUGE_PAGE : SLAB_MIN;
	size_t size = MAX(CLAMP(arena->total, first, SLAB_MAX), least + LINE);
	Slab slab = {large_new0(size), size};
	if (arena->slabs == NULL)
		arena->slabs = g_array_new(FALSE, FALSE, sizeof(Slab));
	g_array_append_val(arena->slabs, slab);
	size_t before = (LINE - (uintptr_t)slab.memory % LINE) % LINE;
	arena->next = (uint8_t *)slab.memory + before;
	arena->left = size - before;
	arena->total += size;
}

void *arena_take(Arena *arena, size_t size)
{
	size = whole(size, LINE);
	if (size > arena->left)
		add_slab(arena, size);
	void *block = arena->next;
	arena->next += size;
	arena->left -= size;
	return block;
}

void arena_clear(Arena *arena)
{
	for (guint i = 0; arena->slabs != NULL && i < arena->slabs->len; i++) {
		const Slab *slab = &g_array_index(arena->slabs, Slab, i);
		large_free(slab->memory, slab->size);
	}
	g_clear_pointer(&arena->slabs, g_array_unref);
	*arena = (Arena){.many = arena->many};
}
