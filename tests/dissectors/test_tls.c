/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors/tls.h"
#include "tests/dissectors/tls_rig.h"

static const struct {
	const char *name;
	TlsSetting setting;
} settings[] = {
	{"1.3 AES-128-GCM", {.v13 = true, .suites = "TLS_AES_128_GCM_SHA256"}},
	{"1.3 AES-256-GCM", {.v13 = true, .suites = "TLS_AES_256_GCM_SHA384"}},
	{"1.3 ChaCha20", {.v13 = true, .suites = "TLS_CHACHA20_POLY1305_SHA256"}},
	{"1.3 AES-128-CCM", {.v13 = true, .suites = "TLS_AES_128_CCM_SHA256"}},
	{"1.3 AES-128-CCM-8", {.v13 = true, .suites = "TLS_AES_128_CCM_8_SHA256"}},
	{"1.3 HelloRetryRequest",
	 {.v13 = true, .client_groups = "X25519:P-256", .server_groups = "P-256"}},
	{"1.3 pre-shared key", {.v13 = true, .psk = true, .suites = "TLS_AES_128_GCM_SHA256"}},
	{"1.3 client certificate", {.v13 = true, .client_certificate = true}},
	{"1.2 client certificate", {.client_certificate = true}},
	{"1.2 pre-shared key, AES-128-GCM", {.psk = true, .suites = "PSK-AES128-GCM-SHA256"}},
	{"1.2 pre-shared key, AES-256-CBC SHA-384", {.psk = true, .suites = "PSK-AES256-CBC-SHA384"}},
	{"1.2 pre-shared key, ECDHE, ChaCha20", {.psk = true, .suites = "ECDHE-PSK-CHACHA20-POLY1305"}},
	{"1.2 pre-shared key, AES-128-CCM-8", {.psk = true, .suites = "PSK-AES128-CCM8"}},
	{"1.2 AES-128-GCM", {.suites = "ECDHE-ECDSA-AES128-GCM-SHA256"}},
	{"1.2 AES-256-GCM", {.suites = "ECDHE-ECDSA-AES256-GCM-SHA384"}},
	{"1.2 ChaCha20", {.suites = "ECDHE-ECDSA-CHACHA20-POLY1305"}},
	{"1.2 AES-128-CCM", {.suites = "ECDHE-ECDSA-AES128-CCM"}},
	{"1.2 AES-256-CCM-8", {.suites = "ECDHE-ECDSA-AES256-CCM8"}},
	{"1.2 AES-128-CBC SHA-1, encrypt then MAC", {.suites = "ECDHE-ECDSA-AES128-SHA"}},
	{"1.2 AES-128-CBC SHA-1, MAC then encrypt",
	 {.suites = "ECDHE-ECDSA-AES128-SHA", .mac_then_encrypt = true}},
	{"1.2 AES-128-CBC SHA-256", {.suites = "ECDHE-ECDSA-AES128-SHA256"}},
	{"1.2 AES-256-CBC SHA-384, encrypt then MAC", {.suites = "ECDHE-ECDSA-AES256-SHA384"}},
	{"1.2 AES-256-CBC SHA-384, MAC then encrypt",
	 {.suites = "ECDHE-ECDSA-AES256-SHA384", .mac_then_encrypt = true}},
};

static void converse(Talk *talk, TlsWriter *writer, bool v13)
{
	uint8_t data[2000];
	g_autoptr(GByteArray) out = g_byte_array_new();

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	talk_say(talk, writer, true, "hello", 5);
	talk_say(talk, writer, false, data, 20);
	if (v13)
		tls_writer_update(writer, true);
	talk_say(talk, writer, true, data, 300);
	if (v13)
		tls_writer_update(writer, false);
	talk_say(talk, writer, false, data, sizeof data);
	talk_say(talk, writer, true, data + 9, 1);
	tls_writer_close(writer, true, out);
	wire_add(&talk->wire, 0, out->data, out->len);
}

