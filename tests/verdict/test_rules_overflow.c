/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/rules_overflow.h"
#include "tests/session/world.h"

#define LEAVES CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK\n" \
	"0.1 device SUBSCRIBE a qos=1\n5 device FIN\n"
#define TAKES(n) "10 repeat " n " every 0.01 gw PUBLISH a \"{i}\" qos=1\n"
#define DENIES(n) "30 repeat " n " every 0.1 gw PUBLISH a \"d{i}\" qos=1 ack=0x10\n"
#define BACK "60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK\n61 device SUBSCRIBE a qos=1\n"

typedef struct Judged {
	bool applies, possible;
	Confidence confidence;
} Judged;

/* Of the return of "pump". */
static Judged judge(const char *story)
{
	World *world = world_play(story);
	const DiagnoseOptions options = {0};
	Reconnect view;
	assert_true(reconnect_view(world->model, &options, world_index(world, "pump", 2), &view));
	Ruling ruling = rule_overflow_ended_session(&view);
	Judged judged = {ruling.applies, overflow_is_possible(&view), ruling.confidence};
	world_free(world);
	return judged;
}

static void the_limits_that_are_known_have_an_owner(void **state)
{
	(void)state;
	assert_non_null(overflow_limit_of(1000));
	assert_non_null(overflow_limit_of(100));
	assert_null(overflow_limit_of(999));
	assert_null(overflow_limit_of(0));
}

static void answers_that_change_at_a_limit_tell_it(void **state)
{
	(void)state;
	Judged judged = judge(LEAVES TAKES("100") DENIES("3") BACK);
	assert_true(judged.applies);
	assert_int_equal(judged.confidence, CONFIDENCE_STRONG);
	assert_true(judge(LEAVES TAKES("1000") DENIES("3") BACK).applies);
	assert_true(judge(LEAVES TAKES("101") DENIES("3") BACK).applies); /* the one that was too many */
}

static void at_another_number_it_is_only_possible(void **state)
{
	(void)state;
	Judged judged = judge(LEAVES TAKES("37") DENIES("3") BACK);
	assert_false(judged.applies);
	assert_true(judged.possible);
}

static void one_answer_alone_and_answers_that_change_back_tell_nothing(void **state)
{
	(void)state;
	assert_false(judge(LEAVES TAKES("100") DENIES("1") BACK).applies);
	assert_false(judge(LEAVES TAKES("100") DENIES("3") "40 gw PUBLISH a \"x\" qos=1\n" BACK).applies);
	assert_false(judge(LEAVES DENIES("3") BACK).applies);
}

static void another_subscriber_that_leaves_then_explains_them(void **state)
{
	(void)state;
	assert_false(judge(LEAVES "6 twin > mosq CONNECT v5 client=b clean_start=1 keep_alive=0 => CONNACK\n"
	                   "6.1 twin SUBSCRIBE a qos=0\n" TAKES("100") "29 twin FIN\n" DENIES("3") BACK).applies);
}

static void what_was_not_captured_may_have_another_reason_ready(void **state)
{
	(void)state;
	assert_false(judge("hole 1.9 2.1\n" CAST "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=3600 => CONNACK\n"
	                   "0.1 device SUBSCRIBE a qos=1\n2 device PUBLISH b \"1\" qos=1\n5 device FIN\n"
	                   TAKES("100") DENIES("3") BACK).applies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limits_that_are_known_have_an_owner),
		cmocka_unit_test(answers_that_change_at_a_limit_tell_it),
		cmocka_unit_test(at_another_number_it_is_only_possible),
		cmocka_unit_test(one_answer_alone_and_answers_that_change_back_tell_nothing),
		cmocka_unit_test(another_subscriber_that_leaves_then_explains_them),
		cmocka_unit_test(what_was_not_captured_may_have_another_reason_ready),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
