/* SPDX-License-Identifier: MIT */
/*
 * tls_keys: the secrets of a key log (the format of NSS, SSLKEYLOGFILE), by Client Random.
 */
#pragma once

#include <glib.h>

#include "dissectors/bytes.h"

typedef enum TlsSecret {
	TLS_MASTER, /* up to TLS 1.2: CLIENT_RANDOM */
	TLS_CLIENT_EARLY,
	TLS_CLIENT_HANDSHAKE,
	TLS_SERVER_HANDSHAKE,
	TLS_CLIENT_TRAFFIC,
	TLS_SERVER_TRAFFIC,
	TLS_N_SECRETS
} TlsSecret;

enum { TLS_RANDOM_SIZE = 32, TLS_SECRET_MOST = 48, TLS_KEYS_MOST = 1 << 20 };

/* Those of one connection; size 0: not known. */
typedef struct TlsSecrets {
	uint8_t size[TLS_N_SECRETS];
	uint8_t octets[TLS_N_SECRETS][TLS_SECRET_MOST];
	bool again; /* the connection went on with another handshake inside ... */
	uint8_t next[TLS_RANDOM_SIZE]; /* ... which has this Client Random */
} TlsSecrets;

typedef struct TlsKeys TlsKeys;

TlsKeys *tls_keys_new(void);
void tls_keys_free(TlsKeys *keys);
/* For hash tables whose keys are Client Randoms. */
guint tls_random_hash(gconstpointer random);
gboolean tls_random_equal(gconstpointer a, gconstpointer b);
/* Whole lines; those that are no secrets (comments, other labels) are passed over.  How many
 * secrets there were. */
size_t tls_keys_add(TlsKeys *keys, ByteSpan lines);
/* How many secrets were added so far. */
size_t tls_keys_count(const TlsKeys *keys);
/* Appends the lines of a key log that hold @secrets. */
void tls_keys_write(GString *lines, const uint8_t random[static TLS_RANDOM_SIZE],
                    const TlsSecrets *secrets);
/* Where more may come from while a capture runs: true if something came. */
void tls_keys_grow(TlsKeys *keys, bool (*more)(void *user), void *user);
bool tls_keys_may_grow(const TlsKeys *keys);
/* True if something came. */
bool tls_keys_look_again(TlsKeys *keys);
/* In the connection of @before another handshake came, with @random. */
void tls_keys_agree_again(TlsKeys *keys, TlsSecrets *before, const uint8_t random[static TLS_RANDOM_SIZE]);
/* How often that was. */
size_t tls_keys_again(const TlsKeys *keys);
/* NULL if there is none.  Stays valid, and may get more secrets. */
TlsSecrets *tls_keys_find(TlsKeys *keys, const uint8_t random[static TLS_RANDOM_SIZE]);
