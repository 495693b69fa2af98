/* SPDX-License-Identifier: MIT */
/* fragments: a table of packets of which something is missing, and their octets. */
#include "dissectors/fragments.h"

#include <glib.h>
#include <string.h>

/* A run of octets that are there; of those from @cut on nothing was captured. */
typedef struct Piece {
	uint32_t from, cut, to;
} Piece;

typedef struct Packet {
	FragmentKey key;
	GList link; /* in the order of arrival; its data is this */
	Instant since;
	bool whole;
	bool end_known;
	uint8_t protocol; /* of the fragment at offset 0 */
	uint32_t end; /* octets in all */
	uint32_t n_frames;
	uint32_t room; /* octets of data */
	uint8_t *data;
	unsigned n_pieces;
	Piece pieces[FRAGMENTS_PIECES]; /* in their order, apart from each other */
} Packet;

/* Packets that are kept for others to come, with their octets. */
enum { UNUSED_MAX = 8, UNUSED_ROOM = 16384 };

struct Fragments {
	GHashTable *packets; /* FragmentKey → Packet */
	Packet *last;        /* that of the fragment before, if it is still there: mostly that of the next, too */
	GQueue order;
	Packet *doomed; /* out of the table, but the fragment at hand may lie in its octets */
	bool grown;     /* since the bounds were looked at */
	Packet *unused[UNUSED_MAX];
	unsigned n_unused;
	size_t octets;
	FragmentsLost lost;
};

