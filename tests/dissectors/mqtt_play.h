/* SPDX-License-Identifier: MIT */
/*
 * mqtt_play: conversations for the tests of mqtt_stream, fed in pieces, and what
 * comes out of them.
 */
#pragma once

#include <glib.h>

#include "dissectors/mqtt_stream.h"

/* A packet on the wire: the remaining length is put in by the player. */
typedef struct Line {
	unsigned side;
	uint8_t first;
	const char *body;
	size_t size;
} Line;

#define LINE(side, first, body) {side, first, body, sizeof(body) - 1}
/* From the client, from the server. */
#define C(first, body) LINE(0, first, body)
#define S(first, body) LINE(1, first, body)

/* What is kept of an event. */
typedef struct Seen {
	unsigned side;
	MqttType type;
	MqttVersion version;
	uint64_t offset;
	uint32_t remaining_length;
	uint16_t packet_id;
	bool truncated;
	bool has_reason;
	uint8_t reason;
	char topic[64];    /* resolved */
	bool topic_known;
	uint32_t payload_size;
	bool has_hash;
	MqttHash hash;
	bool has_exchange;
	bool done;
	MqttExchange exchange; /* if has_exchange */
	int from_client;       /* -1: roles not known */
	uint32_t n_faults;
	MqttFault faults[MQTT_MAX_FAULTS];
	uint64_t begin_frame, end_frame;
} Seen;

typedef struct Play {
	MqttStream *stream;
	StreamSink sink;
	GArray *seen;                 /* Seen */
	uint64_t lost[4];             /* octets by MqttLossKind */
	unsigned n_ends;
	unsigned n_decided;
	MqttCertainty decided;
	StreamPoint at;
} Play;

/* @from_start: tell the stream that the connection was seen to begin. */
Play *play_new(bool assume, bool from_start);
void play_free(Play *play);
void play_octets(Play *play, unsigned side, const void *data, size_t size);
void play_lines(Play *play, const Line *lines, size_t n);
void play_gap(Play *play, unsigned side, uint64_t n, GapKind kind);
void play_end(Play *play);
const Seen *play_event(const Play *play, unsigned index);
/* The number of events with @fault. */
unsigned play_count(const Play *play, MqttFaultId fault);

/* The octets of a line, with its remaining length. */
GByteArray *line_octets(const Line *line);

/* Two sessions without fault, one for each version. */
extern const Line session_5[];
extern const size_t session_5_lines;
extern const Line session_3[];
extern const size_t session_3_lines;

typedef struct Session {
	const Line *lines;
	size_t n;
} Session;

/* That of MQTT_5_0 or MQTT_3_1_1. */
Session session(MqttVersion version);
/* A packet to a segment, nothing missing. */
Play *play_whole(MqttVersion version);
