/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/mqtt_decoder.h"

static const char share_prefix[] = "$share/";
enum { SHARE_PREFIX_SIZE = sizeof share_prefix - 1 };

static bool is_shared(ByteSpan filter)
{
	return filter.size >= SHARE_PREFIX_SIZE &&
	       memcmp(filter.data, share_prefix, SHARE_PREFIX_SIZE) == 0;
}

/* # alone in the last level, + alone in its level.  The first that is not is told. */
static void check_wildcards(MqttDecoder *decoder, ByteSpan filter)
{
	for (size_t i = 0; i < filter.size; i++) {
		uint8_t octet = filter.data[i];
		if (octet != '#' && octet != '+')
			continue;
		bool first = i == 0 || filter.data[i - 1] == '/';
		bool last = i + 1 == filter.size;
		if (first && (last || (octet == '+' && filter.data[i + 1] == '/')))
			continue;
		decoder_fault(decoder,
		              octet == '#' ? MQTT_FAULT_FILTER_HASH_MISPLACED
		                           : MQTT_FAULT_FILTER_PLUS_MISPLACED,
		              decoder_offset(decoder, filter.data + i));
		return;
	}
}

/* $share/ShareName/filter */
static void check_shared(MqttDecoder *decoder, ByteSpan filter)
{
	size_t begin = decoder_offset(decoder, filter.data);
	size_t end = SHARE_PREFIX_SIZE;
	bool wildcard = false;
	for (; end < filter.size && filter.data[end] != '/'; end++) {
		if (!wildcard && (filter.data[end] == '+' || filter.data[end] == '#')) {
			decoder_fault(decoder, MQTT_FAULT_SHARE_NAME_WILDCARD, begin + end);
			wildcard = true;
		}
	}
	if (end == SHARE_PREFIX_SIZE)
		decoder_fault(decoder, MQTT_FAULT_SHARE_NAME_EMPTY, begin + end);
	if (end + 1 >= filter.size) {
		decoder_fault(decoder, MQTT_FAULT_SHARE_FILTER_MISSING, begin + filter.size);
		return;
	}
	check_wildcards(decoder, (ByteSpan){filter.data + end + 1, filter.size - end - 1});
}

static void check_filter(MqttDecoder *decoder, ByteSpan filter, size_t begin)
{
	if (filter.size == 0) {
		decoder_fault(decoder, MQTT_FAULT_FILTER_EMPTY, begin);
		return;
	}
	decoder_check_string(decoder, filter);
	if (decoder->packet->version == MQTT_5_0 && is_shared(filter))
		check_shared(decoder, filter);
	else
		check_wildcards(decoder, filter);
}

static void check_options(MqttDecoder *decoder, uint8_t options, ByteSpan filter, size_t offset)
{
	MqttVersion version = decoder->packet->version;
	if ((options & 3) == 3)
		decoder_fault(decoder, MQTT_FAULT_OPTIONS_QOS_INVALID, offset);
	if (version == MQTT_3_1_1 && (options & 0xFC) != 0)
		decoder_fault(decoder, MQTT_FAULT_OPTIONS_RESERVED, offset);
	if (version != MQTT_5_0)
		return;
	if ((options & 0xC0) != 0)
		decoder_fault(decoder, MQTT_FAULT_OPTIONS_RESERVED, offset);
	if ((options & 0x30) == 0x30)
		decoder_fault(decoder, MQTT_FAULT_RETAIN_HANDLING_INVALID, offset);
	if ((options & 0x04) != 0 && is_shared(filter))
		decoder_fault(decoder, MQTT_FAULT_SHARE_NO_LOCAL, offset);
}

static void decode_filters(MqttDecoder *decoder, bool with_options)
{
	MqttPacket *packet = decoder->packet;
	Reader *reader = &decoder->reader;
	packet->packet_id = decoder_packet_id(decoder);
	if (packet->version == MQTT_5_0)
		decoder_properties(decoder, packet->type, &packet->properties);
	if (reader->failed)
		return;
	packet->entries.data = reader->bytes.data + reader->offset;
	if (!decoder_more(decoder))
		decoder_fault(decoder, MQTT_FAULT_FILTERS_MISSING, reader->offset);
	while (decoder_more(decoder)) {
		size_t begin = reader->offset;
		ByteSpan filter = decoder_binary(decoder);
		size_t at_options = reader->offset;
		uint8_t options = with_options ? reader_u8(reader) : 0;
		if (reader->failed)
			return;
		check_filter(decoder, filter, begin);
		check_options(decoder, options, filter, at_options);
		packet->entries.size =
			decoder_offset(decoder, reader->bytes.data + reader->offset) -
			decoder_offset(decoder, packet->entries.data);
	}
}

void decode_subscribe(MqttDecoder *decoder)
{
	decode_filters(decoder, true);
}

void decode_unsubscribe(MqttDecoder *decoder)
{
	decode_filters(decoder, false);
}

static void decode_codes(MqttDecoder *decoder)
{
	Reader *reader = &decoder->reader;
	if (decoder->packet->version == MQTT_5_0)
		decoder_properties(decoder, decoder->packet->type, &decoder->packet->properties);
	if (reader->failed)
		return;
	size_t begin = reader->offset;
	if (!decoder_more(decoder))
		decoder_fault(decoder, MQTT_FAULT_CODES_MISSING, begin);
	ByteSpan codes = reader_take(reader, reader->bytes.size - begin);
	for (size_t i = 0; i < codes.size; i++)
		decoder_check_reason(decoder, codes.data[i], begin + i);
	decoder->packet->entries = codes;
}

void decode_suback(MqttDecoder *decoder)
{
	decoder->packet->packet_id = decoder_packet_id(decoder);
	decode_codes(decoder);
}

void decode_unsuback(MqttDecoder *decoder)
{
	decoder->packet->packet_id = decoder_packet_id(decoder);
	if (decoder->packet->version == MQTT_5_0)
		decode_codes(decoder);
}

bool mqtt_filter_next(const MqttPacket *packet, size_t *position, MqttFilter *filter)
{
	bool subscribe = packet->type == MQTT_SUBSCRIBE;
	if ((!subscribe && packet->type != MQTT_UNSUBSCRIBE) || *position >= packet->entries.size)
		return false;
	Reader reader = {packet->entries, *position, false};
	uint16_t size = reader_u16(&reader);
	filter->filter = reader_take(&reader, size);
	uint8_t options = subscribe ? reader_u8(&reader) : 0;
	if (reader.failed)
		return false;
	bool has_options = packet->version == MQTT_5_0;
	filter->qos = options & 3;
	filter->no_local = has_options && (options & 4) != 0;
	filter->retain_as_published = has_options && (options & 8) != 0;
	filter->retain_handling = has_options ? options >> 4 & 3 : 0;
	*position = reader.offset;
	return true;
}

bool mqtt_code_next(const MqttPacket *packet, size_t *position, uint8_t *code)
{
	bool has_codes = packet->type == MQTT_SUBACK || packet->type == MQTT_UNSUBACK;
	if (!has_codes || *position >= packet->entries.size)
		return false;
	*code = packet->entries.data[(*position)++];
	return true;
}
