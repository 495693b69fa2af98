/* SPDX-License-Identifier: MIT */
/*
 * mark: what befell connections to a broker from outside: a close by the broker, an attempt in vain.
 *
 * What clients do by themselves leaves no mark, so that there are few.
 */
#pragma once

#include "src/session/connection.h"

typedef enum MarkKind {
	MARK_CLOSED,      /* the broker closed a connection that was in use, of its own accord */
	MARK_SUPERSEDED,  /* the client is back from the same host; its old connection never ended */
	MARK_TURNED_AWAY, /* a CONNECT was answered by an error */
	MARK_REFUSED,     /* a SYN to the broker's port was answered by RST */
	MARK_UNANSWERED,  /* ... by nothing, through its retransmissions */
	MARK_UPTIME,      /* $SYS/broker/uptime began anew between @at and @until */
	MARK_CUT_OFF,     /* RST in the name of the client, at once when the broker broke a long silence */
} MarkKind;

typedef struct Mark {
	Instant at, until;  /* @until: of the last one, if @n were taken together */
	FrameRef frame;
	BrokerIndex broker;
	ConnectionIndex connection; /* NO_INDEX for attempts in vain */
	uint32_t n_open;     /* the broker's connections just before */
	uint32_t n;          /* attempts taken together: nobody was accepted between */
	uint32_t n_accepted; /* by the broker so far */
	uint8_t kind;        /* MarkKind */
} Mark;

/* What $SYS/broker/uptime told; unknown if nothing did. */
typedef struct BrokerUptime {
	Instant start; /* of the run that is known */
	Instant seen;  /* the last sign of it */
	Instant next_start, next_seen; /* of what may be the next run, told of once */
} BrokerUptime;
