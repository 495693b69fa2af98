/* SPDX-License-Identifier: MIT */
/*
 * tcp_print: what the handshake tells about the TCP of the host that answered.
 *
 * Two hosts behind one address are told apart by it.  What a host answers depends on what it was
 * asked, so the options of the SYN are part of the print.
 */
#pragma once

#include "dissectors/bytes.h"

enum {
	TCP_PRINTS_MAX = 255, /* of one table; index 0 is "not known" */
	TCP_NO_SCALE = 255,
};

typedef struct TcpPrint {
	uint32_t asked;   /* kinds of the options of the SYN in their order, four bits each */
	uint32_t answered; /* the same of the SYN+ACK */
	uint16_t mss;     /* Maximum Segment Size of the SYN+ACK; 0: none */
	uint8_t window_scale; /* TCP_NO_SCALE: none */
	uint8_t ttl;      /* with which it arrived */
	bool complete;    /* the SYN+ACK was seen */
} TcpPrint;

typedef struct TcpOptions {
	uint32_t kinds;
	uint16_t mss;
	uint8_t window_scale;
	bool has_timestamp;
	uint32_t timestamp; /* TSval, RFC 7323 */
} TcpOptions;

/* What is malformed ends the list. */
TcpOptions tcp_options_read(ByteSpan options);

typedef struct TcpPrints {
	TcpPrint prints[TCP_PRINTS_MAX];
	unsigned n;
} TcpPrints;

/* The index of @print, from 1; 0 if there is no room. */
uint8_t tcp_prints_add(TcpPrints *prints, const TcpPrint *print);
/* @index was given by tcp_prints_add(). */
static inline const TcpPrint *tcp_prints_at(const TcpPrints *prints, uint8_t index)
{
	return &prints->prints[index - 1];
}

/* When the timestamp clock stood at 0, in units of 1024 ms that wrap after 18 hours, if it counts
 * milliseconds as nearly all do; never 0. */
uint16_t tcp_clock_base(uint32_t timestamp, int64_t now_ns);
