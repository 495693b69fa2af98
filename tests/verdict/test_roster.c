/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/lifeline.h"
#include "tests/session/world.h"
#include "tests/support/scenario.h"

#define COME(expiry) "0 device > mosq CONNECT v5 client=pump clean_start=0" expiry " => CONNACK\n"
#define SUBSCRIBES "0.1 device SUBSCRIBE plant/+/temp qos=1\n"
#define LEAVE "5 device DISCONNECT ; FIN\n"
#define FRESH "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define RESUME "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 " \
	       "=> CONNACK session_present=1\n"
#define LOST "10 gw PUBLISH plant/3/temp \"a\" qos=1\n"
#define TOLD_GONE \
	"20 gw PUBLISH plant/3/temp \"a\" qos=1 ack=0x10\n" \
	"21 gw PUBLISH plant/3/temp \"b\" qos=1 ack=0x10\n"

static const DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER};

/* A story with its verdict and roster. */
typedef struct Told {
	World *world;
	Verdict *verdict;
	Roster *roster;
	Lifeline *line; /* of the pump */
	ClientIndex pump;
} Told;

static Instant second(double seconds)
{
	return (Instant){SCENARIO_BEGIN + (int64_t)(seconds * 1e9)};
}

static Told tell(const char *story, double now)
{
	Told told = {.world = world_play(story)};
	told.verdict = diagnose(told.world->model, &broker_side);
	told.roster = roster_new(told.world->model, told.verdict, second(now));
	told.pump = world_client(told.world, "pump");
	told.line = lifeline_new(told.world->model, told.verdict->findings, told.roster, told.pump);
	return told;
}

static void forget(Told *told)
{
	lifeline_free(told->line);
	roster_free(told->roster);
	verdict_free(told->verdict);
	world_free(told->world);
}

static const RosterRow *row_of(const Told *told)
{
	return &told->roster->rows[told->pump];
}

/* The state of the pump at @now, after @story. */
static ClientState state_of(const char *story, double now)
{
	Told told = tell(story, now);
	ClientState state = (ClientState)row_of(&told)->state;
	assert_int_equal(told.roster->by_state[state] > 0, 1);
	forget(&told);
	return state;
}

/* --- where it stands ---------------------------------------------------------------------------- */

static void who_is_connected_is_online_since_its_connack(void **state)
{
	(void)state;
	Told told = tell(CAST COME(" expiry=300") SUBSCRIBES, 9);

	assert_int_equal(row_of(&told)->state, CLIENT_ONLINE);
	assert_true(row_of(&told)->since.ns == world_connection(told.world, "pump", 1)->connack_time.ns);
	assert_false(instant_known(row_of(&told)->deadline));
	assert_int_equal(row_of(&told)->version, MQTT_5_0);
	assert_int_equal(told.roster->by_state[CLIENT_ONLINE], 2);
	forget(&told);
}

static void a_session_is_kept_until_its_interval_has_passed(void **state)
{
	(void)state;
	const char *story = CAST COME(" expiry=300") SUBSCRIBES LEAVE;
	Told told = tell(story, 100);
	Instant closed = world_connection(told.world, "pump", 1)->closed;

	assert_int_equal(row_of(&told)->state, CLIENT_AWAY_KEPT);
	assert_true(row_of(&told)->since.ns == closed.ns);
	assert_true(row_of(&told)->deadline.ns == closed.ns + 300 * NS_PER_SECOND);
	assert_false(row_of(&told)->never);
	forget(&told);
	assert_int_equal(state_of(story, 304.9), CLIENT_AWAY_KEPT);
	assert_int_equal(state_of(story, 305.1), CLIENT_AWAY_GONE);
}

static void without_an_interval_it_is_gone_at_once_and_with_never_it_stays(void **state)
{
	(void)state;
	assert_int_equal(state_of(CAST COME("") SUBSCRIBES LEAVE, 6), CLIENT_AWAY_GONE);
	assert_int_equal(state_of(CAST COME(" expiry=0") SUBSCRIBES LEAVE, 6), CLIENT_AWAY_GONE);
	Told told = tell(CAST COME(" expiry=never") SUBSCRIBES LEAVE, 1e6);
	assert_int_equal(row_of(&told)->state, CLIENT_AWAY_KEPT);
	assert_true(row_of(&told)->never);
	assert_false(instant_known(row_of(&told)->deadline));
	forget(&told);
	/* MQTT 3.1.1 keeps what Clean Session 0 left, for ever (3.1.1 [MQTT-3.1.2-4]). */
	assert_int_equal(state_of(CAST "0 device > mosq CONNECT v3.1.1 client=pump clean_session=0 => CONNACK\n"
	                          LEAVE, 1e6), CLIENT_AWAY_KEPT);
	assert_int_equal(state_of(CAST "0 device > mosq CONNECT v3.1.1 client=pump clean_session=1 => CONNACK\n"
	                          LEAVE, 6), CLIENT_AWAY_GONE);
}

