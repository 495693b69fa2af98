/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "src/verdict/counterfactual.h"
#include "src/verdict/story.h"
#include "tests/session/world.h"

/* --- one text ------------------------------------------------------------------------------ */

/* Printable, and valid UTF-8: what came from the wire raw would not be. */
static void check_text(const char *where, const char *text)
{
	if (text == NULL || *text == '\0')
		fail_msg("%s: an empty text", where);
	if (!g_utf8_validate(text, -1, NULL))
		fail_msg("%s: not UTF-8", where);
	for (const char *at = text; *at != '\0'; at = g_utf8_find_next_char(at, NULL)) {
		gunichar c = g_utf8_get_char(at);
		if (!g_unichar_isprint(c) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
			fail_msg("%s: U+%04X in \"%s\"", where, c, text);
	}
}

static void check_evidence(const char *where, const FindingStory *story)
{
	if (story->evidence->len == 0)
		fail_msg("%s: no evidence", where);
	for (guint i = 0; i < story->evidence->len; i++) {
		const Evidence *it = &g_array_index(story->evidence, Evidence, i);
		check_text(where, it->says);
		assert_true(instant_known(it->time));
		assert_true(it->frame.number > 0);
		if (i > 0 && g_array_index(story->evidence, Evidence, i - 1).time.ns > it->time.ns)
			fail_msg("%s: evidence %u is older than the one before", where, i);
	}
}

static void check_texts(const char *where, const GPtrArray *texts)
{
	assert_true(texts->len > 0);
	for (guint i = 0; i < texts->len; i++)
		check_text(where, texts->pdata[i]);
}

static void check_story(const char *where, const Model *model, const Finding *finding)
{
	g_autoptr(FindingStory) story = finding_story(model, finding);
	check_evidence(where, story);
	check_text(where, story->explanation);
	check_text(where, story->fix_summary);
	check_texts(where, story->false_if);
	check_texts(where, story->clauses);
	if (story->fix_client != NULL)
		check_text(where, story->fix_client);
	if (story->fix_broker != NULL)
		check_text(where, story->fix_broker);
	const Absence *cost = model_absence(model, finding->cost);
	if (story->why_not_exact != NULL)
		check_text(where, story->why_not_exact);
	else if (cost != NULL)
		assert_int_equal(cost->inexact, 0);
}

/* Whole-session causes explain a loss, so a return has one of them at most. */
static void check_one_cause_a_return(const char *where, const GArray *findings)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < findings->len; i++) {
		const Finding *it = &g_array_index(findings, Finding, i);
		if (it->to == NO_INDEX || it->severity != SEVERITY_LOSS ||
		    cause_info(it->cause)->group != CAUSE_GROUP_SESSION)
			continue;
		if (!g_hash_table_add(seen, GUINT_TO_POINTER(it->to + 1)))
			fail_msg("%s: two causes for one return", where);
	}
}

static void check_order(const char *where, const GArray *findings)
{
	for (guint i = 1; i < findings->len; i++)
		if (g_array_index(findings, Finding, i - 1).severity >
		    g_array_index(findings, Finding, i).severity)
			fail_msg("%s: the more severe comes later", where);
}

static void check_finding(const char *where, const Finding *it)
{
	assert_true(it->cause > CAUSE_NONE && it->cause < CAUSE_N);
	assert_true(it->client != NO_INDEX && it->from != NO_INDEX);
	if (it->confidence < cause_info(it->cause)->cap)
		fail_msg("%s: more certain than %s can be", where, cause_name(it->cause));
	for (unsigned i = 0; i < it->also_sufficient.n; i++)
		assert_int_not_equal(it->also_sufficient.causes[i], it->cause);
}

/* --- all of them --------------------------------------------------------------------------- */

static void check_scenario(const char *path, uint64_t *causes)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(path, &text, NULL, &error))
		fail_msg("%s", error->message);
	World *world = world_play(text);
	for (int vantage = VANTAGE_BROKER; vantage <= VANTAGE_CLIENT; vantage++) {
		const DiagnoseOptions options = {.vantage = (Vantage)vantage,
		                                 .capture_drops = vantage == VANTAGE_CLIENT};
		g_autoptr(Verdict) verdict = diagnose(world->model, &options);
		const GArray *findings = verdict->findings;
		for (guint i = 0; i < findings->len; i++) {
			const Finding *it = &g_array_index(findings, Finding, i);
			check_finding(path, it);
			check_story(path, world->model, it);
			*causes |= UINT64_C(1) << it->cause;
		}
		check_one_cause_a_return(path, findings);
		check_order(path, findings);
	}
	world_free(world);
}

