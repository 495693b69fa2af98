/* SPDX-License-Identifier: MIT */
/* tcp_state: what the flags and numbers of a segment mean for its flow (RFC 9293). */
#include "dissectors/tcp_parts.h"

enum {
	RESET_REACH = 1 << 20,   /* how far from its place in the stream a reset is believed */
	SEGMENT_MAX = 1 << 24,   /* nothing sends more in one piece, offloaded or not */
	CONTROL_FLAGS = TCP_SYN | TCP_FIN | TCP_RST,
};

/* Copies of one packet may reach the capture out of order: an acknowledgement may come this much
 * before the octets that it is for. */
#define HOLE_GRACE_NS NS_PER_SECOND
/* Where only one direction is captured, no acknowledgement tells a hole from reordering. */
#define ONE_WAY_GRACE_NS (5 * NS_PER_SECOND)

/* What two files hold is there twice within this time, once their clocks are put right. */
#define COPY_LATE_NS (2 * NS_PER_SECOND)

static bool first_belongs(const TcpFlow *flow, unsigned side, uint32_t first)
{
	const TcpSide *self = &flow->sides[side];
	if (self->flags & SIDE_SYN)
		return self->first == first;
	/* Joined in the middle: the SYN was overtaken by what it belongs to. */
	return self->flags & SIDE_KNOWN && self->next == first && self->delivered == 0;
}

bool tcp_state_owns_syn(const TcpFlow *flow, unsigned side, const TcpSegment *segment)
{
	const TcpSide *self = &flow->sides[side], *peer = &flow->sides[!side];
	if (first_belongs(flow, side, segment->sequence + 1))
		return true;
	if (flow->flags & FLOW_CLOSED || side == 0)
		return false;
	if (self->delivered > 0 || self->waiting != NULL || !(peer->flags & SIDE_SYN))
		return false;
	/* The answer, perhaps with a new initial number; or both opened at once. */
	if (segment->flags & TCP_ACK)
		return tcp_distance(segment->acknowledgement, peer->first) >= 0 &&
		       tcp_distance(segment->acknowledgement, peer->next) <= 0;
	return !(self->flags & SIDE_KNOWN);
}

static inline void note_seen(const TcpArrival *arrival)
{
	TcpSide *self = arrival->self;
	self->last_seen = arrival->at->time;
	self->ttl = arrival->segment->ttl;
	self->window = arrival->segment->window;
}

static void take_syn(const TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	TcpSide *self = &flow->sides[arrival->side];
	bool answer = arrival->segment->flags & TCP_ACK;
	uint32_t first = arrival->segment->sequence + 1;
	flow->flags |= answer ? FLOW_SYN_ACK : FLOW_SYN;
	if (!answer && flow->n_syns < UINT8_MAX)
		flow->n_syns++;
	tcp_note_handshake(arrival);
	if (self->flags & SIDE_SYN && self->first == first)
		return;
	self->first = first;
	if (!(self->flags & SIDE_KNOWN) || self->next != first) {
		self->next = first;
		self->flags &= (uint8_t)~(SIDE_ACKED | SIDE_HOLE | SIDE_JUMP | SIDE_FIN);
	}
	self->flags |= SIDE_KNOWN | SIDE_SYN;
}

/* Octets far outside any window were acknowledged: that is where the stream is now. */
static void take_jump(const TcpArrival *arrival, unsigned side)
{
	TcpSide *self = &arrival->flow->sides[side];
	if (self->flags & SIDE_ENDED)
		return;
	while (self->waiting != NULL)
		tcp_stream_skip_hole(arrival->flow, side, GAP_MISSING, arrival->at);
	self->acked = self->jump;
	self->flags |= SIDE_ACKED;
	self->flags &= (uint8_t)~(SIDE_JUMP | SIDE_FIN | SIDE_HOLE);
	tcp_stream_skip_hole(arrival->flow, side, GAP_MISSING, arrival->at);
}

static void acknowledge_unseen(const TcpArrival *arrival, unsigned side)
{
	TcpSide *self = &arrival->flow->sides[side];
	uint32_t ack = arrival->segment->acknowledgement;
	if (self->flags & SIDE_ENDED)
		return;
	if (!(self->flags & SIDE_ACKED) || tcp_distance(ack, self->acked) > 0)
		self->acked = ack;
	if (!(self->flags & SIDE_HOLE))
		self->hole_since = arrival->at->time;
	self->flags |= SIDE_HOLE | SIDE_ACKED;
	tcp_stream_settle(arrival->flow, side, arrival->at);
}

