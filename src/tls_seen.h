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
} TlsSeen;
