/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdatomic.h>

#include "src/engine/gate.h"

typedef struct Work {
	Gate gate;
	atomic_bool over;
	uint64_t n_turns;  /* only within the gate */
	uint64_t n_holds;
} Work;

/* Turn follows turn without a pause. */
static void *turns(void *user)
{
	Work *work = user;
	while (!atomic_load(&work->over)) {
		gate_enter(&work->gate);
		work->n_turns++;
		gate_leave(&work->gate);
	}
	return NULL;
}

static void *holds(void *user)
{
	Work *work = user;
	for (int i = 0; i < 200; i++) {
		gate_hold(&work->gate);
		work->n_holds++;
		gate_release(&work->gate);
	}
	return NULL;
}

static void nothing_changes_while_it_is_held(void **state)
{
	(void)state;
	Work work = {0};
	gate_init(&work.gate);
	GThread *worker = g_thread_new("turns", turns, &work);
	for (int i = 0; i < 20; i++) {
		gate_hold(&work.gate);
		uint64_t before = work.n_turns;
		g_usleep(1000);
		assert_int_equal(work.n_turns, before);
		gate_release(&work.gate);
	}
	atomic_store(&work.over, true);
	g_thread_join(worker);
	assert_true(work.n_turns > 0);
	gate_clear(&work.gate);
}

static void who_wants_it_gets_it_and_one_at_a_time(void **state)
{
	(void)state;
	Work work = {0};
	gate_init(&work.gate);
	GThread *worker = g_thread_new("turns", turns, &work);
	GThread *first = g_thread_new("holds", holds, &work);
	GThread *second = g_thread_new("holds", holds, &work);
	g_thread_join(first);
	g_thread_join(second);
	atomic_store(&work.over, true);
	g_thread_join(worker);
	assert_int_equal(work.n_holds, 400);
	gate_clear(&work.gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_while_it_is_held),
		cmocka_unit_test(who_wants_it_gets_it_and_one_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
