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
	KEY_SIZE_MAX = 1024,
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

/* What a separator with its line break and indentation, or a quote and a colon, take at most. */
enum { AROUND = MAX_DEPTH + 8 };

/* Room for @size octets and what stands around them, by one look at the buffer for all. */
static char *room(JsonWriter *writer, size_t size)
{
	if (writer->used + size + AROUND > BUFFER_SIZE)
		flush(writer);
	return writer->buffer + writer->used;
}

static void took_until(JsonWriter *writer, const char *end)
{
	writer->used = (size_t)(end - writer->buffer);
}

static char *line_break(const JsonWriter *writer, char *to)
{
	*to++ = '\n';
	for (unsigned i = 0; i < writer->depth; i++)
		*to++ = ' ';
	return to;
}

/* What stands between the element before and this one. */
static char *separator(JsonWriter *writer, char *to)
{
	Level *level = &writer->levels[writer->depth];
	bool had_elements = level->has_elements;
	level->has_elements = true;
	if (had_elements)
		*to++ = ',';
	if (writer->depth > 0 && writer->depth <= writer->broken_levels)
		return line_break(writer, to);
	if (had_elements && writer->broken_levels > 0)
		*to++ = ' ';
	return to;
}

/* Where a value of at most @size octets goes. */
static char *begin_value(JsonWriter *writer, size_t size)
{
	/* a key first, in objects alone */
	g_assert(writer->after_key == writer->levels[writer->depth].is_object);
	char *to = room(writer, size);
	if (!writer->after_key)
		to = separator(writer, to);
	writer->after_key = false;
	return to;
}

static char *copied(char *to, const char *text, size_t size)
{
	memcpy(to, text, size);
	return to + size;
}

static void begin_container(JsonWriter *writer, bool is_object)
{
	g_assert(writer->depth + 1 < MAX_DEPTH);
	char *to = begin_value(writer, 1);
	*to++ = is_object ? '{' : '[';
	took_until(writer, to);
	writer->levels[++writer->depth] = (Level){is_object, false};
}

static void end_container(JsonWriter *writer, bool is_object)
{
	g_assert(writer->depth > 0 && !writer->after_key);
	Level level = writer->levels[writer->depth--];
	g_assert(level.is_object == is_object);
	char *to = room(writer, 1);
	if (level.has_elements && writer->depth < writer->broken_levels)
		to = line_break(writer, to);
	*to++ = is_object ? '}' : ']';
	took_until(writer, to);
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

void json_sized_key(JsonWriter *writer, const char *key, size_t size)
{
	g_assert(writer->levels[writer->depth].is_object && !writer->after_key);
	g_assert(size <= KEY_SIZE_MAX);
	char *to = separator(writer, room(writer, size));
	*to++ = '"';
	to = copied(to, key, size);
	*to++ = '"';
	*to++ = ':';
	if (writer->broken_levels > 0)
		*to++ = ' ';
	took_until(writer, to);
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

/* Whether eight octets are plain.  Among octets below 0x80, taking 1 sets the high bit of a zero alone,
 * and taking 0x20 that of a control character; a borrow can only come from an octet that is special
 * itself. */
static bool are_plain(const uint8_t *octets)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t word;
	memcpy(&word, octets, sizeof word);
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\', del = word ^ ones * 0x7F;
	uint64_t special = word | (word - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones);
	return (special & high) == 0;
}

/* The octets of @text up to the first that is not plain. */
static size_t plain_size(ByteSpan text)
{
	size_t n = 0;
	while (n + 8 <= text.size && are_plain(text.data + n))
		n += 8;
	/* What is left of a longer text is looked at together with some of what was. */
	if (text.size >= 8 && text.size - n < 8 && are_plain(text.data + text.size - 8))
		return text.size;
	while (n < text.size && is_plain(text.data[n]))
		n++;
	return n;
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

/* Nearly every text is short and plain as a whole. */
static void put_plain(JsonWriter *writer, ByteSpan text)
{
	char *to = begin_value(writer, text.size + 2);
	*to++ = '"';
	if (text.size > 0) /* else it may have no address */
		to = copied(to, (const char *)text.data, text.size);
	*to++ = '"';
	took_until(writer, to);
}

void json_bytes(JsonWriter *writer, ByteSpan text)
{
	size_t plain = plain_size(text);
	if (plain == text.size && plain <= KEY_SIZE_MAX) {
		put_plain(writer, text);
		return;
	}
	char *to = begin_value(writer, 1);
	*to++ = '"';
	took_until(writer, to);
	for (; text.size > 0; plain = plain_size(text)) {
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

/* A value that is at hand as text. */
static void put_value(JsonWriter *writer, const char *text, size_t size)
{
	took_until(writer, copied(begin_value(writer, size), text, size));
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
	put_value(writer, begin, (size_t)(end - begin));
}

void json_seconds(JsonWriter *writer, int64_t ns)
{
	if (ns == INT64_MIN) {
		json_null(writer);
		return;
	}
	char text[FORMAT_SIZE];
	format_decimal_seconds(ns, text);
	put_value(writer, text, strlen(text));
}

void json_instant(JsonWriter *writer, Instant instant)
{
	char text[FORMAT_SIZE + 2] = "\"";
	if (!format_rfc3339(instant, text + 1)) {
		json_null(writer);
		return;
	}
	size_t size = 1 + strlen(text + 1);
	text[size] = '"';
	put_value(writer, text, size + 1);
}

void json_bool(JsonWriter *writer, bool value)
{
	put_value(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_null(JsonWriter *writer)
{
	put_value(writer, "null", 4);
}
