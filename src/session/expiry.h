/* SPDX-License-Identifier: MIT */
/*
 * expiry: how long the broker has to keep the session after a connection.
 */
#pragma once

#include "src/session/connection.h"

typedef enum ExpirySource {
	EXPIRY_UNKNOWN,         /* its CONNECT (or what decides) was not captured */
	EXPIRY_FROM_CLEAN_SESSION, /* MQTT 3.1, 3.1.1: the Clean Session bit */
	EXPIRY_FROM_DEFAULT,    /* 5.0: no property, so 0 */
	EXPIRY_FROM_CONNECT,
	EXPIRY_FROM_CONNACK,
	EXPIRY_FROM_DISCONNECT,
	EXPIRY_DISCONNECT_INVALID, /* DISCONNECT may not raise 0: it stays 0 (5.0 §3.14.2.2.2) */
	EXPIRY_AMBIGUOUS,       /* CONNACK made or unmade a 0, then DISCONNECT raised it: unclear */
} ExpirySource;

typedef struct Expiry {
	ExpirySource source;
	uint32_t seconds; /* EXPIRY_NEVER: until the client comes back; meaningless if unknown */
} Expiry;

/* Effective Session Expiry Interval after @connection: 5.0 §3.1.2.11.2, §3.2.2.3.2, §3.14.2.2.2;
 * for MQTT 3.x what Clean Session implies. */
Expiry connection_expiry(const Connection *connection);
/* For connection_expiry(), as it was known at @at: @connection without what its CONNECT, its CONNACK and its
 * DISCONNECT say, where they came later. */
Connection connection_as_of(const Connection *connection, StreamPoint at);
static inline bool expiry_known(Expiry expiry)
{
	return expiry.source != EXPIRY_UNKNOWN && expiry.source != EXPIRY_AMBIGUOUS;
}
