/* SPDX-License-Identifier: MIT */
/*
 * writer_private: one writer, and the forms that it may write.  For src/capture only.
 */
#pragma once

#include <stdio.h>

#include "src/capture/writer.h"

typedef struct WriterForm {
	/* What the file begins with; CaptureWriter.link_type is that of the first frame. */
	void (*begin)(CaptureWriter *writer);
	bool (*put)(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
	            const char *const *comments, GError **error);
	/* NULL: has no place for them. */
	void (*secrets)(CaptureWriter *writer, ByteSpan lines);
	void (*dropped)(CaptureWriter *writer, unsigned index, const SourceInfo *of);
} WriterForm;

struct CaptureWriter {
	char *path;
	FILE *file;
	uint64_t size; /* octets given to it */
	const WriterForm *form;
	bool begun;
	uint16_t link_type;   /* pcap: of all frames */
	GArray *interfaces;   /* pcapng: uint64_t, what tells one from the others */
	GHashTable *numbers;  /* of these keys, in @interfaces */
	uint32_t used_last;   /* of them */
	GByteArray *block;    /* likewise: the one that is being made */
	Instant last;
};

extern const WriterForm writer_pcap, writer_pcapng;

/* The octets go to the file as they are; errors show in ferror(). */
static inline void writer_octets(CaptureWriter *writer, const void *octets, size_t size)
{
	fwrite(octets, 1, size, writer->file);
	writer->size += size;
}

/* The formats know no time before 1970, nor an unknown one. */
static inline uint64_t writer_time(Instant time)
{
	return (uint64_t)MAX(time.ns, 0);
}
