/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/session/world.h"
#include "tests/support/scenario.h"
#include "ui/screens/filter.h"

static const DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER};

/* pump lost its session and two messages at 60, after 55 s; lamp is away with its session until 305;
 * gw is online since -9; "two words" was refused. */
#define STORY \
	CAST "host lamp 10.0.0.6\nhost odd 10.0.0.4\n" \
	"0 device > mosq CONNECT v5 client=pump clean_start=0 username=anna => CONNACK\n" \
	"0.1 device SUBSCRIBE plant/+/temp qos=1\n" \
	"1 lamp > mosq CONNECT v3.1.1 client=lamp clean_session=0 => CONNACK\n" \
	"1.1 lamp SUBSCRIBE lamp/# qos=1\n" \
	"2 odd > mosq CONNECT v5 client=\"two words\" clean_start=0 => CONNACK reason=0x87\n" \
	"5 device DISCONNECT ; FIN\n" \
	"6 lamp DISCONNECT ; FIN\n" \
	"10 gw PUBLISH plant/3/temp \"a\" qos=1\n" \
	"11 gw PUBLISH plant/3/temp \"b\" qos=1\n" \
	"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 username=anna => CONNACK\n"

typedef struct Scene {
	World *world;
	Verdict *verdict;
	Roster *roster;
	FilterScope scope;
} Scene;

static int set_up(void **state)
{
	Scene *scene = g_new0(Scene, 1);
	scene->world = world_play(STORY);
	scene->verdict = diagnose(scene->world->model, &broker_side);
	Instant now = {SCENARIO_BEGIN + 90 * NS_PER_SECOND};
	scene->roster = roster_new(scene->world->model, scene->verdict, now);
	scene->scope = (FilterScope){scene->world->model, scene->verdict->findings, scene->roster, now,
	                              scene->verdict->incidents};
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	Scene *scene = *state;
	roster_free(scene->roster);
	verdict_free(scene->verdict);
	world_free(scene->world);
	g_free(scene);
	return 0;
}

/* The clients that @text shows, in the order pump, lamp, gw, two words, each by its first letter. */
static void assert_shows(const Scene *scene, const char *text, const char *expected)
{
	static const char *const ids[] = {"pump", "lamp", "gw", "two words"};
	g_autoptr(GError) error = NULL;
	g_autoptr(RowFilter) filter = row_filter_new(text, &error);
	if (filter == NULL)
		fail_msg("%s: %s", text, error->message);
	g_autoptr(GString) shown = g_string_new(NULL);
	for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++)
		if (row_filter_fits(filter, &scene->scope, world_client(scene->world, ids[i])))
			g_string_append_c(shown, ids[i][0]);
	if (strcmp(shown->str, expected) != 0)
		fail_msg("%s shows \"%s\", not \"%s\"", text, shown->str, expected);
}

/* @text is no filter, for what stands at @column. */
static void assert_wrong(const char *text, int column, const char *says)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(RowFilter) filter = row_filter_new(text, &error);
	g_autofree char *place = g_strdup_printf("column %d: ", column);
	if (filter != NULL)
		fail_msg("%s was taken", text);
	if (!g_str_has_prefix(error->message, place) || strstr(error->message, says) == NULL)
		fail_msg("%s: %s", text, error->message);
}

/* --- fields ------------------------------------------------------------------------------------- */

static void nothing_shows_all_and_a_word_looks_into_names_causes_and_topics(void **state)
{
	assert_shows(*state, "", "plgt");
	assert_shows(*state, "  ", "plgt");
	assert_shows(*state, "PUM", "p");
	assert_shows(*state, "expiry-abs", "p");
	assert_shows(*state, "lamp/", "l");
	assert_shows(*state, "plant/3", "p"); /* a message that it lost */
	assert_shows(*state, "10.0.0.5", "plgt");
	assert_shows(*state, "\"two words\"", "t");
	assert_shows(*state, "'two words'", "t");
	assert_shows(*state, "nobody", "");
}

