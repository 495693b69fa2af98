/* SPDX-License-Identifier: MIT */
/* ip: IPv4, IPv6 with its extension headers, and the TCP header. */
#include "dissectors/peel.h"

#include <string.h>

enum {
	IPV4_SIZE = 20,
	IPV4_FRAGMENT_BITS = 0x3fff, /* More Fragments and the offset, RFC 791 section 3.1 */
	IPV6_SIZE = 40,
	IPV6_EXTENSION_SIZE = 8,
	IPV6_FRAGMENT_BITS = 0xfff9, /* offset and M, RFC 8200 section 4.5 */
	TCP_SIZE = 20,
};

static void address_set_v4(IpAddress *address, const uint8_t *octets)
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	memcpy(address->octets, prefix, sizeof prefix);
	memcpy(address->octets + sizeof prefix, octets, 4);
}

PeelStatus peel_ipv4(Peel *peel)
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

PeelStatus peel_ipv6(Peel *peel)
{
	if (peel->captured < IPV6_SIZE)
		return peel_lacks(peel, IPV6_SIZE);
	const uint8_t *at = peel->data;
	if (at[0] >> 4 != 6)
		return PEEL_MALFORMED;
	uint32_t size = peel_u16(at + 4);
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

static PeelStatus skip_extension(Peel *peel, uint32_t size)
{
	if (peel->captured < size)
		return peel_lacks(peel, size);
	return peel_on(peel, size, PEEL_IP_PROTOCOL, peel->data[0]);
}

/* Hop-by-Hop, Routing, Destination Options and their likes, RFC 8200 section 4, RFC 6564. */
PeelStatus peel_ipv6_extension(Peel *peel)
{
	if (peel->captured < IPV6_EXTENSION_SIZE)
		return peel_lacks(peel, IPV6_EXTENSION_SIZE);
	return skip_extension(peel, (peel->data[1] + 1u) * 8);
}

PeelStatus peel_ipv6_fragment(Peel *peel)
{
	if (peel->captured < IPV6_EXTENSION_SIZE)
		return peel_lacks(peel, IPV6_EXTENSION_SIZE);
	/* An "atomic" fragment is the whole packet, RFC 6946. */
	if (peel_u16(peel->data + 2) & IPV6_FRAGMENT_BITS)
		return peel_halt(peel, PEEL_HALT_IPV6_FRAGMENT);
	return skip_extension(peel, IPV6_EXTENSION_SIZE);
}

/* RFC 4302 section 2.2: the length counts 4-octet units less 2. */
PeelStatus peel_authentication_header(Peel *peel)
{
	if (peel->captured < IPV6_EXTENSION_SIZE)
		return peel_lacks(peel, IPV6_EXTENSION_SIZE);
	return skip_extension(peel, (peel->data[1] + 2u) * 4);
}

/* A header of which only options were cut off still tells all that is needed here: where the
 * octets are in the stream, and how many. */
PeelStatus peel_tcp(Peel *peel)
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
	segment->payload = (ByteSpan){at + there, peel->captured - there};
	segment->payload_size = peel->on_wire - header;
	return PEEL_TCP;
}
