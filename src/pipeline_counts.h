/* SPDX-License-Identifier: MIT */
/*
 * pipeline_counts: what became of the TCP connections that are not MQTT.
 */
#pragma once

#include "dissectors/transport.h"
#include "src/pipeline.h"

typedef enum ChannelKind {
	CHANNEL_UNDECIDED,
	CHANNEL_MQTT,
	CHANNEL_TLS,
	CHANNEL_WEBSOCKET,
	CHANNEL_OTHER,
	CHANNEL_PROXY, /* a proxy looked whether somebody listens, and said nothing */
	CHANNEL_TOO_SHORT, /* it ended before it could be told */
} ChannelKind;

/* What is no MQTT, by what lies below; @layers as in pipeline_count(). */
ChannelKind pipeline_kind(const Layers *layers);
/* One that is over.  @layers: between TCP and MQTT, or NULL; @spoke: any octet came. */
void pipeline_count(PipelineCounts *counts, ChannelKind kind, const Layers *layers, bool spoke);
/* One of TLS that was not looked into; NULL: nothing is known of it but that. */
void pipeline_count_tls(PipelineCounts *counts, const Tls *tls);
/* Adds what the handshake of such a connection told to @seen, of TlsSeen.  Its index + 1; 0: nothing
 * was added, for it is none, or @seen is full. */
uint16_t pipeline_note_tls(GArray *seen, const TcpFlow *flow, const Tls *tls);
