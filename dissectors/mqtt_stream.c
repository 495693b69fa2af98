/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_stream.h"

#include <glib.h>
#include <string.h>

#include "dissectors/mqtt_alias.h"
#include "dissectors/mqtt_detect.h"
#include "dissectors/mqtt_exchange.h"
#include "dissectors/mqtt_framer.h"
#include "dissectors/mqtt_infer.h"
#include "dissectors/mqtt_pairing.h"
#include "dissectors/mqtt_plausible.h"
#include "dissectors/mqtt_rules.h"

/* What every packet touches stands first, in as few cache lines as it takes. */
struct MqttStream {
	const MqttSinkOps *ops;
	void *self;
	bool (*lacks)(void *user, unsigned side);
	void *lacks_user;
	MqttDetect *detect;       /* while undecided */
	MqttInference inference;
	uint8_t certainty;        /* MqttCertainty */
	int8_t client_side;
	bool assume;
	uint8_t ended;            /* sides that were over before it was decided: a set */
	uint8_t end_how;
	MqttRules rules;
	MqttAliasMap *aliases[2];
	MqttFramer framers[2];
	StreamPoint end_at;
	MqttExchanges exchanges; /* the last: of what was before, it keeps its memory */
};

static void stream_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at);
static void stream_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                       const StreamPoint *at);
static void stream_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at);

static const StreamSinkOps stream_ops = {stream_bytes, stream_gap, stream_end};

static void forget_state(MqttStream *stream)
{
	for (unsigned side = 0; side < 2; side++) {
		if (stream->aliases[side] != NULL)
			mqtt_alias_free(stream->aliases[side]);
		stream->aliases[side] = NULL;
	}
	mqtt_exchanges_reset(&stream->exchanges);
}

void mqtt_stream_release(MqttStream *stream)
{
	mqtt_framer_release(&stream->framers[0]);
	mqtt_framer_release(&stream->framers[1]);
	forget_state(stream);
	if (stream->detect != NULL)
		mqtt_detect_free(stream->detect);
	stream->detect = NULL;
}

void mqtt_stream_renew(MqttStream *stream, const MqttSinkOps *ops, void *self, bool assume)
{
	mqtt_stream_release(stream);
	memset(stream, 0, offsetof(MqttStream, exchanges));
	stream->ops = ops;
	stream->self = self;
	stream->assume = assume;
	stream->certainty = MQTT_UNDECIDED;
	stream->client_side = -1;
}

MqttStream *mqtt_stream_new(const MqttSinkOps *ops, void *self, bool assume)
{
	MqttStream *stream = g_new0(MqttStream, 1);

	mqtt_stream_renew(stream, ops, self, assume);
	return stream;
}

size_t mqtt_stream_size(void)
{
	return sizeof(MqttStream);
}

void mqtt_stream_clear(MqttStream *stream)
{
	mqtt_stream_release(stream);
	mqtt_exchanges_clear(&stream->exchanges);
}

void mqtt_stream_free(MqttStream *stream)
{
	if (stream == NULL)
		return;
	mqtt_stream_clear(stream);
	g_free(stream);
}

StreamSink mqtt_stream_sink(MqttStream *stream)
{
	return (StreamSink){&stream_ops, stream};
}

void mqtt_stream_from_start(MqttStream *stream)
{
	stream->rules.from_start = true;
}

void mqtt_stream_watch(MqttStream *stream, bool (*lacks)(void *user, unsigned side), void *user)
{
	stream->lacks = lacks;
	stream->lacks_user = user;
}

MqttCertainty mqtt_stream_certainty(const MqttStream *stream)
{
	return (MqttCertainty)stream->certainty;
}

MqttVersion mqtt_stream_version(const MqttStream *stream)
{
	return stream->inference.version;
}

MqttCertainty mqtt_stream_version_certainty(const MqttStream *stream)
{
	if (stream->inference.certain)
		return MQTT_CERTAIN;
	return stream->inference.version == MQTT_VERSION_UNKNOWN ? MQTT_UNDECIDED : MQTT_LIKELY;
}