static void what_publishers_said_is_gone_is_gone_whatever_its_interval(void **state)
{
	(void)state;
	assert_int_equal(state_of(CAST COME(" expiry=300") SUBSCRIBES LEAVE TOLD_GONE, 100),
	                 CLIENT_AWAY_GONE);
}

static void how_it_connected_not_seen_is_not_known(void **state)
{
	(void)state;
	/* Its CONNACK could have named another interval (5.0 §3.2.2.3.2): a later CONNECT was not answered. */
	assert_int_equal(state_of(CAST COME(" expiry=300") SUBSCRIBES LEAVE
	                          "60 device > mosq CONNECT v5 client=pump clean_start=1\n"
	                          "61 device FIN\n", 70), CLIENT_AWAY_UNKNOWN);
}

static void who_was_never_accepted_is_refused_and_who_was_before_is_not(void **state)
{
	(void)state;
	assert_int_equal(state_of(CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 "
	                          "=> CONNACK reason=0x87\n", 9), CLIENT_REFUSED);
	assert_int_equal(state_of(CAST COME(" expiry=300") SUBSCRIBES LEAVE
	                          "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                          "=> CONNACK reason=0x87\n", 70), CLIENT_AWAY_KEPT);
}

/* --- what befell it ----------------------------------------------------------------------------- */

static void the_row_counts_returns_losses_and_messages(void **state)
{
	(void)state;
	Told told = tell(CAST COME(" expiry=300") SUBSCRIBES LEAVE RESUME
	                 "65 device DISCONNECT expiry=0 ; FIN\n"
	                 "70 gw PUBLISH plant/3/temp \"a\" qos=1\n"
	                 "80 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n", 90);
	const RosterRow *row = row_of(&told);
	const Finding *finding = &g_array_index(told.verdict->findings, Finding, row->finding);

	assert_int_equal(row->n_connections, 3);
	assert_int_equal(row->n_reconnects, 2);
	assert_int_equal(row->n_resumed, 1);
	assert_int_equal(row->n_lapses, 1);
	assert_int_equal(row->severity, SEVERITY_LOSS);
	assert_int_equal(row->cause, CAUSE_DISCONNECT_EXPIRY_ZERO);
	assert_int_equal(row->responsible, RESPONSIBLE_CLIENT_CONFIG);
	assert_int_equal(finding->client, told.pump);
	assert_int_equal(row->lost.min, 1);
	assert_int_equal(row->lost.max, 1);
	assert_false(row->lost_unknown);
	forget(&told);
}

static void who_has_no_finding_has_no_cause(void **state)
{
	(void)state;
	Told told = tell(CAST COME(" expiry=300") SUBSCRIBES LEAVE RESUME, 90);

	assert_int_equal(row_of(&told)->cause, CAUSE_NONE);
	assert_int_equal(row_of(&told)->severity, SEVERITY_N);
	assert_int_equal(row_of(&told)->responsible, RESPONSIBLE_N);
	assert_int_equal(row_of(&told)->finding, UINT32_MAX);
	forget(&told);
}

static void the_last_loss_names_the_cause_and_findings_stand_in_time_order(void **state)
{
	(void)state;
	Told told = tell(CAST COME("") SUBSCRIBES LEAVE LOST FRESH
	                 "61 device SUBSCRIBE plant/+/temp qos=1\n"
	                 "65 device DISCONNECT expiry=0 ; FIN\n"
	                 "80 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n"
	                 "81 device SUBSCRIBE plant/+/temp qos=1\n", 90);
	const Roster *roster = told.roster;
	uint32_t begin = roster->first[told.pump], end = roster->first[told.pump + 1];

	/* two losses, and what the last connection will lose */
	assert_int_equal(end - begin, 3);
	assert_int_equal(row_of(&told)->n_findings, 3);
	assert_int_equal(row_of(&told)->cause, CAUSE_DISCONNECT_EXPIRY_ZERO);
	for (uint32_t i = begin; i + 1 < end; i++) {
		const Finding *a = &g_array_index(told.verdict->findings, Finding, roster->by_client[i]);
		const Finding *b = &g_array_index(told.verdict->findings, Finding, roster->by_client[i + 1]);
		assert_true(finding_showed(told.world->model, a).ns <= finding_showed(told.world->model, b).ns);
	}
	forget(&told);
}

/* --- lifelines ---------------------------------------------------------------------------------- */

typedef struct Expected {
	double from, to;
	LifeKind kind;
} Expected;

#define LIVES(story, now, ...) \
	assert_lives(story, now, (Expected[]){__VA_ARGS__}, \
	             G_N_ELEMENTS(((Expected[]){__VA_ARGS__})))

/* Answers and closes come 1 ms later and more: a hundredth of a second either way. */
static void assert_near(Instant moment, double seconds, const char *story)
{
	if (ABS(moment.ns - second(seconds).ns) > 20 * NS_PER_SECOND / 1000)
		fail_msg("%.3f s, not %.3f s, in %s", (double)(moment.ns - SCENARIO_BEGIN) / 1e9, seconds, story);
}

static void assert_lives(const char *story, double now, const Expected *expected, size_t n)
{
	Told told = tell(story, now);
	for (uint32_t i = 0; i < MIN(n, told.line->n_spans); i++) {
		const LifeSpan *span = &told.line->spans[i];
		assert_near(span->from, expected[i].from, story);
		assert_near(span->to, expected[i].to, story);
		if (span->kind != expected[i].kind)
			fail_msg("span %u is of kind %u, not %u, in %s", i, span->kind, expected[i].kind, story);
	}
	if (told.line->n_spans != n)
		fail_msg("%u spans, not %zu, in %s", told.line->n_spans, n, story);
	forget(&told);
}

static void a_resumed_session_was_kept_all_the_time(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE RESUME, 90,
	      {0, 5, LIFE_ONLINE}, {5, 60, LIFE_KEPT}, {60, 90, LIFE_ONLINE});
	/* even beyond its interval: the broker kept it longer */
	LIVES(CAST COME(" expiry=20") SUBSCRIBES LEAVE RESUME, 90,
	      {0, 5, LIFE_ONLINE}, {5, 60, LIFE_KEPT}, {60, 90, LIFE_ONLINE});
}

static void one_without_an_interval_is_gone_when_the_connection_closes(void **state)
{
	(void)state;
	LIVES(CAST COME("") SUBSCRIBES LEAVE LOST FRESH, 90,
	      {0, 5, LIFE_ONLINE}, {5, 60, LIFE_GONE}, {60, 90, LIFE_ONLINE});
}

static void one_that_expired_is_gone_from_its_deadline_on(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=20") SUBSCRIBES LEAVE LOST FRESH, 90,
	      {0, 5, LIFE_ONLINE}, {5, 25, LIFE_KEPT}, {25, 60, LIFE_GONE}, {60, 90, LIFE_ONLINE});
}