/* Whether @sequence lies before the SYN. */
static bool before_start(const TcpSide *side, uint32_t sequence)
{
	return side->flags & SIDE_SYN && side->delivered < TCP_WINDOW_MAX &&
	       tcp_distance(sequence, side->first - 1) < 0;
}

/* Joined in the middle at a keep-alive probe, the number of which is one too low. */
static bool joined_at_probe(const TcpSide *side)
{
	return !(side->flags & (SIDE_SYN | SIDE_FIN)) && side->delivered == 0 && side->waiting == NULL;
}

static void acknowledge_other(const TcpArrival *arrival)
{
	unsigned side = !arrival->side;
	TcpSide *peer = &arrival->flow->sides[side];
	uint32_t ack = arrival->segment->acknowledgement;
	if (!(peer->flags & SIDE_KNOWN)) {
		peer->next = peer->acked = ack;
		peer->flags |= SIDE_KNOWN | SIDE_ACKED;
		return;
	}
	int32_t beyond = tcp_distance(ack, peer->next);
	if (before_start(peer, ack))
		return; /* meant for the connection that had these ports before */
	if (beyond > TCP_WINDOW_MAX || beyond < -TCP_WINDOW_MAX) {
		if (peer->flags & SIDE_JUMP && ack == peer->jump)
			take_jump(arrival, side);
	} else if (beyond == 1 && joined_at_probe(peer)) {
		peer->next = peer->acked = ack;
		peer->flags |= SIDE_ACKED;
	} else if (beyond > 0) {
		acknowledge_unseen(arrival, side);
	} else if (!(peer->flags & SIDE_ACKED) || tcp_distance(ack, peer->acked) > 0) {
		peer->acked = ack;
		peer->flags |= SIDE_ACKED;
	}
}

/* The segment acknowledges octets of its sender's peer.  The common case: some more of those seen,
 * or the same as before. */
static inline void acknowledge(const TcpArrival *arrival)
{
	TcpSide *peer = arrival->peer;
	uint32_t ack = arrival->segment->acknowledgement;
	uint32_t unacknowledged = peer->next - peer->acked;
	if ((peer->flags & (SIDE_KNOWN | SIDE_ACKED)) == (SIDE_KNOWN | SIDE_ACKED) &&
	    unacknowledged <= TCP_WINDOW_MAX && ack - peer->acked <= unacknowledged)
		peer->acked = ack;
	else
		acknowledge_other(arrival);
}

/* Gives a hole up that time has shown to be one. */
static void expire_hole(const TcpArrival *arrival, unsigned side)
{
	TcpFlow *flow = arrival->flow;
	TcpSide *self = &flow->sides[side];
	int64_t age = arrival->at->time.ns - self->hole_since.ns;
	bool expired = false;
	if (self->flags & SIDE_ENDED)
		return;
	if (self->waiting != NULL)
		expired = age >= ONE_WAY_GRACE_NS && !instant_known(flow->sides[!side].last_seen);
	else if (self->flags & SIDE_HOLE)
		expired = age >= HOLE_GRACE_NS && tcp_distance(self->acked, self->next) > 0;
	if (!expired)
		return;
	tcp_stream_skip_hole(flow, side, GAP_MISSING, arrival->at);
	tcp_stream_settle(flow, side, arrival->at);
}

static inline bool may_have_hole(const TcpFlow *flow, unsigned side)
{
	return flow->sides[side].flags & SIDE_HOLE || flow->sides[side].waiting != NULL;
}

/* The common case: the next octets, and nothing else. */
static bool is_next(const TcpArrival *arrival)
{
	const TcpSide *self = arrival->self;
	const TcpSegment *segment = arrival->segment;
	return self->next == segment->sequence && segment->payload_size > 0 &&
	       (segment->flags & CONTROL_FLAGS) == 0 && self->waiting == NULL &&
	       (self->flags & (SIDE_KNOWN | SIDE_FIN)) == SIDE_KNOWN;
}

static inline void note_source(const TcpArrival *arrival)
{
	unsigned shift = 4 * arrival->side;
	unsigned others = arrival->flow->sources & ~(15u << shift);
	arrival->flow->sources = (uint8_t)(others | (arrival->at->frame.source & 15u) << shift);
}

/* Captured at another place too; a copy so late was sent late. */
static bool is_from_another_source(const TcpArrival *arrival)
{
	return instant_known(arrival->active) &&
	       arrival->at->time.ns - arrival->active.ns <= COPY_LATE_NS &&
	       (arrival->flow->sources >> 4 * arrival->side & 15) !=
	       (arrival->at->frame.source & 15);
}

