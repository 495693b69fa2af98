/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/screens/prompt.h"
#include "ui/screens/scroller.h"
#include "ui/screens/settings.h"

static void every_key_has_a_name_that_leads_back_to_it(void **state)
{
	(void)state;
	static const char *const names[] = {"k", "^L", "F10", "Space", "PageUp", "Escape", "?", "é", ":"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		Key key = typed_by_name(names[i]);
		assert_int_not_equal(key, TYPED_NONE);
		g_autofree char *name = typed_name(key);
		assert_string_equal(name, names[i]);
	}
	assert_int_equal(typed_by_name("^L"), 12);
	assert_int_equal(typed_by_name("F13"), TYPED_NONE);
	assert_int_equal(typed_by_name("Hyper"), TYPED_NONE);
	assert_int_equal(typed_by_name(""), TYPED_NONE);
}

static void a_key_means_what_the_screen_can_do(void **state)
{
	(void)state;
	g_autoptr(Keymap) keymap = keymap_new();
	assert_int_equal(keymap_action(keymap, SCREEN_CLIENTS, '>'), ACTION_SORT_NEXT);
	assert_int_equal(keymap_action(keymap, SCREEN_PACKET, '>'), ACTION_NONE);
	assert_int_equal(keymap_action(keymap, SCREEN_PACKET, TYPED_F1), ACTION_HELP);
}

static void two_meanings_of_a_key_on_one_screen_are_refused(void **state)
{
	(void)state;
	g_autoptr(Keymap) keymap = keymap_new();
	g_autoptr(GError) error = NULL;
	assert_true(keymap_set(keymap, ACTION_SORT_NEXT, "n", &error));
	assert_false(keymap_check(keymap, &error));
	assert_non_null(strstr(error->message, "key n"));
	assert_non_null(strstr(error->message, "search-next"));
	assert_non_null(strstr(error->message, "sort-next"));
}

static void a_key_may_mean_different_things_on_different_screens(void **state)
{
	(void)state;
	g_autoptr(Keymap) keymap = keymap_new();
	assert_true(keymap_set(keymap, ACTION_CARD, ">", NULL)); /* sort-next is for lists alone */
	assert_true(keymap_check(keymap, NULL));
}

/* --- the configuration -------------------------------------------------------------------------- */

typedef struct Config {
	Settings settings;
	Keymap *keymap;
	char *path;
	GError *error;
} Config;

static Config load(const char *text)
{
	unsetenv("NO_COLOR");
	Config config = {.keymap = keymap_new()};
	settings_init(&config.settings);
	int fd = g_file_open_tmp("mqlapse-config-XXXXXX", &config.path, NULL);
	assert_true(fd >= 0);
	assert_true(g_file_set_contents(config.path, text, -1, NULL));
	close(fd);
	settings_load_file(&config.settings, config.keymap, config.path, &config.error);
	return config;
}

static void unload(Config *config)
{
	remove(config->path);
	g_free(config->path);
	g_clear_error(&config->error);
	settings_clear(&config->settings);
	keymap_free(config->keymap);
}

static void the_configuration_sets_what_it_names(void **state)
{
	(void)state;
	Config config = load("[screen]\ntheme = light\nascii = on\ncolumns = id cause\n"
	                     "[keys]\nquit = X ^C\n[colors]\nloss = white red bold underline\n");
	assert_null(config.error);
	assert_int_equal(config.settings.theme.id, THEME_LIGHT);
	assert_true(config.settings.ascii);
	assert_string_equal(config.settings.columns, "id cause");
	assert_int_equal(keymap_action(config.keymap, SCREEN_CLIENTS, 'X'), ACTION_QUIT);
	assert_int_equal(keymap_action(config.keymap, SCREEN_CLIENTS, 'Q'), ACTION_NONE);
	Look look = config.settings.theme.looks[ROLE_LOSS];
	assert_int_equal(look.foreground, SHADE_WHITE);
	assert_int_equal(look.background, SHADE_RED);
	assert_int_equal(look.attributes, LOOK_BOLD | LOOK_UNDERLINE);
	unload(&config);
}

