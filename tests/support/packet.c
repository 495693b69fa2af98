/* SPDX-License-Identifier: MIT */
#include "tests/support/packet.h"

#include <string.h>

#include "tests/support/encode.h"
#include "tests/support/property.h"

typedef struct {
	WordRange *range;
	PacketContext *context;
	guint side;
	const char *default_client;
	GByteArray *out;
	PacketMade *made;
} Making;

static guint16 take_request_id(Making *making)
{
	PacketContext *context = making->context;
	guint16 *next = &context->next_id[making->side];
	guint16 id;

	if (*next == 0)
		*next = 1;
	id = (guint16)words_take_number(making->range, "id", *next, G_MAXUINT16);
	*next = (guint16)(id + 1);
	context->last_id[making->side] = id;
	making->made->id = id;
	return id;
}

/* A PUBREL carries the id of its own side's PUBLISH, the other answers that of the other side. */
static guint16 take_answer_id(Making *making)
{
	guint asker = making->made->first == 0x62 ? making->side : 1 - making->side;
	guint16 last = making->context->last_id[asker];

	making->made->id = (guint16)words_take_number(making->range, "id", last, G_MAXUINT16);
	return making->made->id;
}

static int take_wanted_answer(Making *making)
{
	const char *text = words_take_text(making->range, "ack");

	if (text == NULL)
		return 0;
	return strcmp(text, "none") == 0 ? -1 : (int)words_number(making->range, text, 255);
}

static guint8 take_reason(Making *making)
{
	return (guint8)words_take_number(making->range, "reason", 0, 255);
}

static guint8 take_level(Making *making)
{
	static const struct {
		const char *word;
		guint8 level;
	} versions[] = {{"v3.1", 3}, {"v3.1.1", 4}, {"v5", 5}};
	guint8 bridge = words_take_flag(making->range, "bridge") ? 0x80 : 0;

	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		if (words_take_flag(making->range, versions[i].word))
			return versions[i].level | bridge;
	}
	words_fail(making->range, "CONNECT needs v3.1, v3.1.1 or v5");
	return 4;
}

static bool take_clean(Making *making)
{
	guint32 start = words_take_number(making->range, "clean_start", 2, 1);
	guint32 session = words_take_number(making->range, "clean_session", 2, 1);

	if (start == 2 && session == 2)
		words_fail(making->range, "CONNECT needs clean_start= or clean_session=");
	return start == 1 || session == 1;
}

static void make_connect(Making *making)
{
	WordRange *range = making->range;
	const char *client = words_take_text(range, "client");
	EncodeConnect connect = {
		.level = take_level(making),
		.clean = take_clean(making),
		.keep_alive = (guint16)words_take_number(range, "keep_alive", 60, G_MAXUINT16),
		.client_id = client != NULL ? client : making->default_client,
		.username = words_take_text(range, "username"),
		.password = words_take_text(range, "password"),
		.will_topic = words_take_text(range, "will"),
		.will_payload = words_take_text(range, "will_payload"),
		.will_qos = (guint8)words_take_number(range, "will_qos", 0, 3),
		.will_retain = words_take_number(range, "will_retain", 0, 1) == 1,
	};
	GByteArray *will = property_take(range, connect.level, "will.");
	GByteArray *properties = property_take(range, connect.level, "");

	making->context->level = connect.level;
	memset(making->context->next_id, 0, sizeof making->context->next_id);
	connect.will_properties = will;
	connect.properties = properties;
	encode_connect(making->out, &connect);
	g_byte_array_unref(will);
	g_byte_array_unref(properties);
}

static void make_connack(Making *making)
{
	guint8 level = making->context->level;
	bool present = words_take_number(making->range, "session_present", 0, 1) == 1;
	guint8 reason = take_reason(making);
	GByteArray *properties = property_take(making->range, level, "");

	encode_connack(making->out, level, present, reason, properties);
	g_byte_array_unref(properties);
}

static void fill_payload(Making *making, GByteArray *payload)
{
	const char *text = words_take_quoted(making->range);
	guint32 size = words_take_number(making->range, "size", 0, 10000000);

	if (text != NULL)
		g_byte_array_append(payload, (const guint8 *)text, (guint)strlen(text));
	for (guint32 i = payload->len; i < size; i++)
		encode_u8(payload, (guint8)('a' + i % 26));
}

