/* SPDX-License-Identifier: MIT */
/*
 * The thread that fills a history: it reads what was analysed once more, and stays behind what is.
 */
#include <string.h>

#include "src/engine/engine_private.h"
#include "src/engine/history_record.h"

enum {
	SLICE_US = G_USEC_PER_SEC / 20,
	IDLE_US = G_USEC_PER_SEC / 5,
};

typedef struct Wanted {
	ClientIndex client;
	ConnectionIndex last; /* of its connections, that is expected; NO_INDEX: none */
	GBytes *id;           /* NULL: not looked up yet */
} Wanted;

typedef struct HistoryReader {
	Engine *engine;
	History *history;
	GThread *thread;
	atomic_bool over;
	Wanted *wanted;
	unsigned n_wanted;
	Source *source;
	KeyLog *keylog;
	Model *model;
	Pipeline *pipeline;
	HistoryBatch *batch;
	Recorder *recorder;
	FrameRun run;      /* of it, @run_at were taken */
	unsigned run_at;
	uint64_t n_read, most; /* frames; as many as the engine had analysed */
	bool settled;      /* the engine will analyse no more */
	bool ended;        /* there is nothing more to read */
	GError *error;
} HistoryReader;

/* --- what to expect: while the engine is held -------------------------------------------------- */

static void expect_connections(HistoryReader *reader, Wanted *wanted)
{
	const Model *model = reader->engine->model;
	const Connection *last = wanted->last == NO_INDEX ? NULL : model_connection(model, wanted->last);
	ConnectionIndex index = last == NULL || last->forgotten ? model_client(model, wanted->client)->first
	                                                        : last->next;
	for (; index != NO_INDEX; index = model_connection(model, index)->next) {
		if (last != NULL && index <= wanted->last)
			continue;
		recorder_expect(reader->recorder, model_connection(model, index)->opened_frame, index,
		                wanted->client);
		wanted->last = index;
	}
}

static GBytes *id_of(const Model *model, ClientIndex client)
{
	ByteSpan key = model_text(model, model_client(model, client)->key);
	return g_bytes_new(key.data, key.size);
}

static void look_ahead(HistoryReader *reader)
{
	Engine *engine = reader->engine;
	engine_hold(engine);
	reader->settled = atomic_load(&engine->settled);
	reader->most = atomic_load(&engine->n_analysed);
	for (unsigned i = 0; i < reader->n_wanted; i++) {
		Wanted *wanted = &reader->wanted[i];
		if (wanted->client >= model_n_clients(engine->model))
			continue;
		if (wanted->id == NULL)
			wanted->id = id_of(engine->model, wanted->client);
		expect_connections(reader, wanted);
	}
	engine_release(engine);
}

/* --- reading ------------------------------------------------------------------------------------ */

static bool is_unwanted(const HistoryReader *reader)
{
	return atomic_load(&reader->engine->ending) || g_atomic_int_get(&reader->history->n_refs) <= 2;
}

/* False: there is nothing now. */
static bool fetch(HistoryReader *reader)
{
	reader->run_at = 0;
	SourceStatus status = source_next_run(reader->source, &reader->run, &reader->error);
	if (status == SOURCE_FRAME) {
		keylog_take(reader->keylog, reader->source);
		return true;
	}
	reader->run.n = 0;
	reader->ended = status != SOURCE_AGAIN;
	return false;
}

/* For a while, and not beyond what the engine had. */
static void read_on(HistoryReader *reader)
{
	gint64 until = g_get_monotonic_time() + SLICE_US;
	while (reader->n_read < reader->most && !is_unwanted(reader) &&
	       g_get_monotonic_time() < until) {
		if (reader->run_at == reader->run.n && !fetch(reader))
			return;
		unsigned n = (unsigned)MIN(reader->run.n - reader->run_at,
		                           reader->most - reader->n_read);
		pipeline_frames(reader->pipeline, reader->run.frames + reader->run_at, n);
		reader->run_at += n;
		reader->n_read += n;
	}
}

/* --- telling ------------------------------------------------------------------------------------ */

static bool is_somebody_else(const HistoryReader *reader)
{
	for (unsigned i = 0; i < reader->n_wanted; i++) {
		const Wanted *wanted = &reader->wanted[i];
		if (wanted->id == NULL || wanted->client >= model_n_clients(reader->model))
			continue;
		g_autoptr(GBytes) id = id_of(reader->model, wanted->client);
		if (!g_bytes_equal(id, wanted->id))
			return true;
	}
	return recorder_is_betrayed(reader->recorder);
}

