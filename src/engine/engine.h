/* SPDX-License-Identifier: MIT */
/*
 * engine: reads and analyses in a thread of its own, so that a slow terminal stops nothing.
 *
 * It alone feeds the model; while somebody holds it still with engine_hold() it
 * does not.  Now and then it makes a verdict of what there is so far, which is
 * final once the input is over.  What may have to be read again (an interface,
 * a pipe) it keeps in a file of its own.
 */
#pragma once

#include "src/analysis.h"
#include "src/engine/history.h"
#include "src/engine/standing.h"
#include "src/frame_notes.h"
#include "src/save_turns.h"
#include "src/verdict/roster.h"

typedef struct Engine Engine;

typedef struct EngineOptions {
	char **files;            /* as in Options: read these, or */
	char **interfaces;       /* capture on these */
	const char *write_path;  /* save the live capture here as well; NULL: no */
	Rotation rotation;       /* of that; all 0: none */
	const char *filter;
	bool follow;             /* files are read on as they grow */
	const char *user;        /* to become after opening; NULL: stay */
	const char *keylog;
	const uint16_t *decode_ports;
	size_t n_decode_ports;
	bool vantage_given;
	Vantage vantage;
	BrokerProduct broker_is;
	size_t memory;           /* octets that the model may take, see model_limit(); 0: what it needs */
} EngineOptions;

typedef struct EngineStatus {
	bool live;             /* from an interface, a pipe or a growing file */
	bool ended;            /* the input is over, and the verdict final */
	bool frozen;
	uint64_t frames;       /* analysed */
	uint64_t waiting;      /* captured while frozen, not analysed yet */
	double done;           /* the part of the files that is read, 0 to 1; negative: not known */
	double frames_per_second, packets_per_second; /* frames, MQTT packets: over the last second */
	uint64_t dropped;      /* by the kernel or the interface */
	uint32_t verdict;      /* the number of the verdict, from 1; 0: none yet */
	const char *error;     /* why it could not go on; NULL: it could */
} EngineStatus;

/* Opens the sources and, if so asked, drops privileges; nothing is read yet. */
Engine *engine_new(const EngineOptions *options, GError **error);
/* Ends the thread, and frees all. */
void engine_free(Engine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Engine, engine_free)

/* Every standing from now on gets a digest, and the one that there is; once, while no thread runs. */
void engine_digest(Engine *engine, const DigestOps *ops);
/* @wake is called from the engine's thread when there is something new, at most 40 times a second. */
void engine_start(Engine *engine, void (*wake)(void *user), void *user);
/* Ends the input as if it were over: what was read stays, and the verdict becomes final.  Safe in a
 * signal handler. */
void engine_stop(Engine *engine);
/* After engine_stop(): until the thread has ended, and the verdict is final. */
void engine_wait(Engine *engine);
/* Reads to the end without a thread; for tests. */
void engine_run(Engine *engine);

/* From here to engine_release() nothing of what the engine has changes, but for the status. */
void engine_hold(Engine *engine);
void engine_release(Engine *engine);
/* Only while it is held.  The findings and the roster are those of the last verdict: clients that
 * came to be known since are not in the roster. */
const Analysis *engine_analysis(Engine *engine);
const Roster *engine_roster(Engine *engine);
/* Both of them, to be kept; the caller owns a reference. */
Standing *engine_standing(Engine *engine);
EngineStatus engine_status(Engine *engine);

/* While frozen it captures and keeps, and analyses nothing. */
void engine_freeze(Engine *engine, bool freeze);

/* The packets of @clients (@n of them), read again in the background.  The caller owns a reference
 * of what it gets; see history.h. */
History *engine_history(Engine *engine, const ClientIndex *clients, unsigned n);

/* Writes the frames of the clients marked in @clients (1 for each, model_n_clients() of them) to
 * @path, as -w does, with @notes (taken over; NULL: none).  Blocks; not while held. */
bool engine_save(Engine *engine, const uint8_t *clients, uint32_t n_clients, const char *path,
                 FrameNotes *notes, uint64_t *n_frames, GError **error);
