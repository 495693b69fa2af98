/* SPDX-License-Identifier: MIT */
/*
 * tls_parts: what the files of the TLS layer share.
 */
#pragma once

#include <glib.h>

#include "dissectors/tls.h"
#include "dissectors/tls_crypto.h"

enum {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE_RECORD = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_HEADER_SIZE = 5,
	TLS_BODY_MOST = 16384 + 2048, /* RFC 5246 section 6.2.3 */
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

typedef struct TlsSuite {
	uint16_t number;
	uint8_t algorithm; /* TlsAlgorithm */
	uint8_t hash;      /* TlsHash of the key derivation */
	uint8_t mac;       /* TlsHash, with CBC */
} TlsSuite;

/* NULL if it cannot be read. */
const TlsSuite *tls_suite_find(uint16_t number);

/* What the two Hellos settle. */
typedef struct TlsHello {
	uint8_t random[2][TLS_RANDOM_SIZE]; /* of the client, of the server */
	bool early_data;         /* the client offers it, and it may come before the answer */
	bool encrypt_then_mac;   /* RFC 7366 */
} TlsHello;

/* Bodies of handshake messages; false if they make no sense. */
bool tls_client_hello(ByteSpan body, TlsHello *hello, TlsFacts *facts);
bool tls_server_hello(ByteSpan body, TlsHello *hello, TlsFacts *facts);
/* The name in the first certificate of a Certificate message of TLS 1.2, into @to of @room octets. */
void tls_certificate_name(ByteSpan body, char *to, size_t room);
/* Whether the body of a ClientHello offers @protocol in its ALPN. */
bool tls_offers(ByteSpan body, const char *protocol);
/* Whether the server takes early data. */
bool tls_encrypted_extensions(ByteSpan body, TlsFacts *facts);

/* How the records of one direction are protected. */
typedef struct TlsGuard {
	TlsCipher *cipher; /* NULL: nothing is known */
	const TlsCrypto *crypto;
	const TlsSuite *suite;
	uint64_t sequence; /* of the next record */
	bool v13, encrypt_then_mac;
	uint8_t iv[TLS_NONCE_SIZE];
	uint8_t mac_key[TLS_HASH_MOST];
	uint8_t secret[TLS_HASH_MOST]; /* TLS 1.3 */
} TlsGuard;

void tls_guard_clear(TlsGuard *guard);
/* @guard has its crypto and its suite, and nothing else. */
bool tls_guard_begin_13(TlsGuard *guard, const uint8_t *secret);
/* The traffic secret after this one (RFC 8446 section 7.2). */
bool tls_guard_next(TlsGuard *guard, const TlsGuard *before);
/* As tls_guard_begin_13(). */
bool tls_guard_begin_12(TlsGuard *guard, ByteSpan master, const TlsHello *hello, bool of_server);
/* Opens @record, header and body, into @out, which is as large.  Tries the next @more numbers too. */
bool tls_guard_open(TlsGuard *guard, ByteSpan record, unsigned more, uint8_t *out, size_t *size,
                    uint8_t *type);
