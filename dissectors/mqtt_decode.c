/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_decoder.h"

static void decode_publish(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	MqttPublish *publish = &packet->publish;
	publish->qos = packet->flags >> 1 & 3;
	publish->dup = (packet->flags & 8) != 0;
	publish->retain = (packet->flags & 1) != 0;
	publish->has_hash = false;
	if (publish->qos == 3)
		decoder_fault(decoder, MQTT_FAULT_QOS_INVALID, 0);
	if (publish->dup && publish->qos == 0)
		decoder_fault(decoder, MQTT_FAULT_DUP_WITH_QOS_0, 0);

	size_t begin = decoder->reader.offset;
	/* Field by field: to load both as one, the processor would wait until each is stored. */
	ByteSpan topic = decoder_topic(decoder);
	publish->resolved_topic.data = publish->topic.data = topic.data;
	publish->resolved_topic.size = publish->topic.size = topic.size;
	publish->topic_known = topic.size > 0;
	bool has_topic = !decoder->reader.failed;
	if (publish->qos != 0)
		packet->packet_id = decoder_packet_id(decoder);
	if (packet->version == MQTT_5_0)
		decoder_properties(decoder, MQTT_PUBLISH, &packet->properties);
	bool has_alias = mqtt_has_property(&packet->properties, MQTT_PROP_TOPIC_ALIAS);
	bool may_have = decoder->cut && decoder->reader.failed;
	if (has_topic && topic.size == 0 && !has_alias && !may_have)
		decoder_fault(decoder, MQTT_FAULT_TOPIC_EMPTY, begin);

	Reader *reader = &decoder->reader;
	bool complete = !reader->failed && decoder->total == reader->bytes.size;
	publish->payload_size = reader->failed ? 0 : (uint32_t)(decoder->total - reader->offset);
	publish->payload = reader_take(reader, complete ? publish->payload_size : 0);
	if (packet->properties.present != 0)
		decoder_check_payload(decoder, publish->payload, &packet->properties);
}

/* Reason Code and properties, either of which may be left out at the end. */
static void decode_reason(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	if (packet->version != MQTT_5_0 || !decoder_more(decoder))
		return;
	size_t begin = decoder->reader.offset;
	packet->reason = reader_u8(&decoder->reader);
	packet->has_reason = !decoder->reader.failed;
	if (packet->has_reason)
		decoder_check_reason(decoder, packet->reason, begin);
	if (decoder_more(decoder))
		decoder_properties(decoder, packet->type, &packet->properties);
}

/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
static void decode_acknowledgement(MqttDecoder *decoder)
{
	decoder->packet->packet_id = decoder_packet_id(decoder);
	decode_reason(decoder);
}

static void decode_auth(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	if (packet->version != MQTT_5_0) {
		decoder_fault(decoder, MQTT_FAULT_AUTH_BEFORE_5, 0);
		decoder_stop(decoder);
		return;
	}
	if (!decoder_more(decoder))
		return;
	size_t begin = decoder->reader.offset;
	decode_reason(decoder);
	if (decoder->reader.offset == begin + 1 && !decoder->cut)
		decoder->reader.failed =
			true; /* the Property Length goes only with the Reason Code */
	if (!decoder->reader.failed &&
	    !mqtt_has_property(&packet->properties, MQTT_PROP_AUTHENTICATION_METHOD))
		decoder_fault(decoder, MQTT_FAULT_AUTHENTICATION_METHOD_MISSING, begin);
}

static void decode_body(MqttDecoder *decoder)
{
	switch (decoder->packet->type) {
	case MQTT_PUBLISH: decode_publish(decoder); break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP: decode_acknowledgement(decoder); break;
	case MQTT_PINGREQ:
	case MQTT_PINGRESP: break;
	case MQTT_CONNECT: decode_connect(decoder); break;
	case MQTT_CONNACK: decode_connack(decoder); break;
	case MQTT_SUBSCRIBE: decode_subscribe(decoder); break;
	case MQTT_SUBACK: decode_suback(decoder); break;
	case MQTT_UNSUBSCRIBE: decode_unsubscribe(decoder); break;
	case MQTT_UNSUBACK: decode_unsuback(decoder); break;
	case MQTT_DISCONNECT: decode_reason(decoder); break;
	case MQTT_AUTH: decode_auth(decoder); break;
	case MQTT_RESERVED:
		decoder_fault(decoder, MQTT_FAULT_TYPE_RESERVED, 0);
		decoder_stop(decoder);
		break;
	case MQTT_N_TYPES: break;
	}
}

