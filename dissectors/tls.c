/* SPDX-License-Identifier: MIT */
#include "dissectors/tls_state.h"

enum { SEARCH_MOST = 4096 }; /* sequence numbers that a hole may hide */

/* The size of the record at the start of @bytes, 5 octets at least; 0 if it is none. */
static size_t record_size(const uint8_t *bytes)
{
	size_t size = (size_t)bytes[3] << 8 | bytes[4];
	bool good = bytes[0] >= TLS_CHANGE_CIPHER_SPEC && bytes[0] <= TLS_APPLICATION_DATA &&
	            bytes[1] == 3 && bytes[2] <= 4 && size > 0 && size <= TLS_BODY_MOST;
	return good ? TLS_HEADER_SIZE + size : 0;
}

/* Whether records stand in a row from the first octet on. */
static bool records_begin(ByteSpan bytes)
{
	unsigned n = 0;

	while (bytes.size >= TLS_HEADER_SIZE) {
		size_t size = record_size(bytes.data);
		if (size == 0)
			return false;
		n++;
		size = MIN(size, bytes.size);
		bytes = (ByteSpan){bytes.data + size, bytes.size - size};
	}
	return n > 0;
}

bool tls_begins(ByteSpan bytes)
{
	return bytes.size > 0 && bytes.data[0] == TLS_HANDSHAKE_RECORD &&
	       (bytes.size < 2 || bytes.data[1] == 3) && (bytes.size < 6 || bytes.data[5] == 1);
}

bool tls_joins(ByteSpan bytes)
{
	return bytes.size >= TLS_HEADER_SIZE && records_begin(bytes);
}

static size_t search(Tls *tls, unsigned side, ByteSpan span, const StreamPoint *at)
{
	for (size_t i = 0; i + TLS_HEADER_SIZE <= span.size; i++) {
		if (!records_begin((ByteSpan){span.data + i, span.size - i}))
			continue;
		tls_hand_hole(tls, side, i, at);
		tls_side(tls, side)->search = false;
		return i;
	}
	tls_hand_hole(tls, side, span.size, at);
	return span.size;
}

static void lose_border(Tls *tls, unsigned side, uint64_t n_bytes, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);

	tls->hole = own->search = true;
	own->skip = 0;
	own->tries = (unsigned)MIN(SEARCH_MOST, own->tries + n_bytes / 22 + 2);
	if (own->kept != NULL)
		g_byte_array_set_size(own->kept, 0);
	if (own->messages != NULL)
		g_byte_array_set_size(own->messages, 0);
	tls_hand_hole(tls, side, n_bytes, at);
}

/* Takes octets of a record that lies in several pieces; how many. */
static size_t keep(Tls *tls, unsigned side, ByteSpan span, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);
	if (own->kept == NULL)
		own->kept = g_byte_array_new();
	GByteArray *kept = own->kept;
	size_t due = TLS_HEADER_SIZE;

	if (kept->len >= TLS_HEADER_SIZE)
		due = record_size(kept->data);
	size_t n = MIN(span.size, due - kept->len);
	g_byte_array_append(kept, span.data, (guint)n);
	if (kept->len < due)
		return n;
	size_t size = record_size(kept->data);
	if (size == 0) {
		if (!tls->facts.client_hello)
			tls->state = TLS_NOT;
		lose_border(tls, side, TLS_HEADER_SIZE, at);
	} else if (kept->len == size) {
		tls_take_record(tls, side, (ByteSpan){kept->data, size}, at);
		g_byte_array_set_size(kept, 0);
	}
	return n;
}

static size_t step(Tls *tls, unsigned side, ByteSpan span, const StreamPoint *at)
{
	TlsSide *own = tls_side(tls, side);

	if (own->search)
		return search(tls, side, span, at);
	if (own->skip > 0) {
		size_t n = MIN(own->skip, span.size);
		own->skip -= n;
		return n;
	}
	if ((own->kept == NULL || own->kept->len == 0) && span.size > TLS_HEADER_SIZE) {
		size_t size = record_size(span.data);
		if (size > 0 && size <= span.size) {
			tls_take_record(tls, side, (ByteSpan){span.data, size}, at);
			return size;
		}
	}
	return keep(tls, side, span, at);
}

