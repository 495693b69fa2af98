/* SPDX-License-Identifier: MIT */
/* decap: the tables of layers, and the walk through them. */
#include "dissectors/decap.h"

#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"
#include "dissectors/peel_vxlan.h"
#include "dissectors/udp_watch.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum { IP_PROTOCOL_TCP = 6, IP_PROTOCOL_UDP = 17 };

/* The frequent ones stand first: the search is linear. */
typedef struct Layer {
	uint16_t number;
	const char *name;
	PeelLayer peel;     /* NULL: counted under its name ... */
	DecapResult result; /* ... and this is the result */
} Layer;

static const Layer link_types[] = {
	{LINK_TYPE_ETHERNET, "EN10MB", peel_ethernet, DECAP_TCP},
	{276, "LINUX_SLL2", peel_sll2, DECAP_TCP},
	{113, "LINUX_SLL", peel_sll, DECAP_TCP},
	{101, "RAW", peel_raw_ip, DECAP_TCP},
	{0, "NULL", peel_null, DECAP_TCP},
	{108, "LOOP", peel_null, DECAP_TCP},
	{9, "PPP", peel_ppp, DECAP_TCP},
	{12, "RAW", peel_raw_ip, DECAP_TCP},
	{14, "RAW", peel_raw_ip, DECAP_TCP},
	{228, "IPV4", peel_ipv4, DECAP_TCP},
	{229, "IPV6", peel_ipv6, DECAP_TCP},
	{127, "IEEE802_11_RADIO", peel_radiotap, DECAP_TCP},
	{105, "IEEE802_11", peel_wlan, DECAP_TCP},
	{192, "PPI", peel_ppi, DECAP_TCP},
	{239, "NFLOG", peel_nflog, DECAP_TCP},
};

static const Layer ethertypes[] = {
	{ETHERTYPE_IPV4, "ipv4", peel_ipv4, DECAP_TCP},
	{ETHERTYPE_IPV6, "ipv6", peel_ipv6, DECAP_TCP},
	{ETHERTYPE_VLAN, "vlan", peel_vlan, DECAP_TCP},
	{0x88a8, "vlan", peel_vlan, DECAP_TCP},
	{0x9100, "vlan", peel_vlan, DECAP_TCP},
	{0x0806, "arp", NULL, DECAP_OTHER},
	{ETHERTYPE_802_2, "llc", peel_llc, DECAP_TCP},
	{0x8847, "mpls", peel_mpls, DECAP_TCP},
	{0x8848, "mpls", peel_mpls, DECAP_TCP},
	{0x8863, "pppoe-discovery", NULL, DECAP_OTHER},
	{0x8864, "pppoe-session", peel_pppoe, DECAP_TCP},
	{0x6558, "ethernet", peel_ethernet, DECAP_TCP},
	{0x88be, "erspan", peel_erspan2, DECAP_TCP},
	{0x22eb, "erspan", peel_erspan3, DECAP_TCP},
	{0x8035, "rarp", NULL, DECAP_OTHER},
	{0x88cc, "lldp", NULL, DECAP_OTHER},
	{0x888e, "eapol", NULL, DECAP_OTHER},
	{0x88e5, "macsec", NULL, DECAP_UNDECODED},
};

static const Layer ip_protocols[] = {
	{IP_PROTOCOL_TCP, "tcp", peel_tcp, DECAP_TCP},
	{IP_PROTOCOL_UDP, "udp", peel_udp, DECAP_TCP},
	{1, "icmp", NULL, DECAP_OTHER},
	{58, "icmpv6", NULL, DECAP_OTHER},
	{0, "ipv6-hop-by-hop", peel_ipv6_extension, DECAP_TCP},
	{43, "ipv6-routing", peel_ipv6_extension, DECAP_TCP},
	{44, "ipv6-fragment", peel_ipv6_fragment, DECAP_TCP},
	{51, "ah", peel_authentication_header, DECAP_TCP},
	{60, "ipv6-destination", peel_ipv6_extension, DECAP_TCP},
	{135, "ipv6-mobility", peel_ipv6_extension, DECAP_TCP},
	{139, "hip", peel_ipv6_extension, DECAP_TCP},
	{140, "shim6", peel_ipv6_extension, DECAP_TCP},
	{59, "ipv6-no-next-header", NULL, DECAP_OTHER},
	{2, "igmp", NULL, DECAP_OTHER},
	{132, "sctp", NULL, DECAP_OTHER},
	{89, "ospf", NULL, DECAP_OTHER},
	{103, "pim", NULL, DECAP_OTHER},
	{112, "vrrp", NULL, DECAP_OTHER},
	{4, "ipip", peel_ipv4, DECAP_TCP},
	{41, "ipv6-in-ip", peel_ipv6, DECAP_TCP},
	{47, "gre", peel_gre, DECAP_TCP},
	{50, "esp", NULL, DECAP_UNDECODED},
	{115, "l2tp", NULL, DECAP_UNDECODED},
	{137, "mpls", peel_mpls, DECAP_TCP},
	{97, "etherip", peel_etherip, DECAP_TCP},
};

