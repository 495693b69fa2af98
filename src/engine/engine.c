/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "src/capture/mirror.h"
#include "src/engine/engine_private.h"
#include "src/session/forget.h"

static const char *keep(Engine *engine, const char *text)
{
	return text == NULL ? NULL : g_string_chunk_insert(engine->strings, text);
}

static void copy_options(Engine *engine, const EngineOptions *options)
{
	engine->strings = g_string_chunk_new(256);
	engine->inputs = (Inputs){
		.files = g_strdupv(options->files),
		.interfaces = g_strdupv(options->interfaces),
		.filter = keep(engine, options->filter),
		.follow = options->follow,
		.user = keep(engine, options->user),
		.keylog = keep(engine, options->keylog),
	};
	if (options->write_path != NULL && options->files == NULL) {
		engine->inputs.save = engine->save = save_new(keep(engine, options->write_path));
		save_in_turns(engine->save, &options->rotation);
	}
	engine->declared = (Declared){options->vantage_given, options->vantage, options->broker_is};
	engine->n_decode_ports = options->n_decode_ports;
	engine->decode_ports = g_memdup2(options->decode_ports,
	                                 options->n_decode_ports * sizeof *options->decode_ports);
}

static void free_options(Engine *engine)
{
	g_strfreev(engine->inputs.files);
	g_strfreev(engine->inputs.interfaces);
	g_string_chunk_free(engine->strings);
	g_free(engine->decode_ports);
}

/* There is a verdict from the beginning on: that of nothing. */
static void begin_analysis(Engine *engine)
{
	engine->model = model_new();
	engine->pipeline = pipeline_new(engine->model, engine->decode_ports, engine->n_decode_ports);
	pipeline_use_keys(engine->pipeline, keylog_keys(engine->keylog));
	engine->analysis.clocks = engine->clocks;
	engine->analysis.diagnosis = analysis_options(&engine->declared, engine->infos, engine->pipeline,
	                                   engine->model);
	analysis_read(&engine->analysis, engine->infos, engine->pipeline, engine->model);
	Verdict *verdict = diagnose(engine->model, &engine->analysis.diagnosis);
	engine->standing = standing_new(verdict, roster_new(engine->model, verdict, INSTANT_UNKNOWN));
	engine->standing->diagnosis = engine->analysis.diagnosis;
	standing_show(engine->standing, &engine->analysis);
}

Engine *engine_new(const EngineOptions *options, GError **error)
{
	Engine *engine = g_new0(Engine, 1);
	gate_init(&engine->gate);
	pthread_mutex_init(&engine->status_lock, NULL);
	engine->readers = g_ptr_array_new();
	copy_options(engine, options);
	if (!engine_open(engine, error)) {
		engine_free(engine);
		return NULL;
	}
	begin_analysis(engine);
	model_limit(engine->model, options->memory);
	model_hold_absences(engine->model);
	bool live = engine_is_live(engine);
	engine->status = (EngineStatus){.live = live, .done = live ? -1 : 0};
	return engine;
}

void engine_free(Engine *engine)
{
	if (engine == NULL)
		return;
	atomic_store(&engine->ending, true);
	if (engine->origin != NULL)
		engine_stop(engine);
	if (engine->spool != NULL)
		spool_abandon(engine->spool);
	if (engine->thread != NULL)
		g_thread_join(engine->thread);
	history_end_readers(engine);
	standing_unref(engine->standing);
	pipeline_free(engine->pipeline);
	if (engine->model != NULL)
		model_free(engine->model);
	engine_close(engine);
	free_options(engine);
	g_ptr_array_unref(engine->readers);
	g_clear_error(&engine->error);
	gate_clear(&engine->gate);
	pthread_mutex_destroy(&engine->status_lock);
	g_free(engine);
}

static void *work(void *user)
{
	engine_work(user);
	return NULL;
}

void engine_start(Engine *engine, void (*wake)(void *user), void *user)
{
	engine->wake = wake;
	engine->user = user;
	engine_start_capture(engine);
	engine->thread = g_thread_new("engine", work, engine);
}

