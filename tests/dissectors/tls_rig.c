/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/tls_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void talk_say(Talk *talk, TlsWriter *writer, bool from_client, const void *data, size_t size)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	unsigned side = from_client ? 0 : 1;

	tls_writer_data(writer, from_client, data, size, out);
	g_byte_array_append(talk->carried[side], data, (guint)size);
	wire_add(&talk->wire, side, out->data, out->len);
}

void talk_shake_hands(Talk *talk, TlsWriter *writer)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	bool from_client;

	while (tls_writer_handshake(writer, &from_client, out)) {
		wire_add(&talk->wire, from_client ? 0 : 1, out->data, out->len);
		g_byte_array_set_size(out, 0);
	}
	talk->first_data = talk->wire.writes->len;
}

bool talk_begin(Talk *talk, const TlsSetting *setting)
{
	*talk = (Talk){wire_new(), {g_byte_array_new(), g_byte_array_new()}, g_string_new(NULL), NULL, 0};
	talk->pair = tls_pair_new(setting, talk->keylog);
	return talk->pair != NULL;
}

void talk_free(Talk *talk)
{
	wire_free(&talk->wire);
	g_byte_array_unref(talk->carried[0]);
	g_byte_array_unref(talk->carried[1]);
	g_string_free(talk->keylog, TRUE);
	tls_pair_free(talk->pair);
}

void tls_rig_init(TlsRig *rig, const Talk *talk)
{
	*rig = (TlsRig){0};
	above_init(&rig->above);
	rig->shared.keys = tls_keys_new();
	if (talk != NULL)
		tls_keys_add(rig->shared.keys,
		             (ByteSpan){(const uint8_t *)talk->keylog->str, talk->keylog->len});
	rig->tls = tls_new(above_sink(&rig->above), 0, &rig->shared);
	rig->sink = tls_sink(rig->tls);
}

void tls_rig_clear(TlsRig *rig)
{
	tls_free(rig->tls);
	assert_int_equal(rig->shared.waiting, 0);
	tls_keys_free(rig->shared.keys);
	above_clear(&rig->above);
}

void tls_rig_assert_came(const TlsRig *rig, const Talk *talk)
{
	assert_int_equal(tls_state(rig->tls), TLS_READABLE);
	for (unsigned side = 0; side < 2; side++) {
		assert_int_equal(rig->above.octets[side]->len, talk->carried[side]->len);
		assert_memory_equal(rig->above.octets[side]->data, talk->carried[side]->data,
		                    talk->carried[side]->len);
		assert_int_equal(rig->above.n_gaps[side], 0);
		assert_int_equal(rig->above.n_ends[side], 1);
	}
}