static const Layer ppp_protocols[] = {
	{0x0021, "ipv4", peel_ipv4, DECAP_TCP},
	{0x0057, "ipv6", peel_ipv6, DECAP_TCP},
	{0x0281, "mpls", peel_mpls, DECAP_TCP},
	{0x0283, "mpls", peel_mpls, DECAP_TCP},
	{0xc021, "ppp-lcp", NULL, DECAP_OTHER},
	{0xc023, "ppp-pap", NULL, DECAP_OTHER},
	{0xc223, "ppp-chap", NULL, DECAP_OTHER},
	{0x8021, "ppp-ipcp", NULL, DECAP_OTHER},
	{0x8057, "ppp-ipv6cp", NULL, DECAP_OTHER},
};

/* AF_INET is 2 everywhere, AF_INET6 is not: Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
static const Layer families[] = {
	{2, "ipv4", peel_ipv4, DECAP_TCP},  {10, "ipv6", peel_ipv6, DECAP_TCP},
	{24, "ipv6", peel_ipv6, DECAP_TCP}, {28, "ipv6", peel_ipv6, DECAP_TCP},
	{30, "ipv6", peel_ipv6, DECAP_TCP},
};

static const Layer halts[] = {
	{PEEL_HALT_IPV4_FRAGMENT, "ipv4-fragment", NULL, DECAP_UNDECODED},
	{PEEL_HALT_IPV6_FRAGMENT, "ipv6-fragment", NULL, DECAP_UNDECODED},
	{PEEL_HALT_LLC, "llc", NULL, DECAP_OTHER},
	{PEEL_HALT_TOO_DEEP, "nested-too-deep", NULL, DECAP_UNDECODED},
	{PEEL_HALT_UDP, "udp", NULL, DECAP_OTHER},
	{PEEL_HALT_GRE, "gre", NULL, DECAP_UNDECODED},
	{PEEL_HALT_GRE_ACKNOWLEDGEMENT, "gre-acknowledgement", NULL, DECAP_OTHER},
	{PEEL_HALT_ERSPAN, "erspan", NULL, DECAP_UNDECODED},
	{PEEL_HALT_VXLAN_GPE, "vxlan-gpe", NULL, DECAP_UNDECODED},
	{PEEL_HALT_GTP, "gtp-signalling", NULL, DECAP_OTHER},
	{PEEL_HALT_WLAN_OTHER, "802.11-without-data", NULL, DECAP_OTHER},
	{PEEL_HALT_WLAN_PROTECTED, "802.11-protected", NULL, DECAP_UNDECODED},
	{PEEL_HALT_WLAN_FRAGMENT, "802.11-fragment", NULL, DECAP_UNDECODED},
	{PEEL_HALT_WLAN_AGGREGATE, "802.11-aggregate", NULL, DECAP_UNDECODED},
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
	[PEEL_HALT] = {LAYERS(halts), "halt-", false},
};
#undef LAYERS

/* Numbers without entry that have a count of their own; what comes later shares one. */
enum { MAX_UNKNOWN = 64, MAX_COUNTS = MAX_UNKNOWN + 128, NAME_SIZE = 28 };

typedef struct UnknownName {
	PeelSpace space;
	uint16_t number;
	char text[NAME_SIZE];
} UnknownName;

struct Decap {
	uint64_t n_tcp;
	unsigned n_counts;
	unsigned n_unknown;
	Fragments *fragments; /* NULL before the first */
	UdpWatch *udp;        /* likewise */
	DecapCount counts[MAX_COUNTS]; /* in the order of their first frame */
	UnknownName unknown[MAX_UNKNOWN];
};

