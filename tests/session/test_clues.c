/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "tests/session/world.h"

#define COME "0 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 => CONNACK\n"
#define LEAVE "5 device FIN\n"
#define BACK "20 device > mosq CONNECT v5 client=pump clean_start=0 expiry=600 keep_alive=0 => CONNACK session_present=1\n"
#define END "90 gw PUBLISH z \"end\" qos=1\n"

/* The clue of that kind of connection @n of "pump"; its kind is CLUE_N if there is none. */
static Clue clue_of(const char *story, uint32_t n, ClueKind kind)
{
	World *world = world_play(story);
	const Clue *clue = model_clue(world->model, world_connection(world, "pump", n), kind);
	Clue copy = clue != NULL ? *clue : (Clue){.kind = CLUE_N};
	world_free(world);
	return copy;
}

static bool has(const char *story, uint32_t n, ClueKind kind)
{
	return clue_of(story, n, kind).kind == kind;
}

/* --- grants -------------------------------------------------------------------------------- */

static void less_than_was_asked_for_is_noted_with_both(void **state)
{
	(void)state;
	Clue clue = clue_of(CAST COME "1 device SUBSCRIBE a qos=2 => SUBACK 1\n" END, 1, CLUE_GRANTED_LESS);
	assert_int_equal(clue.kind, CLUE_GRANTED_LESS);
	assert_int_equal(clue.asked, 2);
	assert_int_equal(clue.answered, 1);
	assert_false(has(CAST COME "1 device SUBSCRIBE a qos=1 => SUBACK 1\n" END, 1, CLUE_GRANTED_LESS));
	assert_false(has(CAST COME "1 device SUBSCRIBE a qos=1 => SUBACK 0x80\n" END, 1, CLUE_GRANTED_LESS));
}

static void of_each_kind_the_first_is_kept_and_all_are_counted(void **state)
{
	(void)state;
	Clue clue = clue_of(CAST COME "1 device SUBSCRIBE a qos=2 => SUBACK 1\n2 device SUBSCRIBE b qos=2 => SUBACK 0\n"
	                    END, 1, CLUE_GRANTED_LESS);
	assert_int_equal(clue.n, 2);
	assert_int_equal(clue.answered, 1);
}

static void a_refusal_counts_only_of_what_had_been_granted(void **state)
{
	(void)state;
	assert_true(has(CAST COME "1 device SUBSCRIBE a qos=1\n" LEAVE BACK "21 device SUBSCRIBE a qos=1 => SUBACK 0x87\n"
	                END, 2, CLUE_REFUSED_NOW));
	assert_false(has(CAST COME "1 device SUBSCRIBE a qos=1\n" LEAVE BACK "21 device SUBSCRIBE b qos=1 => SUBACK 0x87\n"
	                 END, 2, CLUE_REFUSED_NOW));
}

static void none_existed_counts_only_of_what_the_session_should_hold(void **state)
{
	(void)state;
	assert_true(has(CAST COME "1 device SUBSCRIBE a qos=1\n" LEAVE BACK "21 device UNSUBSCRIBE a => UNSUBACK 0x11\n"
	                END, 2, CLUE_NOT_SUBSCRIBED));
	assert_false(has(CAST COME "1 device SUBSCRIBE a qos=1\n" LEAVE BACK "21 device UNSUBSCRIBE b => UNSUBACK 0x11\n"
	                 END, 2, CLUE_NOT_SUBSCRIBED));
	assert_false(has(CAST COME "1 device SUBSCRIBE a qos=1\n2 device UNSUBSCRIBE a\n" LEAVE BACK
	                 "21 device UNSUBSCRIBE a => UNSUBACK 0x11\n" END, 2, CLUE_NOT_SUBSCRIBED));
}

/* --- members of a group --------------------------------------------------------------------- */

#define MEMBER "-1 twin > mosq CONNECT v5 client=other clean_start=0 expiry=600 keep_alive=0 => CONNACK\n" \
	"-0.5 twin SUBSCRIBE $share/g/a qos=1\n"
