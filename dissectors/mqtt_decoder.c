/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_decoder.h"
#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_utf8.h"

void mqtt_add_fault(MqttPacket *packet, MqttFaultId id, size_t offset)
{
	if (packet->n_faults < MQTT_MAX_FAULTS)
		packet->faults[packet->n_faults] = (MqttFault){id, (uint32_t)offset};
	if (packet->n_faults < UINT32_MAX)
		packet->n_faults++;
}

Varint read_long_varint(Reader *reader)
{
	Varint varint = {0};
	size_t begin = reader->offset;
	for (unsigned i = 0; i < 4; i++) {
		uint8_t octet = reader_u8(reader);
		if (reader->failed)
			break;
		varint.value |= (uint32_t)(octet & 0x7F) << (7 * i);
		varint.padded = i > 0 && octet == 0;
		if ((octet & 0x80) == 0)
			return varint;
	}
	varint = (Varint){.invalid = !reader->failed};
	reader->offset = begin;
	reader->failed = true;
	return varint;
}

Varint decoder_varint(MqttDecoder *decoder)
{
	size_t offset = decoder->reader.offset;
	Varint varint = read_varint(&decoder->reader);
	if (varint.invalid) {
		decoder_fault(decoder, MQTT_FAULT_LENGTH_INVALID, offset);
		decoder_stop(decoder);
	} else if (varint.padded) {
		decoder_fault(decoder, MQTT_FAULT_LENGTH_NOT_MINIMAL, offset);
	}
	return varint;
}

ByteSpan decoder_binary(MqttDecoder *decoder)
{
	uint16_t size = reader_u16(&decoder->reader);
	return reader_take(&decoder->reader, size);
}

static void check_utf8(MqttDecoder *decoder, ByteSpan text)
{
	bool modified = decoder->packet->version == MQTT_3_1;
	size_t at = 0;
	Utf8Result result = utf8_check(text, modified ? UTF8_MODIFIED : UTF8_STRICT, &at);
	if (result == UTF8_WELL_FORMED)
		return;
	decoder_fault(decoder,
	              result == UTF8_NUL ? MQTT_FAULT_UTF8_NUL : MQTT_FAULT_UTF8_ILL_FORMED,
	              decoder_offset(decoder, text.data) + at);
}

void decoder_check_string(MqttDecoder *decoder, ByteSpan text)
{
	if (!text_is_plain(text))
		check_utf8(decoder, text);
}

static void check_topic(MqttDecoder *decoder, ByteSpan topic)
{
	check_utf8(decoder, topic);
	for (size_t i = 0; i < topic.size; i++) {
		if (topic.data[i] != '+' && topic.data[i] != '#')
			continue;
		decoder_fault(decoder, MQTT_FAULT_TOPIC_WILDCARD,
		              decoder_offset(decoder, topic.data) + i);
		return;
	}
}

void decoder_check_topic(MqttDecoder *decoder, ByteSpan topic)
{
	if (!text_is_plain(topic))
		check_topic(decoder, topic);
}

ByteSpan decoder_string(MqttDecoder *decoder)
{
	ByteSpan text = decoder_binary(decoder);
	decoder_check_string(decoder, text);
	return text;
}

ByteSpan decoder_topic(MqttDecoder *decoder)
{
	ByteSpan topic = decoder_binary(decoder);
	decoder_check_topic(decoder, topic);
	return topic;
}

uint16_t decoder_packet_id(MqttDecoder *decoder)
{
	size_t offset = decoder->reader.offset;
	uint16_t id = reader_u16(&decoder->reader);
	if (id == 0 && !decoder->reader.failed)
		decoder_fault(decoder, MQTT_FAULT_PACKET_ID_ZERO, offset);
	return id;
}

void decoder_check_reason(MqttDecoder *decoder, uint8_t code, size_t offset)
{
	const MqttPacket *packet = decoder->packet;
	if (!mqtt_reason_allowed(packet->type, packet->version, code))
		decoder_fault(decoder, MQTT_FAULT_REASON_NOT_ALLOWED, offset);
}

void decoder_check_fixed_header(MqttDecoder *decoder)
{
	const MqttPacket *packet = decoder->packet;
	const MqttTypeInfo *info = mqtt_type_info(packet->type);
	unsigned mask = packet->version == MQTT_3_1 ? info->mask_3_1 : info->mask;
	if (((packet->flags ^ info->flags) & mask) != 0)
		decoder_fault(decoder, MQTT_FAULT_FLAGS_RESERVED, 0);
	if (decoder->padded && packet->version == MQTT_5_0)
		decoder_fault(decoder, MQTT_FAULT_LENGTH_NOT_MINIMAL, 1);
}

void decoder_check_payload(MqttDecoder *decoder, ByteSpan payload, const MqttProperties *properties)
{
	if (!mqtt_has_property(properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR) ||
	    properties->number[MQTT_PROP_PAYLOAD_FORMAT_INDICATOR] != 1)
		return;
	size_t at = 0;
	if (utf8_check(payload, UTF8_PAYLOAD, &at) != UTF8_WELL_FORMED)
		decoder_fault(decoder, MQTT_FAULT_PAYLOAD_NOT_UTF8,
		              decoder_offset(decoder, payload.data) + at);
}
