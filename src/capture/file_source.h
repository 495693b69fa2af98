/* SPDX-License-Identifier: MIT */
/*
 * file_source: a capture file, FIFO or standard input, and the two formats that
 * it may have.  For src/capture only.
 */
#pragma once

#include "src/capture/block_reader.h"
#include "src/capture/filter.h"
#include "src/capture/source_impl.h"

/* No record is larger than this; a length beyond it is damage. */
#define RECORD_SIZE_MAX (UINT32_C(256) * 1024 * 1024)
/* Where octets cost next to nothing, being compressed, not even that. */
#define RECORD_SIZE_MAX_INFLATED (UINT32_C(32) * 1024 * 1024)

static inline uint32_t record_size_max(const BlockReader *reader)
{
	return reader->inflate != NULL ? RECORD_SIZE_MAX_INFLATED : RECORD_SIZE_MAX;
}

typedef struct PcapFile {
	bool swapped;
	unsigned minor_version;
	uint16_t link_type;
	uint32_t size_limit; /* of the captured octets of a frame */
	uint32_t tick_ns;    /* 1 or 1000 */
} PcapFile;

typedef struct PcapngFile {
	GArray *interfaces; /* PcapngInterface, of this section */
	bool swapped;       /* of this section */
	uint32_t n_described; /* interfaces, of all sections */
	Instant last;
} PcapngFile;

enum { FILE_RUN_MAX = 64 };

typedef struct FileSource {
	Source base;
	BlockReader reader;
	InfoRecord record;
	uint64_t n_frames; /* read, whether they match the filter or not */
	FrameFilter *filter;
	/* Reads the next frame: all of *frame but ref. */
	SourceStatus (*read_frame)(struct FileSource *file, Frame *frame);
	/* Reads as many as stand in the buffer whole and are as usual, at most @n_most; NULL: none. */
	unsigned (*read_usual)(struct FileSource *file, Frame *frames, unsigned n_most);
	PcapFile pcap;
	PcapngFile pcapng;
	Frame run[FILE_RUN_MAX];
} FileSource;

/* What to return when a record's octets are not there: @status is not READ_OK.  Octets left over at
 * the end are damage: the file ends within a @what. */
SourceStatus file_source_short(FileSource *file, ReadStatus status, const char *what);

/* Ends the source as damaged at the record that comes next: "frame N: TEXT at offset M". */
SourceStatus file_source_damage(FileSource *file, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Waits until the first @n_octets are there; a file that ends before is no capture, for want of
 * the whole @what. */
bool file_source_wait(FileSource *file, size_t n_octets, const char *what, GError **error);

/* Says that the file is no capture. */
void file_source_set_not_a_capture(const FileSource *file, GError **error, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* Read the file header; the magic number has been seen.  False: *error is set. */
bool pcap_file_begin(FileSource *file, GError **error);
bool pcapng_file_begin(FileSource *file, GError **error);
