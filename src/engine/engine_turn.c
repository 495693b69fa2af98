/* SPDX-License-Identifier: MIT */
/*
 * What the engine's thread does: it reads, analyses, judges, and tells.
 */
#include <string.h>

#include "src/capture/mirror.h"
#include "src/engine/engine_private.h"
#include "src/session/observe.h"

enum {
	VERDICT_US = G_USEC_PER_SEC / 4, /* between two verdicts, at least, */
	VERDICT_SHARE = 9,               /* and so many times of what one takes */
	IDLE_US = G_USEC_PER_SEC,        /* when states change by time alone */
	FROZEN_US = G_USEC_PER_SEC / 40,
};

/* --- the status -------------------------------------------------------------------------------- */

static double since(uint64_t now, uint64_t then, double seconds)
{
	return seconds > 0 ? (double)(now - then) / seconds : 0;
}

static void sample(Engine *engine, gint64 now)
{
	if (engine->n_samples == G_N_ELEMENTS(engine->samples)) {
		engine->n_samples--;
		memmove(engine->samples, engine->samples + 1,
		        engine->n_samples * sizeof *engine->samples);
	}
	engine->samples[engine->n_samples++] = (RateSample){
		.at = now,
		.frames = pipeline_counts(engine->pipeline)->frames,
		.packets = model_counts(engine->model)->packets,
	};
}

static double part_done(const Engine *engine)
{
	uint64_t n_read, size;
	if (engine_is_live(engine) || !source_progress(engine->origin, &n_read, &size) || size == 0)
		return -1;
	return MIN((double)n_read / (double)size, 1);
}

static uint64_t n_dropped(const Source *infos)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < source_n_infos(infos); i++)
		n += source_info(infos, i)->dropped;
	return n;
}

static void update_status(Engine *engine, bool ended)
{
	const RateSample *last = &engine->samples[engine->n_samples - 1];
	double seconds = (double)(last->at - engine->samples[0].at) / G_USEC_PER_SEC;
	uint64_t captured = engine->spool != NULL ? spool_n_frames(engine->spool) : last->frames;
	pthread_mutex_lock(&engine->status_lock);
	EngineStatus *status = &engine->status;
	status->ended = ended;
	status->frames = last->frames;
	status->waiting = captured - MIN(captured, last->frames);
	status->done = ended ? 1 : part_done(engine);
	status->frames_per_second = since(last->frames, engine->samples[0].frames, seconds);
	status->packets_per_second = since(last->packets, engine->samples[0].packets, seconds);
	status->dropped = n_dropped(engine->infos);
	status->error = engine->error != NULL ? engine->error->message : NULL;
	pthread_mutex_unlock(&engine->status_lock);
}

/* What somebody sees of the status: whether it is worth to be woken for. */
static uint64_t news(const Engine *engine)
{
	const EngineStatus *status = &engine->status;
	return status->frames + status->waiting + status->dropped + status->verdict +
	       (status->frames_per_second > 0);
}

static void tell(Engine *engine, gint64 now)
{
	engine->next_turn = now + TURN_US;
	sample(engine, now);
	update_status(engine, false);
	if (news(engine) == engine->told)
		return;
	engine->told = news(engine);
	if (engine->wake != NULL)
		engine->wake(engine->user);
}

/* --- the verdict ------------------------------------------------------------------------------- */

/* While nothing comes from an interface its time goes on all the same. */
static Instant capture_now(const Engine *engine)
{
	Instant now = pipeline_counts(engine->pipeline)->last;
	bool goes_on = engine->spool != NULL && engine->inputs.files == NULL &&
	               !atomic_load(&engine->frozen) && instant_known(now);
	if (goes_on)
		now.ns += (g_get_monotonic_time() - engine->last_frame) * 1000;
	return now;
}

static void publish(Engine *engine, Standing *standing)
{
	gate_enter(&engine->gate);
	Standing *old = engine->standing;
	engine->standing = standing;
	standing_show(standing, &engine->analysis);
	gate_leave(&engine->gate);
	standing_unref(old);

	pthread_mutex_lock(&engine->status_lock);
	engine->status.verdict = standing->number;
	pthread_mutex_unlock(&engine->status_lock);
}

