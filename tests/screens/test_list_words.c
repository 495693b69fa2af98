/* SPDX-License-Identifier: MIT */
/* What lists say, and how much of it they cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/screens/list_stage.h"
#include "ui/report/sentences.h"

/* pump loses its session, after 55 s, as it never asked to keep it; then lamp, which gave it up itself. */
#define STORY \
	CAST "host lamp 10.0.0.6\nhost wall 10.0.0.7\n" \
	"0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n" \
	"0.1 device SUBSCRIBE plant/+/temp qos=1\n" \
	"1 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 => CONNACK\n" \
	"1.1 lamp SUBSCRIBE lamp/# qos=1\n" \
	"5 device DISCONNECT ; FIN\n" \
	"6 lamp DISCONNECT expiry=0 ; FIN\n" \
	"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=36000 => CONNACK\n" \
	"70 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 => CONNACK\n"
#define LONG_ID "building-7/floor-3/room-12/display"

enum { COLUMNS = 120, ROWS = 20 };

static void assert_says(ListStage *stage, int columns, const char *text, bool wanted)
{
	g_autofree char *picture = list_stage_draw(stage, columns, ROWS);
	if ((strstr(picture, text) != NULL) != wanted)
		fail_msg("%s \"%s\" at %d columns:\n%s", wanted ? "no" : "there is", text, columns, picture);
}

static void long_names_are_whole_where_there_is_room(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(clients_screen_new(), STORY
	                                  "72 wall > mosq CONNECT v5 client=" LONG_ID " clean_start=0 => CONNACK\n", 90);
	assert_says(stage, 200, LONG_ID " ", true);
	assert_says(stage, COLUMNS, LONG_ID " ", true);
	assert_says(stage, 80, LONG_ID, false);
	assert_says(stage, 80, "building-7/floor", true);
	list_stage_free(stage);
}

static void causes_are_whole_where_there_is_room(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(findings_screen_new(), STORY, 90);
	assert_says(stage, COLUMNS, "  ✗ disconnect-expiry-zero ", true);
	assert_says(stage, COLUMNS, " pump                  expiry-absent ", true);
	assert_says(stage, 80, "lamp                   disconnect-expiry-zero ", true);
	list_stage_free(stage);
}

static void a_broker_names_what_causes_mean_in_full(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(brokers_screen_new(), STORY, 90);
	assert_says(stage, COLUMNS, "expiry-absent              the client never asked the broker to keep the session", true);
	assert_says(stage, 80, "the client never asked the broker to keep\n", true);
	assert_says(stage, 80, "  the session\n", true);
	list_stage_free(stage);
}

/* Its session was to be kept and is gone, who knows why: what comes may tell. */
#define DROPPED \
	CAST \
	"0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK\n" \
	"0.1 device SUBSCRIBE plant/+/temp qos=1\n" \
	"5 device DISCONNECT ; FIN\n" \
	"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK\n"

static void while_the_capture_goes_on_nobody_is_named_before_it_is_decided(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(clients_screen_new(), DROPPED, 61);
	list_stage_settings(stage)->columns = g_strdup("client responsible cause");
	assert_says(stage, COLUMNS, "pump     unknowable ✗ dropped-unexplained", true);

	list_stage_live(stage);
	list_stage_go_on(stage, DROPPED, 61);
	assert_says(stage, COLUMNS, "1 lapse: not decided yet", true);
	assert_says(stage, COLUMNS, "pump     not decided yet ✗ dropped-unexplained", true);
	assert_says(stage, COLUMNS, "unknowable", false);
	list_stage_free(stage);

	stage = list_stage_new(findings_screen_new(), DROPPED, 61);
	list_stage_live(stage);
	list_stage_go_on(stage, DROPPED, 61);
	assert_says(stage, COLUMNS, "▾ not decided yet", true);
	assert_says(stage, COLUMNS, "Not decided while the capture goes on", true);
	assert_says(stage, COLUMNS, "unknowable", false);
	list_stage_free(stage);
}

static void a_key_log_that_does_not_fit_is_told_above_the_clients(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(clients_screen_new(), STORY, 90);
	assert_says(stage, COLUMNS, "key log", false);
	list_stage_wrong_keys(stage, 1);
	assert_says(stage, COLUMNS, "! 1 TLS connection not decrypted: the secrets of the key log do not fit", true);
	list_stage_wrong_keys(stage, 2);
	assert_says(stage, COLUMNS, "! 2 TLS connections not decrypted: the secrets of the key log do not fit", true);
	list_stage_free(stage);
}

