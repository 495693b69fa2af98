/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/websocket.h"
#include "tests/dissectors/stream_rig.h"
#include "tests/support/wrap.h"

/* What the messages carry: of each side as long as this. */
enum { N_MESSAGES = 12 };

typedef struct Talk {
	Wire wire;
	GByteArray *carried[2];
} Talk;

typedef struct Closing {
	unsigned n;
	unsigned side;
	uint16_t code;
	char reason[128];
} Closing;

typedef struct Rig {
	Above above;
	WebSocketShared shared;
	WebSocket *socket;
	StreamSink sink;
	Closing closing;
} Rig;

static void on_closing(void *user, unsigned side, uint16_t code, ByteSpan reason,
                       const StreamPoint *at)
{
	Closing *closing = user;
	(void)at;
	if (closing->n++ > 0)
		return;
	closing->side = side;
	closing->code = code;
	memcpy(closing->reason, reason.data, reason.size);
	closing->reason[reason.size] = '\0';
}

static void rig_init(Rig *rig)
{
	static const WebSocketOps ops = {on_closing};
	*rig = (Rig){0};
	above_init(&rig->above);
	rig->socket = websocket_new(above_sink(&rig->above), 0, &rig->shared);
	websocket_watch(rig->socket, &ops, &rig->closing);
	rig->sink = websocket_sink(rig->socket);
}

static void rig_clear(Rig *rig)
{
	websocket_free(rig->socket);
	above_clear(&rig->above);
	assert_int_equal(rig->shared.n_inflaters, 0);
}

static void say_message(Talk *talk, Wrap *wrap, unsigned i)
{
	bool from_client = i % 3 != 1;
	unsigned side = from_client ? 0 : 1;
	size_t size = i == 7 ? 70000 : i == 5 ? 300 : i * 11;
	g_autofree uint8_t *data = g_malloc0(size + 1);
	g_autoptr(GByteArray) out = g_byte_array_new();

	for (size_t at = 0; at < size; at++)
		data[at] = (uint8_t)(at % 17 + i);
	g_byte_array_append(talk->carried[side], data, (guint)size);
	wrap_data(wrap, from_client, data, size, out);
	wire_add(&talk->wire, side, out->data, out->len);
}

static Talk talk_new(WrapKind kind)
{
	Talk talk = {wire_new(), {g_byte_array_new(), g_byte_array_new()}};
	Wrap *wrap = wrap_new(kind, NULL);
	g_autoptr(GByteArray) out = g_byte_array_new();
	bool from_client;

	while (wrap_handshake(wrap, &from_client, out))
		wire_add(&talk.wire, from_client ? 0 : 1, out->data, out->len);
	for (unsigned i = 0; i < N_MESSAGES; i++)
		say_message(&talk, wrap, i);
	for (unsigned side = 0; side < 2; side++) {
		g_byte_array_set_size(out, 0);
		wrap_close(wrap, side == 0, out);
		wire_add(&talk.wire, side, out->data, out->len);
	}
	wrap_free(wrap);
	return talk;
}

static void talk_free(Talk *talk)
{
	wire_free(&talk->wire);
	g_byte_array_unref(talk->carried[0]);
	g_byte_array_unref(talk->carried[1]);
}

static void check_talk(const Talk *talk, size_t every, size_t cut)
{
	Rig rig;

	rig_init(&rig);
	wire_feed(&talk->wire, rig.sink, every, cut);
	feed_ends(rig.sink);
	assert_int_equal(websocket_state(rig.socket), WEBSOCKET_OPEN);
	for (unsigned side = 0; side < 2; side++) {
		const GByteArray *seen = rig.above.octets[side], *said = talk->carried[side];
		assert_int_equal(seen->len, said->len);
		assert_memory_equal(seen->data, said->data, said->len);
		assert_int_equal(rig.above.n_gaps[side], 0);
		assert_int_equal(rig.above.n_ends[side], 1);
		assert_int_equal(rig.above.end[side], STREAM_END_FIN);
	}
	assert_int_equal(rig.closing.n, 2);
	assert_int_equal(rig.closing.side, 0);
	assert_int_equal(rig.closing.code, 1000);
	assert_string_equal(rig.closing.reason, "bye");
	rig_clear(&rig);
}

