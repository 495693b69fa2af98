/* SPDX-License-Identifier: MIT */
/*
 * dump_packets CAPTURE [--decode|--resolve]: one line a control packet, tab-separated, for comparison with
 * other programs.  A field that the packet does not have is empty; control characters are written
 * as \xNN.  The version is that of the stream, 0 while nothing tells it.  --decode takes every TCP
 * connection as MQTT; --resolve writes topics with their aliases applied.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "dissectors/decap.h"
#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_stream.h"
#include "dissectors/tcp.h"
#include "src/capture/source.h"

static const char header[] =
	"#frame\tsrc\tdst\tmsgtype\tversion\tremlen\thdrflags\tdup\tqos\tretain\tmsgid\tclientid\t"
	"cleansess\tkeepalive\twillflag\twillqos\twillretain\twilltopic\twill_len\tusername\t"
	"password_len\tsp\treason_codes\ttopic\tsub_opts\tpayload_len\tpayload_sha256\tproperties\t"
	"will_properties\tfaults";

typedef struct Dump {
	bool decode;
	bool resolve;
	GPtrArray *channels;
} Dump;

typedef struct Channel {
	TcpFlow *flow;
	MqttStream *stream;
	bool resolve;
} Channel;

/* --- one line ----------------------------------------------------------------------------- */

static void put_text(GString *line, ByteSpan text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t octet = text.data[i];
		if (octet < 0x20 || octet == 0x7f || octet == '\\')
			g_string_append_printf(line, "\\x%02x", octet);
		else
			g_string_append_c(line, (char)octet);
	}
}

static void put_properties(GString *line, const MqttProperties *properties)
{
	size_t position = 0;
	const char *separator = "";
	MqttPropertyValue value;
	g_string_append_c(line, '\t');
	while (mqtt_property_next(properties, &position, &value)) {
		const MqttPropertyInfo *info = mqtt_property_info(value.index);
		g_string_append_printf(line, "%s%s=", separator, info->key);
		separator = "|";
		if (info->type < MQTT_PROPERTY_STRING) {
			g_string_append_printf(line, "%" PRIu32, value.number);
			continue;
		}
		put_text(line, value.text);
		if (info->type != MQTT_PROPERTY_PAIR)
			continue;
		g_string_append_c(line, ':');
		put_text(line, value.value);
	}
}

static void put_empty(GString *line, unsigned n_fields)
{
	while (n_fields-- > 0)
		g_string_append_c(line, '\t');
}

static void put_connect(GString *line, const MqttConnect *connect)
{
	g_string_append_c(line, '\t');
	put_text(line, connect->client_id);
	g_string_append_printf(line, "\t%d\t%u\t%d", connect->clean_start, connect->keep_alive,
	                       connect->has_will);
	if (connect->has_will) {
		g_string_append_printf(line, "\t%u\t%d\t", connect->will.qos, connect->will.retain);
		put_text(line, connect->will.topic);
		g_string_append_printf(line, "\t%zu", connect->will.payload.size);
	} else {
		put_empty(line, 4);
	}
	g_string_append_c(line, '\t');
	put_text(line, connect->username);
	g_string_append_c(line, '\t');
	if (connect->has_password)
		g_string_append_printf(line, "%zu", connect->password_size);
}

/* DUP, QoS, RETAIN and the Packet Identifier. */
static void put_header(GString *line, const MqttPacket *packet)
{
	if (packet->type == MQTT_PUBLISH)
		g_string_append_printf(line, "\t%d\t%u\t%d", packet->publish.dup, packet->publish.qos,
		                       packet->publish.retain);
	else
		put_empty(line, 3);
	g_string_append_c(line, '\t');
	if (packet->packet_id != 0)
		g_string_append_printf(line, "%u", packet->packet_id);
}

static void put_codes(GString *line, const MqttPacket *packet)
{
	size_t position = 0;
	const char *separator = "";
	uint8_t code;
	g_string_append_c(line, '\t');
	if (packet->has_reason)
		g_string_append_printf(line, "%u", packet->reason);
	if (packet->type != MQTT_SUBACK && packet->type != MQTT_UNSUBACK)
		return;
	while (mqtt_code_next(packet, &position, &code)) {
		g_string_append_printf(line, "%s%u", separator, code);
		separator = ",";
	}
}

/* The Topic Filters, or (@options) what stands beside each of them. */
static void put_filters(GString *line, const MqttPacket *packet, bool options)
{
	size_t position = 0;
	const char *separator = "";
	MqttFilter filter;
	while (mqtt_filter_next(packet, &position, &filter)) {
		g_string_append(line, separator);
		separator = ",";
		if (options)
			g_string_append_printf(line, "qos=%u no_local=%d rap=%d rh=%u", filter.qos,
			                       filter.no_local, filter.retain_as_published,
			                       filter.retain_handling);
		else
			put_text(line, filter.filter);
	}
}

static void put_topic(GString *line, const MqttPacket *packet, bool resolve)
{
	bool subscribe = packet->type == MQTT_SUBSCRIBE;
	g_string_append_c(line, '\t');
	if (packet->type == MQTT_PUBLISH)
		put_text(line, resolve ? packet->publish.resolved_topic : packet->publish.topic);
	if (subscribe || packet->type == MQTT_UNSUBSCRIBE)
		put_filters(line, packet, false);
	g_string_append_c(line, '\t');
	if (subscribe)
		put_filters(line, packet, true);
}

