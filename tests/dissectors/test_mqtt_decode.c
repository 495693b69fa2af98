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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_of_3_1_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
