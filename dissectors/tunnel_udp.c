/* SPDX-License-Identifier: MIT */
/*
 * tunnel_udp: packets in UDP: VXLAN, Geneve, GTP-U.
 *
 * On its own port a tunnel is believed when its header makes sense.  VXLAN is found on any port,
 * for it is run on many; elsewhere an IP packet must follow that fills the datagram and whose
 * checksum is right.
 */
#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"
#include "dissectors/peel_path.h"

enum {
	UDP_SIZE = 8,
	VXLAN_SIZE = 8,
	LINK_TYPE_RAW = 101,
	PORT_VXLAN = 4789,
	PORT_GTP_U = 2152,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_VXLAN_LINUX = 8472, /* before there was an official one; flannel still has it */
	GENEVE_SIZE = 8,
	GTP_SIZE = 8,
	GTP_OPTIONS_SIZE = 4,
	GTP_EXTENSIONS = 8,
	GTP_G_PDU = 255,
	PADDING_MAX = 46, /* of the shortest Ethernet frame */
};

/* --- VXLAN -------------------------------------------------------------------------------- */

/* RFC 1071, over the header of an IPv4 packet: the sum with the checksum in it is all ones. */
static bool is_sum_right(const uint8_t *header, uint32_t size)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < size; i += 2)
		sum += peel_u16(header + i);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

/* Whether the whole of what is left is an IP packet, but for padding. */
static bool fills(const Peel *peel, uint32_t size)
{
	return size <= peel->on_wire && peel->on_wire - size <= PADDING_MAX;
}

bool peel_proves_ip(const Peel *peel)
{
	const uint8_t *at = peel->data;
	if (peel->number == ETHERTYPE_IPV6)
		return peel->captured >= IPV6_SIZE && at[0] >> 4 == 6 &&
		       fills(peel, IPV6_SIZE + peel_u16(at + 4));
	if (peel->number != ETHERTYPE_IPV4 || peel->captured < IPV4_SIZE || at[0] >> 4 != 4)
		return false;
	uint32_t header = (at[0] & 15u) * 4;
	return header >= IPV4_SIZE && peel->captured >= header && fills(peel, peel_u16(at + 2)) &&
	       is_sum_right(at, header);
}

static bool is_ethernet_with_ip(Peel peel)
{
	if (peel_inline_ethernet(&peel) != PEEL_NEXT)
		return false;
	for (unsigned tags = 0; tags < 2 && (peel.number == 0x8100 || peel.number == 0x88a8); tags++)
		if (peel_vlan(&peel) != PEEL_NEXT)
			return false;
	return peel_proves_ip(&peel);
}

