/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/screens/list_stage.h"
#include "ui/screens/clients_columns.h"
#include "ui/screens/search.h"

/* pump loses its session and two messages at 60, after 55 s; lamp is away with its session for an hour;
 * bell, which comes later, is refused. */
#define STORY \
	CAST "host lamp 10.0.0.6\nhost bell 10.0.0.4\n" \
	"0 device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n" \
	"0.1 device SUBSCRIBE plant/+/temp qos=1\n" \
	"1 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 => CONNACK\n" \
	"1.1 lamp SUBSCRIBE lamp/# qos=1\n" \
	"5 device DISCONNECT ; FIN\n" \
	"6 lamp DISCONNECT ; FIN\n" \
	"10 gw PUBLISH plant/3/temp \"a\" qos=1\n" \
	"11 gw PUBLISH plant/3/temp \"b\" qos=1\n" \
	"60 device > mosq CONNECT v5 client=pump clean_start=0 expiry=300 => CONNACK\n"
#define BELL "61 bell > mosq CONNECT v5 client=bell clean_start=0 => CONNACK reason=0x87\n"

enum { COLUMNS = 120, ROWS = 20 };

static ListStage *clients_of(const char *story)
{
	return list_stage_new(clients_screen_new(), story, 90);
}

static Screen *screen_of(ListStage *stage)
{
	return *(Screen **)list_stage_app(stage); /* an App begins with it */
}

/* The clients in the list, from top to bottom, separated by blanks. */
static void assert_list(ListStage *stage, const char *expected)
{
	static const char *const ids[] = {"pump", "lamp", "gw", "bell"};
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, ROWS);
	g_auto(GStrv) lines = g_strsplit(picture, "\n", -1);
	g_autoptr(GString) list = g_string_new(NULL);
	for (char **line = lines; *line != NULL; line++)
		for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
			g_autofree char *cell = g_strdup_printf(" %s ", ids[i]);
			bool row = g_str_has_prefix(*line, "●") || g_str_has_prefix(*line, "◐") ||
			           g_str_has_prefix(*line, "◌") || g_str_has_prefix(*line, "○");
			if (row && strstr(*line, cell) != NULL)
				g_string_append_printf(list, "%s%s", list->len > 0 ? " " : "", ids[i]);
		}
	if (strcmp(list->str, expected) != 0)
		fail_msg("\"%s\", not \"%s\", in\n%s", list->str, expected, picture);
}

static void assert_selected(ListStage *stage, const char *id)
{
	g_free(list_stage_draw(stage, COLUMNS, ROWS));
	Screen *screen = screen_of(stage);
	ClientIndex client = screen->ops->client(screen, list_stage_view(stage));
	assert_int_equal(client, world_client(list_stage_world(stage), id));
}

static void filter(ListStage *stage, const char *text)
{
	Screen *screen = screen_of(stage);
	assert_true(screen->ops->filter(screen, list_stage_view(stage), text, NULL));
}

/* --- clients ------------------------------------------------------------------------------------ */

static void who_lost_most_comes_first_and_the_others_by_name(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY BELL);

	assert_list(stage, "pump bell gw lamp");
	list_stage_free(stage);
}

static void a_row_tells_state_cause_and_cost_and_the_sums_stand_above(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY BELL);
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, ROWS);

	assert_non_null(strstr(picture, "4 clients  2 online  1 kept  2 messages lost  1 lapse: client-config"));
	assert_non_null(strstr(picture, "0 of 1 reconnects resumed"));
	assert_non_null(strstr(picture, "● online  pump"));
	assert_non_null(strstr(picture, "✗ expiry-absent"));
	assert_non_null(strstr(picture, "◐ kept    lamp"));
	/* away since 6.001, for 3600 s; now is 90 */
	assert_non_null(strstr(picture, "kept 58:36 more"));
	assert_non_null(strstr(picture, "○ refused bell"));
	list_stage_free(stage);
}

