/* SPDX-License-Identifier: MIT */
/* What keys do on the screens of one client, and that no key at no size breaks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screens/stage.h"

static const char *const stories[] = {"founding", "hostile", "large", "long", "loading", "unreadable", "nothing"};

static Stage *stage_with(const char *story, Screen *(*make)(ClientIndex, uint32_t))
{
	Stage *stage = stage_new(story);
	assert_non_null(stage);
	stage_show(stage, make(0, UINT32_MAX));
	return stage;
}

static void press(Stage *stage, const char *keys)
{
	g_autoptr(Canvas) canvas = canvas_new();
	g_auto(GStrv) names = g_strsplit(keys, " ", -1);
	stage_draw(stage, canvas, 120, 40, false);
	for (char **name = names; *name != NULL; name++) {
		stage_key(stage, *name);
		stage_draw(stage, canvas, 120, 40, false);
	}
}

static char *picture(Stage *stage, int columns, int rows, bool ascii)
{
	g_autoptr(Canvas) canvas = canvas_new();
	stage_draw(stage, canvas, columns, rows, ascii);
	return canvas_print(canvas, false);
}

static uint64_t selected_frame(Stage *stage)
{
	Screen *top = stage_top(stage);
	return top->ops->frame(top, stage_view(stage)).number;
}

static void a_client_is_shown_where_it_lost_its_session(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "t");
	/* the CONNACK that said so */
	assert_int_equal(selected_frame(stage), 35);
	stage_free(stage);
}

static void evidence_leads_to_its_frame(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "Tab");
	Screen *timeline = stage_top(stage);
	for (int i = 0; i < 40; i++) {
		g_autofree char *line = timeline->ops->copy(timeline, stage_view(stage));
		if (strstr(line, "frame 4 ") != NULL)
			break;
		press(stage, "Down");
	}
	press(stage, "Enter");
	assert_int_equal(selected_frame(stage), 4);
	/* and the card still tells of the same finding */
	g_autofree char *shown = picture(stage, 120, 40, false);
	assert_non_null(strstr(shown, "expiry-absent, loss"));
	stage_free(stage);
}

/* Frames of others are no events of this client: the same moment is. */
static void evidence_of_another_client_leads_to_its_moment(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	Screen *timeline = stage_top(stage);
	press(stage, "t");
	assert_true(timeline->ops->go(timeline, stage_view(stage), fake_instant(60), (FrameRef){0}));
	assert_int_equal(selected_frame(stage), 12);
	assert_true(timeline->ops->go(timeline, stage_view(stage), INSTANT_UNKNOWN, (FrameRef){.number = 8}));
	assert_int_equal(selected_frame(stage), 8);
	assert_false(timeline->ops->go(timeline, stage_view(stage), INSTANT_UNKNOWN, (FrameRef){.number = 9999}));
	stage_free(stage);
}

static void packets_open_and_lead_to_their_neighbours(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "g Down Enter");
	assert_int_equal(stage_top(stage)->ops->id, SCREEN_PACKET);
	assert_int_equal(selected_frame(stage), 4);
	press(stage, "]");
	assert_int_equal(selected_frame(stage), 5);
	press(stage, "[");
	assert_int_equal(selected_frame(stage), 4);
	press(stage, "[");
	assert_string_equal(stage_message(stage), "This is the first packet of the connection.");
	/* the last packet of the first connection is its DISCONNECT */
	press(stage, "] ] ] ] ] ]");
	assert_int_equal(selected_frame(stage), 12);
	press(stage, "]");
	assert_int_equal(selected_frame(stage), 12);
	press(stage, "q");
	assert_int_equal(stage_top(stage)->ops->id, SCREEN_TIMELINE);
	stage_free(stage);
}

/* CONNECT "10 R "MQTT" 05 00 003C 00 "sensor-17": the Client Identifier has octets 13 to 23. */
static void an_octet_selects_its_field(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "g Down Enter Tab End");
	Screen *packet = stage_top(stage);
	g_autofree char *octets = packet->ops->copy(packet, stage_view(stage));
	assert_string_equal(octets, "00 09 73 65 6E 73 6F 72 2D 31 37");
	press(stage, "Tab");
	g_autofree char *value = packet->ops->copy(packet, stage_view(stage));
	assert_string_equal(value, "sensor-17");
	stage_free(stage);
}

