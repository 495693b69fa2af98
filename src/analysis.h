/* SPDX-License-Identifier: MIT */
/*
 * analysis: everything one run came to know, for the views to read.
 */
#pragma once

#include "src/clocks.h"
#include "src/pipeline.h"
#include "src/verdict/finding.h"

typedef struct Analysis {
	const Source *source;     /* names, link types, damage, drops */
	const Decap *decap;       /* what was not decoded */
	const TcpCounts *tcp;
	const Model *model;
	const GArray *findings;   /* of Finding, most severe first */
	const GPtrArray *incidents; /* of Incident, by time */
	DiagnoseOptions diagnosis;
	const GArray *clocks;     /* of ClockReading, one a file; NULL: one file alone, or live */
	uint64_t frames;
	Instant first, last;      /* of all frames */
	uint64_t other_connections; /* TCP connections that are not MQTT, without those below */
	uint64_t tls_connections;   /* TLS whose secrets are not known */
	uint64_t tls_wrong_keys;    /* whose secrets do not fit */
	uint64_t tls_foreign;       /* of a version or cipher suite that cannot be read */
	uint64_t tls_midway;        /* whose handshake was not captured */
	uint64_t tls_lost;          /* read as MQTT until secrets were agreed upon that are not known */
	const GArray *tls_seen;     /* of TlsSeen: the first of all these; NULL: none */
	uint64_t websocket_connections;
	uint64_t proxy_checks;      /* a proxy's header, and nothing after it */
	uint64_t undecided_connections; /* too little seen to tell */
	bool interrupted;
} Analysis;

/* What the user says of the capture. */
typedef struct Declared {
	bool vantage_given;
	Vantage vantage;
	BrokerProduct broker_is; /* BROKER_UNKNOWN: nothing */
} Declared;

/* All but the verdict, its options, and @interrupted.  Borrows. */
void analysis_read(Analysis *analysis, const Source *source, const Pipeline *pipeline,
                   const Model *model);
DiagnoseOptions analysis_options(const Declared *declared, const Source *source,
                                 const Pipeline *pipeline, const Model *model);
/* Borrows what was found. */
void analysis_judged(Analysis *analysis, const Verdict *verdict);
