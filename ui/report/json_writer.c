/* SPDX-License-Identifier: MIT */
#include "ui/report/json_writer.h"

#include <errno.h>
#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/utf8.h"

enum {
	BUFFER_SIZE = 64 * 1024,
	MAX_DEPTH = 32,
	SMALL_PIECE = 64, /* every put_small() fits */
};

typedef struct Level {
	bool is_object;
	bool has_elements;
} Level;

struct JsonWriter {
	FILE *out;
	size_t used;
	unsigned broken_levels;
	unsigned depth;
	bool after_key;
	int error; /* the first errno; nothing is written after it */
	Level levels[MAX_DEPTH];
	char buffer[BUFFER_SIZE];
};

JsonWriter *json_writer_new(FILE *out, unsigned broken_levels)
{
	JsonWriter *writer = g_malloc(sizeof *writer);
	writer->out = out;
	writer->used = 0;
	writer->broken_levels = broken_levels;
	writer->depth = 0;
	writer->after_key = false;
	writer->error = 0;
	writer->levels[0] = (Level){false, false};
	return writer;
}

static void flush(JsonWriter *writer)
{
	if (writer->error == 0 &&
	    fwrite(writer->buffer, 1, writer->used, writer->out) != writer->used)
		writer->error = errno != 0 ? errno : EIO;
	writer->used = 0;
}

bool json_writer_finish(JsonWriter *writer)
{
	g_assert(writer->depth == 0);
	flush(writer);
	if (writer->error == 0 && fflush(writer->out) != 0)
		writer->error = errno;
	int error = writer->error;
	g_free(writer);
	errno = error;
	return error == 0;
}

static void put_small(JsonWriter *writer, const char *text, size_t size)
{
	g_assert(size <= SMALL_PIECE);
	if (writer->used + size > BUFFER_SIZE)
		flush(writer);
	memcpy(writer->buffer + writer->used, text, size);
	writer->used += size;
}

static void put_char(JsonWriter *writer, char c)
{
	if (writer->used == BUFFER_SIZE)
		flush(writer);
	writer->buffer[writer->used++] = c;
}

static void put_large(JsonWriter *writer, const char *text, size_t size)
{
	while (size > 0) {
		if (writer->used == BUFFER_SIZE)
			flush(writer);
		size_t piece = MIN(size, BUFFER_SIZE - writer->used);
		memcpy(writer->buffer + writer->used, text, piece);
		writer->used += piece;
		text += piece;
		size -= piece;
	}
}

static void break_line(JsonWriter *writer)
{
	put_char(writer, '\n');
	for (unsigned i = 0; i < writer->depth; i++)
		put_char(writer, ' ');
}

/* What stands between the element before and this one. */
static void separate(JsonWriter *writer)
{
	Level *level = &writer->levels[writer->depth];
	bool had_elements = level->has_elements;
	level->has_elements = true;
	if (had_elements)
		put_char(writer, ',');
	if (writer->depth > 0 && writer->depth <= writer->broken_levels)
		break_line(writer);
	else if (had_elements && writer->broken_levels > 0)
		put_char(writer, ' ');
}

static void begin_value(JsonWriter *writer)
{
	Level *level = &writer->levels[writer->depth];
	g_assert(writer->after_key == level->is_object); /* a key first, in objects alone */
	if (!writer->after_key)
		separate(writer);
	writer->after_key = false;
}

static void begin_container(JsonWriter *writer, bool is_object)
{
	begin_value(writer);
	g_assert(writer->depth + 1 < MAX_DEPTH);
	put_char(writer, is_object ? '{' : '[');
	writer->levels[++writer->depth] = (Level){is_object, false};
}

static void end_container(JsonWriter *writer, bool is_object)
{
	g_assert(writer->depth > 0 && !writer->after_key);
	Level level = writer->levels[writer->depth--];
	g_assert(level.is_object == is_object);
	if (level.has_elements && writer->depth < writer->broken_levels)
		break_line(writer);
	put_char(writer, is_object ? '}' : ']');
}

void json_begin_object(JsonWriter *writer)
{
	begin_container(writer, true);
}

