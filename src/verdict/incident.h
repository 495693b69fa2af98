/* SPDX-License-Identifier: MIT */
/*
 * incident: one event that many clients together prove, told once.
 *
 * Found before the findings, from the model alone; findings that one explains refer to it.
 */
#pragma once

#include <glib.h>

#include "src/session/model.h"
#include "src/verdict/cause.h"

typedef enum IncidentKind {
	INCIDENT_RESTART,     /* the broker went down, and came up again if @to is known */
	INCIDENT_FAILOVER,    /* part of its connections went together, the others were untouched */
	INCIDENT_SITE_OUTAGE, /* the clients of one network fell silent and came back together */
	INCIDENT_PURGE,       /* sessions of many absent clients went at one time */
	INCIDENT_CREDENTIALS, /* known clients were not authorised, and later were */
	INCIDENT_HERD,        /* more clients came at once than the broker would serve */
	INCIDENT_TIME_LIMIT,  /* the broker closes connections of a certain age */
	INCIDENT_IDLE_KILL,   /* something on the way forgets idle connections */
	INCIDENT_N,
} IncidentKind;

/* What showed it; bits. */
typedef enum IncidentSign {
	SIGN_CLOSED = 1 << 0,        /* the broker closed connections, nearly all at once */
	SIGN_RESET = 1 << 1,         /* and most of them by RST */
	SIGN_SHUTTING_DOWN = 1 << 2, /* DISCONNECT 0x8B */
	SIGN_REFUSED = 1 << 3,       /* SYN answered by RST */
	SIGN_UNANSWERED = 1 << 4,    /* SYN not answered at all */
	SIGN_UPTIME = 1 << 5,        /* $SYS/broker/uptime went back */
	SIGN_TURNED_AWAY = 1 << 6,   /* CONNECT answered by an error, or DISCONNECT for want of room */
	SIGN_VANISHED = 1 << 7,      /* connections that ended without a sign of the client */
	SIGN_NO_MATCHING = 1 << 8,   /* publishers were told 0x10 from one time on */
	SIGN_N = 9,
} IncidentSign;

/* What tells the sessions that came through a restart from those that did not. */
typedef enum IncidentSplit {
	SPLIT_NONE,        /* nothing does, or there are too few */
	SPLIT_CLEAN_START, /* those lost had connected with Clean Start 1 last */
	SPLIT_VERSION,     /* MQTT 3.x came through and 5.0 did not, or the reverse */
	SPLIT_AGE,         /* those lost are all younger than those kept */
} IncidentSplit;

enum { INCIDENT_FRAMES = 4 };

typedef struct IncidentFrame {
	FrameRef frame;
	Instant time;
	uint16_t sign; /* the IncidentSign that it shows; 0: the end of it */
} IncidentFrame;

typedef struct Incident {
	BrokerIndex broker;
	Instant from, to;    /* @to: unknown if it did not end in the capture */
	uint8_t kind;        /* IncidentKind */
	uint8_t confidence;  /* Confidence */
	uint8_t split;       /* IncidentSplit */
	uint8_t n_frames;
	bool lost_v5;        /* SPLIT_VERSION: those lost are the ones of MQTT 5.0 */
	uint16_t signs;      /* IncidentSign bits */
	uint32_t n_open;     /* connections that were open when it began */
	uint32_t n_ended;    /* of these, those that it ended */
	uint32_t n_attempts; /* of new connections, in vain */
	uint32_t n_resumed;  /* sessions that ought to live on, and did */
	uint32_t n_lost;     /* ... and did not */
	uint32_t n_unknown;  /* ... and whose outcome was not captured */
	Instant youngest_kept; /* when the last of the sessions that came through had begun */
	int64_t age_ns;      /* of the connections, INCIDENT_TIME_LIMIT; or so long were they idle */
	int64_t outlived_ns; /* the longest silence that one outlived, INCIDENT_IDLE_KILL; 0: none */
	uint32_t number;     /* among all, by time, from 1 */
	uint32_t n_hit;
	ClientIndex *hit;    /* the clients it hit, ascending */
	IncidentFrame frames[INCIDENT_FRAMES];
} Incident;

bool incident_hits(const Incident *incident, ClientIndex client);

/* "restart", "syn-refused", ... "unknown" for values outside. */
const char *incident_kind_name(IncidentKind kind);
const char *incident_sign_name(IncidentSign sign);

/* What it says in one or two sentences, and what would make it false; no text from the wire. */
char *incident_explanation(const Incident *incident);
const char *incident_refutation(IncidentKind kind);
/* What a frame of it shows. */
const char *incident_frame_says(const Incident *incident, const IncidentFrame *frame);
