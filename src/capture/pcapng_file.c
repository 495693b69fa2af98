/* SPDX-License-Identifier: MIT */
/*
 * pcapng_file: pcapng, with sections, each in its own byte order, and interfaces,
 * each with its own link type, snap length and clock.  Format:
 * draft-ietf-opsawg-pcapng.
 */
#include <inttypes.h>

#include "src/capture/octets.h"
#include "src/capture/pcapng_block.h"
#include "src/capture/pcapng_time.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECRETS = 10,
	BLOCK_SECTION = 0x0a0d0d0a,
};
enum {
	BLOCK_HEAD_SIZE = 8,
	BLOCK_OVERHEAD = 12, /* head and the length again */
	SECTION_SIZE_MIN = 28,
	SECTION_HEAD_SIZE = 24,
	INTERFACE_SIZE_MIN = 20,
	PACKET_SIZE_MIN = 32,
	PACKET_HEAD_SIZE = 28,
	SIMPLE_PACKET_HEAD_SIZE = 12,
	EPB_ERRORS_SHIFT = 16, /* of epb_flags: what the link layer found wrong stands above */
	STATISTICS_SIZE_MIN = 24,
	INTERFACES_MAX = 65536, /* of one section */
};

typedef struct PcapngInterface {
	PcapngTime time;
	uint64_t n_dropped;            /* as its statistics say */
	uint64_t n_dropped_by_packets; /* as its packets say together */
	uint32_t snaplen; /* 0: none */
	uint16_t link_type;
	uint16_t index;   /* for Frame.interface */
} PcapngInterface;

/* What take_block() and its helpers return for a block that holds no frame; for others it is
 * SOURCE_FRAME, or SOURCE_END where there is damage. */
#define BLOCK_TAKEN SOURCE_AGAIN

static PcapngInterface *interface_at(const PcapngFile *pcapng, uint32_t index)
{
	return index < pcapng->interfaces->len
	               ? &g_array_index(pcapng->interfaces, PcapngInterface, index) : NULL;
}

/* What was dropped is told by the interface in the end, and by its packets one by one. */
static void count_dropped(FileSource *file, PcapngInterface *interface, uint64_t by_interface,
                          uint64_t by_packets)
{
	SourceInfo *info = &file->record.info;
	uint64_t before = MAX(interface->n_dropped, interface->n_dropped_by_packets);
	interface->n_dropped = by_interface;
	interface->n_dropped_by_packets = by_packets;
	info->dropped += MAX(by_interface, by_packets) - before;
	info->drops_known = true;
}

static SourceStatus begin_section(FileSource *file, const Block *block)
{
	PcapngFile *pcapng = &file->pcapng;
	unsigned major = load_u16(block->data + 12, pcapng->swapped);
	if (major != 1)
		return file_source_damage(file, "pcapng version %u is not supported, in the section",
		                          major);
	g_array_set_size(pcapng->interfaces, 0);
	pcapng_note_comments(file, block, SECTION_HEAD_SIZE, 0);
	return BLOCK_TAKEN;
}

static SourceStatus add_interface(FileSource *file, const Block *block)
{
	PcapngFile *pcapng = &file->pcapng;
	if (block->size < INTERFACE_SIZE_MIN)
		return file_source_damage(file, "interface block of %" PRIu32 " octets", block->size);
	if (pcapng->interfaces->len >= INTERFACES_MAX)
		return file_source_damage(file, "more than %d interfaces", INTERFACES_MAX);

	const uint8_t *resolution = pcapng_find_option(pcapng, block, 16, IF_TSRESOL, 1);
	const uint8_t *offset = pcapng_find_option(pcapng, block, 16, IF_TSOFFSET, 8);
	PcapngInterface interface = {
		.time = pcapng_time(resolution ? *resolution : 6,
		                    offset ? (int64_t)load_u64(offset, pcapng->swapped) : 0),
		.link_type = load_u16(block->data + 8, pcapng->swapped),
		.snaplen = load_u32(block->data + 12, pcapng->swapped),
		.index = (uint16_t)MIN(pcapng->n_described, (uint32_t)UINT16_MAX),
	};
	pcapng->n_described += pcapng->n_described < UINT16_MAX;
	g_array_append_val(pcapng->interfaces, interface);
	info_record_link_type(&file->record, interface.link_type);
	SourceInterface one = {
		.snaplen = interface.snaplen,
		.nanoseconds = interface.time.ns_per_tick % 1000 != 0 || interface.time.ns_per_tick == 0,
	};
	pcapng_note_interface(file, &one, block, 16);
	return BLOCK_TAKEN;
}

