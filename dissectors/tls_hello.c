/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/reader.h"
#include "dissectors/tls_parts.h"

enum {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_ALPN = 16,
	EXTENSION_ENCRYPT_THEN_MAC = 22,
	EXTENSION_EARLY_DATA = 42,
	EXTENSION_SUPPORTED_VERSIONS = 43,
};

static Reader take_vector(Reader *reader, unsigned length_size)
{
	size_t size = length_size == 1 ? reader_u8(reader) : reader_u16(reader);
	return reader_over(reader_take(reader, size));
}

static void copy_text(char *to, size_t room, ByteSpan text)
{
	size_t size = MIN(text.size, room - 1);
	memcpy(to, text.data, size);
	to[size] = '\0';
	for (size_t i = 0; i < size; i++)
		if (!g_ascii_isgraph(to[i]))
			to[i] = '?'; /* names are ASCII (RFC 6066 section 3) */
}

/* RFC 6066 section 3. */
static void read_server_name(Reader extension, TlsFacts *facts)
{
	Reader list = take_vector(&extension, 2);
	uint8_t type = reader_u8(&list);
	size_t size = reader_u16(&list);
	ByteSpan name = reader_take(&list, size);
	if (!list.failed && type == 0)
		copy_text(facts->server_name, sizeof facts->server_name, name);
}

/* RFC 7301 section 3.1: the first of the list, which of a server is the only one. */
static void read_alpn(Reader extension, TlsFacts *facts, bool chosen)
{
	Reader list = take_vector(&extension, 2);
	size_t size = reader_u8(&list);
	ByteSpan name = reader_take(&list, size);
	if (list.failed)
		return;
	copy_text(facts->alpn, sizeof facts->alpn, name);
	facts->alpn_chosen = chosen;
}

static bool next_extension(Reader *list, uint16_t *type, Reader *body)
{
	if (list->failed || reader_remaining(list) == 0)
		return false;
	*type = reader_u16(list);
	*body = take_vector(list, 2);
	return !list->failed;
}

bool tls_client_hello(ByteSpan body, TlsHello *hello, TlsFacts *facts)
{
	Reader reader = reader_over(body), extension;
	uint16_t type;

	reader_u16(&reader);
	ByteSpan random = reader_take(&reader, TLS_RANDOM_SIZE);
	take_vector(&reader, 1); /* session id */
	take_vector(&reader, 2); /* cipher suites */
	take_vector(&reader, 1); /* compression */
	if (reader.failed)
		return false;
	memcpy(hello->random[0], random.data, random.size);
	facts->client_hello = true;
	hello->early_data = false;
	if (reader_remaining(&reader) == 0)
		return true;
	Reader list = take_vector(&reader, 2);
	while (next_extension(&list, &type, &extension)) {
		if (type == EXTENSION_SERVER_NAME)
			read_server_name(extension, facts);
		else if (type == EXTENSION_ALPN)
			read_alpn(extension, facts, false);
		else if (type == EXTENSION_EARLY_DATA)
			hello->early_data = true;
	}
	return true;
}

static bool lists(Reader extension, const char *protocol)
{
	Reader list = take_vector(&extension, 2);
	size_t due = strlen(protocol);
	while (!list.failed && reader_remaining(&list) > 0) {
		size_t size = reader_u8(&list);
		ByteSpan name = reader_take(&list, size);
		if (!list.failed && name.size == due && memcmp(name.data, protocol, due) == 0)
			return true;
	}
	return false;
}

bool tls_offers(ByteSpan body, const char *protocol)
{
	Reader reader = reader_over(body), extension;
	uint16_t type;

	reader_skip(&reader, 2 + TLS_RANDOM_SIZE);
	take_vector(&reader, 1); /* session id */
	take_vector(&reader, 2); /* cipher suites */
	take_vector(&reader, 1); /* compression */
	Reader list = take_vector(&reader, 2);
	while (next_extension(&list, &type, &extension))
		if (type == EXTENSION_ALPN && lists(extension, protocol))
			return true;
	return false;
}

/* RFC 8446 section 4.1.3: this random makes it a HelloRetryRequest. */
static const uint8_t retry_random[TLS_RANDOM_SIZE] = {
	0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
	0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
};

bool tls_server_hello(ByteSpan body, TlsHello *hello, TlsFacts *facts)
{
	Reader reader = reader_over(body), extension;
	uint16_t type, version = reader_u16(&reader);

	ByteSpan random = reader_take(&reader, TLS_RANDOM_SIZE);
	take_vector(&reader, 1); /* session id */
	uint16_t suite = reader_u16(&reader);
	reader_u8(&reader);      /* compression */
	if (reader.failed)
		return false;
	hello->encrypt_then_mac = false;
	Reader list = reader_remaining(&reader) > 0 ? take_vector(&reader, 2) : reader;
	while (next_extension(&list, &type, &extension)) {
		if (type == EXTENSION_SUPPORTED_VERSIONS)
			version = reader_u16(&extension);
		else if (type == EXTENSION_ALPN)
			read_alpn(extension, facts, true);
		else if (type == EXTENSION_ENCRYPT_THEN_MAC)
			hello->encrypt_then_mac = true;
	}
	if (memcmp(random.data, retry_random, sizeof retry_random) == 0) {
		facts->retried = true;
		return true;
	}
	memcpy(hello->random[1], random.data, random.size);
	facts->version = version;
	facts->suite = suite;
	facts->server_hello = true;
	return true;
}

bool tls_encrypted_extensions(ByteSpan body, TlsFacts *facts)
{
	Reader reader = reader_over(body), extension, list = take_vector(&reader, 2);
	bool early = false;
	uint16_t type;

	while (next_extension(&list, &type, &extension)) {
		if (type == EXTENSION_ALPN)
			read_alpn(extension, facts, true);
		early = early || type == EXTENSION_EARLY_DATA;
	}
	return early;
}
