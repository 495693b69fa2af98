/* SPDX-License-Identifier: MIT */
/*
 * writer: frames into a new capture file.
 *
 * The name says which form: NAME.pcap (or .cap) is classic pcap with nanoseconds, which
 * holds one link type and nothing but frames; anything else, standard output too, is pcapng,
 * with an interface for each one that frames came from, secrets for TLS and comments.
 * Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#pragma once

#include "src/capture/source.h"

typedef struct CaptureWriter CaptureWriter;

/* A file of this name can hold more than frames. */
bool capture_writer_annotates(const char *path);

/* "-" is standard output.  Overwrites @path.  @of: where the frames will come from; if that is
 * interfaces whose frames one such file cannot hold, it is an error at once. */
CaptureWriter *capture_writer_open(const char *path, const Source *of, GError **error);
/* The same for a file, no "-", which must not be there yet: CAPTURE_ERROR_EXISTS. */
CaptureWriter *capture_writer_create(const char *path, const Source *of, GError **error);
/* @of: of the source that @frame->ref names.  @comments (NULL-terminated UTF-8; NULL: none) stand
 * at the frame, where the form has them.  False with *error: the file is of no use any more. */
bool capture_writer_put(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
                        const char *const *comments, GError **error);
/* Whole lines of a TLS key log, for the frames that follow. */
bool capture_writer_secrets(CaptureWriter *writer, ByteSpan lines, GError **error);
/* How many frames source @index lost meanwhile, by @of, if it tells; once, at the end. */
bool capture_writer_dropped(CaptureWriter *writer, unsigned index, const SourceInfo *of, GError **error);
/* Octets of the file so far. */
uint64_t capture_writer_size(const CaptureWriter *writer);
/* What has been put is in the file. */
bool capture_writer_flush(CaptureWriter *writer, GError **error);
/* The same, and nothing follows: it is a capture even if nothing was put. */
bool capture_writer_finish(CaptureWriter *writer, GError **error);
/* Also after an error, and of NULL. */
void capture_writer_free(CaptureWriter *writer);
