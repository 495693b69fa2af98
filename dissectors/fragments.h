/* SPDX-License-Identifier: MIT */
/*
 * fragments: IP packets put together from their fragments.
 *
 * Where fragments overlap with the same octets, that is harmless (a copy, or a
 * retransmission by a router); where the octets differ, the whole packet is
 * given up, for no reader can know which of them the receiver took (RFC 8200
 * section 4.5 and RFC 5722 order the same).  Bounded in packets, octets, pieces
 * a packet, and age in capture time; what is given up is handed back as a count
 * of frames, to be told.
 */
#pragma once

#include "dissectors/net.h"

enum {
	FRAGMENTS_PACKETS = 1024,      /* incomplete at a time; the oldest goes first */
	FRAGMENTS_OCTETS = 16 << 20,   /* of all of them */
	FRAGMENTS_PIECES = 128,        /* runs of octets apart from each other in one packet */
	FRAGMENTS_PACKET_SIZE = 65535, /* RFC 791 section 3.1, RFC 8200 section 4.5 */
};
#define FRAGMENTS_AGE_NS (30 * NS_PER_SECOND)
/* So long a complete packet is remembered, for copies of its fragments from another device. */
#define FRAGMENTS_COPY_NS (NS_PER_SECOND / 1000)

typedef struct Fragments Fragments;

/* What belongs to one packet.  Words, as it is compared: nothing is to be stored in parts and loaded as one. */
typedef struct FragmentKey {
	uint64_t addresses[4]; /* IPv4: both are in the first */
	uint64_t which;        /* FRAGMENT_KEY_V6 or the protocol of IPv4, and the identification */
} FragmentKey;
#define FRAGMENT_KEY_V6 (UINT64_C(1) << 63)

static inline unsigned fragment_key_is_v6(const FragmentKey *key)
{
	return (unsigned)(key->which >> 63);
}

typedef struct Fragment {
	FragmentKey key;
	Instant time;
	ByteSpan bytes;    /* captured */
	uint32_t size;     /* on the wire */
	uint32_t offset;   /* octets */
	uint8_t protocol;  /* of what the whole carries, as this fragment says */
	bool more;         /* others follow behind it */
} Fragment;

typedef enum FragmentsResult {
	FRAGMENTS_WAITING,
	FRAGMENTS_WHOLE,    /* all are there */
	FRAGMENTS_CONFLICT, /* it contradicts the others: all of them are given up */
	FRAGMENTS_MALFORMED,
	FRAGMENTS_LIMIT,    /* too many pieces: all are given up */
} FragmentsResult;

/* What the fragments make. */
typedef struct FragmentsWhole {
	ByteSpan bytes; /* captured, as far as nothing is cut off; valid until the next call */
	uint32_t size;  /* on the wire */
	uint8_t protocol;
} FragmentsWhole;

/* Frames given up since the last call, with the one at hand if that is among them. */
typedef struct FragmentsLost {
	uint64_t incomplete[2]; /* too old, or there was no room; IPv4, IPv6 */
	uint64_t conflict;
	uint64_t limit;
} FragmentsLost;

Fragments *fragments_new(void);
void fragments_free(Fragments *fragments);
FragmentsResult fragments_add(Fragments *fragments, const Fragment *fragment, FragmentsWhole *whole);
/* Gives up all that waits. */
void fragments_finish(Fragments *fragments);
/* False: none. */
bool fragments_lost(Fragments *fragments, FragmentsLost *lost);
