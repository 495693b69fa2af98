/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_decoder.h"
#include "dissectors/mqtt_names.h"

void properties_clear(MqttProperties *properties)
{
	properties->present = 0;
	properties->n_user_properties = 0;
	properties->n_subscription_identifiers = 0;
	properties->raw = (ByteSpan){(const uint8_t *)"", 0};
}

typedef enum PropertyResult {
	PROPERTY_READ,
	PROPERTY_UNKNOWN,
	PROPERTY_CUT,     /* runs out */
	PROPERTY_INVALID, /* a Variable Byte Integer without end */
} PropertyResult;

static ByteSpan read_binary(Reader *reader)
{
	uint16_t size = reader_u16(reader);
	return reader_take(reader, size);
}

static void read_value(Reader *reader, MqttPropertyType type, MqttPropertyValue *value)
{
	switch (type) {
	case MQTT_PROPERTY_BYTE: value->number = reader_u8(reader); break;
	case MQTT_PROPERTY_U16: value->number = reader_u16(reader); break;
	case MQTT_PROPERTY_U32: value->number = reader_u32(reader); break;
	case MQTT_PROPERTY_VARINT: break; /* read_property() */
	case MQTT_PROPERTY_STRING:
	case MQTT_PROPERTY_BINARY: value->text = read_binary(reader); break;
	case MQTT_PROPERTY_PAIR:
		value->text = read_binary(reader);
		value->value = read_binary(reader);
		break;
	}
}

/* @padded: the offset of a Variable Byte Integer that takes more octets than needed; else it is left
 * alone. */
static PropertyResult read_property(Reader *reader, MqttPropertyValue *value, size_t *padded)
{
	const ByteSpan empty = {(const uint8_t *)"", 0};
	size_t begin = reader->offset;
	Varint id = read_varint(reader);
	if (reader->failed)
		return id.invalid ? PROPERTY_INVALID : PROPERTY_CUT;
	*value = (MqttPropertyValue){mqtt_property_index(id.value), 0, empty, empty};
	if (value->index == MQTT_N_PROPERTIES)
		return PROPERTY_UNKNOWN;
	if (id.padded)
		*padded = begin;
	MqttPropertyType type = mqtt_property_info(value->index)->type;
	if (type != MQTT_PROPERTY_VARINT) {
		read_value(reader, type, value);
		return reader->failed ? PROPERTY_CUT : PROPERTY_READ;
	}
	size_t at_number = reader->offset;
	Varint number = read_varint(reader);
	if (reader->failed)
		return number.invalid ? PROPERTY_INVALID : PROPERTY_CUT;
	value->number = number.value;
	if (number.padded)
		*padded = at_number;
	return PROPERTY_READ;
}

bool mqtt_property_next(const MqttProperties *properties, size_t *position,
                        MqttPropertyValue *value)
{
	if (*position >= properties->raw.size)
		return false;
	Reader reader = {properties->raw, *position, false};
	size_t padded = 0;
	if (read_property(&reader, value, &padded) != PROPERTY_READ)
		return false;
	*position = reader.offset;
	return true;
}

static void check_value(MqttDecoder *decoder, const MqttPropertyInfo *info,
                        const MqttPropertyValue *value, size_t end)
{
	size_t width = info->type == MQTT_PROPERTY_U32   ? 4
	               : info->type == MQTT_PROPERTY_U16 ? 2
	                                                 : 1;
	if (value->number < info->least || value->number > info->most)
		decoder_fault(decoder, info->fault, end - width);
	if (info->type == MQTT_PROPERTY_PAIR)
		decoder_check_string(decoder, value->value);
	if (value->index == MQTT_PROP_RESPONSE_TOPIC) {
		decoder_check_topic(decoder, value->text);
		if (value->text.size == 0)
			decoder_fault(decoder, MQTT_FAULT_TOPIC_EMPTY, end - 2);
	} else if (info->type == MQTT_PROPERTY_STRING || info->type == MQTT_PROPERTY_PAIR) {
		decoder_check_string(decoder, value->text);
	}
}

static void keep(MqttProperties *properties, const MqttPropertyValue *value)
{
	if (value->index == MQTT_PROP_USER_PROPERTY)
		properties->n_user_properties++;
	if (value->index == MQTT_PROP_SUBSCRIPTION_IDENTIFIER)
		properties->n_subscription_identifiers++;
	if (mqtt_has_property(properties, value->index))
		return;
	properties->present |= 1u << value->index;
	properties->number[value->index] = value->number;
	properties->text[value->index] = value->text;
}

static void take_property(MqttDecoder *decoder, MqttType where, MqttProperties *properties,
                          const MqttPropertyValue *value, size_t begin)
{
	const MqttPropertyInfo *info = mqtt_property_info(value->index);
	if ((info->allowed >> where & 1) == 0) {
		decoder_fault(decoder, MQTT_FAULT_PROPERTY_NOT_ALLOWED, begin);
		return;
	}
	if (mqtt_has_property(properties, value->index) && (info->repeats >> where & 1) == 0)
		decoder_fault(decoder, MQTT_FAULT_PROPERTY_REPEATED, begin);
	check_value(decoder, info, value, decoder->reader.offset);
	keep(properties, value);
}

static MqttFaultId fault_of(PropertyResult result)
{
	switch (result) {
	case PROPERTY_UNKNOWN: return MQTT_FAULT_PROPERTY_UNKNOWN;
	case PROPERTY_INVALID: return MQTT_FAULT_LENGTH_INVALID;
	case PROPERTY_READ:
	case PROPERTY_CUT: break;
	}
	return MQTT_FAULT_PROPERTY_ENDS_EARLY;
}

/* Reads up to the reader's end; @cut: which is not that of the properties.  A property that cannot be
 * read hides those behind it. */
static void take_properties(MqttDecoder *decoder, MqttType where, MqttProperties *properties,
                            bool cut)
{
	Reader *reader = &decoder->reader;
	while (reader->offset < reader->bytes.size) {
		size_t begin = reader->offset;
		MqttPropertyValue value;
		size_t padded = 0;
		PropertyResult result = read_property(reader, &value, &padded);
		if (padded != 0)
			decoder_fault(decoder, MQTT_FAULT_LENGTH_NOT_MINIMAL, padded);
		if (result != PROPERTY_READ) {
			if (!cut || result != PROPERTY_CUT)
				decoder_fault(decoder, fault_of(result), begin);
			return;
		}
		take_property(decoder, where, properties, &value, begin);
	}
}

void decoder_properties(MqttDecoder *decoder, MqttType where, MqttProperties *properties)
{
	properties_clear(properties);
	Reader *reader = &decoder->reader;
	size_t begin = reader->offset;
	Varint size = decoder_varint(decoder);
	if (reader->failed || size.value == 0)
		return;
	if (size.value > decoder->total - reader->offset) {
		decoder_fault(decoder, MQTT_FAULT_PROPERTIES_TOO_LONG, begin);
		decoder_stop(decoder);
		return;
	}
	ByteSpan whole = reader->bytes;
	size_t end = reader->offset + size.value;
	bool complete = end <= whole.size;
	reader->bytes.size = complete ? end : whole.size;
	properties->raw =
		(ByteSpan){whole.data + reader->offset, reader->bytes.size - reader->offset};
	take_properties(decoder, where, properties, !complete);
	reader->bytes = whole;
	reader->offset = complete ? end : whole.size;
	reader->failed = !complete;
}
