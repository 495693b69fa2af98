/* SPDX-License-Identifier: MIT */
#include "src/capture/inflate.h"

#include <glib.h>

#include "src/capture/inflate_codec.h"

enum { INPUT_SIZE = INFLATE_INPUT_SIZE };

struct Inflate {
	const InflateCodec *codec;
	void *state;
	char *fault;
	uint64_t n_used;
	size_t start, end; /* of the input that is left */
	bool midway;
	bool pending; /* the last step filled its output: there may be more without input */
	uint8_t input[INPUT_SIZE];
};

static const InflateCodec *const codecs[] = {&inflate_gzip, &inflate_zstd};

Inflate *inflate_for(ByteSpan first)
{
	for (size_t i = 0; i < G_N_ELEMENTS(codecs); i++) {
		if (codecs[i]->version == NULL || !codecs[i]->begins(first))
			continue;
		void *state = codecs[i]->begin();
		if (state == NULL)
			return NULL;
		Inflate *inflate = g_new0(Inflate, 1);
		inflate->codec = codecs[i];
		inflate->state = state;
		return inflate;
	}
	return NULL;
}

void inflate_free(Inflate *inflate)
{
	if (inflate == NULL)
		return;
	inflate->codec->end(inflate->state);
	g_free(inflate->fault);
	g_free(inflate);
}

uint8_t *inflate_room(Inflate *inflate, size_t *out_size)
{
	bool empty = inflate->start == inflate->end;
	*out_size = empty ? INPUT_SIZE : 0;
	return inflate->input;
}

void inflate_filled(Inflate *inflate, size_t n_octets)
{
	inflate->start = 0;
	inflate->end = n_octets;
}

static void set_fault(Inflate *inflate, const char *what)
{
	if (inflate->fault == NULL)
		inflate->fault = g_strdup_printf("the %s data %s", inflate->codec->name, what);
}

/* False: nothing came of it, and without more of the file nothing will. */
static bool step_once(Inflate *inflate, InflateStep *step)
{
	size_t n_in = inflate->end - inflate->start;
	if (inflate->fault != NULL || (n_in == 0 && !inflate->pending))
		return false;
	step->in = inflate->input + inflate->start;
	step->n_in = n_in;
	inflate->codec->step(inflate->state, step);
	inflate->start = inflate->end - step->n_in;
	inflate->n_used += n_in - step->n_in;
	inflate->midway = step->midway;
	inflate->pending = step->n_out == 0;
	if (step->fault != NULL) {
		g_autofree char *what = g_strdup_printf("is damaged (%s)", step->fault);
		set_fault(inflate, what);
	}
	return step->n_in < n_in;
}

size_t inflate_read(Inflate *inflate, uint8_t *out, size_t size)
{
	InflateStep step = {.out = out, .n_out = size, .midway = inflate->midway};
	/* Headers and trailers take input and give nothing. */
	while (step_once(inflate, &step) && step.n_out == size)
		continue;
	return size - step.n_out;
}

const char *inflate_fault(const Inflate *inflate)
{
	return inflate->fault;
}

void inflate_end(Inflate *inflate)
{
	if (inflate->midway)
		set_fault(inflate, "ends early");
}

uint64_t inflate_offset(const Inflate *inflate)
{
	return inflate->n_used;
}

char *inflate_describe(void)
{
	GString *text = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(codecs); i++)
		g_string_append_printf(text, "%s%s %s", i == 0 ? "" : ", ", codecs[i]->name,
		                       codecs[i]->version != NULL ? codecs[i]->version : "(not built in)");
	return g_string_free(text, FALSE);
}
