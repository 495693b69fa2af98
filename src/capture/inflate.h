/* SPDX-License-Identifier: MIT */
/*
 * inflate: the octets that a compressed file stands for, made as they are asked for.
 *
 * gzip (zlib) and zstd, as far as this build has them; members and frames may follow
 * one another.  What is held does not grow with what comes out: a window (for zstd at
 * most 128 MiB, whatever the file asks for) and one block of input.
 */
#pragma once

#include <stdbool.h>

#include "dissectors/bytes.h"

typedef struct Inflate Inflate;

enum { INFLATE_INPUT_SIZE = 256 * 1024 };

/* NULL: the file that begins with @first (4 octets are enough) is not compressed in a way that this
 * build reads. */
Inflate *inflate_for(ByteSpan first);
void inflate_free(Inflate *inflate);

/* Where more of the file goes (INFLATE_INPUT_SIZE octets at most, 0 while
 * some of the last are left), and how
 * much was put there. */
uint8_t *inflate_room(Inflate *inflate, size_t *out_size);
void inflate_filled(Inflate *inflate, size_t n_octets);

/* Writes at most @size octets to @out.  0: it needs more of the file, or there is a fault. */
size_t inflate_read(Inflate *inflate, uint8_t *out, size_t size);
/* What is wrong with the file, once all before it was read; NULL: nothing. */
const char *inflate_fault(const Inflate *inflate);
/* The file is over: within a member or frame that is a fault. */
void inflate_end(Inflate *inflate);
/* How much of the file was used. */
uint64_t inflate_offset(const Inflate *inflate);

/* "gzip 1.2.13, zstd 1.5.4", or what is not built in; for --version.  Free with g_free(). */
char *inflate_describe(void);
