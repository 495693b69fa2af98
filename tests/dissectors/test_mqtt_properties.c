/* SPDX-License-Identifier: MIT */
/* Every property in every packet that may hold it, and refused in every other (5.0 §2.2.2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "tests/dissectors/mqtt_standard.h"
#include "tests/dissectors/octets.h"

static Octets octets;

/* Decodes @carrier with @properties in it; returns the offset of the first of them. */
static unsigned decode_with(const Carrier *carrier, const char *properties, MqttPacket *packet)
{
	Octets part;
	octets_parse(&part, properties);
	size_t size = part.size;
	octets_parse(&part, carrier->before);
	g_autofree char *text = g_strdup_printf("%s R %s p%zu %s %s", carrier->first,
	                                        carrier->before, size, properties, carrier->after);
	octets_parse(&octets, text);
	assert_true(octets.size < 128); /* the Remaining Length is one octet */
	memset(packet, 0xA5, sizeof *packet);
	mqtt_decode(octets_span(&octets), MQTT_5_0, packet);
	return (unsigned)(2 + part.size + 1);
}

static const MqttProperties *properties_of(const Carrier *carrier, const MqttPacket *packet)
{
	bool will = carrier->type == MQTT_RESERVED;
	return will ? &packet->connect.will.properties : &packet->properties;
}

static uint32_t number_of(const char *value)
{
	Octets part;
	octets_parse(&part, value);
	uint32_t number = 0;
	for (size_t i = 0; i < part.size; i++)
		number = number << 8 | part.data[i];
	return number;
}

static void assert_value(const StandardProperty *standard, const MqttProperties *properties)
{
	MqttPropertyIndex index = mqtt_property_index(standard->id);
	Octets part;
	octets_parse(&part, standard->value);
	assert_true(mqtt_has_property(properties, index));
	switch (standard->type) {
	case MQTT_PROPERTY_BYTE:
	case MQTT_PROPERTY_U16:
	case MQTT_PROPERTY_U32:
		assert_int_equal(properties->number[index], number_of(standard->value));
		break;
	case MQTT_PROPERTY_VARINT:
		assert_int_equal(properties->number[index], 268435455);
		assert_int_equal(properties->n_subscription_identifiers, 1);
		break;
	case MQTT_PROPERTY_STRING:
	case MQTT_PROPERTY_BINARY:
		assert_int_equal(properties->text[index].size, part.size - 2);
		assert_memory_equal(properties->text[index].data, part.data + 2, part.size - 2);
		break;
	case MQTT_PROPERTY_PAIR: assert_int_equal(properties->n_user_properties, 1); break;
	}
}

/* "ID value" and whatever @carrier cannot be without. */
static char *property_text(const Carrier *carrier, const StandardProperty *standard)
{
	bool extra = standard->id != 0x15;
	return g_strdup_printf("%02X %s %s", standard->id, standard->value,
	                       extra ? carrier->always : "");
}

static void check_pair(const Carrier *carrier, const StandardProperty *standard)
{
	MqttPacket packet;
	g_autofree char *text = property_text(carrier, standard);

	unsigned begin = decode_with(carrier, text, &packet);

	const MqttProperties *properties = properties_of(carrier, &packet);
	bool allowed = strchr(standard->packets, carrier->letter) != NULL;
	if (packet.n_faults != (allowed ? 0 : 1))
		fail_msg("%s in %c: %u faults", standard->label, carrier->letter, packet.n_faults);
	if (allowed) {
		assert_value(standard, properties);
		return;
	}
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_PROPERTY_NOT_ALLOWED);
	assert_int_equal(packet.faults[0].offset, begin);
	assert_false(mqtt_has_property(properties, mqtt_property_index(standard->id)));
}

static void every_property_is_taken_where_it_belongs_and_refused_elsewhere(void **state)
{
	(void)state;

	for (size_t c = 0; c < N_CARRIERS; c++) {
		for (size_t i = 0; i < N_STANDARD_PROPERTIES; i++)
			check_pair(&carriers[c], &standard_properties[i]);
	}
}

static void check_twice(const Carrier *carrier, const StandardProperty *standard)
{
	MqttPacket packet;
	Octets once;
	g_autofree char *text = property_text(carrier, standard);
	g_autofree char *twice = g_strdup_printf("%02X %s %s", standard->id, standard->value, text);
	g_autofree char *alone = g_strdup_printf("%02X %s", standard->id, standard->value);

	unsigned begin = decode_with(carrier, twice, &packet);

	octets_parse(&once, alone);
	bool repeats = strchr(standard->repeats, carrier->letter) != NULL;
	if (packet.n_faults != (repeats ? 0 : 1))
		fail_msg("%s in %c: %u faults", standard->label, carrier->letter, packet.n_faults);
	if (repeats)
		return;
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_PROPERTY_REPEATED);
	assert_int_equal(packet.faults[0].offset, begin + once.size);
}

static void only_two_properties_may_repeat(void **state)
{
	(void)state;

	for (size_t c = 0; c < N_CARRIERS; c++) {
		for (size_t i = 0; i < N_STANDARD_PROPERTIES; i++) {
			if (strchr(standard_properties[i].packets, carriers[c].letter) != NULL)
				check_twice(&carriers[c], &standard_properties[i]);
		}
	}
}