static void make_publish(Making *making)
{
	WordRange *range = making->range;
	GByteArray *payload = g_byte_array_new();
	GByteArray *properties;
	const char *topic;
	EncodePublish publish = {
		.level = making->context->level,
		.qos = (guint8)words_take_number(range, "qos", 0, 3),
		.retain = words_take_number(range, "retain", 0, 1) == 1,
		.dup = words_take_number(range, "dup", 0, 1) == 1,
	};

	publish.id = publish.qos > 0 ? take_request_id(making) : 0;
	making->made->qos = publish.qos;
	making->made->answer = take_wanted_answer(making);
	fill_payload(making, payload);
	topic = words_take_text(range, "topic");
	publish.topic = topic != NULL ? topic : words_take_plain(range);
	if (publish.topic == NULL) {
		words_fail(range, "PUBLISH needs a topic (topic= for an empty one)");
		publish.topic = "";
	}
	properties = property_take(range, publish.level, "");
	publish.properties = properties;
	publish.payload = payload->data;
	publish.length = payload->len;
	encode_publish(making->out, &publish);
	g_byte_array_unref(properties);
	g_byte_array_unref(payload);
}

static void make_ack(Making *making)
{
	GByteArray *properties = property_take(making->range, making->context->level, "");
	EncodeAck ack = {
		.first = making->made->first,
		.level = making->context->level,
		.id = take_answer_id(making),
		.reason = take_reason(making),
		.properties = properties,
	};

	encode_ack(making->out, &ack);
	g_byte_array_unref(properties);
}

static int take_filter_options(WordRange *range)
{
	guint32 qos = words_take_number(range, "qos", 0, 3);
	guint32 no_local = words_take_number(range, "no_local", 0, 1);
	guint32 as_published = words_take_number(range, "retain_as_published", 0, 1);
	guint32 handling = words_take_number(range, "retain_handling", 0, 3);

	return (int)(qos | no_local << 2 | as_published << 3 | handling << 4);
}

/* The options of a filter stand behind it, before the next filter. */
static void take_filter(Making *making, guint at, guint until, GByteArray *body)
{
	Word *word = making->range->words->pdata[at];
	WordRange options = {.words = making->range->words, .from = at + 1, .until = until};
	bool subscribe = making->made->first == 0x82;
	int bits = subscribe ? take_filter_options(&options) : -1;

	word->used = true;
	encode_filter(body, word->text, bits);
	encode_u8(making->made->codes, subscribe ? (guint8)(bits & 3) : 0);
	if (options.error != NULL)
		words_fail(making->range, "%s", options.error->message);
	g_clear_error(&options.error);
}

static guint next_filter(const WordRange *range, guint at)
{
	while (at < range->until && words_key_length(range->words->pdata[at]) > 0)
		at++;
	return at;
}

static void make_request(Making *making)
{
	WordRange *range = making->range;
	GByteArray *body = g_byte_array_new();
	EncodeList list = {
		.first = making->made->first, .level = making->context->level, .body = body};
	GByteArray *properties;

	making->made->codes = g_byte_array_new();
	making->made->answer = take_wanted_answer(making);
	list.id = take_request_id(making);
	for (guint at = next_filter(range, range->from + 1); at < range->until;) {
		guint next = next_filter(range, at + 1);

		take_filter(making, at, next, body);
		at = next;
	}
	if (body->len == 0)
		words_fail(range, "a filter is missing");
	properties = property_take(range, list.level, "");
	list.properties = properties;
	encode_list(making->out, &list);
	g_byte_array_unref(properties);
	g_byte_array_unref(body);
}

static void make_codes(Making *making)
{
	GByteArray *body = g_byte_array_new();
	GByteArray *properties = property_take(making->range, making->context->level, "");
	EncodeList list = {
		.first = making->made->first,
		.level = making->context->level,
		.id = take_answer_id(making),
		.body = body,
		.properties = properties,
	};
	const char *code;

	while ((code = words_take_plain(making->range)) != NULL)
		encode_u8(body, (guint8)words_number(making->range, code, 255));
	encode_list(making->out, &list);
	g_byte_array_unref(body);
	g_byte_array_unref(properties);
}

static void make_ping(Making *making)
{
	encode_ping(making->out, making->made->first);
}

