/* SPDX-License-Identifier: MIT */
/*
 * decap: from a captured frame down to a TCP segment.
 *
 * Link layers and network layers are entries of one table (layer.def in spirit:
 * decap.c holds it); each peels its header and names the next layer, at most
 * DECAP_MAX_DEPTH deep.  What cannot be decoded is counted under a name.
 */
#pragma once

#include "dissectors/net.h"

enum { DECAP_MAX_DEPTH = 16 };

typedef enum DecapResult {
	DECAP_TCP,       /* @segment is filled */
	DECAP_OTHER,     /* decoded, but not TCP: ARP, UDP, ICMP ... */
	DECAP_UNDECODED, /* a layer that this program does not know, or a tunnel or fragment */
	DECAP_CUT,       /* the snap length cut a header */
	DECAP_MALFORMED, /* a header contradicts itself */
} DecapResult;

/* One count of frames, for "what was there instead": a static name such as "udp", "arp",
 * "link-type-147", "ipv4-fragment", "gre". */
typedef struct DecapCount {
	const char *what;
	uint64_t frames;
} DecapCount;

typedef struct Decap Decap;

Decap *decap_new(void);
void decap_free(Decap *decap);

/* Peels @bytes, captured of a frame of @wire_size octets, of tcpdump.org LINKTYPE @link_type. */
DecapResult decap_frame(Decap *decap, uint16_t link_type, ByteSpan bytes, uint32_t wire_size,
                        TcpSegment *segment);

/* The counts with frames > 0, in a stable order; valid until the next decap_frame(). */
const DecapCount *decap_counts(const Decap *decap, size_t *n_counts);
/* The outermost ports of non-MQTT interest: how many UDP or TCP frames were seen at all. */
uint64_t decap_n_tcp(const Decap *decap);
/* "EN10MB", "LINUX_SLL2" ... as in tcpdump.org's list; NULL for a type without decoder. */
const char *link_type_name(uint16_t link_type);
