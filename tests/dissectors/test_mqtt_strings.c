/* SPDX-License-Identifier: MIT */
/* What a string must not hold, at every place in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "dissectors/mqtt_packet.h"
#include "tests/dissectors/octets.h"

static Octets octets;

static void decode(const char *text, MqttVersion version, MqttPacket *packet)
{
	octets_parse(&octets, text);
	memset(packet, 0xA5, sizeof *packet);
	mqtt_decode(octets_span(&octets), version, packet);
}

typedef struct Sequence {
	const char *hex;
	bool legal;
	bool legal_in_3_1;
} Sequence;

/* RFC 3629, and for 3.1 the modified UTF-8 of Java. */
static const Sequence sequences[] = {
	{"C2 80", true, true},
	{"DF BF", true, true},
	{"E0 A0 80", true, true},
	{"ED 9F BF", true, true},
	{"EE 80 80", true, true},
	{"EF BF BF", true, true},
	{"EF BB BF", true, true},
	{"F0 90 80 80", true, true},
	{"F4 8F BF BF", true, true},
	{"01", true, true},
	{"7F", true, true},
	{"ED A0 80", false, true},
	{"ED BF BF", false, true},
	{"C0 80", false, true},
	{"C0 AF", false, false},
	{"C1 BF", false, false},
	{"E0 80 AF", false, false},
	{"E0 9F BF", false, false},
	{"F0 8F BF BF", false, false},
	{"F4 90 80 80", false, false},
	{"F5 80 80 80", false, false},
	{"FF", false, false},
	{"80", false, false},
	{"BF 80", false, false},
	{"C3", false, false},
	{"E2 82", false, false},
	{"F0 90 80", false, false},
	{"F0 90 7F 80", false, false},
};

static void check_sequence(const Sequence *sequence, size_t before, const char *tail)
{
	MqttPacket packet;
	Octets part;
	octets_parse(&part, sequence->hex);
	g_autofree char *letters = g_strnfill(before, 'a');
	g_autofree char *text = g_strdup_printf("30 R %04X '%s' %s '%s'",
	                                        (unsigned)(before + part.size + strlen(tail)),
	                                        letters, sequence->hex, tail);

	decode(text, MQTT_3_1_1, &packet);

	if (packet.n_faults != (sequence->legal ? 0 : 1))
		fail_msg("%s: %u faults", text, packet.n_faults);
	if (!sequence->legal) {
		assert_int_equal(packet.faults[0].id, MQTT_FAULT_UTF8_ILL_FORMED);
		assert_int_equal(packet.faults[0].offset, 4 + before);
	}
	decode(text, MQTT_3_1, &packet);
	if (packet.n_faults != (sequence->legal_in_3_1 ? 0 : 1))
		fail_msg("3.1: %s: %u faults", text, packet.n_faults);
}

static void utf8_is_checked_wherever_it_stands_in_a_string(void **state)
{
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(sequences); i++) {
		for (size_t before = 0; before < 20; before++) {
			check_sequence(&sequences[i], before, "");
			check_sequence(&sequences[i], before, "b");
			check_sequence(&sequences[i], before, "bcdefghijkl");
		}
	}
}

static void a_wildcard_or_nul_is_found_wherever_it_stands(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		MqttFaultId fault;
	} cases[] = {{"'+'", MQTT_FAULT_TOPIC_WILDCARD},
	             {"'#'", MQTT_FAULT_TOPIC_WILDCARD},
	             {"00", MQTT_FAULT_UTF8_NUL}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (unsigned size = 1; size < 40; size++) {
			for (unsigned at = 0; at < size; at++) {
				MqttPacket packet;
				g_autofree char *before = g_strnfill(at, '"');
				g_autofree char *after = g_strnfill(size - at - 1, '$');
				g_autofree char *text =
					g_strdup_printf("30 R %04X '%s' %s '%s'", size, before,
				                        cases[i].hex, after);
				decode(text, MQTT_3_1_1, &packet);
				assert_int_equal(packet.n_faults, 1);
				assert_int_equal(packet.faults[0].id, cases[i].fault);
				assert_int_equal(packet.faults[0].offset, 4 + at);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_checked_wherever_it_stands_in_a_string),
		cmocka_unit_test(a_wildcard_or_nul_is_found_wherever_it_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
