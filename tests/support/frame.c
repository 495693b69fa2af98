/* SPDX-License-Identifier: MIT */
#include "tests/support/frame.h"

#include <string.h>

#include "tests/support/encode.h"
#include "tests/support/tunnel.h"

enum { IPV4 = 0x0800, IPV6 = 0x86DD, VLAN = 0x8100, PROTOCOL_TCP = 6, WINDOW = 64240, HOPS = 64, MSS = 1460 };

static guint32 sum_bytes(const guint8 *bytes, gsize length)
{
	guint32 sum = 0;

	for (gsize i = 0; i < length; i++)
		sum += i % 2 == 0 ? (guint32)bytes[i] << 8 : bytes[i];
	return sum;
}

static guint16 fold_sum(guint32 sum)
{
	while (sum > 0xFFFF)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (guint16)~sum;
}

static void put_u16(GByteArray *bytes, gsize offset, guint16 value)
{
	bytes->data[offset] = (guint8)(value >> 8);
	bytes->data[offset + 1] = (guint8)(value & 0xFF);
}

static BuilderEnd end_as_ipv6(BuilderEnd end)
{
	BuilderEnd mapped = end;

	if (end.ipv6)
		return end;
	memset(mapped.address, 0, sizeof mapped.address);
	mapped.ipv6 = true;
	mapped.address[0] = 0xFD;
	memcpy(mapped.address + 12, end.address, 4);
	return mapped;
}

/* Of a SYN; the length is a multiple of four. */
static GByteArray *make_options(const FrameSegment *segment)
{
	const BuilderEnd *end = &segment->source;
	GByteArray *options = g_byte_array_new();

	if ((segment->flags & TCP_SYN) == 0)
		return options;
	encode_u16(options, 0x0204);
	encode_u16(options, end->mss != 0 ? end->mss : MSS);
	if (end->window_scale != 0)
		encode_u32(options, 0x01030300 | end->window_scale);
	if (end->clock != 0) {
		encode_u32(options, 0x0101080A);
		encode_u32(options, (guint32)((segment->time - end->clock) / 1000000));
		encode_u32(options, 0);
	}
	return options;
}

static GByteArray *make_tcp(const FrameSegment *segment)
{
	GByteArray *tcp = g_byte_array_new();
	GByteArray *options = make_options(segment);

	encode_u16(tcp, segment->source.port);
	encode_u16(tcp, segment->destination.port);
	encode_u32(tcp, segment->sequence);
	encode_u32(tcp, (segment->flags & TCP_ACK) != 0 ? segment->acknowledgement : 0);
	encode_u8(tcp, (guint8)((5 + options->len / 4) << 4));
	encode_u8(tcp, segment->flags);
	encode_u16(tcp, WINDOW);
	encode_u32(tcp, 0); /* checksum and urgent pointer */
	g_byte_array_append(tcp, options->data, options->len);
	g_byte_array_unref(options);
	if (segment->length > 0)
		g_byte_array_append(tcp, segment->payload, segment->length);
	return tcp;
}

static void fill_tcp_checksum(GByteArray *tcp, const FrameSegment *segment)
{
	gsize size = segment->source.ipv6 ? 16 : 4;
	guint32 sum = sum_bytes(tcp->data, tcp->len) + PROTOCOL_TCP + tcp->len;

	sum += sum_bytes(segment->source.address, size);
	sum += sum_bytes(segment->destination.address, size);
	put_u16(tcp, 16, fold_sum(sum));
}

static void append_ipv4(GByteArray *frame, const FrameSegment *segment, guint length)
{
	GByteArray *header = g_byte_array_new();

	encode_u16(header, 0x4500);
	encode_u16(header, (guint16)(20 + length));
	encode_u16(header, segment->number);
	encode_u16(header, 0x4000); /* do not fragment */
	encode_u8(header, segment->source.hops != 0 ? segment->source.hops : HOPS);
	encode_u8(header, PROTOCOL_TCP);
	encode_u16(header, 0);
	g_byte_array_append(header, segment->source.address, 4);
	g_byte_array_append(header, segment->destination.address, 4);
	put_u16(header, 10, fold_sum(sum_bytes(header->data, header->len)));
	g_byte_array_append(frame, header->data, header->len);
	g_byte_array_unref(header);
}

static void append_ipv6(GByteArray *frame, const FrameSegment *segment, guint length)
{
	encode_u32(frame, 0x60000000);
	encode_u16(frame, (guint16)length);
	encode_u8(frame, PROTOCOL_TCP);
	encode_u8(frame, segment->source.hops != 0 ? segment->source.hops : HOPS);
	g_byte_array_append(frame, segment->source.address, 16);
	g_byte_array_append(frame, segment->destination.address, 16);
}

/* A locally administered address that the last bytes of the IP address tell apart. */
static void append_hardware_address(GByteArray *frame, const BuilderEnd *end)
{
	encode_u16(frame, 0x0200);
	g_byte_array_append(frame, end->address + (end->ipv6 ? 12 : 0), 4);
}

static void append_sll2(GByteArray *frame, const FrameSegment *segment, guint16 protocol)
{
	encode_u16(frame, protocol);
	encode_u16(frame, 0);
	encode_u32(frame, 2); /* interface index */
	encode_u16(frame, 1); /* ARPHRD_ETHER */
	encode_u8(frame, 0);  /* to us */
	encode_u8(frame, 6);
	append_hardware_address(frame, &segment->source);
	encode_u16(frame, 0);
}

static void append_link(GByteArray *frame, const FrameSegment *segment, BuilderLink link)
{
	guint16 protocol = segment->source.ipv6 ? IPV6 : IPV4;

	if (link == BUILDER_SLL2) {
		append_sll2(frame, segment, protocol);
		return;
	}
	append_hardware_address(frame, &segment->destination);
	append_hardware_address(frame, &segment->source);
	if (link == BUILDER_VLAN) {
		encode_u16(frame, VLAN);
		encode_u16(frame, 42);
	}
	encode_u16(frame, protocol);
}

GPtrArray *frame_make(const FrameSegment *segment, BuilderLink link)
{
	FrameSegment made = *segment;
	GByteArray *frame = g_byte_array_new();
	GByteArray *tcp;
	GPtrArray *frames;

	if (link == BUILDER_IPV6 || tunnel_wants_ipv6(link)) {
		made.source = end_as_ipv6(segment->source);
		made.destination = end_as_ipv6(segment->destination);
	}
	tcp = make_tcp(&made);
	fill_tcp_checksum(tcp, &made);
	if (!tunnel_is(link))
		append_link(frame, &made, link);
	if (made.source.ipv6)
		append_ipv6(frame, &made, tcp->len);
	else
		append_ipv4(frame, &made, tcp->len);
	g_byte_array_append(frame, tcp->data, tcp->len);
	g_byte_array_unref(tcp);
	if (tunnel_is(link)) {
		frames = tunnel_frames(link, frame, made.number);
		g_byte_array_unref(frame);
	} else {
		frames = g_ptr_array_new();
		g_ptr_array_add(frames, frame);
	}
	return frames;
}

guint32 frame_link_type(BuilderLink link)
{
	if (tunnel_is(link))
		return tunnel_link_type(link);
	return link == BUILDER_SLL2 ? 276 : 1;
}
