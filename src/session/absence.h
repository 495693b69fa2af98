/* SPDX-License-Identifier: MIT */
/*
 * absence: what one stretch of being away cost a client.
 *
 * Made when a connection of a client ends with subscriptions or messages in
 * flight, closed by the next CONNACK (and, if the session was gone, by the
 * SUBACK that brings each subscription back).
 */
#pragma once

#include "dissectors/stream.h"

enum { ABSENCE_EXAMPLES = 5 };

typedef struct CountRange {
	uint32_t min, max;
} CountRange;

typedef struct LostMessage {
	uint32_t topic;     /* index, see model_topic() */
	uint32_t publisher; /* ClientIndex, or UINT32_MAX if not known */
	uint8_t qos;        /* as published */
	FrameRef frame;
	Instant time;
} LostMessage;

typedef struct LostSubscription {
	uint32_t filter;
	uint8_t qos;
	bool shared;
	bool no_local;
	bool restored; /* subscribed again on the new connection */
	FrameRef restored_frame;
} LostSubscription;

/* Why a count is a range or missing; bits. */
typedef enum InexactReason {
	INEXACT_SUBSCRIPTIONS_PARTIAL = 1 << 0, /* some may not have been captured */
	INEXACT_UNACKNOWLEDGED = 1 << 1,  /* publishes whose acknowledgement was not seen */
	INEXACT_EVICTED = 1 << 2,         /* history was dropped for memory */
	INEXACT_HOLES = 1 << 3,           /* holes in publishers' streams meanwhile */
	INEXACT_NO_PUBLISHER_SEEN = 1 << 4, /* only this client's traffic is in the capture */
	INEXACT_STILL_DRAINING = 1 << 5,  /* the capture or connection ended before all could come */
	INEXACT_TOPIC_UNKNOWN = 1 << 6,   /* alias without its mapping, or too many topics */
	INEXACT_END_NOT_SEEN = 1 << 7,    /* when the client went away is not known */
	INEXACT_OTHER_LISTENER = 1 << 9, /* published at a listener that may be of another broker */
	INEXACT_UNPAIRED = 1 << 10,  /* much that the broker delivers, no client in sight has published */
	INEXACT_REWRITTEN = 1 << 11, /* the broker delivers under other topics than it gets */
	INEXACT_CLIENT_HOLES = 1 << 8,    /* holes in the client's own streams */
	INEXACT_HELD = 1 << 12, /* what waited already when the client was seen not to acknowledge */
} InexactReason;

/* Which of the messages that waited for a resumed session did not come. */
typedef enum LossPattern {
	LOSS_NONE,
	LOSS_ALL,
	LOSS_NEWEST, /* the first came, all behind them did not */
	LOSS_OLDEST, /* the first did not come, all behind them did */
	LOSS_MIXED,
} LossPattern;

/* Why nobody owed a message to a client whose session was there when it came back. */
typedef enum MissedKind {
	MISSED_QOS0_SUBSCRIPTION, /* granted QoS 0: it need not be kept */
	MISSED_QOS0_PUBLISHED,    /* published with QoS 0: likewise */
	MISSED_EXPIRED,           /* its Message Expiry Interval had passed */
	MISSED_TOO_LARGE,         /* beyond the client's Maximum Packet Size */
	MISSED_N,
} MissedKind;

typedef struct Absence {
	/* the subscriptions that the session had when the client went away; none if it was resumed */
	LostSubscription *subscriptions;
	uint32_t n_subscriptions;
	uint32_t in_flight;        /* QoS 1 and 2 to the client, not acknowledged at the break */
	uint32_t client_in_flight; /* the client's own, not acknowledged at the break */
	CountRange owed;      /* QoS >= 1, accepted by the broker, matching, not expired */
	uint32_t delivered;   /* of these, seen on the new connection */
	CountRange lost;      /* final if the session was gone; else not come so far */
	bool unbounded;       /* more may have been owed and lost than the maxima say */
	/* sum: lost.max; lost_connected came while it was there, and subscribed */
	uint32_t lost_offline, lost_resubscribe_gap, lost_in_flight, lost_connected;
	uint32_t expired;     /* Message Expiry Interval passed: not owed */
	uint32_t n_examples;
	LostMessage *examples; /* the first ones lost, at most ABSENCE_EXAMPLES */
	uint32_t inexact;     /* InexactReason bits */
	uint8_t pattern;      /* LossPattern, of a session that was resumed */
	bool resumed;
	Instant first_owed, last_owed; /* when the first and the last of them were published */
	/* a publisher's v5 acknowledgement 0x10 (no matching subscribers) for a message that the
	 * session would have matched: proof that it was dead by then */
	Instant no_matching;
	FrameRef no_matching_frame;
	uint32_t n_no_matching; /* so many were told 0x10 */
	uint32_t n_matching;    /* and so many, after the first of these, 0x00 */
	uint32_t n_matching_before; /* likewise, before the first of them */
	bool matched_alone; /* the last of those before was for a message that of all known sessions this
	                     * one alone matches */
} Absence;

/* Frees what it owns. */
void absence_clear(Absence *absence);
/* Kept if it is among the first ABSENCE_EXAMPLES. */
void absence_add_example(Absence *absence, const LostMessage *message);
