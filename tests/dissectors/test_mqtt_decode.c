/* SPDX-License-Identifier: MIT */
/* Whole packets and the fields that they hold, type by type and version by version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_packet.h"
#include "tests/dissectors/octets.h"

static Octets octets;

/* Decodes @text, valid or not; the octets live until the next call. */
static void decode(const char *text, MqttVersion version, MqttPacket *packet)
{
	octets_parse(&octets, text);
	memset(packet, 0xA5, sizeof *packet); /* nothing may depend on what was there */
	mqtt_decode(octets_span(&octets), version, packet);
}

static void decode_valid(const char *text, MqttVersion version, MqttPacket *packet)
{
	decode(text, version, packet);
	if (packet->n_faults > 0)
		fail_msg("%s: %s at %u", text, mqtt_fault_info(packet->faults[0].id)->name,
		         packet->faults[0].offset);
	assert_false(packet->truncated);
	assert_int_equal(packet->header_size + packet->remaining_length, octets.size);
}

static void assert_text(ByteSpan span, const char *text)
{
	assert_int_equal(span.size, strlen(text));
	assert_memory_equal(span.data, text, span.size);
}

static void a_connect_of_3_1_is_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 r38 \"MQIsdp\" 03 CE 000A \"cl\" \"w/t\" \"bye\" \"me\" \"secret\"",
	             MQTT_VERSION_UNKNOWN, &packet);

	assert_int_equal(packet.type, MQTT_CONNECT);
	assert_int_equal(packet.version, MQTT_3_1);
	assert_text(packet.connect.protocol_name, "MQIsdp");
	assert_int_equal(packet.connect.protocol_level, 3);
	assert_true(packet.connect.clean_start);
	assert_int_equal(packet.connect.keep_alive, 10);
	assert_text(packet.connect.client_id, "cl");
	assert_true(packet.connect.has_will);
	assert_int_equal(packet.connect.will.qos, 1);
	assert_false(packet.connect.will.retain);
	assert_text(packet.connect.will.topic, "w/t");
	assert_text(packet.connect.will.payload, "bye");
	assert_text(packet.connect.username, "me");
	assert_true(packet.connect.has_password);
	assert_int_equal(packet.connect.password_size, 6);
}

static void a_3_1_connect_may_lack_what_its_flags_announce(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 R \"MQIsdp\" 03 C2 000A \"cl\" \"me\"", MQTT_VERSION_UNKNOWN, &packet);

	assert_true(packet.connect.has_username);
	assert_false(packet.connect.has_password);
}

static void a_connect_without_anything_optional_is_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 R \"MQTT\" 04 00 FFFF \"c\"", MQTT_VERSION_UNKNOWN, &packet);

	assert_int_equal(packet.version, MQTT_3_1_1);
	assert_false(packet.connect.bridge);
	assert_false(packet.connect.clean_start);
	assert_int_equal(packet.connect.keep_alive, 65535);
	assert_text(packet.connect.client_id, "c");
	assert_false(packet.connect.has_will);
	assert_false(packet.connect.has_username);
	assert_false(packet.connect.has_password);
	assert_int_equal(packet.properties.present, 0);
}

static void a_connect_decides_its_version_itself(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 R \"MQTT\" 04 00 0000 \"c\"", MQTT_5_0, &packet);
	assert_int_equal(packet.version, MQTT_3_1_1);
	decode_valid("10 R \"MQTT\" 05 00 0000 00 \"c\"", MQTT_3_1, &packet);
	assert_int_equal(packet.version, MQTT_5_0);
}

static void a_connect_of_5_0_is_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 R \"MQTT\" 05 B6 003C p8 11 00000E10 21 000A \"cl\" "
	             "p5 18 0000001E \"w/t\" 0003 00FF01 \"me\"",
	             MQTT_VERSION_UNKNOWN, &packet);

	const MqttConnect *connect = &packet.connect;
	assert_int_equal(packet.version, MQTT_5_0);
	assert_true(connect->clean_start);
	assert_int_equal(connect->keep_alive, 60);
	assert_int_equal(packet.properties.number[MQTT_PROP_SESSION_EXPIRY_INTERVAL], 3600);
	assert_int_equal(packet.properties.number[MQTT_PROP_RECEIVE_MAXIMUM], 10);
	assert_false(mqtt_has_property(&packet.properties, MQTT_PROP_WILL_DELAY_INTERVAL));
	assert_text(connect->client_id, "cl");
	assert_true(connect->has_will);
	assert_int_equal(connect->will.qos, 2);
	assert_true(connect->will.retain);
	assert_true(mqtt_has_property(&connect->will.properties, MQTT_PROP_WILL_DELAY_INTERVAL));
	assert_int_equal(connect->will.properties.number[MQTT_PROP_WILL_DELAY_INTERVAL], 30);
	assert_text(connect->will.topic, "w/t");
	assert_int_equal(connect->will.payload.size, 3);
	assert_memory_equal(connect->will.payload.data, "\x00\xFF\x01", 3);
	assert_text(connect->username, "me");
	assert_false(connect->has_password);
}

