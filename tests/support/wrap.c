/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "tests/support/wrap_private.h"

struct Wrap {
	WsWriter *ws;
};

bool wrap_kind_from_name(const char *name, WrapKind *kind)
{
	static const char *const names[WRAP_KINDS] = {"tcp", "ws", "ws-deflate"};

	for (guint i = 0; i < WRAP_KINDS; i++) {
		*kind = (WrapKind)i;
		if (strcmp(name, names[i]) == 0)
#ifdef HAVE_ZLIB
			return true;
#else
			return *kind != WRAP_WS_DEFLATE;
#endif
	}
	return false;
}

Wrap *wrap_new(WrapKind kind)
{
	Wrap *wrap = g_new0(Wrap, 1);

	if (kind == WRAP_WS || kind == WRAP_WS_DEFLATE)
		wrap->ws = ws_writer_new(kind == WRAP_WS_DEFLATE);
	return wrap;
}

void wrap_free(Wrap *wrap)
{
	if (wrap == NULL)
		return;
	ws_writer_free(wrap->ws);
	g_free(wrap);
}

bool wrap_handshake(Wrap *wrap, bool *from_client, GByteArray *out)
{
	g_byte_array_set_size(out, 0);
	return wrap->ws != NULL && ws_writer_handshake(wrap->ws, from_client, out);
}

void wrap_data(Wrap *wrap, bool from_client, const void *data, gsize size, GByteArray *out)
{
	if (wrap->ws != NULL)
		ws_writer_data(wrap->ws, from_client, data, size, out);
	else
		g_byte_array_append(out, data, (guint)size);
}

void wrap_close(Wrap *wrap, bool from_client, GByteArray *out)
{
	if (wrap->ws != NULL)
		ws_writer_close(wrap->ws, from_client, out);
}