/* The counters run from the start of the capture: a later block replaces an earlier one. */
static SourceStatus take_statistics(FileSource *file, const Block *block)
{
	PcapngFile *pcapng = &file->pcapng;
	if (block->size < STATISTICS_SIZE_MIN)
		return file_source_damage(file, "statistics block of %" PRIu32 " octets",
		                          block->size);
	PcapngInterface *interface = interface_at(pcapng, load_u32(block->data + 8, pcapng->swapped));
	if (!interface)
		return file_source_damage(file, "statistics of an interface that is not described");

	const uint8_t *by_interface = pcapng_find_option(pcapng, block, 20, ISB_IFDROP, 8);
	const uint8_t *by_system = pcapng_find_option(pcapng, block, 20, ISB_OSDROP, 8);
	if (!by_interface && !by_system)
		return BLOCK_TAKEN;
	uint64_t n_dropped = (by_interface ? load_u64(by_interface, pcapng->swapped) : 0) +
	                     (by_system ? load_u64(by_system, pcapng->swapped) : 0);
	count_dropped(file, interface, n_dropped, interface->n_dropped_by_packets);
	return BLOCK_TAKEN;
}

/* What a packet says of itself beside its octets. */
static void take_packet_options(FileSource *file, const Block *block, PcapngInterface *interface,
                                size_t at)
{
	const PcapngFile *pcapng = &file->pcapng;
	const uint8_t *flags = pcapng_find_option(pcapng, block, at, EPB_FLAGS, 4);
	if (flags != NULL && load_u32(flags, pcapng->swapped) >> EPB_ERRORS_SHIFT != 0)
		file->record.info.flawed_packets++;
	const uint8_t *dropped = pcapng_find_option(pcapng, block, at, EPB_DROPCOUNT, 8);
	if (block->type == BLOCK_ENHANCED_PACKET && dropped != NULL)
		count_dropped(file, interface, interface->n_dropped,
		              interface->n_dropped_by_packets + load_u64(dropped, pcapng->swapped));
	pcapng_note_comments(file, block, at, file->n_frames + 1);
}

static SourceStatus take_packet(FileSource *file, const Block *block, Frame *frame)
{
	PcapngFile *pcapng = &file->pcapng;
	const uint8_t *data = block->data;
	bool swapped = pcapng->swapped;
	if (block->size < PACKET_SIZE_MIN)
		return file_source_damage(file, "packet block of %" PRIu32 " octets", block->size);

	uint32_t index = block->type == BLOCK_PACKET ? load_u16(data + 8, swapped)
	                                             : load_u32(data + 8, swapped);
	PcapngInterface *interface = interface_at(pcapng, index);
	if (!interface)
		return file_source_damage(file, "interface %" PRIu32 " is not described, in the "
		                          "packet block", index);
	uint32_t captured = load_u32(data + 20, swapped);
	uint32_t on_wire = load_u32(data + 24, swapped);
	if (captured > block->size - PACKET_SIZE_MIN)
		return file_source_damage(file, "captured length %" PRIu32 " does not fit in the "
		                          "packet block of %" PRIu32 " octets", captured, block->size);

	uint64_t n_ticks = (uint64_t)load_u32(data + 12, swapped) << 32 | load_u32(data + 16, swapped);
	frame->time = pcapng_time_instant(&interface->time, n_ticks);
	frame->bytes = (ByteSpan){data + PACKET_HEAD_SIZE, captured};
	frame->wire_size = MAX(on_wire, captured);
	frame->link_type = interface->link_type;
	frame->interface = interface->index;
	pcapng->last = frame->time;
	uint32_t padded = (captured + 3u) & ~3u;
	if (G_UNLIKELY(block->size - PACKET_SIZE_MIN > padded))
		take_packet_options(file, block, interface, PACKET_HEAD_SIZE + (size_t)padded);
	return SOURCE_FRAME;
}

