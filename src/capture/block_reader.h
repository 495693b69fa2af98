/* SPDX-License-Identifier: MIT */
/*
 * block_reader: octets of a file or a pipe, read in large blocks into one
 * buffer that is used again and again.
 *
 * Ask for as many octets as the next record needs; they then stand in one piece.
 * Nothing is consumed until block_reader_advance(), so that a record for which
 * the octets have not come yet can be asked for again.  The buffer grows only
 * as octets really come, never by what a length field claims.
 *
 * The octets of a compressed file are made out on the way; all sizes and offsets
 * but block_reader_place() are then of what came out.
 */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/capture/inflate.h"

typedef enum ReadStatus {
	READ_OK,
	READ_AGAIN,  /* nothing more for about 100 ms (pipe, followed file), or the buffer is held */
	READ_END,    /* the input ends before that many octets, or was told to stop */
	READ_FAILED, /* errno is in @error_number */
} ReadStatus;

typedef struct BlockReader {
	uint8_t *buffer;
	size_t capacity;
	size_t start; /* unread octets are [start, end) of the buffer */
	size_t end;
	uint64_t base; /* offset in the file of buffer[0] */
	int fd;
	bool waits; /* not a regular file: octets may be long in coming */
	bool at_end;
	bool held; /* what stands in the buffer must stay where it is */
	Inflate *inflate;   /* NULL: the file is not compressed */
	const char *path;   /* of a file that is followed as it grows; NULL: it is not */
	bool replaced;      /* another file has that path now */
	const char *fault;  /* why the input ends before its time; NULL: nothing known */
	int error_number;
	atomic_bool stopped;
} BlockReader;

/* Takes @fd over (0, standard input, stays open). */
void block_reader_init(BlockReader *reader, int fd);
void block_reader_clear(BlockReader *reader);
/* The file at @path (borrowed) grows: its end is not the end, until it gets shorter or another one
 * takes its place, which is then the fault. Nothing changes for what is no regular file. */
void block_reader_follow(BlockReader *reader, const char *path);
/* If what was read so far (and not advanced over) begins a compressed file, reads on as such. */
void block_reader_try_inflate(BlockReader *reader);
/* Where in the file, compressed or not, reading stands; for messages about the fault. */
uint64_t block_reader_place(const BlockReader *reader);
/* While @held, only what the buffer has can be had, and all of it stays valid. */
static inline void block_reader_hold(BlockReader *reader, bool held)
{
	reader->held = held;
}

/* Async-signal-safe: the next time that the buffer runs out, the input is over. */
void block_reader_stop(BlockReader *reader);

ReadStatus block_reader_fill(BlockReader *reader, size_t n_octets);

static inline size_t block_reader_available(const BlockReader *reader)
{
	return reader->end - reader->start;
}

static inline ReadStatus block_reader_want(BlockReader *reader, size_t n_octets)
{
	if (G_LIKELY(block_reader_available(reader) >= n_octets))
		return READ_OK;
	return block_reader_fill(reader, n_octets);
}

/* The unread octets; valid until the next want() or fill(). */
static inline const uint8_t *block_reader_data(const BlockReader *reader)
{
	return reader->buffer + reader->start;
}

static inline void block_reader_advance(BlockReader *reader, size_t n_octets)
{
	reader->start += n_octets;
}

/* Offset in the file of the next unread octet. */
static inline uint64_t block_reader_offset(const BlockReader *reader)
{
	return reader->base + reader->start;
}
