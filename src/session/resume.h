/* SPDX-License-Identifier: MIT */
/*
 * resume: what became of the QoS 1 and 2 exchanges that were open when a
 * connection ended, as the next connection of the client shows it.
 *
 * Only of connections on which something is worth telling.
 */
#pragma once

#include "src/session/connection.h"

/* So long the new connection has to be seen before a packet is said not to come any more. */
enum { RESUME_WATCH_S = 30 };

typedef enum ResumeKind {
	/* from the broker, on a session that was resumed */
	RESUME_NOT_REDELIVERED, /* neither PUBLISH nor the message itself came again */
	RESUME_PUBREL_MISSING,  /* PUBREC or PUBREL had been seen; neither PUBREL nor PUBLISH came */
	RESUME_REPLAYED,        /* PUBLISH again, although its PUBREL had been sent */
	RESUME_REJECTED,        /* sent again, and the client closed the connection over it */
	/* from the client */
	RESUME_OWN_MISSING,     /* had to be sent again, and was not */
	RESUME_OWN_GIVEN_UP,    /* had to be discarded, or could be; not published anew either */
	RESUME_OWN_KEPT,        /* had to be discarded, and was sent again */
	RESUME_N,
} ResumeKind;

/* One exchange of them. */
typedef struct ResumeExample {
	FrameRef frame; /* its first packet that was seen */
	Instant time;
	FrameRef again; /* where it came again; number 0: it did not */
	Instant again_time;
	uint16_t packet_id;
	uint8_t qos;
	uint8_t state;  /* MqttExchangeState when the connection ended */
	bool half;      /* its PUBLISH was on an earlier connection, or not captured */
} ResumeExample;

typedef struct ResumeCount {
	uint32_t n;
	ResumeExample first;
} ResumeCount;

typedef struct Resume {
	ResumeCount of[RESUME_N];
	bool perhaps_shared; /* what was not redelivered may belong to a Shared Subscription */
	AbsenceIndex not_redelivered; /* what that cost; NO_ABSENCE: nothing */
	AbsenceIndex unreleased;      /* what was never released cost */
	AbsenceIndex own_missing;
} Resume;
