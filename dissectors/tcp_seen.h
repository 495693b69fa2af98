/* SPDX-License-Identifier: MIT */
/* tcp_seen: what is kept of segments for a while, to know them again. */
#pragma once

#include "dissectors/net.h"

/* The first segment of a flow, seen lately: its SYN, as a rule. */
typedef struct TcpFirst {
	Instant time;
	IpAddress source, destination;
	uint32_t sequence, acknowledgement, payload_size;
	uint16_t window, ip_id;
	uint8_t ttl, flags, options_size;
	uint8_t options[40];
} TcpFirst;

enum { TCP_FIRST_BITS = 7 };

/* A segment that was seen lately: tells a packet captured twice from one sent twice. */
typedef struct TcpRecent {
	uint32_t key;    /* flow, side, sequence number and size */
	uint32_t detail; /* the other header fields */
	uint32_t octets; /* hash of the payload's beginning; the low four bits are of its source */
	uint32_t time;   /* in 1024 ns, wrapping */
} TcpRecent;

enum { TCP_RECENT_SETS = 256, TCP_RECENT_WAYS = 4 };
