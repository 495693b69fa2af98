/* SPDX-License-Identifier: MIT */
#include "src/channel.h"

/* --- what MQTT says ----------------------------------------------------------------------- */

static Opening opening_of(const Channel *channel)
{
	const Proxy *proxy = channel->layers == NULL ? NULL : layers_proxy(channel->layers);
	return (Opening){
		.proxy = proxy,
		.endpoint = {*tcp_flow_endpoint(channel->flow, 0), *tcp_flow_endpoint(channel->flow, 1)},
		.syn_seen = tcp_flow_syn_seen(channel->flow),
		.at = tcp_flow_opened(channel->flow),
		.stream = channel->stream,
		.transport = channel->layers == NULL ? TRANSPORT_TCP : layers_transport(channel->layers),
		.clock = tcp_flow_clock(channel->flow),
		.flow = channel->flow,
	};
}

static void begin_observing(Channel *channel)
{
	if (channel->live != NULL)
		return;
	channel->kind = CHANNEL_MQTT;
	Opening opening = opening_of(channel);
	const TcpPrint *print = tcp_flow_print(channel->flow, &opening.print);
	if (print != NULL)
		observe_print(channel->pipeline->model, opening.print, print);
	channel->live = observe_open(channel->pipeline->model, &opening);
}

static void on_decided(void *self, MqttCertainty certainty)
{
	Channel *channel = self;
	if (certainty == MQTT_REJECTED)
		channel->rejected = true;
	else
		begin_observing(channel);
}

static void on_packet(void *self, const MqttEvent *event)
{
	Channel *channel = self;
	begin_observing(channel);
	observe_packet(channel->live, event);
	if (channel->near.client == NULL)
		observe_near(channel->live, &channel->near);
	if (G_UNLIKELY(channel->pipeline->watch != NULL))
		channel->pipeline->watch->packet(channel->watched, event, channel->stream,
		                                 observe_connection(channel->live));
}

static void on_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                    const StreamPoint *at)
{
	Channel *channel = self;
	(void)at;
	if (channel->live != NULL)
		observe_lost(channel->live, side, n_bytes, kind);
}

static void on_mqtt_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Channel *channel = self;
	if (channel->live != NULL)
		observe_end(channel->live, side, how, at);
}

static const MqttSinkOps mqtt_ops = {
	.packet = on_packet,
	.lost = on_lost,
	.end = on_mqtt_end,
	.decided = on_decided,
};

/* --- what TCP says ------------------------------------------------------------------------ */

static bool is_decode_port(const Pipeline *pipeline, const TcpFlow *flow)
{
	for (size_t i = 0; i < pipeline->n_ports; i++)
		if (tcp_flow_endpoint(flow, 0)->port == pipeline->decode_ports[i] ||
		    tcp_flow_endpoint(flow, 1)->port == pipeline->decode_ports[i])
			return true;
	return false;
}

static bool channel_lacks(void *user, unsigned side)
{
	const Channel *channel = user;
	return tcp_flow_lacks(channel->flow, side);
}

static StreamSink mqtt_sink(Channel *channel, bool anew)
{
	const PipelineWatch *watch = channel->pipeline->watch;
	StreamSink sink = mqtt_stream_sink((MqttStream *)channel->memory);
	return watch == NULL ? sink : watch->tap(channel->watched, sink, anew);
}

static void begin_stream(Channel *channel)
{
	if (channel->stream != NULL)
		return;
	bool assume = is_decode_port(channel->pipeline, channel->flow);
	channel->stream = (MqttStream *)channel->memory;
	mqtt_stream_renew(channel->stream, &mqtt_ops, channel, assume);
	mqtt_stream_watch(channel->stream, channel_lacks, channel);
	if (tcp_flow_syn_seen(channel->flow))
		mqtt_stream_from_start(channel->stream);
	channel->sink = mqtt_sink(channel, true);
}

static void drop_stream(Channel *channel)
{
	if (channel->stream != NULL)
		mqtt_stream_release(channel->stream);
	channel->stream = NULL;
}

