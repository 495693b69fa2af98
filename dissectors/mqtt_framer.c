/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_framer.h"

#include <glib.h>
#include <string.h>

#include "dissectors/mqtt_plausible.h"
#include "dissectors/mqtt_resync.h"

enum {
	KEPT_FIRST = 64,
	GUESSED_PROPERTIES = 65536, /* more of them are not believed without a CONNECT of 5.0 */
};

int mqtt_fixed_header(ByteSpan bytes, uint32_t *remaining_length)
{
	uint32_t value = 0;

	for (size_t i = 1; i < bytes.size && i <= 4; i++) {
		uint8_t octet = bytes.data[i];
		value |= (uint32_t)(octet & 0x7f) << (7 * (i - 1));
		if (octet < 0x80) {
			*remaining_length = value;
			return (int)i + 1;
		}
	}
	return bytes.size > 4 ? -1 : 0;
}

static void free_packet(MqttFramer *framer)
{
	if (framer->kept != NULL)
		g_free(framer->kept);
	framer->kept = NULL;
	if (framer->hash != NULL)
		XXH3_freeState(framer->hash);
	framer->hash = NULL;
}

void mqtt_framer_release(MqttFramer *framer)
{
	free_packet(framer);
	if (framer->backlog != NULL)
		mqtt_backlog_free(framer->backlog);
	framer->backlog = NULL;
}

void mqtt_framer_clear(MqttFramer *framer)
{
	mqtt_framer_release(framer);
	*framer = (MqttFramer){0};
}

static void forget_packet(MqttFramer *framer)
{
	free_packet(framer);
	framer->n_kept = framer->kept_capacity = 0;
	framer->left = framer->missing = framer->remaining_length = 0;
	framer->header_size = 0;
	framer->cut = framer->header_whole = false;
}

void mqtt_framer_search(MqttFramer *framer)
{
	forget_packet(framer);
	framer->state = MQTT_FRAMER_SEARCH;
	framer->resynced = true;
	framer->nonsense = false;
	framer->hint = 0;
	framer->hinted = false;
}

static void keep(MqttFramer *framer, const uint8_t *data, size_t n)
{
	uint32_t need = framer->n_kept + (uint32_t)n;

	if (need > framer->kept_capacity) {
		framer->kept_capacity = MAX(need, MAX(KEPT_FIRST, framer->kept_capacity * 2));
		framer->kept = g_realloc(framer->kept, framer->kept_capacity);
	}
	memcpy(framer->kept + framer->n_kept, data, n);
	framer->n_kept = need;
}

static MqttType kept_type(const MqttFramer *framer)
{
	return (MqttType)(framer->kept[0] >> 4);
}

static uint8_t kept_qos(const MqttFramer *framer)
{
	return framer->kept[0] >> 1 & 3;
}

static size_t packet_size(const MqttFramer *framer)
{
	return (size_t)framer->header_size + framer->remaining_length;
}

/* The packet under way is over: hand out what there is of it. */
static void deliver(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *end)
{
	MqttFrame frame = {
		.octets = {framer->kept, framer->n_kept},
		.remaining_length = framer->remaining_length,
		.header_size = framer->header_size,
		.whole = framer->n_kept == packet_size(framer),
		.header_whole = framer->header_whole,
		.cut = framer->cut,
		.version = (MqttVersion)framer->frame_version,
		.begin = framer->begin,
		.end = *end,
		.offset = framer->begin_offset,
	};

	if (framer->hash != NULL && !framer->cut) {
		XXH128_hash_t hash = XXH3_128bits_digest(framer->hash);
		frame.hash = (MqttHash){.low = hash.low64, .high = hash.high64};
		frame.has_hash = true;
	}
	framer->state = MQTT_FRAMER_BOUNDARY;
	sink->frame(sink->self, sink->side, &frame);
	forget_packet(framer);
}

