/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/session/clock_doubt.h"

#define FRAME(n) ((FrameRef){.number = (n), .source = 0})
#define OTHER(n) ((FrameRef){.number = (n), .source = 1})
#define NOWHERE ((FrameRef){0})

static Model *with_steps(bool summed)
{
	static const ClockStep steps[] = {{10, 5}, {20, 7}};
	Model *model = model_new();
	model_doubt_clock(model, 0, (ClockDoubt){.steps = steps, .n_steps = 2, .summed = summed,
	                                         .jitter_ns = 1, .skew_ns = 100});
	return model;
}

static void only_a_step_between_two_frames_makes_their_times_doubtful(void **state)
{
	(void)state;
	Model *model = with_steps(false);
	assert_int_equal(model_clock_doubt(model, FRAME(1), FRAME(9)), 1);
	assert_int_equal(model_clock_doubt(model, FRAME(9), FRAME(10)), 5 + 1);
	assert_int_equal(model_clock_doubt(model, FRAME(10), FRAME(9)), 5 + 1);
	assert_int_equal(model_clock_doubt(model, FRAME(10), FRAME(19)), 1);
	assert_int_equal(model_clock_doubt(model, FRAME(10), FRAME(20)), 7 + 1);
	assert_int_equal(model_clock_doubt(model, FRAME(1), FRAME(99)), 5 + 7 + 1);
	assert_int_equal(model_clock_doubt(model, FRAME(20), FRAME(99)), 1);
	model_free(model);
}

static void steps_that_were_too_many_may_lie_anywhere_after_the_first_of_them(void **state)
{
	(void)state;
	Model *model = with_steps(true);
	assert_int_equal(model_clock_doubt(model, FRAME(1), FRAME(19)), 5 + 1);
	assert_int_equal(model_clock_doubt(model, FRAME(30), FRAME(40)), 7 + 1);
	model_free(model);
}

static void a_frame_that_is_not_known_may_lie_before_every_step(void **state)
{
	(void)state;
	Model *model = with_steps(false);
	assert_int_equal(model_clock_doubt(model, NOWHERE, FRAME(30)), 5 + 7 + 1);
	model_free(model);
}

static void across_two_sources_all_steps_and_both_skews_count(void **state)
{
	(void)state;
	Model *model = with_steps(false);
	assert_int_equal(model_clock_doubt(model, FRAME(30), OTHER(30)), 5 + 7 + 1 + 100);
	model_doubt_clock(model, 1, (ClockDoubt){.skew_ns = 1000});
	assert_int_equal(model_clock_doubt(model, FRAME(30), OTHER(30)), 5 + 7 + 1 + 1100);
	assert_int_equal(model_clock_doubt(model, OTHER(1), OTHER(99)), 0);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_step_between_two_frames_makes_their_times_doubtful),
		cmocka_unit_test(steps_that_were_too_many_may_lie_anywhere_after_the_first_of_them),
		cmocka_unit_test(a_frame_that_is_not_known_may_lie_before_every_step),
		cmocka_unit_test(across_two_sources_all_steps_and_both_skews_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
