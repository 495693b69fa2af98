/* SPDX-License-Identifier: MIT */
/*
 * input: stories in the language of tests/scenarios/README.md, as captures to read.
 */
#pragma once

#include <glib.h>

#include "src/engine/engine.h"
#include "tests/support/wrap.h"

/* A broker, a client "pump", who is away for @away seconds, and a publisher. */
char *input_story(unsigned n_absences);
/* A pcap file; free with input_remove(). */
char *input_file(const char *story);
/* The same, with at most @cut_every octets in a segment. */
char *input_file_cut(const char *story, unsigned cut_every);
/* The same, all of it carried by @wrap.  *keylog: a key log of its TLS, a file as well;
 * NULL if there is none. */
char *input_file_over(const char *story, WrapKind wrap, char **keylog);
/* Two pcap files, with the odd and the even frames of @file, to be removed likewise. */
void input_file_in_two(const char *file, char *halves[2]);
void input_remove(char *path);

/* A FIFO into which a thread writes the octets of a file: at once the first @n, and the rest once it is
 * told to go on. */
typedef struct InputPipe InputPipe;
InputPipe *input_pipe_new(const char *file, size_t n);
const char *input_pipe_path(const InputPipe *pipe);
void input_pipe_go_on(InputPipe *pipe);
void input_pipe_free(InputPipe *pipe);

/* An engine that reads @path; the test fails if it cannot. */
Engine *input_engine(const char *path);
Engine *input_engine_of(const EngineOptions *options);
/* Waits until @is_so; the test fails if that takes half a minute. */
void input_wait(Engine *engine, bool (*is_so)(Engine *engine, void *user), void *user);
bool input_is_ended(Engine *engine, void *user);
