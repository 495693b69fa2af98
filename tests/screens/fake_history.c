/* SPDX-License-Identifier: MIT */
#include "tests/screens/fake_history.h"

#include <string.h>

#include "tests/dissectors/octets.h"
#include "tests/ui/fake_analysis.h"

struct History {
	unsigned n_references;
	GArray *events;         /* of HistoryEvent */
	GPtrArray *octets;      /* of GBytes, by event; NULL: none */
	GPtrArray *texts;       /* of GBytes */
	GPtrArray *sets;        /* of GArray of HistorySubscription */
	double done;
	char *error;
	unsigned cut;
};

struct Engine {
	History *history;
};

static void free_bytes(gpointer bytes)
{
	if (bytes != NULL)
		g_bytes_unref(bytes);
}

static void free_set(gpointer set)
{
	g_array_unref(set);
}

History *fake_history_new(void)
{
	History *history = g_new0(History, 1);
	history->n_references = 1;
	history->events = g_array_new(FALSE, FALSE, sizeof(HistoryEvent));
	history->octets = g_ptr_array_new_with_free_func(free_bytes);
	history->texts = g_ptr_array_new_with_free_func(free_bytes);
	history->sets = g_ptr_array_new_with_free_func(free_set);
	g_ptr_array_add(history->sets, g_array_new(FALSE, FALSE, sizeof(HistorySubscription)));
	history->done = 1;
	return history;
}

History *history_ref(History *history)
{
	history->n_references++;
	return history;
}

void history_unref(History *history)
{
	if (--history->n_references > 0)
		return;
	g_array_unref(history->events);
	g_ptr_array_unref(history->octets);
	g_ptr_array_unref(history->texts);
	g_ptr_array_unref(history->sets);
	g_free(history->error);
	g_free(history);
}

void fake_history_state(History *history, double done, const char *error, unsigned cut)
{
	history->done = done;
	g_free(history->error);
	history->error = g_strdup(error);
	history->cut = cut;
}

uint32_t fake_history_text(History *history, const char *text, size_t size)
{
	g_ptr_array_add(history->texts, g_bytes_new(text, size));
	return history->texts->len - 1;
}

void fake_subscribed(History *history, const char *filter, uint8_t qos, uint32_t since)
{
	GArray *before = g_ptr_array_index(history->sets, history->sets->len - 1);
	GArray *set = g_array_copy(before);
	HistorySubscription subscription = {
		.filter = fake_history_text(history, filter, strlen(filter)),
		.qos = qos,
		.since = {.number = since},
	};
	g_array_append_val(set, subscription);
	g_ptr_array_add(history->sets, set);
}

HistoryEvent *fake_last(History *history)
{
	return &g_array_index(history->events, HistoryEvent, history->events->len - 1);
}

uint32_t fake_event(History *history, FakeAt at, HistoryKind kind)
{
	HistoryEvent event = {
		.frame = {.number = at.frame},
		.last_frame = {.number = at.frame},
		.time = fake_instant(at.seconds),
		.client = at.client,
		.connection = at.connection,
		.kind = (uint8_t)kind,
		.from_client = at.from_client,
		.side = !at.from_client,
		.publisher = NO_INDEX,
		.answers = -1,
		.answered_by = -1,
		.moment = {.subscriptions = history->sets->len - 1},
	};
	if (history->events->len > 0)
		event.moment.waiting = fake_last(history)->moment.waiting;
	g_array_append_val(history->events, event);
	g_ptr_array_add(history->octets, NULL);
	return history->events->len - 1;
}

static MqttType asked_by(MqttType answer)
{
	switch ((int)answer) {
	case MQTT_CONNACK: return MQTT_CONNECT;
	case MQTT_PUBACK:
	case MQTT_PUBREC: return MQTT_PUBLISH;
	case MQTT_PUBREL: return MQTT_PUBREC;
	case MQTT_PUBCOMP: return MQTT_PUBREL;
	case MQTT_SUBACK: return MQTT_SUBSCRIBE;
	case MQTT_UNSUBACK: return MQTT_UNSUBSCRIBE;
	case MQTT_PINGRESP: return MQTT_PINGREQ;
	default: return MQTT_RESERVED;
	}
}

static void pair(History *history, uint32_t index)
{
	HistoryEvent *answer = fake_last(history);
	MqttType asked = asked_by((MqttType)answer->type);
	for (uint32_t i = index; asked != MQTT_RESERVED && i-- > 0;) {
		HistoryEvent *event = &g_array_index(history->events, HistoryEvent, i);
		if (event->kind != HISTORY_PACKET || event->type != asked ||
		    event->connection != answer->connection || event->packet_id != answer->packet_id ||
		    event->from_client == answer->from_client)
			continue;
		event->answered_by = (int32_t)index;
		answer->answers = (int32_t)i;
		return;
	}
}

