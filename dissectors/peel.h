/* SPDX-License-Identifier: MIT */
/*
 * peel: what the layers of decapsulation share.
 *
 * A layer takes its header off the front of a Peel and names what comes next by
 * a number space and a number in it.  To plug in another layer, write a
 * PeelLayer, name it in peel_layers.h and put it into one line of the tables in
 * peel_table.c.
 */
#pragma once

#include "dissectors/net.h"

/* The number spaces in which a header names what it carries. */
typedef enum PeelSpace {
	PEEL_LINK_TYPE, /* tcpdump.org LINKTYPE */
	PEEL_ETHERTYPE, /* with Linux' 0x0004 for an 802.2 header */
	PEEL_IP_PROTOCOL,
	PEEL_PPP_PROTOCOL,
	PEEL_FAMILY, /* AF_ of the capturing system */
	PEEL_TUNNEL, /* enum PeelTunnel: what a header turned out to be in front of */
	PEEL_HALT,   /* enum PeelHalt: known, but not followed */
	PEEL_N_SPACES,
} PeelSpace;

typedef enum PeelHalt {
	PEEL_HALT_IPV4_FRAGMENT,
	PEEL_HALT_IPV6_FRAGMENT,
	PEEL_HALT_LLC,
	PEEL_HALT_TOO_DEEP,
	PEEL_HALT_UDP, /* no tunnel; the ports are in the segment */
	PEEL_HALT_GRE,
	PEEL_HALT_GRE_ACKNOWLEDGEMENT,
	PEEL_HALT_ERSPAN,
	PEEL_HALT_VXLAN_GPE,
	PEEL_HALT_GTP,
	PEEL_HALT_WLAN_OTHER,
	PEEL_HALT_WLAN_PROTECTED,
	PEEL_HALT_WLAN_FRAGMENT,
	PEEL_HALT_WLAN_AGGREGATE,
} PeelHalt;

enum { ETHERTYPE_802_2 = 0x0004, ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_VLAN = 0x8100, ETHERTYPE_IPV6 = 0x86dd };
enum { LINK_TYPE_ETHERNET = 1, IP_PROTOCOL_TCP = 6, IP_PROTOCOL_UDP = 17 };

/* What is left of a frame.  Invariant: captured <= on_wire.  Space and number are set one by one and asked
 * for together: in one word of memory, the processor would have to wait for both to be stored. */
typedef struct Peel {
	const uint8_t *data;
	PeelSpace space; /* of the layer that @data begins with */
	uint32_t captured;
	uint32_t on_wire;
	uint16_t number;
	uint8_t layers; /* taken off so far */
	TcpSegment *segment;
} Peel;

typedef enum PeelStatus {
	PEEL_NEXT, /* space and number name the next layer */
	PEEL_TCP,  /* the segment is filled */
	PEEL_CUT,
	PEEL_MALFORMED,
	PEEL_WAITING,  /* a fragment: others are to come */
	PEEL_GIVEN_UP, /* counted already */
} PeelStatus;

typedef PeelStatus (*PeelLayer)(Peel *peel);

/* For what nearly every frame has, in each of the few places that run through it: only without a call
 * does a Peel stay in registers. */
#define PEEL_INLINE static inline __attribute__((always_inline))

static inline uint16_t peel_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Of an IP packet, by the version that its first octet has; 0: it is none. */
static inline uint16_t peel_ip_ethertype(uint8_t first)
{
	unsigned version = first >> 4;
	return version == 4 ? ETHERTYPE_IPV4 : version == 6 ? ETHERTYPE_IPV6 : 0;
}

static inline uint32_t peel_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Why @size octets are not there: cut off by the snap length, or never sent. */
static inline PeelStatus peel_lacks(const Peel *peel, uint32_t size)
{
	return peel->on_wire >= size ? PEEL_CUT : PEEL_MALFORMED;
}

/* The next layer begins @size octets on, which must have been captured. */
static inline PeelStatus peel_on(Peel *peel, uint32_t size, PeelSpace space, uint16_t number)
{
	peel->data += size;
	peel->captured -= size;
	peel->on_wire -= size;
	peel->space = space;
	peel->number = number;
	return PEEL_NEXT;
}

static inline PeelStatus peel_halt(Peel *peel, PeelHalt why)
{
	return peel_on(peel, 0, PEEL_HALT, (uint16_t)why);
}

/* The layer says that it is @size octets long: what is behind them is padding.  If it says more
 * than the frame had, the rest counts as cut off. */
static inline void peel_set_size(Peel *peel, uint32_t size)
{
	peel->on_wire = size;
	if (peel->captured > size)
		peel->captured = size;
}
