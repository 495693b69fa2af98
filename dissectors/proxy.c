/* SPDX-License-Identifier: MIT */
/* proxy: haproxy.org/download/2.9/doc/proxy-protocol.txt; section numbers are of that text. */
#include "dissectors/proxy.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

#include "dissectors/reader.h"

enum { SIGNATURE_SIZE = 12, V1_PREFIX_SIZE = 6, V2_HEADER_SIZE = 16 };

static const uint8_t signature[SIGNATURE_SIZE] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                  0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

struct Proxy {
	StreamSink above;
	unsigned side;
	ProxyState state;
	bool carried;
	ProxyFacts facts;
	GByteArray *header; /* while it is read */
};

static bool agree(ByteSpan first, const void *octets, size_t size)
{
	return memcmp(first.data, octets, MIN(first.size, size)) == 0;
}

bool proxy_begins(ByteSpan first)
{
	return first.size > 0 &&
	       (agree(first, "PROXY ", V1_PREFIX_SIZE) || agree(first, signature, SIGNATURE_SIZE));
}

bool proxy_joins(ByteSpan octets)
{
	return octets.size >= SIGNATURE_SIZE && proxy_begins(octets);
}

/* Up to the end of the line; 0: it is not within @octets. */
static size_t v1_size(ByteSpan octets)
{
	const uint8_t *end = memchr(octets.data, '\n', MIN(octets.size, (size_t)PROXY_V1_MOST));
	return end == NULL ? 0 : (size_t)(end - octets.data) + 1;
}

/* @header: V2_HEADER_SIZE octets. */
static size_t v2_size(const uint8_t *header)
{
	return V2_HEADER_SIZE + (size_t)(header[14] << 8 | header[15]);
}

ByteSpan proxy_skip(ByteSpan octets)
{
	if (!proxy_joins(octets))
		return octets;
	size_t size = 0;
	if (octets.data[0] == 'P')
		size = v1_size(octets) > 0 ? v1_size(octets) : octets.size;
	else if (octets.size >= V2_HEADER_SIZE)
		size = MIN(v2_size(octets.data), octets.size);
	return (ByteSpan){octets.data + size, octets.size - size};
}

/* --- version 1, section 2.1 --------------------------------------------------------------- */

static bool read_port(const char *text, uint16_t *port)
{
	guint64 value;
	bool good = g_ascii_string_to_unsigned(text, 10, 0, UINT16_MAX, &value, NULL);
	*port = good ? (uint16_t)value : 0;
	return good;
}

static bool read_address(int family, const char *text, IpAddress *address)
{
	memset(address->octets, 0, sizeof address->octets);
	if (family == AF_INET6)
		return inet_pton(AF_INET6, text, address->octets) == 1;
	memset(address->octets + 10, 0xff, 2);
	return inet_pton(AF_INET, text, address->octets + 12) == 1;
}

static bool read_words(char **words, ProxyFacts *facts)
{
	guint n = g_strv_length(words);
	if (n >= 2 && strcmp(words[1], "UNKNOWN") == 0)
		return true; /* the rest of the line is to be ignored */
	if (n != 6 || (strcmp(words[1], "TCP4") != 0 && strcmp(words[1], "TCP6") != 0))
		return false;
	int family = words[1][3] == '4' ? AF_INET : AF_INET6;
	facts->known = read_address(family, words[2], &facts->client.address) &&
	               read_address(family, words[3], &facts->server.address) &&
	               read_port(words[4], &facts->client.port) &&
	               read_port(words[5], &facts->server.port);
	return facts->known;
}

/* How long the header is; 0: not all of it is there; SIZE_MAX: it is none. */
static size_t read_v1(const GByteArray *header, ProxyFacts *facts)
{
	size_t size = v1_size((ByteSpan){header->data, header->len});
	if (size == 0)
		return header->len < PROXY_V1_MOST ? 0 : SIZE_MAX;
	if (header->data[size - 2] != '\r' || memchr(header->data, 0, size) != NULL)
		return SIZE_MAX;
	g_autofree char *line = g_strndup((const char *)header->data, size - 2);
	g_auto(GStrv) words = g_strsplit(line, " ", 0);
	facts->version = 1;
	return read_words(words, facts) ? size : SIZE_MAX;
}

/* --- version 2, section 2.2 --------------------------------------------------------------- */

static void read_endpoints(Reader *reader, bool v6, ProxyFacts *facts)
{
	size_t size = v6 ? 16 : 4;
	ByteSpan client = reader_take(reader, size), server = reader_take(reader, size);
	facts->client.port = reader_u16(reader);
	facts->server.port = reader_u16(reader);
	if (reader->failed)
		return;
	Endpoint *const ends[2] = {&facts->client, &facts->server};
	const uint8_t *const octets[2] = {client.data, server.data};
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *to = ends[i]->address.octets;
		memset(to, 0, 16);
		if (!v6)
			memset(to + 10, 0xff, 2);
		memcpy(to + (v6 ? 0 : 12), octets[i], size);
	}
	facts->known = true;
}

