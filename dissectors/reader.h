/* SPDX-License-Identifier: MIT */
/*
 * reader: bounds-checked cursor over borrowed wire octets.
 *
 * The first read that does not fit marks the reader failed; from then on every
 * read yields zero and moves nothing.  Decode a whole structure in straight
 * lines and ask once, at the end.  All integers are big-endian.
 */
#pragma once

#include "dissectors/bytes.h"

typedef struct Reader {
	ByteSpan bytes;
	size_t offset; /* of the next read; after a failure, of the read that failed */
	bool failed;
} Reader;

static inline Reader reader_over(ByteSpan bytes)
{
	return (Reader){.bytes = bytes};
}

static inline size_t reader_remaining(const Reader *reader)
{
	return reader->failed ? 0 : reader->bytes.size - reader->offset;
}

/* Whether @size more octets fit; marks the reader failed if not. */
static inline bool reader_has(Reader *reader, size_t size)
{
	if (reader->failed || reader->bytes.size - reader->offset < size) {
		reader->failed = true;
		return false;
	}
	return true;
}

static inline uint8_t reader_u8(Reader *reader)
{
	return reader_has(reader, 1) ? reader->bytes.data[reader->offset++] : 0;
}

static inline uint16_t reader_u16(Reader *reader)
{
	if (!reader_has(reader, 2))
		return 0;
	const uint8_t *at = reader->bytes.data + reader->offset;
	reader->offset += 2;
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t reader_u32(Reader *reader)
{
	if (!reader_has(reader, 4))
		return 0;
	const uint8_t *at = reader->bytes.data + reader->offset;
	reader->offset += 4;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The next @size octets; an empty span with a valid pointer after a failure. */
static inline ByteSpan reader_take(Reader *reader, size_t size)
{
	if (!reader_has(reader, size))
		return (ByteSpan){(const uint8_t *)"", 0};
	ByteSpan span = {reader->bytes.data + reader->offset, size};
	reader->offset += size;
	return span;
}

static inline void reader_skip(Reader *reader, size_t size)
{
	if (reader_has(reader, size))
		reader->offset += size;
}
