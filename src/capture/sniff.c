/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "src/capture/sniff.h"

#include <glib.h>
#include <string.h>

#define COMPRESSED ", which this program does not read here: decompress it first"
#ifdef HAVE_ZLIB
#define GZIP COMPRESSED
#else
#define GZIP ", and this program was built without zlib: decompress it first"
#endif
#ifdef HAVE_ZSTD
#define ZSTD COMPRESSED
#else
#define ZSTD ", and this program was built without zstd: decompress it first"
#endif

static const struct {
	const char *magic;
	size_t size;
	const char *text;
} known[] = {
	{"\x1f\x8b", 2, "gzip data" GZIP},
	{"\x28\xb5\x2f\xfd", 4, "zstd data" ZSTD},
	{"\x04\x22\x4d\x18", 4, "lz4 data" COMPRESSED},
	{"\xfd" "7zXZ\0", 6, "xz data" COMPRESSED},
	{"BZh", 3, "bzip2 data" COMPRESSED},
	{"PK\x03\x04", 4, "a zip archive" COMPRESSED},
	{"\xa1\xb2\xcd\x34", 4, "a pcap with modified record headers (Kuznetzov), not supported"},
	{"\x34\xcd\xb2\xa1", 4, "a pcap with modified record headers (Kuznetzov), not supported"},
	{"snoop\0\0\0", 8, "a snoop capture, not supported: convert it with editcap"},
	{"btsnoop\0", 8, "a Bluetooth snoop capture, not supported"},
	{"GMBU", 4, "a Network Monitor capture, not supported: convert it with editcap"},
};

static bool is_text(ByteSpan bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (!g_ascii_isprint((gchar)bytes.data[i]) && !g_ascii_isspace((gchar)bytes.data[i]))
			return false;
	}
	return true;
}

static char *describe_text(ByteSpan bytes)
{
	GString *text = g_string_new("text \"");
	for (size_t i = 0; i < bytes.size; i++)
		g_string_append_c(text, g_ascii_isprint((gchar)bytes.data[i])
		                                ? (gchar)bytes.data[i] : ' ');
	return g_string_free(g_string_append_c(text, '"'), FALSE);
}

static char *describe_octets(ByteSpan bytes)
{
	GString *text = g_string_new("octets");
	for (size_t i = 0; i < bytes.size && i < 8; i++)
		g_string_append_printf(text, " %02x", bytes.data[i]);
	return g_string_free(text, FALSE);
}

char *sniff_describe(ByteSpan bytes)
{
	if (bytes.size == 0)
		return g_strdup("nothing: the file is empty");
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (bytes.size >= known[i].size &&
		    memcmp(bytes.data, known[i].magic, known[i].size) == 0)
			return g_strdup(known[i].text);
	}
	bytes.size = MIN(bytes.size, SNIFF_SIZE);
	return is_text(bytes) ? describe_text(bytes) : describe_octets(bytes);
}
