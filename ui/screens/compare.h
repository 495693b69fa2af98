/* SPDX-License-Identifier: MIT */
/*
 * compare: what differs between two packets, or two connections, line by line.  Private to compare_*.c.
 */
#pragma once

#include "ui/screens/packet_fields.h"
#include "ui/screens/screen.h"
#include "ui/screens/scroller.h"

typedef struct CompareLine {
	char *label;  /* escaped */
	char *values[2]; /* likewise; NULL: absent on that side */
	uint8_t depth;
	bool heading;
	bool different;
} CompareLine;

/* An event of a history; @history NULL: there is none on that side. */
typedef struct CompareSide {
	History *history;
	uint32_t event;
} CompareSide;

/* A GArray of CompareLine, which owns its texts. */
GArray *compare_lines_new(void);
/* The fields of two packets; those with the same path of labels stand in one line. */
void compare_packets(GArray *lines, const View *view, const CompareSide sides[2]);
/* Two connections, given by their CONNECTs: CONNECT, CONNACK, and how they ended. */
void compare_connections(GArray *lines, const View *view, const CompareSide sides[2]);
