/* SPDX-License-Identifier: MIT */
/*
 * peel_vxlan: the tunnel that is met most often, for decap.c to run through without a call.
 */
#pragma once

#include "dissectors/peel.h"

enum { LINK_TYPE_ETHERNET = 1, UDP_SIZE = 8, VXLAN_SIZE = 8, PORT_VXLAN = 4789 };

/* A datagram on the port of VXLAN (RFC 7348 section 5) that holds a whole frame, as nearly all of them
 * do; false: it may be anything, and nothing was taken. */
PEEL_INLINE bool peel_inline_vxlan(Peel *peel)
{
	const uint8_t *at = peel->data;
	if (peel->space != PEEL_IP_PROTOCOL || peel->captured < UDP_SIZE + VXLAN_SIZE ||
	    peel_u16(at + 2) != PORT_VXLAN || peel_u16(at + 4) != peel->on_wire ||
	    (at[UDP_SIZE] & 0x08) == 0 || at[UDP_SIZE + 7] != 0)
		return false;
	peel_on(peel, UDP_SIZE + VXLAN_SIZE, PEEL_LINK_TYPE, LINK_TYPE_ETHERNET);
	return true;
}