void engine_stop(Engine *engine)
{
	atomic_store(&engine->stopped, true);
	source_stop(engine->origin);
}

void engine_wait(Engine *engine)
{
	if (engine->thread != NULL)
		g_thread_join(g_steal_pointer(&engine->thread));
}

void engine_run(Engine *engine)
{
	engine_start_capture(engine);
	engine_work(engine);
}

void engine_hold(Engine *engine)
{
	gate_hold(&engine->gate);
}

void engine_release(Engine *engine)
{
	gate_release(&engine->gate);
}

const Analysis *engine_analysis(Engine *engine)
{
	return &engine->analysis;
}

const Roster *engine_roster(Engine *engine)
{
	return engine->standing->roster;
}

Standing *engine_standing(Engine *engine)
{
	return standing_ref(engine->standing);
}

void engine_digest(Engine *engine, const DigestOps *ops)
{
	engine->digest = ops;
	standing_digest(engine->standing, &engine->analysis, ops);
}

EngineStatus engine_status(Engine *engine)
{
	pthread_mutex_lock(&engine->status_lock);
	EngineStatus status = engine->status;
	pthread_mutex_unlock(&engine->status_lock);
	status.frozen = atomic_load(&engine->frozen);
	return status;
}

void engine_freeze(Engine *engine, bool freeze)
{
	atomic_store(&engine->frozen, freeze);
}

/* --- saving ------------------------------------------------------------------------------------ */

/* The same frames that were analysed. */
static bool save_again(Engine *engine, Source *source, Save *save, uint64_t most, GError **error)
{
	FrameRun run;
	for (uint64_t n = 0; n < most; n += run.n) {
		run.n = 0;
		switch (source_next_run(source, &run, error)) {
		case SOURCE_FRAME:
			if (!save_frames(save, source, run.frames, (unsigned)MIN(run.n, most - n)))
				return true; /* save_finish() tells */
			break;
		case SOURCE_AGAIN:
			if (atomic_load(&engine->ending))
				return true;
			break;
		case SOURCE_END:
			return true;
		case SOURCE_ERROR:
			return false;
		}
	}
	return true;
}

/* What there is now; the engine goes on meanwhile. */
static Save *begin_save(Engine *engine, const uint8_t *clients, uint32_t n_clients, const char *path,
                        KeyLog *keylog, Source **infos, uint64_t *n_frames)
{
	Save *save = save_new(path);
	engine_hold(engine);
	*n_frames = atomic_load(&engine->n_analysed);
	*infos = mirror_new(engine->infos);
	g_autofree uint8_t *wanted = g_malloc0(model_n_clients(engine->model) + 1u);
	memcpy(wanted, clients, MIN(n_clients, model_n_clients(engine->model)));
	save_only(save, chosen_new(engine->model, wanted));
	engine_release(engine);
	keylog_take(keylog, *infos);
	save_use_keys(save, keylog_keys(keylog));
	return save;
}

bool engine_save(Engine *engine, const uint8_t *clients, uint32_t n_clients, const char *path,
                 FrameNotes *notes, uint64_t *n_frames, GError **error)
{
	g_autoptr(FrameNotes) own = notes;
	*n_frames = 0;
	if (engine->files != NULL && !save_check(engine->inputs.files, path, true, error))
		return false;
	Source *source = engine_frames(engine, error);
	if (source == NULL)
		return false;
	KeyLog *keylog = engine_keylog(engine);
	if (keylog == NULL) /* it is gone meanwhile */
		keylog = keylog_open(NULL, false, NULL);
	Source *infos;
	uint64_t most;
	Save *save = begin_save(engine, clients, n_clients, path, keylog, &infos, &most);
	save_use_notes(save, g_steal_pointer(&own));
	bool read = save_again(engine, source, save, most, error);
	*n_frames = save_n_frames(save);
	bool good = save_finish(save, infos, read ? error : NULL) && read;
	source_free(source);
	source_free(infos);
	keylog_free(keylog);
	return good;
}
