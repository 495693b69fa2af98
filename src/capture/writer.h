/* SPDX-License-Identifier: MIT */
/*
 * writer: frames into a classic pcap file with nanoseconds.
 *
 * That format holds one link type; a frame of another one is an error.
 */
#pragma once

#include "src/capture/source.h"

typedef struct CaptureWriter CaptureWriter;

/* "-" is standard output.  Overwrites @path.  @snaplen 0: 262144. */
CaptureWriter *capture_writer_open(const char *path, uint16_t link_type, uint32_t snaplen,
                                   GError **error);
bool capture_writer_put(CaptureWriter *writer, const Frame *frame, GError **error);
/* What has been put is in the file. */
bool capture_writer_flush(CaptureWriter *writer, GError **error);
/* Also after an error, and of NULL. */
void capture_writer_free(CaptureWriter *writer);