static void take_next(const TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	tcp_recent_note(arrival);
	note_source(arrival);
	arrival->self->last_activity = arrival->at->time;
	tcp_stream_deliver(flow, arrival->side, arrival->segment->payload,
	                   arrival->segment->payload_size, arrival->at);
	if (arrival->self->flags & SIDE_HOLE)
		tcp_stream_settle(flow, arrival->side, arrival->at);
}

/* A keep-alive or zero-window probe repeats the last octet, or none, RFC 9293 section 3.8.4. */
static bool is_probe(const TcpArrival *arrival)
{
	const TcpSide *self = &arrival->flow->sides[arrival->side];
	const TcpSide *peer = &arrival->flow->sides[!arrival->side];
	const TcpSegment *segment = arrival->segment;
	if (segment->flags & CONTROL_FLAGS || segment->payload_size > 1)
		return false;
	if (!(self->flags & SIDE_KNOWN) || segment->sequence + 1 != self->next)
		return false;
	bool acked = self->flags & SIDE_ACKED && self->acked == self->next;
	return acked || (instant_known(peer->last_seen) && peer->window == 0);
}

static void note_fin(TcpSide *self, uint32_t fin)
{
	if (self->flags & SIDE_FIN || tcp_distance(fin, self->next) < 0)
		return;
	const TcpPiece *last = self->waiting != NULL ? self->waiting->previous : NULL;
	if (last != NULL && tcp_distance(last->sequence + last->size, fin) > 0)
		return;
	self->fin = fin;
	self->flags |= SIDE_FIN;
}

static void count_again(const TcpArrival *arrival, TcpTaken taken)
{
	TcpCounts *counts = &arrival->table->counts;
	if (arrival->match == TCP_RECENT_CONFLICT || taken.conflict)
		counts->conflicts++;
	if (arrival->match == TCP_RECENT_NONE && !taken.known) {
		note_source(arrival);
		return;
	}
	if (is_from_another_source(arrival)) {
		counts->duplicates++;
		return;
	}
	counts->retransmitted++;
	if (arrival->table->ops.again != NULL)
		arrival->table->ops.again(arrival->table->user, arrival->flow, arrival->side,
		                          arrival->segment->payload_size, arrival->at);
	if (arrival->side == 1) {
		arrival->flow->resent = (uint16_t)arrival->flow->sides[1].acked;
		arrival->flow->flags |= FLOW_RESENT;
	}
}

/* Octets out of order, seen before, or with a SYN or FIN. */
static void take_octets(const TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	TcpSide *self = &flow->sides[arrival->side];
	const TcpSegment *segment = arrival->segment;
	uint32_t sequence = segment->sequence + (segment->flags & TCP_SYN ? 1 : 0);
	uint32_t size = segment->payload_size;
	int32_t ahead = tcp_distance(sequence, self->next);
	if (ahead > TCP_WINDOW_MAX || ahead < -TCP_WINDOW_MAX) {
		self->jump = sequence + size + (segment->flags & TCP_FIN ? 1 : 0);
		self->flags |= SIDE_JUMP;
		return;
	}
	if (segment->flags & TCP_FIN)
		note_fin(self, sequence + size);
	if (self->flags & SIDE_FIN) {
		int32_t before_fin = tcp_distance(self->fin, sequence);
		size = before_fin > 0 ? MIN(size, (uint32_t)before_fin) : 0;
	}
	if (size > 0)
		count_again(arrival, tcp_stream_take(arrival, sequence, size));
	tcp_stream_settle(flow, arrival->side, arrival->at);
}

static bool reset_plausible(const TcpArrival *arrival)
{
	const TcpSide *self = &arrival->flow->sides[arrival->side];
	if (!(self->flags & SIDE_KNOWN))
		return true;
	if (before_start(self, arrival->segment->sequence))
		return false;
	int32_t ahead = tcp_distance(arrival->segment->sequence, self->next);
	int32_t ahead_of_acked = tcp_distance(arrival->segment->sequence, self->acked);
	return (ahead <= RESET_REACH && ahead >= -RESET_REACH) ||
	       (self->flags & SIDE_ACKED && ahead_of_acked <= RESET_REACH &&
	        ahead_of_acked >= -RESET_REACH);
}

static void take_reset(const TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	TcpTable *table = arrival->table;
	unsigned side = arrival->side;
	if (!reset_plausible(arrival))
		return;
	flow->sides[side].last_activity = arrival->at->time;
	if (side == 1 && flow->flags & FLOW_SYN && !(flow->sides[1].flags & SIDE_KNOWN)) {
		table->counts.refused++;
		if (table->ops.refused != NULL && !(flow->flags & FLOW_ECHO))
			table->ops.refused(table->user, flow, arrival->at);
	}
	tcp_stream_flush(flow, side, arrival->at);
	tcp_stream_flush(flow, !side, arrival->at);
	tcp_stream_end(flow, side, STREAM_END_RST, arrival->at);
	tcp_stream_end(flow, !side, STREAM_END_RST, arrival->at);
}