static unsigned check_folder(const char *folder, uint64_t *causes)
{
	const char *top = getenv("srcdir");
	g_autofree char *path = g_build_filename(top != NULL ? top : ".", folder, NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	unsigned n = 0;
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		if (!g_str_has_suffix(name, ".scenario"))
			continue;
		g_autofree char *file = g_build_filename(path, name, NULL);
		check_scenario(file, causes);
		n++;
	}
	if (dir != NULL)
		g_dir_close(dir);
	return n;
}

static void every_finding_of_every_scenario_has_a_whole_story(void **state)
{
	(void)state;
	uint64_t causes = 0;

	unsigned n = check_folder("tests/scenarios", &causes);

	assert_true(n > 50);
	/* Not one of those that the README promises is missing from what was checked. */
	static const CauseId told[] = {
		CAUSE_EXPIRY_ABSENT, CAUSE_EXPIRY_ZERO, CAUSE_CLEAN_START, CAUSE_CLEAN_START_PER_PROCESS,
		CAUSE_DISCONNECT_EXPIRY_ZERO, CAUSE_DISCONNECT_EXPIRY_INVALID, CAUSE_EXPIRY_DROPPED,
		CAUSE_VERSION_SWITCH, CAUSE_EXPIRED, CAUSE_EXPIRY_SHORTENED, CAUSE_CLIENT_ID_TAKEOVER,
		CAUSE_CLEAN_SESSION_BEFORE, CAUSE_OTHER_BROKER, CAUSE_CLIENT_ID_ASSIGNED,
		CAUSE_DROPPED_UNEXPLAINED, CAUSE_NO_SUBSCRIPTIONS, CAUSE_QUEUE_OVERFLOW,
		CAUSE_QUEUED_MESSAGES_MISSING, CAUSE_SUBSCRIPTION_QOS0, CAUSE_DOOMED_SESSION_RESUMED,
		CAUSE_SESSION_PRESENT_AFTER_CLEAN_START, CAUSE_QOS_DOWNGRADED, CAUSE_NO_RESUBSCRIBE,
		CAUSE_SUBSCRIPTION_MISSING, CAUSE_PERMISSION_WITHDRAWN, CAUSE_ACKED_BEFORE_SUBSCRIBE,
		CAUSE_PUBLISHED_QOS0, CAUSE_MESSAGE_EXPIRED, CAUSE_PACKET_TOO_LARGE,
		CAUSE_OVERFLOW_ENDED_SESSION,
	};
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
		if ((causes >> told[i] & 1) == 0)
			fail_msg("no scenario has %s", cause_name(told[i]));
}

/* Escapes, direction marks, line ends and broken UTF-8 in everything that has a name. */
static void nothing_from_the_wire_reaches_a_text_raw(void **state)
{
	(void)state;
	World *world = world_play(
		CAST
		"0 device > mosq CONNECT v5 client=\x1b[31m\xff\xe2\x80\xae clean_start=0 "
		"username=\x1b[2J => CONNACK\n"
		"0.1 device SUBSCRIBE plant/\x1b]0;x\a\xe2\x80\xae/# qos=1\n5 device FIN\n"
		"10 gw PUBLISH plant/\x1b]0;x\a\xe2\x80\xae/y \"\x1b[31m\" qos=1 ack=0x10\n"
		"60 device > mosq CONNECT v5 client=\x1b[31m\xff\xe2\x80\xae clean_start=0 => CONNACK\n");
	DiagnoseOptions options = {.vantage = VANTAGE_BROKER};
	g_autoptr(Verdict) verdict = diagnose(world->model, &options);
	const GArray *findings = verdict->findings;

	assert_true(findings->len > 0);
	for (guint i = 0; i < findings->len; i++)
		check_story("hostile names", world->model, &g_array_index(findings, Finding, i));
	world_free(world);
}

