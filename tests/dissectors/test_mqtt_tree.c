/* SPDX-License-Identifier: MIT */
/* The fields of packets that are written down octet by octet, and that no octet has two fields or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_tree.h"
#include "tests/dissectors/mqtt_samples.h"
#include "tests/dissectors/octets.h"

static Octets octets;

/* "2 7+2 Keep Alive = 10 s", a line a field; faults as "! name". */
static char *listing(const GArray *tree)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < tree->len; i++) {
		const MqttField *field = &g_array_index(tree, MqttField, i);
		g_string_append_printf(out, "%u %u+%u ", field->depth, field->offset, field->size);
		if (field->mask != 0)
			g_string_append_printf(out, "&%02X ", field->mask);
		if (field->fault >= 0) {
			const MqttFaultInfo *info = mqtt_fault_info((MqttFaultId)field->fault);
			assert_string_equal(field->label, info->says);
			assert_string_equal(field->clause, info->clause);
			g_string_append_printf(out, "! %s\n", info->name);
			continue;
		}
		g_string_append_printf(out, "%s", field->label);
		if (field->value != NULL)
			g_string_append_printf(out, " = %s", field->value);
		if (field->text.size > 0) {
			g_string_append(out, field->binary ? " = #" : " = '");
			for (size_t j = 0; j < field->text.size; j++)
				g_string_append_printf(out, field->binary ? "%02X" : "%c", field->text.data[j]);
			g_string_append(out, field->binary ? "" : "'");
		}
		if (field->clause != NULL)
			g_string_append_printf(out, " [%s]", field->clause);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static GArray *tree_of(const char *text, MqttVersion version)
{
	octets_parse(&octets, text);
	return mqtt_tree(octets_span(&octets), version);
}

static void assert_tree(const char *text, MqttVersion version, const char *expected)
{
	GArray *tree = tree_of(text, version);
	g_autofree char *found = listing(tree);
	assert_string_equal(found, expected);
	g_array_unref(tree);
}

/* 3.1.1 §3.1.2, its example: user name, password, Will Retain 0, Will QoS 1, Will, Clean Session 1,
 * Keep Alive 10. */
static void a_connect_of_3_1_1_is_told_bit_by_bit(void **state)
{
	(void)state;
	assert_tree("10 R \"MQTT\" 04 CE 000A \"id\" \"w\" 0002 FF00 \"u\" \"pass\"", MQTT_VERSION_UNKNOWN,
	            "0 0+32 CONNECT = MQTT 3.1.1, 32 octets\n"
	            "1 0+2 Fixed Header\n"
	            "2 0+1 Type and flags = CONNECT\n"
	            "3 0+1 &F0 Control Packet Type = 1 CONNECT\n"
	            "3 0+1 &0F Flags, reserved = 0\n"
	            "2 1+1 Remaining Length = 30\n"
	            "1 2+10 Variable Header\n"
	            "2 2+6 Protocol Name = 'MQTT'\n"
	            "2 8+1 Protocol Level = 4: MQTT 3.1.1\n"
	            "2 9+1 Connect Flags = 0xCE\n"
	            "3 9+1 &80 User Name Flag = 1\n"
	            "3 9+1 &40 Password Flag = 1\n"
	            "3 9+1 &20 Will Retain = 0\n"
	            "3 9+1 &18 Will QoS = 1\n"
	            "3 9+1 &04 Will Flag = 1\n"
	            "3 9+1 &02 Clean Session = 1\n"
	            "3 9+1 &01 Reserved = 0\n"
	            "2 10+2 Keep Alive = 10 s\n"
	            "1 12+20 Payload\n"
	            "2 12+4 Client Identifier = 'id'\n"
	            "2 16+3 Will Topic = 'w'\n"
	            "2 19+4 Will Message = #FF00\n"
	            "2 23+3 User Name = 'u'\n"
	            "2 26+6 Password = 4 octets, not shown\n");
}

/* 5.0 §3.1.2.11: Session Expiry Interval 10 is the example there; here it is absent. */
static void a_connect_of_5_0_tells_what_is_implied(void **state)
{
	(void)state;
	assert_tree("10 R \"MQTT\" 05 04 0000 p3 21 0014 \"\" p7 26 \"k\" \"v\" \"t\" \"m\"", MQTT_VERSION_UNKNOWN,
	            "0 0+32 CONNECT = MQTT 5.0, 32 octets\n"
	            "1 0+2 Fixed Header\n"
	            "2 0+1 Type and flags = CONNECT\n"
	            "3 0+1 &F0 Control Packet Type = 1 CONNECT\n"
	            "3 0+1 &0F Flags, reserved = 0\n"
	            "2 1+1 Remaining Length = 30\n"
	            "1 2+14 Variable Header\n"
	            "2 2+6 Protocol Name = 'MQTT'\n"
	            "2 8+1 Protocol Version = 5: MQTT 5.0\n"
	            "2 9+1 Connect Flags = 0x04\n"
	            "3 9+1 &80 User Name Flag = 0\n"
	            "3 9+1 &40 Password Flag = 0\n"
	            "3 9+1 &20 Will Retain = 0\n"
	            "3 9+1 &18 Will QoS = 0\n"
	            "3 9+1 &04 Will Flag = 1\n"
	            "3 9+1 &02 Clean Start = 0\n"
	            "3 9+1 &01 Reserved = 0\n"
	            "2 10+2 Keep Alive = 0: off\n"
	            "2 12+4 Properties\n"
	            "3 12+1 Property Length = 3\n"
	            "3 13+3 Receive Maximum = 20\n"
	            "3 16+0 Session Expiry Interval = absent, so 0: the session ends with the connection "
	            "[5.0 §3.1.2.11.2]\n"
	            "3 16+0 Maximum Packet Size = absent, so no limit of its own [5.0 §3.1.2.11.4]\n"
	            "3 16+0 Topic Alias Maximum = absent, so 0 [5.0 §3.1.2.11.5]\n"
	            "3 16+0 Request Response Information = absent, so 0 [5.0 §3.1.2.11.6]\n"
	            "3 16+0 Request Problem Information = absent, so 1 [5.0 §3.1.2.11.7]\n"
	            "1 16+16 Payload\n"
	            "2 16+2 Client Identifier\n"
	            "2 18+8 Will Properties\n"
	            "3 18+1 Property Length = 7\n"
	            "3 19+7 User Property\n"
	            "4 19+1 Identifier = 38\n"
	            "4 20+3 Name = 'k'\n"
	            "4 23+3 Value = 'v'\n"
	            "3 26+0 Will Delay Interval = absent, so 0 [5.0 §3.1.3.2.2]\n"
	            "3 26+0 Payload Format Indicator = absent, so 0: unspecified octets [5.0 §3.1.3.2.3]\n"
	            "3 26+0 Message Expiry Interval = absent, so it does not expire [5.0 §3.1.3.2.4]\n"
	            "2 26+3 Will Topic = 't'\n"
	            "2 29+3 Will Payload = 'm'\n");
}

/* The part of a listing from the line that begins with @from on. */
static void assert_part(const char *text, MqttVersion version, const char *from, const char *expected)
{
	GArray *tree = tree_of(text, version);
	g_autofree char *found = listing(tree);
	const char *part = strstr(found, from);
	if (part == NULL)
		fail_msg("no '%s' in:\n%s", from, found);
	assert_string_equal(part, expected);
	g_array_unref(tree);
}

/* 5.0 §3.3.2.3: properties of PUBLISH, §3.3.1: its flags. */
static void a_publish_has_flags_properties_and_a_payload(void **state)
{
	(void)state;
	assert_part("3B R \"a/b\" 000A p8 23 0005 02 0000003C 'hello'", MQTT_5_0, "3 0+1",
	            "3 0+1 &F0 Control Packet Type = 3 PUBLISH\n"
	            "3 0+1 &08 DUP = 1\n"
	            "3 0+1 &06 QoS = 1\n"
	            "3 0+1 &01 RETAIN = 1\n"
	            "2 1+1 Remaining Length = 21\n"
	            "1 2+16 Variable Header\n"
	            "2 2+5 Topic Name = 'a/b'\n"
	            "2 7+2 Packet Identifier = 10\n"
	            "2 9+9 Properties\n"
	            "3 9+1 Property Length = 8\n"
	            "3 10+3 Topic Alias = 5\n"
	            "3 13+5 Message Expiry Interval = 60 s\n"
	            "3 18+0 Payload Format Indicator = absent, so 0: unspecified octets [5.0 §3.3.2.3.2]\n"
	            "1 18+5 Payload = 5 octets = 'hello'\n");
	assert_part("30 R \"a\" 80FF00", MQTT_3_1_1, "1 5", "1 5+3 Payload = 3 octets = #80FF00\n");
	assert_part("30 R \"a\"", MQTT_3_1_1, "1 5", "1 5+0 Payload = 0 octets\n");
}

/* 5.0 §3.8.3.1: the options; §3.9.3: the codes. */
static void subscriptions_and_their_codes_are_told_one_by_one(void **state)
{
	(void)state;
	assert_part("82 R 000A 00 \"a\" 2D", MQTT_5_0, "2 2",
	            "2 2+2 Packet Identifier = 10\n"
	            "2 4+1 Properties\n"
	            "3 4+1 Property Length = 0\n"
	            "1 5+4 Payload\n"
	            "2 5+4 Subscription = QoS 1\n"
	            "3 5+3 Topic Filter = 'a'\n"
	            "3 8+1 Subscription Options = 0x2D\n"
	            "4 8+1 &C0 Reserved = 0\n"
	            "4 8+1 &30 Retain Handling = 2\n"
	            "4 8+1 &08 Retain As Published = 1\n"
	            "4 8+1 &04 No Local = 1\n"
	            "4 8+1 &03 QoS = 1\n");
	assert_part("90 R 000A 00 01 87", MQTT_5_0, "1 5",
	            "1 5+2 Payload\n"
	            "2 5+1 Reason Code = 0x01 Granted QoS 1\n"
	            "2 6+1 Reason Code = 0x87 Not authorized\n");
	assert_part("90 R 000A 02 80", MQTT_3_1_1, "1 4",
	            "1 4+2 Payload\n"
	            "2 4+1 Return Code = 0x02 Success - Maximum QoS 2\n"
	            "2 5+1 Return Code = 0x80 Failure\n");
}

/* 5.0 §3.4.2.1, §3.14.2.1: the Reason Code may be left out. */
static void an_absent_reason_code_is_success(void **state)
{
	(void)state;
	assert_part("40 R 0001", MQTT_5_0, "1 2",
	            "1 2+2 Variable Header\n"
	            "2 2+2 Packet Identifier = 1\n"
	            "2 4+0 Reason Code = absent, so 0x00 Success [5.0 §3.4.2.1]\n");
	assert_part("E0 00", MQTT_5_0, "2 1+1",
	            "2 1+1 Remaining Length = 0\n"
	            "1 2+0 Variable Header\n"
	            "2 2+0 Reason Code = absent, so 0x00 Normal disconnection [5.0 §3.14.2.1]\n"
	            "2 2+0 Session Expiry Interval = absent, so as it was before [5.0 §3.14.2.2.2]\n");
	assert_part("40 R 0001", MQTT_3_1_1, "1 2", "1 2+2 Variable Header\n2 2+2 Packet Identifier = 1\n");
}

static void faults_stand_below_their_octet(void **state)
{
	(void)state;
	/* 5.0 [MQTT-3.1.2-3]: bit 0 of the Connect Flags */
	assert_part("10 R \"MQTT\" 04 03 0000 \"\"", MQTT_3_1_1, "3 9+1 &01",
	            "3 9+1 &01 Reserved = 1\n"
	            "3 9+1 ! connect-flag-reserved\n"
	            "2 10+2 Keep Alive = 0: off\n"
	            "1 12+2 Payload\n"
	            "2 12+2 Client Identifier\n");
	/* [MQTT-2.2.1-3], and a filter whose octets are not there */
	assert_part("A2 R 0000 0005 'a'", MQTT_3_1_1, "1 2",
	            "1 2+2 Variable Header\n"
	            "2 2+2 Packet Identifier = 0\n"
	            "3 2+1 ! packet-id-zero\n"
	            "1 4+3 Undecoded octets = #000561\n"
	            "2 6+1 ! ends-early\n");
	/* an unknown property hides those behind it */
	assert_part("30 R \"a\" p3 7F 01 02 'x'", MQTT_5_0, "2 5",
	            "2 5+4 Properties\n"
	            "3 5+1 Property Length = 3\n"
	            "3 6+3 Undecoded octets = 3 octets, not shown\n"
	            "4 6+1 ! property-unknown\n"
	            "1 9+1 Payload = 1 octet = 'x'\n");
}

static void a_cut_packet_says_so(void **state)
{
	(void)state;
	/* the Remaining Length says 20; the topic needs 5 of the octets */
	assert_part("30 r20 \"abc\" 'xy'", MQTT_3_1_1, "1 7",
	            "1 7+2 Payload = 2 of 15 octets = 'xy'\n"
	            "1 9+0 Not captured = 13 octets\n");
	assert_part("30 r20 0009 'ab'", MQTT_3_1_1, "1 2",
	            "1 2+4 Undecoded octets = #00096162\n"
	            "1 6+0 Not captured = 16 octets\n");
	assert_part("E0", MQTT_5_0, "1 0",
	            "1 0+1 Fixed Header\n"
	            "2 0+1 Type and flags = DISCONNECT\n"
	            "3 0+1 &F0 Control Packet Type = 14 DISCONNECT\n"
	            "3 0+1 &0F Flags, reserved = 0\n"
	            "1 1+0 Not captured = the rest\n");
	/* half a password is one as well */
	assert_part("10 r40 \"MQTT\" 04 C2 0000 \"\" \"u\" 0008 'secr'", MQTT_VERSION_UNKNOWN, "1 17",
	            "1 17+6 Undecoded octets = 6 octets, not shown\n"
	            "1 23+0 Not captured = 19 octets\n");
}

/* The fields below @parent: whole octets one behind the other from its first to its last, or bits of
 * one octet, each in one of them. */
static void assert_covered(const GArray *tree, guint parent)
{
	const MqttField *above = &g_array_index(tree, MqttField, parent);
	uint32_t at = above->offset;
	unsigned bits = 0, n = 0;
	for (guint i = parent + 1; i < tree->len; i++) {
		const MqttField *field = &g_array_index(tree, MqttField, i);
		if (field->depth <= above->depth)
			break;
		if (field->depth > above->depth + 1 || field->fault >= 0 || field->size == 0)
			continue;
		n++;
		if (field->mask != 0) {
			assert_int_equal(field->offset, above->offset);
			assert_int_equal(bits & field->mask, 0);
			bits |= field->mask;
		} else {
			assert_int_equal(field->offset, at);
			at += field->size;
		}
	}
	if (n > 0)
		assert_true(bits == 0 ? at == above->offset + above->size : bits == 0xFF);
}

static void assert_whole(const GArray *tree, ByteSpan bytes)
{
	assert_true(tree->len > 0);
	const MqttField *root = &g_array_index(tree, MqttField, 0);
	assert_int_equal(root->offset, 0);
	assert_true(root->size <= bytes.size && root->size > 0);
	for (guint i = 0; i < tree->len; i++) {
		const MqttField *field = &g_array_index(tree, MqttField, i);
		assert_true(i == 0 || field->depth > 0);
		assert_true(field->offset + field->size <= bytes.size);
		if (field->text.size > 0)
			assert_true(field->text.data >= bytes.data &&
			            field->text.data + field->text.size <= bytes.data + bytes.size);
		if (field->privacy == MQTT_SECRET)
			assert_int_equal(field->text.size, 0);
		if (field->fault < 0)
			assert_covered(tree, i);
	}
	for (uint32_t at = 0; at < root->size; at++)
		assert_true(mqtt_tree_at(tree, at) < tree->len);
}

/* Every sample, each beginning of it, and each of its octets changed. */
static void no_octet_has_two_fields_or_none(void **state)
{
	(void)state;
	static const uint8_t changes[] = {0xFF, 0x80, 0x01, 0x40};
	Fence fence = fence_new();
	for (size_t i = 0; i < n_mqtt_samples; i++) {
		Octets sample;
		octets_parse(&sample, mqtt_samples[i].text);
		for (size_t size = 1; size <= sample.size; size++) {
			ByteSpan bytes = fence_place(&fence, (ByteSpan){sample.data, size});
			GArray *tree = mqtt_tree(bytes, mqtt_samples[i].version);
			assert_whole(tree, bytes);
			g_array_unref(tree);
		}
		for (size_t at = 0; at < sample.size * G_N_ELEMENTS(changes); at++) {
			Octets changed = sample;
			changed.data[at / G_N_ELEMENTS(changes)] ^= changes[at % G_N_ELEMENTS(changes)];
			ByteSpan bytes = fence_place(&fence, octets_span(&changed));
			GArray *tree = mqtt_tree(bytes, mqtt_samples[i].version);
			assert_whole(tree, bytes);
			g_array_unref(tree);
		}
	}
	fence_free(&fence);
}

/* All of a valid packet has a name, and no fault. */
static void valid_packets_are_told_without_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_mqtt_samples; i++) {
		GArray *tree = tree_of(mqtt_samples[i].text, mqtt_samples[i].version);
		for (guint j = 0; j < tree->len; j++) {
			const MqttField *field = &g_array_index(tree, MqttField, j);
			assert_int_equal(field->fault, -1);
			assert_string_not_equal(field->label, "Undecoded octets");
		}
		g_array_unref(tree);
	}
}

