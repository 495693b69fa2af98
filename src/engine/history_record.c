/* SPDX-License-Identifier: MIT */
#include "src/engine/history_record.h"

#include <string.h>

#include "src/engine/history_record_private.h"

static uint64_t key_of(FrameRef frame)
{
	return (uint64_t)frame.source << 48 | frame.number;
}

Recorder *recorder_new(const Model *model, HistoryBatch *batch, const ClientIndex *clients, unsigned n)
{
	Recorder *recorder = g_new0(Recorder, 1);
	recorder->model = model;
	recorder->batch = batch;
	recorder->n_tracks = n;
	recorder->tracks = g_new0(Track, n);
	for (unsigned i = 0; i < n; i++)
		recorder->tracks[i] = (Track){.client = clients[i], .current = NO_INDEX};
	recorder->expected = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	recorder->packet = g_byte_array_new();
	return recorder;
}

void recorder_free(Recorder *recorder)
{
	g_hash_table_unref(recorder->expected);
	g_byte_array_unref(recorder->packet);
	g_free(recorder->tracks);
	g_free(recorder);
}

void recorder_expect(Recorder *recorder, FrameRef opened, ConnectionIndex connection,
                     ClientIndex client)
{
	uint64_t key = key_of(opened);
	Expected expected = {connection, client};
	g_hash_table_insert(recorder->expected, g_memdup2(&key, sizeof key),
	                    g_memdup2(&expected, sizeof expected));
}

bool recorder_is_betrayed(const Recorder *recorder)
{
	return recorder->betrayed;
}

static Track *track_of(const Recorder *recorder, ClientIndex client)
{
	for (unsigned i = 0; i < recorder->n_tracks; i++)
		if (recorder->tracks[i].client == client)
			return &recorder->tracks[i];
	return NULL;
}

/* --- events ------------------------------------------------------------------------------------- */

static HistoryEvent event_at(const Watched *watched, HistoryKind kind, unsigned side,
                             const StreamPoint *at)
{
	return (HistoryEvent){
		.frame = at->frame,
		.last_frame = at->frame,
		.time = at->time,
		.client = watched->track->client,
		.connection = watched->connection,
		.kind = (uint8_t)kind,
		.side = (uint8_t)side,
		.from_client = side == watched->client_side,
		.publisher = NO_INDEX,
		.answers = -1,
		.answered_by = -1,
		.moment = watched->track->moment,
	};
}

static void add(const Watched *watched, HistoryKind kind, unsigned side, uint64_t size,
                const StreamPoint *at)
{
	if (watched->track == NULL)
		return;
	HistoryEvent event = event_at(watched, kind, side, at);
	event.by_nobody = kind == HISTORY_RST && watched->closed;
	event.size = (uint32_t)MIN(size, UINT32_MAX);
	history_batch_event(watched->recorder->batch, &event, (ByteSpan){0});
}

static ByteSpan text_of(const MqttPacket *packet)
{
	size_t position = 0;
	MqttFilter filter;
	if (packet->type == MQTT_CONNECT)
		return packet->connect.client_id;
	if (packet->type == MQTT_PUBLISH)
		return packet->publish.topic_known ? packet->publish.resolved_topic
		                                   : packet->publish.topic;
	if ((packet->type == MQTT_SUBSCRIBE || packet->type == MQTT_UNSUBSCRIBE) &&
	    mqtt_filter_next(packet, &position, &filter))
		return filter.filter;
	return (ByteSpan){0};
}

static uint16_t count_entries(const MqttPacket *packet)
{
	size_t position = 0;
	uint32_t n = 0;
	MqttFilter filter;
	uint8_t code;
	if (packet->type == MQTT_SUBSCRIBE || packet->type == MQTT_UNSUBSCRIBE)
		while (mqtt_filter_next(packet, &position, &filter))
			n++;
	else if (packet->type == MQTT_SUBACK || packet->type == MQTT_UNSUBACK)
		while (mqtt_code_next(packet, &position, &code))
			n++;
	return (uint16_t)MIN(n, UINT16_MAX);
}

static void describe(HistoryEvent *event, const MqttPacket *packet)
{
	event->type = (uint8_t)packet->type;
	event->version = (uint8_t)packet->version;
	event->has_reason = packet->has_reason;
	event->reason = packet->reason;
	event->n_faults = (uint8_t)MIN(packet->n_faults, UINT8_MAX);
	event->packet_id = packet->packet_id;
	event->size = packet->header_size + packet->remaining_length;
	event->n_entries = count_entries(packet);
	if (packet->type == MQTT_PUBLISH) {
		event->qos = packet->publish.qos;
		event->dup = packet->publish.dup;
		event->retain = packet->publish.retain;
		event->payload_size = packet->publish.payload_size;
	}
	if (packet->type == MQTT_CONNECT)
		event->clean_start = packet->connect.clean_start;
	if (packet->type == MQTT_CONNACK)
		event->session_present = packet->connack.session_present;
}