static void two_marked_packets_are_compared(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "=");
	assert_non_null(stage_message(stage));
	assert_int_equal(stage_top(stage)->ops->id, SCREEN_TIMELINE);
	/* both CONNECTs: their connections */
	press(stage, "g Down Space G Up Up Up Space =");
	assert_int_equal(stage_top(stage)->ops->id, SCREEN_COMPARE);
	Screen *compare = stage_top(stage);
	g_autofree char *lines = compare->ops->copy(compare, stage_view(stage));
	assert_non_null(strstr(lines, "!   Session found\tfirst-seen\tfresh-unexpected\n"));
	assert_non_null(strstr(lines, "Client Identifier\tsensor-17\tsensor-17\n"));
	assert_non_null(strstr(lines, "Session Present\t0\t0\n"));
	stage_free(stage);
}

static void the_selection_stays_while_the_axis_is_panned(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	press(stage, "+ + + Left Left");
	assert_int_equal(selected_frame(stage), 35);
	g_autofree char *zoomed = picture(stage, 120, 40, false);
	press(stage, "0");
	g_autofree char *whole = picture(stage, 120, 40, false);
	assert_string_not_equal(zoomed, whole);
	assert_int_equal(selected_frame(stage), 35);
	stage_free(stage);
}

static void what_is_waited_for_is_selected_once_it_is_there(void **state)
{
	(void)state;
	Stage *stage = stage_with("unreadable", timeline_screen_new);
	press(stage, "t");
	assert_int_equal(selected_frame(stage), 0);
	History *history = stage_history(stage);
	fake_history_state(history, 0.5, NULL, 0);
	fake_packet(history, (FakeAt){0.001, 4, 0, 0, true}, MQTT_5_0, "C0 00");
	press(stage, "t");
	Screen *timeline = stage_top(stage);
	assert_true(timeline->ops->busy(timeline, stage_view(stage)));
	fake_packet(history, (FakeAt){364.202, 35, 0, 1, false}, MQTT_5_0, "20 R 00 00 00");
	fake_packet(history, (FakeAt){370, 36, 0, 1, false}, MQTT_5_0, "D0 00");
	fake_history_state(history, 1, NULL, 0);
	press(stage, "t");
	assert_int_equal(selected_frame(stage), 35);
	assert_false(timeline->ops->busy(timeline, stage_view(stage)));
	stage_free(stage);
}

/* No octet of a terminal's language, no override of direction, comes onto the canvas. */
static void assert_harmless(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		assert_true((unsigned char)*at >= 0x20 || *at == '\n');
	assert_null(strstr(text, "\xE2\x80\xAE"));
	assert_true(g_utf8_validate(text, -1, NULL));
}

static void a_password_is_nowhere(void **state)
{
	(void)state;
	Stage *stage = stage_with("hostile", timeline_screen_new);
	stage_show(stage, packet_screen_new(history_ref(stage_history(stage)), 0));
	for (int columns = 20; columns <= 200; columns += 20) {
		g_autofree char *shown = picture(stage, columns, 60, false);
		assert_harmless(shown);
		assert_null(strstr(shown, "secret"));
		assert_null(strstr(shown, "73 65 63 72"));
	}
	press(stage, "End");
	g_autofree char *value = stage_top(stage)->ops->copy(stage_top(stage), stage_view(stage));
	assert_string_equal(value, "6 octets, not shown");
	press(stage, "Tab");
	assert_null(stage_top(stage)->ops->copy(stage_top(stage), stage_view(stage)));
	stage_free(stage);
}

static void a_redacted_view_names_no_topic(void **state)
{
	(void)state;
	Stage *stage = stage_with("founding", timeline_screen_new);
	stage_redact(stage, true);
	static const char *const steps[] = {"t", "Tab", "Tab", "x", "q", "g", "Down", "Down", "Down", "Enter",
	                                    "Tab", "]", "]", "q"};
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		press(stage, steps[i]);
		g_autofree char *shown = picture(stage, 200, 60, false);
		assert_null(strstr(shown, "plant"));
		assert_null(strstr(shown, "21.5"));
		assert_null(strstr(shown, "70 6c 61 6e 74")); /* "plant" */
		assert_null(strstr(shown, "32 31 2e 35"));    /* "21.5" */
	}
	stage_free(stage);
}

