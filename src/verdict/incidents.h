/* SPDX-License-Identifier: MIT */
/*
 * incidents: the search for events that many clients together prove.
 *
 * The marks of the model say whether there may have been one: without any, nothing is looked at.
 */
#pragma once

#include "src/verdict/finding.h"

/* One that may have been; @last is its last sign. */
typedef struct Candidate {
	Incident incident;
	Instant last;
	uint32_t n_survivors; /* connections that went on, so that not all of the broker was down */
	uint32_t n_doubtful;  /* connections of which it is not known whether they went on */
	GArray *hit;          /* of ClientIndex; NULL: none so far */
	/* of the sessions lost [0] and kept [1] over it */
	uint32_t n_clean[2], n_v5[2];
	Instant oldest[2], youngest[2]; /* when these sessions began */
	uint32_t n_moved;     /* clients that were soon at another address, the first of them then: */
	Instant moved_at;
	FrameRef moved_frame;
	ConnectionIndex first, newest; /* of those turned away by a CONNACK; NO_INDEX: none */
} Candidate;

/* Marks of one broker, by time. */
typedef struct MarkList {
	const Mark **marks;
	uint32_t n;
} MarkList;

/* Appends what is found to @verdict; its findings are not needed. */
void incidents_find(const Model *model, const DiagnoseOptions *options, Verdict *verdict);
/* Those that the findings show, which refer to them then (incident_purge.c). */
void find_purges(const Model *model, Verdict *verdict);
/* By time, once all are known. */
void incidents_number(GPtrArray *incidents);
void incident_free(void *incident);

Candidate candidate_new(IncidentKind kind, BrokerIndex broker, Instant from);
void candidate_add_frame(Candidate *candidate, FrameRef frame, Instant time, IncidentSign sign);
void candidate_hit(Candidate *candidate, ClientIndex client);
const Incident *add_incident(Verdict *verdict, const Candidate *candidate);

/* Restarts of one broker that its @marks, of all kinds, speak for; appended to @candidates by time
 * (incident_restart.c). */
void find_restarts(const Model *model, const MarkList *marks, GArray *candidates);
/* What @candidates, restarts by broker and time, did to connections and sessions: when the broker
 * was up again, who survived, which sessions (incident_sessions.c). */
void weigh_restarts(const Model *model, GArray *candidates);
/* Those of @candidates whose clients went to another address (incident_failover.c). */
void find_failovers(const Model *model, GArray *candidates);

/* Others of one broker, ready to be told (incident_site.c, _refused.c, _idle.c, _age.c). */
void find_site_outages(const Model *model, const MarkList *marks, GArray *candidates);
void find_refusals(const Model *model, const MarkList *marks, GArray *candidates);
void find_idle_kills(const Model *model, const MarkList *marks, GArray *candidates);
void find_time_limits(const Model *model, const MarkList *marks, GArray *candidates);