/* --- acknowledgements --------------------------------------------------------------------------- */

/* What a packet of each type acknowledges; MQTT_RESERVED: nothing. */
static const uint8_t acknowledges[MQTT_N_TYPES] = {
	[MQTT_CONNACK] = MQTT_CONNECT,
	[MQTT_PUBACK] = MQTT_PUBLISH,
	[MQTT_PUBREC] = MQTT_PUBLISH,
	[MQTT_PUBREL] = MQTT_PUBREC,
	[MQTT_PUBCOMP] = MQTT_PUBREL,
	[MQTT_SUBACK] = MQTT_SUBSCRIBE,
	[MQTT_UNSUBACK] = MQTT_UNSUBSCRIBE,
	[MQTT_PINGRESP] = MQTT_PINGREQ,
};

static bool is_acknowledged(const MqttPacket *packet)
{
	if (packet->type == MQTT_PUBLISH)
		return packet->publish.qos > 0;
	for (unsigned i = 0; i < MQTT_N_TYPES; i++)
		if (acknowledges[i] == packet->type)
			return true;
	return false;
}

static void *ask_key(MqttType type, unsigned side, uint16_t packet_id)
{
	return GUINT_TO_POINTER((unsigned)type << 17 | side << 16 | packet_id);
}

static int32_t find_asked(const Watched *watched, const MqttEvent *event)
{
	MqttType asked = acknowledges[event->packet->type & 15];
	if (asked == MQTT_RESERVED || watched->asked == NULL)
		return -1;
	void *key = ask_key(asked, !event->side, event->packet->packet_id);
	int32_t index = GPOINTER_TO_INT(g_hash_table_lookup(watched->asked, key)) - 1;
	g_hash_table_remove(watched->asked, key);
	return index;
}

static void remember_asked(Watched *watched, const MqttEvent *event, int32_t index)
{
	if (index < 0 || !is_acknowledged(event->packet))
		return;
	if (watched->asked == NULL)
		watched->asked = g_hash_table_new(NULL, NULL);
	g_hash_table_insert(watched->asked,
	                    ask_key(event->packet->type, event->side, event->packet->packet_id),
	                    GINT_TO_POINTER(index + 1));
}

/* --- packets ------------------------------------------------------------------------------------ */

/* Passwords are never kept: they stand last.  Where that is not sure nothing behind the flags is. */
static void hide_password(GByteArray *octets, const MqttPacket *packet)
{
	enum { BEFORE_PAYLOAD = 12 };
	if (packet->type != MQTT_CONNECT)
		return;
	bool whole = !packet->truncated && packet->n_faults == 0 &&
	             octets->len == packet->header_size + packet->remaining_length;
	if (!whole)
		g_byte_array_set_size(octets, MIN(octets->len, BEFORE_PAYLOAD));
	else if (packet->connect.has_password && packet->connect.password_size <= octets->len)
		memset(octets->data + octets->len - packet->connect.password_size, '*',
		       packet->connect.password_size);
}

static ByteSpan octets_of(const Watched *watched, const MqttEvent *event)
{
	GByteArray *packet = watched->recorder->packet;
	uint64_t size = (uint64_t)event->packet->header_size + event->packet->remaining_length;
	g_byte_array_set_size(packet, 0);
	tap_packet(&watched->taps[event->side], event->offset, size, packet);
	hide_password(packet, event->packet);
	return (ByteSpan){packet->data, packet->len};
}

static void record(Watched *watched, const MqttEvent *event)
{
	Recorder *recorder = watched->recorder;
	HistoryEvent made = event_at(watched, HISTORY_PACKET, event->side, &event->end);
	made.frame = event->begin.frame;
	made.from_client = event->from_client;
	made.answers = find_asked(watched, event);
	made.text = history_batch_text(recorder->batch, text_of(event->packet));
	describe(&made, event->packet);
	int32_t index = history_batch_event(recorder->batch, &made, octets_of(watched, event));
	history_batch_answer(recorder->batch, made.answers, index);
	remember_asked(watched, event, index);
}