static void on_farewell(void *self, unsigned side, const Farewell *farewell, const StreamPoint *at)
{
	Channel *channel = self;
	(void)at;
	if (channel->live != NULL)
		observe_farewell(channel->live, side, farewell);
}

static const FarewellOps farewell_ops = {.farewell = on_farewell};

/* What lies between TCP and MQTT shows in the first octets, or midway in some segment. */
static void find_layers(Channel *channel, unsigned side, ByteSpan span)
{
	bool midway = channel->hole || !tcp_flow_syn_seen(channel->flow);
	bool first = channel->stream == NULL;
	if (channel->layers != NULL || (!midway && (!first || side != 0)))
		return;
	StreamSink mqtt = mqtt_sink(channel, false);
	Layers *layers = layers_for(span, side, midway, mqtt, &channel->pipeline->shared);
	if (layers == NULL)
		return;
	drop_stream(channel);
	begin_stream(channel);
	if (layers_from_start(layers))
		mqtt_stream_from_start(channel->stream);
	layers_watch(layers, &farewell_ops, channel);
	channel->layers = layers;
	channel->sink = layers_sink(layers);
}

size_t channel_size(void)
{
	return sizeof(Channel) + mqtt_stream_size();
}

static Channel *channel_new(Pipeline *pipeline, TcpFlow *flow)
{
	Channel *channel = pipeline->unused;
	if (channel == NULL)
		channel = arena_take(&pipeline->channels, channel_size());
	else
		pipeline->unused = channel->next;
	*channel = (Channel){.pipeline = pipeline, .flow = flow};
	return channel;
}

/* Ends what listens to the flow; the memory goes to whoever comes next. */
static void channel_close(Channel *channel)
{
	g_clear_pointer(&channel->live, observe_close);
	if (channel->pipeline->watch != NULL)
		channel->pipeline->watch->closed(channel->watched);
	drop_stream(channel);
	g_clear_pointer(&channel->layers, layers_free);
	channel->next = channel->pipeline->unused;
	channel->pipeline->unused = channel;
}

/* Nobody listens any more, while the flow is followed to its end, and remembered for a while. */
static void leave(Channel *channel)
{
	pipeline_count(&channel->pipeline->counts, channel->kind, channel->layers, channel->stream != NULL);
	tcp_flow_detach(channel->flow);
	channel_close(channel);
}

/* What could not be looked into is followed to its end. */
static void note_tls(Channel *channel)
{
	if (channel->tls_place == 0)
		channel->tls_place = pipeline_note_tls(channel->pipeline->tls_seen, channel->flow,
		                                       layers_closed_tls(channel->layers));
}

static TlsSeen *tls_of(const Channel *channel)
{
	return &g_array_index(channel->pipeline->tls_seen, TlsSeen, channel->tls_place - 1);
}

/* It is no MQTT. */
static void let_go(Channel *channel, ChannelKind kind)
{
	Opening opening = opening_of(channel);
	if (kind != CHANNEL_PROXY)
		observe_undecoded(channel->pipeline->model, &opening);
	channel->kind = kind;
	if (kind == CHANNEL_TLS)
		note_tls(channel);
	if (channel->tls_place == 0 || channel->n_ended == 2)
		leave(channel);
}

static void let_go_if_refuted(Channel *channel)
{
	if (channel->rejected || (channel->layers != NULL && layers_refuted(channel->layers)))
		let_go(channel, pipeline_kind(channel->layers));
}

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Channel *channel = self;
	if (channel->live == NULL) {
		if (channel->tls_place != 0) {
			tls_seen_bytes(tls_of(channel), side, span, at->time);
			return;
		}
		find_layers(channel, side, span);
		begin_stream(channel);
	} else {
		observe_fetch(&channel->near);
	}
	channel->sink.ops->bytes(channel->sink.self, side, span, at);
	if (channel->live == NULL)
		let_go_if_refuted(channel);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Channel *channel = self;
	if (channel->tls_place != 0)
		return;
	channel->hole |= channel->live == NULL;
	begin_stream(channel);
	if (channel->pipeline->watch != NULL)
		channel->pipeline->watch->gap(channel->watched, side, n_bytes, at);
	channel->sink.ops->gap(channel->sink.self, side, n_bytes, kind, at);
	let_go_if_refuted(channel);
}