/* No time and no captured length: the time is that of the frame before, if any. */
static SourceStatus take_simple_packet(FileSource *file, const Block *block, Frame *frame)
{
	PcapngFile *pcapng = &file->pcapng;
	const PcapngInterface *interface = interface_at(pcapng, 0);
	if (block->size < SIMPLE_PACKET_HEAD_SIZE + 4)
		return file_source_damage(file, "simple packet block of %" PRIu32 " octets",
		                          block->size);
	if (!interface)
		return file_source_damage(file, "no interface is described, in the simple packet "
		                          "block");
	uint32_t on_wire = load_u32(block->data + 8, pcapng->swapped);
	uint32_t captured = block->size - SIMPLE_PACKET_HEAD_SIZE - 4;
	captured = MIN(captured, on_wire);
	if (interface->snaplen)
		captured = MIN(captured, interface->snaplen);
	frame->time = pcapng->last;
	frame->bytes = (ByteSpan){block->data + SIMPLE_PACKET_HEAD_SIZE, captured};
	frame->wire_size = on_wire;
	frame->link_type = interface->link_type;
	frame->interface = interface->index;
	return SOURCE_FRAME;
}

/* A key log of TLS; other secrets are not for us. */
static SourceStatus take_secrets(FileSource *file, const Block *block)
{
	enum { SECRETS_HEAD_SIZE = 16, TLS_KEY_LOG = 0x544c534b };
	bool swapped = file->pcapng.swapped;
	if (block->size < SECRETS_HEAD_SIZE + 4 || load_u32(block->data + 8, swapped) != TLS_KEY_LOG)
		return BLOCK_TAKEN;
	uint32_t size = load_u32(block->data + 12, swapped);
	size = MIN(size, block->size - SECRETS_HEAD_SIZE - 4);
	info_record_secrets(&file->record, (ByteSpan){block->data + SECRETS_HEAD_SIZE, size});
	return BLOCK_TAKEN;
}

static SourceStatus take_block(FileSource *file, const Block *block, Frame *frame)
{
	switch (block->type) {
	case BLOCK_ENHANCED_PACKET:
	case BLOCK_PACKET:
		return take_packet(file, block, frame);
	case BLOCK_SIMPLE_PACKET:
		return take_simple_packet(file, block, frame);
	case BLOCK_SECTION:
		return begin_section(file, block);
	case BLOCK_INTERFACE:
		return add_interface(file, block);
	case BLOCK_STATISTICS:
		return take_statistics(file, block);
	case BLOCK_SECRETS:
		return take_secrets(file, block);
	default:
		return BLOCK_TAKEN;
	}
}

/* A section header turns the byte order, for its own length field as well. */
static bool find_byte_order(PcapngFile *pcapng, const uint8_t *head)
{
	if (load_u32(head, false) != BLOCK_SECTION)
		return true;
	uint32_t magic = load_u32(head + BLOCK_HEAD_SIZE, false);
	pcapng->swapped = magic == 0x4d3c2b1a;
	return pcapng->swapped || magic == 0x1a2b3c4d;
}

