/* SPDX-License-Identifier: MIT */
/* peel_table: the layers, by number space. */
#include "dissectors/peel_table.h"

#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"

#include <glib.h>
#include <stdio.h>

#define SHAPE_IPV4 "=.L...f=.=*"
#define SHAPE_IPV6 "v...L.=*"

/* The frequent ones stand first: the search is linear. */
static const Layer link_types[] = {
	{LINK_TYPE_ETHERNET, "EN10MB", peel_ethernet, DECAP_TCP, "............=="},
	{276, "LINUX_SLL2", peel_sll2, DECAP_TCP, "==*"},
	{113, "LINUX_SLL", peel_sll, DECAP_TCP, "..............=="},
	{101, "RAW", peel_raw_ip, DECAP_TCP, "v"},
	{0, "NULL", peel_null, DECAP_TCP, "===="},
	{108, "LOOP", peel_null, DECAP_TCP, "===="},
	{9, "PPP", peel_ppp, DECAP_TCP, "=="},
	{12, "RAW", peel_raw_ip, DECAP_TCP, "v"},
	{14, "RAW", peel_raw_ip, DECAP_TCP, "v"},
	{228, "IPV4", peel_ipv4, DECAP_TCP, SHAPE_IPV4},
	{229, "IPV6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{127, "IEEE802_11_RADIO", peel_radiotap, DECAP_TCP, NULL},
	{105, "IEEE802_11", peel_wlan, DECAP_TCP, NULL},
	{192, "PPI", peel_ppi, DECAP_TCP, NULL},
	{239, "NFLOG", peel_nflog, DECAP_TCP, NULL},
};

static const Layer ethertypes[] = {
	{ETHERTYPE_IPV4, "ipv4", peel_ipv4, DECAP_TCP, SHAPE_IPV4},
	{ETHERTYPE_IPV6, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{ETHERTYPE_VLAN, "vlan", peel_vlan, DECAP_TCP, "..=="},
	{0x88a8, "vlan", peel_vlan, DECAP_TCP, "..=="},
	{0x9100, "vlan", peel_vlan, DECAP_TCP, "..=="},
	{0x0806, "arp", NULL, DECAP_OTHER, NULL},
	{ETHERTYPE_802_2, "llc", peel_llc, DECAP_TCP, NULL},
	{0x8847, "mpls", peel_mpls, DECAP_TCP, "..b.="},
	{0x8848, "mpls", peel_mpls, DECAP_TCP, "..b.="},
	{0x8863, "pppoe-discovery", NULL, DECAP_OTHER, NULL},
	{0x8864, "pppoe-session", peel_pppoe, DECAP_TCP, "==..L."},
	{0x6558, "ethernet", peel_ethernet, DECAP_TCP, "............=="},
	{0x88be, "erspan", peel_erspan2, DECAP_TCP, "v*"},
	{0x22eb, "erspan", peel_erspan3, DECAP_TCP, "v.........==*"},
	{0x8035, "rarp", NULL, DECAP_OTHER, NULL},
	{0x88cc, "lldp", NULL, DECAP_OTHER, NULL},
	{0x888e, "eapol", NULL, DECAP_OTHER, NULL},
	{0x88e5, "macsec", NULL, DECAP_UNDECODED, NULL},
};

static const Layer ip_protocols[] = {
	{IP_PROTOCOL_TCP, "tcp", peel_tcp, DECAP_TCP, NULL},
	{IP_PROTOCOL_UDP, "udp", peel_udp, DECAP_TCP, "..==L..."},
	{1, "icmp", NULL, DECAP_OTHER, NULL},
	{58, "icmpv6", NULL, DECAP_OTHER, NULL},
	{0, "ipv6-hop-by-hop", peel_ipv6_extension, DECAP_TCP, "==*"},
	{43, "ipv6-routing", peel_ipv6_extension, DECAP_TCP, "==*"},
	{44, "ipv6-fragment", peel_ipv6_fragment, DECAP_TCP, NULL},
	{51, "ah", peel_authentication_header, DECAP_TCP, "==*"},
	{60, "ipv6-destination", peel_ipv6_extension, DECAP_TCP, "==*"},
	{135, "ipv6-mobility", peel_ipv6_extension, DECAP_TCP, "==*"},
	{139, "hip", peel_ipv6_extension, DECAP_TCP, "==*"},
	{140, "shim6", peel_ipv6_extension, DECAP_TCP, "==*"},
	{59, "ipv6-no-next-header", NULL, DECAP_OTHER, NULL},
	{2, "igmp", NULL, DECAP_OTHER, NULL},
	{132, "sctp", NULL, DECAP_OTHER, NULL},
	{89, "ospf", NULL, DECAP_OTHER, NULL},
	{103, "pim", NULL, DECAP_OTHER, NULL},
	{112, "vrrp", NULL, DECAP_OTHER, NULL},
	{4, "ipip", peel_ipv4, DECAP_TCP, SHAPE_IPV4},
	{41, "ipv6-in-ip", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{47, "gre", peel_gre, DECAP_TCP, "====*"},
	{50, "esp", NULL, DECAP_UNDECODED, NULL},
	{115, "l2tp", NULL, DECAP_UNDECODED, NULL},
	{137, "mpls", peel_mpls, DECAP_TCP, "..b.="},
	{97, "etherip", peel_etherip, DECAP_TCP, "v."},
};

static const Layer ppp_protocols[] = {
	{0x0021, "ipv4", peel_ipv4, DECAP_TCP, SHAPE_IPV4},
	{0x0057, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{0x0281, "mpls", peel_mpls, DECAP_TCP, "..b.="},
	{0x0283, "mpls", peel_mpls, DECAP_TCP, "..b.="},
	{0xc021, "ppp-lcp", NULL, DECAP_OTHER, NULL},
	{0xc023, "ppp-pap", NULL, DECAP_OTHER, NULL},
	{0xc223, "ppp-chap", NULL, DECAP_OTHER, NULL},
	{0x8021, "ppp-ipcp", NULL, DECAP_OTHER, NULL},
	{0x8057, "ppp-ipv6cp", NULL, DECAP_OTHER, NULL},
};

/* AF_INET is 2 everywhere, AF_INET6 is not: Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
static const Layer families[] = {
	{2, "ipv4", peel_ipv4, DECAP_TCP, SHAPE_IPV4},  {10, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{24, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6}, {28, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
	{30, "ipv6", peel_ipv6, DECAP_TCP, SHAPE_IPV6},
};

static const Layer tunnels[] = {
	{PEEL_TUNNEL_VXLAN, "vxlan", peel_vxlan, DECAP_TCP, "=......="},
	{PEEL_TUNNEL_VXLAN_FOUND, "vxlan", peel_vxlan, DECAP_TCP, "====...="},
	{PEEL_TUNNEL_VXLAN_GPE, "vxlan-gpe", peel_vxlan_gpe, DECAP_TCP, "=..=...="},
	{PEEL_TUNNEL_GENEVE, "geneve", peel_geneve, DECAP_TCP, "====...=*"},
	{PEEL_TUNNEL_GTP, "gtp", peel_gtp, DECAP_TCP, "==L....."},
	{PEEL_TUNNEL_PPTP, "pptp", peel_pptp, DECAP_TCP, "====L...*"},
};

static const Layer halts[] = {
	{PEEL_HALT_IPV4_FRAGMENT, "ipv4-fragment", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_IPV6_FRAGMENT, "ipv6-fragment", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_LLC, "llc", NULL, DECAP_OTHER, NULL},
	{PEEL_HALT_TOO_DEEP, "nested-too-deep", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_UDP, "udp", NULL, DECAP_OTHER, NULL},
	{PEEL_HALT_GRE, "gre", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_GRE_ACKNOWLEDGEMENT, "gre-acknowledgement", NULL, DECAP_OTHER, NULL},
	{PEEL_HALT_ERSPAN, "erspan", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_VXLAN_GPE, "vxlan-gpe", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_GTP, "gtp-signalling", NULL, DECAP_OTHER, NULL},
	{PEEL_HALT_WLAN_OTHER, "802.11-without-data", NULL, DECAP_OTHER, NULL},
	{PEEL_HALT_WLAN_PROTECTED, "802.11-protected", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_WLAN_FRAGMENT, "802.11-fragment", NULL, DECAP_UNDECODED, NULL},
	{PEEL_HALT_WLAN_AGGREGATE, "802.11-aggregate", NULL, DECAP_UNDECODED, NULL},
};

typedef struct LayerSpace {
	const Layer *layers;
	unsigned n_layers;
	const char *unknown; /* the name of a number without entry begins so; the number follows */
	bool hexadecimal;
} LayerSpace;

#define LAYERS(table) .layers = (table), .n_layers = G_N_ELEMENTS(table)
static const LayerSpace spaces[PEEL_N_SPACES] = {
	[PEEL_LINK_TYPE] = {LAYERS(link_types), "link-type-", false},
	[PEEL_ETHERTYPE] = {LAYERS(ethertypes), "ethertype-0x", true},
	[PEEL_IP_PROTOCOL] = {LAYERS(ip_protocols), "ip-protocol-", false},
	[PEEL_PPP_PROTOCOL] = {LAYERS(ppp_protocols), "ppp-protocol-0x", true},
	[PEEL_FAMILY] = {LAYERS(families), "address-family-", false},
	[PEEL_TUNNEL] = {LAYERS(tunnels), "tunnel-", false},
	[PEEL_HALT] = {LAYERS(halts), "halt-", false},
};
#undef LAYERS

const Layer *layer_find(PeelSpace space, uint16_t number)
{
	const LayerSpace *in = &spaces[space];
	for (unsigned i = 0; i < in->n_layers; i++)
		if (in->layers[i].number == number)
			return &in->layers[i];
	return NULL;
}

void layer_name_unknown(PeelSpace space, uint16_t number, char name[static LAYER_NAME_SIZE])
{
	const LayerSpace *in = &spaces[space];
	if (in->hexadecimal)
		snprintf(name, LAYER_NAME_SIZE, "%s%04x", in->unknown, (unsigned)number);
	else
		snprintf(name, LAYER_NAME_SIZE, "%s%u", in->unknown, (unsigned)number);
}

const char *link_type_name(uint16_t link_type)
{
	const Layer *layer = layer_find(PEEL_LINK_TYPE, link_type);
	return layer != NULL ? layer->name : NULL;
}
