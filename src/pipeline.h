/* SPDX-License-Identifier: MIT */
/*
 * pipeline: the wiring, from frames to the model.
 *
 * frame → decapsulation → TCP → [PROXY] → [TLS] → [WebSocket] → MQTT → model
 */
#pragma once

#include <glib.h>

#include "dissectors/decap.h"
#include "dissectors/tcp.h"
#include "src/capture/source.h"
#include "src/pipeline_watch.h"
#include "src/session/breath.h"
#include "src/session/model.h"
#include "src/tls_seen.h"

typedef struct Pipeline Pipeline;

/* TCP connections that turned out to be something else than MQTT. */
typedef struct PipelineCounts {
	uint64_t other;     /* all of them, without those below */
	uint64_t tls;       /* TLS whose secrets are not known */
	uint64_t tls_wrong_keys; /* whose secrets do not fit */
	uint64_t tls_foreign; /* of a version or cipher suite that cannot be read here */
	uint64_t tls_midway; /* whose handshake was not captured */
	uint64_t tls_lost;   /* of MQTT until new secrets were agreed upon, which are not known */
	uint64_t websocket; /* asked for an HTTP upgrade to WebSocket, and no MQTT came of it */
	uint64_t proxy_checks; /* a proxy's header, and nothing after it: is somebody there? */
	uint64_t undecided; /* too little seen to tell; connections without any octet are not counted */
	uint64_t frames;
	Instant first, last; /* of all frames */
} PipelineCounts;

/* @decode_ports: TCP ports to take as MQTT without detection; @n_ports of them, copied. */
Pipeline *pipeline_new(Model *model, const uint16_t *decode_ports, size_t n_ports);
/* Before the model. */
void pipeline_free(Pipeline *pipeline);

void pipeline_frames(Pipeline *pipeline, const Frame *frames, unsigned n_frames);
/* The input is over: everything that is open ends with the capture.  @breath may be NULL. */
void pipeline_finish(Pipeline *pipeline, Breath *breath);

/* The secrets for TLS; they stay the caller's, and outlive the pipeline. */
void pipeline_use_keys(Pipeline *pipeline, TlsKeys *keys);
/* Before the first frame; @watch is not copied.  NULL, at any time: nobody looks any more. */
void pipeline_watch(Pipeline *pipeline, const PipelineWatch *watch, void *user);
const Model *pipeline_model(const Pipeline *pipeline);
/* Of TlsSeen: the first TLS_SEEN_MOST. */
const GArray *pipeline_tls_seen(const Pipeline *pipeline);
const PipelineCounts *pipeline_counts(const Pipeline *pipeline);
const Decap *pipeline_decap(const Pipeline *pipeline);
const TcpCounts *pipeline_tcp_counts(const Pipeline *pipeline);
