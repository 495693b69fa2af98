/* SPDX-License-Identifier: MIT */
#include "ui/screens/event_text.h"

#include "dissectors/mqtt_names.h"

const char *event_name(const HistoryEvent *event)
{
	switch ((HistoryKind)event->kind) {
	case HISTORY_PACKET: return mqtt_type_name((MqttType)event->type);
	case HISTORY_OPENED: return "TCP open";
	case HISTORY_FIN: return "TCP FIN";
	case HISTORY_RST: return "TCP RST";
	case HISTORY_VANISHED: return "TCP gone";
	case HISTORY_RETRANSMITTED: return "TCP again";
	case HISTORY_GAP: return "gap";
	case HISTORY_OWED: return "owed";
	}
	return "unknown";
}

Role event_role(const HistoryEvent *event)
{
	switch ((HistoryKind)event->kind) {
	case HISTORY_PACKET: return event->from_client ? ROLE_CLIENT : ROLE_BROKER;
	case HISTORY_OPENED:
	case HISTORY_FIN:
	case HISTORY_RETRANSMITTED: return ROLE_FAINT;
	case HISTORY_RST:
	case HISTORY_VANISHED:
	case HISTORY_GAP: return ROLE_RISK;
	case HISTORY_OWED: return ROLE_KEPT;
	}
	return ROLE_NORMAL;
}

bool event_has_direction(const HistoryEvent *event)
{
	return event->kind != HISTORY_VANISHED && event->kind != HISTORY_OPENED &&
	       event->kind != HISTORY_OWED && !event->by_nobody;
}

void event_time(const View *view, Instant time, char text[static FORMAT_SIZE])
{
	int64_t ns = ns_between(view->analysis->first, time);
	if (!view->times_relative || ns == INT64_MIN) {
		format_time_of_day(time, text);
		return;
	}
	int64_t ms = (ns < 0 ? -(ns + 1) : ns) / 1000000;
	g_snprintf(text, FORMAT_SIZE, "%c%" G_GINT64_FORMAT ".%03d", ns < 0 ? '-' : '+', ms / 1000,
	           (int)(ms % 1000));
}

/* The packet as its octets say; false if they were not kept. */
static bool event_packet(History *history, uint32_t index, MqttPacket *packet)
{
	ByteSpan octets = history_octets(history, index);
	if (octets.size == 0)
		return false;
	const HistoryEvent *event = history_event(history, index);
	mqtt_decode_cut(octets, (MqttVersion)event->version, packet);
	return true;
}

bool event_unanswered(History *history, const HistoryEvent *event)
{
	if (event->kind != HISTORY_PACKET || event->answered_by >= 0 || history_done(history) < 1)
		return false;
	return event->type == MQTT_SUBSCRIBE || event->type == MQTT_UNSUBSCRIBE ||
	       event->type == MQTT_CONNECT || event->type == MQTT_PUBREL ||
	       (event->type == MQTT_PUBLISH && event->qos > 0);
}

static void add_text(GString *out, const ReportContext *context, History *history, uint32_t index,
                     WireKind kind)
{
	const HistoryEvent *event = history_event(history, index);
	g_autofree char *text = octets_sentence_short(context, kind, history_text(history, event->text));
	g_string_append(out, text);
}

static void add_expiry(GString *out, const MqttPacket *packet)
{
	if (packet->version != MQTT_5_0)
		return;
	uint32_t seconds = packet->properties.number[MQTT_PROP_SESSION_EXPIRY_INTERVAL];
	if (!mqtt_has_property(&packet->properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL)) {
		if (packet->type == MQTT_CONNECT)
			g_string_append(out, packet->truncated ? "" : ", expiry absent");
	} else if (seconds == UINT32_MAX) {
		g_string_append(out, ", expiry never");
	} else {
		g_string_append_printf(out, ", expiry %u s", seconds);
	}
}

static void add_connect(GString *out, const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	bool v5 = event->version == MQTT_5_0;
	g_string_append_printf(out, "%s %d", v5 ? "Clean Start" : "Clean Session", event->clean_start);
	MqttPacket packet;
	if (event_packet(history, index, &packet)) {
		add_expiry(out, &packet);
		g_string_append_printf(out, ", Keep Alive %u s%s", packet.connect.keep_alive,
		                       packet.connect.has_will ? ", Will" : "");
	}
	g_string_append_printf(out, ", MQTT %s, ", mqtt_version_name((MqttVersion)event->version));
	add_text(out, context, history, index, WIRE_CLIENT_ID);
}

static void add_reason(GString *out, const HistoryEvent *event, const char *before)
{
	if (!event->has_reason)
		return;
	const char *name =
		mqtt_reason_name((MqttType)event->type, (MqttVersion)event->version, event->reason);
	g_string_append_printf(out, "%s0x%02X %s", before, event->reason,
	                       name != NULL ? name : "(not of the standard)");
}

static void add_connack(GString *out, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	g_string_append_printf(out, "Session Present %d", event->session_present);
	add_reason(out, event, ", ");
	MqttPacket packet;
	if (event_packet(history, index, &packet))
		add_expiry(out, &packet);
}

