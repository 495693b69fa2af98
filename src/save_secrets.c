/* SPDX-License-Identifier: MIT */
#include "src/save_secrets.h"

#include <string.h>

#include "dissectors/proxy.h"
#include "dissectors/tls.h"

enum {
	RANDOM_AT = 11,             /* behind the heads of record and message, and the version */
	HEAD_SIZE = RANDOM_AT + TLS_RANDOM_SIZE,
	CUT_MOST = 256,             /* ClientHellos of which less than that came */
	WAITING_MOST = 4096,
};

/* The beginning of a ClientHello, from one endpoint to the other. */
typedef struct Piece {
	Endpoint from, to;
	uint32_t next; /* sequence number of what follows */
	uint8_t size;
	uint8_t octets[HEAD_SIZE];
} Piece;

struct SaveSecrets {
	TlsKeys *keys;
	GHashTable *seen;    /* randoms */
	GHashTable *waiting; /* randoms → how many of their secrets were given, while more may come */
	size_t known;        /* secrets of @keys when that was last looked at */
	size_t again;        /* handshakes inside of others, when that was last looked at */
	GArray *pieces;      /* of Piece */
};

SaveSecrets *save_secrets_new(TlsKeys *keys)
{
	SaveSecrets *secrets = g_new0(SaveSecrets, 1);
	secrets->keys = keys;
	secrets->seen = g_hash_table_new_full(tls_random_hash, tls_random_equal, g_free, NULL);
	secrets->waiting = g_hash_table_new_full(tls_random_hash, tls_random_equal, g_free, NULL);
	secrets->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
	return secrets;
}

void save_secrets_free(SaveSecrets *secrets)
{
	if (secrets == NULL)
		return;
	g_hash_table_unref(secrets->seen);
	g_hash_table_unref(secrets->waiting);
	g_array_unref(secrets->pieces);
	g_free(secrets);
}

static unsigned count(const TlsSecrets *found)
{
	unsigned n = 0;
	for (unsigned i = 0; found != NULL && i < TLS_N_SECRETS; i++)
		n += found->size[i] > 0;
	return n;
}

/* Those of TLS 1.3 are logged as they come to be. */
static bool is_complete(const TlsSecrets *found)
{
	return found != NULL && (found->size[TLS_MASTER] > 0 || (found->size[TLS_CLIENT_TRAFFIC] > 0 &&
	                                                         found->size[TLS_SERVER_TRAFFIC] > 0));
}

/* The one that came inside the connection of @random, if one did; the frames do not show it. */
static const uint8_t *random_after(const SaveSecrets *secrets, const uint8_t *random)
{
	const TlsSecrets *found = tls_keys_find(secrets->keys, random);
	return found != NULL && found->again ? found->next : NULL;
}

static bool is_new(const SaveSecrets *secrets, const uint8_t *random)
{
	return !g_hash_table_contains(secrets->seen, random) && g_hash_table_size(secrets->seen) < TLS_KEYS_MOST;
}

static void take_one(SaveSecrets *secrets, const uint8_t *random, GString *lines)
{
	g_hash_table_add(secrets->seen, g_memdup2(random, TLS_RANDOM_SIZE));
	const TlsSecrets *found = tls_keys_find(secrets->keys, random);
	if (found != NULL)
		tls_keys_write(lines, random, found);
	if (!is_complete(found) && g_hash_table_size(secrets->waiting) < WAITING_MOST)
		g_hash_table_insert(secrets->waiting, g_memdup2(random, TLS_RANDOM_SIZE),
		                    GUINT_TO_POINTER(count(found)));
}

static void take_random(SaveSecrets *secrets, const uint8_t *random, GString *lines)
{
	for (; random != NULL && is_new(secrets, random); random = random_after(secrets, random))
		take_one(secrets, random, lines);
}

/* What came inside connections that were taken before. */
static void take_agreed_again(SaveSecrets *secrets, GString *lines)
{
	if (secrets->again == tls_keys_again(secrets->keys))
		return;
	secrets->again = tls_keys_again(secrets->keys);
	g_autoptr(GList) seen = g_hash_table_get_keys(secrets->seen);
	for (const GList *one = seen; one != NULL; one = one->next)
		take_random(secrets, random_after(secrets, one->data), lines);
}

static Piece *piece_of(SaveSecrets *secrets, const TcpSegment *segment)
{
	for (guint i = 0; i < secrets->pieces->len; i++) {
		Piece *piece = &g_array_index(secrets->pieces, Piece, i);
		if (piece->next == segment->sequence && endpoint_equal(&piece->from, &segment->source) &&
		    endpoint_equal(&piece->to, &segment->destination))
			return piece;
	}
	return NULL;
}

static void drop_piece(SaveSecrets *secrets, const Piece *piece)
{
	g_array_remove_index_fast(secrets->pieces, (guint)(piece - (Piece *)(void *)secrets->pieces->data));
}

/* The octets of @payload follow those of @piece. */
static void go_on(SaveSecrets *secrets, Piece *piece, ByteSpan payload, GString *lines)
{
	size_t size = MIN(payload.size, (size_t)HEAD_SIZE - piece->size);
	memcpy(piece->octets + piece->size, payload.data, size);
	piece->size = (uint8_t)(piece->size + size);
	piece->next += (uint32_t)size;
	bool begins = tls_begins((ByteSpan){piece->octets, piece->size});
	if (begins && piece->size < HEAD_SIZE)
		return;
	if (begins)
		take_random(secrets, piece->octets + RANDOM_AT, lines);
	drop_piece(secrets, piece);
}

void save_secrets_take(SaveSecrets *secrets, const TcpSegment *segment, GString *lines)
{
	Piece *piece = secrets->pieces->len > 0 ? piece_of(secrets, segment) : NULL;
	if (piece != NULL && segment->payload.size > 0) {
		go_on(secrets, piece, segment->payload, lines);
		return;
	}
	ByteSpan payload = proxy_skip(segment->payload); /* which may stand in the same segment */
	if (!tls_begins(payload))
		return;
	if (payload.size >= HEAD_SIZE) {
		take_random(secrets, payload.data + RANDOM_AT, lines);
		return;
	}
	Piece first = {segment->source, segment->destination,
	               segment->sequence + segment->payload_size, (uint8_t)payload.size, {0}};
	memcpy(first.octets, payload.data, payload.size);
	if (secrets->pieces->len >= CUT_MOST)
		g_array_remove_index(secrets->pieces, 0);
	g_array_append_val(secrets->pieces, first);
}

void save_secrets_look_again(SaveSecrets *secrets, GString *lines)
{
	GHashTableIter iter;
	gpointer random, given;
	take_agreed_again(secrets, lines);
	if (g_hash_table_size(secrets->waiting) == 0)
		return;
	tls_keys_look_again(secrets->keys);
	if (tls_keys_count(secrets->keys) == secrets->known)
		return;
	secrets->known = tls_keys_count(secrets->keys);
	g_hash_table_iter_init(&iter, secrets->waiting);
	while (g_hash_table_iter_next(&iter, &random, &given)) {
		const TlsSecrets *found = tls_keys_find(secrets->keys, random);
		if (count(found) <= GPOINTER_TO_UINT(given))
			continue;
		tls_keys_write(lines, random, found);
		g_hash_table_iter_replace(&iter, GUINT_TO_POINTER(count(found)));
		if (is_complete(found))
			g_hash_table_iter_remove(&iter);
	}
}
