/* SPDX-License-Identifier: MIT */
/*
 * registry: brokers, clients and connections, found or made.
 */
#pragma once

#include "src/session/model_private.h"

/* U+0000, an address, and the connection: the key of a client without identifier. */
enum { HOST_KEY_SIZE = 21 };
/* Some connection has shown it to be one. */
bool model_is_broker(const Model *model, const Endpoint *endpoint);
/* A connection to @endpoint, which is not known for a broker, could not be decoded. */
void model_note_undecoded(Model *model, const Endpoint *endpoint);
BrokerIndex model_add_broker(Model *model, const Endpoint *endpoint);
ClientIndex model_add_client(Model *model, BrokerIndex broker, ByteSpan id);
ConnectionIndex model_add_connection(Model *model);
/* Takes over what @absence owns. */
AbsenceIndex model_keep_absence(Model *model, const Absence *absence);
/* Hangs @connection at the end of @client's chain. */
void model_attach(Model *model, ConnectionIndex connection, ClientIndex client);
