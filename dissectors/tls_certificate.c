/* SPDX-License-Identifier: MIT */
/* tls_certificate: whom a certificate names; as much of DER and X.509 (RFC 5280) as that takes. */
#include <string.h>

#include "dissectors/reader.h"
#include "dissectors/tls_parts.h"

enum { DER_INTEGER = 0x02, DER_OID = 0x06, DER_SEQUENCE = 0x30, DER_SET = 0x31, DER_VERSION = 0xA0 };

/* The next element of @reader, whatever it is. */
static uint8_t take_element(Reader *reader, Reader *content)
{
	uint8_t tag = reader_u8(reader);
	size_t size = reader_u8(reader);
	if (size > 0x80 && size <= 0x83) {
		unsigned n = (unsigned)size & 0x7f;
		for (size = 0; n > 0; n--)
			size = size << 8 | reader_u8(reader);
	} else if (size >= 0x80) {
		reader->failed = true; /* without a length, or of more octets than a message has */
	}
	*content = reader_over(reader_take(reader, size));
	content->failed = reader->failed;
	return tag;
}

static Reader enter(Reader *reader, uint8_t tag)
{
	Reader content;
	if (take_element(reader, &content) != tag)
		reader->failed = content.failed = true;
	return content;
}

/* The Common Name among the attributes of a name; the last one is the most particular. */
static void read_common_name(Reader name, char *to, size_t room)
{
	static const uint8_t common_name[] = {0x55, 0x04, 0x03}; /* 2.5.4.3 */
	while (!name.failed && reader_remaining(&name) > 0) {
		Reader set = enter(&name, DER_SET), pair = enter(&set, DER_SEQUENCE);
		Reader type = enter(&pair, DER_OID), value;
		take_element(&pair, &value);
		if (pair.failed || type.bytes.size != sizeof common_name ||
		    memcmp(type.bytes.data, common_name, sizeof common_name) != 0)
			continue;
		size_t size = MIN(value.bytes.size, room - 1);
		memcpy(to, value.bytes.data, size);
		to[size] = '\0';
		for (size_t i = 0; i < size; i++)
			if (!g_ascii_isprint(to[i]))
				to[i] = '?';
	}
}

void tls_certificate_name(ByteSpan body, char *to, size_t room)
{
	Reader message = reader_over(body);
	size_t list = (size_t)reader_u8(&message) << 16;
	list |= reader_u16(&message);
	size_t size = (size_t)reader_u8(&message) << 16;
	size |= reader_u16(&message);
	Reader der = reader_over(reader_take(&message, size)), skipped;
	if (message.failed || list < size + 3)
		return;
	Reader certificate = enter(&der, DER_SEQUENCE), tbs = enter(&certificate, DER_SEQUENCE);
	if (reader_remaining(&tbs) > 0 && tbs.bytes.data[0] == DER_VERSION)
		take_element(&tbs, &skipped);
	enter(&tbs, DER_INTEGER);
	enter(&tbs, DER_SEQUENCE); /* signature algorithm */
	enter(&tbs, DER_SEQUENCE); /* issuer */
	enter(&tbs, DER_SEQUENCE); /* validity */
	Reader subject = enter(&tbs, DER_SEQUENCE);
	if (!tbs.failed)
		read_common_name(subject, to, room);
}
