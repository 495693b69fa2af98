/* SPDX-License-Identifier: MIT */
/*
 * tls_seen: one TLS connection that could not be looked into, and what it told all the same.
 */
#pragma once

#include "dissectors/net.h"
#include "dissectors/tls.h"

enum { TLS_SEEN_MOST = 256 }; /* that are kept; all are counted */

typedef struct TlsSeen {
	Endpoint client, server;
	Instant opened;
	TlsState state;
	TlsFacts facts;
	/* from when it was known that it cannot be looked into; by side, the client is 0 */
	Instant last[2];       /* octets; unknown: none */
	uint64_t octets[2];
	bool unread_alert[2];  /* the last record was an alert, by its look */
	Instant closed;        /* unknown: its end was not captured */
	uint8_t closed_by;     /* the side that closed first */
	bool reset;
} TlsSeen;

void tls_seen_bytes(TlsSeen *seen, unsigned side, ByteSpan span, Instant time);
void tls_seen_end(TlsSeen *seen, unsigned side, StreamEnd how, Instant time);