static void one_that_should_have_lived_died_nobody_knows_when(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE LOST FRESH, 90,
	      {0, 5, LIFE_ONLINE}, {5, 60, LIFE_UNKNOWN}, {60, 90, LIFE_ONLINE});
}

static void one_that_a_witness_saw_dead_is_gone_from_then_on(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE TOLD_GONE FRESH, 90,
	      {0, 5, LIFE_ONLINE}, {5, 20, LIFE_UNKNOWN}, {20, 60, LIFE_GONE}, {60, 90, LIFE_ONLINE});
	/* and that before it is back */
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE TOLD_GONE, 90,
	      {0, 5, LIFE_ONLINE}, {5, 20, LIFE_UNKNOWN}, {20, 90, LIFE_GONE});
}

static void one_that_a_clean_start_ended_lived_until_then(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE LOST
	      "60 device > mosq CONNECT v5 client=pump clean_start=1 expiry=300 => CONNACK\n", 90,
	      {0, 5, LIFE_ONLINE}, {5, 60, LIFE_KEPT}, {60, 90, LIFE_ONLINE});
}

static void a_refused_attempt_changes_nothing(void **state)
{
	(void)state;
	LIVES(CAST COME(" expiry=300") SUBSCRIBES LEAVE
	      "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK reason=0x87\n", 90,
	      {0, 5, LIFE_ONLINE}, {5, 90, LIFE_KEPT});
}