/* Section 2.2.7: type, length, value; that of TLS begins with flags. */
static bool read_tlvs(Reader *reader, ProxyFacts *facts)
{
	enum { PP2_TYPE_SSL = 0x20, PP2_CLIENT_SSL = 0x01 };
	while (!reader->failed && reader_remaining(reader) > 0) {
		uint8_t type = reader_u8(reader);
		uint16_t size = reader_u16(reader);
		ByteSpan value = reader_take(reader, size);
		if (!reader->failed && type == PP2_TYPE_SSL && value.size > 0)
			facts->tls = value.data[0] & PP2_CLIENT_SSL;
	}
	return !reader->failed;
}

static bool read_body(Reader *reader, uint8_t command, uint8_t family, ProxyFacts *facts)
{
	enum { AF_UNIX_ADDRESSES = 216, TCP4 = 0x11, TCP6 = 0x21, UNIX_STREAM = 0x31 };
	if (command == 0) {
		facts->local = true; /* what follows is not to be looked at */
		return true;
	}
	if (family == TCP4 || family == TCP6)
		read_endpoints(reader, family == TCP6, facts);
	else if (family == UNIX_STREAM)
		reader_take(reader, AF_UNIX_ADDRESSES);
	else
		return true; /* UNSPEC, or datagrams: an address that means nothing here */
	return read_tlvs(reader, facts);
}

static size_t read_v2(const GByteArray *header, ProxyFacts *facts)
{
	if (header->len < V2_HEADER_SIZE)
		return 0;
	const uint8_t *at = header->data;
	size_t size = v2_size(at);
	if (at[12] >> 4 != 2 || (at[12] & 15) > 1 || size > PROXY_V2_MOST)
		return SIZE_MAX;
	if (header->len < size)
		return 0;
	Reader reader = reader_over((ByteSpan){at + V2_HEADER_SIZE, size - V2_HEADER_SIZE});
	facts->version = 2;
	return read_body(&reader, at[12] & 15, at[13], facts) ? size : SIZE_MAX;
}

/* --- the layer ---------------------------------------------------------------------------- */

static void hand_on(Proxy *proxy, unsigned side, ByteSpan span, const StreamPoint *at)
{
	if (span.size == 0)
		return;
	proxy->carried = true;
	proxy->above.ops->bytes(proxy->above.self, side, span, at);
}

static void give_up(Proxy *proxy, const StreamPoint *at)
{
	GByteArray *header = g_steal_pointer(&proxy->header);
	proxy->state = PROXY_NOT;
	proxy->facts = (ProxyFacts){0};
	hand_on(proxy, proxy->side, (ByteSpan){header->data, header->len}, at);
	g_byte_array_unref(header);
}

static void read_more(Proxy *proxy, ByteSpan span, const StreamPoint *at)
{
	GByteArray *header = proxy->header;
	size_t before = header->len, taken = MIN(span.size, PROXY_V2_MOST - before);
	g_byte_array_append(header, span.data, (guint)taken);
	ByteSpan all = {header->data, header->len};
	size_t size = !proxy_begins(all) ? SIZE_MAX
	              : header->data[0] == 'P' ? read_v1(header, &proxy->facts)
	                                       : read_v2(header, &proxy->facts);
	if (size == SIZE_MAX) {
		give_up(proxy, at);
		hand_on(proxy, proxy->side, (ByteSpan){span.data + taken, span.size - taken}, at);
	} else if (size > 0) {
		/* What was there before did not complete it, so the rest begins in @span. */
		proxy->state = PROXY_READ;
		g_clear_pointer(&proxy->header, g_byte_array_unref);
		size_t own = size - before;
		hand_on(proxy, proxy->side, (ByteSpan){span.data + own, span.size - own}, at);
	}
}

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Proxy *proxy = self;
	if (side == proxy->side && proxy->state == PROXY_READING)
		read_more(proxy, span, at);
	else
		hand_on(proxy, side, span, at);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Proxy *proxy = self;
	if (side == proxy->side && proxy->state == PROXY_READING)
		give_up(proxy, at);
	proxy->carried = true;
	proxy->above.ops->gap(proxy->above.self, side, n_bytes, kind, at);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Proxy *proxy = self;
	if (side == proxy->side && proxy->state == PROXY_READING)
		give_up(proxy, at);
	proxy->above.ops->end(proxy->above.self, side, how, at);
}

static const StreamSinkOps proxy_ops = {on_bytes, on_gap, on_end};

Proxy *proxy_new(StreamSink above, unsigned side)
{
	Proxy *proxy = g_new0(Proxy, 1);
	proxy->above = above;
	proxy->side = side;
	proxy->header = g_byte_array_new();
	return proxy;
}

void proxy_free(Proxy *proxy)
{
	if (proxy == NULL)
		return;
	g_clear_pointer(&proxy->header, g_byte_array_unref);
	g_free(proxy);
}

StreamSink proxy_sink(Proxy *proxy)
{
	return (StreamSink){&proxy_ops, proxy};
}

ProxyState proxy_state(const Proxy *proxy)
{
	return proxy->state;
}

unsigned proxy_side(const Proxy *proxy)
{
	return proxy->side;
}

const ProxyFacts *proxy_facts(const Proxy *proxy)
{
	return &proxy->facts;
}

bool proxy_carried(const Proxy *proxy)
{
	return proxy->carried;
}
