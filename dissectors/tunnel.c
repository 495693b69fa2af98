/* SPDX-License-Identifier: MIT */
/* tunnel: packets in packets, directly in IP or behind an EtherType: MPLS, PPPoE, GRE, ERSPAN. */
#include "dissectors/peel_layers.h"

enum {
	LINK_TYPE_PPP = 9,
	PPPOE_SIZE = 6,
	MPLS_SIZE = 4,
	ETHERTYPE_MPLS = 0x8847,
	CONTROL_WORD_SIZE = 4,
	GRE_SIZE = 4,
	GRE_PPTP_SIZE = 8,
	ETHERTYPE_GRE_PPP = 0x880b,
	ETHERTYPE_ERSPAN2 = 0x88be,
	ERSPAN2_SIZE = 8,
	ERSPAN3_SIZE = 12,
	ERSPAN3_SUBHEADER_SIZE = 8,
	ETHERIP_SIZE = 2,
};

/* RFC 2516 section 4: what it carries in a session is PPP, from its protocol number on. */
PeelStatus peel_pppoe(Peel *peel)
{
	if (peel->captured < PPPOE_SIZE)
		return peel_lacks(peel, PPPOE_SIZE);
	if (peel->data[0] != 0x11 || peel->data[1] != 0)
		return PEEL_MALFORMED;
	uint32_t size = peel_u16(peel->data + 4);
	peel_on(peel, PPPOE_SIZE, PEEL_LINK_TYPE, LINK_TYPE_PPP);
	peel_set_size(peel, size);
	return PEEL_NEXT;
}

/* RFC 3032 section 2.1.  Nothing in the labels says what follows them: IP tells itself by its
 * version; all else is Ethernet, behind a control word where that is (RFC 4928, RFC 4448). */
PeelStatus peel_mpls(Peel *peel)
{
	if (peel->captured < MPLS_SIZE)
		return peel_lacks(peel, MPLS_SIZE);
	bool bottom = peel->data[2] & 1;
	peel_on(peel, MPLS_SIZE, PEEL_ETHERTYPE, ETHERTYPE_MPLS);
	if (!bottom)
		return PEEL_NEXT;
	if (peel->captured < 1)
		return peel_lacks(peel, 1);
	uint16_t ip = peel_ip_ethertype(peel->data[0]);
	if (ip != 0)
		return peel_on(peel, 0, PEEL_ETHERTYPE, ip);
	if (peel->data[0] != 0)
		return peel_on(peel, 0, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
	if (peel->captured < CONTROL_WORD_SIZE)
		return peel_lacks(peel, CONTROL_WORD_SIZE);
	return peel_on(peel, CONTROL_WORD_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
}

/* RFC 2637 section 4.1: PPTP; a packet without payload is an acknowledgement. */
PeelStatus peel_pptp(Peel *peel)
{
	if (peel->captured < GRE_PPTP_SIZE)
		return peel_lacks(peel, GRE_PPTP_SIZE);
	uint16_t flags = peel_u16(peel->data);
	uint32_t size = GRE_PPTP_SIZE + (flags & 0x1000 ? 4u : 0) + (flags & 0x0080 ? 4u : 0);
	if (peel->captured < size)
		return peel_lacks(peel, size);
	if (peel_u16(peel->data + 2) != ETHERTYPE_GRE_PPP)
		return PEEL_MALFORMED;
	uint32_t payload = peel_u16(peel->data + 4);
	if (payload == 0)
		return peel_halt(peel, PEEL_HALT_GRE_ACKNOWLEDGEMENT);
	peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_PPP);
	peel_set_size(peel, payload);
	return PEEL_NEXT;
}

/* RFC 2784, RFC 2890 (key and sequence number).  ERSPAN of type I has no sequence number, and then
 * no header of its own. */
PeelStatus peel_gre(Peel *peel)
{
	if (peel->captured < GRE_SIZE)
		return peel_lacks(peel, GRE_SIZE);
	uint16_t flags = peel_u16(peel->data);
	uint16_t carried = peel_u16(peel->data + 2);
	if ((flags & 7) == 1)
		return peel_on(peel, 0, PEEL_TUNNEL, PEEL_TUNNEL_PPTP);
	/* Source routes of RFC 1701 are long gone, and other versions never came. */
	if (flags & 0x4007)
		return peel_halt(peel, PEEL_HALT_GRE);
	uint32_t size = GRE_SIZE + (flags & 0x8000 ? 4u : 0) + (flags & 0x2000 ? 4u : 0) +
	                (flags & 0x1000 ? 4u : 0);
	if (peel->captured < size)
		return peel_lacks(peel, size);
	if (carried == ETHERTYPE_ERSPAN2 && !(flags & 0x1000))
		return peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
	return peel_on(peel, size, PEEL_ETHERTYPE, carried);
}

/* draft-foschiano-erspan-03 section 4.2. */
PeelStatus peel_erspan2(Peel *peel)
{
	if (peel->captured < ERSPAN2_SIZE)
		return peel_lacks(peel, ERSPAN2_SIZE);
	if (peel->data[0] >> 4 != 1)
		return PEEL_MALFORMED;
	return peel_on(peel, ERSPAN2_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
}

/* The same, section 4.3: the frame type says whether an IP packet was mirrored without its link
 * header, the O bit whether a subheader follows. */
PeelStatus peel_erspan3(Peel *peel)
{
	enum { FRAME_ETHERNET = 0, FRAME_IP = 2, LINK_TYPE_RAW = 101 };
	if (peel->captured < ERSPAN3_SIZE)
		return peel_lacks(peel, ERSPAN3_SIZE);
	if (peel->data[0] >> 4 != 2)
		return PEEL_MALFORMED;
	unsigned frame = peel->data[10] >> 2 & 31;
	uint32_t size = ERSPAN3_SIZE + (peel->data[11] & 1 ? ERSPAN3_SUBHEADER_SIZE : 0);
	if (peel->captured < size)
		return peel_lacks(peel, size);
	if (frame == FRAME_IP)
		return peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_RAW);
	return frame == FRAME_ETHERNET ? peel_on(peel, size, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET)
	                               : peel_halt(peel, PEEL_HALT_ERSPAN);
}

/* RFC 3378 section 3. */
PeelStatus peel_etherip(Peel *peel)
{
	if (peel->captured < ETHERIP_SIZE)
		return peel_lacks(peel, ETHERIP_SIZE);
	if (peel->data[0] >> 4 != 3)
		return PEEL_MALFORMED;
	return peel_on(peel, ETHERIP_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
}
