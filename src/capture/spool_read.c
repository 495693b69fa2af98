/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/capture/mirror.h"
#include "src/capture/source_impl.h"
#include "src/capture/spool_private.h"

enum { RUN_MOST = 64, CHUNK_SIZE = 256 * 1024, WAIT_MS = 100 };

typedef struct SpoolReader {
	Source base;
	Spool *spool;
	bool follows;
	bool ending;          /* all that there was is in the buffer, or was given */
	uint64_t position;    /* in the spool, of the end of the buffer */
	GByteArray *buffer;
	size_t start;         /* of the first record that was not given */
	Frame run[RUN_MOST];
	Source *told;         /* infos, as the writer had them */
	InfoRecord *records;  /* the same, but for the counts: of what was given */
	unsigned n_records;
	bool stopped;
} SpoolReader;

/* --- getting octets ----------------------------------------------------------------------- */

/* From the file, without the lock: what is stored does not change. */
static bool read_stored(SpoolReader *reader, size_t size, GError **error)
{
	GByteArray *buffer = reader->buffer;
	guint before = buffer->len;
	g_byte_array_set_size(buffer, before + (guint)size);
	ssize_t n = pread(reader->spool->fd, buffer->data + before, size, (off_t)reader->position);
	g_byte_array_set_size(buffer, before + (guint)MAX(n, 0));
	reader->position += (uint64_t)MAX(n, 0);
	if (n > 0 || (n < 0 && errno == EINTR))
		return true;
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_READ,
	            "cannot read the frames that were kept: %s", n < 0 ? g_strerror(errno) : "the end");
	return false;
}

static void read_tail(SpoolReader *reader)
{
	Spool *spool = reader->spool;
	size_t offset = (size_t)(reader->position - spool->tail_at);
	size_t size = MIN(spool->tail->len - offset, CHUNK_SIZE);
	g_byte_array_append(reader->buffer, spool->tail->data + offset, (guint)size);
	reader->position += size;
}

static void take_infos(SpoolReader *reader)
{
	mirror_take(reader->told, reader->spool->infos);
	for (unsigned i = 0; i < reader->n_records; i++) {
		InfoRecord *record = &reader->records[i];
		SourceInfo mine = record->info;
		info_record_take(record, source_info(reader->told, i));
		record->info.packets = mine.packets;
		record->info.bytes = mine.bytes;
		record->info.truncated_packets = mine.truncated_packets;
		record->info.clock_steps_back = mine.clock_steps_back;
		record->info.clock_back_ns = mine.clock_back_ns;
		record->info.clock_jitter_ns = mine.clock_jitter_ns;
		memcpy(record->info.clock_steps, mine.clock_steps, sizeof mine.clock_steps);
		record->info.n_clock_steps = mine.n_clock_steps;
	}
}

/* Where the octets that this one can have end now. */
static uint64_t end_of(const SpoolReader *reader)
{
	const Spool *spool = reader->spool;
	if (spool->full && !reader->follows)
		return spool->n_stored;
	return spool->tail_at + spool->tail->len;
}

static struct timespec soon(void)
{
	struct timespec then;
	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_nsec += WAIT_MS * 1000000L;
	then.tv_sec += then.tv_nsec / 1000000000L;
	then.tv_nsec %= 1000000000L;
	return then;
}

/* SOURCE_END: there will be no more, as far as this one may read. */
static SourceStatus wait_for_more(SpoolReader *reader)
{
	Spool *spool = reader->spool;
	struct timespec until = soon();
	for (;;) {
		if (reader->position < end_of(reader))
			return SOURCE_FRAME;
		bool stopped = __atomic_load_n(&reader->stopped, __ATOMIC_RELAXED);
		if (spool->ended || stopped || (spool->full && !reader->follows))
			return SOURCE_END;
		if (pthread_cond_timedwait(&spool->changed, &spool->lock, &until) != 0)
			return SOURCE_AGAIN;
	}
}

