/* SPDX-License-Identifier: MIT */
#include "tests/screens/stage.h"

#include <stdarg.h>
#include <string.h>

#include "tests/dissectors/octets.h"

struct App {
	GPtrArray *screens;
	char *message;
};

struct Stage {
	App app;
	Fake *fake;
	History *history;
	Engine *engine;
	Roster *roster;
	EngineStatus status;
	ReportOptions options;
	ReportContext report;
	Selection selection;
	Keymap *keymap;
	View view;
};

/* --- what screens ask of the app ------------------------------------------------------------------ */

void app_push(App *app, Screen *screen)
{
	g_ptr_array_add(app->screens, screen);
}

void app_tell(App *app, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_free(app->message);
	app->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
}

/* --- stories ------------------------------------------------------------------------------------- */

enum { SENSOR, GATEWAY };

static FakeAt sensor(double seconds, uint32_t frame, ConnectionIndex connection, bool from_client)
{
	return (FakeAt){seconds, frame, SENSOR, connection, from_client};
}

static void owe(History *history, double seconds, uint32_t frame)
{
	fake_event(history, (FakeAt){seconds, frame, SENSOR, 2, true}, HISTORY_OWED);
	HistoryEvent *event = fake_last(history);
	event->qos = 1;
	event->text = fake_history_text(history, "plant/3/temp", 12);
	event->publisher = GATEWAY;
	fake_last(history)->moment.waiting++;
}

/* What fake_founding() tells, packet by packet. */
static void founding(History *history)
{
	const char *connect = "10 R \"MQTT\" 05 00 003C 00 \"sensor-17\"";
	fake_event(history, sensor(0, 1, 0, true), HISTORY_OPENED);
	fake_packet(history, sensor(0.001, 4, 0, true), MQTT_5_0, connect);
	fake_packet(history, sensor(0.002, 5, 0, false), MQTT_5_0, "20 R 00 00 00");
	fake_packet(history, sensor(0.010, 6, 0, true), MQTT_5_0, "82 R 0001 00 \"plant/+/temp\" 01");
	fake_subscribed(history, "plant/+/temp", 1, 6);
	fake_packet(history, sensor(0.012, 7, 0, false), MQTT_5_0, "90 R 0001 00 01");
	fake_packet(history, sensor(30, 8, 0, false), MQTT_5_0, "32 R \"plant/3/temp\" 0007 00 '21.5'");
	fake_packet(history, sensor(30.004, 9, 0, true), MQTT_5_0, "40 R 0007");
	fake_event(history, sensor(45, 11, 0, false), HISTORY_RETRANSMITTED);
	fake_packet(history, sensor(60, 12, 0, true), MQTT_5_0, "E0 00");
	fake_event(history, sensor(60.001, 13, 0, true), HISTORY_FIN);
	owe(history, 120, 24);
	owe(history, 240.5, 26);
	fake_event(history, sensor(364.199, 31, 1, true), HISTORY_OPENED);
	fake_last(history)->moment.subscriptions = 0;
	fake_packet(history, sensor(364.2, 34, 1, true), MQTT_5_0, connect);
	fake_packet(history, sensor(364.201, 35, 1, false), MQTT_5_0, "20 R 00 00 00");
	fake_last(history)->moment = (SessionMoment){0};
	fake_event(history, sensor(364.3, 36, 1, false), HISTORY_GAP);
	fake_last(history)->size = 1448;
	fake_packet(history, sensor(364.4, 37, 1, true), MQTT_5_0, "82 R 0001 00 \"plant/+/temp\" 01");
}

/* The client closes, and whose reset comes behind it shows in nothing. */
static void reset(History *history)
{
	fake_event(history, sensor(0, 1, 0, true), HISTORY_OPENED);
	fake_packet(history, sensor(0.001, 4, 0, true), MQTT_5_0, "10 R \"MQTT\" 05 00 003C 00 \"sensor-17\"");
	fake_packet(history, sensor(0.002, 5, 0, false), MQTT_5_0, "20 R 00 00 00");
	fake_event(history, sensor(60, 12, 0, true), HISTORY_FIN);
	fake_event(history, sensor(60.001, 13, 0, false), HISTORY_FIN);
	fake_event(history, sensor(60.002, 14, 0, true), HISTORY_RST);
	fake_last(history)->by_nobody = true;
	fake_event(history, sensor(364.199, 31, 1, true), HISTORY_OPENED);
	fake_event(history, sensor(364.3, 34, 1, false), HISTORY_RST);
}