/* Rejected only because nothing more will come: its first octets tell what it was, or nothing does. */
static void let_go_at_end(Channel *channel, unsigned side, StreamEnd how, Instant now)
{
	ChannelKind kind = pipeline_kind(channel->layers);
	if (kind == CHANNEL_TLS)
		note_tls(channel);
	if (channel->tls_place != 0)
		tls_seen_end(tls_of(channel), side, how, now);
	let_go(channel, kind == CHANNEL_OTHER ? CHANNEL_TOO_SHORT : kind);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Channel *channel = self;
	channel->ended |= how == STREAM_END_FIN || how == STREAM_END_RST;
	channel->fin |= how == STREAM_END_FIN;
	if (channel->pipeline->watch != NULL)
		channel->pipeline->watch->end(channel->watched, side, how, at);
	if (channel->stream == NULL)
		return;
	channel->n_ended++;
	if (channel->tls_place != 0) {
		tls_seen_end(tls_of(channel), side, how, at->time);
		if (channel->n_ended == 2)
			leave(channel);
		return;
	}
	channel->sink.ops->end(channel->sink.self, side, how, at);
	if (channel->rejected)
		let_go_at_end(channel, side, how, at->time);
	else if (channel->n_ended == 2 && channel->live != NULL)
		leave(channel);
}

static const StreamSinkOps channel_ops = {.bytes = on_bytes, .gap = on_gap, .end = on_end};

static StreamSink on_opened(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Pipeline *pipeline = user;
	Channel *channel = channel_new(pipeline, flow);
	if (pipeline->watch != NULL)
		channel->watched = pipeline->watch->opened(pipeline->watcher, flow, at);
	return (StreamSink){&channel_ops, channel};
}

/* It went to somewhere, and was not seen to carry nothing at all: what it carried may be what is
 * missing elsewhere.  A SYN that nobody answered is an attempt. */
static bool is_unseen(const Channel *channel)
{
	if (channel->live != NULL || !instant_known(tcp_flow_last_seen(channel->flow, 1)))
		return false;
	/* A RST alone answers what comes late for a connection that is over. */
	bool empty = tcp_flow_syn_seen(channel->flow) ? channel->ended : !channel->fin;
	return channel->stream != NULL || !empty;
}

static void on_closed(void *user, TcpFlow *flow)
{
	Pipeline *pipeline = user;
	Channel *channel = tcp_flow_sink(flow).self;
	breath_take(pipeline->breath);
	if (channel == NULL)
		return; /* left already */
	if (is_unseen(channel)) {
		Opening opening = opening_of(channel);
		observe_undecoded(pipeline->model, &opening);
	}
	pipeline_count(&pipeline->counts, channel->kind, channel->layers, channel->stream != NULL);
	channel_close(channel);
}

/* Answered by RST, or, known only when the flow is given up, by nothing. */
static void on_refused(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Pipeline *pipeline = user;
	bool unanswered = !instant_known(tcp_flow_last_seen(flow, 1));
	Channel *channel = tcp_flow_sink(flow).self;
	if (channel != NULL)
		channel->ended = true; /* it never began */
	StreamPoint opened = tcp_flow_opened(flow);
	observe_attempt(pipeline->model, tcp_flow_endpoint(flow, 1), unanswered,
	                unanswered ? &opened : at);
}

static void on_again(void *user, TcpFlow *flow, unsigned side, uint32_t n_bytes,
                     const StreamPoint *at)
{
	Pipeline *pipeline = user;
	const Channel *channel = tcp_flow_sink(flow).self;
	if (pipeline->watch != NULL && channel != NULL)
		pipeline->watch->again(channel->watched, side, n_bytes, at);
}

const TcpTableOps channel_table_ops = {
	.opened = on_opened,
	.closed = on_closed,
	.refused = on_refused,
	.again = on_again,
};
