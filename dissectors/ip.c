/* SPDX-License-Identifier: MIT */
/* ip: IPv4, IPv6 with its extension headers, and the TCP header. */
#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"

enum {
	IPV6_EXTENSION_SIZE = 8,
	IPV6_FRAGMENT_BITS = 0xfff9, /* offset and M, RFC 8200 section 4.5 */
};

PeelStatus peel_ipv4(Peel *peel)
{
	return peel_inline_ipv4(peel);
}

PeelStatus peel_ipv6(Peel *peel)
{
	return peel_inline_ipv6(peel);
}

PeelStatus peel_tcp(Peel *peel)
{
	return peel_inline_tcp(peel);
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

/* RFC 791 section 3.1: offsets count 8 octets; the peel stands at the IP header. */
void peel_ipv4_fragment_of(Peel *peel, Fragment *fragment)
{
	const uint8_t *at = peel->data;
	TcpSegment *segment = peel->segment;
	address_set_v4(&segment->source.address, at + 12);
	address_set_v4(&segment->destination.address, at + 16);
	segment->ip_id = peel_u16(at + 4);
	segment->ttl = at[8];
	fragment->key = (FragmentKey){.which = (uint64_t)at[9] << 32 | peel_u16(at + 4)};
	memcpy(fragment->key.addresses, at + 12, 8);
	fragment->protocol = at[9];
	fragment->offset = (peel_u16(at + 6) & 0x1fffu) * 8;
	fragment->more = at[6] & 0x20;
	peel_on(peel, (at[0] & 15u) * 4, PEEL_HALT, PEEL_HALT_IPV4_FRAGMENT);
	fragment->bytes = (ByteSpan){peel->data, peel->captured};
	fragment->size = peel->on_wire;
}

/* RFC 8200 section 4.5: the peel stands at the Fragment header. */
void peel_ipv6_fragment_of(Peel *peel, Fragment *fragment)
{
	const uint8_t *at = peel->data;
	fragment->key.which = FRAGMENT_KEY_V6 | peel_u32(at + 4);
	memcpy(fragment->key.addresses, peel->segment->source.address.octets, 16);
	memcpy(fragment->key.addresses + 2, peel->segment->destination.address.octets, 16);
	fragment->protocol = at[0];
	fragment->offset = peel_u16(at + 2) & 0xfff8u;
	fragment->more = at[3] & 1;
	peel_on(peel, IPV6_EXTENSION_SIZE, PEEL_HALT, PEEL_HALT_IPV6_FRAGMENT);
	fragment->bytes = (ByteSpan){peel->data, peel->captured};
	fragment->size = peel->on_wire;
}
