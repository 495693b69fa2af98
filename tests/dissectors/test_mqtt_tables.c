/* SPDX-License-Identifier: MIT */
/* The tables against the standards, typed once more from another side: reason codes by packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "tests/dissectors/mqtt_standard.h"

static bool holds(const char *letters, char letter)
{
	return strchr(letters, letter) != NULL;
}

static void every_property_is_that_of_the_standard(void **state)
{
	(void)state;

	assert_int_equal(MQTT_N_PROPERTIES, N_STANDARD_PROPERTIES);
	for (size_t i = 0; i < N_STANDARD_PROPERTIES; i++) {
		const StandardProperty *standard = &standard_properties[i];
		MqttPropertyIndex index = mqtt_property_index(standard->id);
		assert_int_not_equal(index, MQTT_N_PROPERTIES);
		const MqttPropertyInfo *info = mqtt_property_info(index);

		assert_int_equal(info->id, standard->id);
		assert_string_equal(info->label, standard->label);
		assert_int_equal(info->type, standard->type);
		for (size_t c = 0; c < N_CARRIERS; c++) {
			unsigned type = carriers[c].type;
			char letter = carriers[c].letter;
			assert_int_equal(info->allowed >> type & 1,
			                 holds(standard->packets, letter));
			assert_int_equal(info->repeats >> type & 1,
			                 holds(standard->repeats, letter));
		}
	}
}

static void nothing_without_properties_is_allowed_any(void **state)
{
	(void)state;

	for (unsigned i = 0; i < MQTT_N_PROPERTIES; i++) {
		uint32_t allowed = mqtt_property_info((MqttPropertyIndex)i)->allowed;
		assert_int_equal(allowed >> MQTT_PINGREQ & 1, 0);
		assert_int_equal(allowed >> MQTT_PINGRESP & 1, 0);
		assert_int_equal(allowed >> 16, 0);
	}
}

static void ids_between_the_properties_are_none(void **state)
{
	(void)state;
	unsigned n_known = 0;

	for (uint32_t id = 0; id < 1000; id++)
		n_known += mqtt_property_index(id) != MQTT_N_PROPERTIES;

	assert_int_equal(n_known, 27);
	assert_int_equal(mqtt_property_index(0), MQTT_N_PROPERTIES);
	assert_int_equal(mqtt_property_index(0x2B), MQTT_N_PROPERTIES);
	assert_int_equal(mqtt_property_index(0xFFFFFFF), MQTT_N_PROPERTIES);
}

static void keys_are_the_labels_in_lower_case(void **state)
{
	(void)state;

	for (unsigned i = 0; i < MQTT_N_PROPERTIES; i++) {
		const MqttPropertyInfo *info = mqtt_property_info((MqttPropertyIndex)i);
		g_autofree char *key = g_ascii_strdown(info->label, -1);
		g_strdelimit(key, " ", '_');
		assert_string_equal(info->key, key);
		assert_true(g_str_has_prefix(info->clause, "5.0 §3."));
	}
}

typedef struct ReasonsOfPacket {
	MqttType type;
	MqttVersion version;
	const char *codes;
} ReasonsOfPacket;

static const ReasonsOfPacket reasons[] = {
	{MQTT_CONNACK, MQTT_5_0,
         "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F"},
	{MQTT_PUBACK, MQTT_5_0, "00 10 80 83 87 90 91 97 99"},
	{MQTT_PUBREC, MQTT_5_0, "00 10 80 83 87 90 91 97 99"},
	{MQTT_PUBREL, MQTT_5_0, "00 92"},
	{MQTT_PUBCOMP, MQTT_5_0, "00 92"},
	{MQTT_SUBACK, MQTT_5_0, "00 01 02 80 83 87 8F 91 97 9E A1 A2"},
	{MQTT_UNSUBACK, MQTT_5_0, "00 11 80 83 87 8F 91"},
	{MQTT_DISCONNECT, MQTT_5_0,
         "00 04 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2"},
	{MQTT_AUTH, MQTT_5_0, "00 18 19"},
	{MQTT_CONNECT, MQTT_5_0, ""},
	{MQTT_PUBLISH, MQTT_5_0, ""},
	{MQTT_SUBSCRIBE, MQTT_5_0, ""},
	{MQTT_UNSUBSCRIBE, MQTT_5_0, ""},
	{MQTT_PINGREQ, MQTT_5_0, ""},
	{MQTT_PINGRESP, MQTT_5_0, ""},
	{MQTT_CONNACK, MQTT_3_1_1, "00 01 02 03 04 05"},
	{MQTT_CONNACK, MQTT_3_1, "00 01 02 03 04 05"},
	{MQTT_SUBACK, MQTT_3_1_1, "00 01 02 80"},
	{MQTT_UNSUBACK, MQTT_3_1_1, ""},
	{MQTT_PUBACK, MQTT_3_1_1, ""},
};

static void every_packet_has_its_reason_codes(void **state)
{
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
		const ReasonsOfPacket *packet = &reasons[i];
		for (unsigned code = 0; code < 256; code++) {
			char text[3];
			g_snprintf(text, sizeof text, "%02X", code);
			bool expected = strstr(packet->codes, text) != NULL;
			const char *name =
				mqtt_reason_name(packet->type, packet->version, (uint8_t)code);
			if (expected != (name != NULL))
				fail_msg("%s %s: %s", mqtt_type_name(packet->type), text, name);
			assert_int_equal(
				mqtt_reason_allowed(packet->type, packet->version, (uint8_t)code),
				expected);
		}
	}
}

static void a_reason_is_called_what_its_packet_calls_it(void **state)
{
	(void)state;

	assert_string_equal(mqtt_reason_name(MQTT_PUBACK, MQTT_5_0, 0), "Success");
	assert_string_equal(mqtt_reason_name(MQTT_SUBACK, MQTT_5_0, 0), "Granted QoS 0");
	assert_string_equal(mqtt_reason_name(MQTT_DISCONNECT, MQTT_5_0, 0), "Normal disconnection");
	assert_string_equal(mqtt_reason_name(MQTT_DISCONNECT, MQTT_5_0, 0x8E),
	                    "Session taken over");
	assert_string_equal(mqtt_reason_name(MQTT_CONNACK, MQTT_3_1_1, 2),
	                    "Connection Refused, identifier rejected");
	assert_string_equal(mqtt_reason_name(MQTT_SUBACK, MQTT_3_1_1, 0x80), "Failure");
	assert_null(mqtt_reason_name(MQTT_CONNACK, MQTT_5_0, 0x8E));
}

static void types_and_versions_have_their_names(void **state)
{
	(void)state;

	assert_string_equal(mqtt_type_name(MQTT_RESERVED), "Reserved");
	assert_string_equal(mqtt_type_name((MqttType)1), "CONNECT");
	assert_string_equal(mqtt_type_name((MqttType)11), "UNSUBACK");
	assert_string_equal(mqtt_type_name((MqttType)15), "AUTH");
	assert_string_equal(mqtt_version_name(MQTT_3_1), "3.1");
	assert_string_equal(mqtt_version_name(MQTT_3_1_1), "3.1.1");
	assert_string_equal(mqtt_version_name(MQTT_5_0), "5.0");
	assert_string_equal(mqtt_version_name(MQTT_VERSION_UNKNOWN), "unknown");
}

static void each_side_sends_its_packets_only(void **state)
{
	(void)state;

	assert_true(mqtt_type_sent_by(MQTT_CONNECT, MQTT_5_0, true));
	assert_false(mqtt_type_sent_by(MQTT_CONNECT, MQTT_5_0, false));
	assert_false(mqtt_type_sent_by(MQTT_SUBACK, MQTT_3_1, true));
	assert_true(mqtt_type_sent_by(MQTT_PUBLISH, MQTT_3_1, false));
	assert_true(mqtt_type_sent_by(MQTT_DISCONNECT, MQTT_5_0, false));
	assert_false(mqtt_type_sent_by(MQTT_DISCONNECT, MQTT_3_1_1, false));
	assert_true(mqtt_type_sent_by(MQTT_DISCONNECT, MQTT_3_1_1, true));
	assert_false(mqtt_type_sent_by(MQTT_AUTH, MQTT_3_1_1, true));
	assert_false(mqtt_type_sent_by(MQTT_RESERVED, MQTT_5_0, true));
}

static bool is_kebab(const char *name)
{
	for (const char *c = name; *c != '\0'; c++) {
		if (!g_ascii_islower(*c) && !g_ascii_isdigit(*c) && (*c != '-' || c == name))
			return false;
	}
	return *name != '\0' && !g_str_has_suffix(name, "-");
}

static void every_fault_has_a_name_of_its_own_a_sentence_and_a_clause(void **state)
{
	(void)state;

	for (unsigned id = 0; id < MQTT_N_FAULTS; id++) {
		const MqttFaultInfo *info = mqtt_fault_info((MqttFaultId)id);
		assert_true(is_kebab(info->name));
		for (unsigned other = 0; other < id; other++)
			assert_string_not_equal(info->name,
			                        mqtt_fault_info((MqttFaultId)other)->name);
		assert_true(g_str_has_suffix(info->says, "."));
		g_auto(GStrv) clauses = g_strsplit(info->clause, "; ", -1);
		assert_non_null(clauses[0]);
		for (char **clause = clauses; *clause != NULL; clause++)
			assert_true(g_str_has_prefix(*clause, "5.0 ") ||
			            g_str_has_prefix(*clause, "3.1.1 ") ||
			            g_str_has_prefix(*clause, "3.1 "));
	}
}

static void malformed_is_what_cannot_be_parsed(void **state)
{
	(void)state;
	/* 5.0: "... is a Malformed Packet" in §2.1.3, §1.5.4, §3.1.2.6, §3.3.1.2, §3.8.3, §2.2.2.2 */
	static const MqttFaultId malformed[] = {
		MQTT_FAULT_FLAGS_RESERVED, MQTT_FAULT_UTF8_ILL_FORMED,   MQTT_FAULT_WILL_QOS_INVALID,
		MQTT_FAULT_QOS_INVALID,    MQTT_FAULT_OPTIONS_RESERVED,  MQTT_FAULT_PROPERTY_UNKNOWN,
		MQTT_FAULT_ENDS_EARLY,
	};
	/* "It is a Protocol Error ...", or a rule whose breach leaves the packet readable */
	static const MqttFaultId readable[] = {
		MQTT_FAULT_PAYLOAD_NOT_UTF8,  MQTT_FAULT_TOPIC_EMPTY,      MQTT_FAULT_PROPERTY_REPEATED,
		MQTT_FAULT_FILTERS_MISSING,   MQTT_FAULT_SHARE_NO_LOCAL,   MQTT_FAULT_CONNECT_AGAIN,
		MQTT_FAULT_RETAIN_HANDLING_INVALID, MQTT_FAULT_CLIENT_ID_LONG, MQTT_FAULT_SENT_AGAIN,
	};
	for (size_t i = 0; i < G_N_ELEMENTS(malformed); i++)
		assert_true(mqtt_fault_is_malformed(malformed[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(readable); i++)
		assert_false(mqtt_fault_is_malformed(readable[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_is_that_of_the_standard),
		cmocka_unit_test(nothing_without_properties_is_allowed_any),
		cmocka_unit_test(ids_between_the_properties_are_none),
		cmocka_unit_test(keys_are_the_labels_in_lower_case),
		cmocka_unit_test(every_packet_has_its_reason_codes),
		cmocka_unit_test(a_reason_is_called_what_its_packet_calls_it),
		cmocka_unit_test(types_and_versions_have_their_names),
		cmocka_unit_test(each_side_sends_its_packets_only),
		cmocka_unit_test(every_fault_has_a_name_of_its_own_a_sentence_and_a_clause),
		cmocka_unit_test(malformed_is_what_cannot_be_parsed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
