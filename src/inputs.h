/* SPDX-License-Identifier: MIT */
/*
 * inputs: opens what is to be read, and what is needed to read it.
 */
#pragma once

#include "src/capture/source.h"
#include "src/keylog.h"

typedef struct Inputs {
	char **files;           /* NULL-terminated; NULL: none, then */
	char **interfaces;      /* likewise; both NULL: all of them */
	const char *write_path; /* save the live capture here as well; NULL: no */
	const char *filter;     /* BPF; NULL: none */
	const char *user;       /* to become after opening; NULL: stay */
	const char *keylog;     /* secrets for TLS; NULL: none */
} Inputs;

/* Opens them and, if so asked, drops privileges. */
Source *inputs_open(const Inputs *inputs, GError **error);
/* Only the files: once more, to read them again. */
Source *inputs_open_files(const Inputs *inputs, GError **error);
/* While a capture runs the key log may get more lines. */
KeyLog *inputs_open_keylog(const Inputs *inputs, GError **error);
/* All of them are regular files. */
bool inputs_are_files(const Inputs *inputs);