void json_end_object(JsonWriter *writer)
{
	end_container(writer, true);
}

void json_begin_array(JsonWriter *writer)
{
	begin_container(writer, false);
}

void json_end_array(JsonWriter *writer)
{
	end_container(writer, false);
}

void json_end_line(JsonWriter *writer)
{
	g_assert(writer->depth == 0);
	put_char(writer, '\n');
	writer->levels[0].has_elements = false;
}

void json_key(JsonWriter *writer, const char *key)
{
	g_assert(writer->levels[writer->depth].is_object && !writer->after_key);
	separate(writer);
	put_char(writer, '"');
	put_large(writer, key, strlen(key));
	put_large(writer, "\": ", writer->broken_levels > 0 ? 3 : 2);
	writer->after_key = true;
}

static void put_code_unit(JsonWriter *writer, uint32_t unit)
{
	char text[8];
	int size = g_snprintf(text, sizeof text, "\\u%04x", unit);
	put_small(writer, text, (size_t)size);
}

static void put_escape(JsonWriter *writer, uint8_t c)
{
	static const char named[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *at = c != 0 ? strchr(named, c) : NULL;
	if (at != NULL) {
		put_small(writer, (char[]){'\\', letters[at - named]}, 2);
		return;
	}
	put_code_unit(writer, c);
}

/* What a terminal, or a reader's eye, would take for something else. */
static void put_deceptive(JsonWriter *writer, uint32_t code)
{
	if (code < 0x10000) {
		put_code_unit(writer, code);
		return;
	}
	put_code_unit(writer, 0xD800 + ((code - 0x10000) >> 10));
	put_code_unit(writer, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* One character that is not plain ASCII; returns how many octets of @text it was. */
static size_t put_special(JsonWriter *writer, ByteSpan text)
{
	uint32_t code;
	unsigned size = utf8_decode(text, &code);
	if (size == 0) {
		put_small(writer, "\xEF\xBF\xBD", 3);
		return 1;
	}
	if (size == 1)
		put_escape(writer, (uint8_t)code);
	else if (escape_is_deceptive(code))
		put_deceptive(writer, code);
	else
		put_small(writer, (const char *)text.data, size);
	return size;
}

void json_bytes(JsonWriter *writer, ByteSpan text)
{
	begin_value(writer);
	put_char(writer, '"');
	while (text.size > 0) {
		size_t plain = 0;
		while (plain < text.size && is_plain(text.data[plain]))
			plain++;
		put_large(writer, (const char *)text.data, plain);
		text = bytes_after(text, plain);
		if (text.size > 0)
			text = bytes_after(text, put_special(writer, text));
	}
	put_char(writer, '"');
}

void json_string(JsonWriter *writer, const char *text)
{
	if (text == NULL)
		json_null(writer);
	else
		json_bytes(writer, (ByteSpan){(const uint8_t *)text, strlen(text)});
}

/* The decimal digits of @value, which end at @end; returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
	do
		*--end = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	return end;
}

void json_number(JsonWriter *writer, uint64_t value)
{
	char text[24];
	char *end = text + sizeof text;
	char *begin = digits_before(end, value);
	begin_value(writer);
	put_small(writer, begin, (size_t)(end - begin));
}

void json_seconds(JsonWriter *writer, int64_t ns)
{
	if (ns == INT64_MIN) {
		json_null(writer);
		return;
	}
	char text[FORMAT_SIZE];
	format_decimal_seconds(ns, text);
	begin_value(writer);
	put_small(writer, text, strlen(text));
}

void json_instant(JsonWriter *writer, Instant instant)
{
	char text[FORMAT_SIZE];
	if (!format_rfc3339(instant, text)) {
		json_null(writer);
		return;
	}
	begin_value(writer);
	put_char(writer, '"');
	put_small(writer, text, strlen(text));
	put_char(writer, '"');
}

void json_bool(JsonWriter *writer, bool value)
{
	begin_value(writer);
	put_small(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_null(JsonWriter *writer)
{
	begin_value(writer);
	put_small(writer, "null", 4);
}
