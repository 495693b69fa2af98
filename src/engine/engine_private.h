/* SPDX-License-Identifier: MIT */
/*
 * engine_private: the engine's insides, for the files of src/engine alone.
 */
#pragma once

#include <stdatomic.h>

#include "src/capture/spool.h"
#include "src/engine/engine.h"
#include "src/engine/gate.h"
#include "src/engine/standing.h"
#include "src/inputs.h"

/* Twice as often as pictures are drawn: two clocks of the same pace would miss each other. */
enum { RATE_SAMPLES = 40, TURN_US = G_USEC_PER_SEC / 40 };

typedef struct RateSample {
	gint64 at; /* on the monotonic clock */
	uint64_t frames, packets;
} RateSample;

/* Who a file was when it was opened, so that no other is read in its place. */
typedef struct FileIdentity {
	uint64_t device, inode;
} FileIdentity;

struct Engine {
	/* what was asked for; copies */
	GStringChunk *strings;
	Inputs inputs;
	Declared declared;
	uint16_t *decode_ports;
	size_t n_decode_ports;

	GArray *clocks;      /* of ClockReading; NULL: there is but one, or they are yet to be compared */
	bool clocks_later;   /* when work begins */
	Source *origin;      /* what was opened */
	FileIdentity *files; /* NULL: it can be read only once, and frames are kept in */
	Spool *spool;        /* NULL: it consists of files */
	GThread *capture;    /* from @origin into @spool */
	Source *feed;        /* what is analysed: @origin, or the spool */
	Save *save;          /* NULL: a live capture is not saved, or has been */
	KeyLog *save_keylog; /* for the thread that captures */
	KeyLog *keylog;
	Pipeline *pipeline;

	/* What follows changes only while the gate is entered. */
	Gate gate;
	Model *model;
	Source *infos;       /* of @feed */
	Analysis analysis;
	Standing *standing;

	const DigestOps *digest; /* NULL: nobody wants one */
	GThread *thread;
	void (*wake)(void *user);
	void *user;
	atomic_bool stopped; /* the input is to end */
	atomic_bool ending;  /* at once, whatever has not been read */
	atomic_bool frozen;
	atomic_ullong n_analysed; /* frames */
	atomic_bool settled; /* nothing will be analysed any more */
	atomic_ullong n_dropped;

	/* for the thread alone */
	gint64 next_turn;    /* when the status is due, on the monotonic clock */
	gint64 next_verdict;
	gint64 last_frame;   /* when it came */
	uint64_t told;       /* frames in the last status */
	uint64_t judged;     /* frames in the last verdict */
	RateSample samples[RATE_SAMPLES + 1]; /* the oldest first */
	unsigned n_samples;

	pthread_mutex_t status_lock;
	EngineStatus status;
	GError *error;

	GPtrArray *readers;  /* of HistoryReader */
};

/* --- engine_input.c --------------------------------------------------------------------------- */

bool engine_open(Engine *engine, GError **error);
/* Of several files, when work begins. */
void engine_compare_clocks(Engine *engine);
void engine_close(Engine *engine);
/* It goes on until somebody ends it. */
bool engine_is_live(const Engine *engine);
/* The thread that keeps what can be read only once. */
void engine_start_capture(Engine *engine);
/* All frames from the first on, as they were and will be analysed; for one thread. */
Source *engine_frames(Engine *engine, GError **error);
/* Secrets for them. */
KeyLog *engine_keylog(Engine *engine);

/* --- engine_turn.c ---------------------------------------------------------------------------- */

/* Reads and analyses until the input is over. */
void engine_work(Engine *engine);

/* --- history_read.c --------------------------------------------------------------------------- */

/* Ends the threads of histories; the histories stay. */
void history_end_readers(Engine *engine);
