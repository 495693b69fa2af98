/* SPDX-License-Identifier: MIT */
/*
 * MQTT over QUIC is known by its ClientHello, MQTT-SN by its exchanges, and nothing else is taken for
 * either.  The packets of QUIC are sealed here with the keys that RFC 9001 A.1 and RFC 9369 A.1 print for
 * their connection id, so that the derivation is held against the standards.
 */
#include "config.h"

#include "dissectors/udp_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

#include "dissectors/mqtt_sn.h"
#include "dissectors/quic.h"

#define DESTINATION "\x83\x94\xc8\xf0\x3e\x51\x57\x08"

static const Endpoint client = {{{10, [15] = 1}}, 50000}, server = {{{10, [15] = 2}}, 14567};

typedef struct Watched {
	UdpWatch *watch;
	UdpKind kind; /* of the last */
	unsigned n_begun;
} Watched;

static void say(Watched *watched, bool of_client, const void *data, size_t size)
{
	bool begins;
	watched->kind = udp_watch(watched->watch, of_client ? &client : &server,
	                          of_client ? &server : &client, (ByteSpan){data, size}, &begins);
	watched->n_begun += begins;
}

/* --- QUIC --------------------------------------------------------------------------------- */

#ifdef HAVE_LIBSSL
#include <openssl/evp.h>

typedef struct Sealing {
	const char *version;
	uint8_t first; /* long header, Initial, a packet number of 4 octets */
	const char *key, *iv, *header;
} Sealing;

static const Sealing sealings[] = {
	{"\0\0\0\1", 0xc3, "\x1f\x36\x96\x13\xdd\x76\xd5\x46\x77\x30\xef\xcb\xe3\xb1\xa2\x2d",
	 "\xfa\x04\x4b\x2f\x42\xa3\xfd\x3b\x46\xfb\x25\x5c",
	 "\x9f\x50\x44\x9e\x04\xa0\xe8\x10\x28\x3a\x1e\x99\x33\xad\xed\xd2"},
	{"\x6b\x33\x43\xcf", 0xd3, "\x8b\x1a\x0b\xc1\x21\x28\x42\x90\xa2\x9e\x09\x71\xb5\xcd\x04\x5d",
	 "\x91\xf7\x3e\x23\x51\xd8\xfa\x91\x66\x0e\x90\x9f",
	 "\x45\xb9\x5e\x15\x23\x5d\x6f\x45\xa6\xb1\x9c\xbc\xb0\x29\x4b\xa9"},
};

static void append(GByteArray *out, const void *data, size_t size)
{
	g_byte_array_append(out, data, (guint)size);
}

static void put_u16(GByteArray *out, size_t value)
{
	uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};
	append(out, octets, 2);
}

/* A ClientHello that offers @protocols, a list as ALPN has it, padded so that it needs room. */
static GByteArray *client_hello(const char *protocols, size_t protocols_size, size_t padding)
{
	GByteArray *body = g_byte_array_new(), *out = g_byte_array_new();
	g_autofree uint8_t *zeros = g_malloc0(padding);
	append(body, "\3\3", 2);
	append(body, "0123456789abcdef0123456789abcdef", 32);
	append(body, "\0\0\2\x13\1\1\0", 7);
	put_u16(body, 4 + padding + (protocols_size > 0 ? 6 + protocols_size : 0));
	append(body, "\0\x15", 2); /* padding, RFC 7685 */
	put_u16(body, padding);
	append(body, zeros, padding);
	if (protocols_size > 0) {
		append(body, "\0\x10", 2);
		put_u16(body, protocols_size + 2);
		put_u16(body, protocols_size);
		append(body, protocols, protocols_size);
	}
	append(out, "\1\0", 2);
	put_u16(out, body->len);
	append(out, body->data, body->len);
	g_byte_array_unref(body);
	return out;
}

static void seal(const Sealing *sealing, uint8_t *packet, size_t at, size_t plain, uint32_t number)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t nonce[12], mask[32];
	int n = 0;
	memcpy(nonce, sealing->iv, sizeof nonce);
	for (unsigned i = 0; i < 4; i++)
		nonce[8 + i] ^= (uint8_t)(number >> 8 * (3 - i));
	EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, (const uint8_t *)sealing->key, nonce);
	EVP_EncryptUpdate(context, NULL, &n, packet, (int)at + 4);
	EVP_EncryptUpdate(context, packet + at + 4, &n, packet + at + 4, (int)plain);
	EVP_EncryptFinal_ex(context, packet + at + 4 + plain, &n);
	EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, packet + at + 4 + plain);
	EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, (const uint8_t *)sealing->header, NULL);
	EVP_EncryptUpdate(context, mask, &n, packet + at + 4, 16);
	packet[0] ^= mask[0] & 0x0f;
	for (unsigned i = 0; i < 4; i++)
		packet[at + i] ^= mask[1 + i];
	EVP_CIPHER_CTX_free(context);
}

