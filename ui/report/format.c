/* SPDX-License-Identifier: MIT */
#include "ui/report/format.h"

#include <glib.h>
#include <string.h>

typedef struct CivilTime {
	int year, month, day, hour, minute, second;
	int32_t ns;
} CivilTime;

/* Proleptic Gregorian calendar, counted in years that begin in March so that the leap day is last;
 * eras of 400 years are all alike (146 097 days). */
static void civil_date(int64_t days_since_1970, CivilTime *time)
{
	int64_t days = days_since_1970 + 719468; /* since 0000-03-01 */
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int of_era = (int)(days - era * 146097);
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153; /* 0: March */
	time->day = of_year - (153 * month + 2) / 5 + 1;
	time->month = month < 10 ? month + 3 : month - 9;
	time->year = (int)(year + era * 400) + (time->month <= 2 ? 1 : 0);
}

static bool civil_time(Instant instant, CivilTime *time)
{
	if (!instant_known(instant))
		return false;
	int64_t seconds = instant.ns / NS_PER_SECOND;
	int64_t ns = instant.ns % NS_PER_SECOND;
	if (ns < 0) {
		ns += NS_PER_SECOND;
		seconds--;
	}
	int64_t days = seconds / 86400;
	int64_t of_day = seconds % 86400;
	if (of_day < 0) {
		of_day += 86400;
		days--;
	}
	civil_date(days, time);
	time->hour = (int)(of_day / 3600);
	time->minute = (int)(of_day / 60 % 60);
	time->second = (int)(of_day % 60);
	time->ns = (int32_t)ns;
	return time->year >= 1 && time->year <= 9999;
}

/* @value with @n_digits and @after behind it; returns where to go on. */
static inline char *put_digits(char *to, unsigned value, unsigned n_digits, char after)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	unsigned i = n_digits;
	for (; i >= 2; value /= 100) {
		i -= 2;
		memcpy(to + i, &pairs[value % 100 * 2], 2);
	}
	if (i == 1)
		to[0] = (char)('0' + value % 10);
	to[n_digits] = after;
	return to + n_digits + 1;
}

/* By hand: a large report holds a million of them, and printf would take a fifth of its time. */
bool format_rfc3339(Instant instant, char text[static FORMAT_SIZE])
{
	CivilTime t;
	if (!civil_time(instant, &t))
		return false;
	char *to = put_digits(text, (unsigned)t.year, 4, '-');
	to = put_digits(to, (unsigned)t.month, 2, '-');
	to = put_digits(to, (unsigned)t.day, 2, 'T');
	to = put_digits(to, (unsigned)t.hour, 2, ':');
	to = put_digits(to, (unsigned)t.minute, 2, ':');
	to = put_digits(to, (unsigned)t.second, 2, '.');
	to = put_digits(to, (unsigned)t.ns, 9, 'Z');
	*to = '\0';
	return true;
}

void format_date_time(Instant instant, char text[static FORMAT_SIZE])
{
	CivilTime t;
	if (!civil_time(instant, &t))
		g_strlcpy(text, "time unknown", FORMAT_SIZE);
	else
		g_snprintf(text, FORMAT_SIZE, "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month,
		           t.day, t.hour, t.minute, t.second);
}

void format_time_of_day(Instant instant, char text[static FORMAT_SIZE])
{
	CivilTime t;
	if (!civil_time(instant, &t))
		g_strlcpy(text, "time unknown", FORMAT_SIZE);
	else
		g_snprintf(text, FORMAT_SIZE, "%02d:%02d:%02d.%03d", t.hour, t.minute, t.second,
		           t.ns / 1000000);
}

/* The distance from 0, exact for every int64_t. */
static uint64_t magnitude(int64_t ns)
{
	return ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
}

