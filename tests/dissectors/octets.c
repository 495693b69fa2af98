/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

void octets_add(Octets *octets, const void *data, size_t size)
{
	assert_true(size <= OCTETS_MAX - octets->size);
	memcpy(octets->data + octets->size, data, size);
	octets->size += size;
}

static void add_octet(Octets *octets, unsigned octet)
{
	uint8_t data = (uint8_t)octet;
	octets_add(octets, &data, 1);
}

static void add_number(Octets *octets, size_t value)
{
	for (; value >= 0x80; value >>= 7)
		add_octet(octets, (value & 0x7F) | 0x80);
	add_octet(octets, (unsigned)value);
}

static const char *add_varint(Octets *octets, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);
	assert_ptr_not_equal(end, text);
	add_number(octets, value);
	return end;
}

static const char *add_rest(Octets *octets, const char *text)
{
	Octets rest;
	octets_parse(&rest, text);
	add_number(octets, rest.size);
	octets_add(octets, rest.data, rest.size);
	return text + strlen(text);
}

static const char *add_text(Octets *octets, const char *text)
{
	char quote = *text;
	const char *begin = text + 1;
	const char *end = strchr(begin, quote);
	assert_non_null(end);
	size_t size = (size_t)(end - begin);
	if (quote == '"') {
		add_octet(octets, (unsigned)(size >> 8));
		add_octet(octets, (unsigned)size);
	}
	octets_add(octets, begin, size);
	return end + 1;
}

static const char *add_hex(Octets *octets, const char *text)
{
	assert_true(g_ascii_isxdigit(text[0]) && g_ascii_isxdigit(text[1]));
	add_octet(octets, (unsigned)(g_ascii_xdigit_value(text[0]) << 4) |
	                          (unsigned)g_ascii_xdigit_value(text[1]));
	return text + 2;
}

void octets_parse(Octets *octets, const char *text)
{
	octets->size = 0;
	while (*text != '\0') {
		if (*text == ' ' || *text == ',')
			text++;
		else if (*text == 'r' || *text == 'p')
			text = add_varint(octets, text + 1);
		else if (*text == 'R')
			text = add_rest(octets, text + 1);
		else if (*text == '\'' || *text == '"')
			text = add_text(octets, text);
		else
			text = add_hex(octets, text);
	}
}

ByteSpan octets_span(const Octets *octets)
{
	return (ByteSpan){octets->data, octets->size};
}

Fence fence_new(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	Fence fence = {.size = (OCTETS_MAX + page - 1) / page * page};
	fence.pages = mmap(NULL, fence.size + page, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fence.pages, MAP_FAILED);
	assert_int_equal(mprotect(fence.pages + fence.size, page, PROT_NONE), 0);
	return fence;
}

void fence_free(Fence *fence)
{
	munmap(fence->pages, fence->size + (size_t)sysconf(_SC_PAGESIZE));
}

ByteSpan fence_place(const Fence *fence, ByteSpan bytes)
{
	assert_true(bytes.size <= fence->size);
	uint8_t *at = fence->pages + fence->size - bytes.size;
	memcpy(at, bytes.data, bytes.size);
	return (ByteSpan){at, bytes.size};
}
