/* SPDX-License-Identifier: MIT */
/*
 * tcp_rig: a TCP table with one listener that writes down what it hears.
 *
 * The log is a line of words: "open", "0<abc>" octets of side 0, "0~5m" a gap of
 * 5 octets (m missing, t truncated, d dropped), "0.fin", "refused", "closed".
 */
#pragma once

#include "dissectors/tcp.h"

#include <glib.h>

typedef struct Rig {
	TcpTable *table;
	TcpFlow *flow; /* the last one opened */
	GString *log;
	GByteArray *octets[2]; /* as delivered */
	uint64_t gap_bytes[2];
	unsigned gaps[2];
	unsigned n_open;
	unsigned n_closed;
	bool quiet;      /* no log */
	bool deaf;       /* opened() returns no sink */
	bool ignores;    /* the first octets make the listener call tcp_flow_ignore() */
	StreamPoint at;  /* of the next segment */
	int64_t step_ns; /* from one segment to the next */
	uint16_t port;   /* of the client */
	uint16_t ip_id;
	uint16_t window;
} Rig;

enum { RIG_CLIENT_PORT = 40000, RIG_SERVER_PORT = 1883 };

void rig_init(Rig *rig, const TcpLimits *limits);
void rig_clear(Rig *rig);
/* A segment from the client (0) or the server (1). */
void rig_send(Rig *rig, unsigned from, unsigned flags, uint32_t sequence, uint32_t ack);
void rig_text(Rig *rig, unsigned from, uint32_t sequence, uint32_t ack, const char *text);
void rig_segment(Rig *rig, unsigned from, TcpSegment segment);
/* SYN, SYN+ACK, ACK: the client's octets begin at @client + 1, the server's at @server + 1. */
void rig_handshake(Rig *rig, uint32_t client, uint32_t server);
void rig_finish(Rig *rig);
/* The log is @expected; it is empty afterwards. */
void rig_expect(Rig *rig, const char *expected);

const TcpCounts *rig_counts(const Rig *rig);
/* A handshake with the numbers 1000 and 5000, gone from the log. */
void rig_open(Rig *rig);
/* Fixtures: a test's state is a fresh rig. */
int rig_set_up(void **state);
int rig_tear_down(void **state);
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