int mqtt_stream_client_side(const MqttStream *stream)
{
	return stream->client_side;
}

uint32_t mqtt_stream_unanswered(const MqttStream *stream, unsigned side)
{
	return stream->exchanges.n_fresh[side & 1];
}

MqttExchange *mqtt_stream_exchange_next(MqttStream *stream, size_t *position)
{
	MqttOpen *open = mqtt_exchanges_next(&stream->exchanges, position);

	return open == NULL ? NULL : &open->exchange;
}

static void set_client(MqttStream *stream, unsigned side)
{
	stream->client_side = (int8_t)side;
	stream->framers[side].senders = MQTT_SENDER_CLIENT;
	stream->framers[1 - side].senders = MQTT_SENDER_SERVER;
}

/* A CONNECT: from here on nothing is guessed. */
static void learn_connect(MqttStream *stream, unsigned side, const MqttPacket *packet)
{
	if (stream->rules.connect)
		return;
	if (stream->rules.any[0] || stream->rules.any[1])
		forget_state(stream); /* the ports were used again, or what came before was a guess */
	stream->certainty = MQTT_CERTAIN;
	set_client(stream, side);
	if (packet->version != MQTT_VERSION_UNKNOWN) {
		stream->inference.version = packet->version;
		stream->inference.certain = true;
	}
}

/* Without a CONNECT the roles follow from a type that one side only may send. */
static void learn_roles(MqttStream *stream, unsigned side, MqttType type)
{
	unsigned senders = mqtt_type_senders(type, stream->inference.version);

	if (senders == MQTT_SENDER_CLIENT)
		set_client(stream, side);
	else if (senders == MQTT_SENDER_SERVER)
		set_client(stream, 1 - side);
}

static void learn(MqttStream *stream, unsigned side, const MqttPacket *packet)
{
	if (packet->type == MQTT_CONNECT)
		learn_connect(stream, side, packet);
	else if (stream->client_side < 0)
		learn_roles(stream, side, packet->type);
	stream->framers[0].version = stream->framers[1].version = (uint8_t)stream->inference.version;
}

static MqttAliasState resolve_topic(MqttStream *stream, unsigned side, MqttPacket *packet)
{
	MqttPublish *publish = &packet->publish;
	uint32_t alias;
	MqttAliasState state;

	if (!mqtt_has_property(&packet->properties, MQTT_PROP_TOPIC_ALIAS))
		return MQTT_ALIAS_KNOWN;
	alias = packet->properties.number[MQTT_PROP_TOPIC_ALIAS];
	if (publish->topic.size > 0) {
		/* Beyond the announced maximum too: that is a fault of its own, but what the sender
		 * means by the alias is clear, and a lenient receiver takes it. */
		mqtt_alias_set(&stream->aliases[side], (uint16_t)alias, publish->topic);
		return MQTT_ALIAS_KNOWN;
	}
	state = mqtt_alias_get(stream->aliases[side], (uint16_t)alias, &publish->resolved_topic);
	publish->topic_known = state == MQTT_ALIAS_KNOWN;
	return state;
}

static void take_hash(const MqttFrame *frame, MqttPacket *packet)
{
	MqttPublish *publish = &packet->publish;
	XXH128_hash_t hash;

	if (frame->has_hash) {
		publish->has_hash = true;
		publish->hash = frame->hash;
	} else if (frame->whole && publish->qos > 0) {
		hash = XXH3_128bits(publish->payload.data, publish->payload.size);
		publish->has_hash = true;
		publish->hash = (MqttHash){.low = hash.low64, .high = hash.high64};
	}
}

static void mark_hole(MqttStream *stream, unsigned side)
{
	mqtt_alias_hole(stream->aliases[side]);
	mqtt_exchanges_hole(&stream->exchanges);
	mqtt_rules_hole(&stream->rules, side);
}

