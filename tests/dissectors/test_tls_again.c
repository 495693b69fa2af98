/* SPDX-License-Identifier: MIT */
/* TLS 1.2 whose two sides agree on new keys inside of a connection (RFC 5246 section 7.4.1.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/dissectors/tls_rig.h"

static const TlsSetting settings[] = {
	{.suites = "ECDHE-ECDSA-AES128-GCM-SHA256"},
	{.suites = "ECDHE-ECDSA-AES256-GCM-SHA384", .client_certificate = true},
	{.suites = "ECDHE-ECDSA-CHACHA20-POLY1305"},
	{.suites = "ECDHE-ECDSA-AES128-CCM"},
	{.suites = "ECDHE-ECDSA-AES128-SHA"},
	{.suites = "ECDHE-ECDSA-AES128-SHA256", .mac_then_encrypt = true},
	{.psk = true, .suites = "PSK-AES128-GCM-SHA256"},
};

typedef struct Again {
	Talk talk;
	guint asked, agreed; /* writes before the first flight of the second handshake, and after its last */
	size_t before[2];    /* octets that were carried by then */
	size_t first_secrets; /* octets of the key log */
} Again;

static Again again_new(const TlsSetting *setting, bool client_asks)
{
	Again again;
	Talk *talk = &again.talk;
	if (!talk_begin(talk, setting)) {
		talk_free(talk);
		skip();
	}
	g_autoptr(GByteArray) out = g_byte_array_new();
	TlsWriter *writer = tls_writer_new(talk->pair);
	talk_shake_hands(talk, writer);
	talk_say(talk, writer, true, "one", 3);
	talk_say(talk, writer, false, "two", 3);
	again.asked = talk->wire.writes->len;
	again.first_secrets = talk->keylog->len;
	tls_writer_renegotiate(writer, client_asks);
	talk_shake_hands(talk, writer);
	again.agreed = talk->wire.writes->len;
	for (unsigned side = 0; side < 2; side++)
		again.before[side] = talk->carried[side]->len;
	talk_say(talk, writer, false, "three", 5);
	talk_say(talk, writer, true, "four", 4);
	talk_say(talk, writer, true, "five", 4);
	tls_writer_close(writer, true, out);
	wire_add(&talk->wire, 0, out->data, out->len);
	tls_writer_free(writer);
	/* Else there was none. */
	assert_true(talk->keylog->len > again.first_secrets);
	assert_true(again.agreed >= again.asked + 3);
	return again;
}

static void check_cuts(const Again *again, size_t every, size_t cut)
{
	TlsRig rig;
	tls_rig_init(&rig, &again->talk);
	wire_feed(&again->talk.wire, rig.sink, every, cut);
	feed_ends(rig.sink);
	tls_rig_assert_came(&rig, &again->talk);
	assert_false(tls_lost(rig.tls));
	tls_rig_clear(&rig);
}

static void new_keys_are_followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		for (unsigned client_asks = 0; client_asks < 2; client_asks++) {
			Again again = again_new(&settings[i], client_asks != 0);
			check_cuts(&again, 0, 0);
			check_cuts(&again, 1, 0);
			check_cuts(&again, 1400, 0);
			talk_free(&again.talk);
		}
	}
}

static void any_cut_gives_the_same_octets(void **state)
{
	(void)state;
	Again again = again_new(&settings[0], false);
	for (size_t cut = 1; cut < wire_size(&again.talk.wire); cut++)
		check_cuts(&again, 0, cut);
	talk_free(&again.talk);
}

/* A certificate that only the second handshake shows is in what was opened. */
static void the_second_handshake_tells_names(void **state)
{
	(void)state;
	Again again = again_new(&settings[1], true);
	TlsRig rig;
	tls_rig_init(&rig, &again.talk);
	for (guint i = 0; i < again.agreed; i++) {
		const Write *write = &g_array_index(again.talk.wire.writes, Write, i);
		feed(rig.sink, write->side, write->octets->data, write->octets->len);
	}
	assert_string_equal(tls_facts(rig.tls)->certificate[0], "pump-7.example");
	tls_rig_clear(&rig);
	talk_free(&again.talk);
}

static void rig_with_first_secrets(TlsRig *rig, const Again *again)
{
	tls_rig_init(rig, NULL);
	tls_keys_add(rig->shared.keys, (ByteSpan){(const uint8_t *)again->talk.keylog->str, again->first_secrets});
}

/* What comes after is a hole on both sides, and not silence. */
static void without_the_new_secrets_the_rest_is_a_hole(void **state)
{
	(void)state;
	for (unsigned client_asks = 0; client_asks < 2; client_asks++) {
		Again again = again_new(&settings[0], client_asks != 0);
		TlsRig rig;
		rig_with_first_secrets(&rig, &again);
		wire_feed(&again.talk.wire, rig.sink, 0, 0);
		for (unsigned side = 0; side < 2; side++) {
			assert_int_equal(rig.above.octets[side]->len, again.before[side]);
			assert_memory_equal(rig.above.octets[side]->data, again.talk.carried[side]->data,
			                    again.before[side]);
			assert_true(rig.above.gap_bytes[side] >= again.talk.carried[side]->len - again.before[side]);
		}
		assert_true(tls_lost(rig.tls));
		assert_int_equal(tls_state(rig.tls), TLS_NO_KEYS);
		feed_gap(rig.sink, 1, 100);
		feed_ends(rig.sink);
		assert_int_equal(rig.above.n_ends[0], 1);
		assert_int_equal(rig.above.n_ends[1], 1);
		tls_rig_clear(&rig);
		talk_free(&again.talk);
	}
}

