/* SPDX-License-Identifier: MIT */
/*
 * interner: octet strings stored once and known by a small index.
 */
#pragma once

#include "dissectors/bytes.h"
#include "src/session/large.h"

#define INTERNER_NONE UINT32_MAX

typedef struct Interner Interner;

Interner *interner_new(void);
/* From now on @arena, which outlives it, gives the memory. */
void interner_share(Interner *interner, Arena *arena);
void interner_free(Interner *interner);
/* The index of @text, new or known. */
uint32_t interner_add(Interner *interner, ByteSpan text);
/* Likewise.  @tag: a number beside the text, 0 at first, that is the caller's and stays where it is:
 * what is asked of it next costs no further look at memory. */
uint32_t interner_add_tagged(Interner *interner, ByteSpan text, uint32_t **tag);
/* INTERNER_NONE if it was never added. */
uint32_t interner_find(const Interner *interner, ByteSpan text);
/* The same in two steps, with other work between them: the first calls into the cache where the second,
 * which takes what the first gave, will look. */
uint32_t interner_await(const Interner *interner, ByteSpan text);
uint32_t interner_find_awaited(const Interner *interner, ByteSpan text, uint32_t awaited);
ByteSpan interner_text(const Interner *interner, uint32_t index);
uint32_t interner_size(const Interner *interner);
