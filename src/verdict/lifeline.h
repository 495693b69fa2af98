/* SPDX-License-Identifier: MIT */
/*
 * lifeline: the times of one client, from its first sign to the last.
 *
 * A pure function of the model and the client's findings, for timelines of any size.
 */
#pragma once

#include "src/verdict/roster.h"

typedef enum LifeKind {
	LIFE_ONLINE,  /* connected */
	LIFE_KEPT,    /* away, the session alive: by its settings, or because it was resumed */
	LIFE_GONE,    /* away, the session over: from its proven death, or from when it ended by its settings */
	LIFE_UNKNOWN, /* away, and not known which */
	LIFE_N,
} LifeKind;

typedef struct LifeSpan {
	Instant from, to;
	uint8_t kind;               /* LifeKind */
	ConnectionIndex connection; /* LIFE_ONLINE: this one; else the one before */
} LifeSpan;

typedef struct LifeMark {
	Instant at;
	uint32_t finding; /* index of Verdict.findings */
} LifeMark;

typedef struct Lifeline {
	LifeSpan *spans; /* in their order, without holes from the first to the last */
	uint32_t n_spans;
	LifeMark *marks; /* where each finding showed, in their order */
	uint32_t n_marks;
	Instant deadline; /* of the session now; unknown: none */
	uint64_t (*sums)[LIFE_N]; /* for lifeline_at(): how long each kind was before a span */
} Lifeline;

/* @findings: of the verdict that @roster was made of. */
Lifeline *lifeline_new(const Model *model, const GArray *findings, const Roster *roster,
                       ClientIndex client);
void lifeline_free(Lifeline *lifeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lifeline, lifeline_free)

/* What most of the time from @from to @to was: LifeKind; -1: before it was known, or after the end.
 * *finding: the worst that showed in that time, @to itself excluded; UINT32_MAX: none. */
int lifeline_at(const Lifeline *lifeline, Instant from, Instant to, uint32_t *finding);
