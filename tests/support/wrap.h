/* SPDX-License-Identifier: MIT */
/* What carries the octets of one connection instead of bare TCP: WebSocket, TLS, or both. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
	WRAP_NONE,
	WRAP_WS,
	WRAP_WS_DEFLATE, /* permessage-deflate, with context takeover */
	WRAP_WS_WHOLE,   /* each packet is a message of one frame, as most clients send it */
	WRAP_TLS12,
	WRAP_TLS13,
	WRAP_WSS, /* WebSocket in TLS 1.3 */
	WRAP_PROXY1, /* behind a balancer, which puts a PROXY header first */
	WRAP_PROXY2,
	WRAP_PROXY1_WS,
	WRAP_PROXY2_TLS13,
	WRAP_KINDS
} WrapKind;

typedef struct Wrap Wrap;

/* False if this build lacks the library for it. */
bool wrap_can_make(WrapKind kind);
/* False if @name is none, or this build cannot make it. */
bool wrap_kind_from_name(const char *name, WrapKind *kind);

/* The version of the PROXY protocol; 0: no balancer. */
guint wrap_proxy(WrapKind kind);
/* What it carries behind that header. */
WrapKind wrap_behind_proxy(WrapKind kind);

/* `keylog` gets the secrets; it is borrowed, and may be NULL where there is no TLS. */
Wrap *wrap_new(WrapKind kind, GString *keylog);
void wrap_free(Wrap *wrap);
/* The next write of the handshake, put into `out`; false when it is over. */
bool wrap_handshake(Wrap *wrap, bool *from_client, GByteArray *out);
/* Appends to `out` what goes over the wire for `size` octets. */
void wrap_data(Wrap *wrap, bool from_client, const void *data, gsize size, GByteArray *out);
/* The same for the end of this side. */
void wrap_close(Wrap *wrap, bool from_client, GByteArray *out);
