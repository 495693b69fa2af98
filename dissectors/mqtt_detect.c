/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_detect.h"

#include <glib.h>
#include <string.h>

#include "dissectors/mqtt_backlog.h"
#include "dissectors/mqtt_framer.h"

enum {
	PROOF = 4,         /* weight that makes MQTT likely */
	PROOF_ANSWER = 2,  /* weight of an answer from the other side */
	STRIKES = 4,       /* segments that begin no packet, in a stream joined midway */
	OCTETS_MOST = 65536,
	SEGMENTS_MOST = 256,
	GAPS_MOST = 16,
	CHAIN_MOST = 8,
};

typedef struct DetectGap {
	uint64_t n_bytes;
	uint64_t order;
	StreamPoint at;
	uint8_t side;
	uint8_t kind; /* GapKind */
} DetectGap;

typedef struct DetectSide {
	MqttBacklog *backlog;
	size_t judged_from; /* in the backlog: where the packets in a row begin */
	bool refuted;       /* its first octets begin no packet, or a hole came */
	unsigned weight;
	uint16_t types;
	unsigned senders;   /* 0: nothing seen yet */
} DetectSide;

struct MqttDetect {
	DetectSide sides[2];
	DetectGap gaps[GAPS_MOST];
	unsigned n_gaps;
	unsigned strikes;
	unsigned n_segments;
	uint64_t n_octets;
};

MqttGuess mqtt_connect_start(ByteSpan bytes)
{
	static const uint8_t names[2][8] = {"\0\4MQTT", "\0\6MQIsdp"};
	uint32_t remaining = 0;
	int header;

	if (bytes.size == 0)
		return MQTT_GUESS_OPEN;
	if (bytes.data[0] != MQTT_CONNECT << 4)
		return MQTT_GUESS_NO;
	header = mqtt_fixed_header(bytes, &remaining);
	if (header <= 0)
		return header == 0 ? MQTT_GUESS_OPEN : MQTT_GUESS_NO;
	for (int i = 0; i < 2; i++) {
		size_t name = i == 0 ? 6 : 8;
		size_t there = MIN(bytes.size - (size_t)header, name);
		if (remaining < name + 4 || memcmp(bytes.data + header, names[i], there) != 0)
			continue;
		return bytes.size > (size_t)header + name ? MQTT_GUESS_YES : MQTT_GUESS_OPEN;
	}
	return MQTT_GUESS_NO;
}

MqttDetect *mqtt_detect_new(void)
{
	return g_new0(MqttDetect, 1);
}

void mqtt_detect_free(MqttDetect *detect)
{
	if (detect == NULL)
		return;
	mqtt_backlog_free(detect->sides[0].backlog);
	mqtt_backlog_free(detect->sides[1].backlog);
	g_free(detect);
}

static void side_restart(DetectSide *side)
{
	side->judged_from = side->backlog == NULL ? 0 : side->backlog->size;
	side->weight = 0;
	side->types = 0;
	side->senders = MQTT_SENDER_UNKNOWN;
}

void mqtt_detect_gap(MqttDetect *detect, unsigned side, uint64_t n_bytes, GapKind kind,
                     const StreamPoint *at)
{
	side_restart(&detect->sides[side]);
	detect->sides[side].refuted = true;
	if (detect->n_gaps == GAPS_MOST) {
		detect->strikes = STRIKES;
		return;
	}
	detect->gaps[detect->n_gaps++] = (DetectGap){
		.n_bytes = n_bytes, .order = detect->n_segments, .at = *at,
		.side = (uint8_t)side, .kind = (uint8_t)kind};
}

/* Adds @span; if the bound is reached, what waited before is given up. */
static void side_add(MqttDetect *detect, unsigned side, ByteSpan span, const StreamPoint *at)
{
	DetectSide *own = &detect->sides[side];

	if (own->backlog == NULL)
		own->backlog = mqtt_backlog_new();
	if (mqtt_backlog_add(own->backlog, span, at, true, detect->n_segments))
		return;
	mqtt_detect_gap(detect, side, own->backlog->size, GAP_DROPPED, at);
	mqtt_backlog_trim(own->backlog, own->backlog->size);
	own->judged_from = 0;
	if (!mqtt_backlog_add(own->backlog, span, at, true, detect->n_segments))
		mqtt_detect_gap(detect, side, span.size, GAP_DROPPED, at);
}

/* Whether what waits of a side, from @from on, could be packets in a row. */
static bool side_judge(DetectSide *own, size_t from)
{
	ByteSpan all = mqtt_backlog_octets(own->backlog);
	MqttChain chain;

	chain = mqtt_chain((ByteSpan){all.data + from, all.size - from}, MQTT_VERSION_UNKNOWN,
	                   MQTT_SENDER_EITHER, CHAIN_MOST);
	if (chain.rest == MQTT_GUESS_NO)
		return false;
	own->judged_from = from;
	own->weight = chain.weight;
	own->types = chain.types;
	own->senders = chain.senders;
	return true;
}

