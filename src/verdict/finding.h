/* SPDX-License-Identifier: MIT */
/*
 * finding: one diagnosed loss, risk or oddity, and its story.
 *
 * diagnose() is a pure function of the model.  A Finding is small; the texts of
 * one are made on demand, so that a hundred thousand findings fit.
 */
#pragma once

#include <glib.h>

#include "src/session/model.h"
#include "src/verdict/advice.h"
#include "src/verdict/cause.h"
#include "src/verdict/incident.h"
#include "src/verdict/witness.h"

enum { FINDING_MAX_CAUSES = 6 };

typedef struct CauseList {
	uint8_t n;
	uint8_t causes[FINDING_MAX_CAUSES]; /* CauseId, in the order in which they acted */
} CauseList;

/* How the broker treated other sessions, where that is what a verdict rests on. */
typedef struct BrokerWay {
	ConnectionIndex kept; /* resumed after the longest absence; NO_INDEX: none */
	ConnectionIndex gone; /* not resumed after the shortest; NO_INDEX likewise */
	uint32_t n_kept, n_gone;
} BrokerWay;

typedef struct Finding {
	ClientIndex client;
	ConnectionIndex from; /* the connection before the loss; NO_INDEX if there is none */
	ConnectionIndex to;   /* the connection that found it; NO_INDEX for risks */
	uint8_t cause;        /* CauseId */
	uint8_t severity;     /* Severity */
	uint8_t responsible;  /* Responsible */
	uint8_t confidence;   /* Confidence */
	bool lapse;           /* session state that was there, or was to be expected, is gone */
	bool at_the_edge;     /* within the grace of an expiry */
	uint32_t weakened;    /* GateFailure bits: evidence that is missing */
	CauseList also_sufficient;
	CauseList also_possible;
	ConnectionIndex other; /* the twin, the middle connection ... ; NO_INDEX */
	int64_t absence_ns;    /* INT64_MIN if not known */
	Instant died_after, died_before; /* INSTANT_UNKNOWN if not bounded */
	FrameRef alive_frame, dead_frame; /* of these; number 0: none */
	uint8_t alive_by, dead_by;        /* DeathWitness */
	AbsenceIndex cost;     /* NO_ABSENCE if nothing was there to lose */
	BrokerWay way;
	const Incident *incident; /* the one that explains it; NULL: none */
	uint8_t product;       /* BrokerProduct, of the client's broker */
	bool product_declared; /* the user says so; else it only looks like it */
} Finding;

/* Why a verdict is weaker than it could be. */
typedef enum GateFailure {
	GATE_CONNECT_NOT_SEEN = 1 << 0,  /* the CONNECT of the connection before */
	GATE_CONNACK_NOT_SEEN = 1 << 1,
	GATE_END_NOT_SEEN = 1 << 2,      /* the end of the connection before */
	GATE_HOLES = 1 << 3,             /* holes in the connection before or this one */
	GATE_CAPTURE_LOSS = 1 << 4,      /* the capture lost packets, nobody knows whose */
	GATE_CLIENT_VANTAGE = 1 << 5,    /* a twin elsewhere would not be in this capture */
	GATE_OTHER_BROKER = 1 << 6,      /* other broker addresses know the client too */
	GATE_TRUNCATED = 1 << 7,         /* the snap length cut the deciding packet */
	GATE_OTHER_HOST = 1 << 8,        /* the two connections differ in host and settings */
	GATE_CLOCKS = 1 << 11,           /* nothing tells how the clocks of two files differ */
	GATE_MATCHED_SINCE = 1 << 15,    /* a publisher was told of a subscriber after it should have
	                                    ended; perhaps of another one */
	GATE_OTHERS_NOT_SEEN = 1 << 9,   /* how the broker answered another CONNECT */
	GATE_NOT_OVER = 1 << 12,         /* the capture goes on, and may still explain it otherwise */
	GATE_OTHER_BACKEND = 1 << 10,    /* another host seems to have answered at the broker's address */
} GateFailure;

typedef enum Vantage { VANTAGE_BROKER, VANTAGE_CLIENT, VANTAGE_TAP } Vantage;

typedef struct DiagnoseOptions {
	Vantage vantage;
	bool vantage_inferred;
	uint64_t capture_drops; /* packets that the capture is known to have lost */
	uint64_t n_forgotten;   /* connections, to make room */
	BrokerProduct broker_is; /* what the user says it is; BROKER_UNKNOWN: nothing */
	bool unfinished; /* more is to come: what it could refute is weaker */
} DiagnoseOptions;

typedef struct Verdict {
	GArray *findings;     /* of Finding, most severe first (severity, messages lost, confidence, time) */
	GPtrArray *incidents; /* of Incident, by time */
} Verdict;

Verdict *diagnose(const Model *model, const DiagnoseOptions *options);
void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)

typedef struct Evidence {
	FrameRef frame;
	Instant time;
	char *says;
} Evidence;

/* The texts of one finding.  Text from the wire in them is escaped already. */
typedef struct FindingStory {
	GArray *evidence;    /* of Evidence, in time order */
	GPtrArray *false_if; /* of char * */
	GPtrArray *clauses;  /* of char * */
	char *explanation;
	char *fix_summary;
	char *fix_client;    /* NULL: nothing for the client to change */
	char *fix_broker;    /* NULL likewise */
	char *why_not_exact; /* of the message counts; NULL if exact */
} FindingStory;

FindingStory *finding_story(const Model *model, const Finding *finding);
void finding_story_free(FindingStory *story);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FindingStory, finding_story_free)

/* Where the capture was taken, as far as the traffic tells. */
const char *vantage_name(Vantage vantage);
Vantage vantage_infer(const Model *model);