static void on_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Tls *tls = self;

	while (span.size > 0 && !tls_given_up(tls)) {
		size_t used = step(tls, side, span, at);
		span = (ByteSpan){span.data + used, span.size - used};
	}
	if (tls_lost(tls) && tls_given_up(tls))
		tls_hand_hole(tls, side, span.size, at);
	tls_drain(tls);
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	Tls *tls = self;
	TlsSide *own = tls_side(tls, side);
	size_t left = own->skip;

	if (tls_given_up(tls) || n_bytes == 0) {
		if (tls->opened)
			tls_hand_hole(tls, side, n_bytes, at);
		return;
	}
	if (left == 0 && own->kept != NULL && own->kept->len >= TLS_HEADER_SIZE)
		left = record_size(own->kept->data) - own->kept->len;
	if (own->search || left == 0 || n_bytes > left || kind == GAP_UNMEASURED) {
		lose_border(tls, side, n_bytes, at);
		return;
	}
	/* Without all of its octets a record does not open: it counts, and is lost. */
	if (own->skip == 0) {
		own->guard.sequence++;
		tls_hand_hole(tls, side, own->kept->len + left, at);
		g_byte_array_set_size(own->kept, 0);
	}
	tls->hole = true;
	own->tries = MAX(own->tries, 1u);
	own->skip = left - (size_t)n_bytes;
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Tls *tls = self;

	if (!tls_given_up(tls))
		tls_drain(tls);
	if (tls->opened) /* secrets that did not come */
		tls_hand_hole(tls, side, tls_side(tls, side)->n_waiting, at);
	tls_hand_end(tls, side, how, at);
}

static const StreamSinkOps tls_ops = {.bytes = on_bytes, .gap = on_gap, .end = on_end};

Tls *tls_new(StreamSink above, unsigned client, TlsShared *shared)
{
	Tls *tls = g_new0(Tls, 1);

	tls->above = above;
	tls->client = (uint8_t)client;
	tls->shared = shared;
	g_queue_init(&tls->sides[0].waiting);
	g_queue_init(&tls->sides[1].waiting);
	return tls;
}

Tls *tls_midway(StreamSink above, TlsShared *shared)
{
	Tls *tls = tls_new(above, 0, shared);

	tls->state = TLS_MIDWAY;
	return tls;
}

void tls_watch(Tls *tls, const TlsOps *ops, void *user)
{
	tls->ops = ops;
	tls->user = user;
}

void tls_free(Tls *tls)
{
	if (tls == NULL)
		return;
	for (unsigned i = 0; i < 2; i++) {
		TlsSide *own = &tls->sides[i];
		tls_drop_waiting(tls, own);
		tls_guard_clear(&own->guard);
		if (own->kept != NULL)
			g_byte_array_unref(own->kept);
		if (own->messages != NULL)
			g_byte_array_unref(own->messages);
	}
	tls_crypto_free(tls->crypto);
	g_free(tls);
}

StreamSink tls_sink(Tls *tls)
{
	return (StreamSink){&tls_ops, tls};
}

TlsState tls_state(const Tls *tls)
{
	return (TlsState)tls->state;
}

const TlsFacts *tls_facts(const Tls *tls)
{
	return &tls->facts;
}

bool tls_lost(const Tls *tls)
{
	return tls->opened && (tls->sides[0].lacks || tls->sides[1].lacks || tls_given_up(tls));
}

const char *tls_version_name(uint16_t version)
{
	static const char *const names[] = {"SSL 3.0", "1.0", "1.1", "1.2", "1.3"};
	unsigned minor = version - 0x0300u;

	return minor < G_N_ELEMENTS(names) ? names[minor] : NULL;
}
