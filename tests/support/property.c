/* SPDX-License-Identifier: MIT */
#include "tests/support/property.h"

#include <string.h>

#include "tests/support/encode.h"

typedef enum { KIND_U8, KIND_U16, KIND_U32, KIND_VARINT, KIND_STRING, KIND_PAIR } Kind;

/* Typed from the table of MQTT 5.0 §2.2.2.2. */
static const struct {
	const char *key;
	guint8 id;
	Kind kind;
} properties[] = {
	{"payload_format", 0x01, KIND_U8},
	{"message_expiry", 0x02, KIND_U32},
	{"content_type", 0x03, KIND_STRING},
	{"response_topic", 0x08, KIND_STRING},
	{"correlation", 0x09, KIND_STRING},
	{"subscription_id", 0x0B, KIND_VARINT},
	{"expiry", 0x11, KIND_U32},
	{"assigned", 0x12, KIND_STRING},
	{"server_keep_alive", 0x13, KIND_U16},
	{"auth_method", 0x15, KIND_STRING},
	{"auth_data", 0x16, KIND_STRING},
	{"request_problem", 0x17, KIND_U8},
	{"delay", 0x18, KIND_U32},
	{"request_response", 0x19, KIND_U8},
	{"response_info", 0x1A, KIND_STRING},
	{"server_reference", 0x1C, KIND_STRING},
	{"reason_string", 0x1F, KIND_STRING},
	{"receive_max", 0x21, KIND_U16},
	{"alias_max", 0x22, KIND_U16},
	{"alias", 0x23, KIND_U16},
	{"max_qos", 0x24, KIND_U8},
	{"retain_available", 0x25, KIND_U8},
	{"user", 0x26, KIND_PAIR},
	{"max_packet", 0x27, KIND_U32},
	{"wildcard_available", 0x28, KIND_U8},
	{"subscription_id_available", 0x29, KIND_U8},
	{"shared_available", 0x2A, KIND_U8},
};

static void append_pair(WordRange *range, const char *text, GByteArray *out)
{
	const char *colon = strchr(text, ':');
	char *name;

	if (colon == NULL) {
		words_fail(range,
		           "user=%s: a name and a value with a colon between them are needed",
		           text);
		return;
	}
	name = g_strndup(text, (gsize)(colon - text));
	encode_string(out, name);
	encode_string(out, colon + 1);
	g_free(name);
}

static void append_value(WordRange *range, Kind kind, const char *text, GByteArray *out)
{
	switch (kind) {
	case KIND_U8: encode_u8(out, (guint8)words_number(range, text, G_MAXUINT8)); break;
	case KIND_U16: encode_u16(out, (guint16)words_number(range, text, G_MAXUINT16)); break;
	case KIND_U32: encode_u32(out, words_number(range, text, G_MAXUINT32)); break;
	case KIND_VARINT: encode_varint(out, words_number(range, text, 268435455)); break;
	case KIND_STRING: encode_string(out, text); break;
	case KIND_PAIR: append_pair(range, text, out); break;
	}
}

static void append_property(WordRange *range, const char *key, const char *value, GByteArray *out)
{
	for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
		if (strcmp(properties[i].key, key) != 0)
			continue;
		encode_u8(out, properties[i].id);
		append_value(range, properties[i].kind, value, out);
		return;
	}
	words_fail(range, "'%s=' is not known here", key);
}

static void take_word(WordRange *range, Word *word, gsize skip, GByteArray *out)
{
	gsize length = words_key_length(word);
	char *key = g_strndup(word->text + skip, length - skip);

	append_property(range, key, word->text + length + 1, out);
	word->used = true;
	g_free(key);
}

GByteArray *property_take(WordRange *range, guint8 level, const char *prefix)
{
	GByteArray *out = g_byte_array_new();
	gsize skip = strlen(prefix);

	for (guint i = range->from; i < range->until; i++) {
		Word *word = range->words->pdata[i];
		gsize length = words_key_length(word);

		/* id= and reason= belong to the packet itself. */
		if (word->used || length <= skip || strncmp(word->text, prefix, skip) != 0)
			continue;
		if (g_str_has_prefix(word->text, "id=") || g_str_has_prefix(word->text, "reason="))
			continue;
		if ((level & 0x7F) < 5)
			words_fail(range, "'%s' is a property, and this is not MQTT 5.0",
			           word->text);
		take_word(range, word, skip, out);
	}
	return out;
}
