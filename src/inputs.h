/* SPDX-License-Identifier: MIT */
/*
 * inputs: opens what is to be read, and what is needed to read it.
 */
#pragma once

#include "src/capture/source.h"
#include "src/clocks.h"
#include "src/keylog.h"
#include "src/save.h"
#include "src/session/model.h"

typedef struct Inputs {
	char **files;           /* NULL-terminated; NULL: none, then */
	char **interfaces;      /* likewise; both NULL: all of them */
	Save *save;             /* where a live capture goes as well, to be opened with it; NULL: nowhere */
	const char *filter;     /* BPF; NULL: none */
	bool follow;            /* files are read on as they grow */
	const char *user;       /* to become after opening; NULL: stay */
	const char *keylog;     /* secrets for TLS; NULL: none */
	const GArray *clocks;   /* of inputs_compare_clocks(), or NULL: times are by the first file's */
} Inputs;

/* Opens them and, if so asked, drops privileges. */
Source *inputs_open(const Inputs *inputs, GError **error);
/* Only the files: once more, to read them again. */
Source *inputs_open_files(const Inputs *inputs, GError **error);
/* While a capture runs the key log may get more lines. */
KeyLog *inputs_open_keylog(const Inputs *inputs, GError **error);
/* How the clocks of the files differ, for the caller to free; NULL: there is but one.  Reads the files, which
 * takes its time; *stopped (NULL: never) ends that. */
GArray *inputs_compare_clocks(const Inputs *inputs, const atomic_bool *stopped);
/* Puts the times of @source, of which nothing was read yet, right by @clocks, as opening with them does. */
void inputs_put_clocks_right(Source *source, const GArray *clocks);
/* Tells @model, before it is judged, what was found about the clocks of @source; @clocks may be NULL. */
void inputs_doubt_clocks(const Source *source, const GArray *clocks, Model *model);
/* All of them are regular files. */
bool inputs_are_files(const Inputs *inputs);
