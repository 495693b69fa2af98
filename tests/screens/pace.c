/* SPDX-License-Identifier: MIT */
/*
 * pace: how long keys take until the picture is there, with a capture of any size, while it is read
 * and afterwards.
 *
 * pace [--most MS] [--first MS] FILE COLUMNSxROWS KEY...: keys as in play.c.  They come at moments of
 * their own, as from somebody who types: what is being drawn then, or wait for the engine, counts as well.
 * Prints the worst of each key in milliseconds; beyond --most it fails, and if it takes longer than --first
 * until there are clients on the screen.  Not part of the tests: what it prints depends on the machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/screens/app.h"

enum {
	FRAME_US = 50000,   /* between two pictures that nobody asked for, as on the terminal */
	PERIOD_US = 60000,  /* between two keys, on the average */
	STEP_US = 500,
	YIELD_US = 3000,    /* between two pieces of work, for the engine */
	QUIET_US = 300000,  /* nothing new for so long: it is settled */
	LATE_US = 10000000, /* it never is */
};

typedef enum Phase { PHASE_READING, PHASE_READ, PHASE_N } Phase;

/* One key of the script. */
typedef struct Stroke {
	Key key;
	char *name;
	double worst[PHASE_N]; /* ms */
	unsigned n[PHASE_N];
} Stroke;

typedef struct Pace {
	Engine *engine;
	App *app;
	Canvas *canvas;
	int columns, rows;
	GArray *strokes;     /* of Stroke */
	GRand *random;
	int64_t begun, drawn_at;
	double first;        /* until clients were on the screen, ms; negative: they are not yet */
	double drawing[PHASE_N]; /* the slowest picture that nobody asked for */
	unsigned n_drawn[PHASE_N];
} Pace;

typedef struct Limits {
	double most, first; /* ms: from a key to its picture, and until clients are on the screen */
} Limits;

static double ms_since(int64_t begin)
{
	return (double)(g_get_monotonic_time() - begin) / 1e3;
}

static Phase phase_of(const Pace *pace)
{
	return engine_status(pace->engine).ended ? PHASE_READ : PHASE_READING;
}

static bool shows_clients(Pace *pace)
{
	engine_hold(pace->engine);
	bool any = engine_roster(pace->engine)->n_rows > 0;
	engine_release(pace->engine);
	return any;
}

static void draw(Pace *pace)
{
	bool first = pace->first < 0 && shows_clients(pace);
	app_draw(pace->app, pace->canvas, pace->columns, pace->rows);
	pace->drawn_at = g_get_monotonic_time();
	if (first)
		pace->first = ms_since(pace->begun);
}

/* What was not asked for by a key. */
static bool draw_if_stale(Pace *pace)
{
	if (g_get_monotonic_time() - pace->drawn_at < FRAME_US || !app_stale(pace->app))
		return false;
	Phase phase = phase_of(pace);
	int64_t begun = g_get_monotonic_time();
	draw(pace);
	pace->drawing[phase] = MAX(pace->drawing[phase], ms_since(begun));
	pace->n_drawn[phase]++;
	return true;
}

/* As the terminal does while nobody types. */
static bool go_on(Pace *pace)
{
	if (draw_if_stale(pace))
		return true;
	if (app_has_work(pace->app))
		app_work(pace->app);
	if (!app_has_work(pace->app))
		g_usleep(STEP_US);
	else if (phase_of(pace) == PHASE_READING)
		g_usleep(YIELD_US);
	return false;
}

static void wait_until(Pace *pace, int64_t due)
{
	while (g_get_monotonic_time() < due)
		go_on(pace);
}

static void settle(Pace *pace)
{
	int64_t begun = g_get_monotonic_time();
	for (int64_t quiet = begun; ms_since(quiet) * 1e3 < QUIET_US && ms_since(begun) * 1e3 < LATE_US;) {
		if (go_on(pace) && app_busy(pace->app))
			quiet = g_get_monotonic_time();
	}
}

static void strike(Pace *pace, Stroke *stroke)
{
	Phase phase = phase_of(pace);
	int64_t due = g_get_monotonic_time() + g_rand_int_range(pace->random, PERIOD_US / 2, PERIOD_US * 3 / 2);
	wait_until(pace, due);
	app_key(pace->app, stroke->key);
	draw(pace);
	stroke->worst[phase] = MAX(stroke->worst[phase], ms_since(due));
	stroke->n[phase]++;
}

static Stroke *stroke_at(const Pace *pace, guint i)
{
	return &g_array_index(pace->strokes, Stroke, i);
}

/* The script again and again while the capture is read, and once more afterwards. */
static void run(Pace *pace)
{
	pace->begun = g_get_monotonic_time();
	engine_start(pace->engine, NULL, NULL);
	draw(pace);
	while (phase_of(pace) == PHASE_READING)
		for (guint i = 0; i < pace->strokes->len; i++)
			strike(pace, stroke_at(pace, i));
	printf("read after %.1f s\n", ms_since(pace->begun) / 1e3);
	settle(pace);
	for (guint i = 0; i < pace->strokes->len; i++) {
		strike(pace, stroke_at(pace, i));
		settle(pace);
	}
}

