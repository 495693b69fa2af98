/* SPDX-License-Identifier: MIT */
#include "src/capture/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/capture/octets.h"
#include "src/capture/sniff.h"

SourceStatus file_source_damage(FileSource *file, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	info_record_damage(&file->record, "frame %" PRIu64 ": %s at offset %" PRIu64,
	                   file->n_frames + 1, text, block_reader_offset(&file->reader));
	return SOURCE_END;
}

/* The input itself ends as it should not. */
static SourceStatus end_with_fault(FileSource *file)
{
	const BlockReader *reader = &file->reader;
	info_record_damage(&file->record, "frame %" PRIu64 ": %s, at offset %" PRIu64 " of the file",
	                   file->n_frames + 1, reader->fault, block_reader_place(reader));
	return SOURCE_END;
}

SourceStatus file_source_short(FileSource *file, ReadStatus status, const char *what)
{
	const BlockReader *reader = &file->reader;

	if (status == READ_AGAIN)
		return SOURCE_AGAIN;
	if (status == READ_FAILED)
		return SOURCE_ERROR;
	if (reader->fault != NULL)
		return end_with_fault(file);
	size_t n_left = block_reader_available(reader);
	if (n_left == 0 || !reader->at_end)
		return SOURCE_END;
	return file_source_damage(file, "the file ends after %zu octets of the %s", n_left, what);
}

static void set_read_error(const FileSource *file, GError **error)
{
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_READ,
	            "%s: cannot read at offset %" PRIu64 ": %s", file->record.name,
	            block_reader_place(&file->reader), g_strerror(file->reader.error_number));
}

void file_source_set_not_a_capture(const FileSource *file, GError **error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_NOT_A_CAPTURE,
	            "%s: not a capture: %s", file->record.name, text);
}

/* A pipe may take its time, but until its header is there nothing can be done. */
static ReadStatus wait_for(FileSource *file, size_t n_octets)
{
	for (;;) {
		ReadStatus status = block_reader_want(&file->reader, n_octets);
		if (status != READ_AGAIN)
			return status;
	}
}

bool file_source_wait(FileSource *file, size_t n_octets, const char *what, GError **error)
{
	ReadStatus status = wait_for(file, n_octets);
	if (status == READ_FAILED)
		set_read_error(file, error);
	else if (status == READ_END)
		file_source_set_not_a_capture(file, error, "the %s at offset 0 is cut off: the file "
		                              "ends at offset %zu", what,
		                              block_reader_available(&file->reader));
	return status == READ_OK;
}

static void shift(Frame *frame, int64_t ns)
{
	if (instant_known(frame->time))
		frame->time.ns = CLAMP(frame->time.ns + ns, -(INT64_MAX / 2), INT64_MAX / 2);
}

/* Half of the range at most: no sum of it and a time of a frame overflows. */
static void shift_clock(Source *source, unsigned index, int64_t ns)
{
	(void)index; /* there is one file */
	FileSource *file = (FileSource *)source;
	file->record.info.clock_shift_ns = CLAMP(ns, -(INT64_MAX / 2), INT64_MAX / 2);
	if (ns != 0)
		file->read_usual = NULL;
}

static void follow(Source *source)
{
	FileSource *file = (FileSource *)source;
	block_reader_follow(&file->reader, file->record.name);
}

static SourceStatus next(Source *source, Frame *frame, GError **error)
{
	FileSource *file = (FileSource *)source;

	for (;;) {
		SourceStatus status = file->read_frame(file, frame);
		if (G_UNLIKELY(status != SOURCE_FRAME)) {
			if (status == SOURCE_ERROR)
				set_read_error(file, error);
			return status;
		}
		if (G_UNLIKELY(file->record.info.clock_shift_ns != 0))
			shift(frame, file->record.info.clock_shift_ns);
		frame->ref = (FrameRef){.number = ++file->n_frames & UINT64_C(0xffffffffffff)};
		if (G_UNLIKELY(file->filter)) {
			bool matches;
			if (!frame_filter_match(file->filter, frame, &matches, error))
				return SOURCE_ERROR;
			if (!matches)
				continue;
		}
		info_record_count(&file->record, frame);
		return SOURCE_FRAME;
	}
}

