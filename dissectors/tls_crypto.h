/* SPDX-License-Identifier: MIT */
/*
 * tls_crypto: every primitive that TLS needs; libcrypto stands behind it, and nowhere else.
 *
 * It is loaded only where something is to be decrypted: that takes as long as reading some thousand
 * packets does, and most captures have nothing for it.
 */
#pragma once

#include "dissectors/bytes.h"

typedef enum TlsHash { TLS_SHA1, TLS_SHA256, TLS_SHA384 } TlsHash;

typedef enum TlsAlgorithm {
	TLS_AES_128_GCM,
	TLS_AES_256_GCM,
	TLS_AES_128_CCM,
	TLS_AES_256_CCM,
	TLS_AES_128_CCM_8,
	TLS_AES_256_CCM_8,
	TLS_CHACHA20_POLY1305,
	TLS_AES_128_CBC,
	TLS_AES_256_CBC,
} TlsAlgorithm;

enum { TLS_HASH_MOST = 48, TLS_KEY_MOST = 32, TLS_NONCE_SIZE = 12, TLS_BLOCK_SIZE = 16 };

/* What of libcrypto is in use. */
typedef struct TlsCrypto TlsCrypto;

/* Whether this was built with it; it may not be installed all the same. */
bool tls_crypto_built(void);
/* NULL where it is not installed, or this was built without.  The first call loads libcrypto, and
 * nothing unloads it; those after it take some microseconds.  It outlives what is made with it. */
TlsCrypto *tls_crypto_load(void);
void tls_crypto_free(TlsCrypto *crypto);
/* "OpenSSL 3.0.19 27 Jan 2026" */
const char *tls_crypto_version(const TlsCrypto *crypto);

size_t tls_hash_size(TlsHash hash);
size_t tls_key_size(TlsAlgorithm algorithm);
size_t tls_tag_size(TlsAlgorithm algorithm);
bool tls_is_cbc(TlsAlgorithm algorithm);

/* A hash with a key. */
typedef struct TlsKeyed {
	const TlsCrypto *crypto;
	TlsHash hash;
	ByteSpan key;
} TlsKeyed;

/* The HMAC of @a and then @b. */
void tls_hmac(const TlsKeyed *keyed, ByteSpan a, ByteSpan b, uint8_t *out);
/* TLS 1.2: PRF (RFC 5246 section 5); the key is the secret. */
void tls_prf(const TlsKeyed *keyed, const char *label, ByteSpan seed, uint8_t *out, size_t size);
/* TLS 1.3: HKDF-Expand-Label without a context (RFC 8446 section 7.1). */
void tls_expand_label(const TlsKeyed *keyed, const char *label, uint8_t *out, size_t size);

/* One block of AES-128; false if it cannot be done. */
bool tls_block(const TlsCrypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
               uint8_t out[static 16]);

typedef struct TlsCipher TlsCipher;
/* NULL where libcrypto has no such algorithm. */
TlsCipher *tls_cipher_new(const TlsCrypto *crypto, TlsAlgorithm algorithm, const uint8_t *key);
void tls_cipher_free(TlsCipher *cipher);
/* Opens @sealed, its tag at the end, into @out, which is as large; false if the tag is wrong. */
bool tls_cipher_open(TlsCipher *cipher, const uint8_t nonce[static 12], ByteSpan additional,
                     ByteSpan sealed, uint8_t *out);
/* CBC without a look at the padding; whole blocks. */
bool tls_cipher_cbc(TlsCipher *cipher, const uint8_t iv[static 16], ByteSpan blocks, uint8_t *out);
