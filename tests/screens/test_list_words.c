/* SPDX-License-Identifier: MIT */
/* What lists say, and how much of it they cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/screens/list_stage.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_are_whole_where_there_is_room),
		cmocka_unit_test(causes_are_whole_where_there_is_room),
		cmocka_unit_test(a_broker_names_what_causes_mean_in_full),
		cmocka_unit_test(while_the_capture_goes_on_nobody_is_named_before_it_is_decided),
		cmocka_unit_test(a_key_log_that_does_not_fit_is_told_above_the_clients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
