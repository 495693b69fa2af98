/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/finding.h"
#include "tests/session/world.h"

#define COME(expiry) "0 device > mosq CONNECT v5 client=pump clean_start=0" expiry " => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE plant/+/temp qos=1\n"
#define LEAVE "5 device DISCONNECT ; FIN\n"
#define FRESH "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define RESUME "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 " \
	       "=> CONNACK session_present=1\n"
#define LOST "10 gw PUBLISH plant/3/temp \"a\" qos=1\n"
#define KEPT COME(" expiry=300") SUBSCRIBES LEAVE LOST FRESH

static const DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER};

/* The only finding of @story. */
static Finding the_finding(const char *story, const DiagnoseOptions *options)
{
	World *world = world_play(story);
	g_autoptr(Verdict) verdict = diagnose(world->model, options);
	const GArray *findings = verdict->findings;
	if (findings->len != 1)
		fail_msg("%u findings of %s", findings->len, story);
	Finding finding = g_array_index(findings, Finding, 0);
	world_free(world);
	return finding;
}

static unsigned n_findings(const char *story)
{
	World *world = world_play(story);
	g_autoptr(Verdict) verdict = diagnose(world->model, &broker_side);
	const GArray *findings = verdict->findings;
	world_free(world);
	return findings->len;
}

static bool lists(const CauseList *list, CauseId cause)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->causes[i] == cause)
			return true;
	return false;
}

/* --- what is found ------------------------------------------------------------------------- */

static void a_session_that_never_was_kept_is_a_loss_with_its_time_of_death(void **state)
{
	(void)state;
	World *world = world_play(CAST COME("") SUBSCRIBES LEAVE LOST FRESH);
	g_autoptr(Verdict) verdict = diagnose(world->model, &broker_side);
	const GArray *findings = verdict->findings;
	const Finding *it = &g_array_index(findings, Finding, 0);
	const Connection *before = world_connection(world, "pump", 1);

	assert_int_equal(findings->len, 1);
	assert_int_equal(it->cause, CAUSE_EXPIRY_ABSENT);
	assert_int_equal(it->severity, SEVERITY_LOSS);
	assert_int_equal(it->confidence, CONFIDENCE_PROVEN);
	assert_int_equal(it->responsible, RESPONSIBLE_CLIENT_CONFIG);
	assert_true(it->lapse);
	assert_true(it->died_after.ns == before->closed.ns);
	assert_int_equal(it->alive_by, WITNESS_CLOSE);
	assert_true(it->alive_frame.number == before->close_frame.number);
	assert_true(it->died_before.ns == world_connection(world, "pump", 2)->connack_time.ns);
	assert_int_equal(it->dead_by, WITNESS_CONNACK);
	assert_int_equal(it->absence_ns / NS_PER_SECOND, 55);
	assert_int_equal(it->from, world_index(world, "pump", 1));
	assert_int_equal(it->to, world_index(world, "pump", 2));
	assert_non_null(model_absence(world->model, it->cost));
	world_free(world);
}

static void every_cause_that_was_sufficient_is_named(void **state)
{
	(void)state;
	Finding it = the_finding(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=20 "
	                         "=> CONNACK expiry=10\n" SUBSCRIBES LEAVE LOST
	                         "60 device > mosq CONNECT v5 client=pump clean_start=1 expiry=20 "
	                         "=> CONNACK\n", &broker_side);

	assert_int_equal(it.cause, CAUSE_EXPIRY_SHORTENED);
	assert_int_equal(it.also_sufficient.n, 2);
	assert_int_equal(it.also_sufficient.causes[0], CAUSE_EXPIRED);
	assert_int_equal(it.also_sufficient.causes[1], CAUSE_CLEAN_START);
}

static void healthy_clients_have_no_findings(void **state)
{
	(void)state;
	/* one that resumed, one that is clean by design, one that was refused, one that is new */
	assert_int_equal(n_findings(CAST COME(" expiry=300") SUBSCRIBES LEAVE RESUME), 0);
	assert_int_equal(n_findings(CAST "0 device > mosq CONNECT v5 client=pump clean_start=1 "
	                            "=> CONNACK\n" LEAVE
	                            "60 device > mosq CONNECT v5 client=pump clean_start=1 "
	                            "=> CONNACK\n"), 0);
	assert_int_equal(n_findings(CAST COME(" expiry=300") SUBSCRIBES LEAVE
	                            "60 device > mosq CONNECT v5 client=pump clean_start=0 "
	                            "=> CONNACK reason=0x87\n"), 0);
	assert_int_equal(n_findings(CAST FRESH), 0);
	assert_int_equal(n_findings(CAST), 0);
}

