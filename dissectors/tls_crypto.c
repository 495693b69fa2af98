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

void tls_prf(const TlsKeyed *keyed, const char *label, ByteSpan seed, uint8_t *out, size_t size)
{
	size_t n = tls_hash_size(keyed->hash), label_size = strlen(label);
	g_autofree uint8_t *named = g_malloc(label_size + seed.size);
	ByteSpan whole = {named, label_size + seed.size}, none = {named, 0};
	uint8_t a[TLS_HASH_MOST], part[TLS_HASH_MOST];

	memcpy(named, label, label_size);
	memcpy(named + label_size, seed.data, seed.size);
	tls_hmac(keyed, whole, none, a);
	for (size_t at = 0; at < size; at += n) {
		tls_hmac(keyed, (ByteSpan){a, n}, whole, part);
		memcpy(out + at, part, MIN(n, size - at));
		tls_hmac(keyed, (ByteSpan){a, n}, none, a);
	}
}

/* No more than one block is ever asked for. */
void tls_expand_label(const TlsKeyed *keyed, const char *label, uint8_t *out, size_t size)
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
	tls_hmac(keyed, (ByteSpan){info, at}, (ByteSpan){info, 0}, block);
	memcpy(out, block, size);
}

#ifdef HAVE_OPENSSL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* What is called of it. */
#define FUNCTIONS(X) \
	X(OpenSSL_version) \
	X(OPENSSL_cleanse) \
	X(HMAC) \
	X(EVP_sha1) \
	X(EVP_sha256) \
	X(EVP_sha384) \
	X(EVP_aes_128_ecb) \
	X(EVP_aes_128_gcm) \
	X(EVP_aes_256_gcm) \
	X(EVP_aes_128_ccm) \
	X(EVP_aes_256_ccm) \
	X(EVP_aes_128_cbc) \
	X(EVP_aes_256_cbc) \
	X(EVP_chacha20_poly1305) \
	X(EVP_CIPHER_CTX_new) \
	X(EVP_CIPHER_CTX_free) \
	X(EVP_CIPHER_CTX_ctrl) \
	X(EVP_CIPHER_CTX_set_padding) \
	X(EVP_DecryptInit_ex) \
	X(EVP_DecryptUpdate) \
	X(EVP_DecryptFinal_ex) \
	X(EVP_EncryptInit_ex) \
	X(EVP_EncryptUpdate)

/* Each of its own type, as the headers of libcrypto declare it. */
struct TlsCrypto {
#define X(name) __typeof__(&(name)) name;
	FUNCTIONS(X)
#undef X
};

bool tls_crypto_built(void)
{
	return true;
}

#ifdef LIBCRYPTO_SONAME
#include <dlfcn.h>

/* For who looks at the program without running it, as packagers' tools do, that it wants this library:
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#ifdef __ELF__
#define DLOPEN_METADATA \
	"[{\"feature\":\"tls\",\"description\":\"Decrypting TLS\",\"priority\":\"recommended\"," \
	"\"soname\":[\"" LIBCRYPTO_SONAME "\"]}]"
static const struct {
	uint32_t owner_size, text_size, type;
	char owner[4];
	char text[sizeof DLOPEN_METADATA] __attribute__((aligned(4)));
} dlopen_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {
	sizeof "FDO", sizeof DLOPEN_METADATA, 0x407c0c0a, "FDO", DLOPEN_METADATA};
#endif

/* False where the library has no function of that name. */
static bool resolve(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);
	memcpy(function, &found, sizeof found);
	return found != NULL;
}

