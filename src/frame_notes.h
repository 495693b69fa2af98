/* SPDX-License-Identifier: MIT */
/*
 * frame_notes: what is to be said at which frame of a capture that is saved.
 */
#pragma once

#include <glib.h>

#include "src/capture/source.h"

/* Of one frame; and of all. */
enum { FRAME_NOTES_MOST = 16, FRAME_NOTES_MOST_OF_ALL = 1 << 17 };

typedef struct FrameNotes FrameNotes;

FrameNotes *frame_notes_new(void);
void frame_notes_free(FrameNotes *notes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FrameNotes, frame_notes_free)
/* @text (UTF-8) is copied, and cut where it is longer than comments are read again
 * (SOURCE_TEXT_MOST).  The same text at the same frame is told once. */
void frame_notes_add(FrameNotes *notes, FrameRef frame, const char *text);
/* Those that the files of @source brought along. */
void frame_notes_add_comments(FrameNotes *notes, const Source *source);
/* No more is taken. */
bool frame_notes_full(const FrameNotes *notes);
/* NULL-terminated; NULL: none. */
const char *const *frame_notes_of(const FrameNotes *notes, FrameRef frame);
