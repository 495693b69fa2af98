/* SPDX-License-Identifier: MIT */
/*
 * tls: what TLS 1.2 and 1.3 carry, where the key log has the secrets (RFC 5246, RFC 8446).
 *
 * A StreamSink between TCP and what is inside: puts records together, follows the handshake, opens
 * what is protected and hands the octets up.  Nothing is taken that does not prove genuine by its
 * tag or MAC; after a hole the sequence number is searched for.  Without secrets the handshake
 * still tells names and versions.
 */
#pragma once

#include "dissectors/stream.h"
#include "dissectors/tls_keys.h"

typedef enum TlsState {
	TLS_HANDSHAKE,  /* nothing is decided */
	TLS_READABLE,   /* it was opened */
	TLS_WAITING,    /* its secrets may still come */
	TLS_NO_KEYS,
	TLS_WRONG_KEYS, /* there are secrets for it, and they do not fit */
	TLS_FOREIGN,    /* a version or cipher suite that is not supported, or no libcrypto */
	TLS_MIDWAY,     /* its handshake was not captured */
	TLS_NOT,        /* no TLS at all */
} TlsState;

typedef struct TlsFacts {
	uint16_t version; /* 0x0303 is TLS 1.2, 0x0304 is TLS 1.3; 0: not known */
	uint16_t suite;
	bool client_hello, server_hello, retried;
	char server_name[256]; /* SNI, as it was sent; empty: none */
	char alpn[64];         /* chosen, or the first that was offered */
	bool alpn_chosen;
	char certificate[2][64]; /* Common Name, by side; empty: none, or not visible (TLS 1.3) */
	uint8_t alert[2];      /* by side: the description of the last alert, if alert_level */
	uint8_t alert_level[2]; /* 0: none that could be read */
} TlsFacts;

/* What all connections of a capture share. */
typedef struct TlsShared {
	TlsKeys *keys;       /* NULL: none */
	size_t waiting;      /* octets that wait for secrets */
} TlsShared;

typedef struct TlsOps {
	/* An alert that could be read, other than close_notify. */
	void (*alert)(void *user, unsigned side, uint8_t description, const StreamPoint *at);
} TlsOps;

typedef struct Tls Tls;

/* @client: the side that sends the ClientHello. */
Tls *tls_new(StreamSink above, unsigned client, TlsShared *shared);
/* The same without its handshake. */
Tls *tls_midway(StreamSink above, TlsShared *shared);
void tls_watch(Tls *tls, const TlsOps *ops, void *user);
void tls_free(Tls *tls);
StreamSink tls_sink(Tls *tls);
TlsState tls_state(const Tls *tls);
const TlsFacts *tls_facts(const Tls *tls);
/* Whether it was opened, and then went on with secrets that are not there: TLS 1.2 lets both sides agree on
 * new ones at any time (RFC 5246 section 7.4.1.1).  What it carried from then on is handed up as a hole. */
bool tls_lost(const Tls *tls);

/* "1.2"; NULL if it is not known. */
const char *tls_version_name(uint16_t version);

/* Whether a connection may begin so: with a handshake record, as far as it came. */
bool tls_begins(ByteSpan bytes);
/* Whether a segment of a connection joined midway is TLS records. */
bool tls_joins(ByteSpan bytes);
