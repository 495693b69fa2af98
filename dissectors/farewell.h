/* SPDX-License-Identifier: MIT */
/*
 * farewell: what a layer between TCP and MQTT says when it ends: a Close frame of WebSocket, an alert of
 * TLS.  The table of the meanings is farewells.def.
 */
#pragma once

#include "dissectors/stream.h"

typedef enum FarewellLayer {
	FAREWELL_NONE,
	FAREWELL_WEBSOCKET,
	FAREWELL_TLS,
} FarewellLayer;

typedef struct Farewell {
	FarewellLayer layer;
	uint16_t code;
} Farewell;

typedef struct FarewellOps {
	void (*farewell)(void *user, unsigned side, const Farewell *farewell, const StreamPoint *at);
} FarewellOps;

/* "websocket", "tls". */
const char *farewell_layer_name(FarewellLayer layer);
/* "going away"; NULL for a code that no table has. */
const char *farewell_meaning(FarewellLayer layer, uint16_t code);
