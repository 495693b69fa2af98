/* SPDX-License-Identifier: MIT */
#include "src/capture/writer.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "src/capture/link_type.h"

enum { SNAPLEN_USUAL = 262144 };

struct CaptureWriter {
	char *path;
	uint16_t link_type;
	pcap_t *dead;
	pcap_dumper_t *dumper;
};

CaptureWriter *capture_writer_open(const char *path, uint16_t link_type, uint32_t snaplen,
                                   GError **error)
{
	int size = snaplen > 0 && snaplen <= INT_MAX ? (int)snaplen : SNAPLEN_USUAL;
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(link_type_to_dlt(link_type), size,
	                                                    PCAP_TSTAMP_PRECISION_NANO);
	g_assert(dead);
	pcap_dumper_t *dumper = pcap_dump_open(dead, path);
	if (!dumper) {
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE, "cannot write: %s",
		            pcap_geterr(dead));
		pcap_close(dead);
		return NULL;
	}
	CaptureWriter *writer = g_new0(CaptureWriter, 1);
	*writer = (CaptureWriter){g_strdup(path), link_type, dead, dumper};
	return writer;
}

static bool set_write_error(const CaptureWriter *writer, GError **error)
{
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE, "%s: cannot write: %s",
	            writer->path, g_strerror(errno));
	return false;
}

bool capture_writer_put(CaptureWriter *writer, const Frame *frame, GError **error)
{
	if (frame->link_type != writer->link_type) {
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE,
		            "%s: a pcap file holds one link type: it has frames of type %u, and frame "
		            "%" G_GUINT64_FORMAT " is of type %u", writer->path, writer->link_type,
		            (guint64)frame->ref.number, frame->link_type);
		return false;
	}
	int64_t ns = MAX(frame->time.ns, 0); /* the format knows no time before 1970 */
	struct pcap_pkthdr header = {
		.ts = {.tv_sec = ns / NS_PER_SECOND, .tv_usec = ns % NS_PER_SECOND},
		.caplen = (bpf_u_int32)frame->bytes.size,
		.len = frame->wire_size,
	};
	pcap_dump((u_char *)writer->dumper, &header, frame->bytes.data);
	return !ferror(pcap_dump_file(writer->dumper)) || set_write_error(writer, error);
}

bool capture_writer_flush(CaptureWriter *writer, GError **error)
{
	return pcap_dump_flush(writer->dumper) == 0 || set_write_error(writer, error);
}

void capture_writer_free(CaptureWriter *writer)
{
	if (!writer)
		return;
	pcap_dump_close(writer->dumper);
	pcap_close(writer->dead);
	g_free(writer->path);
	g_free(writer);
}
