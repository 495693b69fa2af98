/* SPDX-License-Identifier: MIT */
/*
 * live: a connection while it is open, for the files of src/session alone.
 *
 * Made anew for each connection, and so kept within four cache lines (observe.c).
 */
#pragma once

#include "src/session/observe.h"

typedef struct Away Away;
typedef struct Asked Asked;
typedef struct Watch Watch;
typedef struct Held Held;

struct Live {
	Model *model;
	Live *next_unused;
	MqttStream *stream;
	Opening opening;
	Connection *record; /* of this one in the model, where it stays; NULL: there is none yet */
	ConnectionIndex connection; /* its index; NO_INDEX until a packet tells the roles */
	int client_side; /* 0 or 1; -1 until a packet or an address tells */
	bool accepted;  /* CONNACK 0 seen: this is the client's current connection */
	bool left;      /* for the session it is over: ended, or superseded by another */
	bool closed;    /* its own end is known */
	bool counted;   /* it is one of Broker.n_open */
	Instant last_packet; /* of either side */
	uint16_t idle_s;     /* the silence before it, if a minute or more, and not answered yet */
	uint16_t outlived_s; /* for the Connection */
	bool idle_by_client; /* who ended that silence */
	bool snapped;   /* the snap length cut some of @holes */
	bool keeps; /* something of its session may outlive the connection */
	bool suspected; /* of not acknowledging any more: see stalls.h */
	Held *held; /* once it is over: what waited then for the client to acknowledge; NULL: nothing */
	uint32_t own_expires; /* the least Message Expiry Interval of what the client published with QoS 1
	                       * or 2 while it keeps a session, + 1; 0: none */
	bool asks;  /* exchanges that a connection left open are waited for: see unfinished.h */
	uint8_t n_looked; /* messages to it that were looked at for @watch */
	bool unread; /* octets of the client are missing since its last packet */
	uint32_t holes; /* before the roles were known */
	uint32_t n_asked;
	Instant last_from_client; /* for the Connection, once it ends */
	Away *away;     /* of the client: what it was owed when this connection began */
	Asked *asked;   /* what SUBSCRIBE and UNSUBSCRIBE named, until they are answered */
	Watch *watch;   /* which of its subscriptions work, see served.h; NULL: not watched */
	Unheard unheard;
};

static inline Connection *connection_of(const Live *live)
{
	return live->record;
}
