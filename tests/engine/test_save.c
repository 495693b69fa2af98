/* SPDX-License-Identifier: MIT */
/* What is said at frames of a saved capture, and which secrets go with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/frame_notes.h"
#include "src/save_secrets.h"

/* --- notes ------------------------------------------------------------------------------------ */

static void a_note_stands_at_its_frame_once(void **state)
{
	(void)state;
	g_autoptr(FrameNotes) notes = frame_notes_new();
	FrameRef here = {7, 0}, there = {7, 1};
	frame_notes_add(notes, here, "one");
	frame_notes_add(notes, here, "two");
	frame_notes_add(notes, here, "one");
	const char *const *texts = frame_notes_of(notes, here);
	assert_string_equal(texts[0], "one");
	assert_string_equal(texts[1], "two");
	assert_null(texts[2]);
	assert_null(frame_notes_of(notes, there));
}

static void notes_have_bounds(void **state)
{
	(void)state;
	g_autoptr(FrameNotes) notes = frame_notes_new();
	for (unsigned i = 0; i < 1000; i++) {
		g_autofree char *text = g_strdup_printf("note %u", i);
		frame_notes_add(notes, (FrameRef){1, 0}, text);
	}
	const char *const *texts = frame_notes_of(notes, (FrameRef){1, 0});
	unsigned n = 0;
	while (texts[n] != NULL)
		n++;
	assert_int_equal(n, FRAME_NOTES_MOST);
	assert_string_equal(texts[0], "note 0");
	assert_string_equal(texts[n - 1], "and more findings here");
	for (unsigned i = 0; i < 2u * FRAME_NOTES_MOST_OF_ALL; i++)
		frame_notes_add(notes, (FrameRef){.number = i + 2}, "x");
	assert_true(frame_notes_full(notes));
	assert_null(frame_notes_of(notes, (FrameRef){.number = 2u * FRAME_NOTES_MOST_OF_ALL}));
}

/* Whatever length a text has, and wherever its characters end, what is left is UTF-8. */
static void long_and_broken_notes_stay_utf8(void **state)
{
	(void)state;
	for (unsigned lead = 0; lead < 4; lead++) {
		g_autoptr(FrameNotes) notes = frame_notes_new();
		g_autoptr(GString) text = g_string_new(NULL);
		for (unsigned i = 0; i < lead; i++)
			g_string_append_c(text, 'x');
		for (unsigned i = 0; i < 300; i++)
			g_string_append(text, "\U0001F408");
		frame_notes_add(notes, (FrameRef){1, 0}, text->str);
		frame_notes_add(notes, (FrameRef){2, 0}, "\xff\xfe");
		const char *cut = frame_notes_of(notes, (FrameRef){1, 0})[0];
		assert_true(g_utf8_validate(cut, -1, NULL));
		assert_in_range(strlen(cut), SOURCE_TEXT_MOST - 6, SOURCE_TEXT_MOST);
		assert_true(g_str_has_suffix(cut, "…"));
		assert_true(g_utf8_validate(frame_notes_of(notes, (FrameRef){2, 0})[0], -1, NULL));
	}
}

/* --- secrets ---------------------------------------------------------------------------------- */

enum { HELLO_SIZE = 60, RANDOM_AT = 11 };

static void put_hello(uint8_t *hello, uint8_t random)
{
	static const uint8_t head[] = {0x16, 3, 1, 0, HELLO_SIZE - 5, 1, 0, 0, HELLO_SIZE - 9, 3, 3};
	memset(hello, 0, HELLO_SIZE);
	memcpy(hello, head, sizeof head);
	memset(hello + RANDOM_AT, random, TLS_RANDOM_SIZE);
}

static char *line_of(const char *label, unsigned random, unsigned secret)
{
	GString *line = g_string_new(label);
	g_string_append_c(line, ' ');
	for (unsigned i = 0; i < TLS_RANDOM_SIZE; i++)
		g_string_append_printf(line, "%02x", random);
	g_string_append_c(line, ' ');
	for (unsigned i = 0; i < 48; i++)
		g_string_append_printf(line, "%02x", secret);
	g_string_append_c(line, '\n');
	return g_string_free(line, FALSE);
}

static void add_line(TlsKeys *keys, const char *line)
{
	assert_int_equal(tls_keys_add(keys, (ByteSpan){(const uint8_t *)line, strlen(line)}), 1);
}

