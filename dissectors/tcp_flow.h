/* SPDX-License-Identifier: MIT */
/*
 * tcp_flow: what the files of the TCP part share: flow, side, table.
 *
 * Sequence numbers are compared as signed differences, so that they may wrap.
 */
#pragma once

#include "dissectors/tcp.h"
#include "dissectors/tcp_print.h"
#include "dissectors/tcp_seen.h"

#include <glib.h>

/* Octets waiting for a hole before them; a ring in the order of the stream, without overlaps. */
typedef struct TcpPiece {
	struct TcpPiece *next;
	struct TcpPiece *previous;
	uint32_t sequence;
	uint32_t size; /* on the wire; what is above captured was cut off */
	uint32_t captured;
	uint8_t data[];
} TcpPiece;

enum TcpSideFlag {
	SIDE_KNOWN = 0x01, /* next is valid */
	SIDE_SYN = 0x02,   /* first is valid */
	SIDE_ACKED = 0x04, /* acked is valid */
	SIDE_HOLE = 0x08,  /* the peer acknowledged octets never seen, at hole_since */
	SIDE_FIN = 0x10,   /* fin is valid */
	SIDE_ENDED = 0x20, /* end() was called, or would have been */
	SIDE_JUMP = 0x40,  /* jump is valid */
};

typedef struct TcpSide {
	uint32_t next;  /* sequence number of the octet to deliver next; behind the FIN once ended */
	uint32_t acked; /* the peer acknowledged all before this */
	uint32_t fin;   /* sequence number of the FIN */
	uint32_t first; /* sequence number behind the SYN */
	uint32_t jump;  /* where a segment far outside any window ended */
	uint16_t window;
	uint8_t flags;
	uint8_t ttl;
	uint64_t delivered; /* octets handed on, and gaps */
	Instant last_activity;
	Instant last_seen;
	Instant hole_since;
	TcpPiece *waiting;
} TcpSide;

enum TcpFlowFlag {
	FLOW_OPENER_KNOWN = 0x01,
	FLOW_SYN = 0x02,
	FLOW_SYN_ACK = 0x04,
	FLOW_CLOSED = 0x08, /* over; kept to recognise what comes late */
	FLOW_RESENT = 0x10, /* resent is valid */
	FLOW_ECHO = 0x20,   /* another one, seen again behind NAT */
};

/* Compact: a million of them live at once. */
struct TcpFlow {
	Endpoint endpoints[2];
	uint32_t tag;   /* hash of the endpoints */
	uint32_t index; /* its place in the table's blocks */
	uint32_t n_pieces;
	StreamSink sink;
	size_t waiting; /* octets taken by pieces of both sides */
	TcpTable *table;
	TcpFlow *older; /* neighbours in the queue of open or of closed flows */
	TcpFlow *newer;
	Instant queued_at;
	StreamPoint opened;
	uint8_t flags;
	uint8_t n_syns;
	uint8_t sources; /* four bits a side: the file that its last new octets came from */
	uint8_t print;  /* of the handshake, in the table's list; 0: not known */
	uint16_t clock; /* base of the answering host's timestamp clock; 0: not known */
	uint16_t resent; /* side 1: the end of what was acknowledged when it last sent something again */
	TcpSide sides[2];
} __attribute__((aligned(64)));

typedef struct TcpQueue {
	TcpFlow *oldest;
	TcpFlow *newest;
	size_t size;
} TcpQueue;

typedef struct TcpSlot {
	uint32_t tag;
	uint32_t place; /* flow index + 1; 0: empty */
} TcpSlot;

struct TcpTable {
	TcpCounts counts;
	TcpLimits limits;
	TcpTableOps ops;
	void *user;
	size_t sink_size; /* of what is fetched early */
	uint64_t seeds[3]; /* odd */
	TcpSlot *slots;
	unsigned slot_bits;
	size_t n_flows;
	GPtrArray *blocks; /* of flows */
	uint32_t n_made;   /* flows of them that were ever used */
	TcpFlow *free;     /* of those the ones that are not now, chained by older */
	TcpFlow *latest;   /* the last one found; NULL: none, or it is gone */
	TcpQueue open;
	TcpQueue closed;
	bool lined_up;     /* the open ones, see tcp_table_line_up() */
	int64_t next_expiry; /* of a closed flow */
	TcpPrints prints;
	size_t waiting;
	TcpFirst firsts[1 << TCP_FIRST_BITS];
	TcpRecent recent[TCP_RECENT_SETS][TCP_RECENT_WAYS]; /* the newest first */
};
