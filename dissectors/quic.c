/* SPDX-License-Identifier: MIT */
#include "dissectors/quic.h"

#include <glib.h>
#include <string.h>

#include "dissectors/reader.h"
#include "dissectors/tls_parts.h"

#define QUIC_V1 UINT32_C(0x00000001)
#define QUIC_V2 UINT32_C(0x6b3343cf)

enum {
	LONG_HEADER = 0xc0, /* with the fixed bit */
	ID_MOST = 20,       /* RFC 9000 section 17.2 */
	SAMPLE_SIZE = 16,
	NUMBER_MOST = 4,
	TAG_SIZE = 16,
	PACKET_MOST = 4096,
};

struct Quic {
	TlsCrypto *crypto; /* NULL: none of its packets can be opened */
	unsigned n_packets;
	uint8_t hello[QUIC_HELLO_MOST];
	uint8_t there[QUIC_HELLO_MOST / 8]; /* a bit for each octet */
};

/* An Initial packet; the spans lie in the datagram. */
typedef struct Initial {
	bool v2;
	ByteSpan destination; /* connection id */
	ByteSpan packet;      /* from its first octet to its end */
	size_t number_at;     /* offset of the packet number */
} Initial;

static uint64_t read_varint(Reader *reader)
{
	uint8_t first = reader_u8(reader);
	uint64_t value = first & 0x3f;
	for (unsigned n = (1u << (first >> 6)) - 1; n > 0; n--)
		value = value << 8 | reader_u8(reader);
	return reader->failed ? 0 : value;
}

/* RFC 9000 section 17.2.2; RFC 9369 section 3.2 for the type. */
static bool read_initial(Reader *datagram, Initial *initial)
{
	size_t start = datagram->offset;
	uint8_t first = reader_u8(datagram);
	uint32_t version = reader_u32(datagram);
	unsigned type = first >> 4 & 3;
	initial->v2 = version == QUIC_V2;
	if ((first & LONG_HEADER) != LONG_HEADER || (version != QUIC_V1 && !initial->v2) ||
	    type != (initial->v2 ? 1 : 0))
		return false;
	size_t size = reader_u8(datagram);
	initial->destination = reader_take(datagram, size);
	size_t source_size = reader_u8(datagram);
	reader_skip(datagram, source_size);
	if (datagram->failed || size > ID_MOST || source_size > ID_MOST)
		return false;
	uint64_t token_size = read_varint(datagram);
	reader_skip(datagram, (size_t)MIN(token_size, (uint64_t)SIZE_MAX));
	uint64_t length = read_varint(datagram);
	size_t number_at = datagram->offset;
	if (datagram->failed || length < NUMBER_MOST + TAG_SIZE || length > reader_remaining(datagram))
		return false;
	reader_skip(datagram, (size_t)length);
	initial->packet = (ByteSpan){datagram->bytes.data + start, datagram->offset - start};
	initial->number_at = number_at - start;
	return true;
}

bool quic_begins(ByteSpan datagram)
{
	/* A client fills its first datagrams up to 1200 octets (RFC 9000 section 14.1); an answer that is
	 * as long has its own keys, and does not open. */
	Reader reader = reader_over(datagram);
	Initial initial;
	return datagram.size >= 1200 && read_initial(&reader, &initial) && initial.destination.size >= 8;
}

/* --- protection --------------------------------------------------------------------------- */

typedef struct Keys {
	uint8_t key[16], header[16], iv[TLS_NONCE_SIZE];
} Keys;