TlsCrypto *tls_crypto_load(void)
{
	void *library = dlopen(LIBCRYPTO_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (library == NULL)
		return NULL;
	TlsCrypto *crypto = g_new0(TlsCrypto, 1);
	bool whole = true;
#define X(name) whole &= resolve(library, #name, &crypto->name);
	FUNCTIONS(X)
#undef X
	dlclose(library); /* it stays, so that what it keeps for the whole process does */
	if (!whole)
		g_clear_pointer(&crypto, g_free);
	return crypto;
}

#else /* it is linked */

TlsCrypto *tls_crypto_load(void)
{
	TlsCrypto *crypto = g_new0(TlsCrypto, 1);
#define X(name) crypto->name = name;
	FUNCTIONS(X)
#undef X
	return crypto;
}
#endif

void tls_crypto_free(TlsCrypto *crypto)
{
	g_free(crypto);
}

struct TlsCipher {
	const TlsCrypto *crypto;
	EVP_CIPHER_CTX *context;
	TlsAlgorithm algorithm;
	uint8_t key[TLS_KEY_MOST]; /* CCM takes it anew with each message */
};

const char *tls_crypto_version(const TlsCrypto *crypto)
{
	return crypto->OpenSSL_version(OPENSSL_VERSION);
}

static const EVP_MD *digest(const TlsCrypto *crypto, TlsHash hash)
{
	return hash == TLS_SHA1     ? crypto->EVP_sha1()
	       : hash == TLS_SHA256 ? crypto->EVP_sha256()
	                            : crypto->EVP_sha384();
}

void tls_hmac(const TlsKeyed *keyed, ByteSpan a, ByteSpan b, uint8_t *out)
{
	g_autofree uint8_t *whole = g_malloc(a.size + b.size + 1);
	unsigned size = 0;

	memcpy(whole, a.data, a.size);
	memcpy(whole + a.size, b.data, b.size);
	keyed->crypto->HMAC(digest(keyed->crypto, keyed->hash), keyed->key.data, (int)keyed->key.size,
	                    whole, a.size + b.size, out, &size);
}

static const EVP_CIPHER *cipher_of(const TlsCrypto *crypto, TlsAlgorithm algorithm)
{
	switch (algorithm) {
	case TLS_AES_128_GCM:
		return crypto->EVP_aes_128_gcm();
	case TLS_AES_256_GCM:
		return crypto->EVP_aes_256_gcm();
	case TLS_AES_128_CCM:
	case TLS_AES_128_CCM_8:
		return crypto->EVP_aes_128_ccm();
	case TLS_AES_256_CCM:
	case TLS_AES_256_CCM_8:
		return crypto->EVP_aes_256_ccm();
	case TLS_CHACHA20_POLY1305:
		return crypto->EVP_chacha20_poly1305();
	case TLS_AES_128_CBC:
		return crypto->EVP_aes_128_cbc();
	case TLS_AES_256_CBC:
		break;
	}
	return crypto->EVP_aes_256_cbc();
}

static bool is_ccm(TlsAlgorithm algorithm)
{
	return algorithm >= TLS_AES_128_CCM && algorithm <= TLS_AES_256_CCM_8;
}

TlsCipher *tls_cipher_new(const TlsCrypto *crypto, TlsAlgorithm algorithm, const uint8_t *key)
{
	TlsCipher *cipher = g_new0(TlsCipher, 1);
	EVP_CIPHER_CTX *context = cipher->context = crypto->EVP_CIPHER_CTX_new();
	bool good = context != NULL && crypto->EVP_DecryptInit_ex(context, cipher_of(crypto, algorithm),
	                                                          NULL, NULL, NULL) == 1;

	cipher->crypto = crypto;
	cipher->algorithm = algorithm;
	memcpy(cipher->key, key, tls_key_size(algorithm));
	if (good && is_ccm(algorithm)) /* nonce of 12 octets: L is 3 (RFC 6655 section 3) */
		good = crypto->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, TLS_NONCE_SIZE,
		                                   NULL) == 1;
	else if (good)
		good = crypto->EVP_DecryptInit_ex(context, NULL, NULL, key, NULL) == 1;
	if (good)
		return cipher;
	tls_cipher_free(cipher);
	return NULL;
}

void tls_cipher_free(TlsCipher *cipher)
{
	if (cipher == NULL)
		return;
	const TlsCrypto *crypto = cipher->crypto;
	crypto->EVP_CIPHER_CTX_free(cipher->context);
	crypto->OPENSSL_cleanse(cipher, sizeof *cipher);
	g_free(cipher);
}

