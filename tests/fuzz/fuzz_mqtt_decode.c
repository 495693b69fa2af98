/* SPDX-License-Identifier: MIT */
/*
 * MQTT packets, decoded whole and cut, and taken apart into fields.  The first octet of an input chooses the version.
 */
#include <glib.h>

#include "dissectors/mqtt_tree.h"
#include "tests/fuzz/fuzz.h"

static size_t frame_size(ByteSpan bytes)
{
	size_t remaining = 0, at = 1;
	for (unsigned shift = 0; at < bytes.size && at < 5; shift += 7) {
		uint8_t octet = bytes.data[at++];
		remaining |= (size_t)(octet & 0x7F) << shift;
		if (octet < 0x80)
			return at + remaining;
	}
	return 0;
}

static size_t touch(ByteSpan span)
{
	size_t sum = 0;
	for (size_t i = 0; i < span.size; i++)
		sum += span.data[i];
	return sum;
}

static void walk(const MqttPacket *packet)
{
	size_t position = 0, steps = 0;
	MqttPropertyValue value;
	while (mqtt_property_next(&packet->properties, &position, &value)) {
		touch(value.text);
		touch(value.value);
		g_assert_cmpuint(++steps, <, 1u << 20);
	}
	MqttFilter filter;
	position = 0;
	while (mqtt_filter_next(packet, &position, &filter)) {
		touch(filter.filter);
		g_assert_cmpuint(++steps, <, 1u << 20);
	}
	uint8_t code;
	position = 0;
	while (mqtt_code_next(packet, &position, &code))
		g_assert_cmpuint(++steps, <, 1u << 20);
	if (packet->type == MQTT_PUBLISH)
		touch(packet->publish.topic);
	if (packet->type == MQTT_CONNECT)
		touch(packet->connect.client_id);
}

static void walk_tree(ByteSpan bytes, MqttVersion version)
{
	GArray *tree = mqtt_tree(bytes, version);
	for (guint i = 0; i < tree->len; i++) {
		const MqttField *field = &g_array_index(tree, MqttField, i);
		g_assert_cmpuint(field->offset, <=, bytes.size);
		g_assert_cmpuint(field->size, <=, bytes.size - field->offset);
		touch(field->text);
	}
	g_array_unref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const MqttVersion versions[] = {MQTT_VERSION_UNKNOWN, MQTT_3_1, MQTT_3_1_1, MQTT_5_0};
	if (size < 3)
		return 0;
	MqttVersion version = versions[data[0] % G_N_ELEMENTS(versions)];
	ByteSpan bytes = {data + 1, size - 1};
	MqttPacket packet;
	size_t whole = frame_size(bytes);
	if (whole > 0 && whole <= bytes.size) {
		mqtt_decode((ByteSpan){bytes.data, whole}, version, &packet);
		walk(&packet);
	}
	walk_tree(bytes, version);
	mqtt_decode_cut(bytes, version, &packet);
	walk(&packet);
	size_t header = mqtt_publish_header_size(bytes, version);
	if (bytes.data[0] >> 4 == MQTT_PUBLISH && header > 0 && header <= bytes.size) {
		mqtt_decode_publish_header((ByteSpan){bytes.data, header}, version, &packet);
		walk(&packet);
	}
	return 0;
}
