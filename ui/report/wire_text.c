/* SPDX-License-Identifier: MIT */
#include "ui/report/wire_text.h"

#include <string.h>

#include "ui/report/escape.h"

enum { TOKEN_DIGITS = 10 }; /* 40 bits: two of 100 000 texts share a token in one report of 200 */

struct WireTexts {
	const Model *model;
	bool redact;
	char *key;
	char token[32];
	GString *sentence;
};

static char *random_key(void)
{
	GString *key = g_string_new(NULL);
	for (unsigned i = 0; i < 8; i++)
		g_string_append_printf(key, "%08x", g_random_int());
	return g_string_free(key, FALSE);
}

WireTexts *wire_texts_new(const Model *model, bool redact, const char *redact_key)
{
	WireTexts *texts = g_new0(WireTexts, 1);
	texts->model = model;
	texts->redact = redact;
	texts->key = redact_key != NULL ? g_strdup(redact_key) : random_key();
	texts->sentence = g_string_new(NULL);
	return texts;
}

void wire_texts_free(WireTexts *texts)
{
	g_string_free(texts->sentence, TRUE);
	g_free(texts->key);
	g_free(texts);
}

/* The name in "$share/name/filter"; empty if there is none. */
static ByteSpan share_name(ByteSpan filter)
{
	static const char prefix[] = "$share/";
	size_t begin = sizeof prefix - 1;
	if (filter.size <= begin || memcmp(filter.data, prefix, begin) != 0)
		return (ByteSpan){filter.data, 0};
	const uint8_t *name = filter.data + begin;
	const uint8_t *end = memchr(name, '/', filter.size - begin);
	return (ByteSpan){name, end != NULL ? (size_t)(end - name) : filter.size - begin};
}

static ByteSpan plain_text(const Model *model, WireKind kind, uint32_t index)
{
	switch (kind) {
	case WIRE_CLIENT_ID:
	case WIRE_USERNAME:
	case WIRE_WILL_TOPIC:
		return model_text(model, index);
	case WIRE_TOPIC:
		return model_topic(model, index);
	case WIRE_FILTER:
		return model_filter(model, index);
	case WIRE_SHARE:
		return share_name(model_filter(model, index));
	}
	g_assert_not_reached();
}

/* Text that is the same has the same digits whatever its kind: a topic and a filter can be seen to
 * agree. */
static const char *make_token(WireTexts *texts, WireKind kind, ByteSpan text)
{
	static const char *const names[] = {
		[WIRE_CLIENT_ID] = "client", [WIRE_USERNAME] = "user",  [WIRE_TOPIC] = "topic",
		[WIRE_FILTER] = "filter",    [WIRE_SHARE] = "share",  [WIRE_WILL_TOPIC] = "topic",
	};
	g_autofree char *digest =
		g_compute_hmac_for_data(G_CHECKSUM_SHA256, (const guchar *)texts->key,
	                                strlen(texts->key), text.data, text.size);
	g_snprintf(texts->token, sizeof texts->token, "<%s-%.*s>", names[kind], TOKEN_DIGITS, digest);
	return texts->token;
}

ByteSpan report_wire_octets(WireTexts *texts, WireKind kind, ByteSpan text)
{
	if (!texts->redact || kind == WIRE_CLIENT_ID)
		return text;
	const char *token = make_token(texts, kind, text);
	return (ByteSpan){(const uint8_t *)token, strlen(token)};
}

ByteSpan report_wire_text(WireTexts *texts, WireKind kind, uint32_t index)
{
	return report_wire_octets(texts, kind, plain_text(texts->model, kind, index));
}

/* What a sentence about one finding may name and --redact hides. */
typedef struct Secret {
	WireKind kind;
	uint32_t index;
} Secret;

static void add_secret(GArray *secrets, WireKind kind, uint32_t index)
{
	g_array_append_val(secrets, ((Secret){kind, index}));
}

static void add_of_connection(const Model *model, ConnectionIndex index, GArray *secrets)
{
	if (index == NO_INDEX)
		return;
	const Connection *connection = model_connection(model, index);
	if (connection->has_username)
		add_secret(secrets, WIRE_USERNAME, connection->username);
	if (connection->has_will)
		add_secret(secrets, WIRE_WILL_TOPIC, model_remarks(model, connection)->will_topic);
}

static void add_of_absence(const Absence *absence, GArray *secrets)
{
	if (absence == NULL)
		return;
	for (uint32_t i = 0; i < absence->n_subscriptions; i++)
		add_secret(secrets, WIRE_FILTER, absence->subscriptions[i].filter);
	for (uint32_t i = 0; i < absence->n_examples; i++)
		add_secret(secrets, WIRE_TOPIC, absence->examples[i].topic);
}

static void add_of_client(const Model *model, ClientIndex index, GArray *secrets)
{
	if (index == NO_INDEX)
		return;
	const Client *client = model_client(model, index);
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		add_secret(secrets, WIRE_FILTER, client->subscriptions[i].filter);
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '/' || (c & 0x80) != 0;
}

/* A short topic such as "a" must not replace every letter a. */
static bool stands_alone(const GString *sentence, gsize at, gsize size)
{
	bool begins = at == 0 || !is_word(sentence->str[at - 1]);
	return begins && !is_word(sentence->str[at + size]);
}

static void replace_all(GString *sentence, const char *text, const char *token)
{
	gsize size = strlen(text);
	gsize token_size = strlen(token);
	for (gsize at = 0; size > 0 && at + size <= sentence->len;) {
		if (memcmp(sentence->str + at, text, size) != 0 || !stands_alone(sentence, at, size)) {
			at++;
			continue;
		}
		g_string_erase(sentence, (gssize)at, (gssize)size);
		g_string_insert(sentence, (gssize)at, token);
		at += token_size;
	}
}

static void hide(WireTexts *texts, const Secret *secret)
{
	ByteSpan text = plain_text(texts->model, secret->kind, secret->index);
	g_autoptr(GString) escaped = g_string_new(NULL);
	escape_append(escaped, text);
	replace_all(texts->sentence, escaped->str, make_token(texts, secret->kind, text));
}

const char *report_story_text(WireTexts *texts, const Finding *finding, const char *sentence)
{
	if (sentence == NULL || !texts->redact)
		return sentence;
	g_autoptr(GArray) secrets = g_array_new(FALSE, FALSE, sizeof(Secret));
	add_of_connection(texts->model, finding->from, secrets);
	add_of_connection(texts->model, finding->to, secrets);
	add_of_connection(texts->model, finding->other, secrets);
	add_of_absence(model_absence(texts->model, finding->cost), secrets);
	add_of_client(texts->model, finding->client, secrets);
	g_string_assign(texts->sentence, sentence);
	for (guint i = 0; i < secrets->len; i++)
		hide(texts, &g_array_index(secrets, Secret, i));
	return texts->sentence->str;
}