/* SOURCE_FRAME: the whole block is there. */
static SourceStatus find_block(FileSource *file, Block *block)
{
	PcapngFile *pcapng = &file->pcapng;
	BlockReader *reader = &file->reader;

	ReadStatus status = block_reader_want(reader, BLOCK_OVERHEAD);
	if (G_UNLIKELY(status != READ_OK))
		return file_source_short(file, status, "block header");
	const uint8_t *head = block_reader_data(reader);
	if (!find_byte_order(pcapng, head))
		return file_source_damage(file, "no byte order in the section header");
	block->type = load_u32(head, pcapng->swapped);
	block->size = load_u32(head + 4, pcapng->swapped);
	uint32_t size_min = block->type == BLOCK_SECTION ? SECTION_SIZE_MIN : BLOCK_OVERHEAD;
	if (G_UNLIKELY(block->size < size_min || block->size > record_size_max(&file->reader) || block->size % 4))
		return file_source_damage(file, "impossible length %" PRIu32 " of the block", block->size);

	status = block_reader_want(reader, block->size);
	if (G_UNLIKELY(status != READ_OK))
		return file_source_short(file, status, "block");
	block->data = block_reader_data(reader);
	uint32_t size_again = load_u32(block->data + block->size - 4, pcapng->swapped);
	if (G_UNLIKELY(size_again != block->size))
		return file_source_damage(file, "two lengths, %" PRIu32 " and %" PRIu32 ", of the block",
		                          block->size, size_again);
	return SOURCE_FRAME;
}

static SourceStatus read_frame(FileSource *file, Frame *frame)
{
	for (;;) {
		Block block;
		SourceStatus status = find_block(file, &block);
		if (G_UNLIKELY(status != SOURCE_FRAME))
			return status;
		status = take_block(file, &block, frame);
		if (status == SOURCE_END)
			return SOURCE_END;
		block_reader_advance(&file->reader, block.size);
		if (status == SOURCE_FRAME)
			return SOURCE_FRAME;
	}
}

/* Reads on to the first interface, so that the link type is known; stops before anything that gives
 * a frame, and leaves every damage to be found again by read_frame(). */
static void find_first_interface(FileSource *file)
{
	while (file->pcapng.interfaces->len == 0) {
		Block block;
		SourceStatus status = find_block(file, &block);
		if (status == SOURCE_AGAIN)
			continue;
		if (status != SOURCE_FRAME || block.type == BLOCK_SIMPLE_PACKET)
			return;
		Frame ignored;
		if (take_block(file, &block, &ignored) != BLOCK_TAKEN)
			return;
		block_reader_advance(&file->reader, block.size);
	}
}

bool pcapng_file_begin(FileSource *file, GError **error)
{
	static const char what[] = "pcapng section header";
	PcapngFile *pcapng = &file->pcapng;

	if (!file_source_wait(file, SECTION_SIZE_MIN, what, error))
		return false;
	const uint8_t *head = block_reader_data(&file->reader);
	if (!find_byte_order(pcapng, head)) {
		file_source_set_not_a_capture(file, error, "at offset 8 stands no pcapng byte order");
		return false;
	}
	uint32_t size = load_u32(head + 4, pcapng->swapped);
	unsigned major = load_u16(head + 12, pcapng->swapped);
	if (size < SECTION_SIZE_MIN || size > record_size_max(&file->reader) || size % 4) {
		file_source_set_not_a_capture(file, error, "at offset 4 stands an impossible length of "
		                              "the pcapng section header, %" PRIu32, size);
		return false;
	}
	if (major != 1) {
		file_source_set_not_a_capture(file, error, "pcapng version %u at offset 12 is not "
		                              "supported", major);
		return false;
	}
	if (!file_source_wait(file, size, what, error))
		return false;
	pcapng->interfaces = g_array_new(FALSE, TRUE, sizeof(PcapngInterface));
	pcapng->last = INSTANT_UNKNOWN;
	file->read_frame = read_frame;
	find_first_interface(file);
	return true;
}