typedef struct Later {
	TlsKeys *keys;
	ByteSpan lines;
	bool there;
} Later;

static bool more(void *user)
{
	Later *later = user;
	return later->there && tls_keys_add(later->keys, later->lines) > 0;
}

static void the_new_secrets_may_come_later(void **state)
{
	(void)state;
	for (unsigned comes = 0; comes < 2; comes++) {
		Again again = again_new(&settings[0], false);
		const GString *log = again.talk.keylog;
		TlsRig rig;
		rig_with_first_secrets(&rig, &again);
		Later later = {rig.shared.keys, {(const uint8_t *)log->str, log->len}, false};
		tls_keys_grow(rig.shared.keys, more, &later);
		for (guint i = 0; i < again.talk.wire.writes->len; i++) {
			const Write *write = &g_array_index(again.talk.wire.writes, Write, i);
			later.there = comes != 0 && i + 1 == again.talk.wire.writes->len;
			feed(rig.sink, write->side, write->octets->data, write->octets->len);
		}
		assert_int_equal(tls_lost(rig.tls), comes == 0);
		feed_ends(rig.sink);
		if (comes != 0)
			tls_rig_assert_came(&rig, &again.talk);
		else
			assert_true(rig.above.n_gaps[0] > 0 && rig.above.n_gaps[1] > 0);
		tls_rig_clear(&rig);
		talk_free(&again.talk);
	}
}

/* Without one of the writes of the second handshake, what follows is read, or is a hole: never silence. */
static void a_hole_in_the_second_handshake_is_no_silence(void **state)
{
	(void)state;
	Again again = again_new(&settings[0], true);
	for (guint missing = again.asked; missing < again.agreed; missing++) {
		TlsRig rig;
		tls_rig_init(&rig, &again.talk);
		for (guint i = 0; i < again.talk.wire.writes->len; i++) {
			const Write *write = &g_array_index(again.talk.wire.writes, Write, i);
			if (i == missing)
				feed_gap(rig.sink, write->side, write->octets->len);
			else
				feed(rig.sink, write->side, write->octets->data, write->octets->len);
		}
		for (unsigned side = 0; side < 2; side++) {
			size_t lacks = again.talk.carried[side]->len - rig.above.octets[side]->len;
			assert_true(rig.above.octets[side]->len >= again.before[side]);
			assert_true(lacks == 0 || rig.above.gap_bytes[side] >= lacks);
		}
		tls_rig_clear(&rig);
	}
	talk_free(&again.talk);
}

static void on_alert(void *user, unsigned side, uint8_t description, const StreamPoint *at)
{
	(void)side;
	(void)description;
	(void)at;
	++*(unsigned *)user;
}

/* The answer to a HelloRequest is then an alert, after which nothing is over. */
static void a_refusal_is_no_farewell(void **state)
{
	(void)state;
	static const TlsOps ops = {.alert = on_alert};
	unsigned n_alerts = 0;
	Talk talk;
	if (!talk_begin(&talk, &(TlsSetting){.client_stays = true})) {
		talk_free(&talk);
		skip();
	}
	TlsWriter *writer = tls_writer_new(talk.pair);
	talk_shake_hands(&talk, writer);
	talk_say(&talk, writer, true, "one", 3);
	guint asked = talk.wire.writes->len;
	tls_writer_renegotiate(writer, false);
	talk_shake_hands(&talk, writer);
	TlsRig rig;
	tls_rig_init(&rig, &talk);
	tls_watch(rig.tls, &ops, &n_alerts);
	for (guint i = 0; i < asked + 2; i++) {
		const Write *write = &g_array_index(talk.wire.writes, Write, i);
		feed(rig.sink, write->side, write->octets->data, write->octets->len);
	}
	assert_int_equal(tls_facts(rig.tls)->alert[0], 100); /* no_renegotiation: it was read */
	assert_int_equal(n_alerts, 0);
	assert_int_equal(tls_state(rig.tls), TLS_READABLE);
	assert_int_equal(rig.above.n_ends[0] + rig.above.n_ends[1], 0);
	tls_writer_free(writer);
	tls_rig_clear(&rig);
	talk_free(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_keys_are_followed),
		cmocka_unit_test(any_cut_gives_the_same_octets),
		cmocka_unit_test(the_second_handshake_tells_names),
		cmocka_unit_test(without_the_new_secrets_the_rest_is_a_hole),
		cmocka_unit_test(the_new_secrets_may_come_later),
		cmocka_unit_test(a_hole_in_the_second_handshake_is_no_silence),
		cmocka_unit_test(a_refusal_is_no_farewell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
