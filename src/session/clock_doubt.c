/* SPDX-License-Identifier: MIT */
#include "src/session/clock_doubt.h"

#include "src/session/model_private.h"

static void clear_doubt(gpointer doubt)
{
	g_free((void *)(uintptr_t)((ClockDoubt *)doubt)->steps);
}

void model_doubt_clock(Model *model, unsigned source, ClockDoubt doubt)
{
	if (model->clocks == NULL) {
		model->clocks = g_array_new(FALSE, TRUE, sizeof(ClockDoubt));
		g_array_set_clear_func(model->clocks, clear_doubt);
	}
	if (source >= model->clocks->len)
		g_array_set_size(model->clocks, source + 1);
	ClockDoubt *kept = &g_array_index(model->clocks, ClockDoubt, source);
	clear_doubt(kept);
	*kept = doubt;
	kept->steps = g_memdup2(doubt.steps, doubt.n_steps * sizeof *doubt.steps);
}

static ClockDoubt doubt_of(const Model *model, FrameRef frame)
{
	if (model->clocks == NULL || frame.number == 0 || frame.source >= model->clocks->len)
		return (ClockDoubt){0};
	return g_array_index(model->clocks, ClockDoubt, frame.source);
}

/* The clock was one and the same before a step and one and the same after it: only across it do times
 * differ by something else than what passed. */
static int64_t steps_within(const ClockDoubt *doubt, uint64_t after, uint64_t until)
{
	int64_t sum = 0;
	for (unsigned i = 0; i < doubt->n_steps; i++) {
		bool several = doubt->summed && i + 1 == doubt->n_steps;
		if ((several || doubt->steps[i].frame > after) && doubt->steps[i].frame <= until)
			sum += MIN(doubt->steps[i].back_ns, INT64_MAX / 4 - sum);
	}
	return sum + doubt->jitter_ns;
}

int64_t model_clock_doubt(const Model *model, FrameRef a, FrameRef b)
{
	ClockDoubt of_a = doubt_of(model, a), of_b = doubt_of(model, b);
	if (a.number != 0 && b.number != 0 && a.source == b.source)
		return steps_within(&of_a, MIN(a.number, b.number), MAX(a.number, b.number));
	int64_t steps = steps_within(&of_a, 0, UINT64_MAX) + steps_within(&of_b, 0, UINT64_MAX);
	return a.number == 0 || b.number == 0 ? steps : steps + of_a.skew_ns + of_b.skew_ns;
}

bool model_clocks_unrelated(const Model *model, FrameRef a, FrameRef b, bool *beside)
{
	ClockDoubt of_a = doubt_of(model, a), of_b = doubt_of(model, b);
	bool two = a.source != b.source && a.number != 0 && b.number != 0;
	*beside = two && ((of_a.unrelated && of_a.beside) || (of_b.unrelated && of_b.beside));
	return two && (of_a.unrelated || of_b.unrelated);
}

bool model_clocks_hide_copies(const Model *model)
{
	for (guint i = 0; model->clocks != NULL && i < model->clocks->len; i++) {
		const ClockDoubt *doubt = &g_array_index(model->clocks, ClockDoubt, i);
		if (doubt->unrelated && doubt->beside)
			return true;
	}
	return false;
}