static uint32_t text_of(History *history, ByteSpan text)
{
	return fake_history_text(history, (const char *)text.data, text.size);
}

static void fill_entries(History *history, HistoryEvent *event, const MqttPacket *packet)
{
	size_t position = 0;
	MqttFilter filter, first = {.filter = {(const uint8_t *)"", 0}};
	uint8_t code;
	for (; mqtt_filter_next(packet, &position, &filter); event->n_entries++)
		if (event->n_entries == 0)
			first = filter;
	while (event->type != MQTT_SUBSCRIBE && mqtt_code_next(packet, &position, &code))
		event->n_entries++;
	event->text = text_of(history, first.filter);
}

static void fill(History *history, HistoryEvent *event, const MqttPacket *packet)
{
	event->type = (uint8_t)packet->type;
	event->version = (uint8_t)packet->version;
	event->packet_id = packet->packet_id;
	event->has_reason = packet->has_reason;
	event->reason = packet->reason;
	event->n_faults = (uint8_t)packet->n_faults;
	event->size = packet->header_size + packet->remaining_length;
	if (packet->type == MQTT_CONNECT) {
		event->clean_start = packet->connect.clean_start;
		event->text = text_of(history, packet->connect.client_id);
	} else if (packet->type == MQTT_CONNACK) {
		event->session_present = packet->connack.session_present;
	} else if (packet->type == MQTT_PUBLISH) {
		event->qos = packet->publish.qos;
		event->dup = packet->publish.dup;
		event->retain = packet->publish.retain;
		event->payload_size = packet->publish.payload_size;
		event->text = text_of(history, packet->publish.topic);
	} else {
		fill_entries(history, event, packet);
	}
}

uint32_t fake_octets(History *history, FakeAt at, MqttVersion version, ByteSpan octets, size_t n_kept)
{
	uint32_t index = fake_event(history, at, HISTORY_PACKET);
	MqttPacket packet;
	mqtt_decode_cut(octets, version, &packet);
	HistoryEvent event = *fake_last(history);
	fill(history, &event, &packet);
	*fake_last(history) = event;
	g_ptr_array_index(history->octets, index) = g_bytes_new(octets.data, MIN(n_kept, octets.size));
	pair(history, index);
	return index;
}

uint32_t fake_packet(History *history, FakeAt at, MqttVersion version, const char *text)
{
	Octets octets;
	octets_parse(&octets, text);
	return fake_octets(history, at, version, octets_span(&octets), octets.size);
}

uint32_t history_n_events(History *history)
{
	return history->events->len;
}

const HistoryEvent *history_event(History *history, uint32_t index)
{
	g_assert_cmpuint(index, <, history->events->len);
	return &g_array_index(history->events, HistoryEvent, index);
}

double history_done(History *history)
{
	return history->done;
}

unsigned history_cut(History *history)
{
	return history->cut;
}

const char *history_error(History *history)
{
	return history->error;
}

static ByteSpan span_of(GBytes *bytes)
{
	if (bytes == NULL)
		return (ByteSpan){(const uint8_t *)"", 0};
	gsize size;
	const uint8_t *data = g_bytes_get_data(bytes, &size);
	return size == 0 ? (ByteSpan){(const uint8_t *)"", 0} : (ByteSpan){data, size};
}

ByteSpan history_text(History *history, uint32_t text)
{
	return span_of(text < history->texts->len ? g_ptr_array_index(history->texts, text) : NULL);
}

ByteSpan history_octets(History *history, uint32_t index)
{
	return span_of(g_ptr_array_index(history->octets, index));
}

const HistorySubscription *history_subscriptions(History *history, uint32_t set, uint32_t *n)
{
	GArray *subscriptions = g_ptr_array_index(history->sets, set);
	*n = subscriptions->len;
	return &g_array_index(subscriptions, HistorySubscription, 0);
}

Engine *fake_engine_new(History *history)
{
	Engine *engine = g_new0(Engine, 1);
	engine->history = history;
	return engine;
}

void fake_engine_free(Engine *engine)
{
	g_free(engine);
}

History *engine_history(Engine *engine, const ClientIndex *clients, unsigned n)
{
	(void)clients;
	(void)n;
	return history_ref(engine->history);
}
