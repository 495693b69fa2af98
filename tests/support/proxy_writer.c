/* SPDX-License-Identifier: MIT */
#include "tests/support/proxy_writer.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/support/encode.h"

static void add_text(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void write_v1(GByteArray *out, const BuilderEnd *client, const BuilderEnd *server)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], line[128];
	int family = client->ipv6 ? AF_INET6 : AF_INET;

	inet_ntop(family, client->address, from, sizeof from);
	inet_ntop(family, server->address, to, sizeof to);
	g_snprintf(line, sizeof line, "PROXY %s %s %s %u %u\r\n", client->ipv6 ? "TCP6" : "TCP4", from,
	           to, client->port, server->port);
	add_text(out, line);
}

static void begin_v2(GByteArray *out, guint8 command, guint8 family, guint16 size)
{
	g_byte_array_append(out, (const guint8 *)"\r\n\r\n\0\r\nQUIT\n", 12);
	encode_u8(out, 0x20 | command);
	encode_u8(out, family);
	encode_u16(out, size);
}

static void write_v2(GByteArray *out, const BuilderEnd *client, const BuilderEnd *server)
{
	static const char tlvs[] = "\x02\0\x05" "a.org" /* authority */ "\x04\0\x01" "x" /* padding */
	                           "\x20\0\x05\x01\0\0\0\0" /* it came by TLS */;
	guint size = client->ipv6 ? 16 : 4;

	begin_v2(out, 1, client->ipv6 ? 0x21 : 0x11, (guint16)(2 * size + 4 + sizeof tlvs - 1));
	g_byte_array_append(out, client->address, size);
	g_byte_array_append(out, server->address, size);
	encode_u16(out, client->port);
	encode_u16(out, server->port);
	g_byte_array_append(out, (const guint8 *)tlvs, sizeof tlvs - 1);
}

void proxy_write(GByteArray *out, guint version, const BuilderEnd *client, const BuilderEnd *server)
{
	if (version == 1)
		write_v1(out, client, server);
	else
		write_v2(out, client, server);
}

void proxy_write_local(GByteArray *out, guint version)
{
	if (version == 1)
		add_text(out, "PROXY UNKNOWN\r\n");
	else
		begin_v2(out, 0, 0, 0);
}
