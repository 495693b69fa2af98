/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/finding.h"
#include "tests/session/world.h"

static const DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER};

#define V3 " > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK"
#define KEPT " session_present=1\n"
#define GONE "\n"

static void leave(GString *story, unsigned at)
{
	g_string_append_printf(story, "%u.1 device SUBSCRIBE plant/# qos=1\n"
	                              "%u.2 device DISCONNECT ; FIN\n", at, at);
}

/* One client, away for each of @absences in turn; it lost its session where that is negative. */
static char *story_of(const int *absences)
{
	GString *story = g_string_new(CAST "0 device" V3 "\n");
	unsigned now = 0;
	leave(story, now);
	for (const int *absence = absences; *absence != 0; absence++) {
		now += (unsigned)(*absence < 0 ? -*absence : *absence);
		g_string_append_printf(story, "%u device" V3 "%s", now, *absence < 0 ? GONE : KEPT);
		leave(story, now);
	}
	return g_string_free(story, FALSE);
}

/* The verdict on the last loss in @story: most severe first, then in time. */
static Finding last_loss_at(const char *story, BrokerProduct product)
{
	const DiagnoseOptions options = {.vantage = VANTAGE_BROKER, .broker_is = product};
	World *world = world_play(story);
	g_autoptr(Verdict) verdict = diagnose(world->model, &options);
	const GArray *findings = verdict->findings;
	Finding last = {.cause = CAUSE_NONE};
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = &g_array_index(findings, Finding, i);
		if (finding->severity == SEVERITY_LOSS && finding->to != NO_INDEX)
			last = *finding;
	}
	world_free(world);
	return last;
}

static Finding last_loss_after(const int *absences)
{
	g_autofree char *story = story_of(absences);
	return last_loss_at(story, BROKER_UNKNOWN);
}

static void three_pairs_close_together_are_a_strong_sign_of_a_cap(void **state)
{
	(void)state;
	Finding it = last_loss_after((const int[]){30, -70, 40, -80, 50, -90, 0});

	assert_int_equal(it.cause, CAUSE_SILENT_CAP);
	assert_int_equal(it.confidence, CONFIDENCE_STRONG);
	assert_int_equal(it.responsible, RESPONSIBLE_BROKER_POLICY);
	assert_int_equal(it.way.n_kept, 3);
	assert_int_equal(it.way.n_gone, 3);
}

static void two_pairs_or_a_wide_bracket_only_fit_a_cap(void **state)
{
	(void)state;
	Finding two = last_loss_after((const int[]){40, -80, 50, -90, 0});
	Finding wide = last_loss_after((const int[]){10, -70, 20, -80, 30, -90, 0});

	assert_int_equal(two.cause, CAUSE_SILENT_CAP);
	assert_int_equal(two.confidence, CONFIDENCE_CONSISTENT);
	assert_int_equal(wide.cause, CAUSE_SILENT_CAP);
	assert_int_equal(wide.confidence, CONFIDENCE_CONSISTENT);
}

static void one_loss_proves_no_cap(void **state)
{
	(void)state;
	Finding it = last_loss_after((const int[]){30, 40, 50, 45, -70, 0});

	assert_int_equal(it.cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(it.way.kept, NO_INDEX);
}

static void one_longer_absence_survived_refutes_a_cap(void **state)
{
	(void)state;
	Finding it = last_loss_after((const int[]){30, -70, 40, -80, 50, -90, 71, 0});

	assert_int_equal(it.cause, CAUSE_DROPPED_UNEXPLAINED);
}

static void a_session_that_publishers_saw_dead_while_young_refutes_a_cap(void **state)
{
	(void)state;
	g_autofree char *start = story_of((const int[]){30, -70, 40, -80, 50, 0});
	/* 270.2: the client left; two publishers' answers at 280 and 290 say that nobody subscribes. */
	g_autofree char *story = g_strconcat(
		start,
		"280 gw PUBLISH plant/3 \"a\" qos=1 ack=0x10\n290 gw PUBLISH plant/3 \"b\" qos=1 "
		"ack=0x10\n360 device" V3 "\n361 device SUBSCRIBE plant/# qos=1\n", NULL);
	World *world = world_play(story);
	g_autoptr(Verdict) verdict = diagnose(world->model, &broker_side);
	const GArray *findings = verdict->findings;
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = &g_array_index(findings, Finding, i);
		bool last = finding->to == world_index(world, "pump", 7);
		assert_int_equal(finding->cause, last ? CAUSE_DROPPED_UNEXPLAINED : CAUSE_SILENT_CAP);
	}
	assert_int_equal(findings->len, 3);
	world_free(world);
}

static void a_service_that_never_resumes_needs_three_clients_at_three_times(void **state)
{
	(void)state;
	Finding one = last_loss_after((const int[]){-10, -12, -14, -16, 0});

	assert_int_equal(one.cause, CAUSE_DROPPED_UNEXPLAINED);
}

static void the_known_default_of_a_declared_broker_fits_one_loss(void **state)
{
	(void)state;
	g_autofree char *longer = story_of((const int[]){30, -7300, 0});
	g_autofree char *shorter = story_of((const int[]){30, -7100, 0});
	g_autofree char *refuted = story_of((const int[]){7400, -7300, 0});
	Finding it = last_loss_at(longer, BROKER_EMQX);

	assert_int_equal(it.cause, CAUSE_SILENT_CAP);
	assert_int_equal(it.confidence, CONFIDENCE_CONSISTENT);
	assert_int_equal(it.responsible, RESPONSIBLE_BROKER_POLICY);
	assert_int_equal(it.product, BROKER_EMQX);
	assert_true(it.product_declared);
	assert_int_equal(last_loss_at(longer, BROKER_UNKNOWN).cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(last_loss_at(longer, BROKER_MOSQUITTO).cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(last_loss_at(longer, BROKER_RABBITMQ).cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(last_loss_at(shorter, BROKER_EMQX).cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(last_loss_at(refuted, BROKER_EMQX).cause, CAUSE_DROPPED_UNEXPLAINED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_pairs_close_together_are_a_strong_sign_of_a_cap),
		cmocka_unit_test(two_pairs_or_a_wide_bracket_only_fit_a_cap),
		cmocka_unit_test(one_loss_proves_no_cap),
		cmocka_unit_test(one_longer_absence_survived_refutes_a_cap),
		cmocka_unit_test(a_session_that_publishers_saw_dead_while_young_refutes_a_cap),
		cmocka_unit_test(the_known_default_of_a_declared_broker_fits_one_loss),
		cmocka_unit_test(a_service_that_never_resumes_needs_three_clients_at_three_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