static void check_cuts(WrapKind kind)
{
	Talk talk = talk_new(kind);
	size_t size = wire_size(&talk.wire);

	for (size_t every = 0; every < 20; every++)
		check_talk(&talk, every, 0);
	/* At every octet, but in the middle of what is long. */
	for (size_t cut = 1; cut < size; cut += cut > 2000 && cut + 2000 < size ? 97 : 1)
		check_talk(&talk, 0, cut);
	talk_free(&talk);
}

static void any_cut_gives_the_same_octets(void **state)
{
	(void)state;
	check_cuts(WRAP_WS);
}

static void any_cut_of_compressed_messages_gives_the_same_octets(void **state)
{
	(void)state;
	WrapKind kind;
	if (!wrap_kind_from_name("ws-deflate", &kind))
		skip();
	check_cuts(kind);
}

static const char request[] = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

static void rig_open(Rig *rig)
{
	rig_init(rig);
	feed(rig->sink, 0, request, sizeof request - 1);
	feed(rig->sink, 1, answer, sizeof answer - 1);
}

#define SAY(rig, side, octets) feed((rig)->sink, side, octets, sizeof(octets) - 1)

static void assert_came(const Rig *rig, unsigned side, const char *text)
{
	assert_int_equal(rig->above.octets[side]->len, strlen(text));
	assert_memory_equal(rig->above.octets[side]->data, text, strlen(text));
}

/* RFC 6455 section 5.7 prints these. */
static void the_examples_of_the_standard_are_read(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 0, "\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
	SAY(&rig, 1, "\x02\x03Hel\x80\x02lo");
	assert_came(&rig, 0, "Hello");
	assert_came(&rig, 1, "Hello");
	rig_clear(&rig);
}