static void a_twin_cuts_the_connection_before_it_short(void **state)
{
	(void)state;
	Told told = tell(CAST COME(" expiry=300") SUBSCRIBES
	                 "20 twin > mosq CONNECT v5 client=pump clean_start=0 expiry=300 "
	                 "=> CONNACK session_present=1\n"
	                 "30 device FIN\n", 90);

	assert_int_equal(told.line->n_spans, 2);
	assert_near(told.line->spans[0].to, 20, "twin");
	assert_int_equal(told.line->spans[1].connection, world_index(told.world, "pump", 2));
	assert_near(told.line->spans[1].to, 90, "twin");
	forget(&told);
}

static void the_spans_have_no_holes_and_each_finding_its_mark(void **state)
{
	(void)state;
	Told told = tell(CAST COME("") SUBSCRIBES LEAVE LOST FRESH
	                 "65 device DISCONNECT expiry=0 ; FIN\n"
	                 "80 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n", 90);

	for (uint32_t i = 0; i + 1 < told.line->n_spans; i++)
		assert_true(told.line->spans[i].to.ns == told.line->spans[i + 1].from.ns);
	assert_int_equal(told.line->n_marks, row_of(&told)->n_findings);
	assert_true(told.line->n_marks > 0);
	assert_near(told.line->marks[0].at, 60, "marks");
	forget(&told);
}

static void a_column_shows_what_was_most_of_its_time_and_what_showed_in_it(void **state)
{
	(void)state;
	Told told = tell(CAST COME("") SUBSCRIBES LEAVE LOST FRESH, 90);
	uint32_t finding;

	assert_int_equal(lifeline_at(told.line, second(-20), second(-10), &finding), -1);
	assert_int_equal(lifeline_at(told.line, second(-20), second(1), &finding), LIFE_ONLINE);
	assert_int_equal(lifeline_at(told.line, second(0), second(9), &finding), LIFE_ONLINE);
	assert_int_equal(lifeline_at(told.line, second(0), second(11), &finding), LIFE_GONE);
	assert_int_equal(finding, UINT32_MAX);
	assert_int_equal(lifeline_at(told.line, second(59), second(70), &finding), LIFE_ONLINE);
	assert_int_equal(finding, row_of(&told)->finding);
	assert_int_equal(lifeline_at(told.line, second(100), second(110), &finding), -1);
	assert_int_equal(lifeline_at(told.line, second(30), second(30), &finding), -1);
	forget(&told);
}

static void a_client_younger_than_the_roster_has_an_empty_line(void **state)
{
	(void)state;
	Told told = tell(CAST COME("") SUBSCRIBES, 9);
	uint32_t finding;
	g_autoptr(Lifeline) line = lifeline_new(told.world->model, told.verdict->findings, told.roster,
	                                        told.roster->n_rows);

	assert_int_equal(line->n_spans, 0);
	assert_int_equal(lifeline_at(line, second(0), second(9), &finding), -1);
	forget(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_connected_is_online_since_its_connack),
		cmocka_unit_test(a_session_is_kept_until_its_interval_has_passed),
		cmocka_unit_test(without_an_interval_it_is_gone_at_once_and_with_never_it_stays),
		cmocka_unit_test(what_publishers_said_is_gone_is_gone_whatever_its_interval),
		cmocka_unit_test(how_it_connected_not_seen_is_not_known),
		cmocka_unit_test(who_was_never_accepted_is_refused_and_who_was_before_is_not),
		cmocka_unit_test(the_row_counts_returns_losses_and_messages),
		cmocka_unit_test(who_has_no_finding_has_no_cause),
		cmocka_unit_test(the_last_loss_names_the_cause_and_findings_stand_in_time_order),
		cmocka_unit_test(a_resumed_session_was_kept_all_the_time),
		cmocka_unit_test(one_without_an_interval_is_gone_when_the_connection_closes),
		cmocka_unit_test(one_that_expired_is_gone_from_its_deadline_on),
		cmocka_unit_test(one_that_should_have_lived_died_nobody_knows_when),
		cmocka_unit_test(one_that_a_witness_saw_dead_is_gone_from_then_on),
		cmocka_unit_test(one_that_a_clean_start_ended_lived_until_then),
		cmocka_unit_test(a_refused_attempt_changes_nothing),
		cmocka_unit_test(a_twin_cuts_the_connection_before_it_short),
		cmocka_unit_test(the_spans_have_no_holes_and_each_finding_its_mark),
		cmocka_unit_test(a_column_shows_what_was_most_of_its_time_and_what_showed_in_it),
		cmocka_unit_test(a_client_younger_than_the_roster_has_an_empty_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
