/* SPDX-License-Identifier: MIT */
/*
 * clues: what the packets of a connection tell about the subscriptions of its session.
 *
 * Few connections have any; of each kind the first is kept, with the number of them.
 */
#pragma once

#include "dissectors/stream.h"
#include "src/session/connection.h"

typedef enum ClueKind {
	CLUE_GRANTED_LESS,    /* SUBACK: a lower QoS than asked for; @filter */
	CLUE_NOT_SUBSCRIBED,  /* UNSUBACK 0x11 for a @filter that the session should have held */
	CLUE_TAKEN_AS_NEW,    /* Retain Handling 1 brought a retained message, though it was held */
	CLUE_REFUSED_NOW,     /* SUBACK: a @filter that had been granted before is refused */
	CLUE_EARLY_DELIVERY,  /* QoS 1 or 2 before any SUBSCRIBE of a resumed session */
	CLUE_SUBSCRIBED_LATE, /* SUBSCRIBE to what had been delivered and acknowledged by then */
	CLUE_TO_ANOTHER_MEMBER, /* of a shared @filter, while the client was away; @other */
	CLUE_RETAINED_AGAIN,  /* SUBSCRIBE to @filter brought a retained message that it knew */
	CLUE_HAD_BEFORE,      /* likewise: where it had got that before */
	CLUE_LIVED_ON,        /* PUBLISH with the identifier of @filter, before any SUBSCRIBE */
	CLUE_NOT_SERVED,      /* PUBLISH to the broker that @filter matches; as @n later ones it never came
	                       * to the client, whose session was resumed */
	CLUE_N,
} ClueKind;

typedef struct Clue {
	StreamPoint at;
	uint32_t next;   /* of the connection; 0: none */
	uint32_t filter; /* see model_filter() */
	uint32_t topic;  /* CLUE_EARLY_DELIVERY: text index */
	uint32_t n;      /* so many of them */
	ConnectionIndex other; /* CLUE_TO_ANOTHER_MEMBER: of the member */
	AbsenceIndex cost;     /* CLUE_NOT_SERVED: of those messages */
	uint8_t kind;
	uint8_t asked, answered; /* QoS; reason code */
	bool unsure; /* packets of the client that may explain it are not in the capture */
} Clue;

typedef struct Model Model;

/* NULL if the connection has none. */
const Clue *model_clue(const Model *model, const Connection *connection, ClueKind kind);
