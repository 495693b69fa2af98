/* SPDX-License-Identifier: MIT */
/*
 * hold FILE PERIOD_MS HOLD_MS: runs an engine over a file or FIFO while somebody keeps it still for
 * HOLD_MS every PERIOD_MS, as screens do.  Prints how long that one had to wait, and the frames a second.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/engine/engine.h"

static int by_size(gconstpointer a, gconstpointer b)
{
	gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
	return x < y ? -1 : x > y;
}

static gint64 hold(Engine *engine, gint64 hold_us)
{
	gint64 begun = g_get_monotonic_time();
	engine_hold(engine);
	gint64 waited = g_get_monotonic_time() - begun;
	g_usleep((gulong)hold_us);
	engine_release(engine);
	return waited;
}

static void print(Engine *engine, GArray *waits, gint64 took)
{
	EngineStatus status = engine_status(engine);
	g_array_sort(waits, by_size);
	gint64 *wait = (gint64 *)(void *)waits->data;
	guint n = waits->len;
	double seconds = (double)took / G_USEC_PER_SEC;
	printf("{\"frames\": %" G_GUINT64_FORMAT ", \"seconds\": %.3f, \"frames_per_second\": %.0f, "
	       "\"holds\": %u, \"wait_p50_us\": %" G_GINT64_FORMAT ", \"wait_p99_us\": %" G_GINT64_FORMAT
	       ", \"wait_max_us\": %" G_GINT64_FORMAT ", \"verdicts\": %u, \"dropped\": %" G_GUINT64_FORMAT
	       "}\n", status.frames, seconds, (double)status.frames / seconds, n, n ? wait[n / 2] : 0,
	       n ? wait[n * 99 / 100] : 0, n ? wait[n - 1] : 0, status.verdict, status.dropped);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	gint64 period_us = atoi(argv[2]) * 1000, hold_us = atoi(argv[3]) * 1000;
	g_autoptr(GError) error = NULL;
	EngineOptions options = {.files = (char *[]){argv[1], NULL}};
	g_autoptr(Engine) engine = engine_new(&options, &error);
	if (engine == NULL) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 begun = g_get_monotonic_time();
	engine_start(engine, NULL, NULL);
	while (!engine_status(engine).ended) {
		gint64 waited = hold(engine, hold_us);
		g_array_append_val(waits, waited);
		g_usleep((gulong)MAX(period_us - hold_us, 0));
	}
	print(engine, waits, g_get_monotonic_time() - begun);
	return 0;
}
