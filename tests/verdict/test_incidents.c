/* SPDX-License-Identifier: MIT */
/* What many clients together prove; tests/scenarios has more of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/finding.h"
#include "tests/session/world.h"

#define BROKER "broker mosq 10.0.0.5:1883\n"
#define MONITOR \
	"host mon 10.0.0.20\n" \
	"-5 mon > mosq CONNECT v5 client=monitor clean_start=1 keep_alive=0 => CONNACK\n"
#define UPTIME(time, who, seconds) \
	time " mosq > " who " PUBLISH $SYS/broker/uptime \"" seconds " seconds\" qos=0\n"
#define TWO_CLIENTS \
	"hosts d 2 10.0.0.21\n" \
	"0 repeat 2 every 0.1 d{i} > mosq CONNECT v5 client=c{i} clean_start=0 expiry=3600 => CONNACK\n" \
	"1 repeat 2 every 0.1 d{i} SUBSCRIBE plant/{i}/temp qos=1 => SUBACK 1\n"
#define THEY_RETURN \
	"30 repeat 2 every 0.1 d{i} > mosq CONNECT v5 client=c{i} clean_start=0 expiry=3600 => CONNACK\n"

static const DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER};

typedef struct Told {
	World *world;
	Verdict *verdict;
} Told;

static Told tell(const char *story)
{
	World *world = world_play(story);
	return (Told){world, diagnose(world->model, &broker_side)};
}

static void told_free(Told *told)
{
	verdict_free(told->verdict);
	world_free(told->world);
}

static const Incident *incident_of(const Told *told, guint nth)
{
	assert_true(nth < told->verdict->incidents->len);
	return g_ptr_array_index(told->verdict->incidents, nth);
}

static void an_uptime_that_begins_anew_proves_a_restart(void **state)
{
	(void)state;
	Told told = tell(BROKER MONITOR TWO_CLIENTS
	                 UPTIME("2", "mon", "5002") "5 d1 FIN\n" UPTIME("12", "mon", "5012")
	                 "20 mosq > mon FIN\n20.1 mosq > d2 RST\n"
	                 "25 mon > mosq CONNECT v5 client=monitor clean_start=1 => CONNACK\n"
	                 THEY_RETURN
	                 UPTIME("32", "mon", "10") UPTIME("42", "mon", "20"));
	const Incident *restart = incident_of(&told, 0);
	const GArray *findings = told.verdict->findings;

	assert_int_equal(told.verdict->incidents->len, 1);
	assert_int_equal(restart->kind, INCIDENT_RESTART);
	assert_int_equal(restart->confidence, CONFIDENCE_PROVEN);
	assert_true((restart->signs & SIGN_UPTIME) != 0);
	assert_int_equal(restart->n_lost, 2);
	assert_int_equal(findings->len, 2);
	for (guint i = 0; i < findings->len; i++) {
		const Finding *it = &g_array_index(findings, Finding, i);
		assert_int_equal(it->cause, CAUSE_RESTART_WITHOUT_PERSISTENCE);
		assert_int_equal(it->confidence, CONFIDENCE_STRONG);
		assert_int_equal(it->responsible, RESPONSIBLE_BROKER_POLICY);
		assert_ptr_equal(it->incident, restart);
	}
	told_free(&told);
}

static void an_uptime_that_was_held_up_proves_nothing(void **state)
{
	(void)state;
	Told told = tell(BROKER MONITOR TWO_CLIENTS
	                 UPTIME("2", "mon", "5002") UPTIME("12", "mon", "5012") "15 d1 FIN\n"
	                 UPTIME("22", "mon", "5022") UPTIME("32", "mon", "5032")
	                 UPTIME("40", "d2", "5002") UPTIME("45", "d2", "5012")
	                 "50 d1 > mosq CONNECT v5 client=c1 clean_start=0 expiry=3600 => CONNACK\n");

	assert_int_equal(told.verdict->incidents->len, 0);
	assert_int_equal(told.verdict->findings->len, 1);
	told_free(&told);
}

static void an_uptime_told_of_once_proves_nothing(void **state)
{
	(void)state;
	Told told = tell(BROKER MONITOR TWO_CLIENTS UPTIME("2", "mon", "5002")
	                 UPTIME("12", "mon", "1") UPTIME("22", "mon", "5022"));

	assert_int_equal(told.verdict->incidents->len, 0);
	told_free(&told);
}

static void what_is_no_uptime_is_not_read(void **state)
{
	(void)state;
	Told told = tell(BROKER MONITOR
	                 "2 mosq > mon PUBLISH $SYS/broker/uptime \"5002 seconds\"\n"
	                 "12 mosq > mon PUBLISH $SYS/broker/uptime \"\"\n"
	                 "22 mosq > mon PUBLISH $SYS/broker/uptime \"-3\"\n"
	                 "32 mosq > mon PUBLISH $SYS/broker/uptime \"3h\"\n"
	                 "42 mosq > mon PUBLISH $SYS/broker/uptime \"999999999999999999999\"\n"
	                 "52 mosq > mon PUBLISH $SYS/broker/version \"2\"\n");

	assert_int_equal(told.verdict->incidents->len, 0);
	told_free(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_uptime_that_begins_anew_proves_a_restart),
		cmocka_unit_test(an_uptime_that_was_held_up_proves_nothing),
		cmocka_unit_test(an_uptime_told_of_once_proves_nothing),
		cmocka_unit_test(what_is_no_uptime_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
