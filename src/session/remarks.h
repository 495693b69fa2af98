/* SPDX-License-Identifier: MIT */
/*
 * remarks: what only few connections have, so that the record of all others stays small.
 */
#pragma once

#include "dissectors/bytes.h"
#include "dissectors/net.h"
#include "dissectors/stream.h"
#include "src/session/absence.h"

/* What the broker sent to a client that had fallen silent, and TCP never saw acknowledged. */
typedef struct Unheard {
	uint64_t end;     /* of the segment that brought the first, in the broker's TCP stream */
	FrameRef first;
	Instant since;    /* when the first was sent */
	uint16_t n_qos0, n_queued; /* PUBLISH of QoS 0, and of QoS 1 or 2 */
	bool sent_again;  /* once the connection is over: TCP sent some of it again, in vain */
	Instant silent;   /* likewise: the client's last packet */
	uint32_t cost;    /* likewise: AbsenceIndex of those of QoS 0; NO_ABSENCE */
} Unheard;

/* What a layer below MQTT said when it ended, see farewell.h. */
typedef struct Parting {
	uint8_t layer; /* FarewellLayer; FAREWELL_NONE: nothing */
	uint16_t code;
} Parting;

typedef struct Remarks {
	/* After it ended: the last time that a publisher was told of a subscriber, for a message that
	 * of all known sessions this one alone matches; frame number 0: never */
	StreamPoint alive;
	/* What was missed after it, by a client that did not come back until the capture ended, and whose
	 * session was seen to be dead; index + 1; 0: nothing */
	uint32_t never_back;
	/* the Will of its CONNECT, if Connection.has_will */
	uint32_t will_topic; /* text index, see model_text() */
	uint32_t will_delay; /* seconds */
	uint64_t will_payload; /* its hash, the low half */
	uint32_t will_size;    /* of the payload */
	uint8_t will_qos;
	bool will_retain;
	/* where it came before will_delay had passed, and nobody else can have sent it; frame number 0:
	 * it did not */
	StreamPoint early_will;
	/* a client that looks like this one was here before, under a name that nobody uses any more:
	 * its last accepted connection + 1; 0: none */
	uint32_t name_before;
	uint8_t name_difference; /* IdDifference, see id_shape.h */
	bool only_name_of_host;  /* its host shows no other client */
	uint32_t idle_end_s; /* so long nothing had been sent when its client was back, or met a RST */
	uint32_t resume; /* index + 1, see model_resume(); 0: none */
	uint32_t missed[MISSED_N]; /* index + 1, see model_missed(); 0: none */
	uint32_t stall;  /* likewise, see model_stall() */
	uint32_t unheard; /* likewise, see model_unheard() */
	Parting parting[2]; /* of the client, of the broker */
	bool proxied;   /* a PROXY header told the client's address ... */
	Endpoint proxy; /* ... and this is the socket's, where the proxy connected from */
	uint32_t clues; /* the first, see model_clue(); 0: none */
} Remarks;
