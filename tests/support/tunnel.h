/* SPDX-License-Identifier: MIT */
/*
 * What carries IP packets instead of plain Ethernet: tunnels, fragments, radio. Written from the
 * standards, without a look at what takes it apart.
 */
#pragma once

#include "tests/support/builder.h"

/* Whether `link` is made here. */
bool tunnel_is(BuilderLink link);
/* Whether the packets in it are IPv6 whatever the ends are. */
bool tunnel_wants_ipv6(BuilderLink link);
guint32 tunnel_link_type(BuilderLink link);
/* The frames that carry `packet`, the `number`th one; elements are GByteArray. */
GPtrArray *tunnel_frames(BuilderLink link, const GByteArray *packet, guint number);
