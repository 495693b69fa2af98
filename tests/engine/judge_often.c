/* SPDX-License-Identifier: MIT */
/*
 * judge_often CAPTURE EVERY [finished]: diagnoses after each so many frames, and says which losses were
 * laid to somebody who is not responsible in the end, and whether having asked changes the end; and
 * then how many were laid to somebody at all.  With "finished" it diagnoses as if no frame followed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/analysis.h"
#include "src/session/observe.h"

typedef struct Run {
	Source *source;
	Model *model;
	Pipeline *pipeline;
	unsigned n_frames;
} Run;

static Run run_new(const char *path)
{
	g_autoptr(GError) error = NULL;
	Run run = {.source = source_open_file(path, &error), .model = model_new()};
	if (run.source == NULL)
		g_error("%s", error->message);
	run.pipeline = pipeline_new(run.model, NULL, 0);
	return run;
}

static void run_clear(Run *run)
{
	pipeline_free(run->pipeline);
	model_free(run->model);
	source_free(run->source);
}

static Verdict *judge(const Run *run, bool unfinished)
{
	DiagnoseOptions options = analysis_options(&(Declared){0}, run->source, run->pipeline,
	                                           run->model);
	options.unfinished = unfinished;
	return diagnose(run->model, &options);
}

static const Finding *finding_at(const Verdict *verdict, guint index)
{
	return &g_array_index(verdict->findings, Finding, index);
}

/* --- what was said too early ------------------------------------------------------------------- */

/* Of the same loss: its return may have been open. */
static bool is_same_loss(const Finding *early, const Finding *late)
{
	return early->client == late->client && early->from == late->from &&
	       (early->to == late->to || early->to == NO_INDEX);
}

static bool is_laid_to_somebody(const Finding *finding)
{
	return finding->severity == SEVERITY_LOSS && finding->responsible != RESPONSIBLE_UNKNOWABLE;
}

static unsigned count_laid(const Verdict *verdict)
{
	unsigned n = 0;
	for (guint i = 0; i < verdict->findings->len; i++)
		n += is_laid_to_somebody(finding_at(verdict, i));
	return n;
}

static bool holds(const Finding *early, const Verdict *end)
{
	for (guint i = 0; i < end->findings->len; i++) {
		const Finding *late = finding_at(end, i);
		if (is_same_loss(early, late) && late->responsible == early->responsible &&
		    late->severity == SEVERITY_LOSS)
			return true;
	}
	return false;
}

static const char *in_the_end(const Finding *early, const Verdict *end)
{
	for (guint i = 0; i < end->findings->len; i++)
		if (is_same_loss(early, finding_at(end, i)))
			return cause_name((CauseId)finding_at(end, i)->cause);
	return "nothing";
}

static unsigned compare(const char *path, const Run *run, const Verdict *now, const Verdict *end)
{
	unsigned n = 0;
	for (guint i = 0; i < now->findings->len; i++) {
		const Finding *early = finding_at(now, i);
		if (!is_laid_to_somebody(early) || holds(early, end))
			continue;
		ByteSpan id = model_text(run->model, model_client(run->model, early->client)->id);
		printf("%s: after frame %u %.*s: %s by %s (%s); in the end: %s\n", path, run->n_frames,
		       (int)id.size, (const char *)id.data, cause_name((CauseId)early->cause),
		       responsible_name((Responsible)early->responsible),
		       confidence_name((Confidence)early->confidence), in_the_end(early, end));
		n++;
	}
	return n;
}

/* --- whether asking changes anything ----------------------------------------------------------- */

static bool is_equal(const Run *run_a, const Finding *a, const Run *run_b, const Finding *b)
{
	const Absence *cost_a = model_absence(run_a->model, a->cost);
	const Absence *cost_b = model_absence(run_b->model, b->cost);
	bool costs = (cost_a == NULL) == (cost_b == NULL) &&
	             (cost_a == NULL || (cost_a->lost.min == cost_b->lost.min &&
	                                 cost_a->lost.max == cost_b->lost.max));
	return costs && a->client == b->client && a->from == b->from && a->to == b->to &&
	       a->cause == b->cause && a->severity == b->severity && a->responsible == b->responsible &&
	       a->confidence == b->confidence && a->weakened == b->weakened && a->lapse == b->lapse;
}

static bool is_same_end(const Run *run_a, const Verdict *a, const Run *run_b, const Verdict *b)
{
	bool same = a->findings->len == b->findings->len && a->incidents->len == b->incidents->len;
	for (guint i = 0; same && i < a->findings->len; i++)
		same = is_equal(run_a, finding_at(a, i), run_b, finding_at(b, i));
	return same;
}

static Verdict *judge_end(Run *run)
{
	FrameRun frames;
	while (source_next_run(run->source, &frames, NULL) == SOURCE_FRAME)
		pipeline_frames(run->pipeline, frames.frames, frames.n);
	pipeline_finish(run->pipeline, NULL);
	return judge(run, false);
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4)
		return 2;
	bool unfinished = argc == 3;
	unsigned n_laid = 0, every = (unsigned)MAX(atoi(argv[2]), 1), n_wrong = 0;
	Run plain = run_new(argv[1]), often = run_new(argv[1]);
	g_autoptr(Verdict) end = judge_end(&plain);
	Frame frame;
	while (source_next(often.source, &frame, NULL) == SOURCE_FRAME) {
		pipeline_frames(often.pipeline, &frame, 1);
		if (++often.n_frames % every != 0)
			continue;
		observe_pause(often.model);
		g_autoptr(Verdict) now = judge(&often, unfinished);
		n_laid += count_laid(now);
		n_wrong += compare(argv[1], &often, now, end);
	}
	g_autoptr(Verdict) late = judge_end(&often);
	bool same = is_same_end(&plain, end, &often, late);
	if (!same)
		printf("%s: the end is another one when asked before\n", argv[1]);
	printf("%u\n", n_laid);
	run_clear(&plain);
	run_clear(&often);
	return n_wrong > 0 || !same;
}