static void a_bridge_is_told_from_its_level(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("10 R \"MQIsdp\" 83 00 003C \"b\"", MQTT_VERSION_UNKNOWN, &packet);
	assert_int_equal(packet.version, MQTT_3_1);
	assert_true(packet.connect.bridge);
	decode_valid("10 R \"MQTT\" 84 00 003C \"b\"", MQTT_VERSION_UNKNOWN, &packet);
	assert_int_equal(packet.version, MQTT_3_1_1);
	assert_int_equal(packet.connect.protocol_level, 0x84);
	assert_true(packet.connect.bridge);
}

static void of_an_unknown_level_only_the_beginning_is_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode("10 R \"MQTT\" 07 02 003C \"c\"", MQTT_5_0, &packet);

	assert_int_equal(packet.version, MQTT_VERSION_UNKNOWN);
	assert_int_equal(packet.connect.protocol_level, 7);
	assert_int_equal(packet.connect.keep_alive, 60);
	assert_int_equal(packet.connect.client_id.size, 0);
	assert_int_equal(packet.n_faults, 1);
}

static bool points_into(const MqttPacket *packet, const uint8_t *begin, size_t size)
{
	for (size_t i = 0; i + sizeof(uintptr_t) <= sizeof *packet; i += sizeof(uintptr_t)) {
		uintptr_t word;
		memcpy(&word, (const char *)packet + i, sizeof word);
		if (word >= (uintptr_t)begin && word < (uintptr_t)(begin + size))
			return true;
	}
	return false;
}

static void no_field_leads_to_the_password(void **state)
{
	(void)state;
	MqttPacket packet;

	memset(&packet, 0, sizeof packet);
	octets_parse(&octets, "10 R \"MQTT\" 05 C2 003C 00 \"c\" \"user\" \"secret\"");
	mqtt_decode(octets_span(&octets), MQTT_5_0, &packet);

	assert_int_equal(packet.connect.password_size, 6);
	const uint8_t *end = octets.data + octets.size;
	assert_true(points_into(&packet, end - 12, 4)); /* the user name is found this way */
	assert_false(points_into(&packet, end - 8, 8));
}

static void connacks_are_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("20 02 00 05", MQTT_3_1, &packet);
	assert_true(packet.has_reason);
	assert_int_equal(packet.reason, 5);
	assert_false(packet.connack.session_present);
	decode_valid("20 02 01 00", MQTT_3_1_1, &packet);
	assert_true(packet.connack.session_present);
	decode_valid("20 R 01 00 p6 22 000A 13 003C", MQTT_5_0, &packet);
	assert_true(packet.connack.session_present);
	assert_int_equal(packet.reason, 0);
	assert_int_equal(packet.properties.number[MQTT_PROP_SERVER_KEEP_ALIVE], 60);
}

static void an_older_server_refuses_in_its_own_format(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("20 02 00 01", MQTT_5_0, &packet);

	assert_int_equal(packet.version, MQTT_3_1_1);
	assert_int_equal(packet.reason, 1);
}

static void publishes_are_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("31 R \"a/b\" 'payload'", MQTT_3_1_1, &packet);
	assert_int_equal(packet.publish.qos, 0);
	assert_true(packet.publish.retain);
	assert_false(packet.publish.dup);
	assert_int_equal(packet.packet_id, 0);
	assert_text(packet.publish.topic, "a/b");
	assert_text(packet.publish.resolved_topic, "a/b");
	assert_true(packet.publish.topic_known);
	assert_text(packet.publish.payload, "payload");
	assert_int_equal(packet.publish.payload_size, 7);
	assert_false(packet.publish.has_hash);

	decode_valid("3C R \"a\" 1234", MQTT_3_1, &packet);
	assert_int_equal(packet.publish.qos, 2);
	assert_true(packet.publish.dup);
	assert_int_equal(packet.packet_id, 0x1234);
	assert_int_equal(packet.publish.payload_size, 0);
}

