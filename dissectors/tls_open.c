/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/tls_state.h"

enum {
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_END_OF_EARLY_DATA = 5,
	MESSAGE_ENCRYPTED_EXTENSIONS = 8,
	MESSAGE_CERTIFICATE = 11,
	MESSAGE_FINISHED = 20,
	MESSAGE_KEY_UPDATE = 24,
	ALERT_NO_RENEGOTIATION = 100,    /* a warning, always (RFC 5246 section 7.2.2): it goes on as it was */
	MESSAGE_MOST = 1 << 17,
	WAITING_MOST = 1 << 17,          /* octets of a connection */
	WAITING_ALL = 32 << 20,          /* of all */
	FAILURES_MOST = 2,               /* records in a row that do not open, before the keys are wrong */
};

void tls_drop_waiting(Tls *tls, TlsSide *own)
{
	TlsWaiting *waiting;

	tls->shared->waiting -= own->n_waiting;
	own->n_waiting = 0;
	while ((waiting = g_queue_pop_head(&own->waiting)) != NULL)
		g_free(waiting);
}

static void give_up(Tls *tls, TlsState why)
{
	tls->state = (uint8_t)why;
	tls->lacking = tls->sides[0].lacks = tls->sides[1].lacks = false;
	tls_drop_waiting(tls, &tls->sides[0]);
	tls_drop_waiting(tls, &tls->sides[1]);
}

void tls_hand_hole(Tls *tls, unsigned side, uint64_t n_bytes, const StreamPoint *at)
{
	if (n_bytes > 0 && !tls_side(tls, side)->over)
		tls->above.ops->gap(tls->above.self, side, n_bytes, GAP_UNMEASURED, at);
}

void tls_hand_end(Tls *tls, unsigned side, StreamEnd how, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);

	if (own->over)
		return;
	own->over = true;
	tls->above.ops->end(tls->above.self, side, how, at);
}

/* --- handshake ---------------------------------------------------------------------------- */

static void find_secrets(Tls *tls)
{
	TlsKeys *keys = tls->shared->keys;

	if (!tls_crypto_built() || tls->suite == NULL ||
	    (tls->facts.version != TLS_1_2 && tls->facts.version != TLS_1_3)) {
		give_up(tls, TLS_FOREIGN);
		return;
	}
	tls->lacking = false;
	tls->secrets = keys == NULL ? NULL : tls_keys_find(keys, tls->hello.random[0]);
	if (tls->secrets != NULL && tls->crypto == NULL)
		tls->crypto = tls_crypto_load();
	if (tls->secrets != NULL && tls->crypto == NULL)
		give_up(tls, TLS_FOREIGN);
	else if (tls->secrets != NULL)
		tls->state = tls->opened ? TLS_READABLE : TLS_HANDSHAKE;
	else if ((tls->lacking = keys != NULL && tls_keys_may_grow(keys)))
		tls->state = tls->opened ? TLS_READABLE : TLS_WAITING;
	else if (tls->facts.version == TLS_1_2 && !tls->sides[0].guarded && !tls->sides[1].guarded)
		tls->hopeless = true; /* certificates are still to come */
	else
		give_up(tls, TLS_NO_KEYS);
}

/* A handshake inside of one that is over: each side reads on with its keys until its ChangeCipherSpec. */
static void agree_again(Tls *tls)
{
	if (tls->facts.version != TLS_1_2)
		give_up(tls, TLS_FOREIGN);
	if (tls->secrets != NULL)
		tls_keys_agree_again(tls->shared->keys, tls->secrets, tls->hello.random[0]);
	tls->secrets = NULL;
	tls_side(tls, 0)->again = tls_side(tls, 1)->again = true;
}

static void server_hello(Tls *tls, ByteSpan body)
{
	if (!tls_server_hello(body, &tls->hello, &tls->facts) || !tls->facts.server_hello)
		return;
	tls->suite = tls_suite_find(tls->facts.suite);
	bool v13 = tls->facts.version == TLS_1_3;
	tls_side(tls, 1 - tls->client)->epoch = EPOCH_HANDSHAKE;
	tls->early = v13 && tls->hello.early_data && !tls->facts.retried;
	tls_side(tls, tls->client)->epoch = tls->early ? EPOCH_EARLY : EPOCH_HANDSHAKE;
	if (tls_side(tls, 0)->guarded || tls_side(tls, 1)->guarded)
		agree_again(tls);
	else
		find_secrets(tls);
}

static void change_epoch(TlsSide *own, TlsEpoch epoch)
{
	if (own->epoch == epoch)
		return;
	own->epoch = (uint8_t)epoch;
	tls_guard_clear(&own->guard);
}