static Screen *any_screen(Stage *stage, unsigned which)
{
	History *history = stage_history(stage);
	uint32_t n = history_n_events(history);
	if (which == 0 || n == 0)
		return timeline_screen_new(0, UINT32_MAX);
	if (which == 1)
		return ladder_screen_new(0, (uint32_t)g_random_int_range(0, 2));
	if (which == 2)
		return packet_screen_new(history_ref(history), (uint32_t)g_random_int_range(0, (gint32)n));
	return compare_screen_new(history_ref(history), 0, history_ref(history),
	                          (uint32_t)g_random_int_range(0, (gint32)n));
}

/* Each key that a screen knows, at sizes from nothing to beyond all screens. */
static void storm(const char *story, unsigned rounds)
{
	Stage *stage = stage_new(story);
	g_autoptr(Canvas) canvas = canvas_new();
	for (unsigned i = 0; i < rounds; i++) {
		if (i % 40 == 0)
			stage_show(stage, any_screen(stage, i / 40 % 4));
		Action action = (Action)g_random_int_range(1, ACTION_N);
		if ((action_info(action)->where >> stage_top(stage)->ops->id & 1) != 0)
			stage_act(stage, action);
		if (g_random_int_range(0, 4) == 0)
			continue;
		int columns = g_random_int_range(0, i % 3 == 0 ? 500 : 90), rows = g_random_int_range(0, i % 3 == 0 ? 200 : 40);
		stage_draw(stage, canvas, columns, rows, i % 7 == 0);
		Screen *top = stage_top(stage);
		if (top->ops->click != NULL && rows > 0 && columns > 0)
			top->ops->click(top, stage_view(stage), g_random_int_range(0, columns),
			                g_random_int_range(0, rows), false, stage_app(stage));
		if (i % 50 == 0) {
			g_autofree char *shown = canvas_print(canvas, false);
			assert_harmless(shown);
			g_free(top->ops->copy(top, stage_view(stage)));
		}
	}
	stage_free(stage);
}

static void no_key_at_no_size_breaks_a_screen(void **state)
{
	(void)state;
	const char *set = g_getenv("MQLAPSE_TEST_ROUNDS");
	unsigned rounds = set == NULL ? 800 : 20 * (unsigned)g_ascii_strtoull(set, NULL, 10);
	guint32 seed = g_random_int();
	print_message("seed %u\n", seed);
	g_random_set_seed(seed);
	for (size_t i = 0; i < G_N_ELEMENTS(stories); i++)
		storm(stories[i], MIN(rounds, 20000));
}

static void a_picture_of_many_events_costs_what_it_shows(void **state)
{
	(void)state;
	enum { PICTURES = 50 };
	Stage *stage = stage_with("long", timeline_screen_new);
	press(stage, "G");
	g_autoptr(Canvas) canvas = canvas_new();
	gint64 begin = g_get_monotonic_time();
	for (int i = 0; i < PICTURES; i++) {
		stage_key(stage, i % 2 == 0 ? "Up" : "Down");
		stage_draw(stage, canvas, 200, 50, false);
	}
	double each = (double)(g_get_monotonic_time() - begin) / PICTURES / 1000;
	print_message("%.2f ms a picture of 100000 events\n", each);
	assert_true(each < 50);
	stage_free(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_shown_where_it_lost_its_session),
		cmocka_unit_test(evidence_leads_to_its_frame),
		cmocka_unit_test(evidence_of_another_client_leads_to_its_moment),
		cmocka_unit_test(packets_open_and_lead_to_their_neighbours),
		cmocka_unit_test(an_octet_selects_its_field),
		cmocka_unit_test(two_marked_packets_are_compared),
		cmocka_unit_test(the_selection_stays_while_the_axis_is_panned),
		cmocka_unit_test(what_is_waited_for_is_selected_once_it_is_there),
		cmocka_unit_test(a_password_is_nowhere),
		cmocka_unit_test(a_redacted_view_names_no_topic),
		cmocka_unit_test(no_key_at_no_size_breaks_a_screen),
		cmocka_unit_test(a_picture_of_many_events_costs_what_it_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
