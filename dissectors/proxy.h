/* SPDX-License-Identifier: MIT */
/*
 * proxy: the PROXY protocol, versions 1 and 2, before what a connection carries.
 *
 * A balancer puts it first, in the octets of the side that opens the connection;
 * the client's own address is nowhere else.  All that follows passes through.
 * What only begins like a header passes through as if nothing had been.
 */
#pragma once

#include "dissectors/net.h"
#include "dissectors/stream.h"

enum {
	PROXY_V1_MOST = 107, /* octets of a header of version 1, its line end with them */
	PROXY_V2_MOST = 4096, /* of version 2: more than any proxy sends, TLVs with it */
};

typedef enum ProxyState {
	PROXY_READING, /* what came so far may be a header */
	PROXY_READ,
	PROXY_NOT,     /* it was none */
} ProxyState;

typedef struct ProxyFacts {
	uint8_t version; /* 1 or 2 */
	bool local;      /* LOCAL: the proxy's own connection, as for a health check */
	bool known;      /* @client and @server are valid; not so for LOCAL, UNKNOWN, UNSPEC, AF_UNIX */
	Endpoint client, server; /* of the connection that the proxy accepted */
	bool tls;        /* the client came by TLS, which ended at the proxy */
} ProxyFacts;

typedef struct Proxy Proxy;

/* Whether octets that begin so may be a header: all that there are of its signature fit. */
bool proxy_begins(ByteSpan first);
/* Whether they hold the whole signature. */
bool proxy_joins(ByteSpan octets);
/* What of @octets stands behind the header that they begin with: nothing, if it is longer; all of them, if
 * they begin with none. */
ByteSpan proxy_skip(ByteSpan octets);
/* @side sends the header. */
Proxy *proxy_new(StreamSink above, unsigned side);
void proxy_free(Proxy *proxy);
StreamSink proxy_sink(Proxy *proxy);
ProxyState proxy_state(const Proxy *proxy);
unsigned proxy_side(const Proxy *proxy);
/* Valid once it was read. */
const ProxyFacts *proxy_facts(const Proxy *proxy);
/* Whether anything followed the header, from either side. */
bool proxy_carried(const Proxy *proxy);
