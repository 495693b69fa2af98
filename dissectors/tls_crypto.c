/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "dissectors/tls_crypto.h"

#include <glib.h>
#include <string.h>

size_t tls_hash_size(TlsHash hash)
{
	return hash == TLS_SHA1 ? 20 : hash == TLS_SHA256 ? 32 : 48;
}

size_t tls_key_size(TlsAlgorithm algorithm)
{
	switch (algorithm) {
	case TLS_AES_128_GCM:
	case TLS_AES_128_CCM:
	case TLS_AES_128_CCM_8:
	case TLS_AES_128_CBC:
		return 16;
	case TLS_AES_256_GCM:
	case TLS_AES_256_CCM:
	case TLS_AES_256_CCM_8:
	case TLS_CHACHA20_POLY1305:
	case TLS_AES_256_CBC:
		break;
	}
	return 32;
}

bool tls_is_cbc(TlsAlgorithm algorithm)
{
	return algorithm == TLS_AES_128_CBC || algorithm == TLS_AES_256_CBC;
}

size_t tls_tag_size(TlsAlgorithm algorithm)
{
	if (tls_is_cbc(algorithm))
		return 0;
	return algorithm == TLS_AES_128_CCM_8 || algorithm == TLS_AES_256_CCM_8 ? 8 : 16;
}

void tls_prf(TlsHash hash, ByteSpan secret, const char *label, ByteSpan seed, uint8_t *out,
             size_t size)
{
	size_t n = tls_hash_size(hash), label_size = strlen(label);
	g_autofree uint8_t *named = g_malloc(label_size + seed.size);
	ByteSpan whole = {named, label_size + seed.size}, none = {named, 0};
	uint8_t a[TLS_HASH_MOST], part[TLS_HASH_MOST];

	memcpy(named, label, label_size);
	memcpy(named + label_size, seed.data, seed.size);
	tls_hmac(hash, secret, whole, none, a);
	for (size_t at = 0; at < size; at += n) {
		tls_hmac(hash, secret, (ByteSpan){a, n}, whole, part);
		memcpy(out + at, part, MIN(n, size - at));
		tls_hmac(hash, secret, (ByteSpan){a, n}, none, a);
	}
}

/* No more than one block is ever asked for. */
void tls_expand_label(TlsHash hash, ByteSpan secret, const char *label, uint8_t *out, size_t size)
{
	uint8_t info[64], block[TLS_HASH_MOST];
	size_t n = 6 + strlen(label), at = 0;

	info[at++] = 0;
	info[at++] = (uint8_t)size;
	info[at++] = (uint8_t)n;
	memcpy(info + at, "tls13 ", 6);
	memcpy(info + at + 6, label, n - 6);
	at += n;
	info[at++] = 0;
	info[at++] = 1;
	tls_hmac(hash, secret, (ByteSpan){info, at}, (ByteSpan){info, 0}, block);
	memcpy(out, block, size);
}

#ifdef HAVE_OPENSSL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct TlsCipher {
	EVP_CIPHER_CTX *context;
	TlsAlgorithm algorithm;
	uint8_t key[TLS_KEY_MOST]; /* CCM takes it anew with each message */
};

const char *tls_crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

static const EVP_MD *digest(TlsHash hash)
{
	return hash == TLS_SHA1 ? EVP_sha1() : hash == TLS_SHA256 ? EVP_sha256() : EVP_sha384();
}

void tls_hmac(TlsHash hash, ByteSpan key, ByteSpan a, ByteSpan b, uint8_t *out)
{
	g_autofree uint8_t *whole = g_malloc(a.size + b.size + 1);
	unsigned size = 0;

	memcpy(whole, a.data, a.size);
	memcpy(whole + a.size, b.data, b.size);
	HMAC(digest(hash), key.data, (int)key.size, whole, a.size + b.size, out, &size);
}

static const EVP_CIPHER *cipher_of(TlsAlgorithm algorithm)
{
	switch (algorithm) {
	case TLS_AES_128_GCM:
		return EVP_aes_128_gcm();
	case TLS_AES_256_GCM:
		return EVP_aes_256_gcm();
	case TLS_AES_128_CCM:
	case TLS_AES_128_CCM_8:
		return EVP_aes_128_ccm();
	case TLS_AES_256_CCM:
	case TLS_AES_256_CCM_8:
		return EVP_aes_256_ccm();
	case TLS_CHACHA20_POLY1305:
		return EVP_chacha20_poly1305();
	case TLS_AES_128_CBC:
		return EVP_aes_128_cbc();
	case TLS_AES_256_CBC:
		break;
	}
	return EVP_aes_256_cbc();
}

static bool is_ccm(TlsAlgorithm algorithm)
{
	return algorithm >= TLS_AES_128_CCM && algorithm <= TLS_AES_256_CCM_8;
}

