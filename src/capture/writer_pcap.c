/* SPDX-License-Identifier: MIT */
/*
 * writer_pcap: classic pcap, with nanoseconds.
 */
#include "src/capture/writer_private.h"

enum { MAGIC_NANOSECONDS = 0xa1b23c4d, SNAPLEN = 262144 };

static void begin(CaptureWriter *writer)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t reserved[2], snaplen, link_type;
	} header = {MAGIC_NANOSECONDS, 2, 4, {0, 0}, SNAPLEN, writer->link_type};
	G_STATIC_ASSERT(sizeof header == 24);
	writer_octets(writer, &header, sizeof header);
}

static bool put(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
                const char *const *comments, GError **error)
{
	(void)of, (void)comments;
	if (frame->link_type != writer->link_type) {
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE,
		            "%s: a pcap file holds one link type: it has frames of type %u, and frame "
		            "%" G_GUINT64_FORMAT " is of type %u; a .pcapng file holds both",
		            writer->path, writer->link_type, (guint64)frame->ref.number,
		            frame->link_type);
		return false;
	}
	uint64_t ns = writer_time(frame->time);
	uint32_t header[4] = {(uint32_t)(ns / NS_PER_SECOND), (uint32_t)(ns % NS_PER_SECOND),
	                      (uint32_t)frame->bytes.size, frame->wire_size};
	writer_octets(writer, header, sizeof header);
	writer_octets(writer, frame->bytes.data, frame->bytes.size);
	return true;
}

const WriterForm writer_pcap = {.begin = begin, .put = put};
