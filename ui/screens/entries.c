/* SPDX-License-Identifier: MIT */
#include "ui/screens/entries.h"

#include <string.h>

/* One pass of a radix sort, by octet @shift / 8; false: all are alike in it, and nothing is done. */
static bool sort_by_octet(const Entry *from, Entry *to, uint32_t n, unsigned shift)
{
	uint32_t places[257] = {0};
	for (uint32_t i = 0; i < n; i++)
		places[(from[i].key >> shift & 0xFF) + 1]++;
	for (unsigned i = 1; i <= 256; i++)
		if (places[i] == n)
			return false;
	for (unsigned i = 1; i < 257; i++)
		places[i] += places[i - 1];
	for (uint32_t i = 0; i < n; i++)
		to[places[from[i].key >> shift & 0xFF]++] = from[i];
	return true;
}

static void end(GArray *entries, EntrySort *sort)
{
	if (sort->in_spare)
		memcpy(entries->data, sort->spare, entries->len * sizeof(Entry));
	entry_sort_clear(sort);
}

bool entries_sort(GArray *entries, EntrySort *sort, int64_t until)
{
	enum { BITS = 64, OCTET = 8 };
	uint32_t n = entries->len;
	if (n < 2)
		return true;
	if (sort->spare == NULL)
		sort->spare = g_new(Entry, n);
	while (sort->shift < BITS) {
		Entry *kept = (Entry *)(void *)entries->data;
		Entry *from = sort->in_spare ? sort->spare : kept, *to = sort->in_spare ? kept : sort->spare;
		sort->in_spare ^= sort_by_octet(from, to, n, sort->shift);
		sort->shift += OCTET;
		if (g_get_monotonic_time() > until)
			return false;
	}
	end(entries, sort);
	return true;
}

void entry_sort_clear(EntrySort *sort)
{
	g_free(sort->spare);
	*sort = (EntrySort){0};
}
