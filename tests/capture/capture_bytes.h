/* SPDX-License-Identifier: MIT */
/*
 * capture_bytes: capture files built by hand, octet by octet.
 */
#pragma once

#include <glib.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/capture/source.h"

typedef struct CaptureBytes {
	GByteArray *array;
	bool big_endian;
} CaptureBytes;

/* Appends to @out as the byte order demands. */
void put_u16(CaptureBytes *out, uint16_t value);
void put_u32(CaptureBytes *out, uint32_t value);
void put_u64(CaptureBytes *out, uint64_t value);
void put_octets(CaptureBytes *out, const void *data, size_t size);

CaptureBytes capture_bytes(bool big_endian);
void capture_bytes_free(CaptureBytes *out);

enum { MAGIC_MICRO = 0xa1b2c3d4u, MAGIC_NANO = 0xa1b23c4du };
void put_pcap_header(CaptureBytes *out, uint32_t magic, uint32_t snaplen, uint32_t link_type);
/* @n_captured octets, each with the value @fill. */
typedef struct PcapRecord {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t n_captured;
	uint32_t n_wire;
	uint8_t fill;
} PcapRecord;
void put_pcap_record(CaptureBytes *out, PcapRecord record);

/* A block of @type around @body (padded to 4). */
void put_block(CaptureBytes *out, uint32_t type, const void *body, size_t size);
void put_section(CaptureBytes *out);
/* @options: whole, with their end; or NULL. */
void put_interface(CaptureBytes *out, uint16_t link_type, uint32_t snaplen,
                   const CaptureBytes *options);
void put_option(CaptureBytes *out, uint16_t code, const void *value, uint16_t size);
typedef struct PcapngPacket {
	uint32_t interface;
	uint64_t ticks;
	uint32_t n_captured;
	uint32_t n_wire;
	uint8_t fill;
} PcapngPacket;
void put_enhanced_packet(CaptureBytes *out, PcapngPacket packet);
void put_obsolete_packet(CaptureBytes *out, PcapngPacket packet);
void put_simple_packet(CaptureBytes *out, uint32_t n_captured, uint32_t n_wire, uint8_t fill);

/* Writes the octets to a file that is gone once it is open. */
Source *open_octets(const void *data, size_t size, GError **error);
Source *open_bytes(const CaptureBytes *in);

/* The next thing must be a frame. */
Frame next_frame(Source *source);
void assert_ended(Source *source);
void assert_frame(const Frame *frame, int64_t ns, size_t n_captured, uint8_t fill);