static void a_publish_of_5_0_may_have_an_alias_for_its_topic(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("32 R \"\" 0001 p3 23 0007 'x'", MQTT_5_0, &packet);

	assert_false(packet.publish.topic_known);
	assert_int_equal(packet.publish.topic.size, 0);
	assert_int_equal(packet.properties.number[MQTT_PROP_TOPIC_ALIAS], 7);
	assert_text(packet.publish.payload, "x");
}

static void acknowledgements_have_short_forms_in_5_0(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("40 02 0102", MQTT_5_0, &packet);
	assert_int_equal(packet.packet_id, 0x0102);
	assert_false(packet.has_reason);
	assert_int_equal(packet.reason, 0);
	decode_valid("50 03 0102 97", MQTT_5_0, &packet);
	assert_true(packet.has_reason);
	assert_int_equal(packet.reason, 0x97);
	decode_valid("70 R 0102 92 p4 1F \"x\"", MQTT_5_0, &packet);
	assert_int_equal(packet.reason, 0x92);
	assert_text(packet.properties.text[MQTT_PROP_REASON_STRING], "x");
	decode_valid("62 02 0001", MQTT_3_1_1, &packet);
	assert_false(packet.has_reason);
	assert_int_equal(packet.packet_id, 1);
}

static void subscriptions_are_read_one_by_one(void **state)
{
	(void)state;
	MqttPacket packet;
	MqttFilter filter;
	size_t position = 0;

	decode_valid("82 R 000A p2 0B 05 \"a/+\" 2E \"$share/g/b\" 11", MQTT_5_0, &packet);

	assert_int_equal(packet.packet_id, 10);
	assert_int_equal(packet.properties.number[MQTT_PROP_SUBSCRIPTION_IDENTIFIER], 5);
	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_text(filter.filter, "a/+");
	assert_int_equal(filter.qos, 2);
	assert_true(filter.no_local);
	assert_true(filter.retain_as_published);
	assert_int_equal(filter.retain_handling, 2);
	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_text(filter.filter, "$share/g/b");
	assert_int_equal(filter.qos, 1);
	assert_false(filter.no_local);
	assert_false(filter.retain_as_published);
	assert_int_equal(filter.retain_handling, 1);
	assert_false(mqtt_filter_next(&packet, &position, &filter));
}

static void before_5_0_only_the_qos_of_a_subscription_means_anything(void **state)
{
	(void)state;
	MqttPacket packet;
	MqttFilter filter;
	size_t position = 0;

	decode_valid("8A R 000A \"a\" FE", MQTT_3_1, &packet);

	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_int_equal(filter.qos, 2);
	assert_false(filter.no_local);
	assert_false(filter.retain_as_published);
	assert_int_equal(filter.retain_handling, 0);
}

static void filters_to_unsubscribe_have_no_options(void **state)
{
	(void)state;
	MqttPacket packet;
	MqttFilter filter;
	size_t position = 0;

	decode_valid("A2 R 000A \"a\" \"b/#\"", MQTT_3_1_1, &packet);

	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_text(filter.filter, "a");
	assert_int_equal(filter.qos, 0);
	assert_true(mqtt_filter_next(&packet, &position, &filter));
	assert_text(filter.filter, "b/#");
	assert_false(mqtt_filter_next(&packet, &position, &filter));
}

static void codes_are_read_one_by_one(void **state)
{
	(void)state;
	MqttPacket packet;
	uint8_t code = 0xEE;
	size_t position = 0;

	decode_valid("90 R 000A 02 80", MQTT_3_1_1, &packet);
	assert_int_equal(packet.packet_id, 10);
	assert_true(mqtt_code_next(&packet, &position, &code));
	assert_int_equal(code, 2);
	assert_true(mqtt_code_next(&packet, &position, &code));
	assert_int_equal(code, 0x80);
	assert_false(mqtt_code_next(&packet, &position, &code));

	position = 0;
	decode_valid("B0 R 000A 00 11", MQTT_5_0, &packet);
	assert_true(mqtt_code_next(&packet, &position, &code));
	assert_int_equal(code, 0x11);
	assert_false(mqtt_code_next(&packet, &position, &code));

	position = 0;
	decode_valid("B0 02 000A", MQTT_3_1_1, &packet);
	assert_false(mqtt_code_next(&packet, &position, &code));
}