static void sorting_goes_through_the_columns_and_back(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	g_free(list_stage_settings(stage)->sort);
	list_stage_settings(stage)->sort = g_strdup("client");

	assert_list(stage, "gw lamp pump");
	list_stage_act(stage, ACTION_SORT_REVERSE);
	assert_list(stage, "pump lamp gw");
	assert_string_equal(list_stage_settings(stage)->sort, "-client");
	list_stage_act(stage, ACTION_SORT_NEXT); /* version: all alike, so by name */
	assert_string_equal(list_stage_settings(stage)->sort, "version");
	assert_list(stage, "gw lamp pump");
	list_stage_act(stage, ACTION_SORT_NEXT); /* connections, most first */
	assert_list(stage, "pump gw lamp");
	list_stage_act(stage, ACTION_SORT_PREVIOUS);
	list_stage_act(stage, ACTION_SORT_PREVIOUS);
	assert_string_equal(list_stage_settings(stage)->sort, "client");
	list_stage_free(stage);
}

static void the_cursor_stays_at_its_client_whatever_comes(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	assert_list(stage, "pump gw lamp");
	list_stage_act(stage, ACTION_DOWN);
	assert_selected(stage, "gw");

	list_stage_go_on(stage, STORY BELL, 100);
	assert_list(stage, "pump bell gw lamp");
	assert_selected(stage, "gw");
	list_stage_act(stage, ACTION_SORT_NEXT);
	assert_selected(stage, "gw");
	list_stage_act(stage, ACTION_SORT_REVERSE);
	assert_selected(stage, "gw");
	list_stage_free(stage);
}

static void following_goes_to_the_newest_until_somebody_moves(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	assert_selected(stage, "pump");
	list_stage_act(stage, ACTION_FOLLOW);
	assert_selected(stage, "lamp");
	list_stage_go_on(stage, STORY BELL, 100);
	assert_selected(stage, "bell");
	list_stage_act(stage, ACTION_UP);
	assert_selected(stage, "pump");
	list_stage_free(stage);
}

static void a_filter_shows_some_and_turned_round_the_others(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY BELL);
	Screen *screen = screen_of(stage);

	filter(stage, "lost > 0 or state = kept");
	assert_list(stage, "pump lamp");
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, ROWS);
	assert_non_null(strstr(picture, "2 of 4  filter: lost > 0 or state = kept"));
	list_stage_act(stage, ACTION_FILTER_INVERT);
	assert_list(stage, "bell gw");
	assert_false(screen->ops->filter(screen, list_stage_view(stage), "lost >", NULL));
	assert_list(stage, "bell gw");
	filter(stage, "");
	assert_list(stage, "pump bell gw lamp");
	filter(stage, "client = nobody");
	assert_list(stage, "");
	list_stage_free(stage);
}

static void what_is_cleared_comes_back_when_something_befalls_it(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	assert_list(stage, "pump gw lamp");
	list_stage_act(stage, ACTION_CLEAR);
	assert_list(stage, "");

	list_stage_go_on(stage, STORY BELL
	                 "70 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 "
	                 "=> CONNACK session_present=1\n", 100);
	assert_list(stage, "bell lamp");
	filter(stage, "");
	assert_list(stage, "pump bell gw lamp");
	list_stage_free(stage);
}

static void the_others_are_cleared_but_not_what_the_filter_shows(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	filter(stage, "client = pump");
	assert_list(stage, "pump");
	list_stage_act(stage, ACTION_CLEAR_OTHERS);
	filter(stage, "client = pump or client = gw");
	assert_list(stage, "pump");
	list_stage_free(stage);
}

static bool found(Screen *screen, const View *view, GRegex *pattern, bool backwards, bool from_here)
{
	Search search = {.pattern = pattern};
	assert_true(search_begin(&search, screen, view, backwards, from_here));
	return search_work(&search, view, INT64_MAX) == SEARCH_FOUND;
}

