/* SPDX-License-Identifier: MIT */
/*
 * matching: which Topic Names a Topic Filter matches.
 *
 * Exactly 5.0 §4.7 (3.1.1 §4.7): level by level, octet by octet; "+" is one
 * level, possibly empty; "#" is the parent and all below it; a filter that
 * begins with a wildcard does not match a topic that begins with "$".
 */
#pragma once

#include "dissectors/bytes.h"

bool filter_matches_topic(ByteSpan filter, ByteSpan topic);

/* Some topic is matched by both; perhaps true although none is. */
bool filters_may_overlap(ByteSpan a, ByteSpan b);

/* "$share/GROUP/FILTER" (5.0 §4.8.2): true and the FILTER part in *plain; else false and *plain is
 * @filter itself. */
bool filter_is_shared(ByteSpan filter, ByteSpan *plain);

/* The levels of a topic or filter, one after the other: *position starts at 0 and is SIZE_MAX
 * behind the last. */
static inline bool level_next(ByteSpan text, size_t *position, ByteSpan *level)
{
	if (*position == SIZE_MAX)
		return false;
	size_t end = *position;
	while (end < text.size && text.data[end] != '/')
		end++;
	/* Nothing at all may have no address that could be added to. */
	*level = text.size == 0 ? text : (ByteSpan){text.data + *position, end - *position};
	*position = end < text.size ? end + 1 : SIZE_MAX;
	return true;
}

static inline bool level_is(ByteSpan level, char wildcard)
{
	return level.size == 1 && level.data[0] == (uint8_t)wildcard;
}
