/* SPDX-License-Identifier: MIT */
/*
 * tcp_stream: one side's octets, into order.
 *
 * What is handed on late carries the point of the segment that released it:
 * that is when the receiver could read it, and points never go backwards.
 * A sink may call tcp_flow_ignore() in any call, so what waits is looked up
 * again after each.
 */
#include "dissectors/tcp_parts.h"

#include <string.h>

enum { MAX_PIECES = 4096 }; /* waiting in one flow: bounds the search for a place */

static void piece_unlink(TcpSide *side, TcpPiece *piece)
{
	if (piece->next == piece) {
		side->waiting = NULL;
		return;
	}
	piece->previous->next = piece->next;
	piece->next->previous = piece->previous;
	if (side->waiting == piece)
		side->waiting = piece->next;
}

/* Links @piece in before @after, or at the end if that is NULL. */
static void piece_link(TcpSide *side, TcpPiece *piece, TcpPiece *after)
{
	if (side->waiting == NULL) {
		piece->next = piece->previous = piece;
		side->waiting = piece;
		return;
	}
	TcpPiece *behind = after != NULL ? after : side->waiting;
	piece->next = behind;
	piece->previous = behind->previous;
	piece->previous->next = piece;
	piece->next->previous = piece;
	if (behind == after && side->waiting == after)
		side->waiting = piece;
}

static void piece_uncharge(TcpFlow *flow, const TcpPiece *piece)
{
	size_t cost = sizeof *piece + piece->captured;
	flow->waiting -= cost;
	flow->table->waiting -= cost;
	flow->n_pieces--;
}

static TcpPiece *piece_pop(TcpFlow *flow, TcpSide *side)
{
	TcpPiece *piece = side->waiting;
	piece_unlink(side, piece);
	piece_uncharge(flow, piece);
	return piece;
}

void tcp_stream_drop_waiting(TcpFlow *flow)
{
	for (unsigned side = 0; side < 2; side++)
		while (flow->sides[side].waiting != NULL)
			g_free(piece_pop(flow, &flow->sides[side]));
}

/* The first piece that ends behind @sequence; NULL if none does. */
static TcpPiece *piece_behind(const TcpSide *side, uint32_t sequence)
{
	TcpPiece *found = NULL;
	if (side->waiting == NULL)
		return NULL;
	TcpPiece *piece = side->waiting->previous;
	while (tcp_distance(piece->sequence + piece->size, sequence) > 0) {
		found = piece;
		if (piece == side->waiting)
			break;
		piece = piece->previous;
	}
	return found;
}

static void report_gap(TcpFlow *flow, unsigned side, uint32_t size, GapKind kind,
                       const StreamPoint *at)
{
	if (flow->sink.ops == NULL || size == 0)
		return;
	if (kind != GAP_TRUNCATED) {
		flow->table->counts.gaps++;
		flow->table->counts.gap_bytes += size;
	}
	flow->sink.ops->gap(flow->sink.self, side, size, kind, at);
}

static void hand_on(TcpFlow *flow, unsigned side, ByteSpan span, uint32_t size,
                    const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	self->next += size;
	self->delivered += size;
	if (span.size > 0 && flow->sink.ops != NULL)
		flow->sink.ops->bytes(flow->sink.self, side, span, at);
	if (size > span.size)
		report_gap(flow, side, size - (uint32_t)span.size, GAP_TRUNCATED, at);
}

/* Hands on the pieces that are next; returns how many. */
static unsigned drain(TcpFlow *flow, unsigned side, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	unsigned n = 0;
	while (self->waiting != NULL && self->waiting->sequence == self->next) {
		TcpPiece *piece = piece_pop(flow, self);
		hand_on(flow, side, (ByteSpan){piece->data, piece->captured}, piece->size, at);
		g_free(piece);
		n++;
	}
	return n;
}

