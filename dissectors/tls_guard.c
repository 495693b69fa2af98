/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/tls_parts.h"

const TlsSuite *tls_suite_find(uint16_t number)
{
	static const TlsSuite suites[] = {
#define X(number, algorithm, hash, mac) {number, TLS_##algorithm, TLS_##hash, TLS_##mac},
#include "dissectors/tls_suites.def"
#undef X
	};
	for (size_t i = 0; i < G_N_ELEMENTS(suites); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

void tls_guard_clear(TlsGuard *guard)
{
	tls_cipher_free(guard->cipher);
	*guard = (TlsGuard){0};
}

bool tls_guard_begin_13(TlsGuard *guard, const uint8_t *secret)
{
	TlsHash hash = (TlsHash)guard->suite->hash;
	TlsAlgorithm algorithm = (TlsAlgorithm)guard->suite->algorithm;
	TlsKeyed keyed = {guard->crypto, hash, {secret, tls_hash_size(hash)}};
	uint8_t key[TLS_KEY_MOST];

	guard->v13 = true;
	memcpy(guard->secret, secret, keyed.key.size);
	tls_expand_label(&keyed, "key", key, tls_key_size(algorithm));
	tls_expand_label(&keyed, "iv", guard->iv, sizeof guard->iv);
	guard->cipher = tls_cipher_new(guard->crypto, algorithm, key);
	return guard->cipher != NULL;
}

bool tls_guard_next(TlsGuard *guard, const TlsGuard *before)
{
	TlsHash hash = (TlsHash)before->suite->hash;
	uint8_t secret[TLS_HASH_MOST];
	TlsKeyed keyed = {before->crypto, hash, {before->secret, tls_hash_size(hash)}};

	*guard = (TlsGuard){.crypto = before->crypto, .suite = before->suite};
	tls_expand_label(&keyed, "traffic upd", secret, keyed.key.size);
	return tls_guard_begin_13(guard, secret);
}

/* RFC 5246 section 6.3; the fixed part of the nonce: RFC 5288, RFC 6655, RFC 7905. */
bool tls_guard_begin_12(TlsGuard *guard, ByteSpan master, const TlsHello *hello, bool of_server)
{
	const TlsSuite *suite = guard->suite;
	TlsKeyed keyed = {guard->crypto, (TlsHash)suite->hash, master};
	TlsAlgorithm algorithm = (TlsAlgorithm)suite->algorithm;
	size_t mac = tls_is_cbc(algorithm) ? tls_hash_size((TlsHash)suite->mac) : 0;
	size_t key = tls_key_size(algorithm);
	size_t iv = tls_is_cbc(algorithm) ? 0 : algorithm == TLS_CHACHA20_POLY1305 ? 12 : 4;
	uint8_t seed[2 * TLS_RANDOM_SIZE], block[2 * (TLS_HASH_MOST + TLS_KEY_MOST + TLS_NONCE_SIZE)];

	memcpy(seed, hello->random[1], TLS_RANDOM_SIZE);
	memcpy(seed + TLS_RANDOM_SIZE, hello->random[0], TLS_RANDOM_SIZE);
	tls_prf(&keyed, "key expansion", (ByteSpan){seed, sizeof seed}, block, 2 * (mac + key + iv));
	guard->encrypt_then_mac = hello->encrypt_then_mac;
	memcpy(guard->mac_key, block + (of_server ? mac : 0), mac);
	memcpy(guard->iv, block + 2 * (mac + key) + (of_server ? iv : 0), iv);
	guard->cipher = tls_cipher_new(guard->crypto, algorithm, block + 2 * mac + (of_server ? key : 0));
	return guard->cipher != NULL;
}

static void put_u64(uint8_t *to, uint64_t number)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(number >> 8 * (7 - i));
}

/* What stands before the content in the additional data and in the MAC of TLS 1.2. */
static void put_head(uint8_t head[13], uint64_t sequence, ByteSpan record, size_t size)
{
	put_u64(head, sequence);
	memcpy(head + 8, record.data, 3);
	head[11] = (uint8_t)(size >> 8);
	head[12] = (uint8_t)size;
}

static void mix_nonce(const TlsGuard *guard, uint64_t sequence, uint8_t nonce[12])
{
	uint8_t number[8];
	put_u64(number, sequence);
	memcpy(nonce, guard->iv, 12);
	for (unsigned i = 0; i < 8; i++)
		nonce[4 + i] ^= number[i];
}

static bool open_13(const TlsGuard *guard, uint64_t sequence, ByteSpan record, uint8_t *out,
                    size_t *size, uint8_t *type)
{
	uint8_t nonce[12];
	ByteSpan body = {record.data + TLS_HEADER_SIZE, record.size - TLS_HEADER_SIZE};
	size_t tag = tls_tag_size((TlsAlgorithm)guard->suite->algorithm);

	mix_nonce(guard, sequence, nonce);
	if (body.size <= tag || !tls_cipher_open(guard->cipher, nonce,
	                                         (ByteSpan){record.data, TLS_HEADER_SIZE}, body, out))
		return false;
	for (*size = body.size - tag; *size > 0 && out[*size - 1] == 0;)
		--*size; /* padding (RFC 8446 section 5.4) */
	if (*size == 0)
		return false;
	*type = out[--*size];
	return true;
}

static bool open_aead(const TlsGuard *guard, uint64_t sequence, ByteSpan record, uint8_t *out,
                      size_t *size)
{
	TlsAlgorithm algorithm = (TlsAlgorithm)guard->suite->algorithm;
	size_t own = algorithm == TLS_CHACHA20_POLY1305 ? 0 : 8; /* of the nonce, in the record */
	size_t tag = tls_tag_size(algorithm), start = TLS_HEADER_SIZE + own;
	uint8_t nonce[12], head[13];

	if (record.size < start + tag)
		return false;
	*size = record.size - start - tag;
	put_head(head, sequence, record, *size);
	mix_nonce(guard, own == 0 ? sequence : 0, nonce);
	memcpy(nonce + 12 - own, record.data + TLS_HEADER_SIZE, own);
	return tls_cipher_open(guard->cipher, nonce, (ByteSpan){head, sizeof head},
	                       (ByteSpan){record.data + start, record.size - start}, out);
}

static bool mac_fits(const TlsGuard *guard, const uint8_t head[13], ByteSpan content,
                     const uint8_t *mac)
{
	TlsHash hash = (TlsHash)guard->suite->mac;
	TlsKeyed keyed = {guard->crypto, hash, {guard->mac_key, tls_hash_size(hash)}};
	uint8_t due[TLS_HASH_MOST];

	tls_hmac(&keyed, (ByteSpan){head, 13}, content, due);
	return memcmp(due, mac, tls_hash_size(hash)) == 0;
}

/* RFC 5246 section 6.2.3.2: the octets before the padding; 0 if there is none that fits. */
static size_t without_padding(const uint8_t *octets, size_t size)
{
	size_t padding = size == 0 ? 0 : octets[size - 1] + 1u;

	if (padding == 0 || padding > size)
		return 0;
	for (size_t i = size - padding; i < size; i++)
		if (octets[i] != padding - 1)
			return 0;
	return size - padding;
}

static bool open_cbc(const TlsGuard *guard, uint64_t sequence, ByteSpan record, uint8_t *out,
                     size_t *size)
{
	ByteSpan body = {record.data + TLS_HEADER_SIZE, record.size - TLS_HEADER_SIZE};
	size_t mac = tls_hash_size((TlsHash)guard->suite->mac);
	size_t outside = guard->encrypt_then_mac ? mac : 0;
	uint8_t head[13];

	if (body.size < 2 * TLS_BLOCK_SIZE + outside ||
	    (body.size - outside) % TLS_BLOCK_SIZE != 0)
		return false;
	body.size -= outside;
	put_head(head, sequence, record, body.size);
	if (outside > 0 && !mac_fits(guard, head, body, body.data + body.size))
		return false;
	ByteSpan blocks = {body.data + TLS_BLOCK_SIZE, body.size - TLS_BLOCK_SIZE};
	if (!tls_cipher_cbc(guard->cipher, body.data, blocks, out))
		return false;
	*size = without_padding(out, blocks.size);
	if (outside > 0)
		return *size > 0 || out[blocks.size - 1] + 1u == blocks.size;
	if (*size < mac)
		return false;
	*size -= mac;
	put_head(head, sequence, record, *size);
	return mac_fits(guard, head, (ByteSpan){out, *size}, out + *size);
}

bool tls_guard_open(TlsGuard *guard, ByteSpan record, unsigned more, uint8_t *out, size_t *size,
                    uint8_t *type)
{
	bool cbc = tls_is_cbc((TlsAlgorithm)guard->suite->algorithm);

	*type = record.data[0];
	for (unsigned i = 0; i <= more; i++) {
		uint64_t sequence = guard->sequence + i;
		bool good = guard->v13 ? open_13(guard, sequence, record, out, size, type)
		            : cbc      ? open_cbc(guard, sequence, record, out, size)
		                       : open_aead(guard, sequence, record, out, size);
		if (!good)
			continue;
		guard->sequence = sequence + 1;
		return true;
	}
	return false;
}
