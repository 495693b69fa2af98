/* SPDX-License-Identifier: MIT */
/*
 * storm: random keys and sizes, so that what nobody thought of happens.
 *
 * storm FILE...: each file in turn, ten times MQLAPSE_TEST_ROUNDS keys (5000 if it is not set), among them
 * commands and clicks; the seed is MQLAPSE_TEST_SEED, or 1.  It fails by crashing, by a cell that is no cell, or under a sanitizer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/screens/app.h"

typedef struct Storm {
	App *app;
	Canvas *canvas;
	GRand *random;
	int columns, rows;
} Storm;

static Key random_key(GRand *random)
{
	static const char words[] = "0123456789abcdefghijklmnopqrstuvwxyz:/<>=!'\"()*+-?[]{}~ AFGILMNQRTX";
	switch (g_rand_int_range(random, 0, 4)) {
	case 0:
		return TYPED_UP + (Key)g_rand_int_range(random, 0, (gint32)(TYPED_F12 - TYPED_UP + 1));
	case 1:
		return (Key)g_rand_int_range(random, 1, 32);
	case 2:
		return TYPED_ENTER;
	default:
		return (Key)words[g_rand_int_range(random, 0, sizeof words - 1)];
	}
}

/* Those that write files are not among them. */
static void type_command(Storm *storm)
{
	static const char *const commands[] = {
		"goto 62", "goto 10:00:50", "goto +1e8", "goto 99999999999", "filter lost > 0 or state = kept",
		"filter cause != expired and not client ~ ^p", "filter ((", "filter", "set columns client lost timeline",
		"set columns", "set sort -lost", "set sort nonsense", "set ascii on", "set ascii off", "set redact on",
		"set redact off", "set times relative", "set card off", "set card on", "theme mono", "theme dark",
		"explain expired", "explain nonsense", "wireshark", "log", "help", "findings", "brokers", "clients", "x",
	};
	const char *text = commands[g_rand_int_range(storm->random, 0, G_N_ELEMENTS(commands))];
	app_key(storm->app, TYPED_ESCAPE);
	app_key(storm->app, ':');
	for (; *text != '\0'; text++)
		app_key(storm->app, (Key)*text);
	app_key(storm->app, TYPED_ENTER);
}

static void change_size(Storm *storm)
{
	static const int edges[] = {1, 2, 3, 5, 20, 40, 80, 120, 200, 500};
	if (g_rand_int_range(storm->random, 0, 3) == 0) {
		storm->columns = edges[g_rand_int_range(storm->random, 0, G_N_ELEMENTS(edges))];
		storm->rows = edges[g_rand_int_range(storm->random, 0, G_N_ELEMENTS(edges) - 1)];
		return;
	}
	storm->columns = g_rand_int_range(storm->random, 1, 160);
	storm->rows = g_rand_int_range(storm->random, 1, 60);
}

static bool is_cell(const Cell *cell)
{
	unsigned char first = (unsigned char)cell->text[0];
	return cell->role < ROLE_N && g_utf8_validate(cell->text, -1, NULL) && first != 0x7F &&
	       (first == '\0' || first >= ' ');
}

/* Each row is as wide as the canvas: no character is cut, none lies half outside. */
static bool is_whole(const Canvas *canvas)
{
	for (int y = 0; y < canvas_rows(canvas); y++) {
		int width = 0;
		for (int x = 0; x < canvas_columns(canvas); x++) {
			const Cell *cell = canvas_cell(canvas, x, y);
			if (!is_cell(cell))
				return false;
			width += text_width(cell->text);
		}
		if (width != canvas_columns(canvas))
			return false;
	}
	return true;
}

static bool blow(Storm *storm, long keys)
{
	for (long i = 0; i < keys; i++) {
		Key key = random_key(storm->random);
		/* leaving, and what writes files, would end the storm or leave its traces */
		Action action = keymap_action(app_keymap(storm->app), SCREEN_CLIENTS, key);
		if (action == ACTION_QUIT || action == ACTION_SAVE || action == ACTION_COMMAND ||
		    action == ACTION_SETTINGS)
			continue;
		app_key(storm->app, key);
		if (g_rand_int_range(storm->random, 0, 8) == 0)
			app_click(storm->app, g_rand_int_range(storm->random, -2, 200),
			          g_rand_int_range(storm->random, -2, 70), i % 2 == 0);
		if (g_rand_int_range(storm->random, 0, 10) == 0)
			change_size(storm);
		if (g_rand_int_range(storm->random, 0, 40) == 0)
			type_command(storm);
		app_draw(storm->app, storm->canvas, storm->columns, storm->rows);
		if (!is_whole(storm->canvas)) {
			g_autofree char *picture = canvas_print(storm->canvas, false);
			printf("FAIL: after key %ld, %d x %d:\n%s", i, storm->columns, storm->rows, picture);
			return false;
		}
		g_free(app_take_clipboard(storm->app));
	}
	return true;
}

static bool storm_over(char *path, long keys, guint32 seed)
{
	g_autoptr(GError) error = NULL;
	char *files[] = {path, NULL};
	EngineOptions options = {.files = files};
	g_autoptr(Engine) engine = engine_new(&options, &error);
	if (engine == NULL) {
		printf("no capture: %s\n", error->message);
		return true;
	}
	engine_run(engine);
	Settings settings;
	settings_init(&settings);
	g_autoptr(Keymap) keymap = keymap_new();
	Storm storm = {
		.app = app_new(engine, &settings, keymap),
		.canvas = canvas_new(),
		.random = g_rand_new_with_seed(seed),
		.columns = 80,
		.rows = 24,
	};
	bool good = blow(&storm, keys);
	g_rand_free(storm.random);
	canvas_free(storm.canvas);
	app_free(storm.app);
	settings_clear(&settings);
	printf("%s: %s, %ld keys, seed %u\n", good ? "ok" : "FAIL", path, keys, seed);
	return good;
}

int main(int argc, char **argv)
{
	const char *rounds = getenv("MQLAPSE_TEST_ROUNDS"), *seed = getenv("MQLAPSE_TEST_SEED");
	long keys = rounds != NULL ? strtol(rounds, NULL, 10) * 10 : 5000;
	bool good = argc > 1 && access(argv[1], R_OK) == 0;
	for (int i = 1; i < argc; i++)
		good &= storm_over(argv[i], keys, seed != NULL ? (guint32)strtoul(seed, NULL, 10) : 1);
	return good ? 0 : 1;
}