/* A packet of which we did not get what matters to those that follow. */
static bool frame_hides(const MqttFrame *frame)
{
	return frame->cut && !frame->header_whole;
}

/* Packets of @side are being missed now: a boundary is looked for, or octets did not come. */
static bool missing_now(const MqttStream *stream, unsigned side)
{
	return stream->framers[side].state == MQTT_FRAMER_SEARCH ||
	       (stream->lacks != NULL && stream->lacks(stream->lacks_user, side));
}

static MqttPairing pair(MqttStream *stream, unsigned side, const MqttFrame *frame,
                        const MqttPacket *packet)
{
	bool missing = missing_now(stream, 1 - side);
	bool unseen = !stream->rules.connect || stream->rules.hole[0] || stream->rules.hole[1] || missing;
	MqttPairing pairing = mqtt_pair(&stream->exchanges, packet, side, &frame->begin, unseen);

	if (!missing)
		return pairing;
	pairing.uncertain = true;
	if (pairing.open != NULL)
		mqtt_exchanges_doubt(&stream->exchanges, pairing.open);
	return pairing;
}

static void stream_packet(MqttStream *stream, unsigned side, const MqttFrame *frame,
                          MqttPacket *packet)
{
	MqttRuleView view = {
		.side = side,
		.offset = frame->offset,
		.size = frame->header_size + frame->remaining_length,
		.alias = MQTT_ALIAS_KNOWN,
	};

	if (packet->type == MQTT_PUBLISH) {
		take_hash(frame, packet);
		view.alias = resolve_topic(stream, side, packet);
	}
	view.pairing = pair(stream, side, frame, packet);
	view.client_side = stream->client_side;
	view.version = stream->inference.certain ? stream->inference.version : MQTT_VERSION_UNKNOWN;
	view.n_fresh = stream->exchanges.n_fresh[side];
	mqtt_rules_apply(&stream->rules, &view, packet);
	MqttEvent event = {
		.packet = packet,
		.side = side,
		.from_client = stream->client_side == (int)side,
		.roles_known = stream->client_side >= 0,
		.begin = frame->begin,
		.end = frame->end,
		.offset = frame->offset,
		.exchange = view.pairing.open == NULL ? NULL : &view.pairing.open->exchange,
		.exchange_done = view.pairing.done,
	};
	stream->ops->packet(stream->self, &event);
	if (view.pairing.done)
		mqtt_exchanges_close(&stream->exchanges, view.pairing.open);
}

static void on_frame(void *self, unsigned side, const MqttFrame *frame)
{
	MqttStream *stream = self;
	MqttPacket packet;

	mqtt_infer_decode(&stream->inference, frame, &packet);
	learn(stream, side, &packet);
	stream_packet(stream, side, frame, &packet);
	if (frame_hides(frame))
		mark_hole(stream, side);
}

static void on_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                    const StreamPoint *at)
{
	MqttStream *stream = self;

	if (kind == MQTT_LOSS_SKIPPED || kind == MQTT_LOSS_MALFORMED)
		mark_hole(stream, side);
	stream->ops->lost(stream->self, side, n_bytes, kind, at);
}

static MqttFrameSink frame_sink(MqttStream *stream, unsigned side)
{
	return (MqttFrameSink){on_frame, on_lost, stream, side};
}

static void announce(MqttStream *stream, MqttCertainty certainty)
{
	stream->certainty = (uint8_t)certainty;
	stream->ops->decided(stream->self, certainty);
}

/* This is MQTT: what waited is framed. */
static void accept(MqttStream *stream, MqttCertainty certainty)
{
	MqttDetect *detect = stream->detect;
	bool whole = detect == NULL || mqtt_detect_whole(detect);

	stream->detect = NULL;
	if (stream->rules.from_start)
		set_client(stream, 0); /* the client opens the connection (5.0 §4.2; 3.1.1 §4.2) */
	if (!whole || (certainty != MQTT_CERTAIN && !stream->rules.from_start)) {
		mqtt_framer_search(&stream->framers[0]);
		mqtt_framer_search(&stream->framers[1]);
	}
	announce(stream, certainty);
	if (detect != NULL)
		mqtt_detect_replay(detect, &stream_ops, stream);
	mqtt_detect_free(detect);
	for (unsigned side = 0; side < 2; side++) {
		if ((stream->ended >> side & 1) != 0)
			stream_end(stream, side, (StreamEnd)stream->end_how, &stream->end_at);
	}
}

