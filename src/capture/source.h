/* SPDX-License-Identifier: MIT */
/*
 * source: frames, one after the other, from files, pipes and interfaces.
 *
 * Several sources are merged by time.  A frame's octets are borrowed and valid
 * until the next call.  Own readers for classic pcap and pcapng (mixed link
 * types and snap lengths, both byte orders, truncated tails); libpcap captures
 * live.
 */
#pragma once

#include <glib.h>

#include "dissectors/stream.h"
#include "src/capture/source_info.h"

typedef enum SourceStatus {
	SOURCE_FRAME, /* *frame is the next one */
	SOURCE_AGAIN, /* live, or a pipe: nothing within about 100 ms */
	SOURCE_END,   /* all read */
	SOURCE_ERROR, /* cannot go on at all: *error is set */
} SourceStatus;

typedef struct Source Source;

/* Opens a capture file, FIFO or "-" (standard input).  The first octets are checked: a file that is
 * no capture is an error that names it and the offset. */
Source *source_open_file(const char *path, GError **error);

typedef struct LiveOptions {
	const char *filter; /* BPF, or NULL */
	int snaplen;        /* 0: 262144 */
	int buffer_mib;     /* 0: 16 */
	int timeout_ms;     /* 0: 100 */
} LiveOptions;
/* Captures on @interfaces (NULL-terminated), each with its own thread.  The kernel collects frames
 * at once; the threads start with the first source_next(), so drop privileges before that. */
Source *source_open_live(const char *const *interfaces, const LiveOptions *options, GError **error);

/* Merges by time; takes the sources over (not the array). Source i keeps its index for
 * FrameRef.source; frames of the same moment come in the order of their sources. */
Source *source_merge(Source **sources, unsigned n_sources);

/* Keep only frames that match a BPF filter when reading files (compiled for each link type). */
bool source_set_filter(Source *source, const char *filter, GError **error);

/* Adds @shift_ns to all times of the file that source_info() @index tells of; before the first frame is read. */
void source_shift_clock(Source *source, unsigned index, int64_t shift_ns);

/* A file is read on as it grows, until source_stop() or until another takes its place; for what is
 * no regular file this changes nothing. */
void source_follow(Source *source);

SourceStatus source_next(Source *source, Frame *frame, GError **error);

/* Some frames, in their order; their octets are borrowed until the next call. */
typedef struct FrameRun {
	const Frame *frames;
	unsigned n;
	Frame one;
} FrameRun;
/* As many as are at hand, at least one if it says SOURCE_FRAME. */
SourceStatus source_next_run(Source *source, FrameRun *run, GError **error);

/* Asks a source to end, live or file; safe in a signal handler and from any thread.  Go on calling
 * source_next(): what has been captured comes first, then SOURCE_END. */
void source_stop(Source *source);

unsigned source_n_infos(const Source *source);
const SourceInfo *source_info(const Source *source, unsigned index);
/* How many octets of its files, as they are stored, were read so far, of how many; false if it has
 * others than files, or ones whose size is not known. */
bool source_progress(const Source *source, uint64_t *n_read, uint64_t *size);
void source_free(Source *source);

/* The capture library at run time, for --version. */
const char *capture_version(void);
/* How files may be compressed, likewise; free with g_free(). */
char *capture_compressions(void);

#define MQLAPSE_CAPTURE_ERROR (capture_error_quark())
GQuark capture_error_quark(void);
typedef enum CaptureError {
	CAPTURE_ERROR_OPEN,
	CAPTURE_ERROR_NOT_A_CAPTURE,
	CAPTURE_ERROR_READ,
	CAPTURE_ERROR_PERMISSION,
	CAPTURE_ERROR_FILTER,
	CAPTURE_ERROR_WRITE,
	CAPTURE_ERROR_EXISTS, /* what was to be made is there already */
} CaptureError;