void tcp_stream_deliver(TcpFlow *flow, unsigned side, ByteSpan span, uint32_t size,
                        const StreamPoint *at)
{
	hand_on(flow, side, span, size, at);
	if (flow->sides[side].waiting != NULL)
		flow->table->counts.reordered += drain(flow, side, at);
}

static void skip_to(TcpFlow *flow, unsigned side, uint32_t sequence, GapKind kind,
                    const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	uint32_t size = sequence - self->next;
	self->next = sequence;
	self->delivered += size;
	report_gap(flow, side, size, kind, at);
	drain(flow, side, at);
}

void tcp_stream_skip_hole(TcpFlow *flow, unsigned side, GapKind kind, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	uint32_t target = self->waiting != NULL ? self->waiting->sequence : self->acked;
	skip_to(flow, side, target, kind, at);
}

/* Keeps a copy of octets that came early; false when there is no room for them. */
static bool keep(const TcpArrival *arrival, uint32_t sequence, ByteSpan span, uint32_t size)
{
	TcpFlow *flow = arrival->flow;
	TcpTable *table = arrival->table;
	size_t cost = sizeof(TcpPiece) + span.size;
	if (flow->n_pieces >= MAX_PIECES || flow->waiting + cost > table->limits.flow_buffer ||
	    table->waiting + cost > table->limits.total_buffer)
		return false;
	TcpSide *self = &flow->sides[arrival->side];
	if (self->waiting == NULL && !(self->flags & SIDE_HOLE))
		self->hole_since = arrival->at->time;
	TcpPiece *piece = g_malloc(cost);
	piece->sequence = sequence;
	piece->size = size;
	piece->captured = (uint32_t)span.size;
	if (span.size > 0)
		memcpy(piece->data, span.data, span.size);
	piece_link(self, piece, piece_behind(self, sequence));
	flow->waiting += cost;
	table->waiting += cost;
	flow->n_pieces++;
	return true;
}

/* The bound is hit: goes on over the first hole, at most up to @sequence. */
static void give_up_hole(const TcpArrival *arrival, uint32_t sequence)
{
	const TcpPiece *first = arrival->flow->sides[arrival->side].waiting;
	if (first != NULL && tcp_distance(first->sequence, sequence) < 0)
		sequence = first->sequence;
	skip_to(arrival->flow, arrival->side, sequence, GAP_DROPPED, arrival->at);
}

/* A run of octets of a segment: those of @span were captured. */
typedef struct Run {
	uint32_t sequence;
	uint32_t size;
	ByteSpan span;
} Run;

static void run_skip(Run *run, uint32_t size)
{
	size_t there = MIN((size_t)size, run->span.size);
	run->sequence += size;
	run->size -= size;
	run->span.data += there;
	run->span.size -= there;
}

/* Takes the beginning of @run: up to where it meets octets that wait already. */
static void take_front(const TcpArrival *arrival, Run *run)
{
	TcpSide *self = &arrival->flow->sides[arrival->side];
	int32_t ahead = tcp_distance(run->sequence, self->next);
	if (ahead < 0) {
		run_skip(run, MIN(run->size, (uint32_t)-ahead));
		return;
	}
	const TcpPiece *behind = piece_behind(self, run->sequence);
	uint32_t size = run->size;
	if (behind != NULL) {
		int32_t distance = tcp_distance(behind->sequence, run->sequence);
		if (distance <= 0) {
			run_skip(run, MIN(size, behind->size - (uint32_t)-distance));
			return;
		}
		size = MIN(size, (uint32_t)distance);
	}
	ByteSpan span = {run->span.data, MIN((size_t)size, run->span.size)};
	if (ahead == 0)
		tcp_stream_deliver(arrival->flow, arrival->side, span, size, arrival->at);
	else if (!keep(arrival, run->sequence, span, size)) {
		give_up_hole(arrival, run->sequence);
		return;
	}
	run_skip(run, size);
}

