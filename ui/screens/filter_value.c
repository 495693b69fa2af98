/* SPDX-License-Identifier: MIT */
/*
 * The fields of a filter, and the values that they are compared with.
 */
#include <string.h>

#include "dissectors/mqtt_names.h"
#include "ui/screens/filter_private.h"

#define NS_PER_DAY (INT64_C(86400) * NS_PER_SECOND)

const FilterFieldInfo *filter_field_info(FilterField field)
{
	static const FilterFieldInfo fields[FIELD_N] = {
#define FILTER_FIELD(id, name, kind, help) [FIELD_##id] = {name, KIND_##kind, help},
#include "ui/screens/filter_fields.def"
#undef FILTER_FIELD
	};
	return &fields[field];
}

FilterField filter_field_by_name(const char *name)
{
	for (unsigned i = 0; i < FIELD_N; i++)
		if (g_ascii_strcasecmp(filter_field_info((FilterField)i)->name, name) == 0)
			return (FilterField)i;
	return FIELD_N;
}

const char *filter_operator_text(FilterOperator op)
{
	static const char *const texts[OPERATOR_N] = {
		[OPERATOR_EQUAL] = "=",    [OPERATOR_UNEQUAL] = "!=",  [OPERATOR_FITS] = "~",
		[OPERATOR_FITS_NOT] = "!~", [OPERATOR_GREATER] = ">",  [OPERATOR_AT_LEAST] = ">=",
		[OPERATOR_LESS] = "<",     [OPERATOR_AT_MOST] = "<=",
	};
	return texts[op];
}

bool filter_operator_suits(FilterOperator op, FieldKind kind)
{
	if (op == OPERATOR_EQUAL || op == OPERATOR_UNEQUAL)
		return true;
	bool regex = op == OPERATOR_FITS || op == OPERATOR_FITS_NOT;
	bool named = kind == KIND_TEXT || kind == KIND_NAME || kind == KIND_RANK;
	return regex ? named : kind != KIND_TEXT && kind != KIND_NAME;
}

/* --- names -------------------------------------------------------------------------------------- */

typedef struct Name {
	const char *name;
	uint32_t value;
} Name;

/* For FIELD_STATE the value is a set: 1 << ClientState. */
static const char *state_name(unsigned nth, uint32_t *value)
{
	static const Name names[] = {
		{"online", 1u << CLIENT_ONLINE},
		{"kept", 1u << CLIENT_AWAY_KEPT},
		{"offline", 1u << CLIENT_AWAY_GONE},
		{"gone", 1u << CLIENT_AWAY_GONE},
		{"unknown", 1u << CLIENT_AWAY_UNKNOWN},
		{"refused", 1u << CLIENT_REFUSED},
		{"away", 1u << CLIENT_AWAY_KEPT | 1u << CLIENT_AWAY_GONE | 1u << CLIENT_AWAY_UNKNOWN},
	};
	if (nth >= G_N_ELEMENTS(names))
		return NULL;
	*value = names[nth].value;
	return names[nth].name;
}

static const char *version_name(unsigned nth, uint32_t *value)
{
	static const Name names[] = {
		{"3.1", MQTT_3_1}, {"3.1.1", MQTT_3_1_1}, {"5.0", MQTT_5_0}, {"5", MQTT_5_0},
	};
	if (nth >= G_N_ELEMENTS(names))
		return NULL;
	*value = names[nth].value;
	return names[nth].name;
}

/* In a rank the greater comes first in its enumeration. */
const char *filter_name(FilterField field, unsigned nth, uint32_t *value)
{
	*value = nth;
	switch ((unsigned)field) {
	case FIELD_CAUSE:
		*value = nth + CAUSE_FIRST;
		return *value < CAUSE_N ? cause_name((CauseId)*value) : NULL;
	case FIELD_RESPONSIBLE:
		return nth < RESPONSIBLE_N ? responsible_name((Responsible)nth) : NULL;
	case FIELD_SEVERITY:
		*value = SEVERITY_N - nth;
		return nth < SEVERITY_N ? severity_name((Severity)nth) : NULL;
	case FIELD_CONFIDENCE:
		*value = CONFIDENCE_N - nth;
		return nth < CONFIDENCE_N ? confidence_name((Confidence)nth) : NULL;
	case FIELD_STATE:
		return state_name(nth, value);
	case FIELD_VERSION:
		return version_name(nth, value);
	default:
		return NULL;
	}
}

static char *read_name(FilterTest *test, const char *value)
{
	FilterField field = (FilterField)test->field;
	const char *name;
	uint32_t number;
	for (unsigned i = 0; (name = filter_name(field, i, &number)) != NULL; i++) {
		if (g_ascii_strcasecmp(name, value) != 0)
			continue;
		test->number = number;
		return NULL;
	}
	return g_strdup_printf("\"%s\" is no %s", value, filter_field_info(field)->name);
}

/* --- texts -------------------------------------------------------------------------------------- */

static char *read_text(FilterTest *test, const char *value)
{
	test->text = g_strdup(value);
	if (strpbrk(value, "*?") != NULL)
		test->glob = g_pattern_spec_new(value);
	return NULL;
}

/* The octets of names need not be UTF-8. One that would take for ever gives up. */
static char *read_regex(FilterTest *test, const char *value)
{
	g_autofree char *bounded = g_strconcat("(*LIMIT_MATCH=20000)", value, NULL);
	g_autoptr(GError) error = NULL;
	test->regex = g_regex_new(bounded, G_REGEX_CASELESS | G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, &error);
	return test->regex == NULL ? g_strdup("this is no regular expression") : NULL;
}

/* --- numbers, durations, times ------------------------------------------------------------------- */

