/* SPDX-License-Identifier: MIT */
/*
 * pipeline_counts: what became of the TCP connections that are not MQTT.
 */
#pragma once

#include "dissectors/tls.h"
#include "src/pipeline.h"

/* One of TLS that was not looked into; NULL: nothing is known of it but that. */
void pipeline_count_tls(PipelineCounts *counts, const Tls *tls);
/* Adds what the handshake of such a connection told to @seen, of TlsSeen.  Its index + 1; 0: nothing
 * was added, for it is none, or @seen is full. */
uint16_t pipeline_note_tls(GArray *seen, const TcpFlow *flow, const Tls *tls);
