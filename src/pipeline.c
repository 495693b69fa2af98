/* SPDX-License-Identifier: MIT */
#include "src/channel.h"

Pipeline *pipeline_new(Model *model, const uint16_t *decode_ports, size_t n_ports)
{
	Pipeline *pipeline = g_new0(Pipeline, 1);
	pipeline->model = model;
	pipeline->decap = decap_new();
	pipeline->table = tcp_table_new(NULL, &channel_table_ops, pipeline);
	tcp_table_fetch_sinks(pipeline->table, channel_size());
	pipeline->decode_ports = g_memdup2(decode_ports, n_ports * sizeof *decode_ports);
	pipeline->n_ports = n_ports;
	pipeline->tls_seen = g_array_new(FALSE, FALSE, sizeof(TlsSeen));
	pipeline->counts.first = pipeline->counts.last = INSTANT_UNKNOWN;
	return pipeline;
}

static void end_flows(Pipeline *pipeline)
{
	tcp_table_finish(pipeline->table, &(StreamPoint){{0, 0}, pipeline->counts.last});
}

void pipeline_free(Pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	end_flows(pipeline); /* whoever did not want to wait for the end has them still open */
	tcp_table_free(pipeline->table);
	while (pipeline->unused != NULL) {
		Channel *channel = pipeline->unused;
		pipeline->unused = channel->next;
		mqtt_stream_clear((MqttStream *)channel->memory);
	}
	arena_clear(&pipeline->channels);
	decap_free(pipeline->decap);
	g_array_unref(pipeline->tls_seen);
	g_free(pipeline->decode_ports);
	g_free(pipeline);
}

static inline void take_frame(Pipeline *pipeline, const Frame *frame)
{
	PipelineCounts *counts = &pipeline->counts;
	TcpSegment segment;
	/* Simple Packet Blocks have no time: they happen when the frame before did. */
	Instant time = instant_known(frame->time) ? frame->time : counts->last;
	if (!instant_known(time))
		time = (Instant){0};
	counts->frames++;
	if (!instant_known(counts->first))
		counts->first = time;
	counts->last = time;
	if (decap_frame(pipeline->decap, frame, &segment) != DECAP_TCP)
		return;
	StreamPoint at = {frame->ref, time};
	tcp_table_segment(pipeline->table, &segment, &at);
}

void pipeline_frames(Pipeline *pipeline, const Frame *frames, unsigned n_frames)
{
	for (unsigned i = 0; i < n_frames; i++)
		take_frame(pipeline, &frames[i]);
}

void pipeline_finish(Pipeline *pipeline, Breath *breath)
{
	decap_finish(pipeline->decap);
	breath_out(breath); /* the model has no part in this */
	tcp_table_line_up(pipeline->table);
	breath_in(breath);
	pipeline->breath = breath;
	end_flows(pipeline);
	pipeline->breath = NULL;
	observe_finish(pipeline->model, breath);
}

void pipeline_use_keys(Pipeline *pipeline, TlsKeys *keys)
{
	pipeline->shared.tls.keys = keys;
}

void pipeline_watch(Pipeline *pipeline, const PipelineWatch *watch, void *user)
{
	pipeline->watch = watch;
	pipeline->watcher = user;
}

const GArray *pipeline_tls_seen(const Pipeline *pipeline)
{
	return pipeline->tls_seen;
}

const Model *pipeline_model(const Pipeline *pipeline)
{
	return pipeline->model;
}

const PipelineCounts *pipeline_counts(const Pipeline *pipeline)
{
	return &pipeline->counts;
}

const Decap *pipeline_decap(const Pipeline *pipeline)
{
	return pipeline->decap;
}

const TcpCounts *pipeline_tcp_counts(const Pipeline *pipeline)
{
	return tcp_table_counts(pipeline->table);
}
