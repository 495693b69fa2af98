/* SPDX-License-Identifier: MIT */
/*
 * entries: many things to be sorted by a number each.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Entry {
	uint64_t key;
	uint32_t index; /* of whatever it is */
} Entry;

/* By their keys, equal ones in the order in which they are; @entries: of Entry. */
void entries_sort(GArray *entries);
