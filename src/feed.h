/* SPDX-License-Identifier: MIT */
/*
 * feed: frames from a source to those who want them, to its end.
 */
#pragma once

#include "src/keylog.h"
#include "src/pipeline.h"
#include "src/save.h"

/* Who gets the frames; each may be NULL. */
typedef struct Feed {
	Pipeline *pipeline;
	KeyLog *keylog;
	Save *save;
	bool (*tell)(void *user); /* called a few times a second; false: nobody listens any more */
	void *user;
	int64_t told; /* for feed_all() */
} Feed;

/* Reads to the end; source_stop() makes the source end after what it has already.  False if the
 * source broke: *error says how. */
bool feed_all(Feed *feed, Source *source, GError **error);