static void searching_goes_round_in_both_directions(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	Screen *screen = screen_of(stage);
	g_autoptr(GRegex) name = g_regex_new("l[a]mp|gw", 0, 0, NULL);
	g_autoptr(GRegex) cause = g_regex_new("expiry-abs", 0, 0, NULL);
	g_autoptr(GRegex) none = g_regex_new("nobody", 0, 0, NULL);
	const View *view = list_stage_view(stage);
	assert_list(stage, "pump gw lamp");

	assert_true(found(screen, view, name, false, true));
	assert_selected(stage, "gw");
	assert_true(found(screen, view, name, false, false));
	assert_selected(stage, "lamp");
	assert_true(found(screen, view, name, false, false));
	assert_selected(stage, "gw");
	assert_true(found(screen, view, name, true, false));
	assert_selected(stage, "lamp");
	assert_true(found(screen, view, cause, false, true));
	assert_selected(stage, "pump");
	assert_false(found(screen, view, none, false, true));
	assert_selected(stage, "pump");
	list_stage_free(stage);
}

static void what_is_marked_is_saved_else_what_is_selected(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	Screen *screen = screen_of(stage);
	const View *view = list_stage_view(stage);
	ClientIndex pump = world_client(list_stage_world(stage), "pump");
	ClientIndex gw = world_client(list_stage_world(stage), "gw");
	uint8_t clients[8] = {0};
	assert_list(stage, "pump gw lamp");

	assert_true(screen->ops->clients(screen, view, clients));
	assert_int_equal(clients[pump], 1);
	assert_int_equal(clients[gw], 0);
	list_stage_act(stage, ACTION_DOWN);
	list_stage_act(stage, ACTION_MARK); /* and down */
	assert_selected(stage, "lamp");
	memset(clients, 0, sizeof clients);
	assert_true(screen->ops->clients(screen, view, clients));
	assert_int_equal(clients[pump], 0);
	assert_int_equal(clients[gw], 1);
	list_stage_free(stage);
}

static void a_click_on_a_heading_sorts_and_one_on_a_row_selects(void **state)
{
	(void)state;
	ListStage *stage = clients_of(STORY);
	Screen *screen = screen_of(stage);
	App *app = list_stage_app(stage);
	assert_list(stage, "pump gw lamp");

	/* two lines above the headings, which take two */
	assert_true(screen->ops->click(screen, list_stage_view(stage), 12, 2, false, app));
	assert_list(stage, "gw lamp pump");
	assert_true(screen->ops->click(screen, list_stage_view(stage), 12, 2, false, app));
	assert_list(stage, "pump lamp gw");
	assert_true(screen->ops->click(screen, list_stage_view(stage), 12, 5, false, app));
	assert_selected(stage, "lamp");
	assert_null(list_stage_pushed(stage));
	assert_true(screen->ops->click(screen, list_stage_view(stage), 12, 5, true, app));
	assert_int_equal(list_stage_pushed(stage)->ops->id, SCREEN_TIMELINE);
	assert_false(screen->ops->click(screen, list_stage_view(stage), 12, 15, false, app));
	list_stage_free(stage);
}

static void the_room_goes_to_what_matters_most(void **state)
{
	(void)state;
	static const struct {
		int columns;
		const char *shows, *not;
	} cases[] = {
		{120, "CONN", "nothing"}, {60, "LAST CAUSE", "MQTT"}, {30, "CLIENT", "SINCE"}, {12, "CLIENT", "STATE"},
	};
	ListStage *stage = clients_of(STORY);
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *picture = list_stage_draw(stage, cases[i].columns, ROWS);
		if (strstr(picture, cases[i].shows) == NULL || strstr(picture, cases[i].not) != NULL)
			fail_msg("at %d columns:\n%s", cases[i].columns, picture);
	}
	list_stage_free(stage);
}

/* --- columns ------------------------------------------------------------------------------------ */

static void columns_are_read_as_far_as_they_are_known(void **state)
{
	(void)state;
	ColumnList list = column_list("lost client lost nonsense");
	g_autofree char *names = column_list_names(&list);
	ColumnList usual = column_list(NULL);
	ColumnList none = column_list("nonsense");

	assert_string_equal(names, "lost client");
	assert_true(usual.n > 5);
	assert_int_equal(none.n, usual.n);
}

