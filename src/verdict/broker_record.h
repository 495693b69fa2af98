/* SPDX-License-Identifier: MIT */
/*
 * broker_record: how a broker treated the sessions of all its clients, over the whole capture.
 *
 * Made before anything is judged: what one client met is put down to the broker's ways only if
 * others, or the same one at other times, met it too.  Only reconnects that are seen without gaps
 * are counted.
 */
#pragma once

#include "src/verdict/backends.h"

/* Sessions that a broker may treat alike.  One may be in several kinds. */
typedef enum RecordKind {
	RECORD_V3,        /* MQTT 3.x, Clean Session 0 */
	RECORD_V5,        /* 5.0, Session Expiry Interval above 0, last CONNECT with Clean Start 0 */
	RECORD_V5_CLEAN,  /* likewise, last CONNECT with Clean Start 1 */
	RECORD_RESUMABLE, /* V3 and V5: last CONNECT asked to resume */
	RECORD_N,
} RecordKind;

enum { RECORD_CLIENTS = 3 };

/* What became of them when their clients came back in time. */
typedef struct AbsenceRecord {
	uint32_t n_resumed, n_lost;
	int64_t doubtful_ns; /* resumed after absences not known, up to this; INT64_MIN: none */
	int64_t longest_resumed_ns, shortest_lost_ns; /* INT64_MIN: none */
	ConnectionIndex kept, gone; /* that came back then; NO_INDEX: none */
	/* So many absences with a loss do not overlap: no smaller number of events, such as a restart or
	 * a purge, can have caused them all. */
	uint32_t n_separate;
	Instant separate_until; /* the end of the last of these */
	/* different ones that lost a session; more are not counted */
	ClientIndex clients[RECORD_CLIENTS];
	uint32_t n_clients;
} AbsenceRecord;

typedef struct BrokerRecord {
	AbsenceRecord kinds[RECORD_N];
	BackendHosts hosts;
	bool ever_resumed; /* anything, in whatever way */
	bool doubtful; /* how the broker answered some CONNECT was not seen */
} BrokerRecord;

typedef struct Reconnect Reconnect;

/* One for each broker of a model; all empty. */
BrokerRecord *broker_records_new(uint32_t n_brokers);
/* Notes one connection to the broker, and how one reconnect went. */
void broker_record_see(BrokerRecord *record, const Model *model, const Connection *connection);
void broker_record_add(BrokerRecord *record, const Reconnect *view);
/* Whether the return after @before says anything: its session was to outlive it. */
bool broker_record_wants(const Connection *before);

/* Of sessions like that of the connection before: RECORD_V3, _V5 or _V5_CLEAN; RECORD_N if it was not
 * to outlast its connection, or that is not known. */
RecordKind broker_record_kind(const Reconnect *view);
/* The session should have been there, was not, and nothing is missing from the capture that could
 * tell why: another client, another broker address, a hole. */
bool broker_record_lost_in_sight(const Reconnect *view);