static void a_client_id_that_hints_at_a_library_brings_its_line(void **state)
{
	(void)state;
	World *world = world_play(
		CAST "0 device > mosq CONNECT v5 client=mqttjs_0123abcd clean_start=0 => CONNACK\n"
		"0.1 device SUBSCRIBE a qos=1\n5 device FIN\n"
		"60 device > mosq CONNECT v5 client=mqttjs_0123abcd clean_start=0 expiry=9 => CONNACK\n");
	DiagnoseOptions options = {.vantage = VANTAGE_BROKER};
	g_autoptr(Verdict) verdict = diagnose(world->model, &options);
	const GArray *findings = verdict->findings;

	assert_int_equal(findings->len, 1);
	g_autoptr(FindingStory) story = finding_story(world->model, &g_array_index(findings, Finding, 0));
	assert_non_null(strstr(story->fix_client, "MQTT.js"));
	assert_non_null(strstr(story->fix_client, "sessionExpiryInterval"));
	world_free(world);
}

/* --- numbers ------------------------------------------------------------------------------- */

static void durations_are_rounded_for_reading(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "0 ms"}, {999, "999 ms"}, {1000, "1.0 s"}, {59999, "59.9 s"}, {60000, "1 min 0 s"},
		{125000, "2 min 5 s"}, {3599000, "59 min 59 s"}, {12000000, "3 h 20 min"},
		{86400000, "1 d 0 h"}, {1209600000, "14 d 0 h"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = story_duration(cases[i].ms * 1000000);
		assert_string_equal(text, cases[i].text);
	}
}

static void intervals_are_told_in_seconds_and_in_words(void **state)
{
	(void)state;
	g_autofree char *zero = story_interval(0), *minute = story_interval(60);
	g_autofree char *hour = story_interval(3600), *never = story_interval(0xFFFFFFFF);
	g_autofree char *longest = story_interval(0xFFFFFFFE);

	assert_string_equal(zero, "0 s");
	assert_string_equal(minute, "60 s");
	assert_string_equal(hour, "3600 s (1 h 0 min)");
	assert_string_equal(never, "0xFFFFFFFF (never expires)");
	assert_string_equal(longest, "4294967294 s (49710 d 6 h)");
}

static Counterfactual counterfactual_of(const char *story)
{
	World *world = world_play(story);
	const DiagnoseOptions options = {.vantage = VANTAGE_BROKER};
	g_autoptr(Verdict) verdict = diagnose(world->model, &options);
	Counterfactual other = {0};
	for (guint i = 0; i < verdict->findings->len; i++) {
		const Finding *finding = &g_array_index(verdict->findings, Finding, i);
		if (finding->severity == SEVERITY_LOSS)
			other = finding_counterfactual(world->model, finding);
	}
	world_free(world);
	return other;
}

#define ASKS "0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n" \
	"0.1 device SUBSCRIBE a qos=1\n5 device FIN\n"

static void what_would_have_helped_is_reckoned(void **state)
{
	(void)state;
	Counterfactual few = counterfactual_of(CAST ASKS "10 repeat 3 every 1 gw PUBLISH a \"{i}\" qos=1\n"
		"65 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n");
	Counterfactual many = counterfactual_of(CAST ASKS
		"10 repeat 1203 every 0.01 gw PUBLISH a \"{i}\" qos=1\n"
		"65 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n");
	Counterfactual none = counterfactual_of(CAST
		"0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK\n"
		"0.1 device SUBSCRIBE a qos=1\n5 device FIN\n"
		"65 device > mosq CONNECT v3.1.1 client=pump clean_session=1 => CONNACK\n");

	/* away for 60 s: an interval of that had just run out */
	assert_int_equal(few.interval_s, 61);
	assert_int_equal(few.queue_drops, 0);
	assert_int_equal(many.interval_s, 61);
	assert_int_equal(many.queue_drops, 203);
	assert_true(none.interval_s == INT64_MIN); /* it ordered the session away */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_finding_of_every_scenario_has_a_whole_story),
		cmocka_unit_test(nothing_from_the_wire_reaches_a_text_raw),
		cmocka_unit_test(a_client_id_that_hints_at_a_library_brings_its_line),
		cmocka_unit_test(what_would_have_helped_is_reckoned),
		cmocka_unit_test(durations_are_rounded_for_reading),
		cmocka_unit_test(intervals_are_told_in_seconds_and_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
