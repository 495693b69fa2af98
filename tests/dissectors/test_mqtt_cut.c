/* SPDX-License-Identifier: MIT */
/* Packets of which the capture holds the beginning only, and a PUBLISH apart from its payload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_packet.h"
#include "tests/dissectors/octets.h"

static Octets octets;

static void assert_text(ByteSpan span, const char *text)
{
	assert_int_equal(span.size, strlen(text));
	assert_memory_equal(span.data, text, span.size);
}

static void a_truncated_packet_keeps_what_is_whole(void **state)
{
	(void)state;
	MqttPacket packet;

	octets_parse(&octets,
	             "10 R \"MQTT\" 05 06 003C p5 11 00000E10 \"client\" 00 \"w\" \"bye\"");
	mqtt_decode_cut((ByteSpan){octets.data, 13 + 5 + 8 + 2}, MQTT_VERSION_UNKNOWN, &packet);

	assert_true(packet.truncated);
	assert_int_equal(packet.n_faults, 0);
	assert_int_equal(packet.version, MQTT_5_0);
	assert_int_equal(packet.properties.number[MQTT_PROP_SESSION_EXPIRY_INTERVAL], 3600);
	assert_text(packet.connect.client_id, "client");
	assert_false(packet.connect.has_will);
}

static void a_truncated_publish_tells_its_size(void **state)
{
	(void)state;
	MqttPacket packet;

	octets_parse(&octets, "32 r1000 \"a/b\" 0007 'begin'");
	mqtt_decode_cut(octets_span(&octets), MQTT_3_1_1, &packet);

	assert_true(packet.truncated);
	assert_text(packet.publish.topic, "a/b");
	assert_int_equal(packet.packet_id, 7);
	assert_int_equal(packet.publish.payload_size, 1000 - 7);
	assert_int_equal(packet.publish.payload.size, 0);
}

static void a_cut_string_is_empty(void **state)
{
	(void)state;
	MqttPacket packet;

	octets_parse(&octets, "32 r1000 0008 'top'");
	mqtt_decode_cut(octets_span(&octets), MQTT_3_1_1, &packet);

	assert_true(packet.truncated);
	assert_int_equal(packet.publish.topic.size, 0);
	assert_false(packet.publish.topic_known);
	assert_int_equal(packet.packet_id, 0);
	assert_int_equal(packet.n_faults, 0);
}

static void of_a_truncated_subscribe_the_whole_filters_are_read(void **state)
{
	(void)state;
	MqttPacket packet;
	MqttFilter filter;
	size_t position = 0;

	octets_parse(&octets, "82 r100 0001 \"a\" 01 \"b\" 02 0007 'cut'");
	mqtt_decode_cut(octets_span(&octets), MQTT_3_1_1, &packet);

	assert_true(packet.truncated);
	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_text(filter.filter, "b");
	assert_false(mqtt_filter_next(&packet, &position, &filter));
}

static void a_whole_packet_is_not_truncated(void **state)
{
	(void)state;
	MqttPacket packet;

	octets_parse(&octets, "40 02 0001 FF");
	mqtt_decode_cut((ByteSpan){octets.data, 4}, MQTT_3_1_1, &packet);

	assert_false(packet.truncated);
	assert_int_equal(packet.packet_id, 1);
}

/* @text up to the payload; @header octets of it are enough, and none less. */
static void check_publish_header(const char *text, MqttVersion version, size_t header)
{
	MqttPacket packet;
	octets_parse(&octets, text);
	for (size_t size = 0; size <= octets.size; size++) {
		ByteSpan bytes = {octets.data, size};
		assert_int_equal(mqtt_publish_header_size(bytes, version),
		                 size < header ? 0 : header);
	}
	mqtt_decode_publish_header((ByteSpan){octets.data, header}, version, &packet);
	assert_int_equal(packet.n_faults, 0);
	assert_false(packet.truncated);
	assert_int_equal(packet.publish.payload_size,
	                 packet.header_size + packet.remaining_length - header);
	assert_int_equal(packet.publish.payload.size, 0);
}

static void the_header_of_a_publish_is_found_and_read_without_its_payload(void **state)
{
	(void)state;

	check_publish_header("30 r1000 \"a/b\" 'pay'", MQTT_3_1_1, 3 + 5);
	check_publish_header("32 r1000 \"a/b\" 0001 'pay'", MQTT_3_1_1, 3 + 7);
	check_publish_header("34 r100000 \"a/b\" 0001 00 'pay'", MQTT_5_0, 4 + 8);
	check_publish_header("30 r1000 \"\" p3 23 0001 'pay'", MQTT_5_0, 3 + 6);
	check_publish_header("30 r5 \"a/b\"", MQTT_3_1_1, 2 + 5);
}

static void a_publish_header_beyond_its_packet_is_malformed(void **state)
{
	(void)state;
	MqttPacket packet;

	octets_parse(&octets, "30 r6 \"a\" p9 01 01 01 01 01");
	assert_int_equal(mqtt_publish_header_size(octets_span(&octets), MQTT_5_0), 6);
	mqtt_decode_publish_header((ByteSpan){octets.data, 6}, MQTT_5_0, &packet);
	assert_int_equal(packet.n_faults, 1);
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_PROPERTIES_TOO_LONG);
	assert_false(packet.truncated);
	assert_int_equal(packet.publish.payload_size, 0);

	octets_parse(&octets, "30 r4 0009 'ab' 30 00");
	assert_int_equal(mqtt_publish_header_size(octets_span(&octets), MQTT_3_1_1), 6);
	mqtt_decode_publish_header((ByteSpan){octets.data, 6}, MQTT_3_1_1, &packet);
	assert_int_equal(packet.n_faults, 1);
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_ENDS_EARLY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_truncated_packet_keeps_what_is_whole),
		cmocka_unit_test(a_truncated_publish_tells_its_size),
		cmocka_unit_test(a_cut_string_is_empty),
		cmocka_unit_test(of_a_truncated_subscribe_the_whole_filters_are_read),
		cmocka_unit_test(a_whole_packet_is_not_truncated),
		cmocka_unit_test(the_header_of_a_publish_is_found_and_read_without_its_payload),
		cmocka_unit_test(a_publish_header_beyond_its_packet_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
