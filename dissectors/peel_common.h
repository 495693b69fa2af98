/* SPDX-License-Identifier: MIT */
/*
 * peel_common: the layers that nearly every frame has, for decap.c to run through without a call.
 *
 * Each is in the tables of peel_table.c under its own name too, for the frames that have it elsewhere.
 */
#pragma once

#include "dissectors/peel.h"

#include <string.h>

enum {
	ETHERNET_SIZE = 14, VLAN_SIZE = 4,
	ETHERNET_LENGTH_MAX = 1500, /* IEEE 802.3: up to here the field is a length */
	IPV4_SIZE = 20,
	IPV4_FRAGMENT_BITS = 0x3fff, /* More Fragments and the offset, RFC 791 section 3.1 */
	IPV6_SIZE = 40,
	TCP_SIZE = 20,
};

PEEL_INLINE PeelStatus peel_inline_ethernet(Peel *peel)
{
	if (peel->captured < ETHERNET_SIZE)
		return peel_lacks(peel, ETHERNET_SIZE);
	uint16_t type = peel_u16(peel->data + 12);
	if (type > ETHERNET_LENGTH_MAX)
		return peel_on(peel, ETHERNET_SIZE, PEEL_ETHERTYPE, type);
	peel_on(peel, ETHERNET_SIZE, PEEL_ETHERTYPE, ETHERTYPE_802_2);
	if (type < peel->on_wire)
		peel_set_size(peel, type);
	return PEEL_NEXT;
}

PEEL_INLINE PeelStatus peel_inline_vlan(Peel *peel)
{
	if (peel->captured < VLAN_SIZE)
		return peel_lacks(peel, VLAN_SIZE);
	uint16_t type = peel_u16(peel->data + 2);
	if (type <= ETHERNET_LENGTH_MAX)
		type = ETHERTYPE_802_2;
	return peel_on(peel, VLAN_SIZE, PEEL_ETHERTYPE, type);
}

PEEL_INLINE void address_set_v4(IpAddress *address, const uint8_t *octets)
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	memcpy(address->octets, prefix, sizeof prefix);
	memcpy(address->octets + sizeof prefix, octets, 4);
}

PEEL_INLINE PeelStatus peel_inline_ipv4(Peel *peel)
{
	if (peel->captured < IPV4_SIZE)
		return peel_lacks(peel, IPV4_SIZE);
	const uint8_t *at = peel->data;
	uint32_t header = (at[0] & 15u) * 4;
	if (at[0] >> 4 != 4 || header < IPV4_SIZE)
		return PEEL_MALFORMED;
	uint32_t total = peel_u16(at + 2);
	/* Segmentation offload leaves the length 0: the packet is all of the frame. */
	if (total != 0) {
		if (total < header)
			return PEEL_MALFORMED;
		peel_set_size(peel, total);
	}
	if (peel->captured < header)
		return peel_lacks(peel, header);
	if (peel_u16(at + 6) & IPV4_FRAGMENT_BITS)
		return peel_halt(peel, PEEL_HALT_IPV4_FRAGMENT);
	TcpSegment *segment = peel->segment;
	address_set_v4(&segment->source.address, at + 12);
	address_set_v4(&segment->destination.address, at + 16);
	segment->ip_id = peel_u16(at + 4);
	segment->ttl = at[8];
	return peel_on(peel, header, PEEL_IP_PROTOCOL, at[9]);
}

PEEL_INLINE PeelStatus peel_inline_ipv6(Peel *peel)
{
	if (peel->captured < IPV6_SIZE)
		return peel_lacks(peel, IPV6_SIZE);
	const uint8_t *at = peel->data;
	uint32_t size = peel_u16(at + 4);
	if (at[0] >> 4 != 6)
		return PEEL_MALFORMED;
	/* 0: segmentation offload, or a jumbogram (RFC 2675); in both the frame tells. */
	if (size != 0)
		peel_set_size(peel, IPV6_SIZE + size);
	TcpSegment *segment = peel->segment;
	memcpy(segment->source.address.octets, at + 8, 16);
	memcpy(segment->destination.address.octets, at + 24, 16);
	segment->ip_id = 0;
	segment->ttl = at[7];
	return peel_on(peel, IPV6_SIZE, PEEL_IP_PROTOCOL, at[6]);
}

/* A header of which only options were cut off still tells all that is needed here: where the
 * octets are in the stream, and how many. */
PEEL_INLINE PeelStatus peel_inline_tcp(Peel *peel)
{
	if (peel->captured < TCP_SIZE)
		return peel_lacks(peel, TCP_SIZE);
	const uint8_t *at = peel->data;
	uint32_t header = (at[12] >> 4) * 4u;
	if (header < TCP_SIZE || header > peel->on_wire)
		return PEEL_MALFORMED;
	TcpSegment *segment = peel->segment;
	segment->source.port = peel_u16(at);
	segment->destination.port = peel_u16(at + 2);
	segment->sequence = peel_u32(at + 4);
	segment->acknowledgement = peel_u32(at + 8);
	segment->flags = at[13];
	segment->window = peel_u16(at + 14);
	uint32_t there = header < peel->captured ? header : peel->captured;
	segment->options_size = (uint8_t)(there - TCP_SIZE);
	segment->payload = (ByteSpan){at + there, peel->captured - there};
	segment->payload_size = peel->on_wire - header;
	return PEEL_TCP;
}
