/* SPDX-License-Identifier: MIT */
/*
 * play: shows what the screens show, without a terminal.
 *
 * play [--roles] [--ascii] [--each] [--svg] FILE COLUMNSxROWS KEY...: KEY is the name of a key as in the configuration,
 * "=text" is typed, "@COLUMNSxROWS" is another size.  Prints the last picture, or one after each key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/screens/svg.h"
#include "ui/screens/app.h"

enum { WAIT_US = 2000, WAITS = 5000 };

typedef struct Play {
	App *app;
	Canvas *canvas;
	int columns, rows;
	bool roles, svg;
} Play;

/* Histories are read in the background: until they are there, the picture is not what it will be. */
static void settle(Play *play)
{
	app_draw(play->app, play->canvas, play->columns, play->rows);
	for (int i = 0; i < WAITS && app_busy(play->app); i++) {
		g_usleep(WAIT_US);
		app_draw(play->app, play->canvas, play->columns, play->rows);
	}
}

static void print(const Play *play)
{
	g_autofree char *picture = play->svg ? svg_of(play->canvas, &app_settings(play->app)->theme)
	                                     : canvas_print(play->canvas, play->roles);
	fputs(picture, stdout);
}

static bool take_size(Play *play, const char *text)
{
	return sscanf(text, "%dx%d", &play->columns, &play->rows) == 2;
}

static void type(App *app, const char *text)
{
	for (; *text != '\0'; text += g_utf8_skip[(guchar)*text])
		app_key(app, g_utf8_get_char(text));
}

static bool press(Play *play, const char *word)
{
	if (word[0] == '@' && word[1] != '\0')
		return take_size(play, word + 1);
	if (word[0] == '=' && word[1] != '\0') {
		type(play->app, word + 1);
		return true;
	}
	Key key = typed_by_name(word);
	if (key == TYPED_NONE)
		return false;
	app_key(play->app, key);
	return true;
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "play: %s: %s\n", what, why);
	return 1;
}

static int run(Play *play, char **words, bool each)
{
	settle(play);
	for (; *words != NULL; words++) {
		if (each) {
			print(play);
			printf("---- %s\n", *words);
		}
		if (!press(play, *words))
			return fail(*words, "no key and no size");
		if (app_over(play->app))
			return 0;
		settle(play);
	}
	print(play);
	return 0;
}

static int play_file(char *path, char **words, Settings *settings, Play play, bool each)
{
	g_autoptr(GError) error = NULL;
	char *files[] = {path, NULL};
	EngineOptions options = {.files = files};
	g_autoptr(Engine) engine = engine_new(&options, &error);
	if (engine == NULL)
		return fail(path, error->message);
	engine_run(engine);
	g_autoptr(Keymap) keymap = keymap_new();
	play.canvas = canvas_new();
	play.app = app_new(engine, settings, keymap);
	int status = run(&play, words, each);
	app_free(play.app);
	canvas_free(play.canvas);
	return status;
}

int main(int argc, char **argv)
{
	Play play = {0};
	Settings settings;
	settings_init(&settings);
	bool each = false;
	char **words = argv + 1;
	for (; *words != NULL && g_str_has_prefix(*words, "--"); words++) {
		play.roles |= strcmp(*words, "--roles") == 0;
		play.svg |= strcmp(*words, "--svg") == 0;
		settings.ascii |= strcmp(*words, "--ascii") == 0;
		each |= strcmp(*words, "--each") == 0;
	}
	if (argc < 3 || words[0] == NULL || words[1] == NULL || !take_size(&play, words[1]))
		return fail("usage", "[--roles] [--ascii] [--each] [--svg] FILE COLUMNSxROWS KEY...");
	int status = play_file(words[0], words + 2, &settings, play, each);
	settings_clear(&settings);
	return status;
}
