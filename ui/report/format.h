/* SPDX-License-Identifier: MIT */
/*
 * format: times, durations and counts as people and programs read them.
 */
#pragma once

#include "dissectors/bytes.h"

enum { FORMAT_SIZE = 48 }; /* enough for everything here, NUL included */

/* From one moment to another; INT64_MIN if either is unknown or a hostile clock puts them further
 * apart than can be said. */
static inline int64_t ns_between(Instant from, Instant to)
{
	int64_t ns;
	bool fits = !__builtin_sub_overflow(to.ns, from.ns, &ns);
	return fits && instant_known(from) && instant_known(to) ? ns : INT64_MIN;
}

/* "2026-11-22T10:15:30.000000000Z"; false if unknown or outside the years 1 to 9999. */
bool format_rfc3339(Instant instant, char text[static FORMAT_SIZE]);
/* Seconds with up to 9 decimals and no trailing zeros: "304.2", "-0.000000001". */
void format_decimal_seconds(int64_t ns, char text[static FORMAT_SIZE]);

/* "2026-11-22 10:15:30", "10:15:30.123"; both UTC, "time unknown" if it is. */
void format_date_time(Instant instant, char text[static FORMAT_SIZE]);
void format_time_of_day(Instant instant, char text[static FORMAT_SIZE]);
/* "12 ms", "0.8 s", "42.3 s", "5 min 04.2 s", "3 h 07 min", "2 d 05 h"; "unknown" for INT64_MIN. */
void format_duration(int64_t ns, char text[static FORMAT_SIZE]);
/* "+0.000 s" ... since a beginning: always a sign and one unit less precise as it grows. */
void format_offset(int64_t ns, char text[static FORMAT_SIZE]);
/* Groups of three with thin spaces (U+2009) from five digits on: "9999", "12 345". */
void format_count(uint64_t count, char text[static FORMAT_SIZE]);
/* "0 B", "5.0 kB", "1.2 GB": powers of 1000. */
void format_octets(uint64_t octets, char text[static FORMAT_SIZE]);