static void update_keys(TlsSide *own)
{
	TlsGuard next;

	if (own->guard.cipher == NULL || !tls_guard_next(&next, &own->guard))
		return;
	tls_guard_clear(&own->guard);
	own->guard = next;
}

static void take_message_13(Tls *tls, unsigned side, unsigned type, ByteSpan body)
{
	TlsSide *own = tls_side(tls, side);

	if (type == MESSAGE_ENCRYPTED_EXTENSIONS) {
		tls->early_taken = tls_encrypted_extensions(body, &tls->facts);
		tls->early_known = true;
	} else if (type == MESSAGE_FINISHED) {
		change_epoch(own, EPOCH_TRAFFIC);
		tls->early_known = true;
	} else if (type == MESSAGE_END_OF_EARLY_DATA) {
		change_epoch(own, EPOCH_HANDSHAKE);
	} else if (type == MESSAGE_KEY_UPDATE && own->epoch == EPOCH_TRAFFIC) {
		update_keys(own);
	}
}

static void take_message(Tls *tls, unsigned side, unsigned type, ByteSpan body)
{
	if (type == MESSAGE_CLIENT_HELLO && side == tls->client) {
		if (!tls_client_hello(body, &tls->hello, &tls->facts) && !tls->facts.client_hello)
			tls->state = TLS_NOT;
	} else if (type == MESSAGE_SERVER_HELLO && side != tls->client) {
		server_hello(tls, body);
	} else if (type == MESSAGE_CERTIFICATE && tls->facts.version == TLS_1_2) {
		tls_certificate_name(body, tls->facts.certificate[side],
		                     sizeof tls->facts.certificate[side]);
	} else if (tls->facts.version == TLS_1_3) {
		take_message_13(tls, side, type, body);
	}
}

static void take_handshake(Tls *tls, unsigned side, ByteSpan octets)
{
	TlsSide *own = tls_side(tls, side);
	size_t used = 0;

	if (own->messages == NULL)
		own->messages = g_byte_array_new();
	g_byte_array_append(own->messages, octets.data, (guint)octets.size);
	const GByteArray *all = own->messages;
	while (all->len - used >= 4 && !tls_given_up(tls)) {
		const uint8_t *head = all->data + used;
		size_t size = 4 + ((size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]);
		if (!tls->facts.client_hello && (head[0] != MESSAGE_CLIENT_HELLO || size > MESSAGE_MOST))
			tls->state = tls->hole ? TLS_MIDWAY : TLS_NOT;
		if (size > all->len - used)
			break;
		take_message(tls, side, head[0], (ByteSpan){head + 4, size - 4});
		used += size;
	}
	g_byte_array_remove_range(own->messages, 0, (guint)used);
	if (own->messages->len > MESSAGE_MOST)
		g_byte_array_set_size(own->messages, 0);
}

/* --- records ------------------------------------------------------------------------------ */

static void take_alert(Tls *tls, unsigned side, ByteSpan octets, const StreamPoint *at)
{
	if (octets.size != 2 || octets.data[0] < 1 || octets.data[0] > 2)
		return;
	tls->facts.alert_level[side] = octets.data[0];
	tls->facts.alert[side] = octets.data[1];
	if (octets.data[1] == 0) /* close_notify: nothing more will come of this side */
		tls_hand_end(tls, side, STREAM_END_FIN, at);
	else if (tls->ops != NULL && octets.data[1] != ALERT_NO_RENEGOTIATION)
		tls->ops->alert(tls->user, side, octets.data[1], at);
}

static void take_content(Tls *tls, unsigned side, unsigned type, ByteSpan octets,
                         const StreamPoint *at)
{
	if (type == TLS_HANDSHAKE_RECORD)
		take_handshake(tls, side, octets);
	else if (type == TLS_ALERT)
		take_alert(tls, side, octets, at);
	else if (type == TLS_APPLICATION_DATA && octets.size > 0 && !tls_side(tls, side)->over) {
		tls->opened = true;
		tls->above.ops->bytes(tls->above.self, side, octets, at);
	}
}

static TlsSecret needed_secret(const Tls *tls, unsigned side, TlsEpoch epoch)
{
	bool client = side == tls->client;
	if (tls->facts.version != TLS_1_3)
		return TLS_MASTER;
	if (epoch == EPOCH_EARLY)
		return TLS_CLIENT_EARLY;
	if (epoch == EPOCH_HANDSHAKE)
		return client ? TLS_CLIENT_HANDSHAKE : TLS_SERVER_HANDSHAKE;
	return client ? TLS_CLIENT_TRAFFIC : TLS_SERVER_TRAFFIC;
}

