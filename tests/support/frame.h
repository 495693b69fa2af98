/* SPDX-License-Identifier: MIT */
/* One TCP segment as a frame of a link layer, with all lengths and checksums right. */
#pragma once

#include "tests/support/builder.h"

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

typedef struct {
	BuilderEnd source, destination;
	guint32 sequence, acknowledgement;
	guint8 flags;
	gint64 time;
	const guint8 *payload;
	guint length;
	guint16 number; /* IPv4 identification */
} FrameSegment;

/* The frames that carry it, more than one in some links; elements are GByteArray, which the caller
 * takes over. */
GPtrArray *frame_make(const FrameSegment *segment, BuilderLink link);

/* The number that stands in the pcap file header. */
guint32 frame_link_type(BuilderLink link);
