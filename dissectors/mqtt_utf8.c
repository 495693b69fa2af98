/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_utf8.h"

static bool is_continuation(uint8_t octet)
{
	return (octet & 0xC0) == 0x80;
}

/* What the second octet may be after @lead (the Unicode Standard, table 3-7). */
static bool second_fits(uint8_t lead, uint8_t second, Utf8Rules rules)
{
	if (!is_continuation(second))
		return false;
	switch (lead) {
	case 0xE0: return second >= 0xA0;
	case 0xED: return rules == UTF8_MODIFIED || second < 0xA0;
	case 0xF0: return second >= 0x90;
	case 0xF4: return second < 0x90;
	default: return true;
	}
}

/* Octets of the sequence that @lead begins; 0 if none begins so. */
static size_t sequence_size(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2)
		return 0;
	if (lead < 0xE0)
		return 2;
	if (lead < 0xF0)
		return 3;
	return lead < 0xF5 ? 4 : 0;
}

/* Octets of the well-formed sequence at @at; 0 if there is none. */
static size_t sequence_at(const uint8_t *at, size_t left, Utf8Rules rules)
{
	if (rules == UTF8_MODIFIED && left >= 2 && at[0] == 0xC0 && at[1] == 0x80)
		return 2;
	size_t size = sequence_size(at[0]);
	if (size == 0 || size > left)
		return 0;
	if (size > 1 && !second_fits(at[0], at[1], rules))
		return 0;
	for (size_t i = 2; i < size; i++) {
		if (!is_continuation(at[i]))
			return 0;
	}
	return size;
}

Utf8Result utf8_check(ByteSpan text, Utf8Rules rules, size_t *at)
{
	for (size_t i = 0; i < text.size;) {
		uint64_t word;
		while (text.size - i >= sizeof word) {
			memcpy(&word, text.data + i, sizeof word);
			if ((word & UINT64_C(0x8080808080808080)) != 0 || zero_octets(word) != 0)
				break;
			i += sizeof word;
		}
		if (i == text.size)
			break;
		*at = i;
		if (text.data[i] == 0 && rules != UTF8_PAYLOAD)
			return UTF8_NUL;
		size_t size = sequence_at(text.data + i, text.size - i, rules);
		if (size == 0)
			return UTF8_ILL_FORMED;
		i += size;
	}
	return UTF8_WELL_FORMED;
}