/* False if its secret is not there. */
static bool begin_guard(const Tls *tls, unsigned side, TlsEpoch epoch, TlsGuard *guard)
{
	bool v13 = tls->facts.version == TLS_1_3;
	TlsSecret which = needed_secret(tls, side, epoch);
	size_t size = tls->secrets->size[which];
	const uint8_t *octets = tls->secrets->octets[which];

	*guard = (TlsGuard){.crypto = tls->crypto, .suite = tls->suite};
	/* The secrets of one connection are written one by one, as its handshake goes on. */
	if (size == 0 && tls_keys_look_again(tls->shared->keys))
		size = tls->secrets->size[which];
	if (v13)
		return size == tls_hash_size((TlsHash)tls->suite->hash) &&
		       tls_guard_begin_13(guard, octets);
	return size > 0 && tls_guard_begin_12(guard, (ByteSpan){octets, size}, &tls->hello,
	                                      side != tls->client);
}

/* Whether the secrets of a handshake inside of another are there. */
static bool find_again(Tls *tls)
{
	if (tls->secrets == NULL && tls->shared->keys != NULL)
		tls->secrets = tls_keys_find(tls->shared->keys, tls->hello.random[0]);
	return tls->secrets != NULL && tls->suite != NULL;
}

/* With the keys that come after those that are in use: what changed them may be missing. */
static bool open_by_next(Tls *tls, unsigned side, ByteSpan record, uint8_t *out, size_t *size,
                         uint8_t *type)
{
	TlsSide *own = tls_side(tls, side);
	TlsEpoch epoch = (TlsEpoch)own->epoch;
	TlsGuard next;
	bool there;

	if (tls->facts.version != TLS_1_3) {
		there = own->again && find_again(tls) && begin_guard(tls, side, epoch, &next);
	} else if (epoch == EPOCH_TRAFFIC) {
		there = own->guard.cipher != NULL && tls_guard_next(&next, &own->guard);
	} else {
		epoch = (TlsEpoch)(epoch + 1);
		there = begin_guard(tls, side, epoch, &next);
	}
	if (!there)
		return false;
	if (!tls_guard_open(&next, record, own->tries, out, size, type)) {
		tls_guard_clear(&next);
		return false;
	}
	tls_guard_clear(&own->guard);
	own->guard = next;
	own->epoch = (uint8_t)epoch;
	own->again = false;
	return true;
}

static void not_opened(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);
	/* Early data that the server refused (RFC 8446 section 4.2.10) never counted. */
	if (side == tls->client && tls->early && !tls->early_taken && own->epoch == EPOCH_HANDSHAKE &&
	    own->guard.sequence == 0)
		return;
	own->n_failed++;
	tls_hand_hole(tls, side, record.size - TLS_HEADER_SIZE, at);
	own->guard.sequence++;
	own->tries = own->n_failed < 4 ? MAX(own->tries, 1u) : 8; /* a search that fails is dear */
	bool lacks = own->guard.cipher == NULL; /* the log has others of its secrets */
	if (!tls->opened && (lacks || tls->state != TLS_READABLE) && own->n_failed >= FAILURES_MOST)
		give_up(tls, tls->hole ? TLS_MIDWAY : lacks ? TLS_NO_KEYS : TLS_WRONG_KEYS);
}

static void open_record(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);
	uint8_t out[TLS_BODY_MOST], type = 0;
	size_t size = 0;

	if (side == tls->client && own->epoch == EPOCH_EARLY && !tls->early_taken)
		change_epoch(own, EPOCH_HANDSHAKE);
	if (own->guard.cipher == NULL)
		begin_guard(tls, side, (TlsEpoch)own->epoch, &own->guard);
	bool good = own->guard.cipher != NULL &&
	            tls_guard_open(&own->guard, record, own->tries, out, &size, &type);
	good = good || open_by_next(tls, side, record, out, &size, &type);
	if (!good) {
		not_opened(tls, side, record, at);
		return;
	}
	own->n_failed = own->tries = 0;
	tls->state = TLS_READABLE;
	take_content(tls, side, type, (ByteSpan){out, size}, at);
}

/* Whether the next record of @own waits for a secret: in a key log that grows, those of one connection come one
 * by one, and perhaps behind the records. */
static bool lacks_secret(Tls *tls, unsigned side)
{
	TlsSide *own = tls_side(tls, side);
	TlsKeys *keys = tls->shared->keys;
	if (tls->secrets == NULL && tls->lacking)
		find_secrets(tls);
	if (tls->secrets == NULL)
		return own->lacks = tls->lacking;
	TlsSecret which = needed_secret(tls, side, (TlsEpoch)own->epoch);
	own->lacks = which != TLS_CLIENT_EARLY && tls->secrets->size[which] == 0 && tls_keys_may_grow(keys) &&
	             !(tls_keys_look_again(keys) && tls->secrets->size[which] > 0);
	if (own->lacks && !tls->opened)
		tls->state = TLS_WAITING;
	return own->lacks;
}

