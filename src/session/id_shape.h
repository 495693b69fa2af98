/* SPDX-License-Identifier: MIT */
/*
 * id_shape: what two Client Identifiers have in common, and what kind of thing differs.
 *
 * Text alone: libraries and programs make identifiers up from a fixed part and a random, time or
 * process part.  Nothing here knows whose they are.
 */
#pragma once

#include "dissectors/bytes.h"

typedef enum IdDifference {
	ID_UNRELATED, /* other words, or parts that count or tell devices apart */
	ID_NUMBERED,  /* one number differs, and not by a step: a process, or a device */
	ID_GENERATED, /* what differs looks random */
	ID_CLOCK,     /* what differs is the time, and just that much passed between the two */
} IdDifference;

/* The same for identifiers that differ in variable parts only, as a rule; 0: @id has none. */
uint64_t id_shape(ByteSpan id);

/* @apart_ns: the time between their first uses. */
IdDifference id_difference(ByteSpan a, ByteSpan b, int64_t apart_ns);