static void a_mistake_in_it_is_told_with_file_group_and_key(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{"[screen]\ntheme = blue\n", "[screen] theme"},
		{"[screen]\nthem = dark\n", "[screen] them"},
		{"[screen]\nascii = perhaps\n", "[screen] ascii"},
		{"[keys]\nfly = x\n", "[keys] fly"},
		{"[keys]\nquit = Hyper\n", "[keys] quit"},
		{"[keys]\nquit = j\n", "key j"},
		{"[keys]\nquit =\ncommand =\n", "no way out"},
		{"[colors]\nloss = purple\n", "[colors] loss"},
		{"[colors]\nlosses = red\n", "[colors] losses"},
		{"[windows]\na = b\n", "[windows]"},
		{"theme = dark\n", "config"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		Config config = load(cases[i].text);
		assert_non_null(config.error);
		assert_non_null(strstr(config.error->message, config.path));
		assert_non_null(strstr(config.error->message, cases[i].says));
		unload(&config);
	}
}

static void no_color_wins_over_the_configuration(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	Settings settings;
	settings_init(&settings);
	assert_int_equal(settings.theme.id, THEME_MONO);
	for (unsigned i = 0; i < ROLE_N; i++) {
		assert_int_equal(settings.theme.looks[i].foreground, SHADE_DEFAULT);
		assert_int_equal(settings.theme.looks[i].background, SHADE_DEFAULT);
	}
	unsetenv("NO_COLOR");
}

/* --- the prompt --------------------------------------------------------------------------------- */

static char **fruit(void *user, PromptKind kind, const char *text, size_t cursor)
{
	static const char *const all[] = {"apple", "apricot", "banana"};
	GPtrArray *fitting = g_ptr_array_new();
	(void)user;
	(void)kind;
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (strncmp(all[i], text, cursor) == 0)
			g_ptr_array_add(fitting, g_strdup(all[i]));
	g_ptr_array_add(fitting, NULL);
	return (char **)g_ptr_array_free(fitting, FALSE);
}

static void type(Prompt *prompt, const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		prompt_key(prompt, (Key)*at);
}

static void the_prompt_edits_by_characters_not_octets(void **state)
{
	(void)state;
	Prompt *prompt = prompt_new(fruit, NULL);
	prompt_begin(prompt, PROMPT_SEARCH, "");
	prompt_key(prompt, 'a');
	prompt_key(prompt, 0x6E29); /* 温 */
	prompt_key(prompt, 'b');
	prompt_key(prompt, TYPED_LEFT);
	assert_int_equal(prompt_key(prompt, TYPED_BACKSPACE), PROMPT_CHANGED);
	assert_string_equal(prompt_text(prompt), "ab");
	prompt_key(prompt, TYPED_DELETE);
	assert_string_equal(prompt_text(prompt), "a");
	prompt_free(prompt);
}

static void tab_completes_as_far_as_all_agree_and_then_one_after_the_other(void **state)
{
	(void)state;
	Prompt *prompt = prompt_new(fruit, NULL);
	prompt_begin(prompt, PROMPT_COMMAND, "");
	type(prompt, "a");
	prompt_key(prompt, TYPED_TAB);
	assert_string_equal(prompt_text(prompt), "ap");
	prompt_key(prompt, TYPED_TAB);
	assert_string_equal(prompt_text(prompt), "apple");
	prompt_key(prompt, TYPED_TAB);
	assert_string_equal(prompt_text(prompt), "apricot");
	prompt_begin(prompt, PROMPT_COMMAND, "b");
	prompt_key(prompt, TYPED_TAB);
	assert_string_equal(prompt_text(prompt), "banana "); /* ready for the next word */
	prompt_free(prompt);
}

static void what_was_typed_before_comes_back(void **state)
{
	(void)state;
	Prompt *prompt = prompt_new(fruit, NULL);
	prompt_begin(prompt, PROMPT_FILTER, "");
	type(prompt, "one");
	assert_int_equal(prompt_key(prompt, TYPED_ENTER), PROMPT_DONE);
	assert_false(prompt_active(prompt));
	prompt_begin(prompt, PROMPT_FILTER, "");
	type(prompt, "tw");
	prompt_key(prompt, TYPED_UP);
	assert_string_equal(prompt_text(prompt), "one");
	prompt_key(prompt, TYPED_DOWN);
	assert_string_equal(prompt_text(prompt), "tw");
	assert_int_equal(prompt_key(prompt, TYPED_ESCAPE), PROMPT_CANCELLED);
	prompt_begin(prompt, PROMPT_COMMAND, "");
	prompt_key(prompt, TYPED_UP);
	assert_string_equal(prompt_text(prompt), ""); /* each kind has a history of its own */
	prompt_free(prompt);
}

