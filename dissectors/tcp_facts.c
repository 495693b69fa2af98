/* SPDX-License-Identifier: MIT */
/* tcp_facts: what can be asked of one flow. */
#include "dissectors/tcp_parts.h"

const Endpoint *tcp_flow_endpoint(const TcpFlow *flow, unsigned side)
{
	return &flow->endpoints[side];
}

bool tcp_flow_syn_seen(const TcpFlow *flow)
{
	return flow->flags & FLOW_OPENER_KNOWN;
}

bool tcp_flow_handshake_seen(const TcpFlow *flow)
{
	return flow->flags & FLOW_SYN && flow->flags & FLOW_SYN_ACK;
}

StreamPoint tcp_flow_opened(const TcpFlow *flow)
{
	return flow->opened;
}

Instant tcp_flow_last_activity(const TcpFlow *flow, unsigned side)
{
	return flow->sides[side].last_activity;
}

Instant tcp_flow_last_seen(const TcpFlow *flow, unsigned side)
{
	return flow->sides[side].last_seen;
}

uint8_t tcp_flow_ttl(const TcpFlow *flow, unsigned side)
{
	return flow->sides[side].ttl;
}

uint64_t tcp_flow_delivered(const TcpFlow *flow, unsigned side)
{
	return flow->sides[side].delivered;
}

bool tcp_flow_lacks(const TcpFlow *flow, unsigned side)
{
	const TcpSide *self = &flow->sides[side];
	return self->waiting != NULL || (self->flags & SIDE_HOLE) != 0;
}

uint64_t tcp_flow_acknowledged(const TcpFlow *flow, unsigned side)
{
	const TcpSide *self = &flow->sides[side];
	if (!(self->flags & SIDE_ACKED))
		return UINT64_MAX;
	uint32_t next = self->next, acked = self->acked;
	if (self->flags & SIDE_FIN) { /* the FIN has a number, but is no octet */
		if (tcp_distance(next, self->fin) > 0)
			next = self->fin;
		if (tcp_distance(acked, self->fin) > 0)
			acked = self->fin;
	}
	int64_t ahead = tcp_distance(acked, next);
	return ahead < 0 && (uint64_t)-ahead > self->delivered ? 0 : self->delivered + (uint64_t)ahead;
}

/* A SYN, or its answer.  What comes again tells the same. */
void tcp_note_handshake(const TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	const TcpSegment *segment = arrival->segment;
	TcpPrints *prints = &arrival->table->prints;
	if (segment->options_size == 0)
		return;
	TcpOptions options = tcp_options_read((ByteSpan){
		segment->payload.data - segment->options_size, segment->options_size});
	TcpPrint print = {.window_scale = TCP_NO_SCALE};
	if (!(segment->flags & TCP_ACK)) {
		print.asked = options.kinds;
		flow->print = tcp_prints_add(prints, &print);
		return;
	}
	if (flow->print == 0 || tcp_prints_at(prints, flow->print)->complete)
		return;
	print = (TcpPrint){
		.asked = tcp_prints_at(prints, flow->print)->asked,
		.answered = options.kinds,
		.mss = options.mss,
		.window_scale = options.window_scale,
		.ttl = segment->ttl,
		.complete = true,
	};
	flow->print = tcp_prints_add(prints, &print);
	if (options.has_timestamp)
		flow->clock = tcp_clock_base(options.timestamp, arrival->at->time.ns);
}

const TcpPrint *tcp_flow_print(const TcpFlow *flow, uint8_t *index)
{
	const TcpPrint *print = flow->print == 0 ? NULL
	                                         : tcp_prints_at(&flow->table->prints, flow->print);
	if (print == NULL || !print->complete)
		return NULL;
	*index = flow->print;
	return print;
}

bool tcp_flow_sent_again(const TcpFlow *flow, unsigned side)
{
	return side == 1 && (flow->flags & FLOW_RESENT) != 0 &&
	       flow->resent == (uint16_t)flow->sides[1].acked;
}

uint16_t tcp_flow_clock(const TcpFlow *flow)
{
	return flow->clock;
}

void tcp_flow_ignore(TcpFlow *flow)
{
	flow->sink.ops = NULL; /* self stays, for closed() */
	tcp_stream_drop_waiting(flow);
}

void tcp_flow_detach(TcpFlow *flow)
{
	tcp_flow_ignore(flow);
	flow->sink.self = NULL;
}

StreamSink tcp_flow_sink(const TcpFlow *flow)
{
	return flow->sink;
}