static const Layer *layer_find(PeelSpace space, uint16_t number)
{
	const LayerSpace *in = &spaces[space];
	for (unsigned i = 0; i < in->n_layers; i++)
		if (in->layers[i].number == number)
			return &in->layers[i];
	return NULL;
}

static DecapCount *count_of(Decap *decap, const char *what)
{
	for (unsigned i = 0; i < decap->n_counts; i++)
		if (decap->counts[i].what == what || strcmp(decap->counts[i].what, what) == 0)
			return &decap->counts[i];
	g_assert(decap->n_counts < MAX_COUNTS);
	DecapCount *added = &decap->counts[decap->n_counts++];
	*added = (DecapCount){.what = what};
	return added;
}

static void count_many(Decap *decap, const char *what, uint64_t frames)
{
	if (frames > 0)
		count_of(decap, what)->frames += frames;
}

static void count(Decap *decap, const char *what)
{
	count_many(decap, what, 1);
}

static const char *unknown_name(Decap *decap, PeelSpace space, uint16_t number)
{
	for (unsigned i = 0; i < decap->n_unknown; i++)
		if (decap->unknown[i].space == space && decap->unknown[i].number == number)
			return decap->unknown[i].text;
	if (decap->n_unknown == MAX_UNKNOWN)
		return "other";
	UnknownName *name = &decap->unknown[decap->n_unknown++];
	name->space = space;
	name->number = number;
	const LayerSpace *in = &spaces[space];
	if (in->hexadecimal)
		snprintf(name->text, sizeof name->text, "%s%04x", in->unknown, (unsigned)number);
	else
		snprintf(name->text, sizeof name->text, "%s%u", in->unknown, (unsigned)number);
	return name->text;
}

/* What runs over UDP, and may be MQTT all the same. */
static DecapResult count_udp(Decap *decap, const Peel *peel)
{
	static const char *const names[] = {"udp", "quic", "mqtt-over-quic", "mqtt-sn"};
	bool begins;
	if (decap->udp == NULL)
		decap->udp = udp_watch_new();
	UdpKind kind = udp_watch(decap->udp, &peel->segment->source, &peel->segment->destination,
	                         (ByteSpan){peel->data, peel->captured}, &begins);
	DecapCount *own = count_of(decap, names[kind]);
	own->frames++;
	own->connections += begins;
	return kind == UDP_PLAIN || kind == UDP_QUIC ? DECAP_OTHER : DECAP_UNDECODED;
}

static DecapResult count_unpeeled(Decap *decap, const Peel *peel, const Layer *layer)
{
	if (peel->space == PEEL_HALT && peel->number == PEEL_HALT_UDP)
		return count_udp(decap, peel);
	count(decap, layer != NULL ? layer->name : unknown_name(decap, peel->space, peel->number));
	return layer != NULL ? layer->result : DECAP_UNDECODED;
}

static DecapResult count_status(Decap *decap, PeelStatus status)
{
	if (status == PEEL_TCP) {
		decap->n_tcp++;
		return DECAP_TCP;
	}
	if (status == PEEL_WAITING)
		return DECAP_WAITING;
	if (status == PEEL_GIVEN_UP)
		return DECAP_UNDECODED;
	count(decap, status == PEEL_CUT ? "truncated-header" : "malformed-header");
	return status == PEEL_CUT ? DECAP_CUT : DECAP_MALFORMED;
}

Decap *decap_new(void)
{
	return g_new0(Decap, 1);
}

void decap_free(Decap *decap)
{
	if (decap == NULL)
		return;
	fragments_free(decap->fragments);
	udp_watch_free(decap->udp);
	g_free(decap);
}

/* --- fragments ---------------------------------------------------------------------------- */

static void count_lost(Decap *decap)
{
	FragmentsLost lost = fragments_lost(decap->fragments);
	count_many(decap, "ipv4-fragment", lost.incomplete[0]);
	count_many(decap, "ipv6-fragment", lost.incomplete[1]);
	count_many(decap, "fragments-in-conflict", lost.conflict);
	count_many(decap, "fragments-too-many", lost.limit);
}

void decap_finish(Decap *decap)
{
	if (decap->fragments == NULL)
		return;
	fragments_finish(decap->fragments);
	count_lost(decap);
}

static bool is_fragment(const Peel *peel)
{
	return peel->space == PEEL_HALT && (peel->number == PEEL_HALT_IPV4_FRAGMENT ||
	                                    peel->number == PEEL_HALT_IPV6_FRAGMENT);
}