/* A datagram of 1200 octets with one CRYPTO frame between a PING and PADDING. */
static GByteArray *datagram(const Sealing *sealing, const GByteArray *hello, size_t offset, size_t size,
                            uint32_t number)
{
	enum { ALL = 1200, AT = 1 + 4 + 1 + 8 + 1 + 1 + 2, PLAIN = ALL - AT - 4 - 16 };
	GByteArray *out = g_byte_array_new();
	append(out, &sealing->first, 1);
	append(out, sealing->version, 4);
	append(out, "\x08" DESTINATION "\0" "\0", 11);
	put_u16(out, 0x4000 | (4 + PLAIN + 16));
	uint8_t octets[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
	                     (uint8_t)number};
	append(out, octets, 4);
	append(out, "\1\6", 2);
	put_u16(out, 0x4000 | offset);
	put_u16(out, 0x4000 | size);
	append(out, hello->data + offset, size);
	g_byte_array_set_size(out, ALL);
	size_t used = AT + 4 + 6 + size;
	memset(out->data + used, 0, ALL - used);
	seal(sealing, out->data, AT, PLAIN, number);
	return out;
}

static UdpKind kind_of_hello(const Sealing *sealing, const char *protocols, size_t size)
{
	Watched watched = {.watch = udp_watch_new()};
	GByteArray *hello = client_hello(protocols, size, 10);
	GByteArray *first = datagram(sealing, hello, 0, hello->len, 0);
	say(&watched, true, first->data, first->len);
	UdpKind kind = watched.kind;
	say(&watched, false, "\x40short", 6); /* the rest of the flow has the same name */
	assert_int_equal(watched.kind, kind);
	say(&watched, true, first->data, first->len);
	assert_int_equal(watched.kind, kind);
	assert_int_equal(watched.n_begun, kind == UDP_QUIC_MQTT);
	g_byte_array_unref(first);
	g_byte_array_unref(hello);
	udp_watch_free(watched.watch);
	return kind;
}

static void the_client_hello_tells_mqtt(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sealings); i++) {
		assert_int_equal(kind_of_hello(&sealings[i], "\4mqtt", 5), UDP_QUIC_MQTT);
		assert_int_equal(kind_of_hello(&sealings[i], "\2h3\4mqtt", 8), UDP_QUIC_MQTT);
		assert_int_equal(kind_of_hello(&sealings[i], "\2h3", 3), UDP_QUIC);
		assert_int_equal(kind_of_hello(&sealings[i], "\5mqtts", 6), UDP_QUIC);
		assert_int_equal(kind_of_hello(&sealings[i], "\3mqt", 4), UDP_QUIC);
		assert_int_equal(kind_of_hello(&sealings[i], "", 0), UDP_QUIC);
	}
}

static void a_hello_over_several_packets_is_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sealings); i++) {
		GByteArray *hello = client_hello("\4mqtt", 5, 2000);
		size_t parts[3][2] = {{900, 800}, {0, 900}, {1700, hello->len - 1700}};
		Watched watched = {.watch = udp_watch_new()};
		for (unsigned part = 0; part < 3; part++) {
			GByteArray *packet =
				datagram(&sealings[i], hello, parts[part][0], parts[part][1], part);
			say(&watched, true, packet->data, packet->len);
			assert_int_equal(watched.kind, part < 2 ? UDP_QUIC : UDP_QUIC_MQTT);
			g_byte_array_unref(packet);
		}
		assert_int_equal(watched.n_begun, 1);
		udp_watch_free(watched.watch);
		g_byte_array_unref(hello);
	}
}

