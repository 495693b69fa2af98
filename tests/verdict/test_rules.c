/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/session/model_private.h"
#include "src/session/registry.h"
#include "src/verdict/rules.h"

#define V5 .version = MQTT_5_0
#define V4 .version = MQTT_3_1_1
#define V3 .version = MQTT_3_1
#define CLEAN .clean = true
#define RESUMED .resumed = true
#define IS(n) {true, n}
#define NEVER 0xFFFFFFFFu

enum { MOST_CONNECTIONS = 3, MOST_CAUSES = 4, DEVICE = 9, TWIN = 8 };

/* One connection of the client, accepted and closed; each begins 1000 s after the one before and
 * lasts 100 s, so that every absence is 900 s long. */
typedef struct Spec {
	uint8_t version; /* 0: no more connections */
	bool clean;
	OptionalU32 connect, connack, disconnect;
	bool resumed;
	uint8_t host; /* 0: DEVICE */
} Spec;

typedef struct Case {
	const char *what;
	Spec connections[MOST_CONNECTIONS];
	uint8_t causes[MOST_CAUSES]; /* those that the last one meets, in order */
} Case;

static ConnectionIndex add(Model *model, ClientIndex client, const Spec *spec, int i)
{
	ConnectionIndex index = model_add_connection(model);
	model_attach(model, index, client);
	Connection *connection = connection_at(model, index);
	connection->broker = 0;
	connection->source.address.octets[15] = spec->host != 0 ? spec->host : DEVICE;
	connection->version = spec->version;
	connection->syn_seen = connection->connect_seen = connection->connack_seen = true;
	connection->clean_start = spec->clean;
	connection->expiry_connect = spec->connect;
	connection->expiry_connack = spec->connack;
	connection->expiry_disconnect = spec->disconnect;
	connection->connect_time = (Instant){i * 1000 * NS_PER_SECOND};
	connection->connack_time = connection->connect_time;
	connection->closed = (Instant){(i * 1000 + 100) * NS_PER_SECOND};
	connection->last_from_client = connection->closed;
	connection->outcome = spec->resumed ? OUTCOME_RESUMED
	                      : spec->clean ? OUTCOME_FRESH_AS_REQUESTED
	                      : i == 0      ? OUTCOME_FIRST_SEEN
	                                    : OUTCOME_FRESH_UNEXPECTED;
	connection->had_subscriptions = true;
	connection->accepted_before = connection->previous;
	return index;
}

typedef struct Scene {
	Model *model;
	DiagnoseOptions options;
	Reconnect view; /* of the last connection */
} Scene;

static void scene_begin(Scene *scene, const Spec *specs)
{
	*scene = (Scene){.model = model_new()};
	Endpoint broker = {.port = 1883};
	model_add_broker(scene->model, &broker);
	ClientIndex client = model_add_client(scene->model, 0,
	                                      (ByteSpan){(const uint8_t *)"pump", 4});
	ConnectionIndex last = NO_INDEX;
	for (int i = 0; i < MOST_CONNECTIONS && specs[i].version != 0; i++)
		last = add(scene->model, client, &specs[i], i);
	assert_true(reconnect_view(scene->model, &scene->options, last, &scene->view));
}

static Ruling judge(const Scene *scene, CauseId cause)
{
	size_t n;
	const Rule *rules = rules_of_lost_session(&n);
	for (size_t i = 0; i < n; i++)
		if (rules[i].cause == cause)
			return rules[i].judge(&scene->view);
	fail_msg("no rule for %s", cause_name(cause));
	return (Ruling){0};
}