/* Field by field: the arrays of properties are large, and whoever looks asks present first. */
static void clear(MqttPacket *packet)
{
	packet->type = MQTT_RESERVED;
	packet->flags = 0;
	packet->header_size = 0;
	packet->remaining_length = 0;
	packet->truncated = false;
	packet->packet_id = 0;
	packet->has_reason = false;
	packet->reason = 0;
	properties_clear(&packet->properties);
	packet->entries = (ByteSpan){(const uint8_t *)"", 0};
	packet->n_faults = 0;
}

/* Type, flags and length, and from them where the packet ends. */
static void decode_fixed_header(MqttDecoder *decoder, MqttVersion version)
{
	MqttPacket *packet = decoder->packet;
	Reader *reader = &decoder->reader;
	uint8_t first = reader_u8(reader);
	packet->type = (MqttType)(first >> 4);
	packet->flags = first & 15;
	if (version == MQTT_VERSION_UNKNOWN)
		version = packet->type == MQTT_AUTH ? MQTT_5_0 : MQTT_3_1_1;
	packet->version = version;
	Varint length = read_varint(reader);
	decoder->padded = length.padded;
	if (length.invalid) {
		decoder_fault(decoder, MQTT_FAULT_LENGTH_INVALID, 1);
		decoder_stop(decoder);
		return;
	}
	packet->header_size = (uint8_t)reader->offset;
	packet->remaining_length = length.value;
	decoder->total = reader->failed ? reader->bytes.size : reader->offset + length.value;
	if (decoder->total < reader->bytes.size)
		reader->bytes.size = decoder->total;
}

typedef enum Given {
	GIVEN_WHOLE,  /* a whole packet: what is missing is malformed */
	GIVEN_CUT,    /* what the capture left of one */
	GIVEN_HEADER, /* a PUBLISH up to its payload at least */
} Given;

static void decode(ByteSpan bytes, MqttVersion version, MqttPacket *packet, Given given)
{
	MqttDecoder decoder = {.reader = reader_over(bytes), .packet = packet};
	const Reader *reader = &decoder.reader;
	clear(packet);
	decode_fixed_header(&decoder, version);
	bool lacking = reader->failed || decoder.total > reader->bytes.size;
	decoder.cut = lacking && given != GIVEN_WHOLE;
	if (given == GIVEN_WHOLE)
		decoder.total = reader->bytes.size;
	if (packet->type != MQTT_CONNECT)
		decoder_check_fixed_header(&decoder);
	decode_body(&decoder);

	if (decoder.cut)
		packet->truncated = given == GIVEN_CUT || (reader->failed && !decoder.stopped);
	else if (decoder.stopped)
		return;
	else if (reader->failed || lacking)
		decoder_fault(&decoder, MQTT_FAULT_ENDS_EARLY, reader->offset);
	else if (reader->offset < reader->bytes.size)
		decoder_fault(&decoder, MQTT_FAULT_OCTETS_LEFT_OVER, reader->offset);
}

void mqtt_decode(ByteSpan bytes, MqttVersion version, MqttPacket *packet)
{
	decode(bytes, version, packet, GIVEN_WHOLE);
}

void mqtt_decode_cut(ByteSpan available, MqttVersion version, MqttPacket *packet)
{
	decode(available, version, packet, GIVEN_CUT);
}

void mqtt_decode_publish_header(ByteSpan bytes, MqttVersion version, MqttPacket *packet)
{
	decode(bytes, version, packet, GIVEN_HEADER);
}

size_t mqtt_publish_header_size(ByteSpan bytes, MqttVersion version)
{
	Reader reader = reader_over(bytes);
	bool has_id = (reader_u8(&reader) & 6) != 0;
	size_t remaining = read_varint(&reader).value;
	if (reader.failed)
		return 0;
	size_t total = reader.offset + remaining;
	if (total < bytes.size)
		reader.bytes.size = total;
	reader_skip(&reader, reader_u16(&reader));
	reader_skip(&reader, has_id ? 2 : 0);
	size_t size = version == MQTT_5_0 ? read_varint(&reader).value : 0;
	if (reader.failed)
		return total <= bytes.size ? total : 0;
	if (size > total - reader.offset)
		return reader.offset;
	return reader.offset + size <= bytes.size ? reader.offset + size : 0;
}
