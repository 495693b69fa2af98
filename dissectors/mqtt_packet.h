/* SPDX-License-Identifier: MIT */
/*
 * mqtt_packet: one MQTT Control Packet as a value.
 *
 * Decoded spans point into the octets that were given.  Names are those of the
 * standards (MQTT 3.1, 3.1.1, 5.0).  What a packet does wrong is recorded in
 * it, with the clause; decoding goes on as far as the octets make sense.
 */
#pragma once

#include "dissectors/bytes.h"

typedef enum MqttVersion {
	MQTT_VERSION_UNKNOWN = 0,
	MQTT_3_1 = 3,
	MQTT_3_1_1 = 4,
	MQTT_5_0 = 5,
} MqttVersion;

typedef enum MqttType {
	MQTT_RESERVED = 0,
#define MQTT_PACKET(value, NAME, ...) MQTT_##NAME = value,
#include "dissectors/mqtt_packets.def"
#undef MQTT_PACKET
	MQTT_N_TYPES = 16,
} MqttType;

typedef enum MqttPropertyIndex {
#define MQTT_PROPERTY(id, NAME, ...) MQTT_PROP_##NAME,
#include "dissectors/mqtt_properties.def"
#undef MQTT_PROPERTY
	MQTT_N_PROPERTIES,
} MqttPropertyIndex;

typedef enum MqttFaultId {
#define MQTT_FAULT(NAME, ...) MQTT_FAULT_##NAME,
#include "dissectors/mqtt_faults.def"
#undef MQTT_FAULT
	MQTT_N_FAULTS,
} MqttFaultId;

typedef struct MqttFault {
	MqttFaultId id;
	uint32_t offset; /* of the offending octet, from the first octet of the fixed header */
} MqttFault;

enum { MQTT_MAX_FAULTS = 8 };

/* Values of an index whose bit is not in @present are not set. */
typedef struct MqttProperties {
	uint32_t present;                   /* 1u << MqttPropertyIndex */
	uint32_t number[MQTT_N_PROPERTIES]; /* integers of all widths; the first, where it repeats */
	ByteSpan text[MQTT_N_PROPERTIES];   /* UTF-8 strings and binary data */
	uint32_t n_user_properties;
	uint32_t n_subscription_identifiers;
	ByteSpan raw; /* all of them as on the wire, without the length: for mqtt_property_next() */
} MqttProperties;

static inline bool mqtt_has_property(const MqttProperties *properties, MqttPropertyIndex index)
{
	return (properties->present >> index & 1) != 0;
}

typedef struct MqttWill {
	uint8_t qos;
	bool retain;
	ByteSpan topic;
	ByteSpan payload;
	MqttProperties properties;
} MqttWill;

typedef struct MqttConnect {
	ByteSpan protocol_name;
	uint8_t protocol_level; /* as on the wire, bridge bit included */
	bool bridge;            /* bit 0x80 of the level, as mosquitto bridges set it */
	bool clean_start;       /* Clean Session before 5.0 */
	uint16_t keep_alive;
	ByteSpan client_id;
	bool has_will;
	MqttWill will; /* set if has_will */
	bool has_username;
	ByteSpan username;
	bool has_password;
	size_t password_size; /* the password itself is never handed out */
} MqttConnect;

typedef struct MqttConnack {
	bool session_present; /* octet 1, bit 0; without meaning in MQTT 3.1 */
	uint8_t acknowledge_flags;
} MqttConnack;

typedef struct MqttHash {
	uint64_t low, high;
} MqttHash;

typedef struct MqttPublish {
	uint8_t qos;
	bool dup;
	bool retain;
	ByteSpan topic;          /* as on the wire */
	ByteSpan resolved_topic; /* with the topic alias applied; empty if its mapping was not seen */
	bool topic_known;        /* resolved_topic is what the packet means */
	ByteSpan payload;        /* empty if the payload was not in one piece with the header */
	uint32_t payload_size;   /* on the wire */
	bool has_hash;
	MqttHash hash;           /* XXH3 128 of the whole payload; only with has_hash */
} MqttPublish;