static Talk talk_new(const TlsSetting *setting)
{
	Talk talk;
	if (!talk_begin(&talk, setting)) {
		talk_free(&talk);
		skip();
	}
	TlsWriter *writer = tls_writer_new(talk.pair);
	talk_shake_hands(&talk, writer);
	converse(&talk, writer, setting->v13);
	tls_writer_free(writer);
	return talk;
}

static void check_talk(const Talk *talk, size_t every, size_t cut)
{
	TlsRig rig;
	tls_rig_init(&rig, talk);
	wire_feed(&talk->wire, rig.sink, every, cut);
	assert_int_equal(rig.above.n_ends[0], 1); /* close_notify */
	assert_int_equal(rig.above.n_ends[1], 0);
	feed_ends(rig.sink);
	tls_rig_assert_came(&rig, talk);
	tls_rig_clear(&rig);
}

static void every_cipher_suite_is_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		print_message("%s\n", settings[i].name);
		Talk talk = talk_new(&settings[i].setting);
		check_talk(&talk, 0, 0);
		check_talk(&talk, 1, 0);
		check_talk(&talk, 13, 0);
		check_talk(&talk, 1400, 0);
		talk_free(&talk);
	}
}

static void any_cut_gives_the_same_octets(void **state)
{
	(void)state;
	for (unsigned v13 = 0; v13 < 2; v13++) {
		Talk talk = talk_new(&(TlsSetting){.v13 = v13 != 0});
		for (size_t cut = 1; cut < wire_size(&talk.wire); cut++)
			check_talk(&talk, 0, cut);
		talk_free(&talk);
	}
}

static void the_handshake_tells_names(void **state)
{
	(void)state;
	for (unsigned v13 = 0; v13 < 2; v13++) {
		Talk talk = talk_new(&(TlsSetting){.v13 = v13 != 0, .client_certificate = true});
		TlsRig rig;
		tls_rig_init(&rig, NULL);
		wire_feed(&talk.wire, rig.sink, v13 ? 0 : 7, 0);
		const TlsFacts *facts = tls_facts(rig.tls);
		assert_int_equal(tls_state(rig.tls), TLS_NO_KEYS);
		assert_string_equal(facts->server_name, "broker.example");
		assert_string_equal(facts->alpn, "mqtt");
		assert_int_equal(facts->version, v13 ? 0x0304 : 0x0303);
		/* Only before TLS 1.3 may anybody read who showed which certificate. */
		assert_string_equal(facts->certificate[0], v13 ? "" : "pump-7.example");
		assert_string_equal(facts->certificate[1], v13 ? "" : "broker.example");
		assert_int_equal(rig.above.octets[0]->len, 0);
		tls_rig_clear(&rig);
		talk_free(&talk);
	}
}

/* The second connection of a pair, with early data if the server takes it. */
static void check_resumed(const TlsSetting *setting, bool early)
{
	Talk talk;
	if (!talk_begin(&talk, setting)) {
		talk_free(&talk);
		skip();
	}
	for (unsigned i = 0; i < 2; i++) {
		TlsWriter *writer = tls_writer_new(talk.pair);
		wire_free(&talk.wire);
		talk.wire = wire_new();
		g_byte_array_set_size(talk.carried[0], 0);
		g_byte_array_set_size(talk.carried[1], 0);
		bool sent = early && i == 1;
		if (sent)
			assert_true(tls_writer_early(writer, "early", 5));
		talk_shake_hands(&talk, writer);
		if (sent && tls_writer_early_taken(writer))
			g_byte_array_append(talk.carried[0], (const uint8_t *)"early", 5);
		if (sent)
			assert_int_equal(tls_writer_early_taken(writer), !setting->refuses_early_data);
		converse(&talk, writer, setting->v13);
		tls_writer_free(writer);
	}
	for (size_t every = 0; every < 40; every += 3)
		check_talk(&talk, every, 0);
	talk_free(&talk);
}

static void a_resumed_session_is_opened(void **state)
{
	(void)state;
	check_resumed(&(TlsSetting){.v13 = true}, false);
	check_resumed(&(TlsSetting){.v13 = false}, false);
}