static const Case cases[] = {
	/* C01 */
	{"no interval at all", {{V5}, {V5}}, {CAUSE_EXPIRY_ABSENT}},
	{"Clean Start keeps nothing either", {{V5, CLEAN}, {V5}}, {CAUSE_EXPIRY_ABSENT}},
	{"the broker says 0 to it in its CONNACK, as some always do",
	 {{V5, .connack = IS(0)}, {V5}}, {CAUSE_EXPIRY_ABSENT}},
	{"and DISCONNECT says 0 too", {{V5, .disconnect = IS(0)}, {V5}}, {CAUSE_EXPIRY_ABSENT}},
	{"CONNACK raised it", {{V5, .connack = IS(9000)}, {V5}}, {0}},
	{"an interval that lasts", {{V5, .connect = IS(9000)}, {V5}}, {0}},
	{"for ever", {{V5, .connect = IS(NEVER)}, {V5}}, {0}},
	/* C02 */
	{"0 on purpose", {{V5, .connect = IS(0)}, {V5}}, {CAUSE_EXPIRY_ZERO}},
	{"0 on purpose, CONNACK agrees",
	 {{V5, .connect = IS(0), .connack = IS(0)}, {V5}}, {CAUSE_EXPIRY_ZERO}},
	{"0 on purpose, and again at the end", {{V5, .connect = IS(0), .disconnect = IS(0)}, {V5}},
	 {CAUSE_EXPIRY_ZERO}},
	{"CONNACK raised the 0", {{V5, .connect = IS(0), .connack = IS(9000)}, {V5}}, {0}},
	/* C03, C04 */
	{"Clean Start against a session that lived", {{V5, .connect = IS(9000)}, {V5, CLEAN}},
	 {CAUSE_CLEAN_START}},
	{"the same in 3.1.1", {{V4}, {V4, CLEAN}}, {CAUSE_CLEAN_START}},
	{"neither kept nor asked for",
	 {{V5}, {V5, CLEAN}}, {CAUSE_EXPIRY_ABSENT, CAUSE_CLEAN_START}},
	{"first clean, then not, then clean again",
	 {{V5, CLEAN, .connect = IS(9000)}, {V5, .connect = IS(9000), RESUMED},
	  {V5, CLEAN, .connect = IS(9000)}},
	 {CAUSE_CLEAN_START_PER_PROCESS, CAUSE_CLEAN_START}},
	{"clean each time",
	 {{V5, CLEAN, .connect = IS(9000)}, {V5, CLEAN, .connect = IS(9000)},
	  {V5, CLEAN, .connect = IS(9000)}},
	 {CAUSE_CLEAN_START}},
	{"clean only now",
	 {{V5, .connect = IS(9000)}, {V5, .connect = IS(9000), RESUMED},
	  {V5, CLEAN, .connect = IS(9000)}},
	 {CAUSE_CLEAN_START}},
	/* C05 */
	{"the goodbye cancelled it", {{V5, .connect = IS(9000), .disconnect = IS(0)}, {V5}},
	 {CAUSE_DISCONNECT_EXPIRY_ZERO}},
	{"the goodbye cancelled what CONNACK gave",
	 {{V5, .connack = IS(9000), .disconnect = IS(0)}, {V5}},
	 {CAUSE_DISCONNECT_EXPIRY_ZERO}},
	{"the goodbye lengthened it", {{V5, .connect = IS(60), .disconnect = IS(9000)}, {V5}}, {0}},
	{"the goodbye shortened it below the absence",
	 {{V5, .connect = IS(9000), .disconnect = IS(60)}, {V5}},
	 {CAUSE_EXPIRED}},
	/* C06 */
	{"too late, from nothing", {{V5, .disconnect = IS(300)}, {V5}},
	 {CAUSE_DISCONNECT_EXPIRY_INVALID, CAUSE_EXPIRY_ABSENT}},
	{"too late, from 0", {{V5, .connect = IS(0), .disconnect = IS(300)}, {V5}},
	 {CAUSE_DISCONNECT_EXPIRY_INVALID, CAUSE_EXPIRY_ZERO}},
	{"CONNACK lowered to 0, then raised: nobody knows",
	 {{V5, .connect = IS(300), .connack = IS(0), .disconnect = IS(300)}, {V5}}, {0}},
	{"CONNACK raised from 0, then more: nobody knows",
	 {{V5, .connack = IS(300), .disconnect = IS(400)}, {V5}}, {0}},
	/* C07 */
	{"left out by the one between", {{V5, .connect = IS(9000)}, {V5, RESUMED}, {V5}},
	 {CAUSE_EXPIRY_DROPPED, CAUSE_EXPIRY_ABSENT}},
	{"left out, and CONNACK says 0 to it",
	 {{V5, .connect = IS(9000)}, {V5, .connack = IS(0), RESUMED}, {V5}},
	 {CAUSE_EXPIRY_DROPPED, CAUSE_EXPIRY_ABSENT}},
	{"left out, but the one between was no resumption", {{V5, .connect = IS(9000)}, {V5}, {V5}},
	 {CAUSE_EXPIRY_ABSENT}},
	{"the one between was resumed by luck alone", {{V5}, {V5, RESUMED}, {V5}},
	 {CAUSE_EXPIRY_ABSENT}},
	{"the one between said 0",
	 {{V5, .connect = IS(9000)}, {V5, .connect = IS(0), RESUMED}, {V5}},
	 {CAUSE_EXPIRY_ZERO}},
	/* C08 */
	{"made by 3.1.1, converted by 5.0", {{V4}, {V5, RESUMED}, {V5}},
	 {CAUSE_VERSION_SWITCH, CAUSE_EXPIRY_ABSENT}},
	{"made by 3.1", {{V3}, {V5, RESUMED}, {V5}},
	 {CAUSE_VERSION_SWITCH, CAUSE_EXPIRY_ABSENT}},
	{"Clean Session 1 made nothing to convert", {{V4, CLEAN}, {V5, RESUMED}, {V5}},
	 {CAUSE_EXPIRY_ABSENT}},
	{"5.0 found nothing of it", {{V4}, {V5}, {V5}}, {CAUSE_EXPIRY_ABSENT}},
	{"5.0 asked to keep it", {{V4}, {V5, .connect = IS(9000), RESUMED}, {V5}}, {0}},
	/* C09, C13 */
	{"away longer than asked", {{V5, .connect = IS(300)}, {V5}}, {CAUSE_EXPIRED}},
	{"away longer than given",
	 {{V5, .connect = IS(9000), .connack = IS(300)}, {V5}}, {CAUSE_EXPIRY_SHORTENED}},
	{"longer than given and longer than asked",
	 {{V5, .connect = IS(600), .connack = IS(300)}, {V5}},
	 {CAUSE_EXPIRY_SHORTENED, CAUSE_EXPIRED}},
	{"shortened, but not so much", {{V5, .connect = IS(9000), .connack = IS(3600)}, {V5}}, {0}},
	{"never, shortened",
	 {{V5, .connect = IS(NEVER), .connack = IS(300)}, {V5}}, {CAUSE_EXPIRY_SHORTENED}},
	{"shortened to nothing",
	 {{V5, .connect = IS(9000), .connack = IS(0)}, {V5}}, {CAUSE_EXPIRY_SHORTENED}},
	{"CONNACK repeats the interval",
	 {{V5, .connect = IS(300), .connack = IS(300)}, {V5}}, {CAUSE_EXPIRED}},
	{"CONNACK lengthened it enough", {{V5, .connect = IS(60), .connack = IS(9000)}, {V5}}, {0}},
	/* 3.x */
	{"Clean Session 1 before", {{V4, CLEAN}, {V4}}, {CAUSE_CLEAN_SESSION_BEFORE}},
	{"Clean Session 1 before a 5.0 client", {{V4, CLEAN}, {V5}}, {CAUSE_CLEAN_SESSION_BEFORE}},
	{"Clean Session 0 is for ever", {{V4}, {V4}}, {0}},
	{"Clean Session 1 on both", {{V4, CLEAN}, {V4, CLEAN}}, {CAUSE_CLEAN_START}},
	/* C36 */
	{"a twin that leaves nothing",
	 {{V5, .connect = IS(9000)}, {V5, CLEAN, .host = TWIN}, {V5, .connect = IS(9000)}},
	 {CAUSE_CLIENT_ID_TAKEOVER, CAUSE_EXPIRY_ABSENT}},
	{"a twin that orders it away",
	 {{V5, .connect = IS(600), .host = TWIN}, {V5, .connect = IS(9000)},
	  {V5, CLEAN, .connect = IS(600), .host = TWIN}},
	 {CAUSE_CLIENT_ID_TAKEOVER, CAUSE_CLEAN_START}},
	{"a twin that keeps it",
	 {{V5, .connect = IS(9000)}, {V5, .connect = IS(7000), .host = TWIN},
	  {V5, .connect = IS(9000)}},
	 {0}},
	{"the same settings elsewhere: a device that moved", {{V5}, {V5, .host = TWIN}, {V5}},
	 {CAUSE_EXPIRY_ABSENT}},
};