/* Whether what the other side sent before @order waits for a secret.  What answers it must not overtake it. */
static bool is_behind(Tls *tls, unsigned side, uint64_t order)
{
	const TlsWaiting *other = g_queue_peek_head(&tls_side(tls, 1 - side)->waiting);
	const TlsSide *own = tls_side(tls, side);
	bool carries = tls->facts.version == TLS_1_3 ? own->epoch == EPOCH_TRAFFIC : own->guarded;
	return carries && tls_side(tls, 1 - side)->lacks && other != NULL && other->order < order;
}

/* Whether what a record needs may still come; @order: its place among those that wait. */
static bool must_wait(Tls *tls, unsigned side, unsigned type, uint64_t order)
{
	const TlsSide *own = tls_side(tls, side);
	bool guarded = type == TLS_APPLICATION_DATA || own->guarded;

	if (!guarded)
		return false;
	if (!tls->facts.server_hello)
		return side == tls->client;
	if (is_behind(tls, side, order) || (own->guard.cipher == NULL && lacks_secret(tls, side)))
		return true;
	return side == tls->client && tls->early && !tls->early_known;
}

static void change_cipher_spec(Tls *tls, TlsSide *own)
{
	if (tls->facts.version == TLS_1_3 || !tls->facts.server_hello)
		return; /* it says nothing there (RFC 8446 section 5) */
	own->guarded = true;
	own->again = false;
	tls_guard_clear(&own->guard);
	if (tls->hopeless)
		give_up(tls, TLS_NO_KEYS);
	else if (tls->secrets == NULL)
		find_secrets(tls);
}

static void take_record(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);
	unsigned type = record.data[0];

	if (type == TLS_CHANGE_CIPHER_SPEC) {
		change_cipher_spec(tls, own);
		return;
	}
	if (!own->guarded && type != TLS_APPLICATION_DATA) {
		take_content(tls, side, type, (ByteSpan){record.data + TLS_HEADER_SIZE,
		                                         record.size - TLS_HEADER_SIZE}, at);
		return;
	}
	if (own->guard.cipher == NULL && (tls->secrets == NULL || tls->suite == NULL)) {
		give_up(tls, tls->hopeless ? TLS_NO_KEYS : TLS_MIDWAY);
		return;
	}
	if (tls->facts.version == TLS_1_2 && !own->guarded) {
		own->guarded = true; /* ChangeCipherSpec is in a hole */
		own->tries = MAX(own->tries, 2u);
	}
	open_record(tls, side, record, at);
}

static void queue_record(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);

	if (own->n_waiting + record.size > WAITING_MOST ||
	    tls->shared->waiting + record.size > WAITING_ALL) {
		give_up(tls, tls->facts.server_hello ? TLS_NO_KEYS : TLS_MIDWAY);
		return;
	}
	TlsWaiting *waiting = g_malloc(sizeof *waiting + record.size);
	waiting->at = *at;
	waiting->order = tls->n_queued++;
	waiting->size = record.size;
	memcpy(waiting->record, record.data, record.size);
	g_queue_push_tail(&own->waiting, waiting);
	own->n_waiting += record.size;
	tls->shared->waiting += record.size;
}

/* The side whose first record need not wait, and came before that of the other; 2: there is none. */
static unsigned next_side(Tls *tls)
{
	unsigned next = 2;
	uint64_t before = UINT64_MAX;
	for (unsigned side = 0; side < 2; side++) {
		const TlsWaiting *head = g_queue_peek_head(&tls_side(tls, side)->waiting);
		if (head == NULL || head->order > before || must_wait(tls, side, head->record[0], head->order))
			continue;
		next = side;
		before = head->order;
	}
	return next;
}

void tls_drain(Tls *tls)
{
	unsigned side;

	while (!tls_given_up(tls) && (side = next_side(tls)) < 2 && !tls_given_up(tls)) {
		TlsSide *own = tls_side(tls, side);
		TlsWaiting *waiting = g_queue_pop_head(&own->waiting);
		own->n_waiting -= waiting->size;
		tls->shared->waiting -= waiting->size;
		take_record(tls, side, (ByteSpan){waiting->record, waiting->size}, &waiting->at);
		g_free(waiting);
	}
}

void tls_take_record(Tls *tls, unsigned side, ByteSpan record, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);

	if (own->waiting.length > 0 || must_wait(tls, side, record.data[0], UINT64_MAX))
		queue_record(tls, side, record, at);
	else if (!tls_given_up(tls))
		take_record(tls, side, record, at);
}