static char *read_number(FilterTest *test, const char *value)
{
	if (test->field == FIELD_LOST && strcmp(value, "?") == 0 && test->operator == OPERATOR_EQUAL) {
		test->unknown = true;
		return NULL;
	}
	guint64 number;
	if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &number, NULL))
		return g_strdup_printf("expected a number, not \"%s\"", value);
	test->number = (int64_t)number;
	return NULL;
}

static int64_t unit_ns(const char *unit, size_t size)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{"", NS_PER_SECOND},   {"ms", NS_PER_SECOND / 1000}, {"s", NS_PER_SECOND},
		{"m", 60 * NS_PER_SECOND}, {"min", 60 * NS_PER_SECOND}, {"h", 3600 * NS_PER_SECOND},
		{"d", NS_PER_DAY},
	};
	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
		if (strlen(units[i].name) == size && strncmp(units[i].name, unit, size) == 0)
			return units[i].ns;
	return 0;
}

/* "90", "1.5h", "1h30m": at most about 290 years. */
static char *read_duration(FilterTest *test, const char *value)
{
	double total = 0;
	const char *at = value;
	do {
		char *end;
		double number = g_ascii_isdigit(*at) ? g_ascii_strtod(at, &end) : -1;
		if (number < 0)
			break;
		const char *unit = end;
		while (g_ascii_isalpha(*end))
			end++;
		bool bare = end == unit && (at != value || *end != '\0');
		test->precision = bare ? 0 : unit_ns(unit, (size_t)(end - unit));
		total += number * (double)test->precision;
		if (test->precision > NS_PER_SECOND / 1000 && memchr(at, '.', (size_t)(unit - at)) != NULL)
			test->precision = NS_PER_SECOND / 1000;
		at = end;
	} while (*at != '\0' && test->precision != 0);
	if (*at != '\0' || at == value || test->precision == 0)
		return g_strdup_printf("expected a duration such as 5s, 10m, 2h or 1d, not \"%s\"", value);
	if (!(total < 9e18))
		return g_strdup("this is too long");
	test->number = (int64_t)total;
	return NULL;
}

/* "10:15", "10:15:30", "10:15:30.25" from @at on. */
static bool read_time_of_day(FilterTest *test, const char *at)
{
	int64_t parts[2] = {0};
	const int64_t most[2] = {24, 60};
	for (unsigned i = 0; i < 2; i++, at += 2) {
		if (!g_ascii_isdigit(at[0]) || !g_ascii_isdigit(at[1]))
			return false;
		parts[i] = (at[0] - '0') * 10 + at[1] - '0';
		if (parts[i] >= most[i] || (i == 0 && at[2] != ':'))
			return false;
		at += i == 0;
	}
	test->precision = 60 * NS_PER_SECOND;
	test->number += (parts[0] * 60 + parts[1]) * 60 * NS_PER_SECOND;
	if (*at == '\0')
		return true;
	if (at[0] != ':' || !g_ascii_isdigit(at[1]) || !g_ascii_isdigit(at[2]))
		return false;
	char *end;
	double seconds = g_ascii_strtod(at + 1, &end);
	test->precision = strchr(at, '.') != NULL ? NS_PER_SECOND / 1000 : NS_PER_SECOND;
	test->number += (int64_t)(seconds * 1e9 + 0.5);
	return *end == '\0' && seconds < 61;
}

/* Days since 1970 of "2026-11-22"; false if it is none. */
static bool read_date(const char *at, int64_t *days)
{
	for (unsigned i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? at[i] != '-' : !g_ascii_isdigit(at[i]))
			return false;
	unsigned year = (unsigned)strtoul(at, NULL, 10), month = (unsigned)strtoul(at + 5, NULL, 10);
	unsigned day = (unsigned)strtoul(at + 8, NULL, 10);
	if (year < 1700 || year > 2200 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return false;
	GDate date, epoch;
	g_date_clear(&date, 1);
	g_date_clear(&epoch, 1);
	g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	g_date_set_dmy(&epoch, 1, G_DATE_JANUARY, 1970);
	*days = g_date_days_between(&epoch, &date);
	return true;
}

static char *read_time(FilterTest *test, const char *value)
{
	int64_t days;
	size_t size = strlen(value), date_size = strlen("2026-11-22");
	bool dated = size >= date_size && read_date(value, &days);
	test->of_day = !dated;
	test->number = dated ? days * NS_PER_DAY : 0;
	test->precision = NS_PER_DAY;
	if (dated && size == date_size)
		return NULL;
	const char *clock = dated ? value + date_size + 1 : value;
	bool parted = !dated || value[date_size] == ' ' || value[date_size] == 'T';
	if (parted && read_time_of_day(test, clock))
		return NULL;
	return g_strdup_printf("expected a time such as 10:15 or \"2026-11-22 10:15:30\", not \"%s\"", value);
}

char *filter_read_value(FilterTest *test, const char *value)
{
	test->precision = 1;
	if (test->operator == OPERATOR_FITS)
		return read_regex(test, value);
	switch (filter_field_info((FilterField)test->field)->kind) {
	case KIND_TEXT:
		return read_text(test, value);
	case KIND_NAME:
	case KIND_RANK:
		return read_name(test, value);
	case KIND_NUMBER:
		return read_number(test, value);
	case KIND_DURATION:
		return read_duration(test, value);
	case KIND_TIME:
		return read_time(test, value);
	}
	return NULL;
}

void filter_test_clear(FilterTest *test)
{
	g_free(test->text);
	g_clear_pointer(&test->glob, g_pattern_spec_free);
	g_clear_pointer(&test->regex, g_regex_unref);
}
