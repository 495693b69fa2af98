/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/mqtt_play.h"

#include <string.h>

#define TEN "\x91\xa2\xb3\xc4\xd5\xe6\xf7\x08\x19\x2a"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

const Line session_5[] = {
	C(0x10, "\0\4MQTT\5\2\0\x3c\x0b\x11\0\0\1\x2c\x21\0\x0a\x22\0\x0a\0\4dev1"),
	S(0x20, "\0\0\6\x21\0\5\x22\0\x0a"),
	C(0x82, "\0\1\2\x0b\7\0\3a/#\2"),
	S(0x90, "\0\1\0\2"),
	C(0x32, "\0\3c/t\0\2\3\x23\0\1hello"),
	S(0x40, "\0\2"),
	C(0x30, "\0\0\3\x23\0\1again"),
	S(0x34, "\0\3a/b\0\1\5\x23\0\1\x0b\7" HUNDRED HUNDRED HUNDRED),
	C(0x50, "\0\1"),
	S(0x62, "\0\1\0"),
	C(0x70, "\0\1"),
	S(0x30, "\0\0\3\x23\0\1x"),
	C(0xc0, ""),
	S(0xd0, ""),
	C(0x34, "\0\3c/u\0\3\0twice"),
	S(0x50, "\0\3"),
	C(0x62, "\0\3"),
	S(0x70, "\0\3"),
	C(0xa2, "\0\4\0\0\3a/#"),
	S(0xb0, "\0\4\0\0"),
	C(0xe0, ""),
};
const size_t session_5_lines = G_N_ELEMENTS(session_5);

const Line session_3[] = {
	C(0x10, "\0\4MQTT\4\0\0\x3c\0\4dev1"),
	S(0x20, "\1\0"),
	S(0x3a, "\0\3a/b\0\7kept"),
	C(0x40, "\0\7"),
	C(0x82, "\0\1\0\3a/#\1\0\1b\0"),
	S(0x90, "\0\1\1\0"),
	C(0x32, "\0\3c/t\0\2" HUNDRED HUNDRED),
	S(0x40, "\0\2"),
	S(0x31, "\0\3a/cretained"),
	C(0x34, "\0\3c/u\0\3twice"),
	S(0x50, "\0\3"),
	C(0x62, "\0\3"),
	S(0x70, "\0\3"),
	C(0xc0, ""),
	S(0xd0, ""),
	C(0xa2, "\0\4\0\3a/#"),
	S(0xb0, "\0\4"),
	C(0x30, "\0\3c/t"),
	C(0xe0, ""),
};
const size_t session_3_lines = G_N_ELEMENTS(session_3);

/* Member by member, so that Seen can be compared as a whole. */
static void see_exchange(MqttExchange *seen, const MqttExchange *exchange)
{
	seen->packet_id = exchange->packet_id;
	seen->type = exchange->type;
	seen->qos = exchange->qos;
	seen->side = exchange->side;
	seen->state = exchange->state;
	seen->opened_unseen = exchange->opened_unseen;
	seen->tag = exchange->tag;
	seen->opened.frame.number = exchange->opened.frame.number;
	seen->opened.time = exchange->opened.time;
}

static void see_packet(void *self, const MqttEvent *event)
{
	Play *play = self;
	const MqttPacket *packet = event->packet;
	Seen seen = {0};

	seen.side = event->side;
	seen.type = packet->type;
	seen.version = packet->version;
	seen.offset = event->offset;
	seen.remaining_length = packet->remaining_length;
	seen.packet_id = packet->packet_id;
	seen.truncated = packet->truncated;
	seen.has_reason = packet->has_reason;
	seen.reason = packet->has_reason ? packet->reason : 0;
	if (packet->type == MQTT_PUBLISH) {
		ByteSpan topic = packet->publish.resolved_topic;
		memcpy(seen.topic, topic.data, MIN(topic.size, sizeof seen.topic - 1));
		seen.topic_known = packet->publish.topic_known;
		seen.payload_size = packet->publish.payload_size;
		seen.has_hash = packet->publish.has_hash;
		if (seen.has_hash)
			seen.hash = packet->publish.hash;
	}
	seen.has_exchange = event->exchange != NULL;
	if (event->exchange != NULL)
		see_exchange(&seen.exchange, event->exchange);
	seen.done = event->exchange_done;
	seen.from_client = event->roles_known ? event->from_client : -1;
	seen.n_faults = packet->n_faults;
	memcpy(seen.faults, packet->faults,
	       MIN(packet->n_faults, MQTT_MAX_FAULTS) * sizeof *seen.faults);
	seen.begin_frame = event->begin.frame.number;
	seen.end_frame = event->end.frame.number;
	g_array_append_val(play->seen, seen);
}