/* Octets kept of a packet of @type at most. */
static uint32_t type_bound(MqttType type)
{
	bool long_type = type == MQTT_CONNECT || type == MQTT_SUBSCRIBE || type == MQTT_UNSUBSCRIBE ||
	                 type == MQTT_PUBLISH;
	return long_type ? MQTT_FRAME_BOUND : MQTT_FRAME_ACK_BOUND;
}

static void body_starts(MqttFramer *framer)
{
	if (framer->remaining_length <= type_bound(kept_type(framer))) {
		framer->state = MQTT_FRAMER_BODY;
		return;
	}
	framer->cut = true;
	framer->state = MQTT_FRAMER_SKIP;
}

/* Framing broke: what was kept makes no packet. */
static void give_up(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at)
{
	uint32_t n = framer->n_kept;
	bool guessed = framer->resynced;

	mqtt_framer_search(framer);
	framer->nonsense = !guessed;
	sink->lost(sink->self, sink->side, n, guessed ? MQTT_LOSS_SKIPPED : MQTT_LOSS_MALFORMED, at);
}

/* The fixed header is kept, of @size octets. */
static void fixed_ends(MqttFramer *framer, const MqttFrameSink *sink, int size, uint32_t remaining,
                       const StreamPoint *at)
{
	framer->header_size = (uint8_t)size;
	framer->remaining_length = framer->left = remaining;
	if (remaining == 0)
		deliver(framer, sink, at);
	else if (kept_type(framer) == MQTT_PUBLISH)
		framer->state = MQTT_FRAMER_VARIABLE;
	else
		body_starts(framer);
}

static size_t step_fixed(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                         const StreamPoint *at)
{
	uint32_t remaining = 0;
	size_t used = 0;
	int size = 0;

	while (size == 0 && used < span.size) {
		keep(framer, span.data + used++, 1);
		size = mqtt_fixed_header((ByteSpan){framer->kept, framer->n_kept}, &remaining);
	}
	if (size < 0)
		give_up(framer, sink, at);
	else if (size > 0)
		fixed_ends(framer, sink, size, remaining, at);
	return used;
}

static size_t take(MqttFramer *framer, ByteSpan span, size_t most)
{
	size_t n = MIN(MIN(span.size, framer->left), most);

	keep(framer, span.data, n);
	framer->left -= (uint32_t)n;
	return n;
}

static size_t step_body(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                        const StreamPoint *at)
{
	size_t used = take(framer, span, SIZE_MAX);

	if (framer->left == 0)
		deliver(framer, sink, at);
	return used;
}

/* Octets of a PUBLISH up to where the properties of 5.0 begin, or the payload before 5.0; what is
 * needed to tell, if the topic's length is not kept yet. */
static size_t plain_header(const MqttFramer *framer)
{
	size_t at = framer->header_size;

	if (framer->n_kept < at + 2)
		return at + 2;
	return at + 2 + (size_t)(framer->kept[at] << 8 | framer->kept[at + 1]) +
	       (kept_qos(framer) > 0 ? 2 : 0);
}

/* Octets up to the end of the properties that begin at @plain; if their length is not kept yet, one
 * more than there are; SIZE_MAX if it does not end. */
static size_t properties_end(const MqttFramer *framer, size_t plain)
{
	size_t length = 0;

	for (size_t i = 0; i < 4; i++) {
		if (plain + i >= framer->n_kept)
			return (size_t)framer->n_kept + 1;
		length |= (size_t)(framer->kept[plain + i] & 0x7f) << (7 * i);
		if (framer->kept[plain + i] < 0x80)
			return plain + i + 1 + length;
	}
	return SIZE_MAX;
}

/* Octets that must be kept before the next look at the header. */
static size_t publish_need(const MqttFramer *framer)
{
	size_t plain = plain_header(framer);

	if (framer->n_kept < plain || (framer->version != MQTT_5_0 && framer->version != 0))
		return plain;
	return properties_end(framer, plain);
}

