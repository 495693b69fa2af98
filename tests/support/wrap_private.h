/* SPDX-License-Identifier: MIT */
/* One layer that carries octets. */
#pragma once

#include "tests/support/wrap.h"

typedef struct WsWriter WsWriter;

WsWriter *ws_writer_new(bool deflate, bool whole);
void ws_writer_free(WsWriter *writer);
/* Step 0 is the request, step 1 the answer; false from then on. */
bool ws_writer_handshake(WsWriter *writer, bool *from_client, GByteArray *out);
/* One write as messages: whole, in fragments with a ping in between, or cut in two. */
void ws_writer_data(WsWriter *writer, bool from_client, const guint8 *data, gsize size,
                    GByteArray *out);
void ws_writer_close(WsWriter *writer, bool from_client, GByteArray *out);