static void each_rule_strikes_where_it_should_and_nowhere_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Scene scene;
		scene_begin(&scene, cases[i].connections);
		size_t n_rules, n = 0;
		const Rule *rules = rules_of_lost_session(&n_rules);

		for (size_t k = 0; k < n_rules; k++) {
			if (!rules[k].judge(&scene.view).applies)
				continue;
			CauseId wanted = n < MOST_CAUSES ? cases[i].causes[n] : CAUSE_NONE;
			if (wanted != rules[k].cause)
				fail_msg("%s: %s, expected %s", cases[i].what,
				         cause_name(rules[k].cause), cause_name(wanted));
			n++;
		}

		if (n < MOST_CAUSES && cases[i].causes[n] != CAUSE_NONE)
			fail_msg("%s: not %s", cases[i].what, cause_name(cases[i].causes[n]));
		model_free(scene.model);
	}
}

/* What the capture did not show is unknown: only what the CONNECT itself says is left. */
static void unknown_facts_accuse_nobody(void **state)
{
	(void)state;
	static const Spec specs[][MOST_CONNECTIONS] = {
		{{V5}, {V5}},
		{{V5, .connect = IS(0)}, {V5}},
		{{V5, .connect = IS(300)}, {V5}},
		{{V5, .connect = IS(9000), .connack = IS(300)}, {V5}},
		{{V5, .connect = IS(300), .disconnect = IS(0)}, {V5}},
		{{V5, .disconnect = IS(300)}, {V5}},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
		for (int what = 0; what < 2; what++) {
			Scene scene;
			scene_begin(&scene, specs[i]);
			Connection *before = connection_at(scene.model, 0);
			if (what == 0)
				before->connect_seen = false;
			else
				before->connack_seen = false;
			reconnect_view(scene.model, &scene.options, 1, &scene.view);
			size_t n_rules;
			const Rule *rules = rules_of_lost_session(&n_rules);
			for (size_t k = 0; k < n_rules; k++)
				if (rules[k].judge(&scene.view).applies)
					fail_msg("case %zu: %s", i, cause_name(rules[k].cause));
			model_free(scene.model);
		}
	}
}