static void make_reason(Making *making)
{
	guint8 reason = take_reason(making);
	GByteArray *properties = property_take(making->range, making->context->level, "");

	encode_reason(making->out, making->made->first, making->context->level, reason, properties);
	g_byte_array_unref(properties);
}

static void make_bytes(Making *making)
{
	const char *text;

	while ((text = words_take_plain(making->range)) != NULL) {
		char *hex = g_strconcat("0x", text, NULL);

		encode_u8(making->out, (guint8)words_number(making->range, hex, 255));
		g_free(hex);
	}
}

static const struct {
	const char *name;
	guint8 first;
	void (*make)(Making *making);
} packets[] = {
	{"CONNECT", 0x10, make_connect}, {"CONNACK", 0x20, make_connack},
	{"PUBLISH", 0x30, make_publish}, {"PUBACK", 0x40, make_ack},
	{"PUBREC", 0x50, make_ack},      {"PUBREL", 0x62, make_ack},
	{"PUBCOMP", 0x70, make_ack},     {"SUBSCRIBE", 0x82, make_request},
	{"SUBACK", 0x90, make_codes},    {"UNSUBSCRIBE", 0xA2, make_request},
	{"UNSUBACK", 0xB0, make_codes},  {"PINGREQ", 0xC0, make_ping},
	{"PINGRESP", 0xD0, make_ping},   {"DISCONNECT", 0xE0, make_reason},
	{"AUTH", 0xF0, make_reason},     {"BYTES", 0x00, make_bytes},
};

static guint find_packet(const char *name)
{
	guint at = 0;

	while (at < G_N_ELEMENTS(packets) && strcmp(packets[at].name, name) != 0)
		at++;
	return at;
}

bool packet_is_name(const char *name)
{
	return find_packet(name) < G_N_ELEMENTS(packets);
}

bool packet_is_connect(const char *name)
{
	return strcmp(name, "CONNECT") == 0;
}

static void refuse_unused(WordRange *range)
{
	for (guint i = range->from; i < range->until; i++) {
		const Word *word = range->words->pdata[i];

		if (!word->used)
			words_fail(range, "'%s' is not known here", word->text);
	}
}

bool packet_make(WordRange *range, PacketContext *context, guint side, const char *default_client,
                 GByteArray *out, PacketMade *made)
{
	Making making = {range, context, side, default_client, out, made};
	Word *name = range->words->pdata[range->from];
	guint at = find_packet(name->text);

	g_return_val_if_fail(at < G_N_ELEMENTS(packets), false);
	name->used = true;
	*made = (PacketMade){.first = packets[at].first};
	if (context->level == 0 && !packet_is_connect(name->text))
		words_fail(range, "no CONNECT before this %s", name->text);
	packets[at].make(&making);
	refuse_unused(range);
	return range->error == NULL;
}

static guint8 first_of_ack(const PacketMade *made)
{
	if (made->first == 0x50)
		return 0x62;
	if (made->first == 0x62)
		return 0x70;
	return made->qos == 2 ? 0x50 : 0x40;
}

static void answer_with_ack(const PacketMade *made, guint8 level, GByteArray *out,
                            PacketMade *answer)
{
	guint8 first = first_of_ack(made);
	EncodeAck ack = {
		.first = first, .level = level, .id = made->id, .reason = (guint8)made->answer};

	encode_ack(out, &ack);
	answer->first = first;
	answer->id = made->id;
	/* A PUBREC with an error ends the exchange. */
	answer->answer = first == 0x50 && made->answer >= 0x80 ? -1 : 0;
}

bool packet_answer(const PacketMade *made, guint8 level, GByteArray *out, PacketMade *answer)
{
	*answer = (PacketMade){.answer = -1};
	if (made->answer < 0)
		return false;
	if ((made->first == 0x30 && made->qos > 0) || made->first == 0x50 || made->first == 0x62) {
		answer_with_ack(made, level, out, answer);
		return true;
	}
	if (made->first == 0x82 || made->first == 0xA2) {
		EncodeList list = {
			.first = made->first == 0x82 ? 0x90 : 0xB0, .level = level, .id = made->id};

		list.body = made->codes;
		encode_list(out, &list);
		return true;
	}
	if (made->first == 0xC0)
		encode_ping(out, 0xD0);
	return made->first == 0xC0;
}
