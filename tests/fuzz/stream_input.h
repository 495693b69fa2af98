/* SPDX-License-Identifier: MIT */
/*
 * stream_input: what a layer of byte streams is fed, as fuzz targets write it.
 *
 * Chunks behind two octets each: bit 7 is the side, bits 5 and 6 say octets, hole, cut or end, the
 * other 13 bits are the length.
 */
#pragma once

#include "dissectors/reader.h"
#include "dissectors/stream.h"

/* One chunk; nothing once @ended says that its side is over. */
void stream_input_chunk(Reader *reader, StreamSink sink, bool ended[static 2], const StreamPoint *at);
/* All chunks, then the ends that are missing. */
void stream_input_play(Reader *reader, StreamSink sink);
/* Takes anything; sees to it that each side ends once and nothing comes after. */
typedef struct StreamDrain {
	unsigned ends[2];
	uint64_t octets;
} StreamDrain;
StreamSink stream_drain(StreamDrain *drain);
