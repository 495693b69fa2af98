/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include "src/capture/mirror.h"
#include "src/engine/engine_private.h"

#define SPOOL_MOST (UINT64_C(8) << 30)

static FileIdentity identity_of(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return (FileIdentity){0};
	return (FileIdentity){status.st_dev, status.st_ino};
}

static void remember_files(Engine *engine)
{
	unsigned n = g_strv_length(engine->inputs.files);
	engine->files = g_new0(FileIdentity, n);
	for (unsigned i = 0; i < n; i++)
		engine->files[i] = identity_of(engine->inputs.files[i]);
}

/* What can be read only once is kept, and analysed from there. */
static bool open_spool(Engine *engine, GError **error)
{
	engine->spool = spool_new(engine->origin, SPOOL_MOST, error);
	if (engine->spool == NULL)
		return false;
	engine->feed = spool_open(engine->spool, true);
	return true;
}

bool engine_open(Engine *engine, GError **error)
{
	engine->keylog = inputs_open_keylog(&engine->inputs, error);
	if (engine->keylog == NULL)
		return false;
	/* Reading them for this takes as long as the files are large: with luck it can wait until pictures are
	 * drawn.  Who becomes another user may not be able to open them again. */
	engine->clocks_later = inputs_are_files(&engine->inputs) && engine->inputs.user == NULL;
	if (!engine->clocks_later)
		engine->clocks = inputs_compare_clocks(&engine->inputs, NULL);
	engine->inputs.clocks = engine->clocks;
	engine->origin = inputs_open(&engine->inputs, error);
	if (engine->origin == NULL)
		return false;
	if (inputs_are_files(&engine->inputs)) {
		remember_files(engine);
		engine->feed = engine->origin;
	} else if (!open_spool(engine, error)) {
		return false;
	}
	engine->infos = mirror_new(engine->feed);
	if (engine->save != NULL) {
		engine->save_keylog = engine_keylog(engine);
		save_use_keys(engine->save, keylog_keys(engine->save_keylog));
	}
	return true;
}

void engine_compare_clocks(Engine *engine)
{
	GArray *clocks = engine->clocks_later ? inputs_compare_clocks(&engine->inputs, &engine->stopped) : NULL;
	if (clocks == NULL)
		return;
	gate_enter(&engine->gate);
	inputs_put_clocks_right(engine->origin, clocks);
	engine->clocks = clocks;
	engine->inputs.clocks = clocks;
	engine->analysis.clocks = clocks;
	gate_leave(&engine->gate);
}

bool engine_is_live(const Engine *engine)
{
	return engine->spool != NULL || engine->inputs.follow;
}

void engine_close(Engine *engine)
{
	if (engine->capture != NULL)
		g_thread_join(engine->capture);
	if (engine->feed != engine->origin)
		source_free(engine->feed);
	source_free(engine->origin);
	source_free(engine->infos);
	save_abandon(engine->save);
	keylog_free(engine->save_keylog);
	spool_free(engine->spool);
	keylog_free(engine->keylog);
	if (engine->clocks != NULL)
		g_array_unref(engine->clocks);
	g_free(engine->files);
}

/* --- keeping ----------------------------------------------------------------------------------- */

/* False: it cannot be saved any more, and is not worth going on. */
static bool save_too(Engine *engine, const FrameRun *run)
{
	if (engine->save == NULL)
		return true;
	if (run == NULL)
		return save_flush(engine->save);
	return save_frames(engine->save, engine->origin, run->frames, run->n);
}

static void *capture(void *user)
{
	Engine *engine = user;
	FrameRun run;
	GError *error = NULL;
	SourceStatus status = SOURCE_AGAIN;
	while (status == SOURCE_FRAME || status == SOURCE_AGAIN) {
		status = source_next_run(engine->origin, &run, &error);
		bool saved = save_too(engine, status == SOURCE_FRAME ? &run : NULL);
		if (status == SOURCE_FRAME)
			spool_put(engine->spool, engine->origin, run.frames, run.n);
		else if (status == SOURCE_AGAIN)
			spool_put(engine->spool, engine->origin, NULL, 0);
		if (!saved || atomic_load(&engine->ending))
			break;
	}
	if (engine->save != NULL)
		save_finish(g_steal_pointer(&engine->save), engine->origin, error == NULL ? &error : NULL);
	spool_end(engine->spool, engine->origin, error);
	return NULL;
}

void engine_start_capture(Engine *engine)
{
	if (engine->spool != NULL)
		engine->capture = g_thread_new("capture", capture, engine);
}

/* --- once more --------------------------------------------------------------------------------- */

static bool is_the_same(const Engine *engine, unsigned index, GError **error)
{
	const char *path = engine->inputs.files[index];
	FileIdentity now = identity_of(path);
	if (memcmp(&now, &engine->files[index], sizeof now) == 0)
		return true;
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_READ,
	            "%s is gone, or another file has its name now", path);
	return false;
}

Source *engine_frames(Engine *engine, GError **error)
{
	if (engine->spool != NULL)
		return spool_open(engine->spool, false);
	for (unsigned i = 0; engine->inputs.files[i] != NULL; i++)
		if (!is_the_same(engine, i, error))
			return NULL;
	return inputs_open_files(&engine->inputs, error);
}

KeyLog *engine_keylog(Engine *engine)
{
	return inputs_open_keylog(&engine->inputs, NULL);
}
