/* SPDX-License-Identifier: MIT */
/*
 * unfinished_private: the record's insides, for unfinished*.c alone.
 */
#pragma once

#include "src/session/unfinished.h"

enum { UNFINISHED_MAX = 256 }; /* of one client; the oldest are kept */

typedef enum LeftProgress {
	LEFT_WAITING, /* nothing of it came on the new connection */
	LEFT_AGAIN,   /* sent again, not acknowledged */
	LEFT_DONE,    /* nothing more to ask */
} LeftProgress;

/* Whom the broker may send it to. */
typedef enum LeftTo {
	LEFT_TO_CLIENT,
	LEFT_TO_ANY_MEMBER,
	LEFT_TO_UNKNOWN, /* what the client had subscribed to is not all known */
} LeftTo;

/* An exchange that the connection left open. */
typedef struct Left {
	StreamPoint opened;
	StreamPoint again;   /* where it was sent again; frame 0: nowhere yet */
	int64_t watched_ns;  /* on connections before that were too short to tell */
	uint32_t mark;       /* content_mark() */
	uint32_t topic;      /* NO_TOPIC: not known */
	uint32_t expiry;     /* Message Expiry Interval when it was sent; UINT32_MAX: none */
	uint16_t packet_id;
	uint8_t qos;
	uint8_t state;       /* MqttExchangeState at the break */
	uint8_t progress;    /* LeftProgress */
	bool from_client;
	bool half;           /* its PUBLISH was not on that connection */
	bool reassigned;     /* its Packet Identifier means another message by now */
	uint8_t receivers;   /* LeftTo */
} Left;

struct Unfinished {
	ConnectionIndex from; /* the connection that left them */
	ConnectionIndex to;   /* the one that is to go on with them; NO_INDEX while away */
	bool resumed;
	Instant last_seen;    /* on @to */
	uint32_t n_asked;     /* of @left: not done */
	GArray *left;         /* of Left */
};

static inline Left *left_at(const Unfinished *unfinished, guint i)
{
	return &g_array_index(unfinished->left, Left, i);
}

/* One more of @kind on the connection of @live: @left. */
void unfinished_count(Live *live, ResumeKind kind, const Left *left);
/* Writes down what @live, which is over, has shown of what came before it. */
void unfinished_judge(Live *live, Unfinished *unfinished);