/* What looks like properties without end is payload, as long as nothing says that this is 5.0. */
static bool must_be_payload(const MqttFramer *framer, size_t need)
{
	size_t plain = plain_header(framer);

	return framer->version == 0 && plain <= framer->n_kept && need > framer->n_kept &&
	       need > MIN(packet_size(framer), plain + GUESSED_PROPERTIES);
}

/* Where no CONNECT told the version: 5.0 if what follows the topic reads as its properties. */
static MqttVersion guess_version(const MqttFramer *framer)
{
	MqttPacket packet;
	size_t size = properties_end(framer, plain_header(framer));

	if (size > framer->n_kept)
		return MQTT_3_1_1;
	mqtt_decode_publish_header((ByteSpan){framer->kept, framer->n_kept}, MQTT_5_0, &packet);
	return packet.n_faults == 0 ? MQTT_5_0 : MQTT_3_1_1;
}

static void payload_starts(MqttFramer *framer, size_t header)
{
	framer->header_whole = true;
	framer->state = MQTT_FRAMER_PAYLOAD;
	if (kept_qos(framer) == 0) {
		framer->n_kept = (uint32_t)header;
		return;
	}
	framer->hash = XXH3_createState();
	if (framer->hash == NULL)
		g_error("out of memory");
	XXH3_128bits_reset(framer->hash);
	XXH3_128bits_update(framer->hash, framer->kept + header, framer->n_kept - header);
	framer->n_kept = (uint32_t)header;
}

/* All that is needed of the header is kept. */
static void variable_ends(MqttFramer *framer)
{
	size_t header = plain_header(framer);

	framer->frame_version = framer->version == 0 ? (uint8_t)guess_version(framer) : framer->version;
	if (framer->frame_version == MQTT_5_0)
		header = properties_end(framer, header);
	payload_starts(framer, header);
}

static size_t step_variable(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                            const StreamPoint *at)
{
	size_t used = 0;

	for (;;) {
		size_t need = publish_need(framer);
		if (must_be_payload(framer, need))
			need = framer->n_kept;
		if (need > packet_size(framer) || need > MQTT_FRAME_BOUND) {
			body_starts(framer);
			break;
		}
		if (need <= framer->n_kept) {
			variable_ends(framer);
			break;
		}
		if (used == span.size)
			return used;
		used += take(framer, (ByteSpan){span.data + used, span.size - used},
		             need - framer->n_kept);
	}
	if (framer->left == 0)
		deliver(framer, sink, at);
	return used;
}

static size_t step_pass(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                        const StreamPoint *at)
{
	size_t n = MIN(span.size, framer->left);

	if (framer->hash != NULL)
		XXH3_128bits_update(framer->hash, span.data, n);
	framer->left -= (uint32_t)n;
	if (framer->left == 0)
		deliver(framer, sink, at);
	return n;
}

/* A packet that lies in @span as a whole is handed out in place. */
static size_t step_boundary(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                            const StreamPoint *at)
{
	uint32_t remaining = 0;
	int size = mqtt_fixed_header(span, &remaining);
	size_t total = (size_t)MAX(size, 0) + remaining;

	if (framer->resynced && !mqtt_plausible_start(span.data[0], framer->senders)) {
		mqtt_framer_search(framer); /* the guess was wrong */
		return 0;
	}
	if (size > 0 && total <= span.size) {
		MqttFrame frame = {
			.octets = {span.data, total},
			.remaining_length = remaining,
			.header_size = (uint8_t)size,
			.whole = true,
			.begin = *at,
			.end = *at,
			.offset = framer->offset,
		};
		sink->frame(sink->self, sink->side, &frame);
		return total;
	}
	framer->begin = *at;
	framer->begin_offset = framer->offset;
	framer->frame_version = 0;
	framer->state = MQTT_FRAMER_FIXED;
	if (size <= 0)
		return step_fixed(framer, sink, span, at);
	keep(framer, span.data, (size_t)size);
	fixed_ends(framer, sink, size, remaining, at);
	return (size_t)size;
}