static void without_the_end_time_is_no_cause(void **state)
{
	(void)state;
	const Spec specs[MOST_CONNECTIONS] = {{V5, .connect = IS(300)}, {V5}};
	Scene scene;
	scene_begin(&scene, specs);
	connection_at(scene.model, 0)->closed = INSTANT_UNKNOWN;
	reconnect_view(scene.model, &scene.options, 1, &scene.view);

	assert_false(judge(&scene, CAUSE_EXPIRED).applies);
	assert_true(judge(&scene, CAUSE_EXPIRED).other == NO_INDEX);
	model_free(scene.model);
}

/* --- time, G7 ----------------------------------------------------------------------------- */

static Ruling away_for(uint32_t interval, int64_t ms, const Absence *cost)
{
	const Spec specs[MOST_CONNECTIONS] = {{V5, .connect = {true, interval}}, {V5}};
	Scene scene;
	scene_begin(&scene, specs);
	Instant closed = connection_at(scene.model, 0)->closed;
	connection_at(scene.model, 1)->connect_time = (Instant){closed.ns + ms * 1000000};
	reconnect_view(scene.model, &scene.options, 1, &scene.view);
	scene.view.cost = cost;
	Ruling ruling = judge(&scene, CAUSE_EXPIRED);
	model_free(scene.model);
	return ruling;
}

static void the_grace_is_five_seconds_or_a_tenth(void **state)
{
	(void)state;
	assert_true(reconnect_grace_ns(1) == 5 * NS_PER_SECOND);
	assert_true(reconnect_grace_ns(50) == 5 * NS_PER_SECOND);
	assert_true(reconnect_grace_ns(60) == 6 * NS_PER_SECOND);
	assert_true(reconnect_grace_ns(86400) == 8640 * NS_PER_SECOND);
	assert_true(reconnect_grace_ns(0xFFFFFFFE) == INT64_C(429496729400000000));
}

