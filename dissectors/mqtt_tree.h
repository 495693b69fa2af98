/* SPDX-License-Identifier: MIT */
/*
 * mqtt_tree: every field of a control packet, with the octets in which it stands.
 *
 * The parts of a field follow it, one deeper, and have all its octets; bits share
 * the octet of the field that they are parts of.
 */
#pragma once

#include <glib.h>

#include "dissectors/mqtt_packet.h"

/* Who may see the octets of a field. */
typedef enum MqttPrivacy {
	MQTT_SHOWN,
	MQTT_SECRET,    /* a password, or what may be one: nobody */
	MQTT_USER_NAME, /* these and those below: who is not shown a redacted view */
	MQTT_TOPIC,
	MQTT_FILTER,
	MQTT_PAYLOAD,
	MQTT_PRIVATE,   /* other texts of an application */
} MqttPrivacy;

typedef struct MqttField {
	uint8_t depth;    /* 0: the packet, 1: its parts, ... */
	uint8_t mask;     /* the bits of its one octet that it is; 0: it is whole octets */
	uint8_t privacy;  /* MqttPrivacy */
	bool binary;      /* @text is data, to be shown as hex */
	uint32_t offset;  /* from the first octet of the fixed header */
	uint32_t size;    /* octets; 0: it is implied, and has none */
	const char *label; /* static: "Session Expiry Interval" */
	char *value;      /* the program's own words and numbers; NULL: none, or in @text */
	ByteSpan text;    /* from the wire, not escaped; points into the octets that were given; empty
	                   * if it is secret */
	int fault;        /* MqttFaultId: @label says what is wrong with the field above; -1: none */
	const char *clause; /* of the fault, or of what is implied; static, NULL: none */
} MqttField;

enum { MQTT_TREE_MAX_FIELDS = 20000 }; /* what is beyond is one field, and says so */

/* The octets of one control packet (all, or its beginning) and the version by which they are read,
 * MQTT_VERSION_UNKNOWN as in mqtt_decode().  An array of MqttField, which owns its values. */
GArray *mqtt_tree(ByteSpan octets, MqttVersion version);
/* The smallest field that has the octet at @offset; of bits, the octet. UINT32_MAX: none. */
uint32_t mqtt_tree_at(const GArray *tree, uint32_t offset);
