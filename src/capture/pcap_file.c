/* SPDX-License-Identifier: MIT */
/*
 * pcap_file: classic pcap.  Format: draft-ietf-opsawg-pcap.
 */
#include <inttypes.h>

#include "src/capture/file_source.h"
#include "src/capture/octets.h"

enum { FILE_HEADER_SIZE = 24, RECORD_HEADER_SIZE = 16, SNAPLEN_USUAL = 262144 };

/* Before 2.3 the two lengths stood the other way round, and in 2.3 some writers still did so. */
static void order_lengths(const PcapFile *pcap, uint32_t *captured, uint32_t *on_wire)
{
	if (pcap->minor_version < 3 || (pcap->minor_version == 3 && *captured > *on_wire)) {
		uint32_t swap = *captured;
		*captured = *on_wire;
		*on_wire = swap;
	}
}

static SourceStatus read_frame(FileSource *file, Frame *frame)
{
	const PcapFile *pcap = &file->pcap;
	BlockReader *reader = &file->reader;

	ReadStatus status = block_reader_want(reader, RECORD_HEADER_SIZE);
	if (G_UNLIKELY(status != READ_OK))
		return file_source_short(file, status, "record header");
	const uint8_t *header = block_reader_data(reader);
	uint32_t captured = load_u32(header + 8, pcap->swapped);
	uint32_t on_wire = load_u32(header + 12, pcap->swapped);
	if (G_UNLIKELY(pcap->minor_version < 4))
		order_lengths(pcap, &captured, &on_wire);
	if (G_UNLIKELY(captured > pcap->size_limit))
		return file_source_damage(file, "captured length %" PRIu32 " is more than %" PRIu32
		                          ", in the record", captured, pcap->size_limit);

	size_t record_size = RECORD_HEADER_SIZE + (size_t)captured;
	status = block_reader_want(reader, record_size);
	if (G_UNLIKELY(status != READ_OK))
		return file_source_short(file, status, "record");
	const uint8_t *record = block_reader_data(reader);
	int64_t seconds = load_u32(record, pcap->swapped);
	int64_t ticks = load_u32(record + 4, pcap->swapped);
	frame->time.ns = seconds * NS_PER_SECOND + ticks * pcap->tick_ns;
	frame->bytes = (ByteSpan){record + RECORD_HEADER_SIZE, captured};
	frame->wire_size = MAX(on_wire, captured);
	frame->link_type = pcap->link_type;
	frame->interface = 0;
	block_reader_advance(reader, record_size);
	return SOURCE_FRAME;
}

/* Nothing here decides: a record that is not as usual is left to read_frame(). */
static unsigned read_usual(FileSource *file, Frame *frames, unsigned n_most)
{
	const PcapFile *pcap = &file->pcap;
	const uint8_t *at = block_reader_data(&file->reader);
	const uint8_t *end = at + block_reader_available(&file->reader);
	uint64_t number = file->n_frames;
	unsigned n = 0;
	for (; n < n_most && (size_t)(end - at) >= RECORD_HEADER_SIZE; n++) {
		uint32_t captured = load_u32(at + 8, false);
		if (captured > pcap->size_limit || captured > (size_t)(end - at) - RECORD_HEADER_SIZE)
			break;
		Frame *frame = &frames[n];
		frame->bytes = (ByteSpan){at + RECORD_HEADER_SIZE, captured};
		frame->wire_size = MAX(load_u32(at + 12, false), captured);
		frame->link_type = pcap->link_type;
		frame->interface = 0;
		frame->ref = (FrameRef){.number = ++number & UINT64_C(0xffffffffffff)};
		frame->time.ns = load_u32(at, false) * NS_PER_SECOND +
		                 (int64_t)load_u32(at + 4, false) * pcap->tick_ns;
		info_record_count(&file->record, frame);
		at += RECORD_HEADER_SIZE + captured;
	}
	block_reader_advance(&file->reader, (size_t)(at - block_reader_data(&file->reader)));
	file->n_frames = number;
	return n;
}

bool pcap_file_begin(FileSource *file, GError **error)
{
	PcapFile *pcap = &file->pcap;
	if (!file_source_wait(file, FILE_HEADER_SIZE, "pcap file header", error))
		return false;

	const uint8_t *header = block_reader_data(&file->reader);
	uint32_t magic = load_u32(header, false);
	pcap->swapped = magic != 0xa1b2c3d4 && magic != 0xa1b23c4d;
	magic = load_u32(header, pcap->swapped);
	pcap->tick_ns = magic == 0xa1b23c4d ? 1 : 1000;
	unsigned major = load_u16(header + 4, pcap->swapped);
	pcap->minor_version = load_u16(header + 6, pcap->swapped);
	if (major != 2) {
		file_source_set_not_a_capture(file, error, "pcap version %u.%u at offset 4 is not "
		                              "supported", major, pcap->minor_version);
		return false;
	}
	uint32_t snaplen = load_u32(header + 16, pcap->swapped);
	if (snaplen == 0 || snaplen > record_size_max(&file->reader))
		pcap->size_limit = record_size_max(&file->reader);
	else /* Some writers exceed the snap length that they state; a little is no damage. */
		pcap->size_limit = MAX(snaplen, SNAPLEN_USUAL);
	/* The upper half tells of frame check sequences, not of the link. */
	pcap->link_type = (uint16_t)load_u32(header + 20, pcap->swapped);
	info_record_link_type(&file->record, pcap->link_type);
	file->record.info.snaplen = snaplen;
	file->record.info.nanoseconds = pcap->tick_ns == 1;
	block_reader_advance(&file->reader, FILE_HEADER_SIZE);
	file->read_frame = read_frame;
	file->read_usual = pcap->swapped || pcap->minor_version < 4 ? NULL : read_usual;
	return true;
}
