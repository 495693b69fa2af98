/* SPDX-License-Identifier: MIT */
/* Real TLS, written by libssl, which knows nothing of the reader that it tests. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
	bool v13;
	const char *suites;        /* OpenSSL's names; NULL: its choice */
	const char *client_groups; /* NULL: OpenSSL's choice */
	const char *server_groups; /* other than the client's first: HelloRetryRequest */
	bool mac_then_encrypt;     /* no RFC 7366 */
	bool refuses_early_data;
	bool psk;                  /* a key that both know beforehand, and no certificate */
	bool client_certificate;   /* for pump-7.example */
	bool client_stays;         /* it refuses to renegotiate */
} TlsSetting;

/* A client and a server, for any number of connections one after the other: later ones resume. */
typedef struct TlsPair TlsPair;
/* NULL where this build has no libssl.  `keylog` gets the secrets. */
TlsPair *tls_pair_new(const TlsSetting *setting, GString *keylog);
void tls_pair_free(TlsPair *pair);

typedef struct TlsWriter TlsWriter;
TlsWriter *tls_writer_new(TlsPair *pair);
void tls_writer_free(TlsWriter *writer);
/* Sent before the handshake is over; false if there is no session to resume. */
bool tls_writer_early(TlsWriter *writer, const void *data, gsize size);
/* The next flight; false when the handshake is over. */
bool tls_writer_handshake(TlsWriter *writer, bool *from_client, GByteArray *out);
void tls_writer_data(TlsWriter *writer, bool from_client, const void *data, gsize size,
                     GByteArray *out);
/* TLS 1.3: this side's next record changes its keys. */
void tls_writer_update(TlsWriter *writer, bool from_client);
/* TLS 1.2: this end asks for a handshake inside of the one that is over: the client by a ClientHello, the server by
 * a HelloRequest.  Its flights come from tls_writer_handshake(). */
void tls_writer_renegotiate(TlsWriter *writer, bool from_client);
void tls_writer_close(TlsWriter *writer, bool from_client, GByteArray *out);
/* A record that is none comes to the other end of `from_client`, which answers with an alert. */
void tls_writer_break(TlsWriter *writer, bool from_client, GByteArray *broken, GByteArray *alert);
bool tls_writer_early_taken(const TlsWriter *writer);