static bool answered(uint16_t asked, uint16_t answers)
{
	static const uint8_t pairs[][2] = {
		{MQTT_PINGREQ, MQTT_PINGRESP}, {MQTT_PUBLISH, MQTT_PUBACK},
		{MQTT_PUBLISH, MQTT_PUBREC},   {MQTT_PUBREL, MQTT_PUBCOMP},
		{MQTT_SUBSCRIBE, MQTT_SUBACK}, {MQTT_UNSUBSCRIBE, MQTT_UNSUBACK},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		if ((asked >> pairs[i][0] & 1) != 0 && (answers >> pairs[i][1] & 1) != 0)
			return true;
	}
	return false;
}

static unsigned senders_or_any(const DetectSide *side)
{
	return side->senders == MQTT_SENDER_UNKNOWN ? MQTT_SENDER_EITHER : side->senders;
}

static MqttCertainty judge(const MqttDetect *detect, unsigned strikes_most)
{
	const DetectSide *a = &detect->sides[0], *b = &detect->sides[1];
	unsigned first = senders_or_any(a), second = senders_or_any(b);
	unsigned weight = a->weight + b->weight;
	bool fits = ((first & MQTT_SENDER_CLIENT) != 0 && (second & MQTT_SENDER_SERVER) != 0) ||
	            ((first & MQTT_SENDER_SERVER) != 0 && (second & MQTT_SENDER_CLIENT) != 0);

	if (!fits || detect->strikes >= strikes_most)
		return MQTT_REJECTED;
	if (answered(a->types, b->types) || answered(b->types, a->types))
		weight += PROOF_ANSWER;
	if (weight >= PROOF)
		return MQTT_LIKELY;
	if (detect->n_octets > OCTETS_MOST || detect->n_segments > SEGMENTS_MOST)
		return MQTT_REJECTED;
	return MQTT_UNDECIDED;
}

MqttCertainty mqtt_detect_bytes(MqttDetect *detect, unsigned side, ByteSpan span,
                                const StreamPoint *at, bool from_start)
{
	DetectSide *own = &detect->sides[side];
	bool complete = from_start && detect->n_gaps == 0;
	size_t start;

	if (complete && side == 1 && detect->sides[0].backlog == NULL)
		return MQTT_REJECTED; /* in MQTT the server does not speak first */
	detect->n_segments++;
	detect->n_octets += span.size;
	side_add(detect, side, span, at);
	start = own->backlog->size - MIN(span.size, own->backlog->size);
	if (mqtt_connect_start((ByteSpan){own->backlog->octets + start, own->backlog->size - start}) ==
	            MQTT_GUESS_YES ||
	    mqtt_connect_start((ByteSpan){own->backlog->octets, own->backlog->size}) == MQTT_GUESS_YES)
		return MQTT_CERTAIN;
	if (!side_judge(own, own->judged_from)) {
		detect->strikes++;
		own->refuted = true;
		if (own->judged_from >= start || !side_judge(own, start))
			side_restart(own);
	}
	return judge(detect, complete ? 1 : STRIKES);
}

bool mqtt_detect_whole(const MqttDetect *detect)
{
	return !detect->sides[0].refuted && !detect->sides[1].refuted;
}

static uint64_t piece_order(const MqttDetect *detect, unsigned side, uint32_t index)
{
	const MqttBacklog *backlog = detect->sides[side].backlog;

	return backlog == NULL || index == backlog->n_pieces ? UINT64_MAX : backlog->pieces[index].order;
}

void mqtt_detect_replay(const MqttDetect *detect, const StreamSinkOps *ops, void *self)
{
	uint32_t next[2] = {0, 0};
	unsigned gap = 0;

	for (;;) {
		uint64_t a = piece_order(detect, 0, next[0]), b = piece_order(detect, 1, next[1]);
		unsigned side = a < b ? 0 : 1;
		if (gap < detect->n_gaps && detect->gaps[gap].order < MIN(a, b)) {
			const DetectGap *hole = &detect->gaps[gap++];
			ops->gap(self, hole->side, hole->n_bytes, (GapKind)hole->kind, &hole->at);
			continue;
		}
		if (MIN(a, b) == UINT64_MAX)
			return;
		const MqttBacklog *backlog = detect->sides[side].backlog;
		uint32_t index = next[side]++;
		ops->bytes(self, side, mqtt_backlog_piece(backlog, index), &backlog->pieces[index].at);
	}
}
