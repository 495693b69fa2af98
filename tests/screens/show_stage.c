/* SPDX-License-Identifier: MIT */
/*
 * Draws a screen after some keys: show_stage [--ascii] [--roles] STORY timeline|packet|ladder|compare
 * COLUMNSxROWS KEY...  Before each key it draws too, as a terminal would; @COLUMNSxROWS is another size.
 */
#include <stdio.h>
#include <string.h>

#include "tests/screens/stage.h"

static Screen *screen_named(Stage *stage, const char *name)
{
	History *history = stage_history(stage);
	uint32_t last = history_n_events(history) - 1;
	if (strcmp(name, "timeline") == 0)
		return timeline_screen_new(0, UINT32_MAX);
	if (strcmp(name, "ladder") == 0)
		return ladder_screen_new(0, 0);
	if (strcmp(name, "packet") == 0)
		return packet_screen_new(history_ref(history), 0);
	if (strcmp(name, "compare") == 0)
		return compare_screen_new(history_ref(history), 1, history_ref(history), last);
	return NULL;
}

static void play(Stage *stage, Canvas *canvas, const char *size, char **keys, bool ascii)
{
	int columns = 0, rows = 0;
	sscanf(size, "%dx%d", &columns, &rows);
	stage_draw(stage, canvas, columns, rows, ascii);
	for (; *keys != NULL; keys++) {
		if (**keys == '@')
			sscanf(*keys + 1, "%dx%d", &columns, &rows);
		else
			stage_key(stage, *keys);
		stage_draw(stage, canvas, columns, rows, ascii);
	}
}

int main(int argc, char **argv)
{
	bool ascii = false, roles = false;
	int first = 1;
	for (; first < argc && g_str_has_prefix(argv[first], "--"); first++) {
		ascii |= strcmp(argv[first], "--ascii") == 0;
		roles |= strcmp(argv[first], "--roles") == 0;
	}
	Stage *stage = argc - first < 3 ? NULL : stage_new(argv[first]);
	Screen *screen = stage == NULL ? NULL : screen_named(stage, argv[first + 1]);
	if (screen == NULL) {
		fprintf(stderr, "show_stage [--ascii] [--roles] STORY SCREEN COLUMNSxROWS KEY...\n");
		return 1;
	}
	stage_show(stage, screen);
	g_autoptr(Canvas) canvas = canvas_new();
	play(stage, canvas, argv[first + 2], argv + first + 3, ascii);
	g_autofree char *picture = canvas_print(canvas, roles);
	fputs(picture, stdout);
	stage_free(stage);
	return 0;
}
