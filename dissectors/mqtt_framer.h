/* SPDX-License-Identifier: MIT */
/*
 * mqtt_framer: octets of one direction in, framed control packets out.
 *
 * Packets that lie in one segment are framed in place; octets are kept only of a
 * packet that straddles segments, bounded for each type, and never those of a
 * PUBLISH payload: it is hashed as it passes.  A hole inside a packet whose
 * length is known cuts that packet only; after any other hole the framer
 * searches for a boundary where packets make sense again.
 */
#pragma once

#include <xxhash.h>

#include "dissectors/mqtt_backlog.h"
#include "dissectors/mqtt_stream.h"

enum {
	MQTT_FRAME_BOUND = 1 << 20,    /* octets kept of a packet that may be long */
	MQTT_FRAME_ACK_BOUND = 1 << 18, /* of one that names no filters and no will */
};

typedef struct MqttFrame {
	ByteSpan octets;           /* from the first of the fixed header; borrowed */
	uint32_t remaining_length;
	uint8_t header_size;       /* of the fixed header */
	bool whole;                /* octets is the whole packet */
	bool header_whole;         /* PUBLISH: octets is its whole header, without the payload */
	bool cut;                  /* some octets were not captured, or were too many to keep */
	bool has_hash;
	MqttHash hash;             /* of the payload, if not whole, not cut and QoS > 0 */
	MqttVersion version;       /* by which the end of the PUBLISH header was found */
	StreamPoint begin, end;
	uint64_t offset;           /* of its first octet in the side's stream */
} MqttFrame;

typedef struct MqttFrameSink {
	void (*frame)(void *self, unsigned side, const MqttFrame *frame);
	void (*lost)(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
	             const StreamPoint *at);
	void *self;
	unsigned side;
} MqttFrameSink;

typedef enum MqttFramerState {
	MQTT_FRAMER_BOUNDARY, /* the next octet begins a packet */
	MQTT_FRAMER_FIXED,    /* inside the fixed header */
	MQTT_FRAMER_BODY,     /* keeping a packet to its end */
	MQTT_FRAMER_VARIABLE, /* keeping the variable header of a PUBLISH */
	MQTT_FRAMER_PAYLOAD,  /* passing the payload of a PUBLISH */
	MQTT_FRAMER_SKIP,     /* passing over the rest of a packet */
	MQTT_FRAMER_SEARCH,   /* looking for a boundary */
} MqttFramerState;

/* Zero is a framer at the first octet of a stream.  The owner sets version and senders as it
 * learns them. */
typedef struct MqttFramer {
	uint64_t offset;         /* of the next octet in the side's stream */
	uint8_t state;           /* MqttFramerState */
	uint8_t version;         /* MqttVersion */
	uint8_t senders;         /* MqttSender */
	bool resynced;           /* the boundary was guessed at least once */
	bool aligned;            /* the octets at hand begin a segment */
	/* What is below is not touched while packets lie in segments whole. */
	uint8_t header_size;
	uint8_t frame_version;   /* of the packet under way */
	bool cut;
	bool header_whole;
	bool nonsense;           /* searching after octets that frame nothing, not after a hole */
	bool replaying;          /* octets that waited are being framed */
	bool hinted;             /* searching at the hint and nowhere else */
	uint32_t n_kept;
	uint32_t kept_capacity;
	uint32_t left;           /* octets of the packet still to come */
	uint32_t missing;        /* of those that passed */
	uint32_t remaining_length;
	uint8_t *kept;           /* of the packet that straddles */
	XXH3_state_t *hash;
	MqttBacklog *backlog;    /* while searching */
	uint64_t begin_offset;   /* of the packet under way */
	uint64_t hint;           /* a boundary that a long packet points to; 0: none */
	uint64_t skipped;        /* while searching, not yet reported */
	StreamPoint begin;
} MqttFramer;

void mqtt_framer_clear(MqttFramer *framer);
/* Gives its memory back, which it has for few connections, and leaves the rest as it is. */
void mqtt_framer_release(MqttFramer *framer);
void mqtt_framer_bytes(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                       const StreamPoint *at);
/* @n_bytes octets will never come.  Reports them as lost, whatever else happens. */
void mqtt_framer_gap(MqttFramer *framer, const MqttFrameSink *sink, uint64_t n_bytes,
                     MqttLossKind kind, const StreamPoint *at);
/* After a hole whose size was a guess: the boundary is not known any more. */
void mqtt_framer_lose_count(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at);
/* Whether a hole of @n_bytes here could hide a packet, or a header, from us. */
bool mqtt_framer_gap_hides(const MqttFramer *framer, uint64_t n_bytes);
/* The stream is over: what is under way is reported as lost. */
void mqtt_framer_end(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at);
/* Forget the boundary: from here on look for one. */
void mqtt_framer_search(MqttFramer *framer);

/* The size of the fixed header at the start of @bytes and the length it announces; 0 if it is not
 * whole, -1 if the length runs over its fourth octet (5.0 §1.5.5; 3.1.1 §2.2.3). */
int mqtt_fixed_header(ByteSpan bytes, uint32_t *remaining_length);