void format_decimal_seconds(int64_t ns, char text[static FORMAT_SIZE])
{
	uint64_t size = magnitude(ns);
	uint64_t seconds = size / (uint64_t)NS_PER_SECOND;
	unsigned n_digits = 1;
	for (uint64_t rest = seconds / 10; rest > 0; rest /= 10)
		n_digits++;
	char *to = text;
	if (ns < 0)
		*to++ = '-';
	for (unsigned i = n_digits; i-- > 0; seconds /= 10)
		to[i] = (char)('0' + seconds % 10);
	to[n_digits] = '.';
	unsigned fraction = (unsigned)(size % (uint64_t)NS_PER_SECOND);
	char *end = put_digits(to + n_digits + 1, fraction, 9, '\0') - 1;
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	*end = '\0';
}

/* Rounded to the unit that is shown, so that 59.96 s is a minute and not "60.0 s". */
static void format_magnitude(uint64_t ns, char text[static FORMAT_SIZE])
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);
	uint64_t tenths = ns / 100000000 + (ns % 100000000 >= 50000000);
	uint64_t minutes = ns / 60000000000 + (ns % 60000000000 >= 30000000000);
	uint64_t hours = ns / 3600000000000 + (ns % 3600000000000 >= 1800000000000);
	if (ms < 1)
		g_snprintf(text, FORMAT_SIZE, ns == 0 ? "0 s" : "< 1 ms");
	else if (ms < 1000)
		g_snprintf(text, FORMAT_SIZE, "%u ms", (unsigned)ms);
	else if (tenths < 600)
		g_snprintf(text, FORMAT_SIZE, "%u.%u s", (unsigned)(tenths / 10),
		           (unsigned)(tenths % 10));
	else if (tenths < 36000)
		g_snprintf(text, FORMAT_SIZE, "%u min %02u.%u s", (unsigned)(tenths / 600),
		           (unsigned)(tenths / 10 % 60), (unsigned)(tenths % 10));
	else if (minutes < 48 * 60)
		g_snprintf(text, FORMAT_SIZE, "%u h %02u min", (unsigned)(minutes / 60),
		           (unsigned)(minutes % 60));
	else
		g_snprintf(text, FORMAT_SIZE, "%u d %02u h", (unsigned)(hours / 24),
		           (unsigned)(hours % 24));
}

void format_duration(int64_t ns, char text[static FORMAT_SIZE])
{
	if (ns == INT64_MIN) {
		g_strlcpy(text, "unknown", FORMAT_SIZE);
		return;
	}
	char size[FORMAT_SIZE];
	format_magnitude(magnitude(ns), size);
	g_snprintf(text, FORMAT_SIZE, "%s%s", ns < 0 ? "-" : "", size);
}

void format_offset(int64_t ns, char text[static FORMAT_SIZE])
{
	uint64_t size = magnitude(ns);
	uint64_t ms = size / 1000000 + (size % 1000000 >= 500000);
	char sign = ns < 0 ? '-' : '+';
	if (ms < 60000) {
		g_snprintf(text, FORMAT_SIZE, "%c%u.%03u s", sign, (unsigned)(ms / 1000),
		           (unsigned)(ms % 1000));
		return;
	}
	char duration[FORMAT_SIZE];
	format_magnitude(size, duration);
	g_snprintf(text, FORMAT_SIZE, "%c%s", sign, duration);
}

void format_count(uint64_t count, char text[static FORMAT_SIZE])
{
	static const char thin_space[] = "\xE2\x80\x89";
	char digits[24];
	int n = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
	char *to = text;
	for (int i = 0; i < n; i++) {
		if (n >= 5 && i > 0 && (n - i) % 3 == 0) {
			memcpy(to, thin_space, 3);
			to += 3;
		}
		*to++ = digits[i];
	}
	*to = '\0';
}

void format_octets(uint64_t octets, char text[static FORMAT_SIZE])
{
	static const char units[] = "kMGTPE";
	if (octets < 1000) {
		g_snprintf(text, FORMAT_SIZE, "%u B", (unsigned)octets);
		return;
	}
	unsigned unit = 0;
	uint64_t tenths = octets / 100 + (octets % 100 >= 50);
	while (tenths >= 10000) {
		tenths = tenths / 1000 + (tenths % 1000 >= 500);
		unit++;
	}
	g_snprintf(text, FORMAT_SIZE, "%u.%u %cB", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
	           units[unit]);
}