static void texts_are_equal_as_a_glob_or_fit_an_expression(void **state)
{
	assert_shows(*state, "client = pump", "p");
	assert_shows(*state, "client = Pump", "");
	assert_shows(*state, "client = *mp", "pl");
	assert_shows(*state, "client != *mp", "gt");
	assert_shows(*state, "client ~ ^(pump|gw)$", "pg");
	assert_shows(*state, "client ~ \"O W\"", "t");
	assert_shows(*state, "client !~ m", "gt");
	assert_shows(*state, "client~m", "pl");
	assert_shows(*state, "broker = 10.0.0.5:1883", "plgt");
	assert_shows(*state, "user = anna", "p");
}

static void a_topic_is_a_filter_or_what_it_matches_or_was_lost(void **state)
{
	assert_shows(*state, "topic = lamp/#", "l");
	assert_shows(*state, "topic = lamp/2/on", "l");
	assert_shows(*state, "topic = plant/9/temp", "p"); /* the filter that it lost matches it */
	assert_shows(*state, "topic ~ temp$", "p");
}

static void names_are_those_of_the_contract(void **state)
{
	assert_shows(*state, "cause = expiry-absent", "p");
	assert_shows(*state, "cause != expiry-absent", "lgt");
	assert_shows(*state, "cause ~ ^expiry", "p");
	assert_shows(*state, "responsible = client-config", "p");
	assert_shows(*state, "state = online", "pg");
	assert_shows(*state, "state = kept", "l");
	assert_shows(*state, "state = offline", "");
	assert_shows(*state, "state = away", "l");
	assert_shows(*state, "state = refused", "t");
	assert_shows(*state, "state = gone", "");
}

static void ranks_have_an_order(void **state)
{
	assert_shows(*state, "severity = loss", "p");
	assert_shows(*state, "severity >= risk", "p");
	assert_shows(*state, "severity > loss", "");
	assert_shows(*state, "confidence >= cannot-know", "p");
	assert_shows(*state, "version = 3.1.1", "l");
	assert_shows(*state, "version < 5.0", "l");
	assert_shows(*state, "version = 5", "pgt");
}

static void numbers_are_compared(void **state)
{
	assert_shows(*state, "lost = 2", "p");
	assert_shows(*state, "lost > 1", "p");
	assert_shows(*state, "lost > 2", "");
	assert_shows(*state, "lost >= 2", "p");
	assert_shows(*state, "lost < 2", "lgt");
	assert_shows(*state, "lost <= 2", "plgt");
	assert_shows(*state, "lost != 0", "p");
	assert_shows(*state, "lost = ?", "");
	assert_shows(*state, "lapses = 1", "p");
	assert_shows(*state, "connections = 2", "p");
	assert_shows(*state, "findings > 0", "p");
	assert_shows(*state, "resumed = 0", "plgt");
}

static void durations_and_times_are_compared_as_exactly_as_they_are_written(void **state)
{
	/* pump was away from 5 to 60, lamp since 6, and now is 90 */
	assert_shows(*state, "away > 54s", "pl"); /* who was refused is away from nothing */
	assert_shows(*state, "away = 55s", "p");
	assert_shows(*state, "away = 54.9s", "");
	assert_shows(*state, "away >= 1m", "l");
	assert_shows(*state, "away < 1m", "p");
	assert_shows(*state, "away > 1m10s", "l");
	/* gw is online since 09:59:51, two words since 10:00:02, lamp away since 10:00:06, pump online
	 * since 10:01:00 */
	assert_shows(*state, "time = 10:00", "lt");
	assert_shows(*state, "time > 10:00", "p");
	assert_shows(*state, "time >= 10:00", "plt");
	assert_shows(*state, "time < 10:00", "g");
	assert_shows(*state, "time <= 10:00:06", "lgt");
	assert_shows(*state, "time > 2026-11-22 10:00:06", "p");
	assert_shows(*state, "time > \"2026-11-22 10:00:06\"", "p");
	assert_shows(*state, "time > 2026-11-22T10:00:06 lost > 0", "p");
	assert_shows(*state, "time = 2026-11-22", "plgt");
	assert_shows(*state, "time > 2026-11-22", "");
}

/* --- the language ------------------------------------------------------------------------------- */