/* The flow is over: nothing is handed on any more. */
static void take_late(const TcpArrival *arrival)
{
	const TcpSegment *segment = arrival->segment;
	const TcpSide *self = &arrival->flow->sides[arrival->side];
	if (segment->flags & TCP_ACK && arrival->flow->sides[!arrival->side].flags & SIDE_KNOWN)
		acknowledge(arrival);
	bool known = tcp_distance(segment->sequence, self->next) < 0;
	if (segment->payload_size > 0 && !is_probe(arrival))
		count_again(arrival, (TcpTaken){.known = known});
}

static void take_special(TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	TcpSide *self = &flow->sides[arrival->side];
	arrival->active = self->last_activity;
	arrival->match = tcp_recent_match(arrival);
	if (arrival->match == TCP_RECENT_DUPLICATE) {
		arrival->table->counts.duplicates++;
		return;
	}
	if (flow->flags & FLOW_CLOSED) {
		take_late(arrival);
		return;
	}
	uint8_t flags = arrival->segment->flags;
	if (flags & TCP_RST) {
		take_reset(arrival);
		return;
	}
	if (flags & TCP_SYN)
		take_syn(arrival);
	if (flags & TCP_ACK)
		acknowledge(arrival);
	if (may_have_hole(flow, !arrival->side))
		expire_hole(arrival, !arrival->side);
	if (is_probe(arrival))
		return;
	self->last_activity = arrival->at->time;
	take_octets(arrival);
}

/* The most common case of all: nothing is missing, and nothing begins or ends. */
static inline bool is_smooth(const TcpArrival *arrival)
{
	return (arrival->segment->flags & (CONTROL_FLAGS | TCP_ACK)) == TCP_ACK &&
	       arrival->flow->n_pieces == 0 && !(arrival->flow->flags & FLOW_CLOSED) &&
	       (arrival->self->flags & (SIDE_KNOWN | SIDE_FIN)) == SIDE_KNOWN &&
	       ((arrival->self->flags | arrival->peer->flags) & SIDE_HOLE) == 0 &&
	       (arrival->segment->payload_size == 0 ||
	        arrival->self->next == arrival->segment->sequence);
}

static void take_unsmooth(TcpArrival *arrival)
{
	TcpFlow *flow = arrival->flow;
	const TcpSegment *segment = arrival->segment;
	if (!(arrival->self->flags & SIDE_KNOWN) && !(segment->flags & (TCP_SYN | TCP_RST))) {
		arrival->self->next = segment->sequence;
		arrival->self->flags |= SIDE_KNOWN;
	}
	bool bare = segment->payload_size == 0 && !(segment->flags & CONTROL_FLAGS);
	bool closed = flow->flags & FLOW_CLOSED;
	if (!bare && (closed || !is_next(arrival))) {
		take_special(arrival);
	} else {
		if (segment->flags & TCP_ACK)
			acknowledge(arrival);
		if (may_have_hole(flow, !arrival->side))
			expire_hole(arrival, !arrival->side);
		if (!bare)
			take_next(arrival);
	}
	if (may_have_hole(flow, arrival->side) && !(flow->flags & FLOW_CLOSED))
		expire_hole(arrival, arrival->side);
}

void tcp_state_segment(TcpArrival *arrival)
{
	const TcpSegment *segment = arrival->segment;
	if (segment->payload_size > SEGMENT_MAX)
		return;
	note_seen(arrival);
	if (!is_smooth(arrival)) {
		take_unsmooth(arrival);
		return;
	}
	acknowledge(arrival);
	if (segment->payload_size > 0)
		take_next(arrival);
}

static void report_unanswered(TcpFlow *flow, const StreamPoint *at)
{
	const TcpTable *table = flow->table;
	bool unanswered = flow->n_syns > 1 && !(flow->sides[1].flags & SIDE_KNOWN);
	if (unanswered && table->ops.refused != NULL && !(flow->flags & FLOW_ECHO))
		table->ops.refused(table->user, flow, at);
}

void tcp_state_abandon(TcpFlow *flow, StreamEnd how, const StreamPoint *at)
{
	report_unanswered(flow, at);
	for (unsigned side = 0; side < 2; side++) {
		tcp_stream_flush(flow, side, at);
		tcp_stream_end(flow, side, how, at);
	}
}
