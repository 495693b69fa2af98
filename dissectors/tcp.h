/* SPDX-License-Identifier: MIT */
/*
 * tcp: segments in, two ordered byte streams a connection out.
 *
 * In-order segments pass straight through; what comes early waits, bounded,
 * until the hole before it is filled or is known to be a hole in the capture
 * (the receiver acknowledged it, the bound was hit, or the flow ended).
 * Retransmitted octets pass once: the first copy counts, and a later copy that
 * differs is counted as a conflict.  What two files hold is taken from the one that
 * has it first, and what one lacks from the other.  Checksums are not looked at: captures on
 * the sending host hold unfinished ones.
 */
#pragma once

#include "dissectors/net.h"
#include "dissectors/stream.h"

typedef struct TcpFlow TcpFlow;
typedef struct TcpTable TcpTable;

typedef struct TcpLimits {
	size_t flow_buffer;  /* memory of octets waiting for a hole in one flow; 0: default 1 MiB */
	size_t total_buffer; /* the same in all flows; 0: default 256 MiB */
	size_t flows;        /* remembered flows; the longest idle goes first; 0: default 4 million */
} TcpLimits;

typedef struct TcpCounts {
	uint64_t connections;
	uint64_t segments;
	uint64_t gaps; /* holes; payload that the snap length cut off is not among them */
	uint64_t gap_bytes;
	uint64_t retransmitted; /* segments with octets seen before */
	uint64_t duplicates;    /* the same packet captured twice: same IP id and TCP fields within 1 ms,
	                         * or octets that another file or interface had already */
	uint64_t reordered;     /* segments that came before an earlier one */
	uint64_t conflicts;     /* retransmissions with other octets */
	uint64_t evicted;       /* flows forgotten for room */
	uint64_t refused;       /* SYN answered by RST */
	uint64_t echoes;        /* connections, of those above, seen a second time behind NAT */
} TcpCounts;

typedef struct TcpTableOps {
	/* A connection appears, at its SYN or in the middle.  Return the sink for its octets; ops
	 * NULL means that nobody listens (the flow is then only followed for its end). */
	StreamSink (*opened)(void *user, TcpFlow *flow, const StreamPoint *at);
	/* The flow is about to be forgotten; its sink has had end() for both sides. */
	void (*closed)(void *user, TcpFlow *flow);
	/* A SYN was answered by RST, or stayed unanswered through its retransmissions: nobody
	 * listens there.  May be NULL. */
	void (*refused)(void *user, TcpFlow *flow, const StreamPoint *at);
	/* A segment of @side came with @n_bytes octets of which some were there before.  May be NULL. */
	void (*again)(void *user, TcpFlow *flow, unsigned side, uint32_t n_bytes,
	              const StreamPoint *at);
} TcpTableOps;

TcpTable *tcp_table_new(const TcpLimits *limits, const TcpTableOps *ops, void *user);
/* @size octets at the self of every sink are brought near to the processor as soon as it is known
 * that octets will be handed to it; else none. */
void tcp_table_fetch_sinks(TcpTable *table, size_t size);
void tcp_table_free(TcpTable *table); /* without end() calls: see tcp_table_finish() */

void tcp_table_segment(TcpTable *table, const TcpSegment *segment, const StreamPoint *at);
/* The input is over: brings the open flows into the order of their opening, in which they will end, so that it
 * does not depend on the hash.  With many of them it takes a while, and tells nobody anything. */
void tcp_table_line_up(TcpTable *table);
/* The input is over: what waits is delivered (holes as gaps), every open flow ends CAPTURE.  Lines them up
 * itself, if that was not done. */
void tcp_table_finish(TcpTable *table, const StreamPoint *at);
const TcpCounts *tcp_table_counts(const TcpTable *table);

/* Facts of one flow. */
const Endpoint *tcp_flow_endpoint(const TcpFlow *flow, unsigned side);
bool tcp_flow_syn_seen(const TcpFlow *flow);       /* side 0 is known to have opened it */
bool tcp_flow_handshake_seen(const TcpFlow *flow); /* SYN and SYN+ACK */
StreamPoint tcp_flow_opened(const TcpFlow *flow);
/* The last segment of @side that carried octets or a flag (not a bare ACK or keep-alive probe). */
Instant tcp_flow_last_activity(const TcpFlow *flow, unsigned side);
/* The last segment of any kind from @side. */
Instant tcp_flow_last_seen(const TcpFlow *flow, unsigned side);
uint8_t tcp_flow_ttl(const TcpFlow *flow, unsigned side);
/* Octets of @side that its peer has acknowledged, counted like the bytes handed to the sink;
 * UINT64_MAX while not known.  Tells what a vanished peer never got. */
uint64_t tcp_flow_acknowledged(const TcpFlow *flow, unsigned side);
/* @side, which did not open it, sent octets again since its peer last acknowledged something new. */
bool tcp_flow_sent_again(const TcpFlow *flow, unsigned side);
/* What its handshake tells of the host that answered; NULL if that is not known.  @index tells it from
 * all others of the table; from 1. */
const struct TcpPrint *tcp_flow_print(const TcpFlow *flow, uint8_t *index);
/* The base of that host's timestamp clock, see tcp_clock_base(); 0 if it is not known. */
uint16_t tcp_flow_clock(const TcpFlow *flow);
/* Octets of @side handed to the sink so far, or told of as gaps. */
uint64_t tcp_flow_delivered(const TcpFlow *flow, unsigned side);
/* What opened() returned for it. */
StreamSink tcp_flow_sink(const TcpFlow *flow);
/* Whether octets of @side were sent that the sink does not have (yet): its peer acknowledged them, or
 * later ones wait. */
bool tcp_flow_lacks(const TcpFlow *flow, unsigned side);
/* Stop delivering: the sink is not called again but for nothing; buffers are dropped. */
void tcp_flow_ignore(TcpFlow *flow);
/* The same, and what opened() returned is forgotten: closed() will find no sink. */
void tcp_flow_detach(TcpFlow *flow);
