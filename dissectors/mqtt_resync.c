/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_resync.h"

#include <glib.h>

#include "dissectors/mqtt_plausible.h"

enum {
	CHAIN_MOST = 3,    /* packets looked at from one place */
	CHAIN_STRONG = 6,  /* weight of a CONNECT, which needs no company */
	SEGMENT_SMALL = 1000,
	EFFORT_MOST = 128, /* decodings for one look at the backlog */
};

typedef struct Look {
	size_t boundary;  /* found here; SIZE_MAX: nowhere */
	size_t open_from; /* the first place that is not refuted */
	size_t hint;      /* where a PUBLISH that begins a segment ends; 0: there is none */
	unsigned effort;
} Look;

/* Whether packets from a segment's start on end as the sender would have sent them: with that very
 * segment, unless they are too long for one. */
static bool ends_well(const MqttBacklog *backlog, size_t place, size_t size)
{
	bool ends = place + size == backlog->size;

	return ends && (place >= backlog->pieces[backlog->n_pieces - 1].start || size > SEGMENT_SMALL);
}

/* Whether the packets from a place on prove that it is a boundary. */
static bool proves(const MqttChain *chain, bool at_segment, bool ends, bool hinted)
{
	if (chain->rest == MQTT_GUESS_NO)
		return false;
	if (chain->weight >= CHAIN_STRONG && (chain->types & 1u << MQTT_CONNECT) != 0)
		return true;
	if (hinted)
		return chain->n_packets > 0 || chain->publish_follows;
	if (at_segment)
		return chain->n_packets >= 2 || (chain->n_packets == 1 && ends);
	return chain->n_packets >= CHAIN_MOST || (chain->n_packets == 2 && ends);
}

static bool look_at(const MqttFramer *framer, size_t place, bool at_segment, Look *look)
{
	ByteSpan all = mqtt_backlog_octets(framer->backlog);
	ByteSpan from = {all.data + place, all.size - place};
	bool hinted = framer->hinted && place == 0;
	MqttChain chain;

	if (!mqtt_plausible_start(from.data[0], framer->senders))
		return false;
	chain = mqtt_chain(from, (MqttVersion)framer->version, framer->senders, CHAIN_MOST);
	look->effort += chain.n_decoded;
	if (chain.rest != MQTT_GUESS_NO && place < look->open_from)
		look->open_from = place;
	if (chain.rest == MQTT_GUESS_OPEN && at_segment && look->hint == 0 && chain.next > 0)
		look->hint = place + chain.size + chain.next;
	return proves(&chain, at_segment, ends_well(framer->backlog, place, chain.size), hinted);
}

/* The starts of segments first; then, unless one of them may still prove good, every place. */
static Look look_for_boundary(const MqttFramer *framer)
{
	const MqttBacklog *backlog = framer->backlog;
	Look look = {.boundary = SIZE_MAX, .open_from = SIZE_MAX};

	for (uint32_t i = 0; i < backlog->n_pieces; i++) {
		if (!backlog->pieces[i].aligned || !look_at(framer, backlog->pieces[i].start, true, &look))
			continue;
		look.boundary = backlog->pieces[i].start;
		return look;
	}
	if (look.open_from != SIZE_MAX)
		return look;
	for (size_t place = 0; place < backlog->size && look.effort < EFFORT_MOST; place++) {
		if (!look_at(framer, place, false, &look))
			continue;
		look.boundary = place;
		return look;
	}
	return look;
}

static void skip(MqttFramer *framer, size_t n)
{
	framer->skipped += MIN(n, framer->backlog->size);
	mqtt_backlog_trim(framer->backlog, n);
}

static void report_skipped(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at)
{
	MqttLossKind kind = framer->nonsense ? MQTT_LOSS_MALFORMED : MQTT_LOSS_SKIPPED;
	uint64_t n = framer->skipped;

	framer->skipped = 0;
	if (n > 0)
		sink->lost(sink->self, sink->side, n, kind, at);
}

/* The boundary is found: what waits behind it is framed.  What does not hold waits again. */
static void replay(MqttFramer *framer, const MqttFrameSink *sink, size_t boundary)
{
	MqttBacklog *backlog = framer->backlog;

	skip(framer, boundary);
	report_skipped(framer, sink, &backlog->pieces[0].at);
	framer->backlog = NULL;
	framer->state = MQTT_FRAMER_BOUNDARY;
	framer->nonsense = false;
	framer->hint = 0;
	framer->hinted = false;
	framer->offset -= backlog->size;
	framer->replaying = true;
	for (uint32_t i = 0; i < backlog->n_pieces; i++)
		mqtt_framer_bytes(framer, sink, mqtt_backlog_piece(backlog, i), &backlog->pieces[i].at);
	framer->replaying = false;
	mqtt_backlog_free(backlog);
}

/* Too much waits.  If a PUBLISH too long to wait for seems to begin a segment, its end is where to
 * look next. */
static void make_room(MqttFramer *framer)
{
	skip(framer, framer->backlog->size);
	framer->hinted = framer->hint > 0;
}

static void add(MqttFramer *framer, ByteSpan span, const StreamPoint *at)
{
	if (framer->backlog == NULL)
		framer->backlog = mqtt_backlog_new();
	while (span.size > 0) {
		ByteSpan part = {span.data, MIN(span.size, MQTT_BACKLOG_OCTETS)};
		if (framer->hinted && framer->hint > framer->offset) {
			part.size = (size_t)MIN(framer->hint - framer->offset, span.size);
			framer->skipped += part.size;
			framer->aligned = part.size < span.size;
		} else if (!mqtt_backlog_add(framer->backlog, part, at, framer->aligned, 0)) {
			make_room(framer);
			continue;
		}
		framer->offset += part.size;
		span = (ByteSpan){span.data + part.size, span.size - part.size};
	}
}

static void search(MqttFramer *framer, const MqttFrameSink *sink)
{
	while (framer->state == MQTT_FRAMER_SEARCH && framer->backlog != NULL &&
	       framer->backlog->size > 0) {
		Look look = look_for_boundary(framer);
		uint64_t first = framer->offset - framer->backlog->size;
		if (look.boundary != SIZE_MAX) {
			replay(framer, sink, look.boundary);
			continue;
		}
		if (!framer->hinted || look.open_from > 0) {
			framer->hinted = false;
			framer->hint = look.hint > 0 ? first + look.hint : 0;
		}
		skip(framer, look.open_from);
		return;
	}
}

void mqtt_resync_bytes(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                       const StreamPoint *at)
{
	add(framer, span, at);
	if (!framer->replaying)
		search(framer, sink);
	framer->offset -= span.size; /* the caller counts them */
}

void mqtt_resync_gap(MqttFramer *framer, const MqttFrameSink *sink, uint64_t n_bytes,
                     const StreamPoint *at)
{
	if (framer->backlog != NULL)
		skip(framer, framer->backlog->size);
	mqtt_backlog_free(framer->backlog);
	framer->backlog = NULL;
	report_skipped(framer, sink, at);
	if (n_bytes > 0)
		framer->nonsense = false;
	framer->hinted = framer->hint >= framer->offset + n_bytes && framer->hint > 0;
	if (!framer->hinted)
		framer->hint = 0;
}