TlsCipher *tls_cipher_new(TlsAlgorithm algorithm, const uint8_t *key)
{
	TlsCipher *cipher = g_new0(TlsCipher, 1);
	EVP_CIPHER_CTX *context = cipher->context = EVP_CIPHER_CTX_new();
	bool good = context != NULL &&
	            EVP_DecryptInit_ex(context, cipher_of(algorithm), NULL, NULL, NULL) == 1;

	cipher->algorithm = algorithm;
	memcpy(cipher->key, key, tls_key_size(algorithm));
	if (good && is_ccm(algorithm)) /* nonce of 12 octets: L is 3 (RFC 6655 section 3) */
		good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, TLS_NONCE_SIZE, NULL) == 1;
	else if (good)
		good = EVP_DecryptInit_ex(context, NULL, NULL, key, NULL) == 1;
	if (good)
		return cipher;
	tls_cipher_free(cipher);
	return NULL;
}

void tls_cipher_free(TlsCipher *cipher)
{
	if (cipher == NULL)
		return;
	EVP_CIPHER_CTX_free(cipher->context);
	OPENSSL_cleanse(cipher, sizeof *cipher);
	g_free(cipher);
}

static bool open_ccm(TlsCipher *cipher, const uint8_t *nonce, ByteSpan additional, ByteSpan body,
                     uint8_t *tag, uint8_t *out)
{
	EVP_CIPHER_CTX *context = cipher->context;
	int n = 0;

	return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG,
	                           (int)tls_tag_size(cipher->algorithm), tag) == 1 &&
	       EVP_DecryptInit_ex(context, NULL, NULL, cipher->key, nonce) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &n, NULL, (int)body.size) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &n, additional.data, (int)additional.size) == 1 &&
	       EVP_DecryptUpdate(context, out, &n, body.data, (int)body.size) == 1;
}

bool tls_cipher_open(TlsCipher *cipher, const uint8_t nonce[static 12], ByteSpan additional,
                     ByteSpan sealed, uint8_t *out)
{
	EVP_CIPHER_CTX *context = cipher->context;
	size_t tag_size = tls_tag_size(cipher->algorithm);
	uint8_t tag[TLS_BLOCK_SIZE];
	int n = 0;

	if (sealed.size < tag_size)
		return false;
	ByteSpan body = {sealed.data, sealed.size - tag_size};
	memcpy(tag, sealed.data + body.size, tag_size);
	if (is_ccm(cipher->algorithm))
		return open_ccm(cipher, nonce, additional, body, tag, out);
	return EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &n, additional.data, (int)additional.size) == 1 &&
	       EVP_DecryptUpdate(context, out, &n, body.data, (int)body.size) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)tag_size, tag) == 1 &&
	       EVP_DecryptFinal_ex(context, out + body.size, &n) == 1;
}

bool tls_cipher_cbc(TlsCipher *cipher, const uint8_t iv[static 16], ByteSpan blocks, uint8_t *out)
{
	int n = 0;

	return EVP_DecryptInit_ex(cipher->context, NULL, NULL, NULL, iv) == 1 &&
	       EVP_CIPHER_CTX_set_padding(cipher->context, 0) == 1 &&
	       EVP_DecryptUpdate(cipher->context, out, &n, blocks.data, (int)blocks.size) == 1 &&
	       (size_t)n == blocks.size;
}

bool tls_block(const uint8_t key[static 16], const uint8_t in[static 16], uint8_t out[static 16])
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t room[2 * TLS_BLOCK_SIZE];
	int n = 0;
	bool good = context != NULL &&
	            EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
	            EVP_EncryptUpdate(context, room, &n, in, TLS_BLOCK_SIZE) == 1 && n == TLS_BLOCK_SIZE;

	EVP_CIPHER_CTX_free(context);
	if (good)
		memcpy(out, room, TLS_BLOCK_SIZE);
	return good;
}

#else

bool tls_block(const uint8_t key[static 16], const uint8_t in[static 16], uint8_t out[static 16])
{
	(void)key;
	(void)in;
	(void)out;
	return false;
}

const char *tls_crypto_version(void)
{
	return NULL;
}

void tls_hmac(TlsHash hash, ByteSpan key, ByteSpan a, ByteSpan b, uint8_t *out)
{
	(void)key;
	(void)a;
	(void)b;
	memset(out, 0, tls_hash_size(hash));
}

TlsCipher *tls_cipher_new(TlsAlgorithm algorithm, const uint8_t *key)
{
	(void)algorithm;
	(void)key;
	return NULL;
}

void tls_cipher_free(TlsCipher *cipher)
{
	(void)cipher;
}

bool tls_cipher_open(TlsCipher *cipher, const uint8_t nonce[static 12], ByteSpan additional,
                     ByteSpan sealed, uint8_t *out)
{
	(void)cipher;
	(void)nonce;
	(void)additional;
	(void)sealed;
	(void)out;
	return false;
}

bool tls_cipher_cbc(TlsCipher *cipher, const uint8_t iv[static 16], ByteSpan blocks, uint8_t *out)
{
	(void)cipher;
	(void)iv;
	(void)blocks;
	(void)out;
	return false;
}
#endif