typedef struct MqttPacket {
	MqttType type;
	uint8_t flags;   /* the low four bits of octet 1 */
	MqttVersion version; /* by which it was decoded */
	uint8_t header_size; /* of the fixed header */
	uint32_t remaining_length;
	bool truncated; /* cut by the snap length or a hole: fields behind the cut are not set */
	uint16_t packet_id; /* 0: none */
	bool has_reason;
	uint8_t reason; /* reason code, or return code of CONNACK; absent in 5.0 means 0x00 */
	MqttProperties properties; /* present == 0 before 5.0 */
	ByteSpan entries; /* SUBSCRIBE, UNSUBSCRIBE: filters; SUBACK, UNSUBACK: codes */
	union {
		MqttConnect connect;
		MqttConnack connack;
		MqttPublish publish;
	};
	uint32_t n_faults; /* may exceed MQTT_MAX_FAULTS; only that many are kept */
	MqttFault faults[MQTT_MAX_FAULTS];
} MqttPacket;

/* One entry of SUBSCRIBE or UNSUBSCRIBE (options are 0 there). */
typedef struct MqttFilter {
	ByteSpan filter;
	uint8_t qos;
	bool no_local;
	bool retain_as_published;
	uint8_t retain_handling;
} MqttFilter;

/* Decodes one whole control packet: @bytes is exactly fixed header and remaining length.
 * @version MQTT_VERSION_UNKNOWN decodes as 3.1.1 except for CONNECT, which tells its own (and keeps
 * MQTT_VERSION_UNKNOWN, with nothing behind Keep Alive, where its level is none that is known), and
 * AUTH, which only 5.0 has.  A CONNACK of two octets with return code 1 to 5 is the refusal of a
 * server that does not speak 5.0: it is decoded as 3.1.1 where @version is 5.0.
 * PUBLISH: sets resolved_topic to topic, topic_known if it is not empty; no hash.
 * Always fills *packet; what is wrong is in its faults. */
void mqtt_decode(ByteSpan bytes, MqttVersion version, MqttPacket *packet);

/* Decodes what the snap length or a hole left of a packet: @available are its first octets, at least
 * one.  Fields that are not complete are empty, truncated is set, and that octets are missing is no
 * fault (a Property Length beyond the end of the packet is).  Properties may be incomplete as well: an absent one may stand behind the cut. */
void mqtt_decode_cut(ByteSpan available, MqttVersion version, MqttPacket *packet);

/* Decodes the variable header of a PUBLISH whose payload is elsewhere: @bytes starts at the fixed
 * header and holds at least the variable header (see mqtt_publish_header_size()). */
void mqtt_decode_publish_header(ByteSpan bytes, MqttVersion version, MqttPacket *packet);

/* Octets from the first of the fixed header to the first of the payload of the PUBLISH that starts
 * at @bytes; 0 if @bytes is too short to tell.  Where it claims fields beyond its end, up to
 * what shows that: decoding so much finds the fault. */
size_t mqtt_publish_header_size(ByteSpan bytes, MqttVersion version);

void mqtt_add_fault(MqttPacket *packet, MqttFaultId id, size_t offset);

/* Iterate: *position starts at 0; false at the end. */
bool mqtt_filter_next(const MqttPacket *packet, size_t *position, MqttFilter *filter);
bool mqtt_code_next(const MqttPacket *packet, size_t *position, uint8_t *code);

typedef struct MqttPropertyValue {
	MqttPropertyIndex index;
	uint32_t number;
	ByteSpan text;  /* string, binary data, or the name of a user property */
	ByteSpan value; /* the value of a user property */
} MqttPropertyValue;
bool mqtt_property_next(const MqttProperties *properties, size_t *position,
                        MqttPropertyValue *value);
