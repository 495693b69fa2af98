/* SPDX-License-Identifier: MIT */
/*
 * save_turns: a capture that is saved goes on in another file when one is full.
 *
 * NAME.pcapng becomes NAME-00001.pcapng, NAME-00002.pcapng ...  A file that is there already is never
 * written over: its number is left out.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "dissectors/bytes.h"
#include "dissectors/stream.h"

typedef struct Rotation {
	uint64_t octets; /* a file is full when it has so many, about; 0: never */
	int64_t ns;      /* or when its frames go over such a time; 0: never */
	unsigned keep;   /* so many files, the newest; 0: all */
} Rotation;

typedef struct SaveTurns SaveTurns;

/* "100M" (octets, or so many times 1024 ...) or "30s", "15m", "1h", "7d": sets what it names of @rotation.
 * False if it is neither, or 0. */
bool rotation_read(Rotation *rotation, const char *text);

/* Of @path, which is no "-"; the first file has its name. */
SaveTurns *save_turns_new(const char *path, const Rotation *rotation);
void save_turns_free(SaveTurns *turns);
/* The file to be written now. */
const char *save_turns_path(const SaveTurns *turns);
/* Whether a frame of @time, the next of all, is one too many for a file that has @octets. */
bool save_turns_due(SaveTurns *turns, uint64_t octets, Instant time);
/* A file of this name is there: names another one. */
void save_turns_skip(SaveTurns *turns);
/* The file is closed: names the next one, for a frame of @time and others. */
void save_turns_next(SaveTurns *turns, Instant time);
/* The one that is named is there now: removes the oldest if they are too many. */
void save_turns_tidy(SaveTurns *turns);
/* So far, the one that is written now among them. */
unsigned save_turns_n_files(const SaveTurns *turns);
