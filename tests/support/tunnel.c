/* SPDX-License-Identifier: MIT */
#include "tests/support/tunnel.h"

#include <string.h>

#include "tests/support/encode.h"

enum { GRE = 47, UDP = 17, IP_IN_IP = 4, IPV6_IN_IP = 41, NO_IP = 0, PIECE = 24 };

/* In `before`, in hexadecimal: LL is the length of what follows it, HH that and the two octets
 * themselves and six more, EE the EtherType and PP the PPP number of the packet. */
typedef struct {
	BuilderLink link;
	guint32 link_type;
	guint protocol;     /* of the outer IPv4; NO_IP: there is none */
	const char *before; /* what carries the packet, from the outer IPv4 or the link type on */
	bool ethernet;      /* it is carried as an Ethernet frame */
} Tunnel;

#define MACS "0242c0a80002" "0242c0a80001"

static const Tunnel tunnels[] = {
	{BUILDER_PPPOE, 1, NO_IP, MACS "8864" "1100" "0011" "LL" "PP", false},
	{BUILDER_MPLS, 1, NO_IP, MACS "8847" "00064040" "00065140", false},
	{BUILDER_GRE, 1, GRE, "2000" "EE" "00000007", false},
	{BUILDER_GRETAP, 1, GRE, "0000" "6558", true},
	{BUILDER_ERSPAN, 1, GRE, "1000" "88be" "00000001" "10010001" "00000000", true},
	{BUILDER_ERSPAN3, 1, GRE, "1000" "22eb" "00000001" "20010001" "00000000" "00008000", true},
	{BUILDER_IPIP, 1, IP_IN_IP, "", false},
	{BUILDER_6IN4, 1, IPV6_IN_IP, "", false},
	{BUILDER_VXLAN, 1, UDP, "d000" "12b5" "HH" "0000" "08000000" "00002a00", true},
	{BUILDER_VXLAN_ANYWHERE, 1, UDP, "d000" "3039" "HH" "0000" "08000000" "00002a00", true},
	{BUILDER_GENEVE, 1, UDP, "d000" "17c1" "HH" "0000" "0100" "6558" "00002a00" "01028000", true},
	{BUILDER_GTP, 1, UDP, "0868" "0868" "HH" "0000" "30ff" "GG" "00000001", false},
	{BUILDER_WLAN, 127, NO_IP, "00000800" "00000000" "8801" "3000" "020000000001" "020000000002"
		"020000000003" "1000" "0000" "aaaa03000000" "EE", false},
	{BUILDER_NFLOG, 239, NO_IP, "02000000" "08000100" "08000000" "NN" "0900", false},
	{BUILDER_FRAGMENTS, 1, NO_IP, MACS "EE", false},
	{BUILDER_FRAGMENTS6, 1, NO_IP, MACS "EE", false},
	{BUILDER_VXLAN_FRAGMENTS, 1, UDP, "d000" "12b5" "HH" "0000" "08000000" "00002a00", true},
	{BUILDER_HOOKS, 1, NO_IP, MACS "EE", false},
	{BUILDER_NAT, 1, NO_IP, MACS "EE", false},
};

static const Tunnel *find_tunnel(BuilderLink link)
{
	for (guint i = 0; i < G_N_ELEMENTS(tunnels); i++)
		if (tunnels[i].link == link)
			return &tunnels[i];
	return NULL;
}

bool tunnel_is(BuilderLink link)
{
	return find_tunnel(link) != NULL;
}

bool tunnel_wants_ipv6(BuilderLink link)
{
	return link == BUILDER_6IN4 || link == BUILDER_FRAGMENTS6;
}

guint32 tunnel_link_type(BuilderLink link)
{
	const Tunnel *tunnel = find_tunnel(link);

	g_assert(tunnel != NULL);
	return tunnel->link_type;
}

static bool is_ipv6(const GByteArray *packet)
{
	return packet->data[0] >> 4 == 6;
}

/* Appends what `text` says, for a payload of `size` octets behind all of it. */
static void append_header(GByteArray *out, const char *text, guint size, bool ipv6)
{
	for (; *text != '\0'; text += 2) {
		guint left = size; /* octets behind this number */

		for (const char *rest = text + 2; *rest != '\0'; rest += 2)
			left += g_ascii_isxdigit(rest[0]) && rest[0] != 'E' ? 1 : 2;

		if (strncmp(text, "LL", 2) == 0)
			encode_u16(out, (guint16)left);
		else if (strncmp(text, "HH", 2) == 0)
			encode_u16(out, (guint16)(left + 6));
		else if (strncmp(text, "GG", 2) == 0)
			encode_u16(out, (guint16)(left - 4));
		else if (strncmp(text, "NN", 2) == 0)
			encode_u16(out, GUINT16_SWAP_LE_BE((guint16)(left + 2)));
		else if (strncmp(text, "EE", 2) == 0)
			encode_u16(out, ipv6 ? 0x86DD : 0x0800);
		else if (strncmp(text, "PP", 2) == 0)
			encode_u16(out, ipv6 ? 0x0057 : 0x0021);
		else
			encode_u8(out, (guint8)(g_ascii_xdigit_value(text[0]) << 4 |
			                        g_ascii_xdigit_value(text[1])));
	}
}

static void put_checksum(guint8 *header)
{
	guint32 sum = 0;

	header[10] = header[11] = 0;
	for (guint i = 0; i < 20; i += 2)
		sum += (guint32)header[i] << 8 | header[i + 1];
	sum = (sum & 0xFFFF) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	header[10] = (guint8)(sum >> 8);
	header[11] = (guint8)sum;
}

