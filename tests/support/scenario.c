/* SPDX-License-Identifier: MIT */
#include "tests/support/scenario.h"

#include <string.h>

#include "tests/support/expect.h"
#include "tests/support/play.h"

enum { LINE_LENGTH_MAXIMUM = 60000, REPEAT_MAXIMUM = 100000 };

typedef struct {
	Scenario *scenario;
	Stage *stage;
	guint number;     /* of the line */
	const char *text; /* the line */
	GPtrArray *words;
} Reading;

typedef struct {
	guint count, first;
	gint64 every;
	guint from; /* the word after it */
} Repeat;

bool scenario_link_from_name(const char *name, BuilderLink *link)
{
	static const char *const names[] = {
		"ethernet", "vlan",   "sll2", "ipv6", "pppoe", "mpls",   "gre",       "gretap",
		"erspan",   "erspan3", "ipip", "6in4", "vxlan", "vxlan-anywhere", "geneve", "gtp",
		"wlan",     "nflog",  "fragments", "fragments6", "vxlan-fragments", "hooks",
		"nat"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*link = (BuilderLink)i;
			return true;
		}
	}
	return false;
}

static const char *word_at(const Reading *reading, guint at)
{
	return at < reading->words->len ? ((const Word *)reading->words->pdata[at])->text : "";
}

static bool is_word(const Reading *reading, guint at, const char *text)
{
	return strcmp(word_at(reading, at), text) == 0;
}

static gint64 instant_at(const Reading *reading, guint at, GError **error)
{
	return SCENARIO_BEGIN + words_seconds(word_at(reading, at), error);
}

static void read_hole(Reading *reading, GError **error)
{
	gint64 from = instant_at(reading, 1, error);
	gint64 until;

	if (*error != NULL)
		return;
	until = instant_at(reading, 2, error);
	if (*error == NULL)
		builder_hide(reading->scenario->builder, from, until);
}

static void read_begin(Reading *reading, GError **error)
{
	builder_hide(reading->scenario->builder, G_MININT64, instant_at(reading, 1, error));
}

static void read_end(Reading *reading, GError **error)
{
	builder_hide(reading->scenario->builder, instant_at(reading, 1, error), G_MAXINT64);
}

static void read_link(Reading *reading, GError **error)
{
	if (!scenario_link_from_name(word_at(reading, 1), &reading->scenario->link))
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "'%s' is no link layer",
		            word_at(reading, 1));
}

static void read_answer(Reading *reading, GError **error)
{
	(void)error;
	stage_answer(reading->stage);
}

static void read_broker(Reading *reading, GError **error)
{
	WordRange range = {.words = reading->words, .from = 3, .until = reading->words->len};
	BuilderEnd stack = {
		.hops = (guint8)words_take_number(&range, "ttl", 0, G_MAXUINT8),
		.window_scale = (guint8)words_take_number(&range, "window_scale", 0, 14),
		.mss = (guint16)words_take_number(&range, "mss", 0, G_MAXUINT16),
	};
	const char *clock = words_take_text(&range, "clock");

	if (clock != NULL)
		stack.clock = SCENARIO_BEGIN + words_seconds(clock, error);
	if (words_take_plain(&range) != NULL || reading->words->len < 3)
		words_fail(&range, "broker NAME ADDRESS:PORT [ttl= mss= window_scale= clock=]");
	if (range.error != NULL)
		g_propagate_error(error, range.error);
	else if (*error == NULL)
		stage_add_broker(reading->stage, word_at(reading, 1), word_at(reading, 2), &stack,
		                 error);
}

static void read_host(Reading *reading, GError **error)
{
	stage_add_host(reading->stage, word_at(reading, 1), word_at(reading, 2), error);
}

static guint count_at(const Reading *reading, guint at, GError **error)
{
	WordRange none = {.words = reading->words};
	guint32 count = words_number(&none, word_at(reading, at), REPEAT_MAXIMUM);

	if (none.error != NULL)
		g_propagate_error(error, none.error);
	return count;
}

static void read_hosts(Reading *reading, GError **error)
{
	guint count = count_at(reading, 2, error);

	if (*error == NULL)
		stage_add_hosts(reading->stage, word_at(reading, 1), count, word_at(reading, 3),
		                error);
}

static void read_expectation(Reading *reading, GError **error)
{
	char *json = expect_to_json(reading->words, reading->number, error);

	if (json != NULL)
		g_ptr_array_add(reading->scenario->expectations, json);
}