static void columns_are_chosen_and_moved(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(columns_screen_new(NULL), STORY, 90);
	Settings *settings = list_stage_settings(stage);
	settings->columns = g_strdup("client lost");
	g_free(list_stage_draw(stage, 80, 24));

	list_stage_act(stage, ACTION_RIGHT); /* client behind lost */
	assert_string_equal(settings->columns, "lost client");
	list_stage_act(stage, ACTION_RIGHT);
	assert_string_equal(settings->columns, "lost client");
	list_stage_act(stage, ACTION_MARK);
	assert_string_equal(settings->columns, "lost");
	list_stage_act(stage, ACTION_TOP);
	list_stage_act(stage, ACTION_MARK); /* the last one stays */
	assert_string_equal(settings->columns, "lost");
	list_stage_act(stage, ACTION_DOWN);
	list_stage_act(stage, ACTION_MARK); /* the first of the others */
	assert_string_equal(settings->columns, "lost state");
	list_stage_free(stage);
}

/* --- findings ----------------------------------------------------------------------------------- */

static void findings_stand_under_their_party_with_counts(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(findings_screen_new(), STORY, 90);
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, ROWS);
	g_auto(GStrv) lines = g_strsplit(picture, "\n", -1);

	assert_true(g_str_has_prefix(lines[1], "▾ client-config"));
	assert_non_null(strstr(lines[1], "       1        1       2│"));
	assert_true(g_str_has_prefix(lines[2], "  ✗ expiry-absent"));
	assert_non_null(strstr(picture, "✗ 10:01:00    pump"));
	list_stage_act(stage, ACTION_DOWN); /* the cause alone: its name gives way to the absence */
	g_autofree char *one = list_stage_draw(stage, COLUMNS, ROWS);
	assert_non_null(strstr(one, "proven            55.0 s       2"));
	list_stage_free(stage);
}

static void a_cause_opens_its_clients_and_a_finding_the_timeline(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(findings_screen_new(), STORY, 90);
	Screen *screen = screen_of(stage);
	list_stage_act(stage, ACTION_DOWN);
	assert_int_equal(screen->ops->client(screen, list_stage_view(stage)), NO_INDEX);
	list_stage_act(stage, ACTION_OPEN);
	assert_int_equal(list_stage_pushed(stage)->ops->id, SCREEN_CLIENTS);
	ListStage *filtered = list_stage_new(clients_screen_new(), STORY, 90);
	clients_screen_filter(screen_of(filtered), "cause = expiry-absent and responsible = client-config");
	assert_list(filtered, "pump");

	list_stage_act(stage, ACTION_NEXT_PANE);
	assert_selected(stage, "pump");
	list_stage_act(stage, ACTION_OPEN);
	assert_int_equal(list_stage_pushed(stage)->ops->id, SCREEN_TIMELINE);
	list_stage_act(stage, ACTION_EXPLAIN);
	assert_int_equal(list_stage_pushed(stage)->ops->id, SCREEN_TEXT);
	list_stage_free(filtered);
	list_stage_free(stage);
}

/* The same loss of lamp, worse than that of pump: it comes before it. */
#define WORSE \
	"70 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 => CONNACK session_present=1\n" \
	"71 lamp DISCONNECT expiry=0 ; FIN\n" \
	"72 repeat 5 every 0.1 gw PUBLISH lamp/2 \"on\" qos=1\n" \
	"80 lamp > mosq CONNECT v5 client=lamp clean_start=0 expiry=3600 => CONNACK\n"

static void a_finding_stays_selected_from_verdict_to_verdict(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(findings_screen_new(), STORY, 90);
	list_stage_act(stage, ACTION_NEXT_PANE);
	assert_selected(stage, "pump");
	list_stage_go_on(stage, STORY WORSE, 100);
	assert_selected(stage, "pump");
	list_stage_act(stage, ACTION_UP);
	assert_selected(stage, "lamp");
	list_stage_free(stage);
}

static void a_filter_asks_each_finding(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(findings_screen_new(), STORY WORSE, 100);
	filter(stage, "cause = disconnect-expiry-zero");
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, ROWS);
	assert_non_null(strstr(picture, "disconnect-expiry-zero"));
	assert_null(strstr(picture, "expiry-absent"));
	list_stage_act(stage, ACTION_FILTER_INVERT);
	g_autofree char *inverted = list_stage_draw(stage, COLUMNS, ROWS);
	assert_non_null(strstr(inverted, "expiry-absent"));
	assert_null(strstr(inverted, "  ✗ disconnect-expiry-zero"));
	list_stage_free(stage);
}

