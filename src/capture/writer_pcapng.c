/* SPDX-License-Identifier: MIT */
/*
 * writer_pcapng: one section, in this machine's byte order; draft-ietf-opsawg-pcapng section 4.
 */
#include "config.h"

#include <string.h>

#include "src/capture/writer_private.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECRETS = 10,
	BLOCK_SECTION = 0x0a0d0d0a,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	TLS_KEY_LOG = 0x544c534b,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	ISB_IFDROP = 5,
	MICROSECONDS = 6,
	NANOSECONDS = 9,
};

/* Of an interface: which one of which source, and how its frames are to be read. */
#define KEY(source, interface, link_type) \
	((uint64_t)(source) << 32 | (uint64_t)(interface) << 16 | (link_type))

static void add(CaptureWriter *writer, const void *octets, size_t size)
{
	g_byte_array_append(writer->block, octets, (guint)size);
}

static void add_u16(CaptureWriter *writer, unsigned value)
{
	add(writer, &(uint16_t){(uint16_t)value}, 2);
}

static void add_u32(CaptureWriter *writer, uint32_t value)
{
	add(writer, &value, sizeof value);
}

static void pad(CaptureWriter *writer)
{
	static const uint8_t nothing[3];
	add(writer, nothing, -writer->block->len & 3u);
}

static void add_option(CaptureWriter *writer, unsigned code, const void *value, size_t size)
{
	size = MIN(size, (size_t)UINT16_MAX);
	add_u16(writer, code);
	add_u16(writer, (unsigned)size);
	add(writer, value, size);
	pad(writer);
}

static void add_text(CaptureWriter *writer, unsigned code, const char *text)
{
	if (text != NULL)
		add_option(writer, code, text, strlen(text));
}

static void open_block(CaptureWriter *writer, uint32_t type)
{
	g_byte_array_set_size(writer->block, 0);
	add_u32(writer, type);
	add_u32(writer, 0); /* its length, once that is known */
}

static void close_block(CaptureWriter *writer)
{
	uint32_t size = writer->block->len + 4;
	memcpy(writer->block->data + 4, &size, sizeof size);
	add_u32(writer, size);
	writer_octets(writer, writer->block->data, writer->block->len);
}

static void begin(CaptureWriter *writer)
{
	open_block(writer, BLOCK_SECTION);
	add_u32(writer, BYTE_ORDER_MAGIC);
	add_u16(writer, 1);
	add_u16(writer, 0);
	add(writer, &(uint64_t){UINT64_MAX}, 8); /* how long the section will be is not known */
	add_text(writer, SHB_USERAPPL, "mqlapse " PACKAGE_VERSION);
	add_u32(writer, OPTION_END);
	close_block(writer);
}

/* NULL: nothing is known of it but what all of its source have in common. */
static const SourceInterface *described(const SourceInfo *of, unsigned interface)
{
	return interface < of->n_interfaces ? &of->interfaces[interface] : NULL;
}

/* Clocks that were put right may have any time. */
static bool has_nanoseconds(const SourceInfo *of, unsigned interface)
{
	const SourceInterface *one = described(of, interface);
	bool beyond = one == NULL && of->n_interfaces > 0;
	return beyond || of->clock_shift_ns != 0 || (one != NULL ? one->nanoseconds : of->nanoseconds);
}

static uint32_t describe(CaptureWriter *writer, uint64_t key, const SourceInfo *of,
                         unsigned interface)
{
	const SourceInterface *one = described(of, interface);
	writer->used_last = writer->interfaces->len;
	g_array_append_val(writer->interfaces, key);
	g_hash_table_insert(writer->numbers, g_memdup2(&key, sizeof key),
	                    GUINT_TO_POINTER(writer->used_last));
	open_block(writer, BLOCK_INTERFACE);
	add_u16(writer, (uint16_t)key);
	add_u16(writer, 0);
	add_u32(writer, one != NULL ? one->snaplen : of->snaplen);
	add_text(writer, IF_NAME, one != NULL ? one->name : of->live ? of->name : NULL);
	add_text(writer, IF_DESCRIPTION, one != NULL ? one->description : NULL);
	uint8_t resolution = has_nanoseconds(of, interface) ? NANOSECONDS : MICROSECONDS;
	add_option(writer, IF_TSRESOL, &resolution, 1);
	add_u32(writer, OPTION_END);
	close_block(writer);
	return writer->used_last;
}

static uint32_t interface_of(CaptureWriter *writer, unsigned source, unsigned interface,
                             uint16_t link_type, const SourceInfo *of)
{
	uint64_t key = KEY(source, interface, link_type);
	gpointer number;
	if (writer->interfaces->len > 0 &&
	    g_array_index(writer->interfaces, uint64_t, writer->used_last) == key)
		return writer->used_last;
	if (!g_hash_table_lookup_extended(writer->numbers, &key, NULL, &number))
		return describe(writer, key, of, interface);
	return writer->used_last = GPOINTER_TO_UINT(number);
}

static void add_time(CaptureWriter *writer, Instant time, bool nanoseconds)
{
	uint64_t ticks = writer_time(time) / (nanoseconds ? 1 : 1000);
	add_u32(writer, (uint32_t)(ticks >> 32));
	add_u32(writer, (uint32_t)ticks);
}

static bool put(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
                const char *const *comments, GError **error)
{
	(void)error;
	uint32_t id = interface_of(writer, frame->ref.source, frame->interface, frame->link_type, of);
	open_block(writer, BLOCK_ENHANCED_PACKET);
	add_u32(writer, id);
	add_time(writer, frame->time, has_nanoseconds(of, frame->interface));
	add_u32(writer, (uint32_t)frame->bytes.size);
	add_u32(writer, frame->wire_size);
	add(writer, frame->bytes.data, frame->bytes.size);
	pad(writer);
	for (unsigned i = 0; comments != NULL && comments[i] != NULL; i++)
		add_text(writer, OPTION_COMMENT, comments[i]);
	if (comments != NULL && comments[0] != NULL)
		add_u32(writer, OPTION_END);
	close_block(writer);
	return true;
}

static void secrets(CaptureWriter *writer, ByteSpan lines)
{
	open_block(writer, BLOCK_SECRETS);
	add_u32(writer, TLS_KEY_LOG);
	add_u32(writer, (uint32_t)lines.size);
	add(writer, lines.data, lines.size);
	pad(writer);
	close_block(writer);
}

/* Told of one of its interfaces; of which is not known of all sources. */
static void dropped(CaptureWriter *writer, unsigned index, const SourceInfo *of)
{
	uint32_t id = writer->interfaces->len;
	for (guint i = 0; i < writer->interfaces->len && id == writer->interfaces->len; i++)
		if (g_array_index(writer->interfaces, uint64_t, i) >> 32 == index)
			id = i;
	unsigned interface = 0;
	if (id < writer->interfaces->len)
		interface = (unsigned)(g_array_index(writer->interfaces, uint64_t, id) >> 16 & UINT16_MAX);
	else
		id = describe(writer, KEY(index, 0, of->link_types[0]), of, 0);
	open_block(writer, BLOCK_STATISTICS);
	add_u32(writer, id);
	add_time(writer, writer->last, has_nanoseconds(of, interface));
	add_option(writer, ISB_IFDROP, &(uint64_t){of->dropped}, 8);
	add_u32(writer, OPTION_END);
	close_block(writer);
}

const WriterForm writer_pcapng = {.begin = begin, .put = put, .secrets = secrets, .dropped = dropped};