static void early_data_counts_if_the_server_takes_it(void **state)
{
	(void)state;
	check_resumed(&(TlsSetting){.v13 = true}, true);
	check_resumed(&(TlsSetting){.v13 = true, .refuses_early_data = true}, true);
}

static void secrets_of_another_run_do_not_fit(void **state)
{
	(void)state;
	for (unsigned v13 = 0; v13 < 2; v13++) {
		Talk talk = talk_new(&(TlsSetting){.v13 = v13 != 0});
		for (char *line = talk.keylog->str; line != NULL && *line != '\0';) {
			char *end = strchr(line, '\n'); /* the last digits of each line */
			end[-1] = end[-1] == '0' ? '1' : '0';
			line = end + 1;
		}
		TlsRig rig;
		tls_rig_init(&rig, &talk);
		wire_feed(&talk.wire, rig.sink, 0, 0);
		feed_ends(rig.sink);
		assert_int_equal(tls_state(rig.tls), TLS_WRONG_KEYS);
		assert_int_equal(rig.above.octets[0]->len + rig.above.octets[1]->len, 0);
		tls_rig_clear(&rig);
		talk_free(&talk);
	}
}

/* Without one write of data: what stands in it is a hole, and the rest comes through. */
static void a_record_that_was_not_captured_is_a_hole(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		Talk talk = talk_new(&settings[i].setting);
		TlsRig rig;
		tls_rig_init(&rig, &talk);
		for (guint w = 0; w < talk.wire.writes->len; w++) {
			const Write *write = &g_array_index(talk.wire.writes, Write, w);
			if (w == talk.first_data)
				feed_gap(rig.sink, write->side, write->octets->len);
			else
				feed(rig.sink, write->side, write->octets->data, write->octets->len);
		}
		assert_int_equal(tls_state(rig.tls), TLS_READABLE);
		assert_true(rig.above.n_gaps[0] > 0);
		assert_int_equal(rig.above.octets[1]->len, talk.carried[1]->len);
		assert_int_equal(rig.above.octets[0]->len, talk.carried[0]->len - 5);
		assert_memory_equal(rig.above.octets[0]->data, talk.carried[0]->data + 5,
		                    talk.carried[0]->len - 5);
		tls_rig_clear(&rig);
		talk_free(&talk);
	}
}

typedef struct Later {
	TlsKeys *keys;
	const GString *lines;
	bool there;
} Later;

static bool more(void *user)
{
	Later *later = user;
	return later->there &&
	       tls_keys_add(later->keys, (ByteSpan){(const uint8_t *)later->lines->str,
	                                            later->lines->len}) > 0;
}

/* The key log of a live capture may come behind the packets. */
static void secrets_may_come_later(void **state)
{
	(void)state;
	for (unsigned v13 = 0; v13 < 2; v13++) {
		Talk talk = talk_new(&(TlsSetting){.v13 = v13 != 0});
		TlsRig rig;
		tls_rig_init(&rig, NULL);
		Later later = {rig.shared.keys, talk.keylog, false};
		tls_keys_grow(rig.shared.keys, more, &later);
		for (guint w = 0; w < talk.wire.writes->len; w++) {
			const Write *write = &g_array_index(talk.wire.writes, Write, w);
			later.there = w > talk.first_data;
			feed(rig.sink, write->side, write->octets->data, write->octets->len);
		}
		feed_ends(rig.sink);
		tls_rig_assert_came(&rig, &talk);
		tls_rig_clear(&rig);
		talk_free(&talk);
	}
}

