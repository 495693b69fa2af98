/* SPDX-License-Identifier: MIT */
#include "src/capture/writer_private.h"

#include <errno.h>
#include <string.h>

enum { LINK_TYPE_ETHERNET = 1 };

bool capture_writer_annotates(const char *path)
{
	g_autofree char *name = g_ascii_strdown(path, -1);
	return !g_str_has_suffix(name, ".pcap") && !g_str_has_suffix(name, ".cap");
}

static bool set_write_error(const char *path, GError **error)
{
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE, "%s: cannot write: %s", path,
	            g_strerror(errno));
	return false;
}

static void begin(CaptureWriter *writer, uint16_t link_type)
{
	if (writer->begun)
		return;
	writer->begun = true;
	writer->link_type = link_type;
	writer->form->begin(writer);
}

/* Interfaces have their link type from the beginning; files show theirs as they are read. */
static bool links_agree(const char *path, const Source *of, GError **error)
{
	const SourceInfo *first = source_info(of, 0);
	for (unsigned i = 1; i < source_n_infos(of); i++) {
		const SourceInfo *other = source_info(of, i);
		if (!first->live || first->link_types[0] == other->link_types[0])
			continue;
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE,
		            "%s: a pcap file holds one link type, but %s has type %u and %s has type "
		            "%u; a .pcapng file holds both", path, first->name, first->link_types[0],
		            other->name, other->link_types[0]);
		return false;
	}
	return true;
}

/* NULL for @file: errno says why there is none. */
static CaptureWriter *writer_of(const char *path, FILE *file, const Source *of, GError **error)
{
	bool annotates = capture_writer_annotates(path);
	if (file == NULL) {
		set_write_error(path, error);
		return NULL;
	}
	CaptureWriter *writer = g_new0(CaptureWriter, 1);
	writer->path = g_strdup(path);
	writer->file = file;
	writer->form = annotates ? &writer_pcapng : &writer_pcap;
	writer->interfaces = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	writer->numbers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	writer->block = g_byte_array_new();
	if (source_info(of, 0)->live)
		begin(writer, source_info(of, 0)->link_types[0]);
	return writer;
}

static bool can_hold(const char *path, const Source *of, GError **error)
{
	return capture_writer_annotates(path) || links_agree(path, of, error);
}

CaptureWriter *capture_writer_open(const char *path, const Source *of, GError **error)
{
	if (!can_hold(path, of, error))
		return NULL;
	return writer_of(path, strcmp(path, "-") == 0 ? stdout : fopen(path, "we"), of, error);
}

CaptureWriter *capture_writer_create(const char *path, const Source *of, GError **error)
{
	if (!can_hold(path, of, error))
		return NULL;
	FILE *file = fopen(path, "wxe");
	if (file != NULL || errno != EEXIST)
		return writer_of(path, file, of, error);
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_EXISTS, "%s: is there already", path);
	return NULL;
}

static bool is_good(const CaptureWriter *writer, GError **error)
{
	return ferror(writer->file) == 0 || set_write_error(writer->path, error);
}

bool capture_writer_put(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
                        const char *const *comments, GError **error)
{
	begin(writer, frame->link_type);
	writer->last = frame->time;
	return writer->form->put(writer, frame, of, comments, error) && is_good(writer, error);
}

bool capture_writer_secrets(CaptureWriter *writer, ByteSpan lines, GError **error)
{
	if (writer->form->secrets == NULL || lines.size == 0)
		return true;
	begin(writer, LINK_TYPE_ETHERNET);
	writer->form->secrets(writer, lines);
	return is_good(writer, error);
}

bool capture_writer_dropped(CaptureWriter *writer, unsigned index, const SourceInfo *of, GError **error)
{
	if (writer->form->dropped == NULL || !of->drops_known)
		return true;
	begin(writer, LINK_TYPE_ETHERNET);
	writer->form->dropped(writer, index, of);
	return is_good(writer, error);
}

uint64_t capture_writer_size(const CaptureWriter *writer)
{
	return writer->size;
}

bool capture_writer_flush(CaptureWriter *writer, GError **error)
{
	return fflush(writer->file) == 0 || set_write_error(writer->path, error);
}

bool capture_writer_finish(CaptureWriter *writer, GError **error)
{
	begin(writer, LINK_TYPE_ETHERNET);
	return capture_writer_flush(writer, error);
}

void capture_writer_free(CaptureWriter *writer)
{
	if (writer == NULL)
		return;
	if (writer->file == stdout)
		fflush(stdout);
	else
		fclose(writer->file);
	g_array_unref(writer->interfaces);
	g_hash_table_unref(writer->numbers);
	g_byte_array_unref(writer->block);
	g_free(writer->path);
	g_free(writer);
}