static void add_publish(GString *out, const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	char size[FORMAT_SIZE];
	format_octets(event->payload_size, size);
	if (event->qos > 0)
		g_string_append_printf(out, "#%u ", event->packet_id);
	g_string_append_printf(out, "QoS %u %s%s", event->qos, event->dup ? "DUP " : "",
	                       event->retain ? "RETAIN " : "");
	add_text(out, context, history, index, WIRE_TOPIC);
	g_string_append_printf(out, ", %s", size);
}

static void add_filters(GString *out, const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	g_string_append_printf(out, "#%u ", event->packet_id);
	add_text(out, context, history, index, WIRE_FILTER);
	MqttPacket packet;
	size_t position = 0;
	MqttFilter filter;
	if (event->type == MQTT_SUBSCRIBE && event_packet(history, index, &packet) &&
	    mqtt_filter_next(&packet, &position, &filter))
		g_string_append_printf(out, " QoS %u", filter.qos);
	if (event->n_entries > 1)
		g_string_append_printf(out, " and %u more", event->n_entries - 1u);
}

static void add_codes(GString *out, History *history, uint32_t index)
{
	enum { SHOWN = 4 };
	const HistoryEvent *event = history_event(history, index);
	g_string_append_printf(out, "#%u", event->packet_id);
	MqttPacket packet;
	if (!event_packet(history, index, &packet))
		return;
	size_t position = 0;
	uint8_t code;
	for (unsigned i = 0; i < SHOWN && mqtt_code_next(&packet, &position, &code); i++) {
		const char *name = mqtt_reason_name(packet.type, packet.version, code);
		g_string_append_printf(out, "%s0x%02X %s", i > 0 ? ", " : " ", code,
		                       name != NULL ? name : "(not of the standard)");
	}
	if (event->n_entries > SHOWN)
		g_string_append_printf(out, " and %u more", (unsigned)event->n_entries - SHOWN);
}

static void add_packet(GString *out, const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	switch (event->type) {
	case MQTT_CONNECT: add_connect(out, context, history, index); return;
	case MQTT_CONNACK: add_connack(out, history, index); return;
	case MQTT_PUBLISH: add_publish(out, context, history, index); return;
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE: add_filters(out, context, history, index); return;
	case MQTT_SUBACK:
	case MQTT_UNSUBACK: add_codes(out, history, index); return;
	default: break;
	}
	if (event->packet_id != 0)
		g_string_append_printf(out, "#%u", event->packet_id);
	add_reason(out, event, out->len > 0 ? " " : "");
	MqttPacket packet;
	if (event->type == MQTT_DISCONNECT && event_packet(history, index, &packet))
		add_expiry(out, &packet);
}

/* "answers after 12 ms"; an exchange of some steps is told step by step. */
static void add_answer(GString *out, History *history, const HistoryEvent *event)
{
	if (event->kind != HISTORY_PACKET)
		return;
	const HistoryEvent *asked =
		event->answers >= 0 && (uint32_t)event->answers < history_n_events(history)
			? history_event(history, (uint32_t)event->answers)
			: NULL;
	int64_t ns = asked == NULL ? INT64_MIN : ns_between(asked->time, event->time);
	if (ns != INT64_MIN) {
		char after[FORMAT_SIZE];
		format_duration(ns, after);
		g_string_append_printf(out, "%s(%s after %s)", out->len > 0 ? " " : "", after,
		                       mqtt_type_name((MqttType)asked->type));
	}
	if (event_unanswered(history, event))
		g_string_append(out, " (no answer seen)");
}

static void add_owed(GString *out, const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	g_string_append_printf(out, "QoS %u ", event->qos);
	add_text(out, context, history, index, WIRE_TOPIC);
	g_autofree char *who = event->publisher == NO_INDEX ? g_strdup("somebody")
	                                                    : client_sentence_short(context, event->publisher);
	g_string_append_printf(out, ", published by %s while it was away", who);
}

char *event_facts(const ReportContext *context, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	GString *out = g_string_new(NULL);
	switch ((HistoryKind)event->kind) {
	case HISTORY_PACKET: add_packet(out, context, history, index); break;
	case HISTORY_OWED: add_owed(out, context, history, index); break;
	case HISTORY_GAP: g_string_printf(out, "%u octets not captured", event->size); break;
	case HISTORY_VANISHED: g_string_append(out, "given up: its end is not on the wire"); break;
	case HISTORY_RETRANSMITTED: g_string_append(out, "nothing new in it"); break;
	case HISTORY_OPENED: g_string_append(out, "connection opened"); break;
	case HISTORY_FIN: g_string_append(out, event->from_client ? "client closes" : "broker closes"); break;
	case HISTORY_RST:
		g_string_append(out, event->by_nobody     ? "reset by one of the two"
		                     : event->from_client ? "client resets"
		                                          : "broker resets");
		break;
	}
	add_answer(out, history, event);
	if (event->n_faults > 0)
		g_string_append_printf(out, "%s%u fault%s", out->len > 0 ? " " : "", event->n_faults,
		                       event->n_faults == 1 ? "" : "s");
	return g_string_free(out, FALSE);
}

char *event_row_text(const View *view, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	char time[FORMAT_SIZE], frame[48];
	event_time(view, event->time, time);
	frame_text(view->report, event->frame, frame);
	g_autofree char *facts = event_facts(view->report, history, index);
	return g_strdup_printf("%s %s %s %s %s", frame, time,
	                       !event_has_direction(event) ? "-" : event->from_client ? "->" : "<-",
	                       event_name(event), facts);
}
