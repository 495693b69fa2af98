/* SPDX-License-Identifier: MIT */
/*
 * channel: one TCP connection, and what listens to it; for src/pipeline.c and src/channel.c alone.
 */
#pragma once

#include <stddef.h>

#include "dissectors/transport.h"
#include "src/pipeline.h"
#include "src/pipeline_counts.h"
#include "src/session/large.h"
#include "src/session/observe.h"

typedef struct Channel Channel;

struct Pipeline {
	Model *model;
	Arena channels;
	Channel *unused; /* used last first: its memory is still near */
	Decap *decap;
	TcpTable *table;
	TransportShared shared;
	GArray *tls_seen; /* of TlsSeen */
	uint16_t *decode_ports;
	size_t n_ports;
	const PipelineWatch *watch; /* NULL: nobody */
	void *watcher;
	Breath *breath; /* while it finishes; NULL: nobody waits */
	PipelineCounts counts;
};

/* One TCP connection, and what listens to it. */
struct Channel {
	Pipeline *pipeline;
	TcpFlow *flow;
	Channel *next;      /* while unused */
	MqttStream *stream; /* NULL until the first octets, and when it is no MQTT */
	StreamSink sink;    /* of the stream, or of what lies below it */
	Layers *layers;     /* between TCP and the stream; NULL: none */
	Live *live;         /* once it is known to be MQTT */
	ObserveNear near;   /* of @live */
	void *watched;      /* what stands for it with Pipeline.watch */
	ChannelKind kind;
	uint8_t n_ended;    /* sides that are over */
	uint16_t tls_place; /* among the TLS seen, + 1; 0: it is no closed TLS */
	bool ended, fin;    /* a FIN or RST was seen; a FIN was */
	bool hole;          /* one came before it was known what this is */
	bool rejected;      /* the stream said that it is no MQTT: let go of it after the call */
	max_align_t memory[]; /* for @stream */
};

/* What the flows of Pipeline.table tell of themselves; their user is the Pipeline. */
extern const TcpTableOps channel_table_ops;

/* Octets of one, its stream among them. */
size_t channel_size(void);
