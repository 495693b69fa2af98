/* SPDX-License-Identifier: MIT */
/*
 * mqtt_rules: what a packet may not do on this connection.
 *
 * Rules that span packets.  A rule is applied only on what was seen: the limits
 * that a CONNECT or CONNACK told, and the absence of a packet only where
 * nothing can have been missed.
 */
#pragma once

#include "dissectors/mqtt_alias.h"
#include "dissectors/mqtt_pairing.h"

/* What one side told about itself, in CONNECT or CONNACK (defaults applied). */
typedef struct MqttLimits {
	uint32_t packet_size; /* 0: no limit */
	uint16_t receive_maximum;
	uint16_t alias_maximum;
	bool known; /* the packet was seen, and seen whole */
} MqttLimits;

typedef struct MqttRules {
	MqttLimits limits[2]; /* of each side, as a receiver */
	bool from_start;      /* the first octets of the connection were seen */
	bool connect;         /* seen */
	bool connect_whole;
	bool connack;
	bool connack_whole;
	bool clean_start;
	bool empty_client_id;
	bool expires;         /* Session Expiry Interval of CONNECT above 0 */
	bool auth_method;
	bool wants_problems;  /* Request Problem Information */
	bool wants_response;  /* Request Response Information */
	bool eager;           /* the client went on before it had the CONNACK */
	uint8_t maximum_qos;
	bool no_retain, no_wildcards, no_identifiers, no_shared;
	bool hole[2];         /* packets of this side may have been missed */
	bool repeated[2];     /* this side sent something twice: answers may come twice */
	bool disconnected[2];
	bool any[2];          /* packets of this side were seen */
} MqttRules;

typedef struct MqttRuleView {
	unsigned side;
	int client_side;       /* -1: unknown */
	MqttVersion version;   /* UNKNOWN unless a CONNECT told it */
	uint64_t offset;       /* of the packet in its side's stream */
	uint32_t size;         /* of the packet on the wire */
	MqttPairing pairing;
	MqttAliasState alias;  /* of the alias that the packet uses without a topic */
	uint32_t n_fresh;      /* open PUBLISH of this side, all certain */
} MqttRuleView;

/* Adds faults to @packet and learns from it. */
void mqtt_rules_apply(MqttRules *rules, const MqttRuleView *view, MqttPacket *packet);
/* Packets of @side may have been missed from here on. */
void mqtt_rules_hole(MqttRules *rules, unsigned side);