static void no_key_grows_the_prompt_beyond_its_bound(void **state)
{
	(void)state;
	Prompt *prompt = prompt_new(fruit, NULL);
	prompt_begin(prompt, PROMPT_SEARCH, "");
	for (int i = 0; i < 10000; i++)
		prompt_key(prompt, 'x');
	assert_true(strlen(prompt_text(prompt)) <= 4096);
	prompt_free(prompt);
}

static void the_cursor_stays_among_the_rows_and_in_sight(void **state)
{
	(void)state;
	Scroller scroller = {.cursor = 0};
	scroller_fit(&scroller, 100, 10);
	assert_true(scroller_act(&scroller, ACTION_BOTTOM, 100));
	scroller_fit(&scroller, 100, 10);
	assert_int_equal(scroller.cursor, 99);
	assert_int_equal(scroller.top, 90);
	scroller_fit(&scroller, 3, 10); /* rows went away */
	assert_int_equal(scroller.cursor, 2);
	assert_int_equal(scroller.top, 0);
	scroller_fit(&scroller, 0, 0);
	assert_int_equal(scroller.cursor, 0);
	assert_false(scroller_act(&scroller, ACTION_OPEN, 0));
}

static void a_jump_out_of_sight_comes_into_the_middle_and_a_step_to_the_edge(void **state)
{
	(void)state;
	Scroller scroller = {0};
	scroller_fit(&scroller, 100, 10);
	scroller_jump(&scroller, 5); /* in sight */
	scroller_fit(&scroller, 100, 10);
	assert_int_equal(scroller.top, 0);
	scroller_jump(&scroller, 50);
	scroller_fit(&scroller, 100, 10);
	assert_int_equal(scroller.top, 45);
	scroller_jump(&scroller, 54);
	scroller_fit(&scroller, 100, 10);
	assert_true(scroller_act(&scroller, ACTION_DOWN, 100));
	scroller_fit(&scroller, 100, 10);
	assert_int_equal(scroller.top, 46);
	scroller_jump(&scroller, 99);
	scroller_fit(&scroller, 100, 10);
	assert_int_equal(scroller.top, 90);
}

/* A row of many colours the other way round is hard to read. */
static void under_the_cursor_all_has_one_look_but_what_has_a_ground_of_its_own(void **state)
{
	(void)state;
	Theme dark, mono;
	theme_init(&dark, THEME_DARK);
	theme_init(&mono, THEME_MONO);
	Cell loss = {.role = ROLE_LOSS}, fault = {.role = ROLE_FAULT, .cursor = true};
	assert_int_equal(theme_role(&dark, &loss), ROLE_LOSS);
	loss.cursor = true;
	assert_int_equal(theme_role(&dark, &loss), ROLE_NORMAL);
	assert_int_equal(theme_role(&dark, &fault), ROLE_FAULT);
	assert_int_equal(theme_role(&mono, &fault), ROLE_FAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_a_name_that_leads_back_to_it),
		cmocka_unit_test(a_key_means_what_the_screen_can_do),
		cmocka_unit_test(two_meanings_of_a_key_on_one_screen_are_refused),
		cmocka_unit_test(a_key_may_mean_different_things_on_different_screens),
		cmocka_unit_test(the_configuration_sets_what_it_names),
		cmocka_unit_test(a_mistake_in_it_is_told_with_file_group_and_key),
		cmocka_unit_test(no_color_wins_over_the_configuration),
		cmocka_unit_test(the_prompt_edits_by_characters_not_octets),
		cmocka_unit_test(tab_completes_as_far_as_all_agree_and_then_one_after_the_other),
		cmocka_unit_test(what_was_typed_before_comes_back),
		cmocka_unit_test(no_key_grows_the_prompt_beyond_its_bound),
		cmocka_unit_test(the_cursor_stays_among_the_rows_and_in_sight),
		cmocka_unit_test(a_jump_out_of_sight_comes_into_the_middle_and_a_step_to_the_edge),
		cmocka_unit_test(under_the_cursor_all_has_one_look_but_what_has_a_ground_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
