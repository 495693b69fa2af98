/* SPDX-License-Identifier: MIT */
/*
 * inflate_gzip: members of gzip (RFC 1952), one after the other.
 */
#include "config.h"

#include "src/capture/inflate_codec.h"

#ifdef HAVE_ZLIB
#include <glib.h>
#define ZLIB_CONST /* it writes to no input */
#include <zlib.h>

enum { GZIP_ONLY = 16 + MAX_WBITS, MAGIC_0 = 0x1f, MAGIC_1 = 0x8b };

typedef struct Gzip {
	z_stream z;
	bool between; /* members */
} Gzip;

static bool begins(ByteSpan first)
{
	return first.size >= 3 && first.data[0] == MAGIC_0 && first.data[1] == MAGIC_1 &&
	       first.data[2] == Z_DEFLATED;
}

static void *begin(void)
{
	Gzip *gzip = g_new0(Gzip, 1);
	gzip->between = true;
	if (inflateInit2(&gzip->z, GZIP_ONLY) == Z_OK)
		return gzip;
	g_free(gzip);
	return NULL;
}

/* Zeros behind a member are padding (of tapes); whatever else is there must be the next one. */
static bool begin_member(Gzip *gzip, InflateStep *step)
{
	while (step->n_in > 0 && *step->in == 0) {
		step->in++;
		step->n_in--;
	}
	if (step->n_in == 0)
		return false;
	if (*step->in != MAGIC_0) {
		step->fault = "something else follows it";
		return false;
	}
	inflateReset(&gzip->z);
	gzip->between = false;
	return true;
}

static void take_result(Gzip *gzip, InflateStep *step, int result)
{
	const z_stream *z = &gzip->z;
	if (result == Z_STREAM_END)
		gzip->between = true;
	else if (result != Z_OK && result != Z_BUF_ERROR) /* the latter: nothing to do right now */
		step->fault = z->msg != NULL ? z->msg : "zlib gives up";
}

static void step_gzip(void *state, InflateStep *step)
{
	Gzip *gzip = state;
	z_stream *z = &gzip->z;
	if (!gzip->between || begin_member(gzip, step)) {
		size_t n_out = MIN(step->n_out, UINT_MAX);
		z->next_in = step->in;
		z->avail_in = (uInt)step->n_in; /* of a block */
		z->next_out = step->out;
		z->avail_out = (uInt)n_out;
		take_result(gzip, step, inflate(z, Z_NO_FLUSH));
		step->in += step->n_in - z->avail_in;
		step->n_in = z->avail_in;
		step->out += n_out - z->avail_out;
		step->n_out -= n_out - z->avail_out;
	}
	step->midway = !gzip->between;
}

static void end(void *state)
{
	Gzip *gzip = state;
	inflateEnd(&gzip->z);
	g_free(gzip);
}

const InflateCodec inflate_gzip = {
	.name = "gzip",
	.version = ZLIB_VERSION,
	.begins = begins,
	.begin = begin,
	.step = step_gzip,
	.end = end,
};
#else
const InflateCodec inflate_gzip = {.name = "gzip"};
#endif
