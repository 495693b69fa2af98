/* SPDX-License-Identifier: MIT */
/*
 * mqtt_pairing: which exchange a control packet opens, goes on with or ends
 * (5.0 §4.3, §4.4; 3.1.1 §4.3, §4.4).
 */
#pragma once

#include "dissectors/mqtt_exchange.h"

typedef enum MqttMismatch {
	MQTT_PAIRED,
	MQTT_ID_IN_USE,      /* a new packet with the identifier of an open exchange */
	MQTT_SENT_AGAIN,     /* PUBLISH with DUP, or PUBREL, that was sent on this connection already */
	MQTT_NOTHING_OPEN,   /* an acknowledgement of nothing */
	MQTT_WRONG_ANSWER,   /* of another QoS level */
	MQTT_PUBREL_EARLY,   /* before PUBREC */
	MQTT_WRONG_COUNT,    /* SUBACK or UNSUBACK with fewer or more codes than filters */
} MqttMismatch;

typedef struct MqttPairing {
	MqttOpen *open; /* NULL: the packet belongs to no exchange, or to one never seen */
	bool done;      /* to be closed by the caller when it has no more use for it */
	MqttMismatch mismatch;
	bool uncertain; /* a hole may explain the mismatch */
} MqttPairing;

/* @unseen: a PUBLISH may have been missed, so a PUBREC of something unknown opens an exchange. */
MqttPairing mqtt_pair(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                      const StreamPoint *at, bool unseen);