static void hostile(History *history)
{
	fake_packet(history, sensor(30.001, 43, 1, true), MQTT_3_1,
	            "10 R \"MQIsdp\" 03 C7 003C \"\x1B[31mevil\x07\" \"w\x1B]0;x\" \"\" \"u\xFFser\" \"secret\"");
	fake_packet(history, sensor(30.002, 44, 1, false), MQTT_3_1, "20 R 01 07");
	fake_packet(history, sensor(31, 45, 1, true), MQTT_5_0,
	            "82 R 0000 00 \"$share//\x1B[2J\" FF \"温度/🌡/e\xCC\x81\" 01");
	fake_packet(history, sensor(32, 46, 1, false), MQTT_5_0,
	            "3F R \"温度/é\xE2\x80\xAE/\x1B[2J\" 0000 p7 26 \"k\" \"\x1B\" '\x1B[H'");
	fake_packet(history, sensor(33, 47, 1, true), MQTT_5_0, "F7 80 80 80 80 80");
	fake_event(history, sensor(34, 0, NO_INDEX, false), HISTORY_VANISHED);
	fake_event(history, sensor(35, 0, NO_INDEX, false), (HistoryKind)200);
}

static void large(History *history)
{
	GString *octets = g_string_new(NULL);
	/* Remaining Length 2 + 1 + 64000 = 64003 = 0xFA03: 0x83 0xF4 0x03 */
	g_string_append_len(octets, "\x30\x83\xF4\x03\x00\x01t", 7);
	for (unsigned i = 0; i < 64000; i++)
		g_string_append_c(octets, (char)(i % 251));
	ByteSpan span = {(const uint8_t *)octets->str, octets->len};
	fake_octets(history, sensor(30, 8, 0, false), MQTT_3_1_1, span, SIZE_MAX);
	fake_octets(history, sensor(31, 9, 0, false), MQTT_3_1_1, span, 1000);
	g_string_free(octets, TRUE);
}

static void many(History *history)
{
	for (unsigned i = 0; i < 100000; i++) {
		FakeAt at = sensor(i * 0.0037, i + 1, 0, i % 2 == 0);
		if (i % 100 == 99)
			owe(history, at.seconds, at.frame);
		else
			fake_packet(history, at, MQTT_5_0, i % 2 == 0 ? "C0 00" : "30 R \"a/b\" 00 'x'");
	}
}

static void tell(Stage *stage, const char *story)
{
	History *history = stage->history;
	if (strcmp(story, "hostile") == 0)
		hostile(history);
	else if (strcmp(story, "reset") == 0)
		reset(history);
	else if (strcmp(story, "large") == 0)
		large(history);
	else if (strcmp(story, "long") == 0)
		many(history);
	else if (strcmp(story, "founding") == 0 || strcmp(story, "loading") == 0 || strcmp(story, "cut") == 0)
		founding(history);
	if (strcmp(story, "loading") == 0)
		fake_history_state(history, 0.42, NULL, 0);
	if (strcmp(story, "cut") == 0)
		fake_history_state(history, 1, NULL, HISTORY_CUT_EVENTS | HISTORY_CUT_OCTETS | HISTORY_CUT_KEPT);
	if (strcmp(story, "unreadable") == 0)
		fake_history_state(history, 0, "capture.pcapng is not there any more", 0);
}

static void set_view(Stage *stage)
{
	const Analysis *analysis = fake_analysis(stage->fake);
	/* a Verdict has no const in it; it is only read */
	Verdict verdict = {(GArray *)(uintptr_t)analysis->findings, (GPtrArray *)(uintptr_t)analysis->incidents};
	stage->roster = roster_new(analysis->model, &verdict, analysis->last);
	stage->status = (EngineStatus){.ended = true, .done = 1, .verdict = 1};
	selection_init(&stage->selection, analysis, NULL);
	stage->report = (ReportContext){analysis, analysis->model, &stage->options, &stage->selection,
	                                wire_texts_new(analysis->model, false, "key")};
	stage->view = (View){
		.engine = stage->engine,
		.analysis = analysis,
		.model = analysis->model,
		.roster = stage->roster,
		.status = &stage->status,
		.report = &stage->report,
		.selection = &stage->selection,
		.now = analysis->last,
	};
}

