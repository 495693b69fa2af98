/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/mqtt_decoder.h"

enum {
	CONNECT_RESERVED = 0x01,
	CONNECT_CLEAN_START = 0x02,
	CONNECT_WILL = 0x04,
	CONNECT_WILL_QOS = 0x18,
	CONNECT_WILL_RETAIN = 0x20,
	CONNECT_PASSWORD = 0x40,
	CONNECT_USER_NAME = 0x80,
};

static const ByteSpan empty = {(const uint8_t *)"", 0};

static void clear(MqttConnect *connect)
{
	connect->protocol_name = empty;
	connect->protocol_level = 0;
	connect->bridge = false;
	connect->clean_start = false;
	connect->keep_alive = 0;
	connect->client_id = empty;
	connect->has_will = false;
	connect->has_username = false;
	connect->username = empty;
	connect->has_password = false;
	connect->password_size = 0;
}

static bool name_is(ByteSpan name, const char *text)
{
	return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

/* Name and level decide the version; where they contradict each other the level does. */
static void decode_protocol(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	MqttConnect *connect = &packet->connect;
	size_t begin = decoder->reader.offset;
	connect->protocol_name = decoder_string(decoder);
	size_t at_level = decoder->reader.offset;
	connect->protocol_level = reader_u8(&decoder->reader);
	packet->version = MQTT_VERSION_UNKNOWN;
	if (decoder->reader.failed)
		return;
	unsigned level = connect->protocol_level & 0x7Fu;
	bool known = level >= MQTT_3_1 && level <= MQTT_5_0;
	connect->bridge = known && connect->protocol_level != level;
	if (known)
		packet->version = (MqttVersion)level;
	decoder_check_fixed_header(decoder);
	bool old = name_is(connect->protocol_name, "MQIsdp");
	if (!old && !name_is(connect->protocol_name, "MQTT"))
		decoder_fault(decoder, MQTT_FAULT_PROTOCOL_NAME_UNKNOWN, begin);
	else if (known && old != (level == MQTT_3_1))
		decoder_fault(decoder, MQTT_FAULT_PROTOCOL_MISMATCH, at_level);
	if (!known)
		decoder_fault(decoder, MQTT_FAULT_PROTOCOL_LEVEL_UNKNOWN, at_level);
}

static void check_will_flags(MqttDecoder *decoder, uint8_t flags, size_t offset)
{
	bool has_will = (flags & CONNECT_WILL) != 0;
	if (has_will && (flags & CONNECT_WILL_QOS) == CONNECT_WILL_QOS)
		decoder_fault(decoder, MQTT_FAULT_WILL_QOS_INVALID, offset);
	if (has_will || decoder->packet->version == MQTT_3_1)
		return;
	if ((flags & CONNECT_WILL_QOS) != 0)
		decoder_fault(decoder, MQTT_FAULT_WILL_QOS_WITHOUT_WILL, offset);
	if ((flags & CONNECT_WILL_RETAIN) != 0)
		decoder_fault(decoder, MQTT_FAULT_WILL_RETAIN_WITHOUT_WILL, offset);
}

static void check_flags(MqttDecoder *decoder, uint8_t flags, size_t offset)
{
	MqttVersion version = decoder->packet->version;
	bool only_password = (flags & (CONNECT_PASSWORD | CONNECT_USER_NAME)) == CONNECT_PASSWORD;
	if (version == MQTT_VERSION_UNKNOWN)
		return;
	if ((flags & CONNECT_RESERVED) != 0 && version != MQTT_3_1)
		decoder_fault(decoder, MQTT_FAULT_CONNECT_FLAG_RESERVED, offset);
	check_will_flags(decoder, flags, offset);
	if (only_password && version != MQTT_5_0)
		decoder_fault(decoder, MQTT_FAULT_PASSWORD_WITHOUT_USER_NAME, offset);
}

static size_t count_characters(ByteSpan text)
{
	size_t n_characters = 0;
	for (size_t i = 0; i < text.size; i++)
		n_characters += (text.data[i] & 0xC0) != 0x80;
	return n_characters;
}

static void decode_client_id(MqttDecoder *decoder)
{
	MqttConnect *connect = &decoder->packet->connect;
	MqttVersion version = decoder->packet->version;
	size_t begin = decoder->reader.offset;
	connect->client_id = decoder_string(decoder);
	if (decoder->reader.failed || version == MQTT_5_0)
		return;
	if (connect->client_id.size == 0 && (version == MQTT_3_1 || !connect->clean_start))
		decoder_fault(decoder, MQTT_FAULT_CLIENT_ID_EMPTY, begin);
	if (version == MQTT_3_1 && count_characters(connect->client_id) > 23)
		decoder_fault(decoder, MQTT_FAULT_CLIENT_ID_LONG, begin);
}

static void decode_will(MqttDecoder *decoder, uint8_t flags)
{
	MqttWill *will = &decoder->packet->connect.will;
	will->qos = flags >> 3 & 3;
	will->retain = (flags & CONNECT_WILL_RETAIN) != 0;
	properties_clear(&will->properties);
	if (decoder->packet->version == MQTT_5_0)
		decoder_properties(decoder, MQTT_RESERVED, &will->properties);
	size_t begin = decoder->reader.offset;
	will->topic = decoder_topic(decoder);
	if (will->topic.size == 0 && !decoder->reader.failed)
		decoder_fault(decoder, MQTT_FAULT_TOPIC_EMPTY, begin);
	will->payload = decoder_binary(decoder);
	decoder_check_payload(decoder, will->payload, &will->properties);
	decoder->packet->connect.has_will = !decoder->reader.failed;
}

/* In 3.1 the Remaining Length takes precedence over these two flags: the field may be missing. */
static bool has_field(const MqttDecoder *decoder, uint8_t flags, uint8_t flag)
{
	if ((flags & flag) == 0)
		return false;
	return decoder->packet->version != MQTT_3_1 || decoder_more(decoder);
}

static void decode_payload(MqttDecoder *decoder, uint8_t flags)
{
	MqttConnect *connect = &decoder->packet->connect;
	decode_client_id(decoder);
	if ((flags & CONNECT_WILL) != 0)
		decode_will(decoder, flags);
	if (has_field(decoder, flags, CONNECT_USER_NAME)) {
		connect->username = decoder_string(decoder);
		connect->has_username = !decoder->reader.failed;
	}
	if (has_field(decoder, flags, CONNECT_PASSWORD)) {
		connect->password_size = decoder_binary(decoder).size;
		connect->has_password = !decoder->reader.failed;
	}
}

/* The data stands behind its identifier and its length. */
static void check_authentication(MqttDecoder *decoder)
{
	const MqttProperties *properties = &decoder->packet->properties;
	if (decoder->reader.failed ||
	    !mqtt_has_property(properties, MQTT_PROP_AUTHENTICATION_DATA) ||
	    mqtt_has_property(properties, MQTT_PROP_AUTHENTICATION_METHOD))
		return;
	const uint8_t *data = properties->text[MQTT_PROP_AUTHENTICATION_DATA].data;
	decoder_fault(decoder, MQTT_FAULT_AUTHENTICATION_DATA_ALONE,
	              decoder_offset(decoder, data) - 3);
}

void decode_connect(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	clear(&packet->connect);
	decode_protocol(decoder);
	size_t at_flags = decoder->reader.offset;
	uint8_t flags = reader_u8(&decoder->reader);
	packet->connect.clean_start = (flags & CONNECT_CLEAN_START) != 0;
	packet->connect.keep_alive = reader_u16(&decoder->reader);
	check_flags(decoder, flags, at_flags);
	if (decoder->reader.failed)
		return;
	if (packet->version == MQTT_VERSION_UNKNOWN) {
		decoder_stop(decoder);
		return;
	}
	if (packet->version == MQTT_5_0)
		decoder_properties(decoder, MQTT_CONNECT, &packet->properties);
	check_authentication(decoder);
	decode_payload(decoder, flags);
}

/* A server that does not speak 5.0 refuses a 5.0 client in its own format. */
static bool is_refusal_by_older_server(const MqttDecoder *decoder)
{
	const ByteSpan bytes = decoder->reader.bytes;
	size_t at = decoder->reader.offset;
	if (decoder->reader.failed || decoder->packet->remaining_length != 2 ||
	    bytes.size != at + 2)
		return false;
	return bytes.data[at + 1] >= 1 && bytes.data[at + 1] <= 5;
}

static void check_connack_flags(MqttDecoder *decoder, size_t offset)
{
	const MqttPacket *packet = decoder->packet;
	if (packet->version == MQTT_3_1)
		return;
	if ((packet->connack.acknowledge_flags & 0xFE) != 0)
		decoder_fault(decoder, MQTT_FAULT_CONNACK_FLAGS_RESERVED, offset);
	if (packet->connack.session_present && packet->reason != 0)
		decoder_fault(decoder, MQTT_FAULT_SESSION_PRESENT_WITH_ERROR, offset);
}

void decode_connack(MqttDecoder *decoder)
{
	MqttPacket *packet = decoder->packet;
	MqttConnack *connack = &packet->connack;
	if (packet->version == MQTT_5_0 && is_refusal_by_older_server(decoder))
		packet->version = MQTT_3_1_1;
	size_t begin = decoder->reader.offset;
	connack->acknowledge_flags = reader_u8(&decoder->reader);
	connack->session_present = (connack->acknowledge_flags & 1) != 0;
	packet->reason = reader_u8(&decoder->reader);
	packet->has_reason = !decoder->reader.failed;
	check_connack_flags(decoder, begin);
	if (!packet->has_reason)
		return;
	decoder_check_reason(decoder, packet->reason, begin + 1);
	if (packet->version == MQTT_5_0)
		decoder_properties(decoder, packet->type, &packet->properties);
}
