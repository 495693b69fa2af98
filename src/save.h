/* SPDX-License-Identifier: MIT */
/*
 * save: the frames that were read, or some of them, into a new capture (-w).
 */
#pragma once

#include "src/capture/source.h"
#include "src/chosen.h"
#include "src/frame_notes.h"
#include "src/keylog.h"
#include "src/save_turns.h"

typedef struct Save Save;

/* False if reading @files (NULL-terminated) and writing @path exclude each other: one is the other,
 * or @twice, and one of them can be read only once. */
bool save_check(char *const *files, const char *path, bool twice, GError **error);

/* Opens @path with the first frame, or with save_open().  Borrows @path. */
Save *save_new(const char *path);
/* Before anything is opened: into several files, see save_turns.h; if @rotation is all 0, into one. */
void save_in_turns(Save *save, const Rotation *rotation);
/* Now, so that an error shows at once; for frames of @of, of which nothing was read yet. */
bool save_open(Save *save, const Source *of, GError **error);
/* Of @keys those for the connections that are saved go with them, where the form of @path has a place
 * for them.  Borrowed, until save_finish(). */
void save_use_keys(Save *save, TlsKeys *keys);
/* What is said at frames, likewise; taken over, NULL: nothing. */
void save_use_notes(Save *save, FrameNotes *notes);
/* From here on only frames of @chosen, which is taken over. */
void save_only(Save *save, Chosen *chosen);

/* @source, where @frames come from, tells of their interfaces.  False: saving has ended with an error,
 * which save_finish() tells. */
bool save_frames(Save *save, const Source *source, const Frame *frames, unsigned n_frames);
/* What was saved is in the file; for when no frames come. */
bool save_flush(Save *save);
/* Frames so far. */
uint64_t save_n_frames(const Save *save);
/* Of those that are numbered, also removed ones; 0: they are not. */
unsigned save_n_files(const Save *save);
/* Closes the file, which is a capture even if no frame was put; frees.  @source: where they came from.
 * False: *error says why the file is not what it should be. */
bool save_finish(Save *save, const Source *source, GError **error);
/* Frees without a last word: whoever asked for it has gone. */
void save_abandon(Save *save);