static void a_changed_packet_tells_nothing(void **state)
{
	(void)state;
	GByteArray *hello = client_hello("\4mqtt", 5, 10);
	for (size_t at = 0; at < 1200; at += 7) {
		GByteArray *packet = datagram(&sealings[0], hello, 0, hello->len, 0);
		packet->data[at] ^= 0x40;
		Quic *quic = quic_new();
		uint8_t *copy = g_memdup2(packet->data, packet->len);
		assert_int_not_equal(quic_datagram(quic, (ByteSpan){copy, packet->len}), QUIC_MQTT);
		g_free(copy);
		quic_free(quic);
		g_byte_array_unref(packet);
	}
	g_byte_array_unref(hello);
}

static void packets_without_end_are_bounded(void **state)
{
	(void)state;
	GByteArray *hello = client_hello("\4mqtt", 5, 2000);
	GByteArray *packet = datagram(&sealings[0], hello, 0, 500, 0);
	Quic *quic = quic_new();
	for (unsigned i = 0; i < QUIC_PACKETS_MOST; i++)
		assert_int_equal(quic_datagram(quic, (ByteSpan){packet->data, packet->len}), QUIC_PARTIAL);
	assert_int_equal(quic_datagram(quic, (ByteSpan){packet->data, packet->len}), QUIC_OTHER);
	quic_free(quic);
	g_byte_array_unref(packet);
	g_byte_array_unref(hello);
}
#else
static void the_client_hello_tells_mqtt(void **state)
{
	(void)state;
	skip();
}
#endif

/* --- MQTT-SN ------------------------------------------------------------------------------ */

/* Section 5.4 of the specification: CONNECT, REGISTER, PUBLISH, SUBSCRIBE, PINGREQ, DISCONNECT. */
#define SN_CONNECT "\x0c\x04\x04\x01\0\x3csensor"
#define SN_REGISTER "\x0a\x0a\0\0\0\1a/b/"
#define SN_PUBLISH "\x09\x0c\x20\0\1\0\2hi"
#define SN_SUBSCRIBE "\x08\x12\x20\0\3" "a/b"

static void an_exchange_proves_mqtt_sn(void **state)
{
	(void)state;
	Watched watched = {.watch = udp_watch_new()};
	say(&watched, true, SN_CONNECT, 12);
	assert_int_equal(watched.kind, UDP_PLAIN);
	say(&watched, false, "\3\5\0", 3);
	assert_int_equal(watched.kind, UDP_MQTT_SN);
	say(&watched, true, "\x2\x18", 2);
	assert_int_equal(watched.kind, UDP_MQTT_SN);
	assert_int_equal(watched.n_begun, 1);
	udp_watch_free(watched.watch);
}

static void joined_midway_two_exchanges_prove_it(void **state)
{
	(void)state;
	Watched watched = {.watch = udp_watch_new()};
	say(&watched, true, SN_REGISTER, 10);
	say(&watched, false, "\7\x0b\0\1\0\1\0", 7);
	assert_int_equal(watched.kind, UDP_PLAIN);
	say(&watched, true, SN_PUBLISH, 9);
	say(&watched, false, "\7\x0d\0\1\0\2\0", 7);
	assert_int_equal(watched.kind, UDP_MQTT_SN);
	udp_watch_free(watched.watch);
}

static void answers_that_do_not_fit_prove_nothing(void **state)
{
	(void)state;
	Watched watched = {.watch = udp_watch_new()};
	for (unsigned round = 0; round < 10; round++) {
		say(&watched, true, SN_SUBSCRIBE, 8);
		say(&watched, false, "\x08\x13\x20\0\1\0\4\0", 8); /* another MsgId */
		say(&watched, true, SN_PUBLISH, 9);
		say(&watched, true, "\7\x0d\0\1\0\2\0", 7); /* of the same side */
		say(&watched, true, SN_REGISTER, 10);
		say(&watched, false, "\7\x0d\0\1\0\1\0", 7); /* of another type */
		assert_int_equal(watched.kind, UDP_PLAIN);
	}
	udp_watch_free(watched.watch);
}

