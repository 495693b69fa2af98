/* SPDX-License-Identifier: MIT */
#include "ui/screens/entries.h"

#include <stdbool.h>
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

void entries_sort(GArray *entries)
{
	uint32_t n = entries->len;
	if (n < 2)
		return;
	Entry *one = (Entry *)(void *)entries->data, *other = g_new(Entry, n);
	g_autofree Entry *spare = other;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!sort_by_octet(one, other, n, shift))
			continue;
		Entry *sorted = other;
		other = one;
		one = sorted;
	}
	if (one == spare)
		memcpy(entries->data, spare, n * sizeof *spare);
}
