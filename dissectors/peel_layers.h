/* SPDX-License-Identifier: MIT */
/* peel_layers: every layer there is, for the tables of peel_table.c. */
#pragma once

#include "dissectors/fragments.h"
#include "dissectors/peel.h"

typedef enum PeelTunnel {
	PEEL_TUNNEL_VXLAN,
	PEEL_TUNNEL_VXLAN_FOUND, /* by what it carries, not by its port */
	PEEL_TUNNEL_VXLAN_GPE,
	PEEL_TUNNEL_GENEVE,
	PEEL_TUNNEL_GTP,
	PEEL_TUNNEL_PPTP,
} PeelTunnel;

PeelStatus peel_ethernet(Peel *peel);
PeelStatus peel_vlan(Peel *peel);
PeelStatus peel_llc(Peel *peel);
PeelStatus peel_sll(Peel *peel);
PeelStatus peel_sll2(Peel *peel);
PeelStatus peel_null(Peel *peel);
PeelStatus peel_raw_ip(Peel *peel);
PeelStatus peel_ppp(Peel *peel);
PeelStatus peel_ipv4(Peel *peel);
PeelStatus peel_ipv6(Peel *peel);
PeelStatus peel_ipv6_extension(Peel *peel);
PeelStatus peel_ipv6_fragment(Peel *peel);
PeelStatus peel_authentication_header(Peel *peel);
PeelStatus peel_tcp(Peel *peel);
/* What @peel, halted at it, stands at. */
void peel_ipv4_fragment_of(Peel *peel, Fragment *fragment);
void peel_ipv6_fragment_of(Peel *peel, Fragment *fragment);
PeelStatus peel_pppoe(Peel *peel);
PeelStatus peel_mpls(Peel *peel);
PeelStatus peel_gre(Peel *peel);
PeelStatus peel_erspan2(Peel *peel);
PeelStatus peel_erspan3(Peel *peel);
PeelStatus peel_etherip(Peel *peel);
PeelStatus peel_pptp(Peel *peel);
PeelStatus peel_udp(Peel *peel);
PeelStatus peel_vxlan(Peel *peel);
PeelStatus peel_vxlan_gpe(Peel *peel);
PeelStatus peel_geneve(Peel *peel);
PeelStatus peel_gtp(Peel *peel);
PeelStatus peel_radiotap(Peel *peel);
PeelStatus peel_wlan(Peel *peel);
PeelStatus peel_ppi(Peel *peel);
PeelStatus peel_nflog(Peel *peel);