/* Those of the handshake, and once they are there those of what follows. */
static bool more_by_and_by(void *user)
{
	Later *later = user;
	size_t n = 0;
	g_auto(GStrv) lines = g_strsplit(later->lines->str, "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		if (later->there || strstr(*line, "_HANDSHAKE_") != NULL)
			n += tls_keys_add(later->keys, (ByteSpan){(const uint8_t *)*line, strlen(*line)});
	return n > 0;
}

/* Those of the handshake are there from the ClientHello on, the others from each write on, the last one too. */
static void secrets_of_one_connection_may_come_one_by_one(void **state)
{
	(void)state;
	Talk talk = talk_new(&(TlsSetting){.v13 = true});
	for (guint from = 0; from < talk.wire.writes->len; from++) {
		TlsRig rig;
		tls_rig_init(&rig, NULL);
		Later later = {rig.shared.keys, talk.keylog, false};
		tls_keys_grow(rig.shared.keys, more_by_and_by, &later);
		for (guint w = 0; w < talk.wire.writes->len; w++) {
			const Write *write = &g_array_index(talk.wire.writes, Write, w);
			later.there = w >= from;
			feed(rig.sink, write->side, write->octets->data, write->octets->len);
		}
		feed_ends(rig.sink);
		tls_rig_assert_came(&rig, &talk);
		tls_rig_clear(&rig);
	}
	talk_free(&talk);
}

static void note_side(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	GString *sides = self;
	(void)span;
	(void)at;
	g_string_append_c(sides, side == 0 ? 'c' : 's');
}

static void note_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind, const StreamPoint *at)
{
	(void)self;
	(void)side;
	(void)n_bytes;
	(void)kind;
	(void)at;
	fail_msg("a hole");
}

static void note_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	(void)self;
	(void)side;
	(void)how;
	(void)at;
}

/* An answer must not come up before what it answers, whichever secret comes last. */
static void what_waited_comes_in_its_order(void **state)
{
	(void)state;
	static const StreamSinkOps ops = {note_side, note_gap, note_end};
	for (unsigned v13 = 0; v13 < 2; v13++) {
		for (unsigned late = 0; late < 2; late++) {
			Talk talk = talk_new(&(TlsSetting){.v13 = v13 != 0});
			g_autoptr(GString) sides = g_string_new(NULL);
			TlsShared shared = {.keys = tls_keys_new()};
			Tls *tls = tls_new((StreamSink){&ops, sides}, 0, &shared);
			Later later = {shared.keys, talk.keylog, false};
			tls_keys_grow(shared.keys, more, &later);
			/* All of them but one side's come at once, which TLS 1.2 does not know. */
			g_auto(GStrv) lines = g_strsplit(talk.keylog->str, "\n", -1);
			for (char **line = lines; *line != NULL && v13 != 0; line++)
				if (!g_str_has_prefix(*line, late != 0 ? "CLIENT_TRAFFIC" : "SERVER_TRAFFIC"))
					tls_keys_add(shared.keys, (ByteSpan){(const uint8_t *)*line, strlen(*line)});
			for (guint w = 0; w < talk.wire.writes->len; w++) {
				const Write *write = &g_array_index(talk.wire.writes, Write, w);
				later.there = w + 1 == talk.wire.writes->len;
				feed(tls_sink(tls), write->side, write->octets->data, write->octets->len);
			}
			assert_string_equal(sides->str, "cscsc"); /* as in converse() */
			tls_free(tls);
			tls_keys_free(shared.keys);
			talk_free(&talk);
		}
	}
}

/* The others never come: whether more might, or not, nothing is known of what it carried. */
static void secrets_of_the_handshake_alone_are_none(void **state)
{
	(void)state;
	Talk talk = talk_new(&(TlsSetting){.v13 = true});
	for (unsigned grows = 0; grows < 2; grows++) {
		TlsRig rig;
		tls_rig_init(&rig, NULL);
		Later later = {rig.shared.keys, talk.keylog, false};
		more_by_and_by(&later);
		if (grows != 0)
			tls_keys_grow(rig.shared.keys, more_by_and_by, &later);
		wire_feed(&talk.wire, rig.sink, 0, 0);
		assert_int_equal(tls_state(rig.tls), grows != 0 ? TLS_WAITING : TLS_NO_KEYS);
		assert_string_equal(tls_facts(rig.tls)->alpn, "mqtt");
		assert_int_equal(rig.above.octets[0]->len + rig.above.octets[1]->len, 0);
		tls_rig_clear(&rig);
	}
	talk_free(&talk);
}

typedef struct Alerts {
	unsigned n[2];
	uint8_t last;
} Alerts;