static void and_binds_closer_than_or_and_may_be_left_out(void **state)
{
	assert_shows(*state, "client = gw or client = pump and lost > 0", "pg");
	assert_shows(*state, "client = gw or client = pump and lost > 9", "g");
	assert_shows(*state, "(client = gw or client = pump) and lost > 0", "p");
	assert_shows(*state, "m lost = 0", "l");
	assert_shows(*state, "client ~ m lost = 0", "l");
	assert_shows(*state, "not client ~ m", "gt");
	assert_shows(*state, "! (client ~ m or state = refused)", "g");
	assert_shows(*state, "not not client = gw", "g");
	assert_shows(*state, "(client=gw)", "g");
}

static void what_is_wrong_is_told_with_its_column(void **state)
{
	(void)state;
	assert_wrong("lost >", 7, "expected a value after >");
	assert_wrong("lost > many", 8, "expected a number");
	assert_wrong("lost ~ 3", 6, "cannot be asked by ~");
	assert_wrong("client > a", 8, "cannot be asked by >");
	assert_wrong("colour = red", 1, "no field \"colour\"");
	assert_wrong("state = asleep", 9, "\"asleep\" is no state");
	assert_wrong("cause = expird", 9, "is no cause");
	assert_wrong("(lost > 0", 1, "not closed");
	assert_wrong("lost > 0)", 9, "not opened");
	assert_wrong("client = \"pump", 10, "not closed");
	assert_wrong("lost", 5, "expected an operator after lost");
	assert_wrong("lost > 0 and", 13, "expected a field");
	assert_wrong("or", 1, "expected a field");
	assert_wrong("not", 4, "expected a field");
	assert_wrong("= 3", 1, "expected a field");
	assert_wrong("client ~ [", 10, "no regular expression");
	assert_wrong("away > 5x", 8, "a duration such as");
	assert_wrong("away > 5s3", 8, "a duration such as");
	assert_wrong("time > 25:00", 8, "a time such as");
	assert_wrong("time > 2026-02-30", 8, "a time such as");
	assert_wrong("ü lost > x", 10, "expected a number"); /* columns are characters */
}

static void length_depth_and_number_are_bounded(void **state)
{
	g_autofree char *longest = g_strnfill(FILTER_LENGTH, 'a');
	g_autofree char *longer = g_strnfill(FILTER_LENGTH + 1, 'a');
	g_autofree char *deep = g_strnfill(FILTER_DEPTH, '(');
	g_autoptr(GString) many = g_string_new(NULL);
	g_autoptr(GString) nots = g_string_new(NULL);
	for (unsigned i = 0; i <= FILTER_TESTS; i++)
		g_string_append(many, "a ");
	for (unsigned i = 0; i < FILTER_DEPTH; i++)
		g_string_append(nots, "not ");
	g_string_append(nots, "a");
	g_autoptr(GError) error = NULL;

	assert_shows(*state, longest, "");
	assert_null(row_filter_new(longer, &error));
	assert_non_null(strstr(error->message, "longer than"));
	assert_wrong(deep, FILTER_DEPTH + 1, "nested deeper");
	assert_wrong(nots->str, FILTER_DEPTH * 4 + 1, "nested deeper");
	assert_wrong(many->str, FILTER_TESTS * 2 + 1, "more than");
}

static void one_that_takes_for_ever_gives_up(void **state)
{
	gint64 begin = g_get_monotonic_time();
	assert_shows(*state, "client ~ \"^(([a-z ]+)*)*!$\"", "");
	assert_true(g_get_monotonic_time() - begin < G_USEC_PER_SEC);
}

static void a_finding_is_asked_for_itself(void **state)
{
	const Scene *scene = *state;
	g_autoptr(RowFilter) lost = row_filter_new("lost = 2 and cause = expiry-absent", NULL);
	g_autoptr(RowFilter) other = row_filter_new("client = lamp", NULL);
	g_autoptr(RowFilter) then = row_filter_new("time = 10:01 and severity = loss", NULL);

	assert_int_equal(scene->verdict->findings->len, 1);
	assert_true(row_filter_fits_finding(lost, &scene->scope, 0));
	assert_true(row_filter_fits_finding(then, &scene->scope, 0));
	assert_false(row_filter_fits_finding(other, &scene->scope, 0));
}

