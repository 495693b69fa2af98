/* SPDX-License-Identifier: MIT */
/*
 * other_broker: a client whose session stayed behind at another address (C34, C35).
 */
#pragma once

#include "src/session/model.h"

typedef struct OtherBroker {
	ConnectionIndex left; /* the client's last connection there */
	bool same_host;       /* the same address, another port: another listener, as a rule */
	bool returned;        /* it came back there later, and its session was there */
} OtherBroker;

/* @arrival, the first of its client at its broker, found no session; @elsewhere is the client of the
 * same identifier at another broker.  True if that one's session was to last: *other is set. */
bool other_broker_explains(const Model *model, ConnectionIndex arrival, ClientIndex elsewhere,
                           OtherBroker *other);
