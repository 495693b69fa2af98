/* SPDX-License-Identifier: MIT */
/*
 * pcapng_block: one block of a pcapng file, its options, and what they say in words.
 */
#pragma once

#include "src/capture/file_source.h"

enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	ISB_IFDROP = 5,
	ISB_OSDROP = 7,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
};

/* A whole block, not consumed yet. */
typedef struct Block {
	const uint8_t *data;
	uint32_t size;
	uint32_t type;
} Block;

/* Walks the options that begin at *at of @block: false once there are no more. */
bool pcapng_next_option(const PcapngFile *pcapng, const Block *block, size_t *at, unsigned *code,
                        ByteSpan *value);
/* The value of option @code, or NULL if it is not there with @size octets. */
const uint8_t *pcapng_find_option(const PcapngFile *pcapng, const Block *block, size_t at,
                                  unsigned code, unsigned size);

/* An interface as @one, whose options begin at @at, its name and description among them. */
void pcapng_note_interface(FileSource *file, const SourceInterface *one, const Block *block, size_t at);
/* Comments among the options that begin at @at, about @frame (0: about the file). */
void pcapng_note_comments(FileSource *file, const Block *block, size_t at, uint64_t frame);
