/* SPDX-License-Identifier: MIT */
/*
 * inflate_zstd: frames of Zstandard (RFC 8878), skippable ones among them.
 */
#include "config.h"

#include "src/capture/inflate_codec.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

enum { WINDOW_LOG_MAX = 27 }; /* 128 MiB: what zstd itself reads without being told to */

static bool begins(ByteSpan first)
{
	if (first.size < 4)
		return false;
	const uint8_t *at = first.data;
	uint32_t magic = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
	return magic == ZSTD_MAGICNUMBER ||
	       (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static void *begin(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	if (context != NULL)
		ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	return context;
}

static void step_zstd(void *state, InflateStep *step)
{
	ZSTD_inBuffer in = {step->in, step->n_in, 0};
	ZSTD_outBuffer out = {step->out, step->n_out, 0};
	size_t result = ZSTD_decompressStream(state, &out, &in);
	if (ZSTD_isError(result))
		step->fault = ZSTD_getErrorName(result);
	step->midway = result != 0;
	step->in += in.pos;
	step->n_in -= in.pos;
	step->out += out.pos;
	step->n_out -= out.pos;
}

static void end(void *state)
{
	ZSTD_freeDCtx(state);
}

const InflateCodec inflate_zstd = {
	.name = "zstd",
	.version = ZSTD_VERSION_STRING,
	.begins = begins,
	.begin = begin,
	.step = step_zstd,
	.end = end,
};
#else
const InflateCodec inflate_zstd = {.name = "zstd"};
#endif
