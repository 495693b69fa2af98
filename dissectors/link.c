/* SPDX-License-Identifier: MIT */
/* link: link-layer headers. */
#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"

enum {
	LLC_SIZE = 3,
	SNAP_SIZE = 8,
	SLL_SIZE = 16,
	SLL2_SIZE = 20,
	NULL_SIZE = 4,
};

PeelStatus peel_ethernet(Peel *peel)
{
	return peel_inline_ethernet(peel);
}

PeelStatus peel_vlan(Peel *peel)
{
	return peel_inline_vlan(peel);
}

PeelStatus peel_llc(Peel *peel)
{
	if (peel->captured < LLC_SIZE)
		return peel_lacks(peel, LLC_SIZE);
	const uint8_t *at = peel->data;
	if (at[0] != 0xaa || at[1] != 0xaa || at[2] != 0x03)
		return peel_halt(peel, PEEL_HALT_LLC);
	if (peel->captured < SNAP_SIZE)
		return peel_lacks(peel, SNAP_SIZE);
	if (at[3] != 0 || at[4] != 0 || at[5] != 0)
		return peel_halt(peel, PEEL_HALT_LLC);
	return peel_on(peel, SNAP_SIZE, PEEL_ETHERTYPE, peel_u16(at + 6));
}

PeelStatus peel_sll(Peel *peel)
{
	if (peel->captured < SLL_SIZE)
		return peel_lacks(peel, SLL_SIZE);
	return peel_on(peel, SLL_SIZE, PEEL_ETHERTYPE, peel_u16(peel->data + 14));
}

PeelStatus peel_sll2(Peel *peel)
{
	if (peel->captured < SLL2_SIZE)
		return peel_lacks(peel, SLL2_SIZE);
	return peel_on(peel, SLL2_SIZE, PEEL_ETHERTYPE, peel_u16(peel->data));
}

/* The family stands in the byte order of the capturing host; none is above 0xffff in its own. */
PeelStatus peel_null(Peel *peel)
{
	if (peel->captured < NULL_SIZE)
		return peel_lacks(peel, NULL_SIZE);
	uint32_t family = peel_u32(peel->data);
	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	if (family > UINT16_MAX)
		return PEEL_MALFORMED;
	return peel_on(peel, NULL_SIZE, PEEL_FAMILY, (uint16_t)family);
}

PeelStatus peel_raw_ip(Peel *peel)
{
	if (peel->captured < 1)
		return peel_lacks(peel, 1);
	uint16_t ip = peel_ip_ethertype(peel->data[0]);
	return ip != 0 ? peel_on(peel, 0, PEEL_ETHERTYPE, ip) : PEEL_MALFORMED;
}

/* RFC 1662 section 3.1 (Address and Control), RFC 1661 section 2 (the protocol number is odd, so
 * that an odd first octet is all of it when compressed). */
PeelStatus peel_ppp(Peel *peel)
{
	uint32_t size = 0;
	if (peel->captured >= 2 && peel->data[0] == 0xff && peel->data[1] == 0x03)
		size = 2;
	else if (peel->captured == 1 && peel->data[0] == 0xff)
		return peel_lacks(peel, 2);
	if (peel->captured < size + 1)
		return peel_lacks(peel, size + 1);
	if (peel->data[size] & 1)
		return peel_on(peel, size + 1, PEEL_PPP_PROTOCOL, peel->data[size]);
	if (peel->captured < size + 2)
		return peel_lacks(peel, size + 2);
	return peel_on(peel, size + 2, PEEL_PPP_PROTOCOL, peel_u16(peel->data + size));
}
