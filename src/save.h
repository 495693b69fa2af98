/* SPDX-License-Identifier: MIT */
/*
 * save: the frames that were read from files, or some of them, into a new capture (-w with -r).
 */
#pragma once

#include "src/capture/source.h"
#include "src/session/model.h"

typedef struct Save Save;

/* False if reading @files (NULL-terminated) and writing @path exclude each other: one is the other,
 * or @twice, and one of them can be read only once. */
bool save_check(char *const *files, const char *path, bool twice, GError **error);

/* Opens @path with the first frame.  Borrows @path. */
Save *save_new(const char *path);
/* From here on only frames of the connections of @clients, 1 for each that is wanted, by index in
 * @model; borrows neither.  A connection owns the frames between its endpoints, either way, from
 * its beginning until the next one between them begins. */
void save_only(Save *save, const Model *model, const uint8_t *clients);
/* An error ends the saving; save_finish() tells it. */
void save_frame(Save *save, const Frame *frame);
/* Closes the file, which is a capture even if no frame was put; frees.  False: *error says why the
 * file is not what it should be. */
bool save_finish(Save *save, GError **error);