static void see_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                     const StreamPoint *at)
{
	Play *play = self;

	(void)side, (void)at;
	play->lost[kind] += n_bytes;
}

static void see_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Play *play = self;

	(void)side, (void)how, (void)at;
	play->n_ends++;
}

static void see_decided(void *self, MqttCertainty certainty)
{
	Play *play = self;

	g_assert(play->seen->len == 0);
	play->decided = certainty;
	play->n_decided++;
}

Play *play_new(bool assume, bool from_start)
{
	static const MqttSinkOps ops = {see_packet, see_lost, see_end, see_decided};
	Play *play = g_new0(Play, 1);

	play->stream = mqtt_stream_new(&ops, play, assume);
	if (from_start)
		mqtt_stream_from_start(play->stream);
	play->sink = mqtt_stream_sink(play->stream);
	play->seen = g_array_new(FALSE, TRUE, sizeof(Seen));
	play->decided = MQTT_UNDECIDED;
	play->at.frame.number = 1;
	return play;
}

void play_free(Play *play)
{
	mqtt_stream_free(play->stream);
	g_array_free(play->seen, TRUE);
	g_free(play);
}

void play_octets(Play *play, unsigned side, const void *data, size_t size)
{
	/* A copy of just these octets: reading beyond them is seen by the sanitizers. */
	uint8_t *copy = g_memdup2(data, size);

	play->sink.ops->bytes(play->sink.self, side, (ByteSpan){copy, size}, &play->at);
	g_free(copy);
}

void play_lines(Play *play, const Line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		GByteArray *octets = line_octets(&lines[i]);
		play_octets(play, lines[i].side, octets->data, octets->len);
		g_byte_array_free(octets, TRUE);
	}
}

void play_gap(Play *play, unsigned side, uint64_t n, GapKind kind)
{
	play->sink.ops->gap(play->sink.self, side, n, kind, &play->at);
}

void play_end(Play *play)
{
	play->sink.ops->end(play->sink.self, 0, STREAM_END_FIN, &play->at);
	play->sink.ops->end(play->sink.self, 1, STREAM_END_FIN, &play->at);
}

const Seen *play_event(const Play *play, unsigned index)
{
	g_assert(index < play->seen->len);
	return &g_array_index(play->seen, Seen, index);
}

unsigned play_count(const Play *play, MqttFaultId fault)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play->seen->len; i++) {
		const Seen *seen = play_event(play, i);
		for (unsigned j = 0; j < MIN(seen->n_faults, MQTT_MAX_FAULTS); j++)
			n += seen->faults[j].id == fault;
	}
	return n;
}

GByteArray *line_octets(const Line *line)
{
	GByteArray *octets = g_byte_array_new();
	size_t left = line->size;
	uint8_t octet;

	g_byte_array_append(octets, &line->first, 1);
	do {
		octet = (uint8_t)(left % 128 + (left >= 128 ? 128 : 0));
		g_byte_array_append(octets, &octet, 1);
		left /= 128;
	} while (left > 0);
	g_byte_array_append(octets, (const uint8_t *)line->body, (guint)line->size);
	return octets;
}

Session session(MqttVersion version)
{
	if (version == MQTT_5_0)
		return (Session){session_5, session_5_lines};
	return (Session){session_3, session_3_lines};
}

Play *play_whole(MqttVersion version)
{
	Session played = session(version);
	Play *play = play_new(false, true);

	play_lines(play, played.lines, played.n);
	play_end(play);
	return play;
}
