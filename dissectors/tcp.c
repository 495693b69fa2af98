/* SPDX-License-Identifier: MIT */
/* tcp: the table of flows: who is opened, kept, and forgotten. */
#include "dissectors/tcp_parts.h"

#include <stdlib.h>

enum { CLOSED_MAX = 65536 };

#define CLOSED_KEPT_NS (60 * NS_PER_SECOND)
/* A flow moves to the young end of the queue at most this often: neighbours stay untouched. */
#define QUEUE_GRAIN_NS (8 * NS_PER_SECOND)

static const TcpLimits default_limits = {
	.flow_buffer = (size_t)1 << 20,
	.total_buffer = (size_t)256 << 20,
	.flows = 4000000,
};

TcpTable *tcp_table_new(const TcpLimits *limits, const TcpTableOps *ops, void *user)
{
	TcpTable *table = g_new0(TcpTable, 1);
	table->limits = default_limits;
	if (limits != NULL && limits->flow_buffer != 0)
		table->limits.flow_buffer = limits->flow_buffer;
	if (limits != NULL && limits->total_buffer != 0)
		table->limits.total_buffer = limits->total_buffer;
	if (limits != NULL && limits->flows != 0)
		table->limits.flows = MIN(limits->flows, (size_t)1 << 30);
	table->ops = *ops;
	table->user = user;
	table->next_expiry = INT64_MAX;
	tcp_slots_init(table);
	return table;
}

void tcp_table_fetch_sinks(TcpTable *table, size_t size)
{
	table->sink_size = size;
}

static void free_waiting(TcpQueue *queue)
{
	for (TcpFlow *flow = queue->oldest; flow != NULL; flow = flow->newer)
		tcp_stream_drop_waiting(flow);
}

void tcp_table_free(TcpTable *table)
{
	if (table == NULL)
		return;
	free_waiting(&table->open);
	free_waiting(&table->closed);
	tcp_slots_clear(table);
	g_free(table);
}

static void forget(TcpTable *table, TcpFlow *flow)
{
	tcp_queue_remove(flow->flags & FLOW_CLOSED ? &table->closed : &table->open, flow);
	tcp_stream_drop_waiting(flow);
	if (table->ops.closed != NULL && !(flow->flags & FLOW_ECHO))
		table->ops.closed(table->user, flow);
	tcp_slots_remove(table, flow);
}

static void abandon(TcpTable *table, TcpFlow *flow, const StreamPoint *at)
{
	if (!(flow->flags & FLOW_CLOSED))
		tcp_state_abandon(flow, STREAM_END_STALE, at);
	forget(table, flow);
}

/* Forgets the closed flows that have waited long enough, and those that are too many. */
static void expire_closed(TcpTable *table, Instant now)
{
	TcpFlow *oldest;
	while ((oldest = table->closed.oldest) != NULL &&
	       (table->closed.size > CLOSED_MAX || now.ns - oldest->queued_at.ns >= CLOSED_KEPT_NS))
		forget(table, oldest);
	table->next_expiry = oldest != NULL ? oldest->queued_at.ns + CLOSED_KEPT_NS : INT64_MAX;
}

static void close_flow(TcpTable *table, TcpFlow *flow, Instant now)
{
	tcp_queue_remove(&table->open, flow);
	flow->flags |= FLOW_CLOSED;
	tcp_stream_drop_waiting(flow);
	tcp_queue_push(&table->closed, flow, now);
	expire_closed(table, now);
}

static void make_room(TcpTable *table, const StreamPoint *at)
{
	while (table->n_flows >= table->limits.flows) {
		TcpFlow *flow = table->closed.oldest;
		if (flow == NULL) {
			flow = table->open.oldest;
			table->counts.evicted++;
		}
		abandon(table, flow, at);
	}
}

