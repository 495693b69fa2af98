/* SPDX-License-Identifier: MIT */
/*
 * history: what passed on the connections of some clients, packet by packet.
 *
 * The model remembers sessions, not packets.  Who wants to see them has the
 * capture read again: with a model and a pipeline of its own, so that the state
 * of a session at each packet is what the model says, and no second opinion.
 * It fills up in a thread, and goes on as a live capture does.  Read it while the engine is held, or
 * after that is gone; what is there already stays as it is, but for what answered it.
 */
#pragma once

#include <glib.h>

#include "dissectors/mqtt_packet.h"
#include "src/session/model.h"

typedef enum HistoryKind {
	HISTORY_PACKET,        /* an MQTT control packet */
	HISTORY_OPENED,        /* TCP connection: its SYN, or the first segment seen */
	HISTORY_FIN,           /* one side closed */
	HISTORY_RST,
	HISTORY_VANISHED,      /* the connection was given up: nothing on the wire */
	HISTORY_RETRANSMITTED, /* a segment that brought nothing new */
	HISTORY_GAP,           /* octets that were never captured, or cut off */
	HISTORY_OWED,          /* another client's PUBLISH that matches what this one, being away, had
	                        * subscribed to */
} HistoryKind;

/* The session of the event's client right after it. */
typedef struct SessionMoment {
	uint32_t subscriptions;  /* index for history_subscriptions() */
	uint16_t to_client, from_client; /* PUBLISH of QoS 1 and 2 that wait for their acknowledgement */
	uint32_t waiting;        /* HISTORY_OWED since it went away, or came back */
} SessionMoment;

typedef struct HistoryEvent {
	FrameRef frame, last_frame; /* of its first and its last octet */
	Instant time;
	ClientIndex client;         /* of the model that it was asked of */
	ConnectionIndex connection; /* likewise; the publisher's for HISTORY_OWED */
	uint8_t kind;               /* HistoryKind */
	uint8_t side;               /* StreamSinkOps' sender: 0 opened the connection */
	bool from_client;           /* the MQTT client sent it; else the broker */
	bool by_nobody;             /* HISTORY_RST: which of the two reset it is not known */
	uint8_t type;               /* MqttType */
	uint8_t version;            /* MqttVersion */
	uint8_t qos;                /* of PUBLISH */
	bool dup, retain, session_present, clean_start;
	bool has_reason;
	uint8_t reason;
	uint8_t n_faults;
	uint16_t packet_id;
	uint32_t size;              /* of the whole control packet; octets missing for HISTORY_GAP */
	uint32_t payload_size;
	uint32_t text;              /* of PUBLISH the topic, of SUBSCRIBE and UNSUBSCRIBE the first filter,
	                             * of CONNECT the Client Identifier: for history_text() */
	uint16_t n_entries;         /* filters or codes */
	ClientIndex publisher;      /* HISTORY_OWED: who published; NO_INDEX: not known */
	int32_t answers;            /* the event that this acknowledges; -1: none */
	int32_t answered_by;        /* likewise */
	SessionMoment moment;
} HistoryEvent;

typedef struct HistorySubscription {
	uint32_t filter; /* for history_text() */
	uint8_t qos;
	bool shared, no_local;
	FrameRef since;
} HistorySubscription;

typedef struct History History;

History *history_ref(History *history);
void history_unref(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_unref)

/* Events so far, in the order of the capture; there is a bound, see history_cut(). */
uint32_t history_n_events(History *history);
/* Valid as long as the history. */
const HistoryEvent *history_event(History *history, uint32_t index);
/* The part that was read again of what was analysed, 0 to 1; 1: all, or all so far. */
double history_done(History *history);
/* What is missing in it; bits. */
typedef enum HistoryCut {
	HISTORY_CUT_EVENTS = 1 << 0, /* there were more than HISTORY_EVENTS_MOST, which are the first */
	HISTORY_CUT_OCTETS = 1 << 1, /* of some control packets, which all together were too many */
	HISTORY_CUT_KEPT = 1 << 2,   /* what came later was analysed, but there was no room to keep it */
} HistoryCut;
enum { HISTORY_EVENTS_MOST = 500 * 1000 };
unsigned history_cut(History *history);
/* Why there is nothing: the capture can no longer be read; NULL: all is well. */
const char *history_error(History *history);

/* From the wire, not escaped. */
ByteSpan history_text(History *history, uint32_t text);
/* The octets of a control packet (behind TLS and WebSocket), or the beginning of them; empty if they
 * were not kept. */
ByteSpan history_octets(History *history, uint32_t index);
/* The subscriptions of a SessionMoment; *n of them. */
const HistorySubscription *history_subscriptions(History *history, uint32_t subscriptions, uint32_t *n);
