/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/packet.h"

/* Makes the packet that `line` names on a connection of `level`, as the client (side 0) or
 * broker (1). */
static char *make_hex(guint8 level, guint side, const char *line, char **message)
{
	PacketContext context = {.level = level};
	GPtrArray *words = words_split(line, NULL);
	WordRange range = {.words = words, .from = 0, .until = words->len};
	GByteArray *out = g_byte_array_new();
	GString *hex = g_string_new(NULL);
	PacketMade made;
	bool good = packet_make(&range, &context, side, "c", out, &made);

	for (guint i = 0; i < out->len && good; i++)
		g_string_append_printf(hex, "%02x", out->data[i]);
	if (message != NULL)
		*message = range.error != NULL ? g_strdup(range.error->message) : NULL;
	g_clear_error(&range.error);
	if (made.codes != NULL)
		g_byte_array_unref(made.codes);
	g_byte_array_unref(out);
	g_ptr_array_unref(words);
	return g_string_free(hex, FALSE);
}

static void assert_packet(guint8 level, const char *line, const char *expected)
{
	char *hex = make_hex(level, 0, line, NULL);

	assert_string_equal(hex, expected);
	g_free(hex);
}

static void assert_refused(guint8 level, const char *line, const char *part)
{
	char *message;
	char *hex = make_hex(level, 0, line, &message);

	assert_non_null(message);
	assert_non_null(strstr(message, part));
	g_free(hex);
	g_free(message);
}

/* 3.1.1 §3.1, 5.0 §3.1; written out by hand from the tables there. */
static void a_connect_has_the_name_and_level_of_its_version(void **state)
{
	(void)state;
	assert_packet(0, "CONNECT v3.1 clean_session=0 client=a",
	              "100f00064d514973647003"
	              "00"
	              "003c"
	              "000161");
	assert_packet(0, "CONNECT v3.1.1 clean_session=1 client=a",
	              "100d00044d51545404"
	              "02"
	              "003c"
	              "000161");
	assert_packet(0, "CONNECT v5 clean_start=1 client=a",
	              "100e00044d51545405"
	              "02"
	              "003c"
	              "00"
	              "000161");
	assert_packet(0, "CONNECT v3.1.1 bridge clean_session=0 client=a",
	              "100d00044d51545484"
	              "00"
	              "003c"
	              "000161");
}

/* 10 + 6 + 3 + 6 + 3 + 3 + 3 + 3 = 37 bytes */
static void a_connect_carries_properties_will_and_credentials_in_order(void **state)
{
	(void)state;
	assert_packet(0,
	              "CONNECT v5 clean_start=0 expiry=60 keep_alive=0 client=a will=w "
	              "will_payload=x will_qos=1 "
	              "will_retain=1 will.delay=2 username=u password=p",
	              "1025"
	              "00044d51545405"
	              "ec"
	              "0000"
	              "05110000003c"
	              "000161"
	              "051800000002"
	              "000177"
	              "000178"
	              "000175"
	              "000170");
}

static void a_publish_carries_an_id_only_above_qos_0(void **state)
{
	(void)state;
	assert_packet(4, "PUBLISH t \"hi\"",
	              "3005"
	              "000174"
	              "6869");
	assert_packet(4, "PUBLISH id=258 qos=2 dup=1 retain=1 t \"hi\"",
	              "3d07"
	              "000174"
	              "0102"
	              "6869");
	assert_packet(5, "PUBLISH qos=1 t message_expiry=5 alias=3 subscription_id=200",
	              "3211"
	              "000174"
	              "0001"
	              "0b"
	              "0200000005"
	              "230003"
	              "0bc801");
}

static void an_acknowledgement_uses_the_short_forms_of_version_5(void **state)
{
	(void)state;
	assert_packet(5, "PUBACK id=1", "40020001");
	assert_packet(5, "PUBREC id=1 reason=0x10", "5003000110");
	assert_packet(5, "PUBCOMP id=1 reason=0x92 reason_string=x",
	              "70080001"
	              "92"
	              "04"
	              "1f000178");
	assert_packet(4, "PUBREL id=1 reason=0x92", "62020001");
}

static void subscribe_puts_the_options_behind_their_filter(void **state)
{
	(void)state;
	assert_packet(4, "SUBSCRIBE id=2 a qos=1 b",
	              "820a"
	              "0002"
	              "000161"
	              "01"
	              "000162"
	              "00");
	assert_packet(5,
	              "SUBSCRIBE id=2 a qos=2 no_local=1 retain_as_published=1 retain_handling=2 "
	              "subscription_id=5",
	              "8209"
	              "0002"
	              "020b05"
	              "000161"
	              "2e");
	assert_packet(5, "UNSUBSCRIBE id=2 a \"#\"",
	              "a209"
	              "0002"
	              "00"
	              "000161"
	              "000123");
	assert_packet(5, "SUBACK id=2 1 0x80",
	              "9005"
	              "0002"
	              "00"
	              "0180");
	assert_packet(4, "UNSUBACK id=2 0", "b0020002");
}

static void disconnect_is_two_bytes_where_it_says_nothing(void **state)
{
	(void)state;
	assert_packet(5, "DISCONNECT", "e000");
	assert_packet(5, "DISCONNECT reason=4", "e00104");
	assert_packet(5, "DISCONNECT expiry=0",
	              "e007"
	              "00"
	              "05"
	              "1100000000");
	assert_packet(5, "DISCONNECT expiry=never",
	              "e007"
	              "00"
	              "05"
	              "11ffffffff");
	assert_packet(5, "AUTH reason=0x18 auth_method=m",
	              "f006"
	              "18"
	              "04"
	              "1500016d");
	assert_packet(4, "PINGREQ", "c000");
	assert_packet(4, "BYTES e0 ff 01", "e0ff01");
}

static void a_length_above_127_takes_two_bytes(void **state)
{
	char *hex = make_hex(4, 0, "PUBLISH t size=125", NULL);

	(void)state;
	/* 3 bytes of topic and 125 of payload are 128: 80 01 */
	assert_int_equal(strncmp(hex, "308001000174", 12), 0);
	assert_int_equal(strlen(hex), 2 * (3 + 128));
	g_free(hex);
}

static void unknown_or_wrong_words_are_refused(void **state)
{
	(void)state;
	assert_refused(4, "PUBLISH t colour=red", "colour=");
	assert_refused(4, "PUBLISH t message_expiry=5", "not MQTT 5.0");
	assert_refused(5, "PUBLISH t qos=four", "'four'");
	assert_refused(5, "PUBLISH t qos=4", "'4'");
	assert_refused(5, "PUBLISH t u", "'u'");
	assert_refused(5, "PUBLISH \"payload\"", "topic");
	assert_refused(5, "SUBSCRIBE", "filter");
	assert_refused(0, "CONNECT clean_start=1", "v3.1.1");
	assert_refused(0, "CONNECT v5", "clean_start=");
	assert_refused(0, "PINGREQ", "CONNECT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_has_the_name_and_level_of_its_version),
		cmocka_unit_test(a_connect_carries_properties_will_and_credentials_in_order),
		cmocka_unit_test(a_publish_carries_an_id_only_above_qos_0),
		cmocka_unit_test(an_acknowledgement_uses_the_short_forms_of_version_5),
		cmocka_unit_test(subscribe_puts_the_options_behind_their_filter),
		cmocka_unit_test(disconnect_is_two_bytes_where_it_says_nothing),
		cmocka_unit_test(a_length_above_127_takes_two_bytes),
		cmocka_unit_test(unknown_or_wrong_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