static void what_will_be_lost_is_a_risk(void **state)
{
	(void)state;
	static const struct {
		const char *connection;
		CauseId cause;
	} cases[] = {
		{COME("") SUBSCRIBES, CAUSE_EXPIRY_ABSENT},
		{COME(" expiry=0") SUBSCRIBES, CAUSE_EXPIRY_ZERO},
		{"0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK expiry=0\n"
		 SUBSCRIBES, CAUSE_EXPIRY_SHORTENED},
		{"0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK expiry=0\n"
		 SUBSCRIBES, CAUSE_EXPIRY_ABSENT},
		{COME(""), CAUSE_NONE},                          /* nothing to lose */
		{COME(" expiry=300") SUBSCRIBES, CAUSE_NONE},    /* kept */
		{COME("") SUBSCRIBES LEAVE, CAUSE_NONE},         /* gone, and not back */
		{"0 device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK\n" SUBSCRIBES,
		 CAUSE_NONE},                                    /* does not mean to come back */
		{"0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK\n" SUBSCRIBES,
		 CAUSE_NONE},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *story = g_strconcat(CAST, cases[i].connection, NULL);
		if (cases[i].cause == CAUSE_NONE) {
			assert_int_equal(n_findings(story), 0);
			continue;
		}
		Finding it = the_finding(story, &broker_side);
		assert_int_equal(it.cause, cases[i].cause);
		assert_int_equal(it.severity, SEVERITY_RISK);
		assert_int_equal(it.to, NO_INDEX);
		assert_false(it.lapse);
	}
}

static void a_session_present_after_clean_start_is_a_brokers_fault(void **state)
{
	(void)state;
	/* [MQTT-3.2.2-2] */
	Finding it = the_finding(CAST COME(" expiry=300") SUBSCRIBES LEAVE
	                         "60 device > mosq CONNECT v5 client=pump clean_start=1 expiry=300 "
	                         "=> CONNACK session_present=1\n", &broker_side);

	assert_int_equal(it.cause, CAUSE_SESSION_PRESENT_AFTER_CLEAN_START);
	assert_int_equal(it.responsible, RESPONSIBLE_BROKER_FAULT);
	assert_int_equal(it.confidence, CONFIDENCE_PROVEN);
}

static void clients_without_identifier_cannot_come_back(void **state)
{
	(void)state;
	Finding it = the_finding(CAST "0 device > mosq CONNECT v5 client= clean_start=0 expiry=300 "
	                         "=> CONNACK assigned=auto-1\n" SUBSCRIBES LEAVE
	                         "60 device > mosq CONNECT v5 client= clean_start=0 expiry=300 "
	                         "=> CONNACK assigned=auto-2\n", &broker_side);

	assert_int_equal(it.cause, CAUSE_CLIENT_ID_ASSIGNED);
	assert_true(it.lapse);
}

static void without_subscriptions_nothing_was_lost(void **state)
{
	(void)state;
	Finding it = the_finding(CAST COME(" expiry=300") LEAVE FRESH, &broker_side);

	assert_int_equal(it.cause, CAUSE_NO_SUBSCRIPTIONS);
	assert_int_equal(it.severity, SEVERITY_NOTE);
	assert_false(it.lapse);
}

/* --- gates -------------------------------------------------------------------------------- */

