/* SPDX-License-Identifier: MIT */
/*
 * tls_rig: a conversation over real TLS, and the layer that has to read it.
 */
#pragma once

#include "dissectors/tls.h"
#include "tests/dissectors/stream_rig.h"
#include "tests/support/tls_writer.h"

/* One connection: what goes over the wire, and what it carries. */
typedef struct Talk {
	Wire wire;
	GByteArray *carried[2];
	GString *keylog;
	TlsPair *pair;
	guint first_data; /* the write with the first data */
} Talk;

/* False if this build cannot write it; talk_free() in either case. */
bool talk_begin(Talk *talk, const TlsSetting *setting);
void talk_free(Talk *talk);
void talk_say(Talk *talk, TlsWriter *writer, bool from_client, const void *data, size_t size);
/* All flights, of the first handshake or of one that was asked for. */
void talk_shake_hands(Talk *talk, TlsWriter *writer);

typedef struct TlsRig {
	Above above;
	TlsShared shared;
	Tls *tls;
	StreamSink sink;
} TlsRig;

/* With the secrets of @talk; NULL: without any. */
void tls_rig_init(TlsRig *rig, const Talk *talk);
void tls_rig_clear(TlsRig *rig);
/* All of @talk was read, to its end. */
void tls_rig_assert_came(const TlsRig *rig, const Talk *talk);
