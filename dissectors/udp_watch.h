/* SPDX-License-Identifier: MIT */
/*
 * udp_watch: what runs over UDP and may be MQTT all the same: over QUIC, or for Sensor Networks.
 *
 * Neither is decoded; both are recognised, by a few datagrams of a flow, and named.  The flows are
 * remembered in a table of fixed size, where a newer one takes the place of an older.
 */
#pragma once

#include "dissectors/net.h"

typedef struct UdpWatch UdpWatch;

enum { UDP_WATCH_TRIES = 1 << 16 }; /* packets of QUIC that are opened, of a capture */

typedef enum UdpKind {
	UDP_PLAIN,
	UDP_QUIC, /* anything else over it, or what cannot be told */
	UDP_QUIC_MQTT,
	UDP_MQTT_SN,
} UdpKind;

UdpWatch *udp_watch_new(void);
void udp_watch_free(UdpWatch *watch);
/* One datagram between the two; @begins: it is the one that told. */
UdpKind udp_watch(UdpWatch *watch, const Endpoint *source, const Endpoint *destination,
                  ByteSpan datagram, bool *begins);