/* Whether or not they lost something by it: lamp is still away, and pump has a finding of another cause. */
static void an_event_has_the_clients_that_it_hit(void **state)
{
	const Scene *scene = *state;
	ClientIndex lamp = world_client(scene->world, "lamp"), pump = world_client(scene->world, "pump");
	Incident incident = {.number = 7, .n_hit = 1, .hit = &lamp};
	g_autoptr(GPtrArray) incidents = g_ptr_array_new();
	g_ptr_array_add(incidents, &incident);
	FilterScope scope = scene->scope;
	scope.incidents = incidents;
	g_autoptr(RowFilter) seven = row_filter_new("event = 7", NULL);
	g_autoptr(RowFilter) eight = row_filter_new("event = 8", NULL);

	assert_true(row_filter_fits(seven, &scope, lamp));
	assert_false(row_filter_fits(seven, &scope, pump));
	assert_false(row_filter_fits(eight, &scope, lamp));
	assert_false(row_filter_fits_finding(seven, &scope, 0));
}

/* --- completion --------------------------------------------------------------------------------- */

/* @words: some of what can stand at the end of @text, separated by blanks; "!word": not that one. */
static void assert_completes(const char *text, const char *words)
{
	g_auto(GStrv) offered = filter_complete(text, strlen(text));
	g_auto(GStrv) expected = g_strsplit(words, " ", -1);
	for (char **word = expected; *word != NULL && **word != '\0'; word++) {
		bool wanted = (*word)[0] != '!' || (*word)[1] == '\0' || (*word)[1] == '=';
		const char *name = wanted ? *word : *word + 1;
		bool found = offered != NULL && g_strv_contains((const char *const *)offered, name);
		if (found != wanted)
			fail_msg("\"%s\" %s completed by %s", text, found ? "is" : "is not", name);
	}
	if (words[0] == '\0')
		assert_null(offered);
}

static void what_can_stand_at_the_cursor_is_offered(void **state)
{
	(void)state;
	assert_completes("", "client lost not !and");
	assert_completes("ca", "cause !client");
	assert_completes("cause ", "= != ~ !> !client");
	assert_completes("lost ", "= > <= !client");
	assert_completes("cause = exp", "expired expiry-absent !clean-start");
	assert_completes("cause=", "expired clean-start");
	assert_completes("(state = ", "online kept gone away");
	assert_completes("lost > 0 ", "and or client");
	assert_completes("lost > 0 a", "and away !or");
	assert_completes("lost > 0 and ", "client not !and");
	assert_completes("client = 'a b' o", "or");
	assert_completes("client = ", "");
	assert_completes("zzz", "");
}

static void the_cursor_may_stand_anywhere(void **state)
{
	(void)state;
	const char *text = "state = k and lost > 0";
	g_auto(GStrv) offered = filter_complete(text, strlen("state = k"));

	assert_int_equal(g_strv_length(offered), 1);
	assert_string_equal(offered[0], "kept");
	g_auto(GStrv) beyond = filter_complete("ca", 99);
	assert_string_equal(beyond[0], "cause");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nothing_shows_all_and_a_word_looks_into_names_causes_and_topics),
		test(texts_are_equal_as_a_glob_or_fit_an_expression),
		test(a_topic_is_a_filter_or_what_it_matches_or_was_lost),
		test(names_are_those_of_the_contract),
		test(ranks_have_an_order),
		test(numbers_are_compared),
		test(durations_and_times_are_compared_as_exactly_as_they_are_written),
		test(and_binds_closer_than_or_and_may_be_left_out),
		cmocka_unit_test(what_is_wrong_is_told_with_its_column),
		test(length_depth_and_number_are_bounded),
		test(one_that_takes_for_ever_gives_up),
		test(a_finding_is_asked_for_itself),
		test(an_event_has_the_clients_that_it_hit),
		cmocka_unit_test(what_can_stand_at_the_cursor_is_offered),
		cmocka_unit_test(the_cursor_may_stand_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
