/* SPDX-License-Identifier: MIT */
/*
 * octets: integers as a capture file holds them.
 *
 * Capture files are written in the byte order of the machine that captured;
 * @swapped says that it is the other one than ours.  Any alignment.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load_u16(const uint8_t *at, bool swapped)
{
	uint16_t value;
	memcpy(&value, at, sizeof value);
	if (swapped)
		value = (uint16_t)((value & 0xff) << 8 | value >> 8);
	return value;
}

static inline uint32_t load_u32(const uint8_t *at, bool swapped)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return swapped ? GUINT32_SWAP_LE_BE(value) : value;
}

static inline uint64_t load_u64(const uint8_t *at, bool swapped)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return swapped ? GUINT64_SWAP_LE_BE(value) : value;
}
