/* SPDX-License-Identifier: MIT */
#include "tests/screens/list_stage.h"

#include <stdarg.h>

#include "tests/support/scenario.h"

struct App {
	Screen *screen;
	GPtrArray *pushed;
	Settings settings;
	char *message;
};

struct ListStage {
	App app;
	World *world;
	Verdict *verdict;
	Roster *roster;
	Source *source;
	Decap *decap;
	TcpCounts tcp;
	Analysis analysis;
	EngineStatus status;
	ReportOptions options;
	ReportContext report;
	Selection selection;
	View view;
	Canvas *canvas;
};

/* --- what screens ask of the app ------------------------------------------------------------------ */

void app_push(App *app, Screen *screen)
{
	g_ptr_array_add(app->pushed, screen);
}

void app_tell(App *app, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_free(app->message);
	app->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

Settings *app_settings(App *app)
{
	return &app->settings;
}

/* --- what they see ---------------------------------------------------------------------------------- */

static void forget_story(ListStage *stage)
{
	if (stage->world == NULL)
		return;
	selection_clear(&stage->selection);
	wire_texts_free(stage->report.texts);
	roster_free(stage->roster);
	verdict_free(stage->verdict);
	world_free(stage->world);
}

/* As little as it can at a time. */
static void make_ready(ListStage *stage)
{
	Screen *screen = stage->app.screen;
	while (screen->ops->work != NULL && screen->ops->work(screen, &stage->view, 0))
		continue;
}

void list_stage_go_on(ListStage *stage, const char *story, double now)
{
	forget_story(stage);
	Instant begin = {SCENARIO_BEGIN - 10 * NS_PER_SECOND};
	Instant end = {SCENARIO_BEGIN + (int64_t)(now * 1e9)};
	stage->world = world_play(story);
	const Model *model = stage->world->model;
	DiagnoseOptions broker_side = {.vantage = VANTAGE_BROKER, .unfinished = stage->status.live};
	stage->verdict = diagnose(model, &broker_side);
	stage->roster = roster_new(model, stage->verdict, end);
	stage->analysis = (Analysis){
		.source = stage->source,
		.decap = stage->decap,
		.tcp = &stage->tcp,
		.model = model,
		.findings = stage->verdict->findings,
		.incidents = stage->verdict->incidents,
		.diagnosis = broker_side,
		.frames = 100,
		.first = begin,
		.last = end,
	};
	stage->status.verdict++;
	selection_init(&stage->selection, &stage->analysis, NULL);
	stage->report = (ReportContext){&stage->analysis, model, &stage->options, &stage->selection,
	                                wire_texts_new(model, false, "key")};
	stage->view = (View){
		.analysis = &stage->analysis,
		.model = model,
		.roster = stage->roster,
		.status = &stage->status,
		.report = &stage->report,
		.selection = &stage->selection,
		.settings = &stage->app.settings,
		.now = end,
	};
	make_ready(stage);
}

ListStage *list_stage_new(Screen *screen, const char *story, double now)
{
	ListStage *stage = g_new0(ListStage, 1);
	const char *top = g_getenv("top_srcdir");
	g_autofree char *path = g_build_filename(top == NULL ? "." : top, "samples", "founding.pcap", NULL);
	g_autoptr(GError) error = NULL;
	stage->source = source_open_file(path, &error);
	if (stage->source == NULL)
		g_error("%s", error->message);
	stage->decap = decap_new();
	stage->app.screen = screen;
	stage->app.pushed = g_ptr_array_new();
	stage->status = (EngineStatus){.ended = true, .done = 1};
	stage->canvas = canvas_new();
	settings_init(&stage->app.settings);
	list_stage_go_on(stage, story, now);
	return stage;
}

static void screen_free(Screen *screen)
{
	screen->ops->free(screen);
}

void list_stage_free(ListStage *stage)
{
	screen_free(stage->app.screen);
	for (guint i = 0; i < stage->app.pushed->len; i++)
		screen_free(stage->app.pushed->pdata[i]);
	g_ptr_array_unref(stage->app.pushed);
	forget_story(stage);
	g_free(stage->app.message);
	settings_clear(&stage->app.settings);
	source_free(stage->source);
	decap_free(stage->decap);
	canvas_free(stage->canvas);
	g_free(stage);
}

void list_stage_live(ListStage *stage)
{
	stage->status.live = true;
	stage->status.ended = false;
}

void list_stage_wrong_keys(ListStage *stage, uint64_t n_connections)
{
	stage->analysis.tls_wrong_keys = n_connections;
}

const View *list_stage_view(ListStage *stage)
{
	return &stage->view;
}

const World *list_stage_world(ListStage *stage)
{
	return stage->world;
}

Settings *list_stage_settings(ListStage *stage)
{
	return &stage->app.settings;
}

App *list_stage_app(ListStage *stage)
{
	return &stage->app;
}

Screen *list_stage_pushed(ListStage *stage)
{
	guint n = stage->app.pushed->len;
	return n == 0 ? NULL : stage->app.pushed->pdata[n - 1];
}

void list_stage_act(ListStage *stage, Action action)
{
	stage->app.screen->ops->act(stage->app.screen, &stage->view, action, &stage->app);
	make_ready(stage);
}

char *list_stage_draw(ListStage *stage, int columns, int rows)
{
	Screen *screen = stage->app.screen;
	enum { DRAWINGS = 1000, WAIT_US = 1000 };
	for (unsigned i = 0; i < DRAWINGS; i++) {
		make_ready(stage);
		canvas_begin(stage->canvas, columns, rows, false);
		screen->ops->draw(screen, &stage->view, canvas_area(stage->canvas));
		if (screen->ops->busy == NULL || !screen->ops->busy(screen, &stage->view))
			break;
		g_usleep(WAIT_US);
	}
	return canvas_print(stage->canvas, false);
}
