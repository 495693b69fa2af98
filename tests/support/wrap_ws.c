/* SPDX-License-Identifier: MIT */
/* A writer of WebSocket (RFC 6455, RFC 7692) that knows nothing of the reader that it tests. */
#include "config.h"

#include <string.h>

#include "tests/support/wrap_private.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

struct WsWriter {
	bool deflate, whole;
	guint step;         /* of the handshake */
	guint n_writes[2];  /* by side: 0 the server, 1 the client */
	guint32 mask;       /* the last one */
#ifdef HAVE_ZLIB
	z_stream z[2];
#endif
};

WsWriter *ws_writer_new(bool deflate, bool whole)
{
	WsWriter *writer = g_new0(WsWriter, 1);

	writer->deflate = deflate;
	writer->whole = whole;
	writer->mask = 0x12345678;
#ifdef HAVE_ZLIB
	for (guint side = 0; side < 2 && deflate; side++)
		deflateInit2(&writer->z[side], Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8,
		             Z_DEFAULT_STRATEGY);
#endif
	return writer;
}

void ws_writer_free(WsWriter *writer)
{
	if (writer == NULL)
		return;
#ifdef HAVE_ZLIB
	for (guint side = 0; side < 2 && writer->deflate; side++)
		deflateEnd(&writer->z[side]);
#endif
	g_free(writer);
}

static void add_text(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

bool ws_writer_handshake(WsWriter *writer, bool *from_client, GByteArray *out)
{
	const char *extension = !writer->deflate ? ""
	                        : "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

	*from_client = writer->step == 0;
	if (writer->step == 0) {
		add_text(out, "GET /any/path?x=1 HTTP/1.1\r\nHost: broker.example\r\n"
		              "upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
		              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		              "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n");
	} else if (writer->step == 1) {
		add_text(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		              "Connection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n"
		              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	} else {
		return false;
	}
	add_text(out, extension);
	add_text(out, "\r\n");
	writer->step++;
	return true;
}

static void add_frame(WsWriter *writer, bool from_client, guint8 first, const guint8 *data,
                      gsize size, GByteArray *out)
{
	guint8 header[14] = {first, from_client ? 0x80 : 0};
	guint n = size < 126 ? 0 : size < 65536 ? 2 : 8;
	gsize at;

	header[1] |= n == 0 ? (guint8)size : n == 2 ? 126 : 127;
	for (guint i = 0; i < n; i++)
		header[2 + i] = (guint8)(size >> 8 * (n - 1 - i));
	g_byte_array_append(out, header, 2 + n);
	if (from_client) {
		writer->mask = writer->mask * 1664525 + 1013904223;
		g_byte_array_append(out, (const guint8 *)&writer->mask, 4);
	}
	at = out->len;
	g_byte_array_append(out, data, (guint)size);
	for (gsize i = 0; i < size && from_client; i++)
		out->data[at + i] ^= ((const guint8 *)&writer->mask)[i & 3];
}

/* The payload of one message as it goes over the wire. */
static GByteArray *compressed(WsWriter *writer, bool from_client, const guint8 *data, gsize size)
{
	GByteArray *out = g_byte_array_new();
#ifdef HAVE_ZLIB
	z_stream *z = &writer->z[from_client];

	if (size == 0) { /* RFC 7692 section 7.2.3.6 */
		g_byte_array_append(out, (const guint8 *)"", 1);
		return out;
	}

	g_byte_array_set_size(out, (guint)(size + size / 100 + 64));
	z->next_in = (guint8 *)(guintptr)data;
	z->avail_in = (guint)size;
	z->next_out = out->data;
	z->avail_out = out->len;
	deflate(z, Z_SYNC_FLUSH);
	g_byte_array_set_size(out, out->len - z->avail_out - 4); /* without 00 00 FF FF */
#else
	(void)writer;
	(void)from_client;
	g_byte_array_append(out, data, (guint)size);
#endif
	return out;
}

static void add_message(WsWriter *writer, bool from_client, const guint8 *data, gsize size,
                        bool fragments, GByteArray *out)
{
	GByteArray *packed = writer->deflate ? compressed(writer, from_client, data, size) : NULL;
	const guint8 *payload = packed != NULL ? packed->data : data;
	gsize n = packed != NULL ? packed->len : size, half = n / 2;
	guint8 rsv = packed != NULL ? 0x40 : 0;

	if (!fragments) {
		add_frame(writer, from_client, 0x82 | rsv, payload, n, out);
	} else {
		add_frame(writer, from_client, 0x02 | rsv, payload, half, out);
		add_frame(writer, from_client, 0x89, (const guint8 *)"beat", 4, out);
		add_frame(writer, from_client, 0x00, NULL, 0, out);
		add_frame(writer, from_client, 0x80, payload + half, n - half, out);
	}
	if (packed != NULL)
		g_byte_array_unref(packed);
}

void ws_writer_data(WsWriter *writer, bool from_client, const guint8 *data, gsize size,
                    GByteArray *out)
{
	switch (writer->whole ? 0 : writer->n_writes[from_client]++ % 4) {
	case 1: /* in fragments */
		add_message(writer, from_client, data, size, true, out);
		break;
	case 2: /* MQTT packets need not end where messages do (5.0 [MQTT-6.0.0-2]) */
		add_message(writer, from_client, data, size / 3, false, out);
		add_message(writer, from_client, data + size / 3, size - size / 3, false, out);
		break;
	default:
		add_message(writer, from_client, data, size, false, out);
	}
}

void ws_writer_close(WsWriter *writer, bool from_client, GByteArray *out)
{
	static const guint8 normal[] = {1000 >> 8, 1000 & 255, 'b', 'y', 'e'};

	add_frame(writer, from_client, 0x88, normal, sizeof normal, out);
}
