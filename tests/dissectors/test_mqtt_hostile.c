/* SPDX-License-Identifier: MIT */
/* Packets cut and damaged in every way, at the edge of the memory that may be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_names.h"
#include "tests/dissectors/mqtt_samples.h"
#include "tests/dissectors/octets.h"

static const MqttVersion versions[] = {MQTT_VERSION_UNKNOWN, MQTT_3_1, MQTT_3_1_1, MQTT_5_0};

static void assert_within(ByteSpan span, ByteSpan bytes)
{
	if (span.size == 0)
		return;
	assert_true(span.data >= bytes.data);
	assert_true(span.data + span.size <= bytes.data + bytes.size);
}

static void check_properties(const MqttProperties *properties, ByteSpan bytes)
{
	size_t position = 0;
	MqttPropertyValue value;
	uint32_t seen = 0;
	assert_within(properties->raw, bytes);
	while (mqtt_property_next(properties, &position, &value)) {
		assert_within(value.text, bytes);
		assert_within(value.value, bytes);
		seen |= 1u << value.index;
	}
	assert_int_equal(properties->present & ~seen, 0);
}

static void check_connect(const MqttConnect *connect, ByteSpan bytes)
{
	assert_within(connect->protocol_name, bytes);
	assert_within(connect->client_id, bytes);
	assert_within(connect->username, bytes);
	if (!connect->has_will)
		return;
	assert_within(connect->will.topic, bytes);
	assert_within(connect->will.payload, bytes);
	check_properties(&connect->will.properties, bytes);
}

static void check_entries(const MqttPacket *packet, ByteSpan bytes)
{
	size_t position = 0;
	MqttFilter filter;
	uint8_t code;
	assert_within(packet->entries, bytes);
	while (mqtt_filter_next(packet, &position, &filter))
		assert_within(filter.filter, bytes);
	if (packet->type == MQTT_SUBSCRIBE || packet->type == MQTT_UNSUBSCRIBE)
		assert_int_equal(position, packet->entries.size);
	position = 0;
	while (mqtt_code_next(packet, &position, &code))
		assert_true(position <= packet->entries.size);
}

/* Whatever the octets are, what was made of them lies within them. */
static void check_packet(const MqttPacket *packet, ByteSpan bytes)
{
	check_properties(&packet->properties, bytes);
	check_entries(packet, bytes);
	if (packet->type == MQTT_CONNECT)
		check_connect(&packet->connect, bytes);
	if (packet->type == MQTT_PUBLISH) {
		assert_within(packet->publish.topic, bytes);
		assert_within(packet->publish.resolved_topic, bytes);
		assert_within(packet->publish.payload, bytes);
	}
	for (uint32_t i = 0; i < packet->n_faults && i < MQTT_MAX_FAULTS; i++) {
		assert_true(packet->faults[i].id < MQTT_N_FAULTS);
		assert_true(packet->faults[i].offset <= bytes.size);
	}
}

static void decode_every_way(ByteSpan bytes, MqttVersion version)
{
	MqttPacket packet;
	memset(&packet, 0xA5, sizeof packet);
	mqtt_decode(bytes, version, &packet);
	check_packet(&packet, bytes);
	memset(&packet, 0xA5, sizeof packet);
	mqtt_decode_cut(bytes, version, &packet);
	check_packet(&packet, bytes);
	assert_true(mqtt_publish_header_size(bytes, version) <= bytes.size);
	if (bytes.data[0] >> 4 != MQTT_PUBLISH)
		return;
	memset(&packet, 0xA5, sizeof packet);
	mqtt_decode_publish_header(bytes, version, &packet);
	check_packet(&packet, bytes);
}

static void the_samples_are_valid(void **state)
{
	(void)state;

	for (size_t i = 0; i < n_mqtt_samples; i++) {
		MqttPacket packet;
		Octets octets;
		octets_parse(&octets, mqtt_samples[i].text);
		mqtt_decode(octets_span(&octets), mqtt_samples[i].version, &packet);
		if (packet.n_faults != 0)
			fail_msg("%s: %s", mqtt_samples[i].text,
			         mqtt_fault_info(packet.faults[0].id)->name);
		assert_int_equal(packet.version, mqtt_samples[i].version);
		assert_false(packet.truncated);
	}
}

static void every_beginning_of_a_packet_is_malformed_and_harmless(void **state)
{
	const Fence *fence = *state;

	for (size_t i = 0; i < n_mqtt_samples; i++) {
		Octets octets;
		octets_parse(&octets, mqtt_samples[i].text);
		for (size_t size = 1; size < octets.size; size++) {
			ByteSpan bytes = fence_place(fence, (ByteSpan){octets.data, size});
			MqttPacket packet;
			mqtt_decode(bytes, mqtt_samples[i].version, &packet);
			check_packet(&packet, bytes);
			if (packet.n_faults == 0)
				fail_msg("%s: %zu octets of it are no packet", mqtt_samples[i].text,
				         size);
			for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++)
				decode_every_way(bytes, versions[v]);
		}
	}
}

static void every_beginning_of_a_packet_may_be_a_truncated_one(void **state)
{
	const Fence *fence = *state;

	for (size_t i = 0; i < n_mqtt_samples; i++) {
		Octets octets;
		octets_parse(&octets, mqtt_samples[i].text);
		for (size_t size = 1; size < octets.size; size++) {
			ByteSpan bytes = fence_place(fence, (ByteSpan){octets.data, size});
			MqttPacket packet;
			mqtt_decode_cut(bytes, mqtt_samples[i].version, &packet);
			check_packet(&packet, bytes);
			assert_true(packet.truncated);
			if (packet.n_faults != 0)
				fail_msg("%zu octets of %s: %s", size, mqtt_samples[i].text,
				         mqtt_fault_info(packet.faults[0].id)->name);
		}
	}
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void mutate(Octets *octets, uint64_t *seed)
{
	unsigned n_changes = 1 + random_next(seed) % 4;
	for (unsigned i = 0; i < n_changes; i++) {
		size_t at = random_next(seed) % octets->size;
		switch (random_next(seed) % 4) {
		case 0: octets->data[at] = (uint8_t)random_next(seed); break;
		case 1: octets->data[at] ^= (uint8_t)(1u << random_next(seed) % 8); break;
		case 2: octets->data[at] = (random_next(seed) & 1) != 0 ? 0xFF : 0; break;
		default: octets->size = at > 0 ? at : 1; break;
		}
	}
}

static void damaged_packets_do_no_harm(void **state)
{
	const Fence *fence = *state;
	const char *given = getenv("MQLAPSE_TEST_ROUNDS");
	unsigned long rounds = given != NULL ? strtoul(given, NULL, 10) : 2000;
	uint64_t seed = UINT64_C(0x6D716C61707365);

	for (unsigned long round = 0; round < rounds; round++) {
		for (size_t i = 0; i < n_mqtt_samples; i++) {
			Octets octets;
			octets_parse(&octets, mqtt_samples[i].text);
			mutate(&octets, &seed);
			ByteSpan bytes = fence_place(fence, octets_span(&octets));
			decode_every_way(bytes, versions[random_next(&seed) % 4]);
		}
	}
}

static int setup(void **state)
{
	static Fence fence;
	fence = fence_new();
	*state = &fence;
	return 0;
}

static int teardown(void **state)
{
	fence_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_samples_are_valid),
		cmocka_unit_test(every_beginning_of_a_packet_is_malformed_and_harmless),
		cmocka_unit_test(every_beginning_of_a_packet_may_be_a_truncated_one),
		cmocka_unit_test(damaged_packets_do_no_harm),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