static void around_the_deadline_expiry_is_not_proven(void **state)
{
	(void)state;
	static const struct {
		uint32_t interval;
		int64_t ms;
		bool applies, proven;
	} times[] = {
		{60, 53999, false, false}, {60, 54000, true, false}, {60, 60400, true, false},
		{60, 66000, true, false},  {60, 66001, true, true},  {10, 4999, false, false},
		{10, 5000, true, false},   {10, 15000, true, false}, {10, 15001, true, true},
		{1000, 899999, false, false}, {1000, 900000, true, false},
		{1000, 1100000, true, false}, {1000, 1100001, true, true},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
		Ruling ruling = away_for(times[i].interval, times[i].ms, NULL);
		if (ruling.applies != times[i].applies ||
		    (ruling.applies && (ruling.confidence == CONFIDENCE_PROVEN) != times[i].proven))
			fail_msg("%u s, away %" G_GINT64_FORMAT " ms", times[i].interval,
			         times[i].ms);
	}
}

static void before_the_deadline_and_just_behind_it_nobody_is_to_blame(void **state)
{
	(void)state;
	assert_true(away_for(60, 54000, NULL).at_the_edge);
	assert_true(away_for(60, 60400, NULL).at_the_edge);
	assert_false(away_for(60, 66001, NULL).at_the_edge);
}

static void a_session_dead_long_before_its_deadline_did_not_expire(void **state)
{
	(void)state;
	/* It was closed at 100 s; a publisher heard 0x10 20 s later, and 60 s later. */
	Absence early = {.no_matching = {120 * NS_PER_SECOND}, .n_no_matching = 2};
	Absence late = {.no_matching = {160 * NS_PER_SECOND}, .n_no_matching = 2};
	/* One such answer alone, or answers that contradict each other, do not overrule the interval. */
	Absence once = {.no_matching = {120 * NS_PER_SECOND}, .n_no_matching = 1};
	Absence mixed = {.no_matching = {120 * NS_PER_SECOND}, .n_no_matching = 2, .n_matching = 1};
	Absence never = {.no_matching = INSTANT_UNKNOWN};

	assert_false(away_for(60, 200000, &early).applies);
	assert_true(away_for(60, 200000, &late).applies);
	assert_true(away_for(60, 200000, &never).applies);
	assert_true(away_for(60, 200000, &once).applies);
	assert_true(away_for(60, 200000, &mixed).applies);
}

static void the_largest_interval_that_ends_does_not_overflow(void **state)
{
	(void)state;
	assert_false(away_for(0xFFFFFFFE, 200000, NULL).applies);
	assert_false(away_for(NEVER, INT64_C(9000000000) * 1000 / 1000, NULL).applies);
}

/* --- who did it --------------------------------------------------------------------------- */

static void a_ruling_names_the_connection_that_did_it(void **state)
{
	(void)state;
	const Spec dropped[MOST_CONNECTIONS] = {{V5, .connect = IS(9000)}, {V5, RESUMED}, {V5}};
	const Spec left[MOST_CONNECTIONS] = {
		{V5, .connect = IS(9000)}, {V5, CLEAN, .host = TWIN}, {V5, .connect = IS(9000)}};
	const Spec wiped[MOST_CONNECTIONS] = {
		{V5, .connect = IS(600), .host = TWIN}, {V5, .connect = IS(9000)},
		{V5, CLEAN, .connect = IS(600), .host = TWIN}};
	Scene a, b, c;
	scene_begin(&a, dropped);
	scene_begin(&b, left);
	scene_begin(&c, wiped);

	assert_int_equal(judge(&a, CAUSE_EXPIRY_DROPPED).other, 1);
	assert_int_equal(judge(&b, CAUSE_CLIENT_ID_TAKEOVER).other, 1);
	assert_int_equal(judge(&c, CAUSE_CLIENT_ID_TAKEOVER).other, 2);
	assert_int_equal(judge(&a, CAUSE_EXPIRY_ABSENT).other, NO_INDEX);
	model_free(a.model);
	model_free(b.model);
	model_free(c.model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_strikes_where_it_should_and_nowhere_else),
		cmocka_unit_test(unknown_facts_accuse_nobody),
		cmocka_unit_test(without_the_end_time_is_no_cause),
		cmocka_unit_test(the_grace_is_five_seconds_or_a_tenth),
		cmocka_unit_test(around_the_deadline_expiry_is_not_proven),
		cmocka_unit_test(before_the_deadline_and_just_behind_it_nobody_is_to_blame),
		cmocka_unit_test(a_session_dead_long_before_its_deadline_did_not_expire),
		cmocka_unit_test(the_largest_interval_that_ends_does_not_overflow),
		cmocka_unit_test(a_ruling_names_the_connection_that_did_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