static guint key_hash(gconstpointer data)
{
	const FragmentKey *key = data;
	uint64_t hash = key->which;
	for (unsigned i = 0; i < G_N_ELEMENTS(key->addresses); i++)
		hash = (hash ^ (hash >> 32) ^ key->addresses[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (guint)(hash >> 32);
}

static gboolean key_equal(gconstpointer one, gconstpointer other)
{
	const FragmentKey *a = one, *b = other;
	return ((a->which ^ b->which) | (a->addresses[0] ^ b->addresses[0]) | (a->addresses[1] ^ b->addresses[1]) |
	        (a->addresses[2] ^ b->addresses[2]) | (a->addresses[3] ^ b->addresses[3])) == 0;
}

Fragments *fragments_new(void)
{
	Fragments *fragments = g_new0(Fragments, 1);
	fragments->packets = g_hash_table_new(key_hash, key_equal);
	g_queue_init(&fragments->order);
	return fragments;
}

static void free_packet(Packet *packet)
{
	g_free(packet->data);
	g_free(packet);
}

static void detach(Fragments *fragments, Packet *packet)
{
	g_hash_table_remove(fragments->packets, &packet->key);
	g_queue_unlink(&fragments->order, &packet->link);
	if (fragments->last == packet)
		fragments->last = NULL;
}

static void release(Fragments *fragments, Packet *packet)
{
	fragments->octets -= packet->room;
	if (fragments->n_unused < UNUSED_MAX && packet->room <= UNUSED_ROOM)
		fragments->unused[fragments->n_unused++] = packet;
	else
		free_packet(packet);
}

static void forget(Fragments *fragments, Packet *packet)
{
	detach(fragments, packet);
	release(fragments, packet);
}

static void tell_incomplete(Fragments *fragments, const Packet *packet)
{
	if (!packet->whole)
		fragments->lost.incomplete[fragment_key_is_v6(&packet->key)] += packet->n_frames;
}

static void give_up(Fragments *fragments, Packet *packet)
{
	tell_incomplete(fragments, packet);
	forget(fragments, packet);
}

void fragments_finish(Fragments *fragments)
{
	GList *oldest;
	while ((oldest = fragments->order.head) != NULL)
		give_up(fragments, oldest->data);
}

void fragments_free(Fragments *fragments)
{
	if (fragments == NULL)
		return;
	fragments_finish(fragments);
	while (fragments->n_unused > 0)
		free_packet(fragments->unused[--fragments->n_unused]);
	g_hash_table_unref(fragments->packets);
	g_free(fragments);
}

static bool is_over(const Packet *packet, Instant now)
{
	int64_t kept = packet->whole ? FRAGMENTS_COPY_NS : FRAGMENTS_AGE_NS;
	return now.ns - packet->since.ns > kept || packet->since.ns - now.ns > kept;
}

/* Goes through the oldest only: a whole packet behind an incomplete one waits for its turn. */
static void expire(Fragments *fragments, Instant now)
{
	GList *oldest;
	while ((oldest = fragments->order.head) != NULL && is_over(oldest->data, now))
		give_up(fragments, oldest->data);
}

static void make_room(Fragments *fragments, const Packet *keep)
{
	GList *oldest = fragments->order.head;
	while (oldest != NULL && (fragments->order.length > FRAGMENTS_PACKETS ||
	                          fragments->octets > FRAGMENTS_OCTETS)) {
		GList *next = oldest->next;
		if (oldest->data != keep)
			give_up(fragments, oldest->data);
		oldest = next;
	}
}

static Packet *new_packet(Fragments *fragments)
{
	Packet *packet;
	uint8_t *data = NULL;
	uint32_t room = 0;
	if (fragments->n_unused > 0) {
		packet = fragments->unused[--fragments->n_unused];
		data = packet->data;
		room = packet->room;
	} else {
		packet = g_new(Packet, 1);
	}
	memset(packet, 0, offsetof(Packet, pieces));
	packet->data = data;
	packet->room = room;
	fragments->octets += room;
	fragments->grown = true;
	return packet;
}

static Packet *open_packet(Fragments *fragments, const Fragment *fragment)
{
	Packet *packet = new_packet(fragments);
	packet->key = fragment->key;
	packet->since = fragment->time;
	packet->link.data = packet;
	g_queue_push_tail_link(&fragments->order, &packet->link);
	g_hash_table_insert(fragments->packets, &packet->key, packet);
	return packet;
}

/* --- octets ------------------------------------------------------------------------------- */

static void reserve(Fragments *fragments, Packet *packet, uint32_t size)
{
	if (size <= packet->room)
		return;
	uint32_t room = MIN(MAX(size, packet->room * 2), (uint32_t)FRAGMENTS_PACKET_SIZE);
	packet->data = g_realloc(packet->data, room);
	fragments->octets += room - packet->room;
	fragments->grown = true;
	packet->room = room;
}

/* Whether the octets of @fragment that are there already are the same. */
static bool agrees(const Packet *packet, const Fragment *fragment)
{
	uint32_t captured_to = fragment->offset + (uint32_t)fragment->bytes.size;
	for (unsigned i = 0; i < packet->n_pieces; i++) {
		const Piece *piece = &packet->pieces[i];
		uint32_t from = MAX(piece->from, fragment->offset), to = MIN(piece->cut, captured_to);
		if (from < to && memcmp(packet->data + from,
		                        fragment->bytes.data + (from - fragment->offset), to - from) != 0)
			return false;
	}
	return true;
}

/* Whether it says nothing else than the others about where the packet ends. */
static bool fits(Packet *packet, const Fragment *fragment)
{
	uint32_t to = fragment->offset + fragment->size;
	if (packet->end_known && (to > packet->end || (!fragment->more && to != packet->end)))
		return false;
	if (!fragment->more && packet->n_pieces > 0 && packet->pieces[packet->n_pieces - 1].to > to)
		return false;
	return agrees(packet, fragment);
}

/* Where @a and @b touch, @a becomes both. */
static bool join(Piece *a, const Piece *b)
{
	if (a->to < b->from || b->to < a->from)
		return false;
	const Piece *first = a->from <= b->from ? a : b, *second = first == a ? b : a;
	/* What was cut off of one may have been captured of the other. */
	uint32_t cut = second->from <= first->cut ? MAX(first->cut, second->cut) : first->cut;
	*a = (Piece){first->from, cut, MAX(a->to, b->to)};
	return true;
}

/* Where @added begins at the end of one of the pieces, and ends before the next, that becomes both. */
static bool extend_piece(Packet *packet, const Piece *added)
{
	for (unsigned i = 0; i < packet->n_pieces; i++) {
		Piece *piece = &packet->pieces[i];
		if (piece->to != added->from)
			continue;
		if (piece->cut != piece->to || (i + 1 < packet->n_pieces && piece[1].from <= added->to))
			return false;
		piece->cut = added->cut;
		piece->to = added->to;
		return true;
	}
	return false;
}

static bool add_piece(Packet *packet, Piece piece)
{
	if (extend_piece(packet, &piece))
		return true;
	unsigned kept = 0;
	for (unsigned i = 0; i < packet->n_pieces; i++)
		if (!join(&piece, &packet->pieces[i]))
			packet->pieces[kept++] = packet->pieces[i];
	packet->n_pieces = kept;
	if (kept == FRAGMENTS_PIECES)
		return false;
	unsigned at = kept;
	for (; at > 0 && packet->pieces[at - 1].from > piece.from; at--)
		packet->pieces[at] = packet->pieces[at - 1];
	packet->pieces[at] = piece;
	packet->n_pieces++;
	return true;
}

static bool take(Fragments *fragments, Packet *packet, const Fragment *fragment)
{
	uint32_t to = fragment->offset + fragment->size;
	uint32_t captured = (uint32_t)fragment->bytes.size;
	reserve(fragments, packet, fragment->offset + captured);
	if (captured > 0)
		memcpy(packet->data + fragment->offset, fragment->bytes.data, captured);
	if (fragment->offset == 0)
		packet->protocol = fragment->protocol;
	if (!fragment->more) {
		packet->end_known = true;
		packet->end = to;
	}
	return add_piece(packet, (Piece){fragment->offset, fragment->offset + captured, to});
}

/* --- one fragment ------------------------------------------------------------------------- */

static Packet *packet_for(Fragments *fragments, const Fragment *fragment)
{
	Packet *packet = fragments->last;
	if (packet == NULL || !key_equal(&packet->key, &fragment->key))
		packet = g_hash_table_lookup(fragments->packets, &fragment->key);
	/* The identification is used again: of a new packet, where the one before is whole. */
	if (packet != NULL && (is_over(packet, fragment->time) ||
	                       (packet->whole && !fits(packet, fragment)))) {
		tell_incomplete(fragments, packet);
		detach(fragments, packet);
		fragments->doomed = packet;
		packet = NULL;
	}
	if (packet == NULL)
		packet = open_packet(fragments, fragment);
	fragments->last = packet;
	return packet;
}

static bool is_possible(const Fragment *fragment)
{
	return fragment->size > 0 && (!fragment->more || fragment->size % 8 == 0) &&
	       fragment->offset + fragment->size <= FRAGMENTS_PACKET_SIZE;
}

static FragmentsResult abandon(Fragments *fragments, Packet *packet, uint64_t *lost,
                               FragmentsResult why)
{
	*lost += packet->n_frames;
	forget(fragments, packet);
	return why;
}

static FragmentsResult settle(Packet *packet, FragmentsWhole *whole)
{
	const Piece *piece = &packet->pieces[0];
	if (!packet->end_known || packet->n_pieces != 1 || piece->from != 0 || piece->to != packet->end)
		return FRAGMENTS_WAITING;
	packet->whole = true;
	*whole = (FragmentsWhole){{packet->data, piece->cut}, packet->end, packet->protocol};
	return FRAGMENTS_WHOLE;
}

static FragmentsResult add(Fragments *fragments, Packet *packet, const Fragment *fragment, FragmentsWhole *whole)
{
	if (packet->whole)
		return FRAGMENTS_WAITING; /* a copy of what was there: taken once */
	packet->n_frames++;
	if (!fits(packet, fragment))
		return abandon(fragments, packet, &fragments->lost.conflict, FRAGMENTS_CONFLICT);
	if (!take(fragments, packet, fragment))
		return abandon(fragments, packet, &fragments->lost.limit, FRAGMENTS_LIMIT);
	/* The octets were copied: what they lay in may go. */
	if (fragments->grown) {
		expire(fragments, fragment->time);
		make_room(fragments, packet);
		fragments->grown = false;
	}
	return settle(packet, whole);
}

FragmentsResult fragments_add(Fragments *fragments, const Fragment *fragment, FragmentsWhole *whole)
{
	if (!is_possible(fragment))
		return FRAGMENTS_MALFORMED;
	FragmentsResult result = add(fragments, packet_for(fragments, fragment), fragment, whole);
	if (fragments->doomed != NULL)
		release(fragments, fragments->doomed);
	fragments->doomed = NULL;
	return result;
}

bool fragments_lost(Fragments *fragments, FragmentsLost *lost)
{
	const FragmentsLost *since = &fragments->lost;
	if ((since->incomplete[0] | since->incomplete[1] | since->conflict | since->limit) == 0)
		return false;
	*lost = fragments->lost;
	fragments->lost = (FragmentsLost){0};
	return true;
}
