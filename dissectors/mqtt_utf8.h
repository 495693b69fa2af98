/* SPDX-License-Identifier: MIT */
/*
 * mqtt_utf8: what the standards ask of strings.
 */
#pragma once

#include <string.h>

#include "dissectors/bytes.h"

typedef enum Utf8Result {
	UTF8_WELL_FORMED,
	UTF8_NUL,
	UTF8_ILL_FORMED,
} Utf8Result;

typedef enum Utf8Rules {
	UTF8_STRICT, /* strings of 3.1.1 and 5.0 */
	UTF8_MODIFIED, /* 3.1, which names Java's writeUTF(): surrogates, and NUL as C0 80, are legal */
	UTF8_PAYLOAD, /* NUL is legal */
} Utf8Rules;

/* @at: of the first offending octet, set unless the text is well-formed. */
Utf8Result utf8_check(ByteSpan text, Utf8Rules rules, size_t *at);

/* High bits where an octet of @word is zero; may err above a true zero, never without one. */
static inline uint64_t zero_octets(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

static inline bool word_is_plain(uint64_t word)
{
	uint64_t plus = word ^ UINT64_C(0x2B2B2B2B2B2B2B2B);
	uint64_t hash = word ^ UINT64_C(0x2323232323232323);
	uint64_t high = word & UINT64_C(0x8080808080808080);
	return (zero_octets(word) | zero_octets(plus) | zero_octets(hash) | high) == 0;
}

/* All ASCII without NUL, + and #: nothing that any rule for strings or topics looks at.  Looks at
 * eight octets at a time, the last eight overlapping. */
static inline bool text_is_plain(ByteSpan text)
{
	uint64_t word = UINT64_C(0x6161616161616161);
	if (text.size < sizeof word) {
		memcpy(&word, text.data, text.size);
		return word_is_plain(word);
	}
	for (size_t i = 0; i + sizeof word < text.size; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		if (!word_is_plain(word))
			return false;
	}
	memcpy(&word, text.data + text.size - sizeof word, sizeof word);
	return word_is_plain(word);
}
