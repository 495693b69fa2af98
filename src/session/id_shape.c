/* SPDX-License-Identifier: MIT */
#include "src/session/id_shape.h"

#include <glib.h>
#include <string.h>

enum {
	ID_LONGEST = 256, /* longer ones are not looked at */
	UUID_SIZE = 36,
	RANDOM_LEAST = 4,  /* characters */
	STEP_MOST = 64,    /* numbers this near count devices */
	NUMBER_MOST = 18,  /* digits that surely fit in 64 bits */
};

/* One piece of an identifier: all of it has to be equal, or it may differ. */
typedef struct Piece {
	ByteSpan span;
	bool variable;
} Piece;

static bool is_word(uint8_t c)
{
	return g_ascii_isalnum(c);
}

static bool is_letter_beyond_hex(uint8_t c)
{
	return g_ascii_isalpha(c) && !g_ascii_isxdigit(c);
}

static bool is_uuid(ByteSpan rest)
{
	if (rest.size < UUID_SIZE || (rest.size > UUID_SIZE && is_word(rest.data[UUID_SIZE])))
		return false;
	for (size_t i = 0; i < UUID_SIZE; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? rest.data[i] != '-' : !g_ascii_isxdigit(rest.data[i]))
			return false;
	}
	return true;
}

/* Of a word with a digit in it: the letters in front that are its name, as "paho" in paho4711. */
static size_t name_of(ByteSpan word)
{
	size_t letters = 0;
	bool spelt = false;
	while (letters < word.size && g_ascii_isalpha(word.data[letters]))
		spelt |= is_letter_beyond_hex(word.data[letters++]);
	for (size_t i = letters; i < word.size; i++)
		if (is_letter_beyond_hex(word.data[i]))
			return 0; /* letters and digits all mixed up */
	return spelt && letters >= 3 ? letters : 0;
}

static bool has_digit(ByteSpan word)
{
	for (size_t i = 0; i < word.size; i++)
		if (g_ascii_isdigit(word.data[i]))
			return true;
	return false;
}

/* The next piece of @rest, which is not empty. */
static Piece next_piece(ByteSpan rest)
{
	if (is_uuid(rest))
		return (Piece){{rest.data, UUID_SIZE}, true};
	size_t size = 0;
	while (size < rest.size && is_word(rest.data[size]))
		size++;
	if (size == 0)
		return (Piece){{rest.data, 1}, false};
	ByteSpan word = {rest.data, size};
	if (!has_digit(word))
		return (Piece){word, false};
	size_t name = name_of(word);
	return name > 0 ? (Piece){{rest.data, name}, false} : (Piece){word, true};
}

static ByteSpan behind(ByteSpan rest, Piece piece)
{
	return (ByteSpan){rest.data + piece.span.size, rest.size - piece.span.size};
}

uint64_t id_shape(ByteSpan id)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */
	bool variable = false;
	if (id.size > ID_LONGEST)
		return 0;
	for (ByteSpan rest = id; rest.size > 0;) {
		Piece piece = next_piece(rest);
		variable |= piece.variable;
		for (size_t i = 0; i < (piece.variable ? 1 : piece.span.size); i++)
			hash = (hash ^ (piece.variable ? 0 : piece.span.data[i])) *
			       UINT64_C(0x100000001B3);
		rest = behind(rest, piece);
	}
	return variable ? hash | 1 : 0;
}

static bool is_number(ByteSpan span)
{
	for (size_t i = 0; i < span.size; i++)
		if (!g_ascii_isdigit(span.data[i]))
			return false;
	return span.size <= NUMBER_MOST;
}

static int64_t number_of(ByteSpan span)
{
	int64_t value = 0;
	for (size_t i = 0; i < span.size; i++)
		value = value * 10 + (span.data[i] - '0');
	return value;
}

static size_t common_beginning(ByteSpan a, ByteSpan b)
{
	size_t n = 0;
	while (n < a.size && n < b.size && a.data[n] == b.data[n])
		n++;
	return n;
}

/* Seconds, milliseconds or microseconds since some day went by as the clock did. */
static bool goes_with_clock(int64_t step, int64_t apart_ns)
{
	static const int64_t units[] = {1000000000, 1000000, 1000};
	int64_t slack = MAX(apart_ns / 10, INT64_C(2000000000));
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		int64_t most = INT64_MAX / units[i];
		if (step > 0 && step < most && ABS(step * units[i] - apart_ns) <= slack)
			return true;
	}
	return false;
}

static IdDifference number_difference(ByteSpan a, ByteSpan b, int64_t apart_ns)
{
	int64_t step = number_of(b) - number_of(a);
	bool long_enough = a.size >= 10 && a.size == b.size;
	if (long_enough && goes_with_clock(step, apart_ns))
		return ID_CLOCK;
	if (step >= -STEP_MOST && step <= STEP_MOST)
		return ID_UNRELATED;
	if (MIN(a.size, b.size) < RANDOM_LEAST)
		return ID_UNRELATED;
	bool alike = common_beginning(a, b) * 2 >= MIN(a.size, b.size);
	return long_enough && !alike ? ID_GENERATED : ID_NUMBERED;
}

/* Serial numbers and hardware addresses of one maker begin alike; what is random does not. */
static IdDifference piece_difference(ByteSpan a, ByteSpan b, int64_t apart_ns)
{
	if (is_number(a) && is_number(b))
		return number_difference(a, b, apart_ns);
	size_t shorter = MIN(a.size, b.size), longer = MAX(a.size, b.size);
	if (shorter < RANDOM_LEAST || longer - shorter > 1 ||
	    common_beginning(a, b) * 2 >= shorter)
		return ID_UNRELATED;
	return ID_GENERATED;
}

IdDifference id_difference(ByteSpan a, ByteSpan b, int64_t apart_ns)
{
	IdDifference found = ID_UNRELATED;
	if (a.size > ID_LONGEST || b.size > ID_LONGEST)
		return ID_UNRELATED;
	while (a.size > 0 && b.size > 0) {
		Piece x = next_piece(a), y = next_piece(b);
		bool same = x.span.size == y.span.size &&
		            memcmp(x.span.data, y.span.data, x.span.size) == 0;
		if (!same && (!x.variable || !y.variable))
			return ID_UNRELATED;
		IdDifference one = same ? found : piece_difference(x.span, y.span, apart_ns);
		if (!same && one == ID_UNRELATED)
			return ID_UNRELATED;
		found = MAX(found, one);
		a = behind(a, x);
		b = behind(b, y);
	}
	return a.size == 0 && b.size == 0 ? found : ID_UNRELATED;
}