static bool holds(const char *what, double ms, double most)
{
	bool good = ms >= 0 && ms <= most;
	printf("%s  %s: %.1f ms (limit %.0f ms)\n", good ? "ok  " : "FAIL", what, ms, most);
	return good;
}

/* The worst of all. */
static double report(const Pace *pace)
{
	double worst = MAX(pace->drawing[PHASE_READING], pace->drawing[PHASE_READ]);
	printf("%-10s %8s %5s %8s %5s\n", "ms", "reading", "n", "read", "n");
	printf("%-10s %8.1f %5u %8.1f %5u\n", "(no key)", pace->drawing[PHASE_READING],
	       pace->n_drawn[PHASE_READING], pace->drawing[PHASE_READ], pace->n_drawn[PHASE_READ]);
	for (guint i = 0; i < pace->strokes->len; i++) {
		const Stroke *stroke = stroke_at(pace, i);
		printf("%-10s %8.1f %5u %8.1f %5u\n", stroke->name, stroke->worst[PHASE_READING],
		       stroke->n[PHASE_READING], stroke->worst[PHASE_READ], stroke->n[PHASE_READ]);
		worst = MAX(worst, MAX(stroke->worst[PHASE_READING], stroke->worst[PHASE_READ]));
	}
	return worst;
}

static bool add_word(GArray *strokes, const char *word)
{
	bool typed = word[0] == '=' && word[1] != '\0';
	for (const char *at = word + 1; typed && *at != '\0'; at += g_utf8_skip[(guchar)*at]) {
		Stroke stroke = {.key = g_utf8_get_char(at)};
		stroke.name = g_strndup(at, (gsize)g_utf8_skip[(guchar)*at]);
		g_array_append_val(strokes, stroke);
	}
	Stroke stroke = {.key = typed ? TYPED_NONE : typed_by_name(word), .name = g_strdup(word)};
	if (stroke.key != TYPED_NONE)
		g_array_append_val(strokes, stroke);
	else
		g_free(stroke.name);
	return typed || stroke.key != TYPED_NONE;
}

static void stroke_clear(void *stroke)
{
	g_free(((Stroke *)stroke)->name);
}

/* What others do counts as well. */
static void warn_if_busy(void)
{
	double load;
	if (getloadavg(&load, 1) == 1 && load > g_get_num_processors() / 2.0)
		printf("Others keep this machine busy (load %.1f): what follows is not the program's alone.\n", load);
}

static bool pace_all(Engine *engine, char **words, const Limits *limits, bool *kept)
{
	Settings settings;
	settings_init(&settings);
	g_autoptr(Keymap) keymap = keymap_new();
	g_autoptr(Canvas) canvas = canvas_new();
	g_autoptr(App) app = app_new(engine, &settings, keymap);
	g_autoptr(GArray) strokes = g_array_new(FALSE, FALSE, sizeof(Stroke));
	g_array_set_clear_func(strokes, stroke_clear);
	Pace pace = {.engine = engine, .app = app, .canvas = canvas, .strokes = strokes, .first = -1};
	bool good = sscanf(words[0], "%dx%d", &pace.columns, &pace.rows) == 2;
	for (char **word = words + 1; good && *word != NULL; word++)
		good = add_word(strokes, *word);
	if (good) {
		pace.random = g_rand_new_with_seed(1);
		warn_if_busy();
		run(&pace);
		double worst = report(&pace);
		*kept = holds("first clients on the screen", pace.first, limits->first);
		*kept &= holds("longest from key to picture", worst, limits->most);
		g_rand_free(pace.random);
	}
	settings_clear(&settings);
	return good;
}

int main(int argc, char **argv)
{
	Limits limits = {.most = 1e9, .first = 1e9};
	bool kept = false;
	g_autoptr(GError) error = NULL;
	while (argc > 2 && g_str_has_prefix(argv[1], "--")) {
		*(strcmp(argv[1], "--most") == 0 ? &limits.most : &limits.first) = strtod(argv[2], NULL);
		argv += 2;
		argc -= 2;
	}
	char *files[] = {argc > 1 ? argv[1] : NULL, NULL};
	EngineOptions options = {.files = files};
	g_autoptr(Engine) engine = argc > 2 ? engine_new(&options, &error) : NULL;
	if (engine == NULL || !pace_all(engine, argv + 2, &limits, &kept)) {
		fprintf(stderr, "pace: %s\n", error != NULL
		        ? error->message : "[--most MS] [--first MS] FILE COLUMNSxROWS KEY...");
		return 2;
	}
	return kept ? 0 : 1;
}