static void on_alert(void *user, unsigned side, uint8_t description, const StreamPoint *at)
{
	Alerts *alerts = user;
	(void)at;
	alerts->n[side]++;
	alerts->last = description;
}

/* The server does not like a record, and says so under protection. */
static void an_alert_after_the_handshake_is_told(void **state)
{
	(void)state;
	static const TlsOps ops = {.alert = on_alert};
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		Talk talk;
		if (!talk_begin(&talk, &settings[i].setting)) {
			talk_free(&talk);
			skip();
		}
		TlsWriter *writer = tls_writer_new(talk.pair);
		g_autoptr(GByteArray) broken = g_byte_array_new();
		g_autoptr(GByteArray) alert = g_byte_array_new();
		talk_shake_hands(&talk, writer);
		talk_say(&talk, writer, true, "hello", 5);
		tls_writer_break(writer, true, broken, alert);
		tls_writer_free(writer);
		wire_add(&talk.wire, 0, broken->data, broken->len);
		wire_add(&talk.wire, 1, alert->data, alert->len);
		TlsRig rig;
		Alerts alerts = {{0, 0}, 0};
		tls_rig_init(&rig, &talk);
		tls_watch(rig.tls, &ops, &alerts);
		wire_feed(&talk.wire, rig.sink, 0, 0);
		assert_int_equal(alerts.n[0], 0);
		assert_int_equal(alerts.n[1], 1);
		assert_int_equal(alerts.last, 20); /* bad_record_mac */
		assert_int_equal(tls_facts(rig.tls)->alert[1], 20);
		assert_int_equal(rig.above.octets[0]->len, 5);
		tls_rig_clear(&rig);
		talk_free(&talk);
	}
}

static void a_key_log_is_read_line_by_line(void **state)
{
	(void)state;
	static const char lines[] =
		"# comment\r\n"
		"CLIENT_RANDOM 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\r\n"
		"CLIENT_RANDOM 00 11\nEXPORTER_SECRET 00 11\nnonsense\n"
		"SERVER_TRAFFIC_SECRET_0 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F "
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	uint8_t random[32];
	TlsKeys *keys = tls_keys_new();

	for (unsigned i = 0; i < 32; i++)
		random[i] = (uint8_t)i;
	assert_int_equal(tls_keys_add(keys, (ByteSpan){(const uint8_t *)lines, sizeof lines - 1}), 2);
	const TlsSecrets *secrets = tls_keys_find(keys, random);
	assert_non_null(secrets);
	assert_int_equal(secrets->size[TLS_MASTER], 48);
	assert_int_equal(secrets->octets[TLS_MASTER][47], 47);
	assert_int_equal(secrets->size[TLS_SERVER_TRAFFIC], 32);
	assert_int_equal(secrets->size[TLS_CLIENT_TRAFFIC], 0);
	tls_keys_free(keys);
}

static void what_begins_like_tls_may_be_none(void **state)
{
	(void)state;
	TlsRig rig;
	tls_rig_init(&rig, NULL);
	feed(rig.sink, 0, "\x16\x03\x01\x00\x05\x09\x00\x00\x01\x00", 10);
	assert_int_equal(tls_state(rig.tls), TLS_NOT);
	tls_rig_clear(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cipher_suite_is_opened),
		cmocka_unit_test(any_cut_gives_the_same_octets),
		cmocka_unit_test(the_handshake_tells_names),
		cmocka_unit_test(a_resumed_session_is_opened),
		cmocka_unit_test(early_data_counts_if_the_server_takes_it),
		cmocka_unit_test(secrets_of_another_run_do_not_fit),
		cmocka_unit_test(a_record_that_was_not_captured_is_a_hole),
		cmocka_unit_test(secrets_may_come_later),
		cmocka_unit_test(secrets_of_one_connection_may_come_one_by_one),
		cmocka_unit_test(secrets_of_the_handshake_alone_are_none),
		cmocka_unit_test(what_waited_comes_in_its_order),
		cmocka_unit_test(an_alert_after_the_handshake_is_told),
		cmocka_unit_test(a_key_log_is_read_line_by_line),
		cmocka_unit_test(what_begins_like_tls_may_be_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
