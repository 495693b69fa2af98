/* SPDX-License-Identifier: MIT */
#include "ui/report/utf8.h"

/* Octets of the sequence that @lead begins; 0 if none begins so. */
static unsigned sequence_size(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2) /* a continuation octet, or an overlong two-octet form */
		return 0;
	if (lead < 0xE0)
		return 2;
	if (lead < 0xF0)
		return 3;
	return lead < 0xF5 ? 4 : 0;
}

static bool code_allowed(uint32_t code, unsigned size)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	if (code < smallest[size] || code > 0x10FFFF)
		return false;
	return code < 0xD800 || code > 0xDFFF;
}

unsigned utf8_decode(ByteSpan text, uint32_t *code)
{
	unsigned size = sequence_size(text.data[0]);
	if (size <= 1) {
		*code = text.data[0];
		return size;
	}
	if (size > text.size)
		return 0;
	uint32_t value = text.data[0] & (0x7Fu >> size);
	for (unsigned i = 1; i < size; i++) {
		if ((text.data[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (text.data[i] & 0x3Fu);
	}
	*code = value;
	return code_allowed(value, size) ? size : 0;
}
