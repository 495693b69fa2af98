/* SPDX-License-Identifier: MIT */
/*
 * mqtt_plausible: whether octets could be control packets.
 *
 * For streams whose beginning, or whose boundary, is not known.  A packet is
 * plausible if it decodes without fault and its sender may send its type.
 */
#pragma once

#include "dissectors/mqtt_packet.h"

/* Who may have sent the octets of a direction: a set; 0 stands for either. */
typedef enum MqttSender {
	MQTT_SENDER_UNKNOWN = 0,
	MQTT_SENDER_CLIENT = 1,
	MQTT_SENDER_SERVER = 2,
	MQTT_SENDER_EITHER = 3,
} MqttSender;

typedef enum MqttGuess {
	MQTT_GUESS_NO,
	MQTT_GUESS_OPEN, /* more octets are needed to tell */
	MQTT_GUESS_YES,
} MqttGuess;

/* Who may send packets of this type: a set of MqttSender. */
unsigned mqtt_type_senders(MqttType type, MqttVersion version);
/* Whether a packet may begin with this octet: type, flags, sender. */
bool mqtt_plausible_start(uint8_t octet, unsigned senders);

/* Packets in a row from the first octet on. */
typedef struct MqttChain {
	unsigned n_packets;     /* complete and plausible */
	unsigned weight;        /* how much they prove: 1 for a ping, 2 for a PUBLISH, ... */
	size_t size;            /* octets of those */
	MqttGuess rest;         /* of what follows them; YES: nothing follows */
	bool publish_follows;   /* OPEN: a PUBLISH with a whole, plausible variable header */
	size_t next;            /* then the size of that PUBLISH, else 0 */
	uint16_t types;         /* 1u << MqttType of those */
	unsigned senders;       /* who may have sent them all: a set of MqttSender */
	unsigned n_decoded;     /* effort spent */
} MqttChain;

/* Looks at no more than @most packets: rest is YES if all of them are good.
 * @version UNKNOWN: each packet as 5.0 or as 3.1.1. */
MqttChain mqtt_chain(ByteSpan bytes, MqttVersion version, unsigned senders, unsigned most);