static TcpFlow *open_flow(TcpTable *table, const TcpSegment *segment, const StreamPoint *at)
{
	make_room(table, at);
	TcpFlow *flow = tcp_slots_add(table, segment);
	bool syn = segment->flags & TCP_SYN, answer = syn && segment->flags & TCP_ACK;
	flow->endpoints[answer ? 1 : 0] = segment->source;
	flow->endpoints[answer ? 0 : 1] = segment->destination;
	flow->opened = *at;
	if (syn)
		flow->flags |= FLOW_OPENER_KNOWN | (answer ? FLOW_SYN_ACK : FLOW_SYN);
	for (unsigned side = 0; side < 2; side++) {
		flow->sides[side].last_activity = INSTANT_UNKNOWN;
		flow->sides[side].last_seen = INSTANT_UNKNOWN;
	}
	tcp_queue_push(&table->open, flow, at->time);
	table->counts.connections++;
	if (tcp_echo(table, segment, at->time)) {
		flow->flags |= FLOW_ECHO;
		table->counts.echoes++;
	} else {
		flow->sink = table->ops.opened(table->user, flow, at);
	}
	return flow;
}

/* The flow that @segment belongs to, opened if need be; NULL if it is worth none. */
static TcpFlow *flow_for(TcpTable *table, const TcpSegment *segment, const StreamPoint *at,
                         unsigned *side)
{
	TcpFlow *flow = tcp_slots_find(table, segment, side);
	if (flow != NULL && (segment->flags & (TCP_SYN | TCP_RST)) == TCP_SYN &&
	    !tcp_state_owns_syn(flow, *side, segment)) {
		abandon(table, flow, at);
		flow = NULL;
	}
	if (flow != NULL || segment->flags & TCP_RST)
		return flow;
	*side = (segment->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) ? 1 : 0;
	return open_flow(table, segment, at);
}

void tcp_table_segment(TcpTable *table, const TcpSegment *segment, const StreamPoint *at)
{
	TcpArrival arrival = {.table = table, .segment = segment, .at = at};
	table->counts.segments++;
	if (at->time.ns >= table->next_expiry)
		expire_closed(table, at->time);
	TcpFlow *flow = flow_for(table, segment, at, &arrival.side);
	if (flow == NULL)
		return;
	arrival.flow = flow;
	arrival.self = &flow->sides[arrival.side];
	arrival.peer = &flow->sides[!arrival.side];
	tcp_state_segment(&arrival);
	if (flow->flags & FLOW_CLOSED)
		return;
	if (flow->sides[0].flags & flow->sides[1].flags & SIDE_ENDED) {
		close_flow(table, flow, at->time);
	} else if ((uint64_t)(at->time.ns - flow->queued_at.ns) >= (uint64_t)QUEUE_GRAIN_NS) {
		tcp_queue_remove(&table->open, flow);
		tcp_queue_push(&table->open, flow, at->time);
	}
}

/* What is compared is at hand: flows lie far apart. */
typedef struct Opening {
	uint64_t frame;
	TcpFlow *flow;
} Opening;

static int compare_openings(const void *a, const void *b)
{
	const Opening *x = a, *y = b;
	return (x->frame > y->frame) - (x->frame < y->frame);
}

void tcp_table_line_up(TcpTable *table)
{
	size_t n = 0;
	Opening *openings = g_new(Opening, table->open.size);
	for (TcpFlow *flow = table->open.oldest; flow != NULL; flow = flow->newer)
		openings[n++] = (Opening){flow->opened.frame.number, flow};
	if (n > 1)
		qsort(openings, n, sizeof *openings, compare_openings);
	table->open = (TcpQueue){0};
	for (size_t i = 0; i < n; i++)
		tcp_queue_push(&table->open, openings[i].flow, openings[i].flow->queued_at);
	g_free(openings);
	table->lined_up = true;
}

void tcp_table_finish(TcpTable *table, const StreamPoint *at)
{
	TcpFlow *flow;
	while ((flow = table->closed.oldest) != NULL)
		forget(table, flow);
	table->next_expiry = INT64_MAX;
	if (!table->lined_up)
		tcp_table_line_up(table);
	while ((flow = table->open.oldest) != NULL) {
		tcp_state_abandon(flow, STREAM_END_CAPTURE, at);
		forget(table, flow);
	}
}

const TcpCounts *tcp_table_counts(const TcpTable *table)
{
	return &table->counts;
}
