/* SPDX-License-Identifier: MIT */
/*
 * mqtt_standard: what MQTT 5.0 says of properties, typed from its sections and not
 * from the program's tables, and a packet of each kind to put them into.
 */
#pragma once

#include "dissectors/mqtt_names.h"

typedef struct StandardProperty {
	uint8_t id;
	const char *label;
	MqttPropertyType type;
	const char *packets; /* letters of the carriers that may hold it */
	const char *repeats; /* where it may stand more than once */
	const char *value;   /* a legal one, in the notation of octets.h */
} StandardProperty;

enum { N_STANDARD_PROPERTIES = 27, N_CARRIERS = 14 };
extern const StandardProperty standard_properties[N_STANDARD_PROPERTIES];

/* A packet with room for properties: @first, the Remaining Length, @before, the Property Length
 * and properties, @after. */
typedef struct Carrier {
	char letter;
	MqttType type; /* MQTT_RESERVED: the Will Properties of a CONNECT */
	const char *first;
	const char *before;
	const char *after;
	const char *always; /* what it cannot be without, for a property other than this one */
} Carrier;
extern const Carrier carriers[N_CARRIERS];
