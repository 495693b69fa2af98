/* SPDX-License-Identifier: MIT */
/*
 * roster: where each client stands, in a row that can be sorted and filtered.
 *
 * A pure function of the model and its verdict.
 */
#pragma once

#include "src/verdict/finding.h"

typedef enum ClientState {
	CLIENT_ONLINE,
	CLIENT_AWAY_KEPT,    /* offline, and the broker has to keep the session: for ever, or until
	                      * @deadline, which is not over yet */
	CLIENT_AWAY_GONE,    /* offline, and the session is over: by its settings, its deadline or a witness */
	CLIENT_AWAY_UNKNOWN, /* offline; how it connected was not captured */
	CLIENT_REFUSED,      /* never accepted */
	CLIENT_STATE_N,
} ClientState;

typedef struct RosterRow {
	ClientIndex client;
	uint8_t state;       /* ClientState, at the moment of the roster */
	uint8_t severity;    /* of the worst finding; SEVERITY_N: none */
	uint8_t cause;       /* CauseId of the last finding that is a loss, else of the worst; CAUSE_NONE */
	uint8_t responsible; /* of that; RESPONSIBLE_N: none */
	uint8_t version;     /* MqttVersion of the last connection */
	uint32_t finding;    /* index of that in Verdict.findings; UINT32_MAX: none */
	uint32_t n_findings;
	uint32_t n_lapses;
	uint32_t n_resumed;  /* reconnects that found their session */
	uint32_t n_reconnects;
	uint32_t n_connections;
	CountRange lost;     /* messages, each absence once */
	bool lost_unknown;   /* of some loss it cannot be told how many: @lost is of the others */
	bool lost_unbounded; /* more may be lost than @lost.max */
	Instant since;       /* of the state: connected, or away */
	Instant deadline;    /* by which the session has to be kept; unknown: for ever, or not at all */
	bool never;          /* it does not expire */
	Instant last_seen;   /* the client's last sign of life */
} RosterRow;

typedef struct Roster {
	RosterRow *rows;     /* by ClientIndex */
	uint32_t n_rows;
	/* of Verdict.findings, sorted by client, then by time: those of client i are
	 * by_client[first[i]] to by_client[first[i + 1] - 1] */
	uint32_t *by_client, *first;
	Instant now;
	uint32_t by_state[CLIENT_STATE_N];
} Roster;

/* @now: the moment on the capture's clock for which states hold. */
Roster *roster_new(const Model *model, const Verdict *verdict, Instant now);
void roster_free(Roster *roster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Roster, roster_free)

/* The moment at which a finding showed, and the frame: the answer to the CONNECT that found it, or that asked
 * for what is feared; the CONNECT, where no answer is seen; while the client has not come back, the
 * witness of the session's death. */
StreamPoint finding_shows(const Model *model, const Finding *finding);
static inline Instant finding_showed(const Model *model, const Finding *finding)
{
	return finding_shows(model, finding).time;
}

/* What it cost in messages is known, be it 0. */
bool finding_messages_known(const Model *model, const Finding *finding);

/* "online", "away, kept", "away, gone", ...; static. */
const char *client_state_name(ClientState state);