/* The user says that it is MQTT: framing begins at once, and searches if that makes no sense. */
static void accept_assumed(MqttStream *stream, ByteSpan span)
{
	bool guess = !stream->rules.from_start && mqtt_connect_start(span) == MQTT_GUESS_NO;

	stream->framers[0].resynced = stream->framers[1].resynced = guess;
	accept(stream, MQTT_CERTAIN);
}

static void reject(MqttStream *stream)
{
	mqtt_stream_release(stream); /* nothing is framed any more */
	announce(stream, MQTT_REJECTED);
}

static void detect_bytes(MqttStream *stream, unsigned side, ByteSpan span, const StreamPoint *at)
{
	MqttCertainty certainty;

	if (stream->detect == NULL)
		stream->detect = mqtt_detect_new();
	certainty = mqtt_detect_bytes(stream->detect, side, span, at, stream->rules.from_start);
	if (certainty == MQTT_REJECTED)
		reject(stream);
	else if (certainty != MQTT_UNDECIDED)
		accept(stream, certainty);
}

static bool undecided(const MqttStream *stream)
{
	return stream->certainty == MQTT_UNDECIDED;
}

static void stream_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	MqttStream *stream = self;
	bool first = undecided(stream) && stream->detect == NULL;

	if (span.size == 0 || stream->certainty == MQTT_REJECTED)
		return;
	if (first && stream->assume) {
		accept_assumed(stream, span);
	} else if (first && mqtt_connect_start(span) == MQTT_GUESS_YES) {
		accept(stream, MQTT_CERTAIN);
	} else if (undecided(stream)) {
		detect_bytes(stream, side, span, at);
		return;
	}
	MqttFrameSink sink = frame_sink(stream, side);
	mqtt_framer_bytes(&stream->framers[side], &sink, span, at);
}

static MqttLossKind loss_kind(GapKind kind)
{
	switch (kind) {
	case GAP_TRUNCATED:
		return MQTT_LOSS_TRUNCATED;
	case GAP_DROPPED:
		return MQTT_LOSS_SKIPPED;
	case GAP_UNMEASURED:
	case GAP_MISSING:
		break;
	}
	return MQTT_LOSS_MISSING;
}

static void stream_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                       const StreamPoint *at)
{
	MqttStream *stream = self;
	MqttFrameSink sink = frame_sink(stream, side);

	if (stream->certainty == MQTT_REJECTED)
		return;
	if (undecided(stream)) {
		if (stream->detect == NULL)
			stream->detect = mqtt_detect_new();
		mqtt_detect_gap(stream->detect, side, n_bytes, kind, at);
		return;
	}
	if (kind == GAP_UNMEASURED || mqtt_framer_gap_hides(&stream->framers[side], n_bytes))
		mark_hole(stream, side);
	mqtt_framer_gap(&stream->framers[side], &sink, n_bytes, loss_kind(kind), at);
	if (kind == GAP_UNMEASURED)
		mqtt_framer_lose_count(&stream->framers[side], &sink, at);
}

static void stream_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	MqttStream *stream = self;
	MqttFrameSink sink = frame_sink(stream, side);

	if (stream->certainty == MQTT_REJECTED)
		return;
	if (undecided(stream)) {
		stream->ended |= (uint8_t)(1u << side);
		stream->end_how = (uint8_t)how;
		stream->end_at = *at;
		if (stream->ended == 3)
			reject(stream);
		return;
	}
	mqtt_framer_end(&stream->framers[side], &sink, at);
	stream->ops->end(stream->self, side, how, at);
}
