/* SPDX-License-Identifier: MIT */
/*
 * mqtt_tree: every field of a control packet, with the octets in which it stands.
 */
#pragma once

#include <glib.h>

#include "dissectors/mqtt_packet.h"

typedef struct MqttField {
	uint8_t depth;    /* 0: the packet, 1: its parts, ... */
	uint32_t offset;  /* from the first octet of the fixed header */
	uint32_t size;    /* octets; 0: it is implied, and has none */
	const char *label; /* static: "Session Expiry Interval" */
	char *value;      /* the program's own words and numbers; NULL: none, or in @text */
	ByteSpan text;    /* from the wire, not escaped; points into the octets that were given */
	bool binary;      /* @text is data, to be shown as hex */
	int fault;        /* MqttFaultId; -1: none */
	const char *clause; /* of the fault; static, NULL: none */
} MqttField;

/* The octets of one control packet (all, or its beginning) and the version by which they are read,
 * MQTT_VERSION_UNKNOWN as in mqtt_decode().  An array of MqttField, which owns its values. */
GArray *mqtt_tree(ByteSpan octets, MqttVersion version);