static void append_outer_ipv4(GByteArray *out, guint protocol, guint size, guint number)
{
	guint at = out->len;

	encode_u16(out, 0x4500);
	encode_u16(out, (guint16)(20 + size));
	encode_u16(out, (guint16)(number + 0x8000));
	encode_u16(out, 0);
	encode_u16(out, (guint16)(64 << 8 | protocol));
	encode_u16(out, 0);
	encode_u32(out, 0xC0A80001);
	encode_u32(out, 0xC0A80002);
	put_checksum(out->data + at);
}

/* The packet with all that is between it and the outer IP header, or the link. */
static GByteArray *carried(const Tunnel *tunnel, const GByteArray *packet)
{
	GByteArray *out = g_byte_array_new();
	bool ipv6 = is_ipv6(packet);

	append_header(out, tunnel->before, packet->len + (tunnel->ethernet ? 14 : 0), ipv6);
	if (tunnel->ethernet)
		append_header(out, "020000000102" "020000000101" "EE", packet->len, ipv6);
	g_byte_array_append(out, packet->data, packet->len);
	return out;
}

static GByteArray *wrapped(const Tunnel *tunnel, const GByteArray *packet, guint number)
{
	GByteArray *inner = carried(tunnel, packet), *out;

	if (tunnel->protocol == NO_IP)
		return inner;
	out = g_byte_array_new();
	append_header(out, MACS "0800", 0, false);
	append_outer_ipv4(out, tunnel->protocol, inner->len, number);
	g_byte_array_append(out, inner->data, inner->len);
	g_byte_array_unref(inner);
	return out;
}

static void add_ipv4_piece(GPtrArray *frames, const guint8 *header, const guint8 *data, guint at,
                           guint size, bool more)
{
	GByteArray *frame = g_byte_array_new();
	guint8 own[20];

	memcpy(own, header, sizeof own);
	own[2] = (guint8)((size + 20) >> 8);
	own[3] = (guint8)(size + 20);
	own[6] = (guint8)((more ? 0x20 : 0) | at >> 11);
	own[7] = (guint8)(at >> 3);
	put_checksum(own);
	append_header(frame, MACS "0800", 0, false);
	g_byte_array_append(frame, own, sizeof own);
	g_byte_array_append(frame, data + at, size);
	g_ptr_array_add(frames, frame);
}

static void add_ipv6_piece(GPtrArray *frames, const guint8 *header, const guint8 *data, guint at,
                           guint size, bool more, guint number)
{
	GByteArray *frame = g_byte_array_new();
	guint8 own[40];

	memcpy(own, header, sizeof own);
	own[4] = (guint8)((size + 8) >> 8);
	own[5] = (guint8)(size + 8);
	own[6] = 44;
	append_header(frame, MACS "86dd", 0, false);
	g_byte_array_append(frame, own, sizeof own);
	encode_u16(frame, (guint16)(header[6] << 8));
	encode_u16(frame, (guint16)(at | more));
	encode_u32(frame, number);
	g_byte_array_append(frame, data + at, size);
	g_ptr_array_add(frames, frame);
}

/* An Ethernet frame in pieces; the second half of them first. */
static GPtrArray *in_pieces(const GByteArray *whole, guint number)
{
	GPtrArray *frames = g_ptr_array_new();
	const guint8 *header = whole->data + 14;
	guint header_size = header[0] >> 4 == 6 ? 40 : 20;
	guint size = whole->len - 14 - header_size, n = (size + PIECE - 1) / PIECE;
	guint step = n > 100 ? (size / 100 + 7) / 8 * 8 : PIECE;

	n = (size + step - 1) / step;
	for (guint i = 0; i < n; i++) {
		guint at = (i + n / 2) % n * step, length = MIN(step, size - at);
		bool more = at + length < size;

		if (header_size == 40)
			add_ipv6_piece(frames, header, header + 40, at, length, more, number);
		else
			add_ipv4_piece(frames, header, header + 20, at, length, more);
	}
	return frames;
}

/* What a router makes of `whole`, an Ethernet frame of IPv4: one hop less, and the client, which has
 * the higher port, in another network. */
static GByteArray *translated(const GByteArray *whole)
{
	GByteArray *out = g_byte_array_new();
	guint8 *ip;
	bool of_client;

	g_byte_array_append(out, whole->data, whole->len);
	ip = out->data + 14;
	of_client = (ip[20] << 8 | ip[21]) > (ip[22] << 8 | ip[23]);
	ip[8]--;
	ip[of_client ? 12 : 16] = 100;
	ip[of_client ? 13 : 17] ^= 64;
	put_checksum(ip);
	return out;
}

GPtrArray *tunnel_frames(BuilderLink link, const GByteArray *packet, guint number)
{
	const Tunnel *tunnel = find_tunnel(link);
	GByteArray *whole = wrapped(tunnel, packet, number);
	GPtrArray *frames;

	if (link == BUILDER_FRAGMENTS || link == BUILDER_FRAGMENTS6 ||
	    link == BUILDER_VXLAN_FRAGMENTS) {
		frames = in_pieces(whole, number);
		g_byte_array_unref(whole);
		return frames;
	}
	frames = g_ptr_array_new();
	g_ptr_array_add(frames, whole);
	if (link == BUILDER_NAT && !is_ipv6(packet))
		g_ptr_array_add(frames, translated(whole));
	if (link == BUILDER_HOOKS) { /* on the veth, the bridge with a tag, and the underlay */
		GByteArray *tagged = g_byte_array_new();
		append_header(tagged, MACS "8100" "002a" "EE", 0, is_ipv6(packet));
		g_byte_array_append(tagged, packet->data, packet->len);
		g_ptr_array_add(frames, tagged);
		g_ptr_array_add(frames, wrapped(find_tunnel(BUILDER_VXLAN), packet, number));
	}
	return frames;
}
