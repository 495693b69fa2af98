/* SPDX-License-Identifier: MIT */
/*
 * source_impl: what every kind of source is made of.  For src/capture only.
 */
#pragma once

#include "src/capture/source.h"

typedef struct SourceOps {
	SourceStatus (*next)(Source *self, Frame *frame, GError **error);
	/* NULL: one after the other. */
	SourceStatus (*next_run)(Source *self, FrameRun *run, GError **error);
	bool (*set_filter)(Source *self, const char *filter, GError **error);
	void (*stop)(Source *self); /* async-signal-safe */
	unsigned (*n_infos)(const Source *self);
	const SourceInfo *(*info)(const Source *self, unsigned index);
	/* NULL: not known. */
	bool (*progress)(const Source *self, uint64_t *n_read, uint64_t *size);
	void (*free)(Source *self);
	void (*follow)(Source *self); /* of files */
	void (*shift_clock)(Source *self, unsigned index, int64_t shift_ns); /* of files */
} SourceOps;

/* First member of each kind of source. */
struct Source {
	const SourceOps *ops;
};

/* A SourceInfo with what it needs to be kept up to date; owns the strings. */
typedef struct InfoRecord {
	SourceInfo info;
	char *name;
	char *damage;
	GByteArray *secrets; /* NULL: none yet */
	GArray *interfaces;  /* of SourceInterface; NULL: none yet */
	GArray *comments;    /* of SourceComment; NULL likewise */
	Instant last;
	Instant pace[2];     /* of every sixteenth frame, the last first */
	Instant step_from;   /* the frame before the last step; how far it went, and at which packet */
	int64_t step_ns;     /* 0: there was none lately */
	uint64_t step_packet;
} InfoRecord;

void info_record_init(InfoRecord *record, const char *name);
void info_record_clear(InfoRecord *record);
/* Remembers that @link_type occurs. */
void info_record_link_type(InfoRecord *record, uint16_t link_type);
/* One more interface is described: as @one, but for its texts, which may be without data. */
void info_record_interface(InfoRecord *record, const SourceInterface *one, ByteSpan name,
                           ByteSpan description);
/* A comment about @frame; 0: about the file. */
void info_record_comment(InfoRecord *record, uint64_t frame, ByteSpan text);
/* The clock went back by @ns. */
void info_record_step(InfoRecord *record, int64_t ns);
/* The next frame after a step, at @time. */
void info_record_after_step(InfoRecord *record, Instant time);
/* More of its TLS key log. */
void info_record_secrets(InfoRecord *record, ByteSpan lines);
/* Becomes what @info is now; of its text and secrets only what is new is copied. */
void info_record_take(InfoRecord *record, const SourceInfo *info);
/* Tells how the source is damaged; only the first damage is kept. */
void info_record_damage(InfoRecord *record, const char *format, ...) G_GNUC_PRINTF(2, 3);

static inline void info_record_count(InfoRecord *record, const Frame *frame)
{
	SourceInfo *info = &record->info;
	info->packets++;
	info->bytes += frame->bytes.size;
	info->truncated_packets += frame->bytes.size < frame->wire_size;
	if (G_UNLIKELY(frame->time.ns < record->last.ns))
		info_record_step(record, record->last.ns - frame->time.ns);
	else if (G_UNLIKELY(record->step_ns != 0))
		info_record_after_step(record, frame->time);
	if ((info->packets & 15) == 0) {
		record->pace[1] = record->pace[0];
		record->pace[0] = frame->time;
	}
	record->last = frame->time;
}
