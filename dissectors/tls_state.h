/* SPDX-License-Identifier: MIT */
/*
 * tls_state: one TLS connection, for tls.c (octets to records) and tls_open.c (what they hold).
 */
#pragma once

#include "dissectors/tls_parts.h"

typedef enum TlsEpoch { EPOCH_EARLY, EPOCH_HANDSHAKE, EPOCH_TRAFFIC } TlsEpoch; /* of TLS 1.3 */

typedef struct TlsSide {
	GByteArray *kept;     /* a record that is not complete */
	GByteArray *messages; /* handshake octets that are no whole message */
	GQueue waiting;       /* of TlsWaiting: records whose turn has not come */
	size_t n_waiting;     /* octets in them */
	size_t skip;          /* octets of a record with a hole, that still come */
	unsigned tries;       /* sequence numbers that a hole may have swallowed */
	unsigned n_failed;
	TlsGuard guard;
	uint8_t epoch;        /* TlsEpoch */
	bool guarded;         /* TLS 1.2: ChangeCipherSpec was sent */
	bool again;           /* TLS 1.2: new keys were agreed upon, and ChangeCipherSpec is due */
	bool lacks;           /* the first of @waiting needs a secret that may still come */
	bool search;          /* for a record */
	bool over;
} TlsSide;

typedef struct TlsWaiting {
	StreamPoint at;
	uint64_t order; /* in which those of both sides came */
	size_t size;
	uint8_t record[];
} TlsWaiting;

struct Tls {
	StreamSink above;
	TlsShared *shared;
	const TlsOps *ops;
	void *user;
	TlsHello hello;
	TlsFacts facts;
	const TlsSuite *suite;
	TlsSecrets *secrets;
	TlsCrypto *crypto; /* there once @secrets is */
	uint8_t client;
	uint8_t state;    /* TlsState */
	bool early;       /* the client offers early data */
	bool early_known; /* whether the server takes it */
	bool early_taken;
	bool hole;
	bool hopeless;    /* TLS 1.2 without secrets: read on while all may read */
	bool opened;      /* something was handed up */
	uint64_t n_queued;
	bool lacking;     /* nothing of its secrets is known, and they may still come */
	TlsSide sides[2];
};

static inline TlsSide *tls_side(Tls *tls, unsigned side)
{
	return &tls->sides[side];
}

static inline bool tls_given_up(const Tls *tls)
{
	return tls->state >= TLS_NO_KEYS;
}

void tls_hand_hole(Tls *tls, unsigned side, uint64_t n_bytes, const StreamPoint *at);
void tls_hand_end(Tls *tls, unsigned side, StreamEnd how, const StreamPoint *at);
/* A whole record, in its turn or kept until it is. */
void tls_take_record(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at);
/* What waited and need not wait any more, in the order in which it came. */
void tls_drain(Tls *tls);
void tls_drop_waiting(Tls *tls, TlsSide *own);
