/* SPDX-License-Identifier: MIT */
/*
 * host: where connections came from, be it behind a proxy.
 */
#pragma once

#include "src/session/model.h"

/* The address that its packets come from: a proxy's, where one told the client's. */
const Endpoint *model_socket(const Model *model, const Connection *connection);
/* Whether both came from one host, or may have: where a proxy, by which both came, told the address of
 * one alone, the other may have been the same client. */
bool model_same_host(const Model *model, const Connection *a, const Connection *b);
