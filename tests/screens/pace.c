/* SPDX-License-Identifier: MIT */
/*
 * pace: how long keys take until the picture is there, with a capture of any size.
 *
 * pace FILE COLUMNSxROWS KEY...: keys as in play.c.  Prints milliseconds: of the key itself, of the
 * drawing after it, and of the slowest drawing until nothing changes any more.  Not part of the tests:
 * what it prints depends on the machine.
 */
#include <stdio.h>
#include <string.h>

#include "ui/screens/app.h"

enum { QUIET_US = 300000, STEP_US = 1000 };

typedef struct Pace {
	App *app;
	Canvas *canvas;
	int columns, rows;
} Pace;

static double ms_since(gint64 begin)
{
	return (double)(g_get_monotonic_time() - begin) / 1e3;
}

static double draw(Pace *pace)
{
	gint64 begin = g_get_monotonic_time();
	app_draw(pace->app, pace->canvas, pace->columns, pace->rows);
	return ms_since(begin);
}

static double settle(Pace *pace, unsigned *n_drawings)
{
	double slowest = 0;
	for (gint64 quiet = g_get_monotonic_time(); g_get_monotonic_time() - quiet < QUIET_US;) {
		g_usleep(STEP_US);
		if (!app_stale(pace->app))
			continue;
		slowest = MAX(slowest, draw(pace));
		(*n_drawings)++;
		quiet = g_get_monotonic_time();
	}
	return slowest;
}

static void press(Pace *pace, const char *name, Key key)
{
	gint64 begin = g_get_monotonic_time();
	unsigned n_drawings = 0;
	app_key(pace->app, key);
	double acting = ms_since(begin), drawing = draw(pace);
	double slowest = settle(pace, &n_drawings);
	printf("%-10s %7.1f %7.1f %7.1f of %u\n", name, acting, drawing, slowest, n_drawings);
}

static bool press_word(Pace *pace, char *word)
{
	if (word[0] != '=' || word[1] == '\0') {
		Key key = typed_by_name(word);
		if (key != TYPED_NONE)
			press(pace, word, key);
		return key != TYPED_NONE;
	}
	for (char *at = word + 1; *at != '\0'; at = g_utf8_next_char(at)) {
		g_autofree char *name = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
		press(pace, name, g_utf8_get_char(at));
	}
	return true;
}

static int run(Engine *engine, char **words)
{
	Settings settings;
	settings_init(&settings);
	g_autoptr(Keymap) keymap = keymap_new();
	g_autoptr(Canvas) canvas = canvas_new();
	gint64 begin = g_get_monotonic_time();
	Pace pace = {.app = app_new(engine, &settings, keymap), .canvas = canvas};
	bool good = sscanf(words[0], "%dx%d", &pace.columns, &pace.rows) == 2;
	draw(&pace);
	printf("%-10s %7s %7.1f\n%-10s %7s %7s %7s\n", "first", "", ms_since(begin), "key", "act", "draw",
	       "slowest");
	for (char **word = words + 1; good && *word != NULL; word++)
		good = press_word(&pace, *word);
	app_free(pace.app);
	settings_clear(&settings);
	return good ? 0 : 1;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	if (argc < 3) {
		fprintf(stderr, "pace FILE COLUMNSxROWS KEY...\n");
		return 1;
	}
	char *files[] = {argv[1], NULL};
	EngineOptions options = {.files = files};
	g_autoptr(Engine) engine = engine_new(&options, &error);
	if (engine == NULL) {
		fprintf(stderr, "pace: %s\n", error->message);
		return 1;
	}
	engine_run(engine);
	return run(engine, argv + 2);
}
