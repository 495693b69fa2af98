/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/verdict/explain.h"

static char *explained(CauseId cause, unsigned width)
{
	GString *out = g_string_new(NULL);

	explain_cause(cause, out, width);
	return g_string_free(out, FALSE);
}

/* The first line under @heading; "" if the section is missing. */
static char *section_start(const char *page, const char *heading)
{
	g_autofree char *mark = g_strdup_printf("\n\n%s\n", heading);
	const char *at = strstr(page, mark);

	if (!at)
		return g_strdup("");
	at += strlen(mark);
	return g_strndup(at, strcspn(at, "\n"));
}

static void every_cause_explains_itself_in_all_sections(void **state)
{
	static const char *const headings[] = {
		"What it means",
		"What proves it",
		"What would make it false",
		"Clauses",
		"Fix",
		"What the client's developer does",
		"What the broker's operator does",
		"In the client library",
		"In the broker",
		"Other words in logs",
	};

	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		g_autofree char *page = explained((CauseId)i, 80);

		assert_true(g_str_has_prefix(page, cause_name((CauseId)i)));
		for (size_t k = 0; k < G_N_ELEMENTS(headings); k++) {
			g_autofree char *line = section_start(page, headings[k]);

			if (!g_str_has_prefix(line, "  ") || strlen(g_strstrip(line)) < 4)
				fail_msg("%s: nothing under \"%s\"", cause_name((CauseId)i),
					 headings[k]);
		}
	}
}

static void assert_lines_fit(const char *page, unsigned width)
{
	g_auto(GStrv) lines = g_strsplit(page, "\n", -1);

	for (char **line = lines; *line; line++) {
		if (g_utf8_strlen(*line, -1) > (glong)width)
			fail_msg("longer than %u columns: %s", width, *line);
		if (g_str_has_suffix(*line, " "))
			fail_msg("ends in a space: \"%s\"", *line);
	}
}

static void no_line_is_longer_than_the_width(void **state)
{
	static const unsigned widths[] = {72, 80, 100, 132};

	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		for (size_t k = 0; k < G_N_ELEMENTS(widths); k++) {
			g_autofree char *page = explained((CauseId)i, widths[k]);

			assert_true(g_utf8_validate(page, -1, NULL));
			assert_lines_fit(page, widths[k]);
		}
	}
}

static void width_0_is_80_and_narrow_ones_are_72(void **state)
{
	g_autofree char *unset = explained(CAUSE_EXPIRY_ABSENT, 0);
	g_autofree char *at_80 = explained(CAUSE_EXPIRY_ABSENT, 80);
	g_autofree char *narrow = explained(CAUSE_EXPIRY_ABSENT, 1);
	g_autofree char *at_72 = explained(CAUSE_EXPIRY_ABSENT, 72);

	(void)state;
	assert_string_equal(unset, at_80);
	assert_string_equal(narrow, at_72);
	assert_string_not_equal(at_80, at_72);
}

/* The same clause number means different things in different versions. */
static void every_clause_begins_with_its_version(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		g_auto(GStrv) clauses = g_strsplit(cause_info((CauseId)i)->clauses, ", ", -1);

		assert_non_null(clauses[0]);
		for (char **clause = clauses; *clause; clause++)
			assert_true(g_str_has_prefix(*clause, "5.0 §") ||
				    g_str_has_prefix(*clause, "5.0 [MQTT-") ||
				    g_str_has_prefix(*clause, "3.1.1 §") ||
				    g_str_has_prefix(*clause, "3.1.1 [MQTT-"));
	}
}

static void expiry_absent_comes_with_the_line_of_every_library(void **state)
{
	static const char *const parts[] = {
		"client-config",       "proven",        "5.0 [MQTT-3.1.2-23]",
		"MQTTnet",             "paho-python",   "MQTT.js",
		"-V mqttv5 -i fixed",  "rumqttc",       "esp-mqtt",
		"known editing error", "pubsubclient",  "No setting of a broker changes this.",
	};
	g_autofree char *page = explained(CAUSE_EXPIRY_ABSENT, 200);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (!strstr(page, parts[i]))
			fail_msg("\"%s\" is missing", parts[i]);
	}
}

static void a_takeover_is_known_by_the_words_of_broker_logs(void **state)
{
	g_autofree char *page = explained(CAUSE_CLIENT_ID_TAKEOVER, 200);

	(void)state;
	assert_non_null(strstr(page, "already connected, closing old connection"));
	assert_non_null(strstr(page, "DUPLICATE_CLIENTID"));
	assert_non_null(strstr(page, "SessionTakenOver"));
	assert_non_null(strstr(page, "takenover"));
}

static void no_cause_explains_nothing(void **state)
{
	g_autofree char *page = explained(CAUSE_NONE, 80);

	(void)state;
	assert_string_equal(page, "");
}

/* Who reads the page wants to know why the library did what nobody asked it to do. */
static void the_trap_in_a_librarys_defaults_stands_beside_its_fix(void **state)
{
	g_autofree char *wanted = explained(CAUSE_CLEAN_START, 300);
	g_autofree char *elsewhere = explained(CAUSE_PUBLISHED_QOS0, 300);

	(void)state;
	assert_non_null(strstr(wanted, "note  For MQTT 5.0 the first connection of each process"));
	assert_null(strstr(elsewhere, "    note  "));
}

static void the_list_has_one_aligned_line_a_cause(void **state)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	(void)state;
	explain_list(out);
	lines = g_strsplit(out->str, "\n", -1);
	g_string_free(out, TRUE);
	assert_int_equal(g_strv_length(lines), CAUSE_N - CAUSE_FIRST + 1); /* and the end */
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const CauseInfo *info = cause_info((CauseId)i);
		const char *line = lines[i - CAUSE_FIRST];

		/* the longest name has 33 columns, the longest party 13 */
		assert_true(strlen(line) > 50);
		assert_true(g_str_has_prefix(line, info->name));
		assert_true(g_str_has_prefix(line + 35, responsible_name(info->responsible)));
		assert_string_equal(line + 50, info->headline);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_explains_itself_in_all_sections),
		cmocka_unit_test(no_line_is_longer_than_the_width),
		cmocka_unit_test(width_0_is_80_and_narrow_ones_are_72),
		cmocka_unit_test(every_clause_begins_with_its_version),
		cmocka_unit_test(expiry_absent_comes_with_the_line_of_every_library),
		cmocka_unit_test(a_takeover_is_known_by_the_words_of_broker_logs),
		cmocka_unit_test(no_cause_explains_nothing),
		cmocka_unit_test(the_trap_in_a_librarys_defaults_stands_beside_its_fix),
		cmocka_unit_test(the_list_has_one_aligned_line_a_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
