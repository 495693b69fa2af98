/* SPDX-License-Identifier: MIT */
#include "src/session/clock_doubt.h"

#include "src/session/model_private.h"

void model_doubt_clock(Model *model, unsigned source, ClockDoubt doubt)
{
	if (model->clocks == NULL)
		model->clocks = g_array_new(FALSE, TRUE, sizeof(ClockDoubt));
	if (source >= model->clocks->len)
		g_array_set_size(model->clocks, source + 1);
	g_array_index(model->clocks, ClockDoubt, source) = doubt;
}

static ClockDoubt doubt_of(const Model *model, FrameRef frame)
{
	if (model->clocks == NULL || frame.number == 0 || frame.source >= model->clocks->len)
		return (ClockDoubt){0};
	return g_array_index(model->clocks, ClockDoubt, frame.source);
}

int64_t model_clock_doubt(const Model *model, FrameRef a, FrameRef b)
{
	ClockDoubt of_a = doubt_of(model, a), of_b = doubt_of(model, b);
	if (a.source == b.source || a.number == 0 || b.number == 0)
		return MAX(of_a.steps_ns, of_b.steps_ns);
	return of_a.steps_ns + of_b.steps_ns + of_a.skew_ns + of_b.skew_ns;
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