static void put_payload(GString *line, const MqttPublish *publish)
{
	g_string_append_printf(line, "\t%" PRIu32 "\t", publish->payload_size);
	if (publish->payload.size != publish->payload_size)
		return;
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, publish->payload.data,
	                                                      publish->payload.size);
	g_string_append(line, digest);
}

static void put_faults(GString *line, const MqttPacket *packet)
{
	g_string_append_c(line, '\t');
	for (uint32_t i = 0; i < MIN(packet->n_faults, MQTT_MAX_FAULTS); i++)
		g_string_append_printf(line, "%s%s", i == 0 ? "" : ",",
		                       mqtt_fault_info(packet->faults[i].id)->name);
	if (packet->truncated)
		g_string_append(line, packet->n_faults == 0 ? "truncated" : ",truncated");
}

static void put_packet(GString *line, const MqttPacket *packet, MqttVersion version, bool resolve)
{
	g_string_append_printf(line, "\t%u\t%u\t%" PRIu32 "\t0x%02x", packet->type, version,
	                       packet->remaining_length,
	                       (unsigned)packet->type << 4 | packet->flags);
	put_header(line, packet);
	if (packet->type == MQTT_CONNECT)
		put_connect(line, &packet->connect);
	else
		put_empty(line, 10);
	g_string_append_c(line, '\t');
	if (packet->type == MQTT_CONNACK && packet->version != MQTT_3_1)
		g_string_append_c(line, packet->connack.session_present ? '1' : '0');
	put_codes(line, packet);
	put_topic(line, packet, resolve);
	if (packet->type == MQTT_PUBLISH)
		put_payload(line, &packet->publish);
	else
		put_empty(line, 2);
	put_properties(line, &packet->properties);
	if (packet->type == MQTT_CONNECT && packet->connect.has_will)
		put_properties(line, &packet->connect.will.properties);
	else
		put_empty(line, 1);
	put_faults(line, packet);
}

/* --- the wiring --------------------------------------------------------------------------- */

static void on_packet(void *self, const MqttEvent *event)
{
	const Channel *channel = self;
	char source[ENDPOINT_TEXT_SIZE], destination[ENDPOINT_TEXT_SIZE];
	g_autoptr(GString) line = g_string_new(NULL);
	endpoint_format(tcp_flow_endpoint(channel->flow, event->side), source);
	endpoint_format(tcp_flow_endpoint(channel->flow, 1 - event->side), destination);
	g_string_printf(line, "%" PRIu64 "\t%s\t%s", (uint64_t)event->end.frame.number, source,
	                destination);
	put_packet(line, event->packet, mqtt_stream_version(channel->stream), channel->resolve);
	puts(line->str);
}

static void on_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                    const StreamPoint *at)
{
	(void)self;
	fprintf(stderr, "frame %" PRIu64 ": %" PRIu64 " octets of side %u are lost, kind %u\n",
	        (uint64_t)at->frame.number, n_bytes, side, kind);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	(void)self;
	(void)side;
	(void)how;
	(void)at;
}

static void on_decided(void *self, MqttCertainty certainty)
{
	(void)self;
	(void)certainty;
}

static const MqttSinkOps sink_ops = {
	.packet = on_packet,
	.lost = on_lost,
	.end = on_end,
	.decided = on_decided,
};

static void free_channel(void *data)
{
	Channel *channel = data;
	mqtt_stream_free(channel->stream);
	g_free(channel);
}

static StreamSink on_opened(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Dump *dump = user;
	Channel *channel = g_new0(Channel, 1);
	(void)at;
	channel->flow = flow;
	channel->resolve = dump->resolve;
	channel->stream = mqtt_stream_new(&sink_ops, channel, dump->decode);
	if (tcp_flow_syn_seen(flow))
		mqtt_stream_from_start(channel->stream);
	g_ptr_array_add(dump->channels, channel);
	return mqtt_stream_sink(channel->stream);
}

static void on_closed(void *user, TcpFlow *flow)
{
	(void)user;
	(void)flow;
}

static const TcpTableOps table_ops = {.opened = on_opened, .closed = on_closed};

/* false with @error if reading failed. */
static bool dump_source(Source *source, Dump *dump, GError **error)
{
	Decap *decap = decap_new();
	TcpTable *table = tcp_table_new(NULL, &table_ops, dump);
	StreamPoint at = {{0, 0}, {0}};
	SourceStatus status;
	Frame frame;
	while ((status = source_next(source, &frame, error)) != SOURCE_END && status != SOURCE_ERROR) {
		TcpSegment segment;
		if (status != SOURCE_FRAME)
			continue;
		at = (StreamPoint){frame.ref, frame.time};
		if (decap_frame(decap, &frame, &segment) == DECAP_TCP)
			tcp_table_segment(table, &segment, &at);
	}
	tcp_table_finish(table, &at);
	tcp_table_free(table);
	decap_free(decap);
	return status == SOURCE_END;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	Dump dump = {.decode = argc > 2 && strcmp(argv[2], "--decode") == 0,
	             .resolve = argc > 2 && strcmp(argv[2], "--resolve") == 0};
	Source *source = argc > 1 ? source_open_file(argv[1], &error) : NULL;
	bool good = false;
	dump.channels = g_ptr_array_new_with_free_func(free_channel);
	if (source != NULL) {
		puts(header);
		good = dump_source(source, &dump, &error);
		source_free(source);
	}
	if (!good)
		fprintf(stderr, "dump_packets: %s\n", error != NULL ? error->message : "which capture?");
	g_ptr_array_unref(dump.channels);
	return good ? 0 : 2;
}
