/* SPDX-License-Identifier: MIT */
/*
 * connection: one Network Connection that carried MQTT, as it was observed.
 */
#pragma once

#include "dissectors/mqtt_packet.h"
#include "dissectors/net.h"
#include "dissectors/stream.h"
#include "dissectors/transport.h"

typedef uint32_t BrokerIndex;
typedef uint32_t ClientIndex;
typedef uint32_t ConnectionIndex;
typedef uint32_t AbsenceIndex;

#define NO_INDEX UINT32_MAX
#define NO_ABSENCE UINT32_MAX

#define EXPIRY_NEVER UINT32_MAX /* 0xFFFFFFFF: the session does not expire (5.0 §3.1.2.11.2) */

/* A number that the wire may not have carried. */
typedef struct __attribute__((packed)) OptionalU32 {
	bool known;
	uint32_t value;
} OptionalU32;

typedef enum Outcome {
	OUTCOME_FIRST_SEEN,
	OUTCOME_RESUMED,
	OUTCOME_FRESH_AS_REQUESTED,
	OUTCOME_FRESH_UNEXPECTED,
	OUTCOME_REFUSED,
	OUTCOME_NOT_OBSERVABLE,
} Outcome;

typedef enum ClosedBy {
	CLOSED_BY_UNKNOWN,
	CLOSED_BY_CLIENT,
	CLOSED_BY_BROKER,
	CLOSED_BY_NETWORK,
	CLOSED_BY_CAPTURE_END, /* still open when the capture ended */
} ClosedBy;

typedef enum CloseKind {
	CLOSE_OPEN,
	CLOSE_DISCONNECT,
	CLOSE_FIN,
	CLOSE_RST,
	CLOSE_KEEP_ALIVE,
	CLOSE_TAKEOVER,
	CLOSE_REFUSED,
	CLOSE_PROTOCOL_ERROR,
	CLOSE_VANISHED, /* no end on the wire, but the client came again */
} CloseKind;

/* Small: hundreds of thousands are kept.  What is first in a line is no accident: three cache lines,
 * and no more (connection.c).  What only few connections have is in Remarks. */
typedef struct Connection {
	Instant opened; /* SYN, or the first segment seen */
	Instant connect_time;
	Instant connack_time;
	Instant closed; /* as the broker sees it: DISCONNECT, FIN or RST; unknown while open */
	Instant last_from_client;
	FrameRef opened_frame, connect_frame, connack_frame, close_frame;

	ClientIndex client; /* NO_INDEX: its CONNECT was not captured */
	BrokerIndex broker;
	ConnectionIndex previous; /* of the same client; NO_INDEX for the first */
	ConnectionIndex next;
	ConnectionIndex accepted_before;  /* the client's last connection before this that was accepted */
	ConnectionIndex same_host_before; /* without client id: the one before from the same host */
	uint32_t number; /* 1-based, counted within the client */
	uint32_t username; /* text index, see model_text(); valid if has_username */
	uint32_t n_subscribes; /* SUBSCRIBE packets */
	uint32_t remarks; /* rare facts, see model_remarks() */
	AbsenceIndex absence; /* between the connection before and this; NO_ABSENCE if it cost nothing */
	Endpoint source; /* the client's; behind a proxy that tells, not the socket's: model_socket() */
	uint16_t keep_alive; /* seconds, of CONNECT */
	uint16_t holes;      /* in the octets captured of it, either side; UINT16_MAX: or more */
	uint16_t faults;     /* likewise */
	uint16_t outlived_s; /* the longest silence of a minute or more after which it went on */

	uint8_t version; /* MqttVersion */
	uint8_t protocol_level;
	uint8_t transport;   /* Transport */
	uint8_t return_code; /* of CONNACK */
	uint8_t backend, backend_clock; /* see model_backend() */
	uint8_t client_disconnect_reason, server_disconnect_reason;
	uint8_t closed_by;  /* ClosedBy */
	uint8_t close_kind; /* CloseKind */
	uint8_t outcome;    /* Outcome, once a CONNACK was seen */

	OptionalU32 expiry_connect; /* Session Expiry Interval: known only if the property was there */
	OptionalU32 expiry_connack;
	OptionalU32 expiry_disconnect; /* in the client's DISCONNECT */
	OptionalU32 receive_maximum, maximum_packet_size; /* of CONNECT */
	OptionalU32 server_keep_alive, maximum_qos;       /* of CONNACK */
	OptionalU32 assigned_client_id; /* text index */

	bool syn_seen : 1, connect_seen : 1, connack_seen : 1, session_present : 1;
	bool bridge : 1, clean_start : 1, empty_client_id : 1, has_username : 1, has_will : 1;
	bool client_disconnected : 1, server_disconnected : 1; /* DISCONNECT seen of either */
	bool subscribed_early : 1; /* a SUBSCRIBE before the CONNACK */
	bool publish_before_subscribe : 1; /* the broker delivered before any SUBSCRIBE: the session lived */
	bool snapped : 1; /* the snap length cut some of its holes */
	bool answered_close : 1; /* the other side then closed its own, too: it lived */
	bool answered_fin : 1;   /* likewise, and not by RST, as a NAT or a host that was started anew would */
	bool had_subscriptions : 1; /* when it ended, the session held some */
	bool wanted_messages : 1;   /* the client had subscribed by then, be it in an earlier session */
	bool followed : 1;  /* the model still writes to it: its TCP connection is not forgotten yet */
	bool gap_before : 1; /* of its client's chain something was forgotten between the one before and this */
	bool forgotten : 1; /* it stands for those that went to make room (forget.h): nothing else is set */
} Connection;

/* By a CONNACK that was seen. */
bool connection_was_accepted(const Connection *connection);
const char *outcome_name(Outcome outcome);
const char *closed_by_name(ClosedBy closed_by);
const char *close_kind_name(CloseKind kind);
