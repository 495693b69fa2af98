/* SPDX-License-Identifier: MIT */
/*
 * advice: the change that a cause asks for, in the words of each client library and broker.
 *
 * advice.def and broker_advice.def hold the lines; a library or broker without a line for a
 * kind has none that we vouch for.  All strings are static and UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/verdict/cause.h"

typedef enum ClientLibrary {
	LIBRARY_UNKNOWN,
#define LIBRARY(id, ...) LIBRARY_##id,
#include "src/verdict/advice.def"
	LIBRARY_N, /* one past the last library */
	LIBRARY_FIRST = LIBRARY_UNKNOWN + 1,
} ClientLibrary;

typedef enum BrokerProduct {
	BROKER_UNKNOWN,
#define BROKER(id, ...) BROKER_##id,
#include "src/verdict/broker_advice.def"
	BROKER_N, /* one past the last broker */
	BROKER_FIRST = BROKER_UNKNOWN + 1,
} BrokerProduct;

/* The line of code or the option that does it, for MQTT 5.0 (@v5) or 3.1.1.  For LIBRARY_UNKNOWN
 * the same in the words of the standard.  NULL if the version or the library has no way to do
 * it, or none is known, and for ADVICE_NONE. */
const char *advice_client_line(AdviceKind kind, ClientLibrary library, bool v5);

/* "MQTT.js"; "unknown" for LIBRARY_UNKNOWN and values outside. */
const char *advice_library_name(ClientLibrary library);
/* "mqttjs", as one would type it. */
const char *advice_library_key(ClientLibrary library);
/* The trap in the library's defaults, one sentence; NULL if none is known. */
const char *advice_library_default(ClientLibrary library);

/* The library that makes identifiers of this shape (@size octets from the wire, any value), a
 * hint only: anybody may type such a name.  LIBRARY_UNKNOWN if none is known to. */
ClientLibrary advice_guess_library(const char *client_id, size_t size);

/* The setting of @broker that @cause turns on; NULL if the cause turns on none or none is
 * known, and for BROKER_UNKNOWN. */
const char *advice_broker_line(CauseId cause, BrokerProduct broker);
/* "mosquitto"; "unknown" for BROKER_UNKNOWN and values outside. */
const char *advice_broker_name(BrokerProduct broker);
/* "azure", as one would type it; "unknown" likewise. */
const char *advice_broker_key(BrokerProduct broker);
/* BROKER_UNKNOWN if no broker has this key; upper and lower case are the same. */
BrokerProduct advice_broker_by_key(const char *key);
/* After so many seconds it ends a session of MQTT 3.1.1, unless told otherwise; 0: no such limit, or
 * none known. */
uint32_t advice_broker_cap(BrokerProduct broker);
