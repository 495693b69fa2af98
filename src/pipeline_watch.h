/* SPDX-License-Identifier: MIT */
/*
 * pipeline_watch: to see, besides the model, what passes on each connection.
 */
#pragma once

#include "dissectors/mqtt_stream.h"
#include "dissectors/tcp.h"
#include "src/session/model.h"

/* Calls come in the order of the capture. */
typedef struct PipelineWatch {
	/* A TCP connection begins.  What this gives, NULL included, stands for it in the other calls. */
	void *(*opened)(void *user, const TcpFlow *flow, const StreamPoint *at);
	/* The sink for its octets of MQTT, behind TLS and WebSocket: what it takes it hands on to @mqtt.
	 * @anew: what it was given so far was not it. */
	StreamSink (*tap)(void *watched, StreamSink mqtt, bool anew);
	/* The model has seen it already; @connection is NO_INDEX while it is not known whose it is. */
	void (*packet)(void *watched, const MqttEvent *event, const MqttStream *stream,
	               ConnectionIndex connection);
	/* Of the octets of TCP, as in StreamSinkOps. */
	void (*gap)(void *watched, unsigned side, uint64_t n_bytes, const StreamPoint *at);
	void (*end)(void *watched, unsigned side, StreamEnd how, const StreamPoint *at);
	/* A segment of @side with octets that were there before. */
	void (*again)(void *watched, unsigned side, uint32_t n_bytes, const StreamPoint *at);
	/* Nothing follows for it. */
	void (*closed)(void *watched);
} PipelineWatch;