/* Each row would take as long as a book, and show a line of it. */
static void of_a_very_long_name_rows_take_the_beginning(void **state)
{
	(void)state;
	enum { LETTERS = 3000, MOST = 2048 };
	g_autoptr(GString) id = g_string_new("x");
	for (unsigned i = 0; i < LETTERS; i++)
		g_string_append(id, "é");
	g_autofree char *story = g_strdup_printf(CAST "0 device > mosq CONNECT v5 client=%s clean_start=1 => CONNACK\n", id->str);
	ListStage *stage = list_stage_new(clients_screen_new(), story, 90);
	ClientIndex client = world_client(list_stage_world(stage), id->str);
	const ReportContext *report = list_stage_view(stage)->report;
	g_autofree char *whole = client_sentence(report, client);
	g_autofree char *begin = client_sentence_short(report, client);

	assert_string_equal(whole, id->str);
	assert_int_equal(strlen(begin), MOST - 1 + strlen("…")); /* no half of an é */
	assert_true(g_str_has_suffix(begin, "é…") && strncmp(begin, whole, MOST - 1) == 0);
	assert_says(stage, COLUMNS, "xééééééé", true);
	list_stage_free(stage);
}

/* Cut, it would be another's. */
static void an_address_is_whole_or_not_there(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(clients_screen_new(), STORY "broker far 10.100.200.100:18830\n"
	                                  "72 wall > far CONNECT v5 client=wall clean_start=0 => CONNACK\n", 90);
	for (int columns = 20; columns < 160; columns++) {
		g_autofree char *picture = list_stage_draw(stage, columns, ROWS);
		if (strstr(picture, "10.100") != NULL && strstr(picture, "10.100.200.100:18830 ") == NULL)
			fail_msg("at %d columns:\n%s", columns, picture);
	}
	assert_says(stage, 100, "10.100.200.100:18830 ", true);
	list_stage_free(stage);
}

static void who_is_behind_most_lapses_is_named_first(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(clients_screen_new(), STORY
	                                  "71 wall > mosq CONNECT v5 client=wall clean_start=0 expiry=3600 => CONNACK\n"
	                                  "71.1 wall SUBSCRIBE wall/# qos=1\n72 wall FIN\n"
	                                  "80 wall > mosq CONNECT v5 client=wall clean_start=0 expiry=3600 => CONNACK\n", 90);
	assert_says(stage, COLUMNS, "3 lapses: client-config 2, unknowable 1", true);
	list_stage_free(stage);
	stage = list_stage_new(clients_screen_new(), DROPPED "host wall 10.0.0.7\nhost bell 10.0.0.8\n"
	                       "61 wall > mosq CONNECT v5 client=wall clean_start=0 expiry=3600 => CONNACK\n"
	                       "61.1 wall SUBSCRIBE wall/# qos=1\n62 wall FIN\n"
	                       "63 wall > mosq CONNECT v5 client=wall clean_start=0 expiry=3600 => CONNACK\n"
	                       "64 bell > mosq CONNECT v5 client=bell clean_start=0 => CONNACK\n"
	                       "64.1 bell SUBSCRIBE bell/# qos=1\n65 bell FIN\n"
	                       "66 bell > mosq CONNECT v5 client=bell clean_start=0 => CONNACK\n", 90);
	assert_says(stage, COLUMNS, "3 lapses: unknowable 2, client-config 1", true);
	list_stage_free(stage);
}

/* The title above, and what a terminal sends that has grown since. */
static void a_click_beside_the_rows_opens_nothing(void **state)
{
	(void)state;
	static Screen *(*const makers[])(void) = {clients_screen_new, findings_screen_new, brokers_screen_new};
	for (unsigned i = 0; i < G_N_ELEMENTS(makers); i++) {
		ListStage *stage = list_stage_new(makers[i](), STORY, 90);
		Screen *screen = *(Screen **)list_stage_app(stage);
		g_free(list_stage_draw(stage, COLUMNS, ROWS));
		for (int y = -3; y < 0; y++)
			assert_false(screen->ops->click(screen, list_stage_view(stage), 5, y, true, list_stage_app(stage)));
		assert_false(screen->ops->click(screen, list_stage_view(stage), 5, 1000, true, list_stage_app(stage)));
		assert_null(list_stage_pushed(stage));
		list_stage_free(stage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_are_whole_where_there_is_room),
		cmocka_unit_test(causes_are_whole_where_there_is_room),
		cmocka_unit_test(of_a_very_long_name_rows_take_the_beginning),
		cmocka_unit_test(an_address_is_whole_or_not_there),
		cmocka_unit_test(who_is_behind_most_lapses_is_named_first),
		cmocka_unit_test(a_click_beside_the_rows_opens_nothing),
		cmocka_unit_test(a_broker_names_what_causes_mean_in_full),
		cmocka_unit_test(while_the_capture_goes_on_nobody_is_named_before_it_is_decided),
		cmocka_unit_test(a_key_log_that_does_not_fit_is_told_above_the_clients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
