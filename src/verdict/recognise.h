/* SPDX-License-Identifier: MIT */
/*
 * recognise: which software a broker or a client may be.
 *
 * For the wording of advice, and for defaults that a broker is known to have; never evidence.
 */
#pragma once

#include "src/verdict/advice.h"
#include "src/verdict/finding.h"

/* By the shape of its CONNACKs; BROKER_UNKNOWN if that tells nothing. */
BrokerProduct recognise_broker(const BrokerFacts *facts);

typedef struct LibraryGuess {
	ClientLibrary library; /* LIBRARY_UNKNOWN: nothing tells */
	const char *by;        /* what tells, static; NULL likewise */
} LibraryGuess;

/* By the Client Identifier or the CONNECT of @connection, whose client is known. */
LibraryGuess recognise_library(const Model *model, const Connection *connection);
