/* SPDX-License-Identifier: MIT */
#include "dissectors/tls_keys.h"

#include <glib.h>
#include <string.h>

struct TlsKeys {
	GHashTable *by_random; /* 32 octets -> TlsSecrets */
	size_t n_added, n_again;
	bool (*more)(void *user);
	void *user;
};

guint tls_random_hash(gconstpointer random)
{
	guint hash;

	memcpy(&hash, random, sizeof hash);
	return hash;
}

gboolean tls_random_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, TLS_RANDOM_SIZE) == 0;
}

TlsKeys *tls_keys_new(void)
{
	TlsKeys *keys = g_new0(TlsKeys, 1);

	keys->by_random = g_hash_table_new_full(tls_random_hash, tls_random_equal, g_free, g_free);
	return keys;
}

void tls_keys_free(TlsKeys *keys)
{
	if (keys == NULL)
		return;
	g_hash_table_unref(keys->by_random);
	g_free(keys);
}

static ByteSpan next_word(ByteSpan *line)
{
	size_t begin = 0, end;

	while (begin < line->size && line->data[begin] == ' ')
		begin++;
	for (end = begin; end < line->size && line->data[end] != ' ';)
		end++;
	ByteSpan word = {line->data + begin, end - begin};
	*line = (ByteSpan){line->data + end, line->size - end};
	return word;
}

/* The octets that @word writes; 0 if it is not hexadecimal, or too long. */
static size_t from_hex(ByteSpan word, uint8_t *out, size_t most)
{
	if (word.size % 2 != 0 || word.size / 2 > most)
		return 0;
	for (size_t i = 0; i < word.size; i += 2) {
		int high = g_ascii_xdigit_value((char)word.data[i]);
		int low = g_ascii_xdigit_value((char)word.data[i + 1]);
		if (high < 0 || low < 0)
			return 0;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return word.size / 2;
}

static const char *const labels[TLS_N_SECRETS] = {
	"CLIENT_RANDOM",
	"CLIENT_EARLY_TRAFFIC_SECRET",
	"CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	"SERVER_HANDSHAKE_TRAFFIC_SECRET",
	"CLIENT_TRAFFIC_SECRET_0",
	"SERVER_TRAFFIC_SECRET_0",
};

static int secret_of_label(ByteSpan label)
{
	for (int i = 0; i < TLS_N_SECRETS; i++)
		if (label.size == strlen(labels[i]) && memcmp(label.data, labels[i], label.size) == 0)
			return i;
	return -1;
}

static bool add_line(TlsKeys *keys, ByteSpan line)
{
	uint8_t random[TLS_RANDOM_SIZE], secret[TLS_SECRET_MOST];
	int which = secret_of_label(next_word(&line));

	if (which < 0 || from_hex(next_word(&line), random, sizeof random) != sizeof random)
		return false;
	size_t size = from_hex(next_word(&line), secret, sizeof secret);
	if (size < 32)
		return false;
	TlsSecrets *secrets = g_hash_table_lookup(keys->by_random, random);
	if (secrets == NULL) {
		if (g_hash_table_size(keys->by_random) >= TLS_KEYS_MOST)
			return false;
		secrets = g_new0(TlsSecrets, 1);
		g_hash_table_insert(keys->by_random, g_memdup2(random, sizeof random), secrets);
	}
	secrets->size[which] = (uint8_t)size;
	memcpy(secrets->octets[which], secret, size);
	return true;
}

size_t tls_keys_add(TlsKeys *keys, ByteSpan lines)
{
	size_t n = 0;

	while (lines.size > 0) {
		const uint8_t *end = memchr(lines.data, '\n', lines.size);
		size_t size = end == NULL ? lines.size : (size_t)(end - lines.data);
		ByteSpan line = {lines.data, size};
		if (line.size > 0 && line.data[line.size - 1] == '\r')
			line.size--;
		n += add_line(keys, line);
		size += end != NULL;
		lines = (ByteSpan){lines.data + size, lines.size - size};
	}
	keys->n_added += n;
	return n;
}

size_t tls_keys_count(const TlsKeys *keys)
{
	return keys->n_added;
}

void tls_keys_agree_again(TlsKeys *keys, TlsSecrets *before, const uint8_t random[static TLS_RANDOM_SIZE])
{
	before->again = true;
	memcpy(before->next, random, TLS_RANDOM_SIZE);
	keys->n_again++;
}

size_t tls_keys_again(const TlsKeys *keys)
{
	return keys->n_again;
}

static void write_hex(GString *to, const uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		g_string_append_printf(to, "%02x", octets[i]);
}

void tls_keys_write(GString *lines, const uint8_t random[static TLS_RANDOM_SIZE],
                    const TlsSecrets *secrets)
{
	for (int i = 0; i < TLS_N_SECRETS; i++) {
		if (secrets->size[i] == 0)
			continue;
		g_string_append_printf(lines, "%s ", labels[i]);
		write_hex(lines, random, TLS_RANDOM_SIZE);
		g_string_append_c(lines, ' ');
		write_hex(lines, secrets->octets[i], secrets->size[i]);
		g_string_append_c(lines, '\n');
	}
}

void tls_keys_grow(TlsKeys *keys, bool (*more)(void *user), void *user)
{
	keys->more = more;
	keys->user = user;
}

bool tls_keys_may_grow(const TlsKeys *keys)
{
	return keys->more != NULL;
}

bool tls_keys_look_again(TlsKeys *keys)
{
	return keys->more != NULL && keys->more(keys->user);
}

TlsSecrets *tls_keys_find(TlsKeys *keys, const uint8_t random[static TLS_RANDOM_SIZE])
{
	TlsSecrets *secrets = g_hash_table_lookup(keys->by_random, random);

	if (secrets == NULL && tls_keys_look_again(keys))
		secrets = g_hash_table_lookup(keys->by_random, random);
	return secrets;
}
