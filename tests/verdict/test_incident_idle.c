/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/finding.h"
#include "tests/session/world.h"

/* Five devices, one after the other; silences of four minutes are outlived. */
#define DEVICES(more) "broker mosq 10.0.0.5:1883\nhosts d 5 10.0.0.21\nauto-ack\n" \
	"0 repeat 5 every 40 d{i} > mosq CONNECT v5 client=c{i} clean_start=0 expiry=3600 keep_alive=1200 => CONNACK\n" \
	"1 repeat 5 every 40 d{i} SUBSCRIBE a qos=1\n241 repeat 5 every 40 d{i} PUBLISH b \"1\" qos=1\n" more \
	"1300 repeat 5 every 40 d{i} > mosq CONNECT v5 client=c{i} clean_start=0 expiry=3600 keep_alive=1200 => CONNACK" \
	" session_present=1\n"
#define BROKER_SPEAKS "602 repeat 5 every 40 mosq > d{i} PUBLISH a \"1\" qos=1 ack=none id=1\n"
#define CLIENT_SPEAKS "602 repeat 5 every 40 d{i} PUBLISH b \"2\" qos=1 ack=none id=9\n"

/* How many clients an idle kill hit; 0: there was none. */
static guint hit_by(const char *story)
{
	World *world = world_play(story);
	const DiagnoseOptions options = {0};
	Verdict *verdict = diagnose(world->model, &options);
	guint n = 0;
	for (guint i = 0; i < verdict->incidents->len; i++) {
		const Incident *incident = g_ptr_array_index(verdict->incidents, i);
		if (incident->kind == INCIDENT_IDLE_KILL)
			n += incident->n_ended;
	}
	verdict_free(verdict);
	world_free(world);
	return n;
}

static void rst_that_answers_either_side_after_the_silence_tells_it(void **state)
{
	(void)state;
	assert_int_equal(hit_by(DEVICES(CLIENT_SPEAKS "602.1 repeat 5 every 40 mosq > d{i} RST\n")), 5);
	assert_int_equal(hit_by(DEVICES(BROKER_SPEAKS "602.1 repeat 5 every 40 d{i} RST\n")), 5);
}

static void rst_that_comes_long_after_or_without_a_word_is_another_thing(void **state)
{
	(void)state;
	assert_int_equal(hit_by(DEVICES(BROKER_SPEAKS "612 repeat 5 every 40 d{i} RST\n")), 0);
	assert_int_equal(hit_by(DEVICES("602 repeat 5 every 40 d{i} RST\n")), 0);
}

static void a_silence_that_the_same_hosts_outlived_kills_nobody(void **state)
{
	(void)state;
	assert_int_equal(hit_by(DEVICES("642 repeat 5 every 40 d{i} PUBLISH b \"2\" qos=1\n"
	                                "942 repeat 5 every 40 mosq > d{i} PUBLISH a \"1\" qos=1 ack=none id=1\n"
	                                "942.1 repeat 5 every 40 d{i} RST\n")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rst_that_answers_either_side_after_the_silence_tells_it),
		cmocka_unit_test(rst_that_comes_long_after_or_without_a_word_is_another_thing),
		cmocka_unit_test(a_silence_that_the_same_hosts_outlived_kills_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
