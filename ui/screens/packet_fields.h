/* SPDX-License-Identifier: MIT */
/*
 * packet_fields: the fields of a packet as screens show them: escaped, redacted, secrets left out.
 */
#pragma once

#include "dissectors/mqtt_tree.h"
#include "src/engine/history.h"
#include "ui/report/report_private.h"

typedef struct PacketFields {
	GArray *tree;     /* of MqttField; empty if the octets were not kept */
	ByteSpan octets;  /* of the history */
	uint32_t *owners; /* by octet: the smallest field that has it */
	uint8_t *faulty;  /* by octet: a fault stands there */
} PacketFields;

void packet_fields_init(PacketFields *fields, History *history, uint32_t event);
void packet_fields_clear(PacketFields *fields);

static inline const MqttField *packet_field(const PacketFields *fields, uint32_t index)
{
	return &g_array_index(fields->tree, MqttField, index);
}

/* Nobody may see its octets, or nobody in a redacted view. */
bool packet_field_hidden(const ReportContext *context, const MqttField *field);
/* Its value, "" for none; new. */
char *packet_field_text(const ReportContext *context, const MqttField *field);
/* Its octets as "10 1E 00", as far as they may be seen, or NULL; new. */
char *packet_field_hex(const ReportContext *context, const PacketFields *fields, uint32_t index);
bool packet_field_has_parts(const PacketFields *fields, uint32_t index);
/* The field that it is a part of; itself for the first. */
uint32_t packet_field_above(const PacketFields *fields, uint32_t index);
