/* SPDX-License-Identifier: MIT */
/*
 * mqtt_sn: whether datagrams are MQTT for Sensor Networks 1.2, which is recognised and not decoded.
 *
 * One message of exactly the datagram's length with fields that its type allows says little; an exchange
 * of them, request and answer with the same identifiers, says enough.
 */
#pragma once

#include "dissectors/bytes.h"

enum { MQTT_SN_PORT = 1884 };

/* What is remembered of one pair of endpoints. */
typedef struct MqttSn {
	uint8_t request;    /* type of the last one that has an answer; 0: none */
	uint8_t sender;     /* 0 or 1 */
	uint16_t id;        /* of its message */
	uint8_t n_answered; /* exchanges */
	bool connected;     /* CONNECT and its answer */
} MqttSn;

/* Whether a datagram is one message that may be; cheap. */
bool mqtt_sn_message(ByteSpan datagram);
/* The next datagram, of @sender (0 or 1), which mqtt_sn_message() likes: whether it is proven by now.
 * @hint: one of the ports is the usual one. */
bool mqtt_sn_proven(MqttSn *flow, unsigned sender, ByteSpan datagram, bool hint);
