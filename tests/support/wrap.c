/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "tests/support/tls_writer.h"
#include "tests/support/wrap_private.h"

struct Wrap {
	WsWriter *ws;
	TlsPair *pair;
	TlsWriter *tls; /* around the WebSocket, if there is one */
};

guint wrap_proxy(WrapKind kind)
{
	if (kind == WRAP_PROXY1 || kind == WRAP_PROXY1_WS)
		return 1;
	return kind == WRAP_PROXY2 || kind == WRAP_PROXY2_TLS13 ? 2 : 0;
}

WrapKind wrap_behind_proxy(WrapKind kind)
{
	if (kind == WRAP_PROXY1 || kind == WRAP_PROXY2)
		return WRAP_NONE;
	if (kind == WRAP_PROXY1_WS)
		return WRAP_WS;
	return kind == WRAP_PROXY2_TLS13 ? WRAP_TLS13 : kind;
}

bool wrap_can_make(WrapKind kind)
{
#ifndef HAVE_ZLIB
	if (kind == WRAP_WS_DEFLATE)
		return false;
#endif
#ifndef HAVE_LIBSSL
	if (wrap_behind_proxy(kind) >= WRAP_TLS12)
		return false;
#endif
	return kind < WRAP_KINDS;
}

bool wrap_kind_from_name(const char *name, WrapKind *kind)
{
	static const char *const names[WRAP_KINDS] = {"tcp",   "ws",    "ws-deflate", "ws-whole",
	                                              "tls12", "tls13", "wss",
	                                              "proxy1", "proxy2", "proxy1-ws", "proxy2-tls13"};

	for (guint i = 0; i < WRAP_KINDS; i++) {
		*kind = (WrapKind)i;
		if (strcmp(name, names[i]) == 0)
			return wrap_can_make(*kind);
	}
	return false;
}

Wrap *wrap_new(WrapKind kind, GString *keylog)
{
	kind = wrap_behind_proxy(kind);
	Wrap *wrap = g_new0(Wrap, 1);
	TlsSetting setting = {.v13 = kind != WRAP_TLS12};

	if (kind == WRAP_WS || kind == WRAP_WS_DEFLATE || kind == WRAP_WS_WHOLE || kind == WRAP_WSS)
		wrap->ws = ws_writer_new(kind == WRAP_WS_DEFLATE, kind == WRAP_WS_WHOLE);
	if (kind >= WRAP_TLS12) {
		wrap->pair = tls_pair_new(&setting, keylog);
		wrap->tls = tls_writer_new(wrap->pair);
	}
	return wrap;
}

void wrap_free(Wrap *wrap)
{
	if (wrap == NULL)
		return;
	ws_writer_free(wrap->ws);
	tls_writer_free(wrap->tls);
	tls_pair_free(wrap->pair);
	g_free(wrap);
}

bool wrap_handshake(Wrap *wrap, bool *from_client, GByteArray *out)
{
	GByteArray *inner;
	bool more;

	g_byte_array_set_size(out, 0);
	if (wrap->tls != NULL && tls_writer_handshake(wrap->tls, from_client, out))
		return true;
	if (wrap->ws == NULL)
		return false;
	if (wrap->tls == NULL)
		return ws_writer_handshake(wrap->ws, from_client, out);
	inner = g_byte_array_new();
	more = ws_writer_handshake(wrap->ws, from_client, inner);
	if (more)
		tls_writer_data(wrap->tls, *from_client, inner->data, inner->len, out);
	g_byte_array_unref(inner);
	return more;
}

void wrap_data(Wrap *wrap, bool from_client, const void *data, gsize size, GByteArray *out)
{
	GByteArray *inner = g_byte_array_new();

	if (wrap->ws != NULL)
		ws_writer_data(wrap->ws, from_client, data, size, inner);
	else
		g_byte_array_append(inner, data, (guint)size);
	if (wrap->tls != NULL)
		tls_writer_data(wrap->tls, from_client, inner->data, inner->len, out);
	else
		g_byte_array_append(out, inner->data, inner->len);
	g_byte_array_unref(inner);
}

void wrap_close(Wrap *wrap, bool from_client, GByteArray *out)
{
	GByteArray *inner = g_byte_array_new();

	if (wrap->ws != NULL)
		ws_writer_close(wrap->ws, from_client, inner);
	if (wrap->tls != NULL) {
		tls_writer_data(wrap->tls, from_client, inner->data, inner->len, out);
		tls_writer_close(wrap->tls, from_client, out);
	} else {
		g_byte_array_append(out, inner->data, inner->len);
	}
	g_byte_array_unref(inner);
}
