/* SPDX-License-Identifier: MIT */
#include "ui/screens/packet_fields.h"

#include "ui/report/escape.h"
#include "ui/report/sentences.h"

enum { SHOWN_OCTETS = 4096, SHOWN_DATA = 64 };

void packet_fields_init(PacketFields *fields, History *history, uint32_t event)
{
	fields->octets = history_octets(history, event);
	fields->tree = mqtt_tree(fields->octets, (MqttVersion)history_event(history, event)->version);
	fields->owners = g_new0(uint32_t, fields->octets.size + 1);
	fields->faulty = g_new0(uint8_t, fields->octets.size + 1);
	for (guint i = 0; i < fields->tree->len; i++) {
		const MqttField *field = packet_field(fields, i);
		if (field->mask != 0)
			continue;
		for (uint32_t at = field->offset; at < field->offset + field->size; at++) {
			if (field->fault >= 0)
				fields->faulty[at] = 1;
			else
				fields->owners[at] = i;
		}
	}
}

void packet_fields_clear(PacketFields *fields)
{
	if (fields->tree != NULL)
		g_array_unref(fields->tree);
	g_free(fields->owners);
	g_free(fields->faulty);
	*fields = (PacketFields){0};
}

bool packet_field_hidden(const ReportContext *context, const MqttField *field)
{
	return field->privacy == MQTT_SECRET ||
	       (context->options->redact && field->privacy != MQTT_SHOWN);
}

static void append_hex(GString *out, ByteSpan octets, size_t most)
{
	for (size_t i = 0; i < MIN(octets.size, most); i++)
		g_string_append_printf(out, "%s%02X", i > 0 ? " " : "", octets.data[i]);
	if (octets.size > most)
		g_string_append(out, " …");
}

static void append_hidden(GString *out, const ReportContext *context, const MqttField *field)
{
	WireKind kind = field->privacy == MQTT_TOPIC    ? WIRE_TOPIC
	                : field->privacy == MQTT_FILTER ? WIRE_FILTER
	                                                : WIRE_USERNAME;
	if (field->privacy == MQTT_PAYLOAD || field->privacy == MQTT_PRIVATE) {
		g_string_append_printf(out, "<%zu octet%s hidden>", field->text.size,
		                       field->text.size == 1 ? "" : "s");
		return;
	}
	g_autofree char *token = octets_sentence(context, kind, field->text);
	g_string_append(out, token);
}

char *packet_field_text(const ReportContext *context, const MqttField *field)
{
	GString *out = g_string_new(field->value);
	if (field->text.size == 0)
		return g_string_free(out, FALSE);
	if (out->len > 0)
		g_string_append(out, ": ");
	if (packet_field_hidden(context, field))
		append_hidden(out, context, field);
	else if (field->binary)
		append_hex(out, field->text, SHOWN_DATA);
	else
		escape_append(out, (ByteSpan){field->text.data, MIN(field->text.size, (size_t)SHOWN_OCTETS)});
	if (field->text.size > SHOWN_OCTETS && !field->binary && !packet_field_hidden(context, field))
		g_string_append(out, "…");
	return g_string_free(out, FALSE);
}

char *packet_field_hex(const ReportContext *context, const PacketFields *fields, uint32_t index)
{
	const MqttField *field = packet_field(fields, index);
	for (uint32_t at = field->offset; at < field->offset + field->size; at++)
		if (packet_field_hidden(context, packet_field(fields, fields->owners[at])))
			return NULL;
	GString *out = g_string_new(NULL);
	append_hex(out, (ByteSpan){fields->octets.data + field->offset, field->size}, SIZE_MAX);
	return g_string_free(out, FALSE);
}

bool packet_field_has_parts(const PacketFields *fields, uint32_t index)
{
	return index + 1 < fields->tree->len &&
	       packet_field(fields, index + 1)->depth > packet_field(fields, index)->depth;
}

uint32_t packet_field_above(const PacketFields *fields, uint32_t index)
{
	unsigned depth = packet_field(fields, index)->depth;
	uint32_t above = index;
	while (above > 0 && packet_field(fields, above)->depth >= depth)
		above--;
	return above;
}
