/* SPDX-License-Identifier: MIT */
/*
 * subscription: one Topic Filter that a session holds.
 */
#pragma once

#include "dissectors/stream.h"
#include "src/session/connection.h"

typedef struct Subscription {
	uint32_t filter; /* index, see model_filter() */
	uint8_t qos;     /* granted */
	bool no_local, retain_as_published, shared;
	bool proven;     /* SUBACK seen; else inferred */
	bool if_new;     /* Retain Handling 1, on a session that held it already */
	bool served;     /* a message has come by it, for all that is known */
	ConnectionIndex connection; /* on which it was granted */
	ConnectionIndex lived_to; /* the last on which its identifier came before any SUBSCRIBE */
	uint32_t identifier; /* Subscription Identifier; 0: none */
	FrameRef since;
	uint64_t since_message; /* messages from this on are delivered live */
} Subscription;