static bool open_ccm(TlsCipher *cipher, const uint8_t *nonce, ByteSpan additional, ByteSpan body,
                     uint8_t *tag, uint8_t *out)
{
	const TlsCrypto *crypto = cipher->crypto;
	EVP_CIPHER_CTX *context = cipher->context;
	int n = 0;

	return crypto->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG,
	                           (int)tls_tag_size(cipher->algorithm), tag) == 1 &&
	       crypto->EVP_DecryptInit_ex(context, NULL, NULL, cipher->key, nonce) == 1 &&
	       crypto->EVP_DecryptUpdate(context, NULL, &n, NULL, (int)body.size) == 1 &&
	       crypto->EVP_DecryptUpdate(context, NULL, &n, additional.data, (int)additional.size) == 1 &&
	       crypto->EVP_DecryptUpdate(context, out, &n, body.data, (int)body.size) == 1;
}

bool tls_cipher_open(TlsCipher *cipher, const uint8_t nonce[static 12], ByteSpan additional,
                     ByteSpan sealed, uint8_t *out)
{
	const TlsCrypto *crypto = cipher->crypto;
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
	return crypto->EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 &&
	       crypto->EVP_DecryptUpdate(context, NULL, &n, additional.data, (int)additional.size) == 1 &&
	       crypto->EVP_DecryptUpdate(context, out, &n, body.data, (int)body.size) == 1 &&
	       crypto->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)tag_size, tag) == 1 &&
	       crypto->EVP_DecryptFinal_ex(context, out + body.size, &n) == 1;
}

bool tls_cipher_cbc(TlsCipher *cipher, const uint8_t iv[static 16], ByteSpan blocks, uint8_t *out)
{
	const TlsCrypto *crypto = cipher->crypto;
	int n = 0;

	return crypto->EVP_DecryptInit_ex(cipher->context, NULL, NULL, NULL, iv) == 1 &&
	       crypto->EVP_CIPHER_CTX_set_padding(cipher->context, 0) == 1 &&
	       crypto->EVP_DecryptUpdate(cipher->context, out, &n, blocks.data, (int)blocks.size) == 1 &&
	       (size_t)n == blocks.size;
}

bool tls_block(const TlsCrypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
               uint8_t out[static 16])
{
	EVP_CIPHER_CTX *context = crypto->EVP_CIPHER_CTX_new();
	uint8_t room[2 * TLS_BLOCK_SIZE];
	int n = 0;
	bool good = context != NULL &&
	            crypto->EVP_EncryptInit_ex(context, crypto->EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
	            crypto->EVP_EncryptUpdate(context, room, &n, in, TLS_BLOCK_SIZE) == 1 && n == TLS_BLOCK_SIZE;

	crypto->EVP_CIPHER_CTX_free(context);
	if (good)
		memcpy(out, room, TLS_BLOCK_SIZE);
	return good;
}

#else

bool tls_crypto_built(void)
{
	return false;
}

TlsCrypto *tls_crypto_load(void)
{
	return NULL;
}

void tls_crypto_free(TlsCrypto *crypto)
{
	(void)crypto;
}

bool tls_block(const TlsCrypto *crypto, const uint8_t key[static 16], const uint8_t in[static 16],
               uint8_t out[static 16])
{
	(void)crypto;
	(void)key;
	(void)in;
	(void)out;
	return false;
}

const char *tls_crypto_version(const TlsCrypto *crypto)
{
	(void)crypto;
	return NULL;
}

void tls_hmac(const TlsKeyed *keyed, ByteSpan a, ByteSpan b, uint8_t *out)
{
	(void)a;
	(void)b;
	memset(out, 0, tls_hash_size(keyed->hash));
}

TlsCipher *tls_cipher_new(const TlsCrypto *crypto, TlsAlgorithm algorithm, const uint8_t *key)
{
	(void)crypto;
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
