/* SPDX-License-Identifier: MIT */
/*
 * judge: the parts of a diagnosis, each looking at one kind of event.
 */
#pragma once

#include "src/verdict/reconnect.h"

typedef struct Diagnosis {
	const Model *model;
	const DiagnoseOptions *options;
	GArray *findings;       /* of Finding */
	const GPtrArray *restarts; /* of Incident, see restart_between() */
	GHashTable *clients_of_id; /* text index of an identifier -> GArray of ClientIndex; only of
	                              identifiers that several brokers know */
	GArray *unnamed;           /* of ConnectionIndex, by time: whose CONNECT was not captured */
	BrokerRecord *records;     /* of each broker */
} Diagnosis;

/* Responsible, severity and confidence as the table has them. */
Finding finding_new(CauseId cause);
/* About one reconnect; @confidence is capped by what the cause can reach. */
Finding finding_of(const Reconnect *view, CauseId cause, Confidence confidence);
void cause_list_add(CauseList *list, CauseId cause);

/* Between the two, of one host, that host had a connection to the broker whose CONNECT was not
 * captured: whose it was is not known. */
/* Likewise, of any host, after @left was opened. */
bool unnamed_at_broker(const Diagnosis *diagnosis, const Connection *left);
bool unnamed_between(const Diagnosis *diagnosis, ConnectionIndex before, ConnectionIndex now);

/* Its identifier is in use at another broker too. */
static inline bool is_known_elsewhere(const Diagnosis *diagnosis, const Client *client)
{
	return g_hash_table_contains(diagnosis->clients_of_id, GUINT_TO_POINTER(client->id));
}

/* At least one message is lost for certain; false for NULL. */
static inline bool cost_is_certain(const Absence *cost)
{
	return cost != NULL && cost->lost.min > 0;
}

/* The session was not there, or was ordered away (judge_lost.c). */
void judge_lost_session(Diagnosis *diagnosis, const Reconnect *view);
/* The same for a client that was not back when the capture ended (judge_gone.c). */
void judge_gone(Diagnosis *diagnosis, ClientIndex index);
/* One of the rules tells what ended the session; severity and lapse are the caller's. */
bool lost_by_rules(const Reconnect *view, Finding *finding);
/* None of them does. */
Finding lost_unexplained(const Reconnect *view);
/* When it ended, as far as it was seen. */
void bound_death(const Reconnect *view, Finding *finding);
/* The session was there (judge_resumed.c). */
void judge_resumed_session(Diagnosis *diagnosis, const Reconnect *view);
/* It should have ended long before (judge_kept.c). */
void judge_kept_session(Diagnosis *diagnosis, const Reconnect *view);
/* What was in flight when the connection before ended (judge_in_flight.c). */
void judge_in_flight(Diagnosis *diagnosis, const Reconnect *view);
/* What did not come although the session was there, and was not owed (judge_missed.c). */
void judge_missed(Diagnosis *diagnosis, const Reconnect *view);
/* A lower QoS granted than was asked for (judge_subscriptions.c). */
void judge_grants(Diagnosis *diagnosis, ConnectionIndex index);
/* What became of the subscriptions that the client had (likewise). */
void judge_kept_subscriptions(Diagnosis *diagnosis, const Reconnect *view);
/* The session is new, and the client does not subscribe (likewise). */
void judge_no_resubscribe(Diagnosis *diagnosis, const Reconnect *view);
/* The client let the broker wait (judge_stall.c). */
void judge_stall(Diagnosis *diagnosis, ConnectionIndex index);
/* A client that leaves its name to the broker came again (judge_arrival.c). */
void judge_unnamed(Diagnosis *diagnosis, ConnectionIndex index);
/* First seen at this broker, but known at another (judge_arrival.c). */
void judge_first_seen(Diagnosis *diagnosis, ConnectionIndex index);
/* First seen under this name, but known under another (judge_renamed.c). */
void judge_renamed(Diagnosis *diagnosis, ConnectionIndex index);
/* What looks like a loss or a redelivery, and is none (judge_harmless.c). */
void judge_harmless(Diagnosis *diagnosis, const Reconnect *view);
/* Two hosts take one identifier from each other, and the session survives (judge_takeover.c). */
void judge_takeover(Diagnosis *diagnosis, ClientIndex index);
/* Something was forgotten that @finding may rest on: it names nobody then (judge_forgotten.c). */
void doubt_forgotten(const Model *model, Finding *finding);
/* The broker sent into a dead connection (judge_half_open.c). */
void judge_half_open(Diagnosis *diagnosis, ConnectionIndex index);
/* What the way of capturing does to it, whatever its cause (weigh.c). */
void weigh_finding(const Model *model, Finding *finding);
/* Connected now, with settings that will lose the session (judge_risk.c). */
void judge_risk(Diagnosis *diagnosis, ClientIndex index);
/* What more frames could still refute accuses nobody yet (interim.c). */
void doubt_unsettled(Diagnosis *diagnosis);