/* RFC 7348 section 5; Group Based Policy uses more bits of the first octets. */
static bool is_vxlan(const Peel *peel, bool own_port)
{
	if (peel->captured < VXLAN_SIZE)
		return false;
	const uint8_t *at = peel->data;
	if (own_port)
		return (at[0] & 0x08) != 0 && at[7] == 0;
	Peel inner = *peel;
	peel_on(&inner, VXLAN_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
	return at[0] == 0x08 && at[1] == 0 && at[2] == 0 && at[3] == 0 && at[7] == 0 &&
	       is_ethernet_with_ip(inner);
}

PeelStatus peel_vxlan(Peel *peel)
{
	return peel_on(peel, VXLAN_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
}

PeelStatus peel_vxlan_gpe(Peel *peel)
{
	enum { NEXT_IPV4 = 1, NEXT_IPV6 = 2, NEXT_ETHERNET = 3 };
	bool names_next = peel->data[0] & 0x04;
	switch (names_next ? peel->data[3] : NEXT_ETHERNET) {
	case NEXT_IPV4:
		return peel_on(peel, VXLAN_SIZE, PEEL_ETHERTYPE, ETHERTYPE_IPV4);
	case NEXT_IPV6:
		return peel_on(peel, VXLAN_SIZE, PEEL_ETHERTYPE, ETHERTYPE_IPV6);
	case NEXT_ETHERNET:
		return peel_on(peel, VXLAN_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
	default:
		return peel_halt(peel, PEEL_HALT_VXLAN_GPE);
	}
}

/* --- Geneve ------------------------------------------------------------------------------- */

/* RFC 8926 section 3.4: version 0, two reserved fields of zeros. */
static bool is_geneve(const Peel *peel)
{
	return peel->captured >= GENEVE_SIZE && peel->data[0] >> 6 == 0 && (peel->data[1] & 0x3f) == 0 &&
	       peel->data[7] == 0;
}

PeelStatus peel_geneve(Peel *peel)
{
	uint32_t size = GENEVE_SIZE + (peel->data[0] & 0x3fu) * 4;
	if (peel->captured < size)
		return peel_lacks(peel, size);
	return peel_on(peel, size, PEEL_ETHERTYPE, peel_u16(peel->data + 2));
}

/* --- GTP-U -------------------------------------------------------------------------------- */

/* 3GPP TS 29.281 section 5.1: version 1, GTP and not GTP', and the length is that of the rest. */
static bool is_gtp(const Peel *peel)
{
	return peel->captured >= GTP_SIZE && peel->data[0] >> 4 == 3 &&
	       peel_u16(peel->data + 2) + (uint32_t)GTP_SIZE <= peel->on_wire;
}

/* Section 5.2: each extension header names the next in its last octet. */
static PeelStatus peel_gtp_extensions(Peel *peel, uint8_t next)
{
	for (unsigned n = 0; next != 0; n++) {
		if (n == GTP_EXTENSIONS)
			return peel_halt(peel, PEEL_HALT_TOO_DEEP);
		if (peel->captured < 1)
			return peel_lacks(peel, 1);
		uint32_t size = peel->data[0] * 4u;
		if (size == 0)
			return PEEL_MALFORMED;
		if (peel->captured < size)
			return peel_lacks(peel, size);
		next = peel->data[size - 1];
		peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	}
	return PEEL_NEXT;
}

PeelStatus peel_gtp(Peel *peel)
{
	uint8_t flags = peel->data[0];
	if (peel->data[1] != GTP_G_PDU)
		return peel_halt(peel, PEEL_HALT_GTP);
	uint32_t size = peel_u16(peel->data + 2);
	peel_on(peel, GTP_SIZE, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	peel_set_size(peel, size);
	if ((flags & 7) == 0)
		return PEEL_NEXT;
	if (peel->captured < GTP_OPTIONS_SIZE)
		return peel_lacks(peel, GTP_OPTIONS_SIZE);
	uint8_t next = flags & 4 ? peel->data[3] : 0;
	peel_on(peel, GTP_OPTIONS_SIZE, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	return peel_gtp_extensions(peel, next);
}

/* --- UDP ---------------------------------------------------------------------------------- */

/* Whether a tunnel's header was there, and was cut off. */
static bool is_cut(const Peel *peel, uint16_t port)
{
	bool own = port == PORT_VXLAN || port == PORT_VXLAN_LINUX || port == PORT_VXLAN_GPE ||
	           port == PORT_GENEVE || port == PORT_GTP_U;
	return own && peel->captured < VXLAN_SIZE && peel->on_wire >= VXLAN_SIZE;
}

static PeelStatus find_tunnel(Peel *peel, uint16_t port)
{
	if (is_cut(peel, port))
		return PEEL_CUT;
	bool own = port == PORT_VXLAN || port == PORT_VXLAN_LINUX;
	if (port == PORT_GENEVE && is_geneve(peel))
		return peel_on(peel, 0, PEEL_TUNNEL, PEEL_TUNNEL_GENEVE);
	if (port == PORT_GTP_U && is_gtp(peel))
		return peel_on(peel, 0, PEEL_TUNNEL, PEEL_TUNNEL_GTP);
	if (port == PORT_VXLAN_GPE && is_vxlan(peel, true))
		return peel_on(peel, 0, PEEL_TUNNEL, PEEL_TUNNEL_VXLAN_GPE);
	if (is_vxlan(peel, own))
		return peel_on(peel, 0, PEEL_TUNNEL, own ? PEEL_TUNNEL_VXLAN : PEEL_TUNNEL_VXLAN_FOUND);
	return peel_halt(peel, PEEL_HALT_UDP);
}

PeelStatus peel_udp(Peel *peel)
{
	if (peel->captured < UDP_SIZE)
		return peel_lacks(peel, UDP_SIZE);
	uint32_t size = peel_u16(peel->data + 4);
	/* 0: segmentation offload; what a datagram of less octets than its header says is anyone's. */
	if (size >= UDP_SIZE)
		peel_set_size(peel, size);
	else if (size != 0)
		return PEEL_MALFORMED;
	peel->segment->source.port = peel_u16(peel->data);
	peel->segment->destination.port = peel_u16(peel->data + 2);
	peel_on(peel, UDP_SIZE, PEEL_HALT, PEEL_HALT_UDP);
	return find_tunnel(peel, peel->segment->destination.port);
}
