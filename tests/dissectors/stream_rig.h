/* SPDX-License-Identifier: MIT */
/*
 * stream_rig: what a layer hands up, and what is fed to it at every cut.
 */
#pragma once

#include <glib.h>

#include "dissectors/stream.h"

/* Everything that came up, in the order in which it came on each side. */
typedef struct Above {
	GByteArray *octets[2];
	uint64_t gap_bytes[2];
	unsigned n_gaps[2], n_ends[2];
	StreamEnd end[2];
	size_t at_end[2]; /* octets when the end came */
} Above;

void above_init(Above *above);
void above_clear(Above *above);
StreamSink above_sink(Above *above);

/* What goes over the wire: writes of the two sides. */
typedef struct Write {
	unsigned side;
	GByteArray *octets;
} Write;

typedef struct Wire {
	GArray *writes; /* of Write */
} Wire;

Wire wire_new(void);
void wire_free(Wire *wire);
void wire_add(Wire *wire, unsigned side, const void *data, size_t size);
size_t wire_size(const Wire *wire);
/* Feeds all writes, cut so that no piece is longer than @every (0: not), and at @cut too, counted over
 * all octets. */
void wire_feed(const Wire *wire, StreamSink sink, size_t every, size_t cut);
void feed(StreamSink sink, unsigned side, const void *data, size_t size);
void feed_gap(StreamSink sink, unsigned side, uint64_t n_bytes);
void feed_ends(StreamSink sink);
