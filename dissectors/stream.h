/* SPDX-License-Identifier: MIT */
/*
 * stream: the one interface between byte-stream layers.
 *
 * A layer below (TCP, TLS, WebSocket) feeds a duplex connection to the
 * layer above: octets in order, holes, and the end of each side.  Side 0 is the
 * endpoint that opened the connection where a SYN was seen, else the source of
 * the first segment; side 1 is the other.  @side is always the *sender*.
 */
#pragma once

#include "dissectors/bytes.h"

/* Where something was seen: the number of a frame, 1-based in the order read, and the index
 * of the source (file or interface) that it came from. */
typedef struct FrameRef {
	uint64_t number : 48;
	uint64_t source : 16;
} FrameRef;

/* The clock of a source went back: the frame is older, by this much, than the one before it. */
typedef struct ClockStep {
	uint64_t frame;
	int64_t back_ns; /* above 0 */
} ClockStep;

/* One frame as it was captured; its octets are borrowed. */
typedef struct Frame {
	ByteSpan bytes;
	uint32_t wire_size; /* octets on the wire; at least bytes.size */
	uint16_t link_type; /* tcpdump.org LINKTYPE */
	uint16_t interface; /* of its source, in the order in which they are described; UINT16_MAX: a later one */
	FrameRef ref;       /* numbers count what a file filter hides, too */
	Instant time;       /* unknown for pcapng simple packets before any other; always within
	                     * INT64_MAX / 2 of 1970 otherwise */
} Frame;

typedef struct StreamPoint {
	FrameRef frame;
	Instant time;
} StreamPoint;

typedef enum GapKind {
	GAP_MISSING,   /* never captured: lost by the capture, or before it began */
	GAP_TRUNCATED, /* captured but cut off by the snap length */
	GAP_DROPPED,   /* given up here: a buffer bound was hit */
	/* A layer below could not have them, captured or not; how many they are is a guess. */
	GAP_UNMEASURED,
} GapKind;

typedef enum StreamEnd {
	STREAM_END_FIN,   /* this side closed in order */
	STREAM_END_RST,   /* this side reset the connection; both sides are over */
	STREAM_END_STALE, /* never closed on the wire: the ports were used again, or room was needed */
	STREAM_END_CAPTURE, /* the capture ended first */
} StreamEnd;

typedef struct StreamSinkOps {
	void (*bytes)(void *self, unsigned side, ByteSpan span, const StreamPoint *at);
	/* @n_bytes octets of @side will never come; the next bytes() follow after them. */
	void (*gap)(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at);
	/* Called once a side.  After RST, STALE or CAPTURE it has been called for both. */
	void (*end)(void *self, unsigned side, StreamEnd how, const StreamPoint *at);
} StreamSinkOps;

typedef struct StreamSink {
	const StreamSinkOps *ops;
	void *self;
} StreamSink;