/* Further frames only as long as their records stand in the buffer whole. */
static SourceStatus next_run(Source *source, FrameRun *run, GError **error)
{
	FileSource *file = (FileSource *)source;
	SourceStatus status = next(source, &file->run[0], error);
	run->frames = file->run;
	run->n = 1;
	if (status != SOURCE_FRAME || file->filter != NULL)
		return status;
	if (file->read_usual != NULL)
		run->n += file->read_usual(file, &file->run[1], FILE_RUN_MAX - 1);
	block_reader_hold(&file->reader, true);
	while (run->n < FILE_RUN_MAX && next(source, &file->run[run->n], error) == SOURCE_FRAME)
		run->n++;
	block_reader_hold(&file->reader, false);
	return SOURCE_FRAME;
}

static bool set_filter(Source *source, const char *expression, GError **error)
{
	FileSource *file = (FileSource *)source;
	const SourceInfo *info = &file->record.info;
	FrameFilter *filter = frame_filter_new(expression);

	for (unsigned i = 0; i < info->n_link_types; i++) {
		if (!frame_filter_prepare(filter, info->link_types[i], error)) {
			g_prefix_error(error, "%s: ", info->name);
			frame_filter_free(filter);
			return false;
		}
	}
	frame_filter_free(file->filter);
	file->filter = filter;
	return true;
}

static void stop(Source *source)
{
	block_reader_stop(&((FileSource *)source)->reader);
}

static unsigned n_infos(const Source *source)
{
	(void)source;
	return 1;
}

static const SourceInfo *info_at(const Source *source, unsigned index)
{
	(void)index;
	return &((const FileSource *)source)->record.info;
}

static bool progress(const Source *source, uint64_t *n_read, uint64_t *size)
{
	const BlockReader *reader = &((const FileSource *)source)->reader;
	struct stat status;
	if (reader->waits || fstat(reader->fd, &status) != 0)
		return false;
	*n_read = block_reader_place(reader);
	*size = (uint64_t)status.st_size;
	return true;
}

static void free_file(Source *source)
{
	FileSource *file = (FileSource *)source;
	block_reader_clear(&file->reader);
	info_record_clear(&file->record);
	frame_filter_free(file->filter);
	if (file->pcapng.interfaces)
		g_array_free(file->pcapng.interfaces, TRUE);
	g_free(file);
}

static const SourceOps file_ops = {
	.next = next,
	.next_run = next_run,
	.set_filter = set_filter,
	.stop = stop,
	.n_infos = n_infos,
	.info = info_at,
	.progress = progress,
	.free = free_file,
	.follow = follow,
	.shift_clock = shift_clock,
};

static void set_unknown_format(FileSource *file, GError **error)
{
	if (wait_for(file, SNIFF_SIZE) == READ_FAILED) {
		set_read_error(file, error);
		return;
	}
	const BlockReader *reader = &file->reader;
	ByteSpan bytes = {block_reader_data(reader), block_reader_available(reader)};
	if (bytes.size == 0 && reader->fault != NULL) {
		file_source_set_not_a_capture(file, error, "%s", reader->fault);
		return;
	}
	g_autofree char *text = sniff_describe(bytes);
	file_source_set_not_a_capture(file, error, "at offset 0%s stands %s",
	                              reader->inflate != NULL ? " of what it was compressed from" : "",
	                              text);
}

/* Tells the formats apart by the first four octets. */
static bool begin(FileSource *file, GError **error)
{
	uint32_t magic = 0;
	if (wait_for(file, sizeof magic) == READ_OK)
		block_reader_try_inflate(&file->reader);
	if (wait_for(file, sizeof magic) == READ_OK)
		magic = load_u32(block_reader_data(&file->reader), G_BYTE_ORDER == G_LITTLE_ENDIAN);
	switch (magic) {
	case 0xa1b2c3d4:
	case 0xd4c3b2a1:
	case 0xa1b23c4d:
	case 0x4d3cb2a1:
		return pcap_file_begin(file, error);
	case 0x0a0d0d0a:
		return pcapng_file_begin(file, error);
	default:
		set_unknown_format(file, error);
		return false;
	}
}

Source *source_open_file(const char *path, GError **error)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		int code = errno == EACCES ? CAPTURE_ERROR_PERMISSION : CAPTURE_ERROR_OPEN;
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, code, "%s: cannot open: %s", path,
		            g_strerror(errno));
		return NULL;
	}
	FileSource *file = g_new0(FileSource, 1);
	file->base.ops = &file_ops;
	block_reader_init(&file->reader, fd);
	info_record_init(&file->record, is_stdin ? "standard input" : path);
	if (begin(file, error))
		return &file->base;
	source_free(&file->base);
	return NULL;
}
