/* SPDX-License-Identifier: MIT */
/*
 * mqtt_names: what the tables (*.def) know about packets, properties, reason
 * codes and faults.
 */
#pragma once

#include "dissectors/mqtt_packet.h"

typedef struct MqttTypeInfo {
	const char *name;
	uint8_t flags;    /* what the low four bits of octet 1 have to be */
	uint8_t mask;     /* which of them are fixed since 3.1.1 */
	uint8_t mask_3_1; /* and in 3.1 */
	uint8_t senders;  /* see mqtt_type_sent_by() */
	uint8_t senders_3;
} MqttTypeInfo;

const MqttTypeInfo *mqtt_type_info(MqttType type);
/* Whether the client, or else the server, may send packets of @type at all. */
bool mqtt_type_sent_by(MqttType type, MqttVersion version, bool client);
/* "CONNECT" ...; "Reserved" for 0. */
const char *mqtt_type_name(MqttType type);
/* "3.1", "3.1.1", "5.0", "unknown". */
const char *mqtt_version_name(MqttVersion version);

typedef enum MqttPropertyType {
	MQTT_PROPERTY_BYTE,
	MQTT_PROPERTY_U16,
	MQTT_PROPERTY_U32,
	MQTT_PROPERTY_VARINT,
	MQTT_PROPERTY_STRING,
	MQTT_PROPERTY_BINARY,
	MQTT_PROPERTY_PAIR,
} MqttPropertyType;

typedef struct MqttPropertyInfo {
	uint8_t id;        /* on the wire */
	const char *label; /* "Session Expiry Interval" */
	const char *key;   /* "session_expiry_interval" */
	MqttPropertyType type;
	uint32_t allowed;     /* 1u << MqttType; bit 0 stands for Will Properties */
	uint32_t repeats;     /* the packets where it may stand more than once, as in allowed */
	uint32_t least, most; /* of a number; outside it is @fault */
	MqttFaultId fault;    /* MQTT_N_FAULTS: any value is legal */
	const char *clause;   /* "5.0 §3.1.2.11.2" */
} MqttPropertyInfo;

const MqttPropertyInfo *mqtt_property_info(MqttPropertyIndex index);
/* The index of wire id @id; MQTT_N_PROPERTIES if there is none. */
MqttPropertyIndex mqtt_property_index(uint32_t id);

/* Whether a packet of @type may carry @code: a reason code of 5.0, a return code of 3.x. */
bool mqtt_reason_allowed(MqttType type, MqttVersion version, uint8_t code);
/* The name of a reason code in packets of @type ("Session taken over"), or of a 3.x return code
 * for CONNACK and SUBACK; NULL if the standard has none there. */
const char *mqtt_reason_name(MqttType type, MqttVersion version, uint8_t code);

typedef struct MqttFaultInfo {
	const char *name;   /* kebab-case: "packet-id-zero" */
	const char *says;   /* one sentence */
	const char *clause; /* with versions: "5.0 [MQTT-2.2.1-2]; 3.1.1 [MQTT-2.3.1-1]" */
} MqttFaultInfo;

const MqttFaultInfo *mqtt_fault_info(MqttFaultId id);
/* The standard calls a packet with this fault malformed (5.0 §1.2: it cannot be parsed), not just
 * against the protocol. */
bool mqtt_fault_is_malformed(MqttFaultId id);