/* RFC 9001 section 5.2, RFC 9369 section 3.3. */
static void derive(const TlsCrypto *crypto, const Initial *initial, Keys *keys)
{
	static const uint8_t salts[2][20] = {
		{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	         0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
		{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	         0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
	};
	bool v2 = initial->v2;
	uint8_t secret[32], client[32];
	ByteSpan none = {salts[0], 0};
	TlsKeyed initial_salt = {crypto, TLS_SHA256, {salts[v2], sizeof salts[0]}};
	TlsKeyed initial_secret = {crypto, TLS_SHA256, {secret, sizeof secret}};
	TlsKeyed of_client = {crypto, TLS_SHA256, {client, sizeof client}};

	tls_hmac(&initial_salt, initial->destination, none, secret);
	tls_expand_label(&initial_secret, "client in", client, sizeof client);
	tls_expand_label(&of_client, v2 ? "quicv2 key" : "quic key", keys->key, sizeof keys->key);
	tls_expand_label(&of_client, v2 ? "quicv2 iv" : "quic iv", keys->iv, sizeof keys->iv);
	tls_expand_label(&of_client, v2 ? "quicv2 hp" : "quic hp", keys->header, sizeof keys->header);
}

/* Opens the packet into @out; the octets of its frames, 0 if it does not open. */
static size_t open_packet(const TlsCrypto *crypto, const Initial *initial,
                          uint8_t out[static PACKET_MOST])
{
	Keys keys;
	uint8_t mask[TLS_BLOCK_SIZE], packet[PACKET_MOST];
	size_t at = initial->number_at, size = initial->packet.size;

	if (crypto == NULL || size > sizeof packet || at + NUMBER_MOST + SAMPLE_SIZE > size)
		return 0;
	memcpy(packet, initial->packet.data, size);
	derive(crypto, initial, &keys);
	if (!tls_block(crypto, keys.header, packet + at + NUMBER_MOST, mask))
		return 0;
	/* RFC 9001 section 5.4.1 */
	packet[0] ^= mask[0] & 0x0f;
	size_t n = (packet[0] & 3u) + 1;
	for (size_t i = 0; i < n; i++) {
		packet[at + i] ^= mask[1 + i];
		keys.iv[TLS_NONCE_SIZE - n + i] ^= packet[at + i];
	}
	TlsCipher *cipher = tls_cipher_new(crypto, TLS_AES_128_GCM, keys.key);
	ByteSpan sealed = {packet + at + n, size - at - n};
	bool good = cipher != NULL &&
	            tls_cipher_open(cipher, keys.iv, (ByteSpan){packet, at + n}, sealed, out);
	tls_cipher_free(cipher);
	return good ? sealed.size - TAG_SIZE : 0;
}

/* --- frames ------------------------------------------------------------------------------- */

static void take_crypto(Quic *quic, Reader *frames)
{
	uint64_t offset = read_varint(frames), size = read_varint(frames);
	if (frames->failed || size > reader_remaining(frames)) {
		frames->failed = true;
		return;
	}
	ByteSpan octets = reader_take(frames, (size_t)size);
	for (size_t i = 0; i < octets.size && offset + i < QUIC_HELLO_MOST; i++) {
		size_t at = (size_t)offset + i;
		quic->hello[at] = octets.data[i];
		quic->there[at / 8] |= (uint8_t)(1u << at % 8);
	}
}

static void skip_ack(Reader *frames, bool ecn)
{
	read_varint(frames); /* largest */
	read_varint(frames); /* delay */
	uint64_t ranges = read_varint(frames);
	read_varint(frames); /* first range */
	for (uint64_t n = 2 * ranges + (ecn ? 3 : 0); n > 0 && !frames->failed; n--)
		read_varint(frames);
}

/* RFC 9000 section 12.4: those that an Initial packet may hold. */
static void take_frames(Quic *quic, ByteSpan octets)
{
	enum { PADDING, PING, ACK, ACK_ECN, CRYPTO = 6 };
	Reader frames = reader_over(octets);
	while (!frames.failed && reader_remaining(&frames) > 0) {
		switch (reader_u8(&frames)) {
		case PADDING:
		case PING:
			break;
		case ACK:
			skip_ack(&frames, false);
			break;
		case ACK_ECN:
			skip_ack(&frames, true);
			break;
		case CRYPTO:
			take_crypto(quic, &frames);
			break;
		default:
			return;
		}
	}
}

static size_t size_there(const Quic *quic)
{
	size_t n = 0;
	while (n < QUIC_HELLO_MOST && (quic->there[n / 8] >> n % 8 & 1) != 0)
		n++;
	return n;
}

static QuicVerdict judge(const Quic *quic)
{
	enum { CLIENT_HELLO = 1, HEADER = 4 };
	size_t there = size_there(quic);
	if (there < HEADER)
		return QUIC_PARTIAL;
	size_t size = (size_t)quic->hello[1] << 16 | (size_t)quic->hello[2] << 8 | quic->hello[3];
	if (quic->hello[0] != CLIENT_HELLO || size > QUIC_HELLO_MOST - HEADER)
		return QUIC_OTHER;
	if (there < HEADER + size)
		return QUIC_PARTIAL;
	return tls_offers((ByteSpan){quic->hello + HEADER, size}, "mqtt") ? QUIC_MQTT : QUIC_OTHER;
}

Quic *quic_new(void)
{
	Quic *quic = g_new0(Quic, 1);
	quic->crypto = tls_crypto_load();
	return quic;
}

void quic_free(Quic *quic)
{
	if (quic == NULL)
		return;
	tls_crypto_free(quic->crypto);
	g_free(quic);
}

QuicVerdict quic_datagram(Quic *quic, ByteSpan datagram)
{
	Reader reader = reader_over(datagram);
	Initial initial;
	uint8_t out[PACKET_MOST];
	bool some = false;

	/* Several packets may share a datagram (RFC 9000 section 12.2). */
	while (reader_remaining(&reader) > 0 && read_initial(&reader, &initial)) {
		some = true;
		if (quic->n_packets++ >= QUIC_PACKETS_MOST)
			return QUIC_OTHER;
		size_t size = open_packet(quic->crypto, &initial, out);
		take_frames(quic, (ByteSpan){out, size});
	}
	return some ? judge(quic) : QUIC_NOT;
}