static void set_error(HistoryReader *reader)
{
	History *history = reader->history;
	if (history->error != NULL)
		return;
	if (is_somebody_else(reader))
		history->error = g_strdup("what was read again is not what was read before");
	else if (reader->error != NULL)
		history->error = g_strdup(reader->error->message);
	else
		return;
	reader->ended = true;
}

static void publish(HistoryReader *reader, bool all)
{
	Engine *engine = reader->engine;
	History *history = reader->history;
	engine_hold(engine);
	set_error(reader);
	if (history->error == NULL)
		history_batch_publish(reader->batch);
	history->done = all || reader->most == 0
	                        ? 1 : MIN((double)reader->n_read / (double)reader->most, 1);
	if (reader->ended && reader->error == NULL && reader->n_read < reader->most)
		history->cut |= HISTORY_CUT_KEPT;
	engine_release(engine);
	if (engine->wake != NULL)
		engine->wake(engine->user);
}

/* --- the thread --------------------------------------------------------------------------------- */

static void prepare(HistoryReader *reader)
{
	g_autofree ClientIndex *clients = g_new(ClientIndex, reader->n_wanted);
	for (unsigned i = 0; i < reader->n_wanted; i++)
		clients[i] = reader->wanted[i].client;
	reader->model = model_new();
	reader->pipeline = pipeline_new(reader->model, reader->engine->decode_ports,
	                                reader->engine->n_decode_ports);
	pipeline_use_keys(reader->pipeline, keylog_keys(reader->keylog));
	reader->batch = history_batch_new(reader->history);
	reader->recorder = recorder_new(reader->model, reader->batch, clients, reader->n_wanted);
	pipeline_watch(reader->pipeline, recorder_watch(), reader->recorder);
}

static void let_go(HistoryReader *reader)
{
	pipeline_free(reader->pipeline);
	model_free(reader->model);
	recorder_free(reader->recorder);
	history_batch_free(reader->batch);
	keylog_free(reader->keylog);
	source_free(reader->source);
}

static bool is_all(const HistoryReader *reader)
{
	return reader->ended || (reader->settled && reader->n_read >= reader->most);
}

static void read_all(HistoryReader *reader)
{
	while (!is_unwanted(reader) && !is_all(reader)) {
		look_ahead(reader);
		if (reader->n_read < reader->most) {
			read_on(reader);
			publish(reader, false);
		} else if (!reader->settled) {
			g_usleep(IDLE_US);
		}
	}
	if (is_unwanted(reader))
		return;
	pipeline_finish(reader->pipeline, NULL);
	publish(reader, true);
}

static void *work(void *user)
{
	HistoryReader *reader = user;
	reader->source = engine_frames(reader->engine, &reader->error);
	reader->keylog = engine_keylog(reader->engine);
	prepare(reader);
	if (reader->source == NULL)
		reader->ended = true;
	read_all(reader);
	let_go(reader);
	atomic_store(&reader->over, true);
	return NULL;
}

static void reader_free(HistoryReader *reader)
{
	g_thread_join(reader->thread);
	for (unsigned i = 0; i < reader->n_wanted; i++)
		g_clear_pointer(&reader->wanted[i].id, g_bytes_unref);
	g_free(reader->wanted);
	history_unref(reader->history);
	g_clear_error(&reader->error);
	g_free(reader);
}

static void reap(Engine *engine)
{
	for (guint i = engine->readers->len; i-- > 0;) {
		HistoryReader *reader = engine->readers->pdata[i];
		if (atomic_load(&reader->over)) {
			g_ptr_array_remove_index_fast(engine->readers, i);
			reader_free(reader);
		}
	}
}

History *engine_history(Engine *engine, const ClientIndex *clients, unsigned n)
{
	reap(engine);
	HistoryReader *reader = g_new0(HistoryReader, 1);
	reader->engine = engine;
	reader->history = history_new();
	reader->n_wanted = n;
	reader->wanted = g_new0(Wanted, n);
	for (unsigned i = 0; i < n; i++)
		reader->wanted[i] = (Wanted){.client = clients[i], .last = NO_INDEX};
	History *history = history_ref(reader->history);
	g_ptr_array_add(engine->readers, reader);
	reader->thread = g_thread_new("history", work, reader);
	return history;
}

void history_end_readers(Engine *engine)
{
	for (guint i = 0; i < engine->readers->len; i++)
		reader_free(engine->readers->pdata[i]);
	g_ptr_array_set_size(engine->readers, 0);
}
