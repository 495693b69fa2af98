/* SPDX-License-Identifier: MIT */
#include "tests/capture/capture_bytes.h"

#include <glib/gstdio.h>
#include <unistd.h>

CaptureBytes capture_bytes(bool big_endian)
{
	return (CaptureBytes){.array = g_byte_array_new(), .big_endian = big_endian};
}

void capture_bytes_free(CaptureBytes *out)
{
	g_byte_array_unref(out->array);
}

void put_octets(CaptureBytes *out, const void *data, size_t size)
{
	if (size > 0)
		g_byte_array_append(out->array, data, (guint)size);
}

static void put_integer(CaptureBytes *out, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned shift = 8 * (out->big_endian ? size - 1 - i : i);
		uint8_t octet = (uint8_t)(value >> shift);
		put_octets(out, &octet, 1);
	}
}

void put_u16(CaptureBytes *out, uint16_t value)
{
	put_integer(out, value, 2);
}

void put_u32(CaptureBytes *out, uint32_t value)
{
	put_integer(out, value, 4);
}

void put_u64(CaptureBytes *out, uint64_t value)
{
	put_integer(out, value, 8);
}

static void put_fill(CaptureBytes *out, uint8_t fill, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		put_octets(out, &fill, 1);
}

void put_pcap_header(CaptureBytes *out, uint32_t magic, uint32_t snaplen, uint32_t link_type)
{
	put_u32(out, magic);
	put_u16(out, 2);
	put_u16(out, 4);
	put_u32(out, 0);
	put_u32(out, 0);
	put_u32(out, snaplen);
	put_u32(out, link_type);
}

void put_pcap_record(CaptureBytes *out, PcapRecord record)
{
	put_u32(out, record.seconds);
	put_u32(out, record.fraction);
	put_u32(out, record.n_captured);
	put_u32(out, record.n_wire);
	put_fill(out, record.fill, record.n_captured);
}

void put_block(CaptureBytes *out, uint32_t type, const void *body, size_t size)
{
	uint32_t padding = (uint32_t)(-size & 3);
	uint32_t total = 12 + (uint32_t)size + padding;
	put_u32(out, type);
	put_u32(out, total);
	put_octets(out, body, size);
	put_fill(out, 0, padding);
	put_u32(out, total);
}

static void put_body(CaptureBytes *out, uint32_t type, CaptureBytes *body)
{
	put_block(out, type, body->array->data, body->array->len);
	capture_bytes_free(body);
}

void put_section(CaptureBytes *out)
{
	CaptureBytes body = capture_bytes(out->big_endian);
	put_u32(&body, 0x1a2b3c4d);
	put_u16(&body, 1);
	put_u16(&body, 0);
	put_u64(&body, UINT64_MAX);
	put_body(out, 0x0a0d0d0a, &body);
}

void put_option(CaptureBytes *out, uint16_t code, const void *value, uint16_t size)
{
	put_u16(out, code);
	put_u16(out, size);
	put_octets(out, value, size);
	put_fill(out, 0, -(uint32_t)size & 3);
}

void put_interface(CaptureBytes *out, uint16_t link_type, uint32_t snaplen,
                   const CaptureBytes *options)
{
	CaptureBytes body = capture_bytes(out->big_endian);
	put_u16(&body, link_type);
	put_u16(&body, 0);
	put_u32(&body, snaplen);
	if (options)
		put_octets(&body, options->array->data, options->array->len);
	put_body(out, 1, &body);
}

static void put_packet_body(CaptureBytes *body, PcapngPacket packet)
{
	put_u32(body, (uint32_t)(packet.ticks >> 32));
	put_u32(body, (uint32_t)packet.ticks);
	put_u32(body, packet.n_captured);
	put_u32(body, packet.n_wire);
	put_fill(body, packet.fill, packet.n_captured);
}

void put_enhanced_packet(CaptureBytes *out, PcapngPacket packet)
{
	CaptureBytes body = capture_bytes(out->big_endian);
	put_u32(&body, packet.interface);
	put_packet_body(&body, packet);
	put_body(out, 6, &body);
}

void put_obsolete_packet(CaptureBytes *out, PcapngPacket packet)
{
	CaptureBytes body = capture_bytes(out->big_endian);
	put_u16(&body, (uint16_t)packet.interface);
	put_u16(&body, 0xffff); /* drops: not known */
	put_packet_body(&body, packet);
	put_body(out, 2, &body);
}

void put_simple_packet(CaptureBytes *out, uint32_t n_captured, uint32_t n_wire, uint8_t fill)
{
	CaptureBytes body = capture_bytes(out->big_endian);
	put_u32(&body, n_wire);
	put_fill(&body, fill, n_captured);
	put_body(out, 3, &body);
}

Source *open_octets(const void *data, size_t size, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	close(fd);
	Source *source = source_open_file(path, error);
	g_unlink(path);
	return source;
}

Source *open_bytes(const CaptureBytes *in)
{
	g_autoptr(GError) error = NULL;
	Source *source = open_octets(in->array->data, in->array->len, &error);
	assert_null(error);
	assert_non_null(source);
	return source;
}

Frame next_frame(Source *source)
{
	Frame frame = {0};
	g_autoptr(GError) error = NULL;
	SourceStatus status;
	do {
		status = source_next(source, &frame, &error);
	} while (status == SOURCE_AGAIN);
	assert_null(error);
	assert_int_equal(status, SOURCE_FRAME);
	return frame;
}

void assert_ended(Source *source)
{
	Frame frame;
	g_autoptr(GError) error = NULL;
	SourceStatus status;
	do {
		status = source_next(source, &frame, &error);
	} while (status == SOURCE_AGAIN);
	assert_null(error);
	assert_int_equal(status, SOURCE_END);
}

void assert_frame(const Frame *frame, int64_t ns, size_t n_captured, uint8_t fill)
{
	assert_int_equal(frame->time.ns, ns);
	assert_int_equal(frame->bytes.size, n_captured);
	for (size_t i = 0; i < n_captured; i++)
		assert_int_equal(frame->bytes.data[i], fill);
}