/* SOURCE_FRAME: there is more in the buffer than before. */
static SourceStatus fetch(SpoolReader *reader, GError **error)
{
	Spool *spool = reader->spool;
	g_byte_array_remove_range(reader->buffer, 0, (guint)reader->start);
	reader->start = 0;
	pthread_mutex_lock(&spool->lock);
	SourceStatus status = wait_for_more(reader);
	take_infos(reader);
	uint64_t stored = spool->n_stored > reader->position ? spool->n_stored - reader->position : 0;
	if (status == SOURCE_FRAME && stored == 0)
		read_tail(reader);
	if (status == SOURCE_END && spool->error != NULL && error != NULL) {
		*error = g_error_copy(spool->error);
		status = SOURCE_ERROR;
	}
	if (reader->follows) {
		spool->followed = reader->position;
		pthread_cond_broadcast(&spool->changed);
	}
	pthread_mutex_unlock(&spool->lock);
	if (status == SOURCE_FRAME && stored > 0 &&
	    !read_stored(reader, MIN(stored, CHUNK_SIZE), error))
		status = SOURCE_ERROR;
	return status;
}

/* --- giving frames ------------------------------------------------------------------------ */

static bool next_record(SpoolReader *reader, Frame *frame)
{
	size_t size = reader->buffer->len - reader->start;
	const uint8_t *octets = reader->buffer->data + reader->start;
	if (size < sizeof *frame)
		return false;
	memcpy(frame, octets, sizeof *frame);
	if (size - sizeof *frame < frame->bytes.size)
		return false;
	frame->bytes.data = octets + sizeof *frame;
	reader->start += sizeof *frame + frame->bytes.size;
	if (frame->ref.source < reader->n_records)
		info_record_count(&reader->records[frame->ref.source], frame);
	return true;
}

static SourceStatus next_run(Source *source, FrameRun *run, GError **error)
{
	SpoolReader *reader = (SpoolReader *)source;
	run->frames = reader->run;
	run->n = 0;
	for (;;) {
		while (run->n < RUN_MOST && next_record(reader, &reader->run[run->n]))
			run->n++;
		if (run->n > 0)
			return SOURCE_FRAME;
		SourceStatus status = fetch(reader, error);
		if (status != SOURCE_FRAME)
			return status;
	}
}

static SourceStatus next(Source *source, Frame *frame, GError **error)
{
	SpoolReader *reader = (SpoolReader *)source;
	while (!next_record(reader, frame)) {
		SourceStatus status = fetch(reader, error);
		if (status != SOURCE_FRAME)
			return status;
	}
	return SOURCE_FRAME;
}

static bool set_filter(Source *source, const char *filter, GError **error)
{
	(void)source;
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
	            "filter \"%s\": these frames were filtered when they came", filter);
	return false;
}

static void stop(Source *source)
{
	__atomic_store_n(&((SpoolReader *)source)->stopped, true, __ATOMIC_RELAXED);
}

static unsigned n_infos(const Source *source)
{
	return ((const SpoolReader *)source)->n_records;
}

static const SourceInfo *info_at(const Source *source, unsigned index)
{
	return &((const SpoolReader *)source)->records[index].info;
}

static void free_reader(Source *source)
{
	SpoolReader *reader = (SpoolReader *)source;
	for (unsigned i = 0; i < reader->n_records; i++)
		info_record_clear(&reader->records[i]);
	g_free(reader->records);
	source_free(reader->told);
	g_byte_array_unref(reader->buffer);
	g_free(reader);
}

static const SourceOps spool_ops = {
	.next = next,
	.next_run = next_run,
	.set_filter = set_filter,
	.stop = stop,
	.n_infos = n_infos,
	.info = info_at,
	.free = free_reader,
};

Source *spool_open(Spool *spool, bool follows)
{
	SpoolReader *reader = g_new0(SpoolReader, 1);
	reader->base.ops = &spool_ops;
	reader->spool = spool;
	reader->follows = follows;
	reader->buffer = g_byte_array_new();
	pthread_mutex_lock(&spool->lock);
	reader->told = mirror_new(spool->infos);
	reader->n_records = source_n_infos(spool->infos);
	reader->records = g_new0(InfoRecord, reader->n_records);
	for (unsigned i = 0; i < reader->n_records; i++)
		info_record_init(&reader->records[i], source_info(spool->infos, i)->name);
	take_infos(reader);
	pthread_mutex_unlock(&spool->lock);
	return &reader->base;
}