/* --- brokers ------------------------------------------------------------------------------------ */

static void a_broker_shows_what_its_clients_found_that_came_back(void **state)
{
	(void)state;
	ListStage *stage = list_stage_new(brokers_screen_new(), STORY, 90);
	g_autofree char *picture = list_stage_draw(stage, COLUMNS, 40);

	assert_true(g_str_has_prefix(picture, "10.0.0.5:1883"));
	assert_non_null(strstr(picture, "2 online; 1 away, kept"));
	assert_non_null(strstr(picture, "1 expiry-absent"));
	/* pump, after 55 s, had asked to keep nothing */
	assert_non_null(strstr(picture, "10 - 60 s                                    1"));
	list_stage_act(stage, ACTION_OPEN);
	assert_int_equal(list_stage_pushed(stage)->ops->id, SCREEN_CLIENTS);
	list_stage_free(stage);
}

/* --- any size ----------------------------------------------------------------------------------- */

static void draw_all_sizes(ListStage *stage)
{
	static const Action actions[] = {ACTION_DOWN, ACTION_NEXT_PANE, ACTION_BOTTOM, ACTION_PAGE_UP,
	                                 ACTION_ZOOM_IN, ACTION_LEFT, ACTION_SORT_NEXT, ACTION_TOP};
	for (int columns = 0; columns < 140; columns += columns < 50 ? 1 : 7)
		for (int rows = 0; rows < 40; rows += rows < 16 ? 1 : 5) {
			g_free(list_stage_draw(stage, columns, rows));
			list_stage_act(stage, actions[(columns * 7 + rows) % (int)G_N_ELEMENTS(actions)]);
		}
}

static void every_size_is_drawn(void **state)
{
	(void)state;
	static Screen *(*const makers[])(void) = {clients_screen_new, findings_screen_new, brokers_screen_new};
	static const char *const stories[] = {STORY WORSE BELL, CAST, "broker mosq 10.0.0.5:1883\nhost a 10.0.0.1\n"};
	for (unsigned i = 0; i < G_N_ELEMENTS(makers); i++)
		for (unsigned k = 0; k < G_N_ELEMENTS(stories); k++) {
			ListStage *stage = list_stage_new(makers[i](), stories[k], 100);
			draw_all_sizes(stage);
			list_stage_free(stage);
		}
	ListStage *columns = list_stage_new(columns_screen_new(NULL), STORY, 100);
	draw_all_sizes(columns);
	list_stage_free(columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_lost_most_comes_first_and_the_others_by_name),
		cmocka_unit_test(a_row_tells_state_cause_and_cost_and_the_sums_stand_above),
		cmocka_unit_test(sorting_goes_through_the_columns_and_back),
		cmocka_unit_test(the_cursor_stays_at_its_client_whatever_comes),
		cmocka_unit_test(following_goes_to_the_newest_until_somebody_moves),
		cmocka_unit_test(a_filter_shows_some_and_turned_round_the_others),
		cmocka_unit_test(what_is_cleared_comes_back_when_something_befalls_it),
		cmocka_unit_test(the_others_are_cleared_but_not_what_the_filter_shows),
		cmocka_unit_test(searching_goes_round_in_both_directions),
		cmocka_unit_test(what_is_marked_is_saved_else_what_is_selected),
		cmocka_unit_test(a_click_on_a_heading_sorts_and_one_on_a_row_selects),
		cmocka_unit_test(the_room_goes_to_what_matters_most),
		cmocka_unit_test(columns_are_read_as_far_as_they_are_known),
		cmocka_unit_test(columns_are_chosen_and_moved),
		cmocka_unit_test(findings_stand_under_their_party_with_counts),
		cmocka_unit_test(a_cause_opens_its_clients_and_a_finding_the_timeline),
		cmocka_unit_test(a_finding_stays_selected_from_verdict_to_verdict),
		cmocka_unit_test(a_filter_asks_each_finding),
		cmocka_unit_test(a_broker_shows_what_its_clients_found_that_came_back),
		cmocka_unit_test(every_size_is_drawn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
