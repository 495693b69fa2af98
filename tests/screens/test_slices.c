/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/screens/list_stage.h"
#include "ui/screens/entries.h"
#include "ui/screens/search.h"

enum { MANY = 600, MANY_SLICES = 5 };

/* MANY clients that lose their sessions, and the one of CAST. */
static char *many_clients(void)
{
	GString *story = g_string_new(CAST);
	for (unsigned i = 0; i < MANY; i++)
		g_string_append_printf(story, "host h%u 10.1.%u.%u\n", i, i / 200, i % 200 + 1);
	for (unsigned i = 0; i < MANY; i++)
		g_string_append_printf(story, "%u h%u > mosq CONNECT v5 client=c%03u clean_start=0 => CONNACK\n"
		                       "%u.2 h%u DISCONNECT ; FIN\n", i, i, i, i, i);
	for (unsigned i = 0; i < MANY; i++)
		g_string_append_printf(story, "%u h%u > mosq CONNECT v5 client=c%03u clean_start=0 => CONNACK\n",
		                       i + MANY, i, i);
	return g_string_free(story, FALSE);
}

static Screen *screen_of(ListStage *stage)
{
	return *(Screen **)list_stage_app(stage); /* an App begins with it */
}

/* How often it has to go on, with as little time as can be, until it is whole. */
static unsigned slices(ListStage *stage)
{
	Screen *screen = screen_of(stage);
	unsigned n = 1;
	while (screen->ops->work(screen, list_stage_view(stage), 0))
		n++;
	return n;
}

/* Not by the clock, which is another's on a busy machine: no piece is long. */
static void what_takes_long_goes_in_pieces(void **state)
{
	(void)state;
	g_autofree char *story = many_clients();
	ListStage *stage = list_stage_new(clients_screen_new(), story, 2 * MANY);
	Screen *screen = screen_of(stage);
	assert_int_equal(screen->ops->rows(screen, list_stage_view(stage)).n, MANY + 1);
	assert_true(screen->ops->filter(screen, list_stage_view(stage), "c599", NULL));
	assert_true(screen->ops->work(screen, list_stage_view(stage), 0));
	/* What was before still shows. */
	assert_int_equal(screen->ops->rows(screen, list_stage_view(stage)).n, MANY + 1);
	assert_true(slices(stage) + 1 >= MANY_SLICES);
	assert_int_equal(screen->ops->rows(screen, list_stage_view(stage)).n, 1);
	list_stage_free(stage);

	stage = list_stage_new(findings_screen_new(), story, 2 * MANY);
	screen = screen_of(stage);
	assert_true(screen->ops->filter(screen, list_stage_view(stage), "client = c5*", NULL));
	assert_true(slices(stage) >= 2 * MANY_SLICES);
	assert_int_equal(screen->ops->rows(screen, list_stage_view(stage)).n, 100);
	list_stage_free(stage);
}

static void a_search_goes_in_pieces(void **state)
{
	(void)state;
	g_autofree char *story = many_clients();
	ListStage *stage = list_stage_new(clients_screen_new(), story, 2 * MANY);
	list_stage_settings(stage)->sort = g_strdup("client");
	g_free(list_stage_draw(stage, 120, 20));
	Search search = {0};
	unsigned n = 1;
	assert_true(search_set(&search, "c599", NULL));
	assert_true(search_begin(&search, screen_of(stage), list_stage_view(stage), false, true));
	SearchState found = search_work(&search, list_stage_view(stage), 0);
	for (; found == SEARCH_GOES_ON; n++)
		found = search_work(&search, list_stage_view(stage), 0);
	assert_int_equal(found, SEARCH_FOUND);
	assert_true(n >= 2 * MANY_SLICES);
	ClientIndex client = screen_of(stage)->ops->client(screen_of(stage), list_stage_view(stage));
	assert_int_equal(client, world_client(list_stage_world(stage), "c599"));
	assert_false(search_set(&search, "c[", NULL));
	search_clear(&search);
	list_stage_free(stage);
}

/* Keys that differ in three of their octets; of equal ones the first stays first. */
static void sorting_goes_in_pieces(void **state)
{
	(void)state;
	enum { OCTETS = 3 };
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	for (uint32_t i = 0; i < MANY; i++) {
		uint64_t key = (uint64_t)(i * 7 % 5) << 40 | (uint64_t)(i % 3) << 16 | i % 2;
		Entry entry = {key, i};
		g_array_append_val(entries, entry);
	}
	EntrySort sort = {0};
	unsigned n = 1;
	while (!entries_sort(entries, &sort, 0))
		n++;

	assert_true(n >= OCTETS);
	assert_null(sort.spare);
	for (guint i = 1; i < MANY; i++) {
		const Entry *before = &g_array_index(entries, Entry, i - 1), *entry = before + 1;
		assert_true(before->key < entry->key ||
		            (before->key == entry->key && before->index < entry->index));
	}
	assert_true(entries_sort(entries, &sort, INT64_MAX));
	assert_int_equal(g_array_index(entries, Entry, 0).index, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_takes_long_goes_in_pieces),
		cmocka_unit_test(a_search_goes_in_pieces),
		cmocka_unit_test(sorting_goes_in_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
