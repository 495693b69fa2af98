/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/tls_writer.h"

#ifdef HAVE_LIBSSL
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

struct TlsPair {
	SSL_CTX *contexts[2]; /* [0] server, [1] client */
	SSL_SESSION *session;
	bool early;
};

struct TlsWriter {
	TlsPair *pair;
	SSL *ends[2]; /* [0] server, [1] client */
	bool turn;    /* the client's */
	bool early, early_read;
};

static void on_key(const SSL *ssl, const char *line)
{
	g_string_append_printf(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), "%s\n", line);
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
	TlsWriter *writer = SSL_get_app_data(ssl);

	if (writer->pair->session != NULL)
		SSL_SESSION_free(writer->pair->session);
	writer->pair->session = session;
	return 1;
}

static void sign_oneself(SSL_CTX *context, const char *own_name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const guchar *)own_name, -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_sign(certificate, key, EVP_sha256());
	SSL_CTX_use_certificate(context, certificate);
	SSL_CTX_use_PrivateKey(context, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void set_up(SSL_CTX *context, const TlsSetting *setting)
{
	int version = setting->v13 ? TLS1_3_VERSION : TLS1_2_VERSION;

	SSL_CTX_set_min_proto_version(context, version);
	SSL_CTX_set_max_proto_version(context, version);
	SSL_CTX_set_security_level(context, 0);
	if (setting->suites != NULL && setting->v13)
		SSL_CTX_set_ciphersuites(context, setting->suites);
	else if (setting->suites != NULL)
		SSL_CTX_set_cipher_list(context, setting->suites);
	if (setting->mac_then_encrypt)
		SSL_CTX_set_options(context, SSL_OP_NO_ENCRYPT_THEN_MAC);
	SSL_CTX_set_options(context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
}

static int choose_alpn(SSL *ssl, const guchar **out, guchar *size, const guchar *in, guint in_size,
                       void *user)
{
	(void)ssl;
	(void)user;
	*out = in + 1;
	*size = in[0];
	return in_size > 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static const guchar shared_key[16] = "0123456789abcde";

static guint client_psk(SSL *ssl, const char *hint, char *identity, guint identity_size, guchar *key,
                        guint key_size)
{
	(void)ssl;
	(void)hint;
	g_strlcpy(identity, "pump-7", identity_size);
	memcpy(key, shared_key, MIN(key_size, sizeof shared_key));
	return sizeof shared_key;
}

static guint server_psk(SSL *ssl, const char *identity, guchar *key, guint key_size)
{
	(void)ssl;
	(void)identity;
	memcpy(key, shared_key, MIN(key_size, sizeof shared_key));
	return sizeof shared_key;
}

static int trust_anybody(int good, X509_STORE_CTX *context)
{
	(void)good;
	(void)context;
	return 1;
}

/* The macros of libssl take the list for one that may be written to. */
static void set_groups(SSL_CTX *context, const char *groups)
{
	g_autofree char *list = g_strdup(groups);
	if (list != NULL)
		SSL_CTX_set1_groups_list(context, list);
}

TlsPair *tls_pair_new(const TlsSetting *setting, GString *keylog)
{
	TlsPair *pair = g_new0(TlsPair, 1);
	SSL_CTX *server = pair->contexts[0] = SSL_CTX_new(TLS_server_method());
	SSL_CTX *client = pair->contexts[1] = SSL_CTX_new(TLS_client_method());

	set_up(server, setting);
	set_up(client, setting);
	if (!setting->psk)
		sign_oneself(server, "broker.example");
	if (setting->client_certificate) {
		sign_oneself(client, "pump-7.example");
		SSL_CTX_set_verify(server, SSL_VERIFY_PEER, trust_anybody);
	}
	if (setting->client_stays)
		SSL_CTX_set_options(client, SSL_OP_NO_RENEGOTIATION);
	if (setting->psk) {
		SSL_CTX_set_psk_client_callback(client, client_psk);
		SSL_CTX_set_psk_server_callback(server, server_psk);
	}
	set_groups(client, setting->client_groups);
	set_groups(server, setting->server_groups);
	SSL_CTX_set_alpn_select_cb(server, choose_alpn, NULL);
	SSL_CTX_set_alpn_protos(client, (const guchar *)"\4mqtt", 5);
	SSL_CTX_set_max_early_data(server, 4096);
	SSL_CTX_set_options(server, SSL_OP_NO_ANTI_REPLAY);
	SSL_CTX_set_session_id_context(server, (const guchar *)"t", 1);
	SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(client, on_session);
	SSL_CTX_set_app_data(client, keylog);
	SSL_CTX_set_keylog_callback(client, on_key);
	pair->early = !setting->refuses_early_data;
	return pair;
}

void tls_pair_free(TlsPair *pair)
{
	if (pair == NULL)
		return;
	SSL_SESSION_free(pair->session);
	SSL_CTX_free(pair->contexts[0]);
	SSL_CTX_free(pair->contexts[1]);
	g_free(pair);
}

TlsWriter *tls_writer_new(TlsPair *pair)
{
	TlsWriter *writer = g_new0(TlsWriter, 1);

	writer->pair = pair;
	writer->turn = true;
	for (guint i = 0; i < 2; i++) {
		SSL *ssl = writer->ends[i] = SSL_new(pair->contexts[i]);
		SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
		SSL_set_app_data(ssl, writer);
	}
	SSL_set_accept_state(writer->ends[0]);
	SSL_set_connect_state(writer->ends[1]);
	char name[] = "broker.example";
	SSL_set_tlsext_host_name(writer->ends[1], name);
	if (!pair->early && pair->session != NULL)
		SSL_set_max_early_data(writer->ends[0], 0);
	if (pair->session != NULL)
		SSL_set_session(writer->ends[1], pair->session);
	return writer;
}

void tls_writer_free(TlsWriter *writer)
{
	if (writer == NULL)
		return;
	SSL_free(writer->ends[0]);
	SSL_free(writer->ends[1]);
	g_free(writer);
}

bool tls_writer_early(TlsWriter *writer, const void *data, gsize size)
{
	gsize written;

	writer->early = writer->pair->session != NULL &&
	                SSL_write_early_data(writer->ends[1], data, size, &written) == 1;
	return writer->early;
}

/* What an end has to say goes to the other end, and into `out`. */
static void carry(TlsWriter *writer, bool from_client, GByteArray *out)
{
	BIO *from = SSL_get_wbio(writer->ends[from_client]);
	guint8 room[4096];
	int n;

	while ((n = BIO_read(from, room, sizeof room)) > 0) {
		BIO_write(SSL_get_rbio(writer->ends[!from_client]), room, n);
		g_byte_array_append(out, room, (guint)n);
	}
}

/* Takes what has come in. */
static void work(TlsWriter *writer, bool client)
{
	SSL *ssl = writer->ends[client];
	guint8 room[4096];
	gsize n;

	while (!client && writer->early && !writer->early_read) {
		int status = SSL_read_early_data(ssl, room, sizeof room, &n);
		writer->early_read = status == SSL_READ_EARLY_DATA_FINISH;
		if (status == SSL_READ_EARLY_DATA_ERROR)
			return; /* more has to come */
	}
	if (!SSL_is_init_finished(ssl))
		SSL_do_handshake(ssl);
	while (SSL_read(ssl, room, sizeof room) > 0)
		continue;
}

bool tls_writer_handshake(TlsWriter *writer, bool *from_client, GByteArray *out)
{
	for (guint idle = 0; idle < 2; idle++) {
		*from_client = writer->turn;
		work(writer, writer->turn);
		carry(writer, writer->turn, out);
		writer->turn = !writer->turn;
		if (out->len > 0)
			return true;
	}
	return false;
}

void tls_writer_data(TlsWriter *writer, bool from_client, const void *data, gsize size,
                     GByteArray *out)
{
	if (size > 0)
		SSL_write(writer->ends[from_client], data, (int)size);
	carry(writer, from_client, out);
	work(writer, !from_client);
}

void tls_writer_update(TlsWriter *writer, bool from_client)
{
	SSL_key_update(writer->ends[from_client], SSL_KEY_UPDATE_NOT_REQUESTED);
}

void tls_writer_renegotiate(TlsWriter *writer, bool from_client)
{
	SSL_renegotiate(writer->ends[from_client]);
	SSL_do_handshake(writer->ends[from_client]);
	writer->turn = from_client;
}

void tls_writer_close(TlsWriter *writer, bool from_client, GByteArray *out)
{
	SSL_shutdown(writer->ends[from_client]);
	carry(writer, from_client, out);
}

void tls_writer_break(TlsWriter *writer, bool from_client, GByteArray *broken, GByteArray *alert)
{
	static const guint8 record[5 + 64] = {23, 3, 3, 0, 64, 1, 2, 3};

	g_byte_array_append(broken, record, sizeof record);
	BIO_write(SSL_get_rbio(writer->ends[!from_client]), record, sizeof record);
	work(writer, !from_client);
	carry(writer, !from_client, alert);
}

bool tls_writer_early_taken(const TlsWriter *writer)
{
	return SSL_get_early_data_status(writer->ends[1]) == SSL_EARLY_DATA_ACCEPTED;
}

#else

TlsPair *tls_pair_new(const TlsSetting *setting, GString *keylog)
{
	(void)setting;
	(void)keylog;
	return NULL;
}

void tls_pair_free(TlsPair *pair)
{
	(void)pair;
}

TlsWriter *tls_writer_new(TlsPair *pair)
{
	(void)pair;
	return NULL;
}

void tls_writer_free(TlsWriter *writer)
{
	(void)writer;
}

bool tls_writer_early(TlsWriter *writer, const void *data, gsize size)
{
	(void)writer;
	(void)data;
	(void)size;
	return false;
}

bool tls_writer_handshake(TlsWriter *writer, bool *from_client, GByteArray *out)
{
	(void)writer;
	(void)from_client;
	(void)out;
	return false;
}

void tls_writer_data(TlsWriter *writer, bool from_client, const void *data, gsize size,
                     GByteArray *out)
{
	(void)writer;
	(void)from_client;
	(void)data;
	(void)size;
	(void)out;
}

void tls_writer_update(TlsWriter *writer, bool from_client)
{
	(void)writer;
	(void)from_client;
}

void tls_writer_renegotiate(TlsWriter *writer, bool from_client)
{
	(void)writer;
	(void)from_client;
}

void tls_writer_close(TlsWriter *writer, bool from_client, GByteArray *out)
{
	(void)writer;
	(void)from_client;
	(void)out;
}

void tls_writer_break(TlsWriter *writer, bool from_client, GByteArray *broken, GByteArray *alert)
{
	(void)writer;
	(void)from_client;
	(void)broken;
	(void)alert;
}

bool tls_writer_early_taken(const TlsWriter *writer)
{
	(void)writer;
	return false;
}
#endif