static const struct {
	const char *name;
	guint words; /* with the name; 0: any number */
	void (*read)(Reading *reading, GError **error);
} directives[] = {
	{"broker", 0, read_broker}, {"host", 3, read_host},       {"hosts", 4, read_hosts},
	{"hole", 3, read_hole},     {"start-at", 2, read_begin},  {"end-at", 2, read_end},
	{"link", 2, read_link},     {"auto-ack", 1, read_answer}, {"expect", 0, read_expectation},
};

static bool read_directive(Reading *reading, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(directives); i++) {
		if (!is_word(reading, 0, directives[i].name))
			continue;
		if (directives[i].words > 0 && directives[i].words != reading->words->len)
			g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
			            "%s takes %u words", directives[i].name,
			            directives[i].words - 1);
		else
			directives[i].read(reading, error);
		return true;
	}
	return false;
}

/* TIME repeat COUNT [from FIRST] every SECONDS ... */
static bool read_repeat(const Reading *reading, Repeat *repeat, GError **error)
{
	guint at = 1;

	*repeat = (Repeat){.count = 1, .first = 1, .from = 1};
	if (!is_word(reading, at, "repeat"))
		return true;
	repeat->count = count_at(reading, at + 1, error);
	at += 2;
	if (*error == NULL && is_word(reading, at, "from")) {
		repeat->first = count_at(reading, at + 1, error);
		at += 2;
	}
	if (*error == NULL && !is_word(reading, at, "every"))
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX,
		            "repeat COUNT every SECONDS");
	if (*error == NULL)
		repeat->every = words_seconds(word_at(reading, at + 1), error);
	repeat->from = at + 2;
	return *error == NULL;
}

/* The words of this line with {i} filled in. */
static GPtrArray *fill_words(const Reading *reading, guint i, GError **error)
{
	GString *text = g_string_new(reading->text);
	char *number = g_strdup_printf("%u", i);
	GPtrArray *words;

	g_string_replace(text, "{i}", number, 0);
	words = words_split(text->str, error);
	g_string_free(text, TRUE);
	g_free(number);
	return words;
}

static void read_step(Reading *reading, GError **error)
{
	gint64 time = instant_at(reading, 0, error);
	Repeat repeat;

	if (*error != NULL || !read_repeat(reading, &repeat, error))
		return;
	for (guint i = 0; i < repeat.count && *error == NULL; i++) {
		GPtrArray *words = fill_words(reading, repeat.first + i, error);

		if (words == NULL)
			return;
		stage_play(reading->stage, words, repeat.from, time + repeat.every * i, error);
		g_ptr_array_unref(words);
	}
}

static void read_line(Reading *reading, GError **error)
{
	if (strlen(reading->text) > LINE_LENGTH_MAXIMUM) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "the line is too long");
		return;
	}
	reading->words = words_split(reading->text, error);
	if (reading->words == NULL)
		return;
	if (reading->words->len > 0 && !read_directive(reading, error))
		read_step(reading, error);
	g_ptr_array_unref(reading->words);
}

Scenario *scenario_parse_over(const char *text, const char *name, WrapKind wrap, GError **error)
{
	Scenario *scenario = g_new0(Scenario, 1);
	Reading reading = {.scenario = scenario};
	char **lines = g_strsplit(text, "\n", -1);
	GError *failed = NULL;

	scenario->builder = builder_new();
	builder_wrap(scenario->builder, wrap);
	scenario->expectations = g_ptr_array_new_with_free_func(g_free);
	reading.stage = stage_new(scenario->builder);
	for (guint i = 0; lines[i] != NULL && failed == NULL; i++) {
		reading.number = i + 1;
		reading.text = lines[i];
		read_line(&reading, &failed);
	}
	stage_free(reading.stage);
	g_strfreev(lines);
	if (failed == NULL)
		return scenario;
	g_propagate_prefixed_error(error, failed, "%s:%u: ", name, reading.number);
	scenario_free(scenario);
	return NULL;
}

Scenario *scenario_parse(const char *text, const char *name, GError **error)
{
	return scenario_parse_over(text, name, WRAP_NONE, error);
}

Scenario *scenario_load(const char *path, WrapKind wrap, GError **error)
{
	Scenario *scenario;
	char *text;

	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	scenario = scenario_parse_over(text, path, wrap, error);
	g_free(text);
	return scenario;
}

void scenario_free(Scenario *scenario)
{
	if (scenario == NULL)
		return;
	builder_free(scenario->builder);
	g_ptr_array_unref(scenario->expectations);
	g_free(scenario);
}
