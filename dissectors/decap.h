/* SPDX-License-Identifier: MIT */
/*
 * decap: from a captured frame down to a TCP segment.
 *
 * Link layers, network layers and tunnels are entries of one table (peel_table.c
 * holds it); each peels its header and names the next layer, at most
 * DECAP_MAX_DEPTH deep.  The way that a frame took is remembered, for others of the
 * same tunnel (peel_path.h); what comes out is the same without.  Fragments are put together first (fragments.h has
 * their bounds and what is done where they overlap).  What cannot be decoded is
 * counted under a name.
 */
#pragma once

#include "dissectors/net.h"
#include "dissectors/stream.h"

enum { DECAP_MAX_DEPTH = 24 };

typedef enum DecapResult {
	DECAP_TCP,       /* @segment is filled */
	DECAP_OTHER,     /* decoded, but not TCP: ARP, UDP, ICMP ... */
	DECAP_UNDECODED, /* a layer that this program does not know, or cannot look into */
	DECAP_WAITING,   /* a fragment; what is missing of its packet may follow */
	DECAP_CUT,       /* the snap length cut a header */
	DECAP_MALFORMED, /* a header contradicts itself */
} DecapResult;

/* One count of frames, for "what was there instead": a static name such as "udp", "arp",
 * "link-type-147", "ipv4-fragment" (of a packet of which others are missing), "esp". */
typedef struct DecapCount {
	const char *what;
	uint64_t frames;
	uint64_t connections; /* 0: nobody counts them */
} DecapCount;

typedef struct Decap Decap;

Decap *decap_new(void);
void decap_free(Decap *decap);

/* The segment's octets are the frame's, or the decapsulation's until the next call. */
DecapResult decap_frame(Decap *decap, const Frame *frame, TcpSegment *segment);
/* No frame will follow: fragments that still wait are counted as what they are. */
void decap_finish(Decap *decap);

/* The counts with frames > 0, in a stable order; valid until the next decap_frame(). */
const DecapCount *decap_counts(const Decap *decap, size_t *n_counts);
/* How many frames were TCP. */
uint64_t decap_n_tcp(const Decap *decap);
/* "EN10MB", "LINUX_SLL2" ... as in tcpdump.org's list; NULL for a type without decoder. */
const char *link_type_name(uint16_t link_type);