static bool same_octets(const TcpPiece *piece, const Run *run)
{
	int32_t distance = tcp_distance(run->sequence, piece->sequence);
	size_t in_piece = distance > 0 ? (size_t)distance : 0;
	size_t in_run = distance < 0 ? (size_t)-(int64_t)distance : 0;
	if (in_piece >= piece->captured || in_run >= run->span.size)
		return true;
	size_t size = MIN(piece->captured - in_piece, run->span.size - in_run);
	return memcmp(piece->data + in_piece, run->span.data + in_run, size) == 0;
}

/* Compares @run with what waits. */
static TcpTaken compare_waiting(const TcpArrival *arrival, const Run *run)
{
	const TcpSide *self = &arrival->flow->sides[arrival->side];
	const TcpPiece *piece = piece_behind(self, run->sequence);
	TcpTaken taken = {false, false};
	while (piece != NULL && tcp_distance(piece->sequence, run->sequence + run->size) < 0) {
		taken.known = true;
		taken.conflict = taken.conflict || !same_octets(piece, run);
		piece = piece->next != self->waiting ? piece->next : NULL;
	}
	return taken;
}

TcpTaken tcp_stream_take(const TcpArrival *arrival, uint32_t sequence, uint32_t size)
{
	TcpFlow *flow = arrival->flow;
	ByteSpan payload = arrival->segment->payload;
	Run run = {sequence, size, {payload.data, MIN((size_t)size, payload.size)}};
	TcpTaken taken = compare_waiting(arrival, &run);
	TcpSide *self = &flow->sides[arrival->side];
	if (tcp_distance(sequence, self->next) < 0)
		taken.known = true;
	while (run.size > 0 && flow->sink.ops != NULL)
		take_front(arrival, &run);
	uint32_t end = sequence + size;
	if (flow->sink.ops == NULL && tcp_distance(end, self->next) > 0) {
		self->delivered += end - self->next;
		self->next = end;
	}
	return taken;
}

/* Where the stream goes on behind the hole: at what waits, or at the FIN. */
static bool hole_end(const TcpSide *side, uint32_t *sequence)
{
	if (side->waiting != NULL)
		*sequence = side->waiting->sequence;
	else if (side->flags & SIDE_FIN)
		*sequence = side->fin;
	else
		return false;
	return true;
}

static void end_at_fin(TcpFlow *flow, unsigned side, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	if (!(self->flags & SIDE_FIN) || self->flags & SIDE_ENDED || self->next != self->fin)
		return;
	self->next++; /* the FIN takes a number too */
	tcp_stream_end(flow, side, STREAM_END_FIN, at);
}

void tcp_stream_settle(TcpFlow *flow, unsigned side, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	uint32_t end;
	while (self->flags & SIDE_ACKED && !(self->flags & SIDE_ENDED) && hole_end(self, &end) &&
	       end != self->next && tcp_distance(self->acked, end) >= 0)
		skip_to(flow, side, end, GAP_MISSING, at);
	end_at_fin(flow, side, at);
	if (tcp_distance(self->acked, self->next) <= 0)
		self->flags &= (uint8_t)~SIDE_HOLE;
}

void tcp_stream_flush(TcpFlow *flow, unsigned side, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	if (self->flags & SIDE_ENDED)
		return;
	while (self->waiting != NULL)
		tcp_stream_skip_hole(flow, side, GAP_MISSING, at);
	if (self->flags & SIDE_FIN)
		skip_to(flow, side, self->fin, GAP_MISSING, at);
	else if (self->flags & SIDE_HOLE && tcp_distance(self->acked, self->next) > 0)
		skip_to(flow, side, self->acked, GAP_MISSING, at);
	end_at_fin(flow, side, at);
}

void tcp_stream_end(TcpFlow *flow, unsigned side, StreamEnd how, const StreamPoint *at)
{
	TcpSide *self = &flow->sides[side];
	if (self->flags & SIDE_ENDED)
		return;
	self->flags |= SIDE_ENDED;
	if (flow->sink.ops != NULL)
		flow->sink.ops->end(flow->sink.self, side, how, at);
}
