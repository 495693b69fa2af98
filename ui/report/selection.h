/* SPDX-License-Identifier: MIT */
/*
 * selection: which clients and findings a report is about, and their counts.
 */
#pragma once

#include "src/analysis.h"
#include "src/verdict/roster.h"

typedef struct Tally {
	uint32_t clients;
	uint32_t connections;
	uint64_t reconnects; /* accepted connections of a client that was accepted before */
	uint64_t resumed;
	uint32_t lapses;
	uint32_t losses, risks, notes; /* findings by severity */
	uint32_t clients_with_loss;
	uint32_t clients_ended; /* lost the session as a whole */
	uint32_t clients_at_risk;
	uint64_t lost_min, lost_max; /* messages, each absence once */
	bool lost_inexact;   /* evidence is missing for some of them */
	bool lost_unbounded; /* some publishers are out of sight: lost_max is what was seen */
	uint32_t lapses_by_cause[CAUSE_N];
	uint32_t lapses_by_responsible[RESPONSIBLE_N];
	uint32_t losses_by_responsible[RESPONSIBLE_N];
} Tally;

typedef struct Selection {
	const Analysis *analysis;
	uint8_t *clients; /* 1 for each that is in */
	uint32_t *findings; /* indexes into analysis->findings, in their order */
	uint32_t n_findings;
	bool all;
	Tally tally;
} Selection;

/* 1 for each client of @model whose identifier fits one of @globs (as in ReportOptions), and 0 for the
 * others; new. */
uint8_t *clients_fitting(const Model *model, const GPtrArray *globs);

/* @globs as in ReportOptions. */
void selection_init(Selection *selection, const Analysis *analysis, const GPtrArray *globs);
void selection_clear(Selection *selection);

const Finding *selection_finding(const Selection *selection, uint32_t nth);

/* @connection was accepted, as an earlier one of its client was. */
bool connection_is_reconnect(const Connection *connection);
bool connection_resumed(const Connection *connection);

/* The session as a whole was lost, with every subscription in it. */
bool finding_ended_session(const Finding *finding);