static size_t framer_step(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                          const StreamPoint *at)
{
	switch ((MqttFramerState)framer->state) {
	case MQTT_FRAMER_BOUNDARY:
		return step_boundary(framer, sink, span, at);
	case MQTT_FRAMER_FIXED:
		return step_fixed(framer, sink, span, at);
	case MQTT_FRAMER_BODY:
		return step_body(framer, sink, span, at);
	case MQTT_FRAMER_VARIABLE:
		return step_variable(framer, sink, span, at);
	case MQTT_FRAMER_PAYLOAD:
	case MQTT_FRAMER_SKIP:
		return step_pass(framer, sink, span, at);
	case MQTT_FRAMER_SEARCH:
		break;
	}
	mqtt_resync_bytes(framer, sink, span, at);
	return span.size;
}

void mqtt_framer_bytes(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                       const StreamPoint *at)
{
	framer->aligned = true;
	while (span.size > 0) {
		size_t used = framer_step(framer, sink, span, at);
		framer->offset += used;
		framer->aligned = framer->aligned && used == 0;
		span = (ByteSpan){span.data + used, span.size - used};
	}
}

bool mqtt_framer_gap_hides(const MqttFramer *framer, uint64_t n_bytes)
{
	bool inside = framer->state == MQTT_FRAMER_PAYLOAD ||
	              (framer->state == MQTT_FRAMER_SKIP && framer->header_whole);

	return !inside || n_bytes > framer->left;
}

/* The hole begins in a packet whose length is known. */
static void gap_inside(MqttFramer *framer, const MqttFrameSink *sink, uint64_t n_bytes,
                       const StreamPoint *at)
{
	framer->cut = true;
	framer->missing += (uint32_t)MIN(n_bytes, framer->left);
	if (n_bytes < framer->left) {
		framer->left -= (uint32_t)n_bytes;
		framer->state = MQTT_FRAMER_SKIP;
		return;
	}
	n_bytes -= framer->left;
	deliver(framer, sink, at);
	if (n_bytes > 0)
		mqtt_framer_search(framer);
}

void mqtt_framer_gap(MqttFramer *framer, const MqttFrameSink *sink, uint64_t n_bytes,
                     MqttLossKind kind, const StreamPoint *at)
{
	if (n_bytes > 0)
		sink->lost(sink->self, sink->side, n_bytes, kind, at);
	switch ((MqttFramerState)framer->state) {
	case MQTT_FRAMER_BODY:
	case MQTT_FRAMER_VARIABLE:
	case MQTT_FRAMER_PAYLOAD:
	case MQTT_FRAMER_SKIP:
		gap_inside(framer, sink, n_bytes, at);
		break;
	case MQTT_FRAMER_FIXED:
		sink->lost(sink->self, sink->side, framer->n_kept, MQTT_LOSS_SKIPPED, at);
		mqtt_framer_search(framer);
		break;
	case MQTT_FRAMER_SEARCH:
		mqtt_resync_gap(framer, sink, n_bytes, at);
		break;
	case MQTT_FRAMER_BOUNDARY:
		mqtt_framer_search(framer);
		break;
	}
	framer->offset += n_bytes;
}

void mqtt_framer_lose_count(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at)
{
	if (framer->state == MQTT_FRAMER_SKIP) {
		framer->missing += framer->left;
		framer->left = 0;
		deliver(framer, sink, at);
	}
	if (framer->state != MQTT_FRAMER_SEARCH)
		mqtt_framer_search(framer);
}

void mqtt_framer_end(MqttFramer *framer, const MqttFrameSink *sink, const StreamPoint *at)
{
	uint64_t passed = framer->offset - framer->begin_offset - framer->missing;

	if (framer->state == MQTT_FRAMER_SEARCH)
		mqtt_resync_gap(framer, sink, 0, at);
	else if (framer->state != MQTT_FRAMER_BOUNDARY)
		sink->lost(sink->self, sink->side, passed, MQTT_LOSS_SKIPPED, at);
	forget_packet(framer);
	framer->state = MQTT_FRAMER_BOUNDARY;
}