static TcpSegment segment_of(const uint8_t *octets, size_t size, uint32_t sequence)
{
	return (TcpSegment){
		.source.port = 40001,
		.destination.port = 8883,
		.sequence = sequence,
		.payload = {octets, size},
		.payload_size = (uint32_t)size,
	};
}

/* What @pieces of a ClientHello, behind @lead octets of a proxy, ask for. */
static char *asked(TlsKeys *keys, const void *lead, size_t lead_size, size_t piece)
{
	uint8_t octets[256 + HELLO_SIZE];
	GString *lines = g_string_new(NULL);
	memcpy(octets, lead, lead_size);
	put_hello(octets + lead_size, 0xab);
	SaveSecrets *secrets = save_secrets_new(keys);
	for (size_t at = 0; at < lead_size + HELLO_SIZE;) {
		size_t size = at == 0 ? MAX(piece, lead_size) : piece;
		size = MIN(size, lead_size + HELLO_SIZE - at);
		TcpSegment segment = segment_of(octets + at, size, (uint32_t)(1000 + at));
		save_secrets_take(secrets, &segment, lines);
		at += size;
	}
	save_secrets_free(secrets);
	return g_string_free(lines, FALSE);
}

static void only_its_lines_are_given(void **state)
{
	(void)state;
	static const uint8_t v2[] = {0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
	                             0x21, 0x11, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 0, 80, 1, 1};
	static const char v1[] = "PROXY TCP4 10.0.0.1 10.0.0.2 4711 8883\r\n";
	static const struct { const void *octets; size_t size; } leads[] = {{"", 0}, {v1, sizeof v1 - 1}, {v2, sizeof v2}};
	TlsKeys *keys = tls_keys_new();
	g_autofree char *mine = line_of("CLIENT_RANDOM", 0xab, 0x11);
	g_autofree char *other = line_of("CLIENT_RANDOM", 0xac, 0x22);
	add_line(keys, other);
	add_line(keys, mine);
	for (size_t i = 0; i < G_N_ELEMENTS(leads); i++) {
		for (size_t piece = 1; piece <= HELLO_SIZE; piece++) {
			g_autofree char *lines = asked(keys, leads[i].octets, leads[i].size, piece);
			assert_string_equal(lines, mine);
		}
	}
	tls_keys_free(keys);
}

static void lines_that_come_later_are_given_later(void **state)
{
	(void)state;
	uint8_t hello[HELLO_SIZE];
	g_autoptr(GString) lines = g_string_new(NULL);
	TlsKeys *keys = tls_keys_new();
	SaveSecrets *secrets = save_secrets_new(keys);
	put_hello(hello, 0xab);
	TcpSegment segment = segment_of(hello, sizeof hello, 1);
	save_secrets_take(secrets, &segment, lines);
	save_secrets_look_again(secrets, lines);
	assert_string_equal(lines->str, "");

	/* One of its secrets, then the others, then nothing that it needs. */
	g_autofree char *first = line_of("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 0xab, 1);
	g_autofree char *second = line_of("CLIENT_TRAFFIC_SECRET_0", 0xab, 2);
	g_autofree char *third = line_of("SERVER_TRAFFIC_SECRET_0", 0xab, 3);
	g_autofree char *other = line_of("CLIENT_RANDOM", 0xac, 4);
	add_line(keys, first);
	save_secrets_look_again(secrets, lines);
	assert_string_equal(lines->str, first);
	g_string_truncate(lines, 0);
	add_line(keys, second);
	add_line(keys, third);
	save_secrets_look_again(secrets, lines);
	g_autofree char *due = g_strconcat(first, second, third, NULL);
	assert_string_equal(lines->str, due);
	g_string_truncate(lines, 0);
	add_line(keys, other);
	save_secrets_take(secrets, &segment, lines);
	save_secrets_look_again(secrets, lines);
	assert_string_equal(lines->str, "");
	save_secrets_free(secrets);
	tls_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_stands_at_its_frame_once),
		cmocka_unit_test(notes_have_bounds),
		cmocka_unit_test(long_and_broken_notes_stay_utf8),
		cmocka_unit_test(only_its_lines_are_given),
		cmocka_unit_test(lines_that_come_later_are_given_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
