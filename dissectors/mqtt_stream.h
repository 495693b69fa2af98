/* SPDX-License-Identifier: MIT */
/*
 * mqtt_stream: two byte streams of a connection in, MQTT Control Packets out.
 *
 * A duplex StreamSink: frames packets across segments, joined mid-stream or
 * from the start, decodes them with the connection's version, resolves topic
 * aliases for each direction at that moment, checks the rules that span packets
 * of one connection, and pairs each acknowledgement with what it answers.
 * Payloads are hashed as they pass and never collected.
 */
#pragma once

#include "dissectors/mqtt_packet.h"
#include "dissectors/stream.h"

typedef enum MqttCertainty {
	MQTT_CERTAIN,  /* by its CONNECT, or port given by the user and consistent framing */
	MQTT_LIKELY,   /* framing that stays consistent, no CONNECT captured */
	MQTT_UNDECIDED,
	MQTT_REJECTED, /* this is no MQTT */
} MqttCertainty;

/* An exchange that is not complete: a PUBLISH of QoS 1 or 2, SUBSCRIBE or UNSUBSCRIBE that waits
 * for its acknowledgement. */
typedef struct MqttExchange {
	uint16_t packet_id;
	uint8_t type;        /* MqttType of what opened it */
	uint8_t qos;
	uint8_t side;        /* who sent it */
	uint8_t state;       /* MqttExchangeState */
	bool opened_unseen;  /* its PUBLISH was not captured: a PUBREL or PUBREC came first */
	bool uncertain;      /* a hole may have hidden how it went on */
	uint32_t tag, mark;  /* free for the sink's owner; 0 in a new exchange */
	StreamPoint opened;
} MqttExchange;

typedef enum MqttExchangeState {
	MQTT_EXCHANGE_SENT,      /* nothing came back yet */
	MQTT_EXCHANGE_RECEIVED,  /* QoS 2: PUBREC came */
	MQTT_EXCHANGE_RELEASED,  /* QoS 2: PUBREL went */
} MqttExchangeState;

typedef struct MqttEvent {
	const MqttPacket *packet;
	unsigned side;           /* of the sender */
	bool from_client;        /* the sender is the MQTT client; meaningful if roles_known */
	bool roles_known;
	StreamPoint begin, end;  /* frames of its first and last octet */
	uint64_t offset;         /* of its first octet in the side's stream */
	/* PUBLISH with QoS > 0, SUBSCRIBE, UNSUBSCRIBE: the exchange that it opened or repeats (new or
	 * existing).  PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK: what it answers; NULL if that
	 * was not seen.  If @exchange_done the exchange is over and is forgotten after the call. */
	MqttExchange *exchange;
	bool exchange_done;
} MqttEvent;

typedef enum MqttLossKind {
	MQTT_LOSS_MISSING,   /* a hole in the capture */
	MQTT_LOSS_TRUNCATED, /* the snap length */
	MQTT_LOSS_SKIPPED,   /* octets passed over until packets made sense again */
	MQTT_LOSS_MALFORMED, /* framing broke without a hole: the peer sent nonsense */
} MqttLossKind;

typedef struct MqttSinkOps {
	void (*packet)(void *self, const MqttEvent *event);
	/* Octets of @side from which no packets could be made. */
	void (*lost)(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
	             const StreamPoint *at);
	/* One side is over.  Called once a side. */
	void (*end)(void *self, unsigned side, StreamEnd how, const StreamPoint *at);
	/* The connection turned out to be MQTT (called before the first packet()), or not to be (then
	 * nothing else is called).  Called once; LIKELY may become CERTAIN later, at a CONNECT. */
	void (*decided)(void *self, MqttCertainty certainty);
} MqttSinkOps;

typedef struct MqttStream MqttStream;

/* @assume: take the octets as MQTT without detection (--decode PORT). */
MqttStream *mqtt_stream_new(const MqttSinkOps *ops, void *self, bool assume);
void mqtt_stream_free(MqttStream *stream);
/* For streams that lie in memory of their owner: how much one takes, aligned like a pointer.  It
 * begins as zeroes; renew() makes a new stream of it or of a used one, of which only a little memory
 * is kept for what is to come, and clear() gives all memory back. */
size_t mqtt_stream_size(void);
void mqtt_stream_renew(MqttStream *stream, const MqttSinkOps *ops, void *self, bool assume);
/* It is over: what it holds, but for that little memory, is given back until renew(). */
void mqtt_stream_release(MqttStream *stream);
void mqtt_stream_clear(MqttStream *stream);
/* The layer below saw the connection begin (SYN, handshake): the first octets of both sides are
 * the first of the connection, and side 0 opened it.  Call before the first octets.  Only then is
 * it known that a stream does not begin with CONNECT, or that the server spoke first. */
void mqtt_stream_from_start(MqttStream *stream);
/* @lacks tells whether the peer of @side has acknowledged octets of it that did not come (yet):
 * until they come or turn out to be a gap, nothing is concluded from the absence of packets. */
void mqtt_stream_watch(MqttStream *stream, bool (*lacks)(void *user, unsigned side), void *user);
/* What TCP (or TLS, or WebSocket) feeds. */
StreamSink mqtt_stream_sink(MqttStream *stream);

MqttCertainty mqtt_stream_certainty(const MqttStream *stream);
MqttVersion mqtt_stream_version(const MqttStream *stream);
/* MQTT_CERTAIN if a CONNECT told it, MQTT_LIKELY if inferred from packets. */
MqttCertainty mqtt_stream_version_certainty(const MqttStream *stream);
/* The side that is the MQTT client: 0 or 1; -1 while unknown. */
int mqtt_stream_client_side(const MqttStream *stream);

/* PUBLISH packets of QoS 1 and 2 that @side has sent on this connection and that are not answered to
 * the end: what the peer's Receive Maximum limits (5.0 §4.9). */
uint32_t mqtt_stream_unanswered(const MqttStream *stream, unsigned side);

/* Exchanges that are still open, oldest first: *position starts at 0; NULL at the end. */
MqttExchange *mqtt_stream_exchange_next(MqttStream *stream, size_t *position);