/* RFC 7692 section 7.2.3.1 and 7.2.3.2: "Hello", then once more with the window of the first. */
static void the_examples_of_the_deflate_standard_are_read(void **state)
{
	(void)state;
	WrapKind kind;
	if (!wrap_kind_from_name("ws-deflate", &kind))
		skip();
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\xc2\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	SAY(&rig, 1, "\xc2\x05\xf2\x00\x11\x00\x00");
	/* 7.2.3.3: a block without compression; 7.2.3.4: one with BFINAL; 7.2.3.5: two blocks. */
	SAY(&rig, 1, "\xc2\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00");
	SAY(&rig, 1, "\xc2\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
	SAY(&rig, 1, "\xc2\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00");
	assert_came(&rig, 1, "HelloHelloHelloHelloHello");
	assert_int_equal(rig.above.n_gaps[1], 0);
	rig_clear(&rig);
}

static void text_messages_carry_no_mqtt(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\x81\x02hi\x82\x02\xd0\x01");
	assert_came(&rig, 1, "\xd0\x01");
	rig_clear(&rig);
}

static void plain_http_is_no_websocket(void **state)
{
	(void)state;
	Rig rig;
	rig_init(&rig);
	SAY(&rig, 0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(websocket_state(rig.socket), WEBSOCKET_NOT);
	rig_clear(&rig);
}

static void an_upgrade_may_be_refused(void **state)
{
	(void)state;
	Rig rig;
	rig_init(&rig);
	feed(rig.sink, 0, request, sizeof request - 1);
	assert_int_equal(websocket_state(rig.socket), WEBSOCKET_ASKED);
	SAY(&rig, 1, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(websocket_state(rig.socket), WEBSOCKET_REFUSED);
	rig_clear(&rig);
}

static void a_head_without_end_is_given_up(void **state)
{
	(void)state;
	Rig rig;
	rig_init(&rig);
	SAY(&rig, 0, "GET / HTTP/1.1\r\n");
	for (unsigned i = 0; i < 2000; i++)
		SAY(&rig, 0, "A: 3456789\r\n");
	assert_int_equal(websocket_state(rig.socket), WEBSOCKET_NOT);
	rig_clear(&rig);
}

static void close_without_code_says_so(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\x88\x00");
	assert_int_equal(rig.closing.side, 1);
	assert_int_equal(rig.closing.code, WEBSOCKET_NO_STATUS);
	assert_int_equal(rig.above.n_ends[1], 1);
	assert_int_equal(rig.above.n_ends[0], 0);
	rig_clear(&rig);
}

static void a_hole_in_a_message_is_as_long_as_it_is(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 0, "\x82\x8a\x01\x02\x03\x04" "\x60\x60");
	feed_gap(rig.sink, 0, 3);
	SAY(&rig, 0, "\x64\x64\x64\x6c\x68"); /* masked by octets 5 to 9, that is 2 3 4 1 2 */
	assert_int_equal(rig.above.gap_bytes[0], 3);
	assert_came(&rig, 0, "abfg`mj");
	rig_clear(&rig);
}

static void after_a_hole_over_frames_a_frame_is_found(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\x82\x0a" "abcd");
	feed_gap(rig.sink, 1, 500);
	SAY(&rig, 1, "tail\x82\x02\xd0\x00\x82\x04\x40\x02\x00\x01");
	SAY(&rig, 1, "\x82\x02\xd0\x00");
	static const char came[] = "abcd\xd0\x00\x40\x02\x00\x01\xd0\x00";
	assert_int_equal(rig.above.octets[1]->len, sizeof came - 1);
	assert_memory_equal(rig.above.octets[1]->data, came, sizeof came - 1);
	assert_true(rig.above.gap_bytes[1] >= 500);
	rig_clear(&rig);
}

static void what_refers_to_what_was_missed_is_not_made_up(void **state)
{
	(void)state;
	WrapKind kind;
	if (!wrap_kind_from_name("ws-deflate", &kind))
		skip();
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\xc2\x07\xf2\x48\xcd");
	feed_gap(rig.sink, 1, 4);
	SAY(&rig, 1, "\xc2\x05\xf2\x00\x11\x00\x00"); /* "Hello" by reference */
	assert_true(rig.above.n_gaps[1] >= 1);
	assert_int_equal(rig.shared.n_not_inflated, 2);
	size_t before = rig.above.octets[1]->len;
	SAY(&rig, 1, "\xc2\x07\xf2\x48\xcd\xc9\xc9\x07\x00"); /* refers to nothing */
	assert_int_equal(rig.above.octets[1]->len, before + 5);
	assert_memory_equal(rig.above.octets[1]->data + before, "Hello", 5);
	rig_clear(&rig);
}

static void nonsense_between_frames_is_passed_over(void **state)
{
	(void)state;
	Rig rig;
	rig_open(&rig);
	SAY(&rig, 1, "\x82\x02\xd0\x00");
	SAY(&rig, 1, "\xff\xff\xff");
	SAY(&rig, 1, "\x82\x02\xd0\x00");
	assert_int_equal(rig.above.octets[1]->len, 4);
	assert_true(rig.above.n_gaps[1] >= 1);
	rig_clear(&rig);
}

static void a_segment_of_frames_with_mqtt_is_recognised(void **state)
{
	(void)state;
	static const uint8_t pong[] = {0x82, 0x02, 0xD0, 0x00};
	static const uint8_t ping[] = {0x82, 0x82, 1, 2, 3, 4, 0xC1, 0x02};
	static const uint8_t subscribe[] = {0x82, 0x08, 0, 1, 0, 3, 'a', '/', 'b', 1};
	static const uint8_t text[] = "HTTP/1.1 200 OK\r\n";
	bool masked;

	assert_true(websocket_joins((ByteSpan){pong, sizeof pong}, &masked));
	assert_false(masked);
	assert_true(websocket_joins((ByteSpan){ping, sizeof ping}, &masked));
	assert_true(masked);
	assert_false(websocket_joins((ByteSpan){subscribe, sizeof subscribe}, &masked));
	assert_false(websocket_joins((ByteSpan){text, sizeof text - 1}, &masked));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut_gives_the_same_octets),
		cmocka_unit_test(any_cut_of_compressed_messages_gives_the_same_octets),
		cmocka_unit_test(the_examples_of_the_standard_are_read),
		cmocka_unit_test(the_examples_of_the_deflate_standard_are_read),
		cmocka_unit_test(text_messages_carry_no_mqtt),
		cmocka_unit_test(plain_http_is_no_websocket),
		cmocka_unit_test(an_upgrade_may_be_refused),
		cmocka_unit_test(a_head_without_end_is_given_up),
		cmocka_unit_test(close_without_code_says_so),
		cmocka_unit_test(a_hole_in_a_message_is_as_long_as_it_is),
		cmocka_unit_test(after_a_hole_over_frames_a_frame_is_found),
		cmocka_unit_test(what_refers_to_what_was_missed_is_not_made_up),
		cmocka_unit_test(nonsense_between_frames_is_passed_over),
		cmocka_unit_test(a_segment_of_frames_with_mqtt_is_recognised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
