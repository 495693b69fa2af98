/* SPDX-License-Identifier: MIT */
/*
 * backends: whether one address was answered by several hosts, each with sessions of its own (C34).
 */
#pragma once

#include "src/session/model.h"

typedef enum BackendRelation {
	BACKEND_UNKNOWN,
	BACKEND_SAME,    /* nothing tells them apart */
	BACKEND_FARTHER, /* only the way to it differs (TTL), or what it announces: perhaps another */
	BACKEND_OTHER,   /* another TCP, or another clock: another host */
} BackendRelation;

/* @a and @b are connections of one client to one address. */
BackendRelation backend_relation(const Model *model, const Connection *a, const Connection *b);

/* Another host answered, or perhaps did. */
static inline bool backend_changed(const Model *model, const Connection *a, const Connection *b)
{
	return (a->backend != b->backend || a->backend_clock != b->backend_clock) &&
	       backend_relation(model, a, b) > BACKEND_SAME;
}

/* The hosts that were seen to answer at one address, for whatever client. */
typedef struct BackendHosts {
	const TcpPrint *prints[4];
	uint8_t n;
	uint8_t last; /* of Connection.backend, which was looked at last */
	bool several; /* for certain: they answer the same SYN differently */
} BackendHosts;

void backend_hosts_see(BackendHosts *hosts, const Model *model, const Connection *connection);

/* What the client's reconnects say of the theory that each host keeps its own sessions. */
typedef struct BackendRecord {
	uint32_t lost_on_arrival;  /* fresh where it had not been before, or no session was left there */
	uint32_t found_on_return;  /* resumed at a host that it came back to from another one */
	uint32_t stayed;           /* resumed at the host it came from */
	uint32_t against;          /* resumed at a host that was new to it, or lost at one that was not */
	ConnectionIndex returned;  /* the first found_on_return; NO_INDEX */
} BackendRecord;

BackendRecord backend_record(const Model *model, const Client *client);