/* Puts the fragment that @peel stands at to the others, and goes on with the whole packet. */
static PeelStatus peel_fragment(Decap *decap, Peel *peel, Instant time)
{
	Fragment fragment = {.time = instant_known(time) ? time : (Instant){0}};
	FragmentsWhole whole;
	if (peel->number == PEEL_HALT_IPV4_FRAGMENT)
		peel_ipv4_fragment_of(peel, &fragment);
	else
		peel_ipv6_fragment_of(peel, &fragment);
	if (decap->fragments == NULL)
		decap->fragments = fragments_new();
	FragmentsResult result = fragments_add(decap->fragments, &fragment, &whole);
	count_lost(decap);
	switch (result) {
	case FRAGMENTS_WHOLE:
		peel->data = whole.bytes.data;
		peel->captured = (uint32_t)whole.bytes.size;
		peel->on_wire = whole.size;
		return peel_on(peel, 0, PEEL_IP_PROTOCOL, whole.protocol);
	case FRAGMENTS_WAITING:
		return PEEL_WAITING;
	case FRAGMENTS_MALFORMED:
		return PEEL_MALFORMED;
	case FRAGMENTS_CONFLICT:
	case FRAGMENTS_LIMIT:
		break;
	}
	return PEEL_GIVEN_UP;
}

/* --- the walk ----------------------------------------------------------------------------- */

/* What most frames are: Ethernet, perhaps one VLAN, IP, TCP.  Runs as far as that holds; the tables have
 * the rest. */
PEEL_INLINE PeelStatus peel_usual(Peel *peel)
{
	if (peel->number != LINK_TYPE_ETHERNET)
		return PEEL_NEXT;
	PeelStatus status = peel_inline_ethernet(peel);
	if (status == PEEL_NEXT && peel->number == ETHERTYPE_VLAN)
		status = peel_inline_vlan(peel);
	if (status != PEEL_NEXT)
		return status;
	if (peel->number == ETHERTYPE_IPV4)
		status = peel_inline_ipv4(peel);
	else if (peel->number == ETHERTYPE_IPV6)
		status = peel_inline_ipv6(peel);
	if (status != PEEL_NEXT || peel->space != PEEL_IP_PROTOCOL || peel->number != IP_PROTOCOL_TCP)
		return status;
	return peel_inline_tcp(peel);
}

/* The layers of @peel one after the other, from the tables. */
static G_GNUC_NO_INLINE DecapResult peel_all(Decap *decap, Peel peel, Instant time)
{
	for (unsigned depth = 0; depth < DECAP_MAX_DEPTH; depth++) {
		const Layer *layer = layer_find(peel.space, peel.number);
		bool fragment = is_fragment(&peel);
		if (!fragment && (layer == NULL || layer->peel == NULL))
			return count_unpeeled(decap, &peel, layer);
		PeelStatus status =
			fragment ? peel_fragment(decap, &peel, time) : layer->peel(&peel);
		if (status != PEEL_NEXT)
			return count_status(decap, status);
	}
	return count_unpeeled(decap, &peel, layer_find(PEEL_HALT, PEEL_HALT_TOO_DEEP));
}

DecapResult decap_frame(Decap *decap, const Frame *frame, TcpSegment *segment)
{
	ByteSpan bytes = frame->bytes;
	uint32_t captured = bytes.size < UINT32_MAX ? (uint32_t)bytes.size : UINT32_MAX;
	Peel peel = {
		.data = bytes.data,
		.captured = captured,
		.on_wire = frame->wire_size > captured ? frame->wire_size : captured,
		.space = PEEL_LINK_TYPE,
		.number = frame->link_type,
		.segment = segment,
	};
	PeelStatus status = peel_usual(&peel);
	if (status == PEEL_NEXT && peel.number == IP_PROTOCOL_UDP && peel_inline_vxlan(&peel))
		status = peel_usual(&peel);
	if (status != PEEL_NEXT)
		return count_status(decap, status);
	return peel_all(decap, peel, frame->time);
}

const DecapCount *decap_counts(const Decap *decap, size_t *n_counts)
{
	*n_counts = decap->n_counts;
	return decap->counts;
}

uint64_t decap_n_tcp(const Decap *decap)
{
	return decap->n_tcp;
}

const char *link_type_name(uint16_t link_type)
{
	const Layer *layer = layer_find(PEEL_LINK_TYPE, link_type);
	return layer != NULL ? layer->name : NULL;
}