static void disconnects_have_short_forms_in_5_0(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("E0 00", MQTT_5_0, &packet);
	assert_false(packet.has_reason);
	decode_valid("E0 01 8E", MQTT_5_0, &packet);
	assert_true(packet.has_reason);
	assert_int_equal(packet.reason, 0x8E);
	decode_valid("E0 R 00 p5 11 00000000", MQTT_5_0, &packet);
	assert_true(mqtt_has_property(&packet.properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL));
	assert_int_equal(packet.properties.number[MQTT_PROP_SESSION_EXPIRY_INTERVAL], 0);
	decode_valid("E0 00", MQTT_3_1_1, &packet);
	assert_false(packet.has_reason);
}

static void auth_is_read(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("F0 R 19 p9 15 \"m\" 16 0002 00FF", MQTT_5_0, &packet);

	assert_int_equal(packet.reason, 0x19);
	assert_text(packet.properties.text[MQTT_PROP_AUTHENTICATION_METHOD], "m");
	assert_int_equal(packet.properties.text[MQTT_PROP_AUTHENTICATION_DATA].size, 2);
}

static void without_a_version_it_is_3_1_1(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_valid("30 R \"t\" 00 'x'", MQTT_VERSION_UNKNOWN, &packet);

	assert_int_equal(packet.version, MQTT_3_1_1);
	assert_int_equal(packet.publish.payload_size, 2);
}

static void faults_beyond_the_room_are_counted(void **state)
{
	(void)state;
	MqttPacket packet;

	decode("82 R 0001 \"a#\" 03 \"a#\" 03 \"a#\" 03 \"a#\" 03 \"a#\" 03", MQTT_3_1_1, &packet);

	assert_int_equal(packet.n_faults, 10);
	assert_int_equal(packet.faults[7].id, MQTT_FAULT_OPTIONS_QOS_INVALID);
	assert_int_equal(packet.faults[7].offset, 4 + 3 * 5 + 4);
}

static void a_packet_may_break_several_rules(void **state)
{
	(void)state;
	MqttPacket packet;

	decode("82 R 0001 00 \"$share/\" 04", MQTT_5_0, &packet);

	assert_int_equal(packet.n_faults, 3);
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_SHARE_NAME_EMPTY);
	assert_int_equal(packet.faults[1].id, MQTT_FAULT_SHARE_FILTER_MISSING);
	assert_int_equal(packet.faults[2].id, MQTT_FAULT_SHARE_NO_LOCAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_of_3_1_is_read),
		cmocka_unit_test(a_3_1_connect_may_lack_what_its_flags_announce),
		cmocka_unit_test(a_connect_without_anything_optional_is_read),
		cmocka_unit_test(a_connect_decides_its_version_itself),
		cmocka_unit_test(a_connect_of_5_0_is_read),
		cmocka_unit_test(a_bridge_is_told_from_its_level),
		cmocka_unit_test(of_an_unknown_level_only_the_beginning_is_read),
		cmocka_unit_test(no_field_leads_to_the_password),
		cmocka_unit_test(connacks_are_read),
		cmocka_unit_test(an_older_server_refuses_in_its_own_format),
		cmocka_unit_test(publishes_are_read),
		cmocka_unit_test(a_publish_of_5_0_may_have_an_alias_for_its_topic),
		cmocka_unit_test(acknowledgements_have_short_forms_in_5_0),
		cmocka_unit_test(subscriptions_are_read_one_by_one),
		cmocka_unit_test(before_5_0_only_the_qos_of_a_subscription_means_anything),
		cmocka_unit_test(filters_to_unsubscribe_have_no_options),
		cmocka_unit_test(codes_are_read_one_by_one),
		cmocka_unit_test(disconnects_have_short_forms_in_5_0),
		cmocka_unit_test(auth_is_read),
		cmocka_unit_test(without_a_version_it_is_3_1_1),
		cmocka_unit_test(faults_beyond_the_room_are_counted),
		cmocka_unit_test(a_packet_may_break_several_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
