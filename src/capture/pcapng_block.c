/* SPDX-License-Identifier: MIT */
#include "src/capture/pcapng_block.h"

#include "src/capture/octets.h"

bool pcapng_next_option(const PcapngFile *pcapng, const Block *block, size_t *at, unsigned *code,
                        ByteSpan *value)
{
	size_t end = block->size - 4;
	if (*at + 4 > end)
		return false;
	*code = load_u16(block->data + *at, pcapng->swapped);
	unsigned length = load_u16(block->data + *at + 2, pcapng->swapped);
	*at += 4;
	if (*code == OPTION_END || length > end - *at)
		return false;
	*value = (ByteSpan){block->data + *at, length};
	*at += (length + 3u) & ~3u;
	return true;
}

const uint8_t *pcapng_find_option(const PcapngFile *pcapng, const Block *block, size_t at,
                                  unsigned code, unsigned size)
{
	unsigned option;
	ByteSpan value;
	while (pcapng_next_option(pcapng, block, &at, &option, &value)) {
		if (option == code)
			return value.size == size ? value.data : NULL;
	}
	return NULL;
}

void pcapng_note_interface(FileSource *file, const SourceInterface *one, const Block *block, size_t at)
{
	unsigned code;
	ByteSpan value, name = {NULL, 0}, description = {NULL, 0};
	size_t start = at;
	while (pcapng_next_option(&file->pcapng, block, &at, &code, &value)) {
		if (code == IF_NAME)
			name = value;
		else if (code == IF_DESCRIPTION)
			description = value;
	}
	info_record_interface(&file->record, one, name, description);
	pcapng_note_comments(file, block, start, 0);
}

void pcapng_note_comments(FileSource *file, const Block *block, size_t at, uint64_t frame)
{
	unsigned code;
	ByteSpan value;
	while (pcapng_next_option(&file->pcapng, block, &at, &code, &value)) {
		if (code == OPTION_COMMENT)
			info_record_comment(&file->record, frame, value);
	}
}