static void messages_are_held_to_their_length_and_flags(void **state)
{
	(void)state;
	static const struct {
		const char *octets;
		size_t size;
		bool good;
	} cases[] = {
		{SN_CONNECT, 12, true},
		{SN_CONNECT "x", 13, false},
		{SN_CONNECT, 11, false},
		{"\x0c\x04\x04\x02\0\x3csensor", 12, false}, /* ProtocolId */
		{"\x0c\x04\xff\x01\0\x3csensor", 12, false},
		{"\x0c\x04\x04\x01\0\x3csens\1r", 12, false},
		{"\1\0\x0e\x04\x04\x01\0\x3csensor", 14, true}, /* the long form */
		{"\3\5\0", 3, true},
		{"\3\5\4", 3, false},
		{"\2\x16", 2, true},
		{"\2\5", 2, false},
		{"\2\x1c", 2, false},
		{"\1\0", 2, false},
		{"\0", 1, false},
		{"", 0, false},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		if (mqtt_sn_message((ByteSpan){(const uint8_t *)cases[i].octets, cases[i].size}) !=
		    cases[i].good)
			fail_msg("case %zu", i);
}

/* --- neither ------------------------------------------------------------------------------ */

static size_t dns(GRand *dice, uint8_t *out)
{
	size_t at = 12, labels = (size_t)g_rand_int_range(dice, 1, 5);
	memset(out, 0, at);
	out[0] = (uint8_t)g_rand_int(dice);
	out[1] = (uint8_t)g_rand_int(dice);
	out[2] = g_rand_boolean(dice) ? 0x81 : 0x01;
	out[5] = 1;
	for (; labels > 0; labels--) {
		size_t size = (size_t)g_rand_int_range(dice, 1, 20);
		out[at++] = (uint8_t)size;
		for (; size > 0; size--)
			out[at++] = (uint8_t)g_rand_int_range(dice, 'a', 'z' + 1);
	}
	memcpy(out + at, "\0\0\1\0\1", 5);
	return at + 5;
}

static size_t coap(GRand *dice, uint8_t *out)
{
	size_t token = (size_t)g_rand_int_range(dice, 0, 9), size = 4 + token;
	out[0] = (uint8_t)(0x40u | (unsigned)g_rand_int_range(dice, 0, 4) << 4 | (unsigned)token);
	out[1] = (uint8_t)g_rand_int_range(dice, 0, 5);
	for (size_t i = 2; i < size; i++)
		out[i] = (uint8_t)g_rand_int(dice);
	memcpy(out + size, "\xb4temp\xff" "21.5", 10);
	return size + 10;
}

static size_t ntp(GRand *dice, uint8_t *out)
{
	for (size_t i = 0; i < 48; i++)
		out[i] = (uint8_t)g_rand_int(dice);
	out[0] = g_rand_boolean(dice) ? 0x23 : 0x24;
	return 48;
}

static size_t rtp(GRand *dice, uint8_t *out)
{
	for (size_t i = 0; i < 172; i++)
		out[i] = (uint8_t)g_rand_int(dice);
	out[0] = 0x80;
	out[1] = 0;
	return 172;
}

static size_t noise(GRand *dice, uint8_t *out)
{
	size_t size = (size_t)g_rand_int_range(dice, 0, 1400);
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)g_rand_int(dice);
	return size;
}

/* Noise with a length in front, as many protocols have one. */
static size_t counted_noise(GRand *dice, uint8_t *out)
{
	size_t size = (size_t)g_rand_int_range(dice, 2, 40);
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)g_rand_int(dice);
	out[0] = (uint8_t)size;
	return size;
}

static void other_protocols_are_neither(void **state)
{
	(void)state;
	size_t (*const makers[])(GRand *, uint8_t *) = {dns, coap, ntp, rtp, noise, counted_noise};
	GRand *dice = g_rand_new_with_seed(1884);
	for (size_t maker = 0; maker < G_N_ELEMENTS(makers); maker++) {
		Watched watched = {.watch = udp_watch_new()};
		for (unsigned round = 0; round < 50000; round++) {
			uint8_t octets[2048];
			say(&watched, round % 2 == 0, octets, makers[maker](dice, octets));
			if (watched.kind != UDP_PLAIN)
				fail_msg("maker %zu: %d", maker, (int)watched.kind);
		}
		udp_watch_free(watched.watch);
	}
	g_rand_free(dice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_hello_tells_mqtt),
#ifdef HAVE_LIBSSL
		cmocka_unit_test(a_hello_over_several_packets_is_put_together),
		cmocka_unit_test(a_changed_packet_tells_nothing),
		cmocka_unit_test(packets_without_end_are_bounded),
#endif
		cmocka_unit_test(an_exchange_proves_mqtt_sn),
		cmocka_unit_test(joined_midway_two_exchanges_prove_it),
		cmocka_unit_test(answers_that_do_not_fit_prove_nothing),
		cmocka_unit_test(messages_are_held_to_their_length_and_flags),
		cmocka_unit_test(other_protocols_are_neither),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
