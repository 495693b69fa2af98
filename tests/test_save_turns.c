/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/save_turns.h"

static Instant at(int64_t seconds)
{
	return (Instant){seconds * NS_PER_SECOND};
}

static int begin(void **state)
{
	*state = g_dir_make_tmp("turns-XXXXXX", NULL);
	return *state == NULL;
}

static int end(void **state)
{
	g_autofree char *folder = *state;
	g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
	for (const char *name; (name = g_dir_read_name(files)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_unlink(path);
	}
	return g_rmdir(folder);
}

static void touch(const char *path)
{
	assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static void assert_named(const SaveTurns *turns, const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	assert_string_equal(save_turns_path(turns), path);
}

static void names_are_numbered_before_their_ending(void **state)
{
	static const struct {
		const char *name, *first;
	} cases[] = {{"a.pcapng", "a-00001.pcapng"}, {"a", "a-00001"}, {"a.b.pcap", "a.b-00001.pcap"}, {"x.d/a", "x.d/a-00001"}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_build_filename(*state, cases[i].name, NULL);
		SaveTurns *turns = save_turns_new(path, &(Rotation){.octets = 1});
		assert_named(turns, *state, cases[i].first);
		save_turns_free(turns);
	}
}

static void a_file_is_full_by_its_octets(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a", NULL);
	SaveTurns *turns = save_turns_new(path, &(Rotation){.octets = 1000});
	assert_false(save_turns_due(turns, 0, at(1)));
	assert_false(save_turns_due(turns, 999, INSTANT_UNKNOWN));
	assert_true(save_turns_due(turns, 1000, at(2)));
	save_turns_free(turns);
}

/* From its first frame on; who has no time, and who steps back, changes nothing. */
static void a_file_is_full_by_the_time_it_goes_over(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a", NULL);
	SaveTurns *turns = save_turns_new(path, &(Rotation){.ns = 10 * NS_PER_SECOND});
	assert_false(save_turns_due(turns, 0, at(100)));
	assert_false(save_turns_due(turns, 1 << 30, at(109)));
	assert_false(save_turns_due(turns, 0, INSTANT_UNKNOWN));
	assert_false(save_turns_due(turns, 0, at(50)));
	assert_true(save_turns_due(turns, 0, at(110)));
	save_turns_next(turns, at(110));
	assert_false(save_turns_due(turns, 0, at(119)));
	assert_true(save_turns_due(turns, 0, at(120)));
	save_turns_free(turns);
}

static void a_name_that_is_taken_is_skipped(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a.pcap", NULL);
	SaveTurns *turns = save_turns_new(path, &(Rotation){.octets = 1});
	save_turns_skip(turns);
	assert_named(turns, *state, "a-00002.pcap");
	assert_int_equal(save_turns_n_files(turns), 1);
	save_turns_free(turns);
}

/* Only once the next one is there, and nothing of others. */
static void the_oldest_of_its_own_files_go(void **state)
{
	g_autofree char *path = g_build_filename(*state, "a", NULL);
	g_autofree char *first = g_build_filename(*state, "a-00001", NULL);
	g_autofree char *foreign = g_build_filename(*state, "a-00000", NULL);
	touch(foreign);
	SaveTurns *turns = save_turns_new(path, &(Rotation){.octets = 1, .keep = 2});
	touch(save_turns_path(turns));
	save_turns_next(turns, at(1));
	touch(save_turns_path(turns));
	save_turns_tidy(turns);
	assert_int_equal(g_access(first, F_OK), 0);
	save_turns_next(turns, at(2));
	assert_int_equal(g_access(first, F_OK), 0);
	save_turns_tidy(turns);
	assert_int_not_equal(g_access(first, F_OK), 0);
	assert_int_equal(g_access(foreign, F_OK), 0);
	assert_named(turns, *state, "a-00003");
	assert_int_equal(save_turns_n_files(turns), 3);
	save_turns_free(turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_numbered_before_their_ending, begin, end),
		cmocka_unit_test_setup_teardown(a_file_is_full_by_its_octets, begin, end),
		cmocka_unit_test_setup_teardown(a_file_is_full_by_the_time_it_goes_over, begin, end),
		cmocka_unit_test_setup_teardown(a_name_that_is_taken_is_skipped, begin, end),
		cmocka_unit_test_setup_teardown(the_oldest_of_its_own_files_go, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