/* The model does not change meanwhile, but may be read. */
static void judge(Engine *engine, bool final)
{
	gint64 begun = g_get_monotonic_time();
	gate_enter(&engine->gate);
	if (!final)
		observe_pause(engine->model);
	inputs_doubt_clocks(engine->infos, engine->clocks, engine->model);
	gate_leave(&engine->gate);
	DiagnoseOptions options = analysis_options(&engine->declared, engine->infos, engine->pipeline,
	                                   engine->model);
	options.unfinished = !final;
	Verdict *verdict = diagnose(engine->model, &options);
	Standing *standing = standing_new(verdict, roster_new(engine->model, verdict, capture_now(engine)));
	standing->number = engine->standing->number + 1;
	standing->diagnosis = options;
	if (engine->digest != NULL)
		standing_digest(standing, &engine->analysis, engine->digest);
	publish(engine, standing);
	engine->judged = pipeline_counts(engine->pipeline)->frames;
	gint64 now = g_get_monotonic_time();
	engine->next_verdict = now + MAX((now - begun) * VERDICT_SHARE, VERDICT_US);
}

static void judge_if_due(Engine *engine, gint64 now)
{
	if (now < engine->next_verdict)
		return;
	bool news = engine->judged != pipeline_counts(engine->pipeline)->frames;
	bool late = engine->spool != NULL && now >= engine->next_verdict + IDLE_US;
	if (news || late)
		judge(engine, false);
}

/* --- the turns --------------------------------------------------------------------------------- */

static void take(Engine *engine, const FrameRun *run)
{
	keylog_take(engine->keylog, engine->feed);
	gate_enter(&engine->gate);
	pipeline_frames(engine->pipeline, run->frames, run->n);
	mirror_take(engine->infos, engine->feed);
	analysis_read(&engine->analysis, engine->infos, engine->pipeline, engine->model);
	atomic_store(&engine->n_analysed, engine->analysis.frames);
	gate_leave(&engine->gate);
}

static void take_infos(Engine *engine)
{
	gate_enter(&engine->gate);
	mirror_take(engine->infos, engine->feed);
	gate_leave(&engine->gate);
}

static bool is_frozen(const Engine *engine)
{
	return atomic_load(&engine->frozen) && !atomic_load(&engine->stopped);
}

/* False: the input is over. */
static bool turn(Engine *engine)
{
	FrameRun run;
	if (is_frozen(engine)) {
		g_usleep(FROZEN_US);
		return true;
	}
	switch (source_next_run(engine->feed, &run, &engine->error)) {
	case SOURCE_FRAME:
		take(engine, &run);
		engine->last_frame = engine->next_turn - TURN_US;
		return true;
	case SOURCE_AGAIN:
		take_infos(engine);
		return true;
	case SOURCE_END:
	case SOURCE_ERROR:
		return false;
	}
	return false;
}

static void leave(void *gate)
{
	gate_leave(gate);
}

static void enter(void *gate)
{
	gate_enter(gate);
}

static void finish(Engine *engine)
{
	Breath breath = {.leave = leave, .enter = enter, .user = &engine->gate};
	gate_enter(&engine->gate);
	pipeline_finish(engine->pipeline, &breath);
	mirror_take(engine->infos, engine->feed);
	analysis_read(&engine->analysis, engine->infos, engine->pipeline, engine->model);
	engine->analysis.interrupted = atomic_load(&engine->stopped);
	gate_leave(&engine->gate);
	atomic_store(&engine->settled, true);
	judge(engine, true);
	sample(engine, g_get_monotonic_time());
	update_status(engine, true);
	if (engine->wake != NULL)
		engine->wake(engine->user);
}

void engine_work(Engine *engine)
{
	engine_compare_clocks(engine);
	gint64 now = g_get_monotonic_time();
	sample(engine, now);
	engine->next_turn = now + TURN_US;
	engine->next_verdict = now + VERDICT_US / 2;
	while (!atomic_load(&engine->ending) && turn(engine)) {
		now = g_get_monotonic_time();
		judge_if_due(engine, now);
		if (now >= engine->next_turn)
			tell(engine, now);
	}
	if (!atomic_load(&engine->ending))
		finish(engine);
}
