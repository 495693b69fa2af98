/* SPDX-License-Identifier: MIT */
/* ip: IPv4, IPv6 with its extension headers, and the TCP header. */
#include "dissectors/peel_common.h"

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