static void every_property_that_is_cut_off_ends_early(void **state)
{
	(void)state;

	for (size_t i = 0; i < N_STANDARD_PROPERTIES; i++) {
		const StandardProperty *standard = &standard_properties[i];
		Octets part;
		octets_parse(&part, standard->value);
		g_autoptr(GString) text = g_string_new(NULL);
		g_string_printf(text, "26 \"a\" \"b\" %02X", standard->id);
		for (size_t n = 0; n < part.size; n++) {
			MqttPacket packet;
			unsigned begin = decode_with(&carriers[3], text->str, &packet);
			assert_int_equal(packet.n_faults, 1);
			assert_int_equal(packet.faults[0].id, MQTT_FAULT_PROPERTY_ENDS_EARLY);
			assert_int_equal(packet.faults[0].offset, begin + 7);
			assert_int_equal(packet.properties.n_user_properties, 1);
			assert_int_equal(packet.publish.payload_size, 4);
			g_string_append_printf(text, " %02X", part.data[n]);
		}
	}
}

static void every_text_in_a_property_is_checked(void **state)
{
	(void)state;

	for (size_t i = 0; i < N_STANDARD_PROPERTIES; i++) {
		const StandardProperty *standard = &standard_properties[i];
		for (size_t c = 0; c < N_CARRIERS; c++) {
			const Carrier *carrier = &carriers[c];
			if (standard->type != MQTT_PROPERTY_STRING ||
			    strchr(standard->packets, carrier->letter) == NULL)
				continue;
			MqttPacket packet;
			const char *always = standard->id == 0x15 ? "" : carrier->always;
			g_autofree char *text =
				g_strdup_printf("%02X 0003 'a' C0 80 %s", standard->id, always);
			unsigned begin = decode_with(carrier, text, &packet);
			assert_int_equal(packet.n_faults, 1);
			assert_int_equal(packet.faults[0].id, MQTT_FAULT_UTF8_ILL_FORMED);
			assert_int_equal(packet.faults[0].offset, begin + 4);
		}
	}
}

static void both_halves_of_a_user_property_are_checked(void **state)
{
	(void)state;
	MqttPacket packet;

	unsigned begin = decode_with(&carriers[3], "26 0001 00 0001 'v'", &packet);

	assert_int_equal(packet.n_faults, 1);
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_UTF8_NUL);
	assert_int_equal(packet.faults[0].offset, begin + 3);

	begin = decode_with(&carriers[3], "26 0001 'n' 0002 'v' FF", &packet);

	assert_int_equal(packet.n_faults, 1);
	assert_int_equal(packet.faults[0].id, MQTT_FAULT_UTF8_ILL_FORMED);
	assert_int_equal(packet.faults[0].offset, begin + 7);
}

static void binary_data_is_not_text(void **state)
{
	(void)state;
	MqttPacket packet;

	decode_with(&carriers[3], "09 0003 00 FF C0", &packet);

	assert_int_equal(packet.n_faults, 0);
	assert_int_equal(packet.properties.text[MQTT_PROP_CORRELATION_DATA].size, 3);
}

static void properties_are_iterated_in_their_order(void **state)
{
	(void)state;
	MqttPacket packet;
	MqttPropertyValue value;
	size_t position = 0;

	decode_with(&carriers[3], "26 \"a\" \"1\" 0B 8001 26 \"a\" \"\" 0B 07", &packet);

	const MqttProperties *properties = &packet.properties;
	assert_int_equal(packet.n_faults, 0);
	assert_int_equal(properties->n_user_properties, 2);
	assert_int_equal(properties->n_subscription_identifiers, 2);
	assert_int_equal(properties->number[MQTT_PROP_SUBSCRIPTION_IDENTIFIER], 128);
	assert_true(mqtt_property_next(properties, &position, &value));
	assert_int_equal(value.index, MQTT_PROP_USER_PROPERTY);
	assert_memory_equal(value.text.data, "a", 1);
	assert_int_equal(value.value.size, 1);
	assert_memory_equal(value.value.data, "1", 1);
	assert_true(mqtt_property_next(properties, &position, &value));
	assert_int_equal(value.index, MQTT_PROP_SUBSCRIPTION_IDENTIFIER);
	assert_int_equal(value.number, 128);
	assert_true(mqtt_property_next(properties, &position, &value));
	assert_int_equal(value.value.size, 0);
	assert_true(mqtt_property_next(properties, &position, &value));
	assert_int_equal(value.number, 7);
	assert_false(mqtt_property_next(properties, &position, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_is_taken_where_it_belongs_and_refused_elsewhere),
		cmocka_unit_test(only_two_properties_may_repeat),
		cmocka_unit_test(every_property_that_is_cut_off_ends_early),
		cmocka_unit_test(every_text_in_a_property_is_checked),
		cmocka_unit_test(both_halves_of_a_user_property_are_checked),
		cmocka_unit_test(binary_data_is_not_text),
		cmocka_unit_test(properties_are_iterated_in_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
