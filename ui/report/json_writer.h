/* SPDX-License-Identifier: MIT */
/*
 * json_writer: JSON as it is said, without a tree.
 *
 * A tree costs memory and time in proportion to the report; here a report of any
 * size needs one buffer.  Nesting and keys are our own business and asserted;
 * text is any octets: ill-formed UTF-8 becomes U+FFFD, one for each octet.
 */
#pragma once

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "dissectors/bytes.h"

typedef struct JsonWriter JsonWriter;

/* Containers nested less than @broken_levels deep put each element on a line of its own; 0 writes
 * everything on one line.  Does not close @out. */
JsonWriter *json_writer_new(FILE *out, unsigned broken_levels);
/* Writes what is buffered and frees.  False if anything could not be written: errno tells. */
bool json_writer_finish(JsonWriter *writer);

void json_begin_object(JsonWriter *writer);
void json_end_object(JsonWriter *writer);
void json_begin_array(JsonWriter *writer);
void json_end_array(JsonWriter *writer);
/* The next value's name: ASCII that needs no escape. */
void json_sized_key(JsonWriter *writer, const char *key, size_t size);
/* Inline, for the compiler knows how long a literal is. */
static inline void json_key(JsonWriter *writer, const char *key)
{
	json_sized_key(writer, key, strlen(key));
}
/* Ends a top-level value with a line break, so that another can follow (ndjson). */
void json_end_line(JsonWriter *writer);

void json_bytes(JsonWriter *writer, ByteSpan text);
/* NULL is null. */
void json_string(JsonWriter *writer, const char *text);
void json_number(JsonWriter *writer, uint64_t value);
/* Nanoseconds as seconds with up to 9 decimals; INT64_MIN is null. */
void json_seconds(JsonWriter *writer, int64_t ns);
/* RFC 3339, UTC, 9 decimals; null if unknown, or beyond the year 9999. */
void json_instant(JsonWriter *writer, Instant instant);
void json_bool(JsonWriter *writer, bool value);
void json_null(JsonWriter *writer);