static void an_unexplained_loss_accuses_nobody(void **state)
{
	(void)state;
	Finding it = the_finding(CAST KEPT, &broker_side);

	assert_int_equal(it.cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(it.responsible, RESPONSIBLE_UNKNOWABLE);
	assert_int_equal(it.confidence, CONFIDENCE_CONSISTENT);
	assert_int_equal(it.weakened, 0);
	assert_true(lists(&it.also_possible, CAUSE_ADMIN_REMOVED));
	assert_true(lists(&it.also_possible, CAUSE_RESTART_WITHOUT_PERSISTENCE));
	assert_false(lists(&it.also_possible, CAUSE_CLIENT_ID_TAKEOVER));
}

static void dropped_packets_could_hold_a_twin(void **state)
{
	(void)state;
	DiagnoseOptions lossy = {.vantage = VANTAGE_BROKER, .capture_drops = 1};
	Finding it = the_finding(CAST KEPT, &lossy);

	assert_int_equal(it.confidence, CONFIDENCE_CANNOT_KNOW);
	assert_int_equal(it.weakened, GATE_CAPTURE_LOSS);
	assert_true(lists(&it.also_possible, CAUSE_CLIENT_ID_TAKEOVER));
}

/* All between the two connections has to be on the wire for a proof (diagnosis 2.1): one more of the client may
 * be among what was lost. */
static void dropped_packets_leave_nothing_proven_by_the_connection_before(void **state)
{
	(void)state;
	const DiagnoseOptions lossy = {.vantage = VANTAGE_BROKER, .capture_drops = 1};
	static const char story[] = CAST COME("") SUBSCRIBES LEAVE LOST FRESH;
	Finding whole = the_finding(story, &broker_side), it = the_finding(story, &lossy);

	assert_int_equal(whole.cause, CAUSE_EXPIRY_ABSENT);
	assert_int_equal(whole.confidence, CONFIDENCE_PROVEN);
	assert_int_equal(it.cause, CAUSE_EXPIRY_ABSENT);
	assert_int_equal(it.responsible, RESPONSIBLE_CLIENT_CONFIG);
	assert_int_equal(it.confidence, CONFIDENCE_STRONG);
	assert_int_equal(it.weakened, GATE_CAPTURE_LOSS);
}

/* What a CONNECT orders it orders, whatever was before. */
static void dropped_packets_leave_a_clean_start_proven(void **state)
{
	(void)state;
	const DiagnoseOptions lossy = {.vantage = VANTAGE_BROKER, .capture_drops = 1};
	Finding it = the_finding(CAST COME(" expiry=300") SUBSCRIBES LEAVE LOST
	                         "60 device > mosq CONNECT v5 client=pump clean_start=1 expiry=300 => CONNACK\n",
	                         &lossy);

	assert_int_equal(it.cause, CAUSE_CLEAN_START);
	assert_int_equal(it.confidence, CONFIDENCE_PROVEN);
}

/* They may have told of a restart, or of a twin; but those of one client that are left lie side by side. */
static void forgotten_connections_leave_what_the_connection_before_proves(void **state)
{
	(void)state;
	const DiagnoseOptions forgetful = {.vantage = VANTAGE_BROKER, .n_forgotten = 1};
	Finding absent = the_finding(CAST COME("") SUBSCRIBES LEAVE LOST FRESH, &forgetful);
	Finding unexplained = the_finding(CAST KEPT, &forgetful);

	assert_int_equal(absent.cause, CAUSE_EXPIRY_ABSENT);
	assert_int_equal(absent.confidence, CONFIDENCE_PROVEN);
	assert_int_equal(unexplained.cause, CAUSE_DROPPED_UNEXPLAINED);
	assert_int_equal(unexplained.confidence, CONFIDENCE_CANNOT_KNOW);
	assert_int_equal(unexplained.weakened, GATE_CAPTURE_LOSS);
}

static void beside_the_client_a_twin_is_never_excluded(void **state)
{
	(void)state;
	DiagnoseOptions client = {.vantage = VANTAGE_CLIENT};
	Finding it = the_finding(CAST KEPT, &client);

	assert_true((it.weakened & GATE_CLIENT_VANTAGE) != 0);
	assert_true(lists(&it.also_possible, CAUSE_CLIENT_ID_TAKEOVER));
	assert_true(it.confidence >= CONFIDENCE_CONSISTENT);
}

static void a_hole_leaves_the_cause_unknown(void **state)
{
	(void)state;
	Finding it = the_finding(CAST COME(" expiry=300") SUBSCRIBES "hole 2 3\n"
	                         "2.5 device PUBLISH x \"lost\" qos=0\n4 device PINGREQ\n" LEAVE LOST
	                         FRESH, &broker_side);

	assert_int_equal(it.confidence, CONFIDENCE_CANNOT_KNOW);
	assert_int_equal(it.weakened, GATE_HOLES);
}

static void an_end_that_was_not_seen_leaves_the_cause_unknown(void **state)
{
	(void)state;
	Finding it = the_finding(CAST COME(" expiry=300") SUBSCRIBES "5 device VANISH\n" LOST FRESH,
	                         &broker_side);

	assert_int_equal(it.confidence, CONFIDENCE_CANNOT_KNOW);
	assert_int_equal(it.weakened, GATE_END_NOT_SEEN);
}

static void another_broker_that_knows_the_client_may_have_its_session(void **state)
{
	(void)state;
	World *world = world_play(CAST "broker other 10.0.0.6:1883\n" COME(" expiry=300") SUBSCRIBES
	                          LEAVE "30 device > other CONNECT v5 client=pump clean_start=1 "
	                          "=> CONNACK\n31 device DISCONNECT ; FIN\n" LOST FRESH);
	g_autoptr(Verdict) verdict = diagnose(world->model, &broker_side);
	const GArray *findings = verdict->findings;

	assert_int_equal(findings->len, 1);
	const Finding *it = &g_array_index(findings, Finding, 0);
	assert_int_equal(it->weakened, GATE_OTHER_BROKER);
	assert_true(lists(&it->also_possible, CAUSE_OTHER_BROKER));
	world_free(world);
}

static void a_hole_makes_expiry_strong_at_most(void **state)
{
	(void)state;
	Finding whole = the_finding(CAST COME(" expiry=30") SUBSCRIBES LEAVE LOST FRESH, &broker_side);
	Finding holed = the_finding(CAST COME(" expiry=30") SUBSCRIBES "hole 2 3\n"
	                            "2.5 device PUBLISH x \"lost\" qos=0\n4 device PINGREQ\n" LEAVE
	                            LOST FRESH, &broker_side);

	assert_int_equal(whole.cause, CAUSE_EXPIRED);
	assert_int_equal(whole.confidence, CONFIDENCE_PROVEN);
	assert_int_equal(holed.cause, CAUSE_EXPIRED);
	assert_int_equal(holed.confidence, CONFIDENCE_STRONG);
	assert_int_equal(holed.weakened, GATE_HOLES);
}

static void another_host_with_other_settings_is_not_blamed_for_certain(void **state)
{
	(void)state;
	Finding it = the_finding(CAST "0 twin > mosq CONNECT v5 client=pump clean_start=0 keep_alive=9 "
	                         "=> CONNACK\n0.1 twin SUBSCRIBE plant/+/temp qos=1\n5 twin FIN\n"
	                         LOST FRESH, &broker_side);

	assert_int_equal(it.weakened, GATE_OTHER_HOST);
	assert_int_equal(it.responsible, RESPONSIBLE_UNKNOWABLE);
	assert_true(lists(&it.also_possible, CAUSE_CLIENT_ID_TAKEOVER));
}

static void at_the_edge_nobody_is_responsible(void **state)
{
	(void)state;
	Finding it = the_finding(CAST COME(" expiry=55") SUBSCRIBES LEAVE LOST FRESH, &broker_side);

	assert_int_equal(it.cause, CAUSE_EXPIRED);
	assert_true(it.at_the_edge);
	assert_int_equal(it.responsible, RESPONSIBLE_UNKNOWABLE);
}

/* --- the list ------------------------------------------------------------------------------ */

/* Nobody lost @lost messages, somebody else some, and a third is at risk. */
static const char mixed[] =
	CAST "hosts p 4 10.0.1.1\n"
	"0 p1 > mosq CONNECT v5 client=one clean_start=0 => CONNACK\n0.1 p1 SUBSCRIBE a qos=1\n"
	"0 p2 > mosq CONNECT v5 client=two clean_start=0 => CONNACK\n0.1 p2 SUBSCRIBE b qos=1\n"
	"0 p3 > mosq CONNECT v5 client=three clean_start=0 => CONNACK\n0.1 p3 SUBSCRIBE c qos=1\n"
	"0 p4 > mosq CONNECT v5 client=four clean_start=0 expiry=300 => CONNACK\n"
	"5 p1 FIN\n5 p2 FIN\n5 p4 FIN\n"
	"10 gw PUBLISH a \"1\" qos=1\n11 gw PUBLISH b \"1\" qos=1\n12 gw PUBLISH b \"2\" qos=1\n"
	"60 p1 > mosq CONNECT v5 client=one clean_start=0 expiry=9 => CONNACK\n"
	"60 p2 > mosq CONNECT v5 client=two clean_start=0 expiry=9 => CONNACK\n"
	"60 p4 > mosq CONNECT v5 client=four clean_start=0 expiry=300 => CONNACK\n";

static void the_most_severe_comes_first(void **state)
{
	(void)state;
	static const struct {
		const char *id;
		Severity severity;
	} expected[] = {
		{"two", SEVERITY_LOSS}, {"one", SEVERITY_LOSS}, {"three", SEVERITY_RISK},
		{"four", SEVERITY_NOTE},
	};
	World *world = world_play(mixed);
	g_autoptr(Verdict) verdict = diagnose(world->model, &broker_side);
	const GArray *findings = verdict->findings;

	assert_int_equal(findings->len, 4);
	for (guint i = 0; i < 4; i++) {
		const Finding *it = &g_array_index(findings, Finding, i);
		assert_int_equal(it->client, world_client(world, expected[i].id));
		assert_int_equal(it->severity, expected[i].severity);
	}
	world_free(world);
}

static void a_diagnosis_is_the_same_each_time(void **state)
{
	(void)state;
	World *world = world_play(mixed);
	g_autoptr(Verdict) verdict_one = diagnose(world->model, &broker_side);
	g_autoptr(Verdict) verdict_two = diagnose(world->model, &broker_side);
	const GArray *one = verdict_one->findings, *two = verdict_two->findings;

	assert_int_equal(one->len, two->len);
	for (guint i = 0; i < one->len; i++) {
		assert_int_equal(g_array_index(one, Finding, i).client,
		                 g_array_index(two, Finding, i).client);
		assert_int_equal(g_array_index(one, Finding, i).cause,
		                 g_array_index(two, Finding, i).cause);
	}
	world_free(world);
}

static void where_the_capture_was_taken_is_inferred_from_the_hosts(void **state)
{
	(void)state;
	World *many = world_play(CAST COME(""));
	World *one = world_play("broker mosq 10.0.0.5:1883\nhost device 10.0.0.9\n" COME(""));
	World *own = world_play("broker mosq 10.0.0.5:1883\nhost device 10.0.0.5\n" COME(""));

	assert_int_equal(vantage_infer(many->model), VANTAGE_BROKER);
	assert_int_equal(vantage_infer(one->model), VANTAGE_CLIENT);
	assert_int_equal(vantage_infer(own->model), VANTAGE_BROKER);
	assert_string_equal(vantage_name(VANTAGE_TAP), "tap");
	world_free(many);
	world_free(one);
	world_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_never_was_kept_is_a_loss_with_its_time_of_death),
		cmocka_unit_test(every_cause_that_was_sufficient_is_named),
		cmocka_unit_test(healthy_clients_have_no_findings),
		cmocka_unit_test(what_will_be_lost_is_a_risk),
		cmocka_unit_test(a_session_present_after_clean_start_is_a_brokers_fault),
		cmocka_unit_test(clients_without_identifier_cannot_come_back),
		cmocka_unit_test(without_subscriptions_nothing_was_lost),
		cmocka_unit_test(an_unexplained_loss_accuses_nobody),
		cmocka_unit_test(dropped_packets_could_hold_a_twin),
		cmocka_unit_test(dropped_packets_leave_nothing_proven_by_the_connection_before),
		cmocka_unit_test(dropped_packets_leave_a_clean_start_proven),
		cmocka_unit_test(forgotten_connections_leave_what_the_connection_before_proves),
		cmocka_unit_test(beside_the_client_a_twin_is_never_excluded),
		cmocka_unit_test(a_hole_leaves_the_cause_unknown),
		cmocka_unit_test(an_end_that_was_not_seen_leaves_the_cause_unknown),
		cmocka_unit_test(another_broker_that_knows_the_client_may_have_its_session),
		cmocka_unit_test(a_hole_makes_expiry_strong_at_most),
		cmocka_unit_test(another_host_with_other_settings_is_not_blamed_for_certain),
		cmocka_unit_test(at_the_edge_nobody_is_responsible),
		cmocka_unit_test(the_most_severe_comes_first),
		cmocka_unit_test(a_diagnosis_is_the_same_each_time),
		cmocka_unit_test(where_the_capture_was_taken_is_inferred_from_the_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
