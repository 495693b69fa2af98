/* SPDX-License-Identifier: MIT */
#include "tests/support/encode.h"

#include <string.h>

void encode_u8(GByteArray *out, guint8 value)
{
	g_byte_array_append(out, &value, 1);
}

void encode_u16(GByteArray *out, guint16 value)
{
	encode_u8(out, (guint8)(value >> 8));
	encode_u8(out, (guint8)(value & 0xFF));
}

void encode_u32(GByteArray *out, guint32 value)
{
	encode_u16(out, (guint16)(value >> 16));
	encode_u16(out, (guint16)(value & 0xFFFF));
}

void encode_varint(GByteArray *out, guint32 value)
{
	do {
		guint8 digit = value & 0x7F;

		value >>= 7;
		encode_u8(out, value > 0 ? digit | 0x80 : digit);
	} while (value > 0);
}

static void append_bytes(GByteArray *out, const void *bytes, gsize length)
{
	if (length > 0)
		g_byte_array_append(out, bytes, (guint)length);
}

static void append_array(GByteArray *out, const GByteArray *bytes)
{
	if (bytes != NULL)
		append_bytes(out, bytes->data, bytes->len);
}

void encode_string(GByteArray *out, const char *text)
{
	gsize length = strlen(text);

	g_assert(length <= G_MAXUINT16);
	encode_u16(out, (guint16)length);
	append_bytes(out, text, length);
}

static void append_properties(GByteArray *out, const EncodeProperties *properties)
{
	encode_varint(out, properties != NULL ? properties->len : 0);
	append_array(out, properties);
}

static bool has_properties(guint8 level)
{
	return (level & 0x7F) >= 5;
}

static bool any(const EncodeProperties *properties)
{
	return properties != NULL && properties->len > 0;
}

/* Takes ownership of `body`. */
static void append_packet(GByteArray *out, guint8 first, GByteArray *body)
{
	encode_u8(out, first);
	encode_varint(out, body->len);
	append_array(out, body);
	g_byte_array_unref(body);
}

static guint8 connect_flags(const EncodeConnect *connect)
{
	guint flags = connect->clean ? 0x02 : 0;

	if (connect->will_topic != NULL) {
		flags |= 0x04 | (guint)connect->will_qos << 3;
		flags |= connect->will_retain ? 0x20 : 0;
	}
	flags |= connect->password != NULL ? 0x40 : 0;
	flags |= connect->username != NULL ? 0x80 : 0;
	return (guint8)flags;
}

static void append_will(GByteArray *body, const EncodeConnect *connect)
{
	if (connect->will_topic == NULL)
		return;
	if (has_properties(connect->level))
		append_properties(body, connect->will_properties);
	encode_string(body, connect->will_topic);
	encode_string(body, connect->will_payload != NULL ? connect->will_payload : "");
}

void encode_connect(GByteArray *out, const EncodeConnect *connect)
{
	GByteArray *body = g_byte_array_new();

	encode_string(body, (connect->level & 0x7F) == 3 ? "MQIsdp" : "MQTT");
	encode_u8(body, connect->level);
	encode_u8(body, connect_flags(connect));
	encode_u16(body, connect->keep_alive);
	if (has_properties(connect->level))
		append_properties(body, connect->properties);
	encode_string(body, connect->client_id);
	append_will(body, connect);
	if (connect->username != NULL)
		encode_string(body, connect->username);
	if (connect->password != NULL)
		encode_string(body, connect->password);
	append_packet(out, 0x10, body);
}

void encode_connack(GByteArray *out, guint8 level, bool session_present, guint8 reason,
                    const EncodeProperties *properties)
{
	GByteArray *body = g_byte_array_new();

	encode_u8(body, session_present ? 1 : 0);
	encode_u8(body, reason);
	if (has_properties(level))
		append_properties(body, properties);
	append_packet(out, 0x20, body);
}

void encode_publish(GByteArray *out, const EncodePublish *publish)
{
	GByteArray *body = g_byte_array_new();
	guint first = 0x30u | (guint)publish->qos << 1;

	first |= publish->retain ? 0x01 : 0;
	first |= publish->dup ? 0x08 : 0;
	encode_string(body, publish->topic);
	if (publish->qos > 0)
		encode_u16(body, publish->id);
	if (has_properties(publish->level))
		append_properties(body, publish->properties);
	append_bytes(body, publish->payload, publish->length);
	append_packet(out, (guint8)first, body);
}

void encode_ack(GByteArray *out, const EncodeAck *ack)
{
	GByteArray *body = g_byte_array_new();
	bool properties = any(ack->properties);

	encode_u16(body, ack->id);
	if (has_properties(ack->level) && (ack->reason != 0 || properties))
		encode_u8(body, ack->reason);
	if (has_properties(ack->level) && properties)
		append_properties(body, ack->properties);
	append_packet(out, ack->first, body);
}

void encode_list(GByteArray *out, const EncodeList *list)
{
	GByteArray *body = g_byte_array_new();

	encode_u16(body, list->id);
	if (has_properties(list->level))
		append_properties(body, list->properties);
	if (list->first != 0xB0 || has_properties(list->level))
		append_array(body, list->body);
	append_packet(out, list->first, body);
}

void encode_ping(GByteArray *out, guint8 first)
{
	append_packet(out, first, g_byte_array_new());
}

void encode_reason(GByteArray *out, guint8 first, guint8 level, guint8 reason,
                   const EncodeProperties *properties)
{
	GByteArray *body = g_byte_array_new();

	if (has_properties(level) && (reason != 0 || any(properties)))
		encode_u8(body, reason);
	if (has_properties(level) && any(properties))
		append_properties(body, properties);
	append_packet(out, first, body);
}

void encode_filter(GByteArray *body, const char *filter, int options)
{
	encode_string(body, filter);
	if (options >= 0)
		encode_u8(body, (guint8)options);
}
