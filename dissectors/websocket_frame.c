/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/mqtt_plausible.h"
#include "dissectors/websocket_parts.h"

/* RFC 6455 section 5.2: the length of the payload, in the fewest octets. */
static FrameParse parse_length(ByteSpan bytes, FrameHeader *header)
{
	unsigned code = bytes.data[1] & 0x7F;
	unsigned n = code == 126 ? 2 : 8;

	header->size = 2;
	header->length = code;
	if (code < 126)
		return FRAME_COMPLETE;
	header->size = (uint8_t)(2 + n);
	if (bytes.size < header->size)
		return FRAME_PARTIAL;
	header->length = (uint64_t)bytes.data[2] << 8 | bytes.data[3];
	for (unsigned i = 2; i < n; i++)
		header->length = header->length << 8 | bytes.data[2 + i];
	if (n == 2)
		return header->length < 126 ? FRAME_WRONG : FRAME_COMPLETE;
	return header->length < 65536 || header->length >> 63 != 0 ? FRAME_WRONG : FRAME_COMPLETE;
}

static bool opcode_known(unsigned opcode)
{
	return opcode <= FRAME_BINARY || (opcode >= FRAME_CLOSE && opcode <= FRAME_PONG);
}

FrameParse frame_header_parse(ByteSpan bytes, FrameHeader *header)
{
	FrameParse parse;

	if (bytes.size == 0)
		return FRAME_PARTIAL;
	*header = (FrameHeader){
		.opcode = bytes.data[0] & 15,
		.fin = (bytes.data[0] & 0x80) != 0,
		.rsv1 = (bytes.data[0] & 0x40) != 0,
	};
	bool control = header->opcode >= FRAME_CLOSE;
	if ((bytes.data[0] & 0x30) != 0 || !opcode_known(header->opcode) ||
	    (control && !header->fin) ||
	    (header->rsv1 && (control || header->opcode == FRAME_CONTINUATION)))
		return FRAME_WRONG;
	if (bytes.size < 2)
		return FRAME_PARTIAL;
	header->masked = (bytes.data[1] & 0x80) != 0;
	if (control && (bytes.data[1] & 0x7F) > FRAME_CONTROL_MOST)
		return FRAME_WRONG;
	parse = parse_length(bytes, header);
	if (parse != FRAME_COMPLETE || !header->masked)
		return parse;
	if (bytes.size < header->size + sizeof header->mask)
		return FRAME_PARTIAL;
	memcpy(header->mask, bytes.data + header->size, sizeof header->mask);
	header->size += sizeof header->mask;
	return FRAME_COMPLETE;
}

void frame_unmask(uint8_t *to, ByteSpan from, const uint8_t mask[static 4], unsigned phase)
{
	uint8_t turned[4];
	uint32_t half;
	size_t at = 0;

	for (unsigned i = 0; i < sizeof turned; i++)
		turned[i] = mask[(phase + i) & 3];
	memcpy(&half, turned, sizeof half);
	uint64_t key = (uint64_t)half << 32 | half, words[4]; /* the same octets in either byte order */
	for (; at + sizeof words <= from.size; at += sizeof words) {
		memcpy(words, from.data + at, sizeof words);
		for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
			words[i] ^= key;
		memcpy(to + at, words, sizeof words);
	}
	for (; at + sizeof half <= from.size; at += sizeof half) {
		uint32_t word;
		memcpy(&word, from.data + at, sizeof word);
		word ^= half;
		memcpy(to + at, &word, sizeof word);
	}
	for (; at < from.size; at++)
		to[at] = from.data[at] ^ turned[at & 3];
}

/* Frames in a row from the first octet on. */
typedef struct FrameChain {
	unsigned n_whole;
	bool exact;   /* the last of them ends where the octets end */
	bool partial; /* a plausible one follows that goes on beyond */
	bool wrong;
} FrameChain;

static FrameChain chain_of(ByteSpan bytes, bool masked)
{
	FrameChain chain = {0};

	while (bytes.size > 0 && chain.n_whole < 64) {
		FrameHeader header;
		FrameParse parse = frame_header_parse(bytes, &header);
		chain.wrong = parse == FRAME_WRONG || (bytes.size > 1 && header.masked != masked);
		if (chain.wrong)
			return chain;
		chain.partial = parse == FRAME_PARTIAL || header.length > bytes.size - header.size;
		if (chain.partial)
			return chain;
		size_t size = header.size + (size_t)header.length;
		bytes = (ByteSpan){bytes.data + size, bytes.size - size};
		chain.n_whole++;
	}
	chain.exact = bytes.size == 0;
	return chain;
}

/* The first octets that the frames carry, as far as they are not compressed. */
static size_t first_payload(ByteSpan bytes, uint8_t *to, size_t most)
{
	FrameHeader header;
	size_t n = 0;

	while (n < most && frame_header_parse(bytes, &header) == FRAME_COMPLETE) {
		size_t size = MIN(header.length, bytes.size - header.size);
		size_t part = MIN(size, most - n);
		ByteSpan payload = {bytes.data + header.size, part};
		if (header.rsv1)
			return 0;
		if (header.opcode <= FRAME_BINARY) {
			frame_unmask(to + n, payload, header.mask, 0);
			n += part;
		}
		bytes = (ByteSpan){bytes.data + header.size + size, bytes.size - header.size - size};
	}
	return n;
}

static MqttChain carried(ByteSpan bytes, bool masked)
{
	uint8_t first[1024];
	size_t n = first_payload(bytes, first, sizeof first);
	unsigned sender = masked ? MQTT_SENDER_CLIENT : MQTT_SENDER_SERVER;

	return mqtt_chain((ByteSpan){first, n}, MQTT_VERSION_UNKNOWN, sender, 8);
}

/* Whether frames begin with the first octet, which is that of a segment if @segment. */
static bool frames_begin(ByteSpan bytes, bool masked, bool segment)
{
	FrameChain chain = chain_of(bytes, masked);

	if (chain.wrong || (!chain.exact && !chain.partial && chain.n_whole < 64))
		return false;
	if (chain.n_whole >= (chain.exact ? 2u : 3u))
		return true;
	if (segment && chain.n_whole >= 1)
		return true;
	if (chain.n_whole == 0 && !segment)
		return false;
	MqttChain inside = carried(bytes, masked);
	return inside.n_packets > 0 || (segment && inside.rest == MQTT_GUESS_OPEN && inside.publish_follows);
}

ptrdiff_t frame_search(ByteSpan bytes, bool masked)
{
	for (size_t at = 0; at + 2 <= bytes.size; at++)
		if (frames_begin((ByteSpan){bytes.data + at, bytes.size - at}, masked, at == 0))
			return (ptrdiff_t)at;
	return -1;
}

bool websocket_joins(ByteSpan bytes, bool *masked)
{
	if (bytes.size < 4)
		return false;
	*masked = (bytes.data[1] & 0x80) != 0;
	FrameChain chain = chain_of(bytes, *masked);
	if (chain.wrong || (!chain.exact && !chain.partial && chain.n_whole < 64))
		return false;
	MqttChain plain = mqtt_chain(bytes, MQTT_VERSION_UNKNOWN, MQTT_SENDER_EITHER, 8);
	if (plain.n_packets > 0 && plain.rest != MQTT_GUESS_NO)
		return false;
	MqttChain inside = carried(bytes, *masked);
	return inside.rest != MQTT_GUESS_NO && (inside.n_packets > 0 || inside.publish_follows);
}