/* Whose it is, as soon as the model knows. */
static void decide(Watched *watched, ConnectionIndex connection)
{
	Recorder *recorder = watched->recorder;
	ClientIndex client = connection == NO_INDEX
	                             ? NO_INDEX
	                             : model_connection(recorder->model, connection)->client;
	if (watched->track != NULL) {
		bool other = (connection != NO_INDEX && connection != watched->connection) ||
		             (client != NO_INDEX && client != watched->track->client);
		recorder->betrayed = recorder->betrayed || other;
		return;
	}
	if (client == NO_INDEX || watched->foreign)
		return;
	watched->track = track_of(recorder, client);
	watched->foreign = watched->track == NULL;
	watched->connection = connection;
	if (watched->track != NULL)
		add(watched, HISTORY_OPENED, watched->client_side, 0, &watched->opened);
}

static void on_packet(void *self, const MqttEvent *event, const MqttStream *stream,
                      ConnectionIndex connection)
{
	Watched *watched = self;
	if (event->roles_known)
		watched->client_side = event->from_client ? event->side : !event->side;
	decide(watched, connection);
	if (event->packet->type == MQTT_PUBLISH)
		recorder_published(watched->recorder, event, connection);
	if (watched->track != NULL) {
		track_follow(watched->recorder, watched->track, event, stream);
		watched->track->current = watched->connection;
		record(watched, event);
	}
	tap_taken(&watched->taps[event->side], event->offset + event->packet->header_size +
	                                               event->packet->remaining_length);
}

/* --- connections -------------------------------------------------------------------------------- */

static void *on_opened(void *user, const TcpFlow *flow, const StreamPoint *at)
{
	(void)flow;
	Recorder *recorder = user;
	Watched *watched = g_new0(Watched, 1);
	watched->recorder = recorder;
	watched->opened = *at;
	watched->connection = NO_INDEX;
	uint64_t key = key_of(at->frame);
	const Expected *expected = g_hash_table_lookup(recorder->expected, &key);
	if (expected == NULL)
		return watched;
	watched->connection = expected->connection;
	watched->track = track_of(recorder, expected->client);
	add(watched, HISTORY_OPENED, watched->client_side, 0, at);
	g_hash_table_remove(recorder->expected, &key);
	return watched;
}

static void on_gap(void *self, unsigned side, uint64_t n_bytes, const StreamPoint *at)
{
	add(self, HISTORY_GAP, side, n_bytes, at);
}

static void on_again(void *self, unsigned side, uint32_t n_bytes, const StreamPoint *at)
{
	add(self, HISTORY_RETRANSMITTED, side, n_bytes, at);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Watched *watched = self;
	switch (how) {
	case STREAM_END_FIN:
		add(watched, HISTORY_FIN, side, 0, at);
		watched->closed = true;
		break;
	case STREAM_END_RST: /* told of both sides, of the one that sent it first */
		if (!watched->over)
			add(watched, HISTORY_RST, side, 0, at);
		watched->over = true;
		break;
	case STREAM_END_STALE:
		if (!watched->over)
			add(watched, HISTORY_VANISHED, side, 0, at);
		watched->over = true;
		break;
	case STREAM_END_CAPTURE:
		break;
	}
	Track *track = watched->track;
	if (track != NULL && track->current == watched->connection) {
		track->current = NO_INDEX;
		track_left(track);
	}
}

static void on_closed(void *self)
{
	Watched *watched = self;
	tap_clear(&watched->taps[0]);
	tap_clear(&watched->taps[1]);
	if (watched->asked != NULL)
		g_hash_table_unref(watched->asked);
	g_free(watched);
}

/* --- octets ------------------------------------------------------------------------------------- */

static void tap_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Watched *watched = self;
	tap_begin(&watched->taps[side], span);
	watched->mqtt.ops->bytes(watched->mqtt.self, side, span, at);
	tap_end(&watched->taps[side], !watched->foreign);
}

static void tap_lost(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                     const StreamPoint *at)
{
	Watched *watched = self;
	tap_gap(&watched->taps[side], n_bytes);
	watched->mqtt.ops->gap(watched->mqtt.self, side, n_bytes, kind, at);
}

static void tap_over(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Watched *watched = self;
	watched->mqtt.ops->end(watched->mqtt.self, side, how, at);
}

static const StreamSinkOps tap_ops = {.bytes = tap_bytes, .gap = tap_lost, .end = tap_over};

static StreamSink on_tap(void *self, StreamSink mqtt, bool anew)
{
	Watched *watched = self;
	if (anew) {
		tap_clear(&watched->taps[0]);
		tap_clear(&watched->taps[1]);
	}
	watched->mqtt = mqtt;
	return (StreamSink){&tap_ops, watched};
}

const PipelineWatch *recorder_watch(void)
{
	static const PipelineWatch watch = {
		.opened = on_opened,
		.tap = on_tap,
		.packet = on_packet,
		.gap = on_gap,
		.end = on_end,
		.again = on_again,
		.closed = on_closed,
	};
	return &watch;
}
