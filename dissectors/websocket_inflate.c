/* SPDX-License-Identifier: MIT */
/*
 * permessage-deflate: one raw deflate stream a side (RFC 7692 section 7.2).
 *
 * The window is never emptied between messages: a peer that does so itself does not refer to what
 * was in it.  A window larger than the peer's does no harm either, so that nothing of what was
 * negotiated is needed.
 */
#include "config.h"

#include "dissectors/websocket_parts.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

enum {
	ROUND = 16384,
	WINDOW = 32768,
	/* A peer that makes more of less is a bomb: this much is free, and then so much for each octet. */
	FREE_OUTPUT = 64 << 20,
	RATIO = 64,
};

struct Inflater {
	z_stream z;
	uint64_t in, out;
};

const char *websocket_inflater(void)
{
	return "compressed too, zlib " ZLIB_VERSION;
}

Inflater *inflater_new(void)
{
	Inflater *inflater = g_new0(Inflater, 1);
	if (inflateInit2(&inflater->z, -MAX_WBITS) == Z_OK)
		return inflater;
	g_free(inflater);
	return NULL;
}

void inflater_free(Inflater *inflater)
{
	if (inflater == NULL)
		return;
	inflateEnd(&inflater->z);
	g_free(inflater);
}

void inflater_reset(Inflater *inflater)
{
	inflateReset(&inflater->z);
}

/* A peer may end its deflate stream with a message (RFC 7692 section 7.2.3.4); its window stays. */
static void begin_again(Inflater *inflater)
{
	uint8_t window[WINDOW];
	unsigned size = 0;
	bool kept = inflateGetDictionary(&inflater->z, window, &size) == Z_OK;
	inflateReset(&inflater->z);
	if (kept && size > 0)
		inflateSetDictionary(&inflater->z, window, size);
}

bool inflater_bytes(Inflater *inflater, ByteSpan bytes, void (*out)(void *user, ByteSpan span),
                    void *user)
{
	uint8_t room[ROUND];
	z_stream *z = &inflater->z;
	int status = Z_OK;

	z->next_in = (uint8_t *)(uintptr_t)bytes.data;
	z->avail_in = (unsigned)bytes.size;
	inflater->in += bytes.size;
	do {
		z->next_out = room;
		z->avail_out = sizeof room;
		status = inflate(z, Z_SYNC_FLUSH);
		size_t n = sizeof room - z->avail_out;
		inflater->out += n;
		if (n > 0)
			out(user, (ByteSpan){room, n});
		if (status == Z_STREAM_END)
			begin_again(inflater);
		else if (status != Z_OK && status != Z_BUF_ERROR)
			return false;
		if (inflater->out > FREE_OUTPUT + RATIO * inflater->in)
			return false;
	} while (z->avail_in > 0 || z->avail_out == 0);
	return true;
}

bool inflater_end(Inflater *inflater, void (*out)(void *user, ByteSpan span), void *user)
{
	/* What the sender left out (RFC 7692 section 7.2.2). */
	static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};
	return inflater_bytes(inflater, (ByteSpan){tail, sizeof tail}, out, user);
}

#else

const char *websocket_inflater(void)
{
	return "not compressed: built without zlib";
}

Inflater *inflater_new(void)
{
	return NULL;
}

void inflater_free(Inflater *inflater)
{
	(void)inflater;
}

void inflater_reset(Inflater *inflater)
{
	(void)inflater;
}

bool inflater_bytes(Inflater *inflater, ByteSpan bytes, void (*out)(void *user, ByteSpan span),
                    void *user)
{
	(void)inflater;
	(void)bytes;
	(void)out;
	(void)user;
	return false;
}

bool inflater_end(Inflater *inflater, void (*out)(void *user, ByteSpan span), void *user)
{
	(void)inflater;
	(void)out;
	(void)user;
	return false;
}
#endif
