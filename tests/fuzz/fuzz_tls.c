/* SPDX-License-Identifier: MIT */
/*
 * TLS.  An input begins with the length of a key log (two octets) and the key log; then chunks, see
 * stream_input.h.  The first octet of the chunks: bit 0 reads it without keys that may grow.
 */
#include <glib.h>

#include "dissectors/tls.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stream_input.h"

static bool nothing_more(void *user)
{
	(void)user;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Reader reader = reader_over((ByteSpan){data, size});
	size_t n_keys = reader_u16(&reader);
	ByteSpan lines = reader_take(&reader, n_keys);
	uint8_t mode = reader_u8(&reader);
	StreamDrain drain = {0};
	TlsShared shared = {.keys = tls_keys_new()};
	if (!reader.failed)
		tls_keys_add(shared.keys, lines);
	if ((mode & 1) == 0)
		tls_keys_grow(shared.keys, nothing_more, NULL);
	tls_joins((ByteSpan){data, size});
	Tls *tls = tls_new(stream_drain(&drain), 0, &shared);
	stream_input_play(&reader, tls_sink(tls));
	g_assert_cmpuint(drain.ends[0] + drain.ends[1], ==, 2);
	tls_free(tls);
	g_assert_cmpuint(shared.waiting, ==, 0);
	tls_keys_free(shared.keys);
	return 0;
}