#define SHARES "1 device SUBSCRIBE $share/g/a qos=1\n"
#define TAKEN "10 gw PUBLISH a \"1\" qos=1\n10.002 mosq > twin PUBLISH a \"1\" qos=1\n"

static void what_another_member_got_meanwhile_is_noted(void **state)
{
	(void)state;
	assert_true(has(CAST MEMBER COME SHARES LEAVE TAKEN BACK END, 2, CLUE_TO_ANOTHER_MEMBER));
}

static void what_it_got_while_all_were_there_is_not(void **state)
{
	(void)state;
	assert_false(has(CAST MEMBER COME SHARES "2 gw PUBLISH a \"1\" qos=1\n2.002 mosq > twin PUBLISH a \"1\" qos=1\n"
	                 LEAVE BACK END, 2, CLUE_TO_ANOTHER_MEMBER));
}

static void nor_what_came_by_another_group_or_an_ordinary_subscription(void **state)
{
	(void)state;
	const char *ordinary = CAST "-1 twin > mosq CONNECT v5 client=other clean_start=0 expiry=600 keep_alive=0 => CONNACK\n"
		"-0.5 twin SUBSCRIBE a qos=1\n" COME SHARES LEAVE TAKEN BACK END;
	const char *group = CAST "-1 twin > mosq CONNECT v5 client=other clean_start=0 expiry=600 keep_alive=0 => CONNACK\n"
		"-0.5 twin SUBSCRIBE $share/h/a qos=1\n" COME SHARES LEAVE TAKEN BACK END;
	assert_false(has(ordinary, 2, CLUE_TO_ANOTHER_MEMBER));
	assert_false(has(group, 2, CLUE_TO_ANOTHER_MEMBER));
}

/* --- retained messages that come again -------------------------------------------------------- */

#define GETS "1 device SUBSCRIBE a qos=1\n2 gw PUBLISH a \"1\" qos=1 retain=1\n2.002 mosq > device PUBLISH a \"1\" qos=1\n"
#define AGAIN "21 device SUBSCRIBE a qos=1\n"

static void a_retained_message_that_it_had_before_is_noted(void **state)
{
	(void)state;
	assert_true(has(CAST COME GETS LEAVE BACK AGAIN "21.1 mosq > device PUBLISH a \"1\" qos=1 retain=1\n" END, 2,
	                CLUE_RETAINED_AGAIN));
}

static void another_value_or_a_message_that_is_not_retained_is_none(void **state)
{
	(void)state;
	assert_false(has(CAST COME GETS LEAVE BACK AGAIN "21.1 mosq > device PUBLISH a \"2\" qos=1 retain=1\n" END, 2,
	                 CLUE_RETAINED_AGAIN));
	assert_false(has(CAST COME GETS LEAVE BACK AGAIN "21.1 mosq > device PUBLISH a \"1\" qos=1\n" END, 2,
	                 CLUE_RETAINED_AGAIN));
}

static void nor_is_it_on_the_connection_that_had_it_first(void **state)
{
	(void)state;
	assert_false(has(CAST COME GETS "3 device SUBSCRIBE a qos=1\n3.1 mosq > device PUBLISH a \"1\" qos=1 retain=1\n" END,
	                 1, CLUE_RETAINED_AGAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_than_was_asked_for_is_noted_with_both),
		cmocka_unit_test(of_each_kind_the_first_is_kept_and_all_are_counted),
		cmocka_unit_test(a_refusal_counts_only_of_what_had_been_granted),
		cmocka_unit_test(none_existed_counts_only_of_what_the_session_should_hold),
		cmocka_unit_test(what_another_member_got_meanwhile_is_noted),
		cmocka_unit_test(what_it_got_while_all_were_there_is_not),
		cmocka_unit_test(nor_what_came_by_another_group_or_an_ordinary_subscription),
		cmocka_unit_test(a_retained_message_that_it_had_before_is_noted),
		cmocka_unit_test(another_value_or_a_message_that_is_not_retained_is_none),
		cmocka_unit_test(nor_is_it_on_the_connection_that_had_it_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