static void a_packet_of_nothing_but_entries_is_bounded(void **state)
{
	(void)state;
	enum { N_CODES = 2 * MQTT_TREE_MAX_FIELDS };
	g_autofree uint8_t *bytes = g_malloc0(6 + N_CODES);
	/* SUBACK, Remaining Length 2 + 40000 = 40002 = 0x9C42: 0xC2 0xB8 0x02 */
	memcpy(bytes, (uint8_t[]){0x90, 0xC2, 0xB8, 0x02, 0, 1}, 6);
	GArray *tree = mqtt_tree((ByteSpan){bytes, 6 + N_CODES}, MQTT_3_1_1);
	assert_true(tree->len <= MQTT_TREE_MAX_FIELDS + 1);
	assert_string_equal(g_array_index(tree, MqttField, tree->len - 1).label, "Further entries");
	assert_whole(tree, (ByteSpan){bytes, 6 + N_CODES});
	g_array_unref(tree);
}

static void nothing_has_no_fields(void **state)
{
	(void)state;
	GArray *tree = mqtt_tree((ByteSpan){(const uint8_t *)"", 0}, MQTT_5_0);
	assert_int_equal(tree->len, 0);
	g_array_unref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_of_3_1_1_is_told_bit_by_bit),
		cmocka_unit_test(a_connect_of_5_0_tells_what_is_implied),
		cmocka_unit_test(a_publish_has_flags_properties_and_a_payload),
		cmocka_unit_test(subscriptions_and_their_codes_are_told_one_by_one),
		cmocka_unit_test(an_absent_reason_code_is_success),
		cmocka_unit_test(faults_stand_below_their_octet),
		cmocka_unit_test(a_cut_packet_says_so),
		cmocka_unit_test(no_octet_has_two_fields_or_none),
		cmocka_unit_test(valid_packets_are_told_without_rest),
		cmocka_unit_test(a_packet_of_nothing_but_entries_is_bounded),
		cmocka_unit_test(nothing_has_no_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
