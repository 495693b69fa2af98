/* SPDX-License-Identifier: MIT */
/*
 * model: what the capture tells about brokers, clients, connections, sessions.
 *
 * The model owns everything and is written by observe.h alone; whoever includes
 * only this header reads.  Cross-references are indexes, which stay valid for
 * the model's life; pointers stay valid until the next observation.
 */
#pragma once

#include "src/session/absence.h"
#include "src/session/broker_facts.h"
#include "src/session/backend.h"
#include "src/session/connection.h"
#include "src/session/mark.h"
#include "src/session/remarks.h"
#include "src/session/resume.h"
#include "src/session/stall.h"
#include "src/session/subscription.h"
#include "src/session/clues.h"

typedef struct Client {
	BrokerIndex broker;
	uint32_t id;  /* text index; empty if the client never had an identifier */
	uint32_t key; /* text index, by which it is told apart */
	ConnectionIndex first, last;
	ConnectionIndex accepted; /* the last whose CONNECT was accepted */
	ConnectionIndex current;  /* open now; NO_INDEX while offline */
	uint32_t n_connections;
	/* the broker's side of the session, as far as it is proven */
	uint32_t n_subscriptions;
	uint32_t subscription_room; /* for so many @subscriptions has memory */
	Subscription *subscriptions;
	uint32_t most_held; /* so many messages waited for it once, and came when it was back */
	bool subscriptions_unanswered; /* the answer to a SUBSCRIBE or UNSUBSCRIBE is not captured */
	bool subscriptions_unsure;  /* a hole may hide further ones */
	bool subscriptions_partial; /* the session was made before the capture saw it */
	bool wants_messages;        /* it has subscribed, be it in an earlier session: no mere publisher */
	bool published;             /* ever sent a PUBLISH */
	bool was_unsure;            /* it is among Broker.n_unsure */
	bool left_unfinished, cut; /* it is in Model.unfinished; some of its connections were forgotten */
} Client;

typedef struct Broker {
	Endpoint endpoint;
	BrokerIndex group; /* the first of its listeners that are proven to be one broker */
	uint32_t n_clients;
	uint32_t n_connections;
	IpAddress first_host; /* of its clients */
	uint8_t transports;   /* 1u << Transport of those seen */
	uint32_t n_unsure; /* clients that were, at some time, subscribed to more than is known */
	bool several_hosts;   /* clients of more than one host are seen, or it is on the host itself */
	uint64_t hole_bytes; /* missing so far from the streams of all its connections */
	uint64_t n_untracked; /* PUBLISH packets of QoS 1 and 2 whose topic could not be followed */
	uint64_t publish_bytes, n_publishes; /* of QoS 1 and 2 from clients, for their mean size */
	uint32_t n_open;      /* connections in use */
	uint32_t n_accepted;  /* CONNECTs so far */
	uint32_t n_undecoded; /* connections to it, before it was known, from which nothing was decoded */
	bool undecoded;       /* of a connection to it, before or after, nothing was decoded */
	uint32_t last_mark;   /* its index + 1; 0: none */
	BrokerUptime uptime;
	BrokerFacts facts;
} Broker;

typedef struct ModelCounts {
	uint64_t packets_by_type[MQTT_N_TYPES];
	uint64_t packets;
	uint64_t connections;    /* that turned out to be MQTT */
	uint64_t malformed;      /* packets that the standard calls malformed; @faults has all */
	uint64_t faults[MQTT_N_FAULTS];
	uint64_t skipped_bytes;  /* octets of MQTT connections from which no packet could be made */
	uint64_t unnamed;        /* connections whose client is not known */
	uint64_t reconnects;     /* accepted connections of a client accepted before */
	uint64_t resumed;        /* of these, those whose session was there */
	uint64_t refused;        /* CONNECTs answered by an error */
	uint64_t evicted_messages; /* no longer remembered for clients that are away */
	uint64_t untracked_messages; /* topics beyond the bound */
	uint64_t forgotten_connections, forgotten_torn; /* the oldest, to make room; of them, those with holes */
	Instant forgotten_until; /* when the last of these ended; unknown: there are none */
	Instant first, last;     /* of MQTT packets */
} ModelCounts;

typedef struct Model Model;

Model *model_new(void);
void model_free(Model *model);

const ModelCounts *model_counts(const Model *model);
uint32_t model_n_brokers(const Model *model);
uint32_t model_n_clients(const Model *model);
uint32_t model_n_connections(const Model *model);
const Broker *model_broker(const Model *model, BrokerIndex index);
const Client *model_client(const Model *model, ClientIndex index);
const Connection *model_connection(const Model *model, ConnectionIndex index);
/* In the order in which they came to be known. */
uint32_t model_n_marks(const Model *model);
const Mark *model_mark(const Model *model, uint32_t index);
/* What is rare; all zero if nothing of it was seen. */
const Remarks *model_remarks(const Model *model, const Connection *connection);
/* How the exchanges that the connection before had left open went on; NULL: nothing to tell. */
const Resume *model_resume(const Model *model, const Connection *connection);
/* What it was sent in vain before it ended; NULL: nothing. */
const Unheard *model_unheard(const Model *model, const Connection *connection);
/* Of the host that accepted the connection; nothing of it is known for others. */
Backend model_backend(const Model *model, const Connection *connection);
/* That the client let the broker wait; NULL: it did not. */
const Stall *model_stall(const Model *model, const Connection *connection);
/* NULL if index is NO_ABSENCE. */
const Absence *model_absence(const Model *model, AbsenceIndex index);
/* What it cost to be away before @connection is still being counted. */
bool model_is_counting(const Model *model, ConnectionIndex connection);
/* And that count may tell when the session lived or was dead, by the word of publishers. */
bool model_has_unheard_witness(const Model *model, ConnectionIndex connection);
/* What did not come to a resumed session, and was not owed to it; NO_ABSENCE if all came. */
AbsenceIndex model_missed(const Model *model, const Connection *connection, MissedKind kind);
/* Octets of an interned text (client id, user name, topic): from the wire, not NUL-terminated,
 * not escaped. */
ByteSpan model_text(const Model *model, uint32_t text);
ByteSpan model_topic(const Model *model, uint32_t topic);
ByteSpan model_filter(const Model *model, uint32_t filter);