Stage *stage_new(const char *story)
{
	static const char *const stories[] = {"founding", "hostile",    "large",   "long",
	                                      "loading",  "unreadable", "nothing", "cut",  "reset", NULL};
	if (!g_strv_contains(stories, story))
		return NULL;
	Stage *stage = g_new0(Stage, 1);
	stage->app.screens = g_ptr_array_new();
	stage->fake = strcmp(story, "hostile") == 0 ? fake_hostile() : fake_founding();
	stage->history = fake_history_new();
	stage->engine = fake_engine_new(stage->history);
	stage->keymap = keymap_new();
	tell(stage, story);
	set_view(stage);
	return stage;
}

void stage_free(Stage *stage)
{
	while (stage->app.screens->len > 0) {
		Screen *screen = g_ptr_array_steal_index(stage->app.screens, stage->app.screens->len - 1);
		screen->ops->free(screen);
	}
	g_ptr_array_unref(stage->app.screens);
	g_free(stage->app.message);
	selection_clear(&stage->selection);
	wire_texts_free(stage->report.texts);
	roster_free(stage->roster);
	keymap_free(stage->keymap);
	fake_engine_free(stage->engine);
	history_unref(stage->history);
	fake_free(stage->fake);
	g_free(stage);
}

History *stage_history(Stage *stage)
{
	return stage->history;
}

View *stage_view(Stage *stage)
{
	return &stage->view;
}

App *stage_app(Stage *stage)
{
	return &stage->app;
}

void stage_redact(Stage *stage, bool redact)
{
	wire_texts_free(stage->report.texts);
	stage->report.texts = wire_texts_new(stage->view.model, redact, "key");
	stage->options.redact = redact;
}

void stage_show(Stage *stage, Screen *screen)
{
	app_push(&stage->app, screen);
}

Screen *stage_top(Stage *stage)
{
	return g_ptr_array_index(stage->app.screens, stage->app.screens->len - 1);
}

void stage_act(Stage *stage, Action action)
{
	Screen *top = stage_top(stage);
	g_clear_pointer(&stage->app.message, g_free);
	if (top->ops->act(top, &stage->view, action, &stage->app))
		return;
	if (action == ACTION_BACK && stage->app.screens->len > 1) {
		g_ptr_array_remove_index(stage->app.screens, stage->app.screens->len - 1);
		top->ops->free(top);
	}
	if (action == ACTION_TIMES)
		stage->view.times_relative = !stage->view.times_relative;
	if (action == ACTION_REDACT)
		stage_redact(stage, !stage->options.redact);
}

void stage_key(Stage *stage, const char *name)
{
	Key key = typed_by_name(name);
	g_assert_cmpuint(key, !=, TYPED_NONE);
	stage_act(stage, keymap_action(stage->keymap, stage_top(stage)->ops->id, key));
}

const char *stage_message(Stage *stage)
{
	return stage->app.message;
}

void stage_draw(Stage *stage, Canvas *canvas, int columns, int rows, bool ascii)
{
	Screen *top = stage_top(stage);
	canvas_begin(canvas, columns, rows, ascii);
	Area all = canvas_area(canvas);
	int foot = rows >= 4 ? 1 : 0, head = rows >= 3 ? 1 : 0;
	g_autofree char *title = top->ops->title(top, &stage->view);
	if (head > 0)
		area_field(all, 0, 0, all.columns, ROLE_TITLE, ALIGN_LEFT, title);
	top->ops->draw(top, &stage->view, area_part(all, 0, head, columns, rows - head - foot));
	if (foot > 0 && stage->app.message != NULL)
		area_field(all, 0, rows - 1, columns, ROLE_BAR, ALIGN_LEFT, stage->app.message);
}
