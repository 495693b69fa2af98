/* SPDX-License-Identifier: MIT */
/*
 * reconnect: everything a rule may look at, for one return of a client.
 *
 * A read-only view.  What the capture did not show is unknown here, never
 * false: claims that something did not happen go through reconnect_unseen().
 */
#pragma once

#include "src/session/expiry.h"
#include "src/verdict/broker_record.h"
#include "src/verdict/finding.h"

/* Something that would refute a cause may be missing, and nobody knows where. */
static inline bool lacks_evidence(const DiagnoseOptions *options)
{
	return options->capture_drops > 0 || options->n_forgotten > 0;
}

struct Reconnect {
	const Model *model;
	const DiagnoseOptions *options;
	const Client *client;
	const Broker *broker;
	const Connection *now;    /* the connection that came back */
	const Connection *before; /* the client's last accepted connection before */
	const Connection *earlier; /* the one before that; NULL if there is none */
	ConnectionIndex now_index, before_index;
	Expiry expiry;            /* of the session when @before ended */
	int64_t absence_ns;       /* from the broker's close of @before to CONNECT; INT64_MIN: unknown */
	int64_t absence_at_most_ns; /* counted from the client's last sign of life */
	const Absence *cost;      /* NULL: there was nothing to lose */
	uint32_t unseen_between;  /* GateFailure bits: a connection of the client, or of its host, lies
	                             between @before and @now, and how it began was not seen */
	bool other_brokers;       /* the same Client Identifier is known at other broker addresses */
	const BrokerRecord *record; /* the broker's ways with all clients; NULL: not known yet */
	const Incident *restart;  /* of the broker meanwhile, which took sessions; NULL: none */
	const Incident *any_restart; /* likewise, whether or not it took sessions */
	const Incident *restart_earlier; /* as @any_restart, between @earlier and @before */
};

/* False if connection @now is not a return of a known client. */
bool reconnect_view(const Model *model, const DiagnoseOptions *options, ConnectionIndex now,
                    Reconnect *view);

/* Calls into the cache what reconnect_view() of @now will look at; any index will do. */
void reconnect_fetch(const Model *model, ConnectionIndex now);

/* GateFailure bits: what the capture could have missed between the two connections. */
uint32_t reconnect_unseen(const Reconnect *view);

/* The client closed the connection, and nothing shows that the broker heard of it. */
bool reconnect_close_unheard(const Reconnect *view);

/* When the session of @connection was made, as far back as it was resumed in the capture. */
Instant reconnect_session_began(const Model *model, const Connection *connection);

/* When the client left, the session held something that it would have kept for it. */
bool reconnect_had_state(const Reconnect *view);

/* Two different hosts use the identifier: @a and @b are connections of one client. */
typedef enum TwinEvidence {
	TWIN_NO,      /* the same address, or nothing speaks for two */
	TWIN_MOVED,   /* other address, same settings: one device that moved, as a rule */
	TWIN_MAYBE,   /* other address and other settings, or both alive at once with the same ones:
	                 two devices, or one set up anew or with two interfaces; or one
	                 address and two users that take turns */
	TWIN_PROVEN,  /* each has settings of its own and keeps to them, and they take turns, or were alive at
	                 once and differ in more than a library would change by itself; or they throw
	                 each other out again and again */
} TwinEvidence;
/* What one program does not change between two of its connections, Clean Start apart, is alike. */
bool reconnect_same_settings(const Connection *a, const Connection *b);
TwinEvidence reconnect_twin(const Model *model, const Connection *a, const Connection *b);

/* When the session ended by the rules, if @expiry is known and it was closed; else unknown. */
Instant reconnect_deadline(const Reconnect *view);

/* By the rules the session had ended when @now came, whatever a clock may be off. */
bool reconnect_was_over(const Reconnect *view);
/* Likewise, or it may have been: it was near its end. */
bool reconnect_may_be_over(const Reconnect *view);

/* G7: how far from the deadline a broker's clock may be. */
int64_t reconnect_grace_ns(uint32_t expiry_seconds);
/* G6: how far the time between the two connections may be off. */
int64_t reconnect_doubt_ns(const Model *model, const Connection *before, const Connection *now);
