/* SPDX-License-Identifier: MIT */
/*
 * utf8: the strict decoder that every view shares.
 */
#pragma once

#include "dissectors/bytes.h"

/* The first character of @text (which has at least one octet) into *code; the number of octets it
 * takes, or 0 if they are ill-formed: overlong, a surrogate, beyond U+10FFFF, or cut off. */
unsigned utf8_decode(ByteSpan text, uint32_t *code);

static inline ByteSpan bytes_after(ByteSpan text, size_t n)
{
	return (ByteSpan){text.data + n, text.size - n};
}
