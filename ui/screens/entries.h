/* SPDX-License-Identifier: MIT */
/*
 * entries: many things to be sorted by a number each.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Entry {
	uint64_t key;
	uint32_t index; /* of whatever it is */
} Entry;

/* A sort that goes on in pieces; all zero: it has not begun. */
typedef struct EntrySort {
	Entry *spare;   /* NULL: it has not begun */
	unsigned shift; /* of the octet of the keys that is next */
	bool in_spare;  /* what is sorted so far */
} EntrySort;

/* By their keys, equal ones in the order in which they are; @entries: of Entry.  False: it was too long, and goes
 * on the next time, with the same @entries. */
bool entries_sort(GArray *entries, EntrySort *sort, int64_t until);
/* Whether or not it came to its end. */
void entry_sort_clear(EntrySort *sort);
