/* SPDX-License-Identifier: MIT */
#include "ui/screens/app_private.h"

static void refresh_texts(App *app, Desk *desk)
{
	bool redact = app->settings->redact;
	if (desk->report.texts != NULL && desk->redacted == redact)
		return;
	g_clear_pointer(&desk->report.texts, wire_texts_free);
	if (desk->redact_key == NULL)
		desk->redact_key = g_uuid_string_random();
	desk->report.texts = wire_texts_new(desk->view.model, redact, desk->redact_key);
	desk->redacted = redact;
}

/* --- standings ---------------------------------------------------------------------------------- */

static void *make_digest(const Analysis *analysis)
{
	Selection *selection = g_new(Selection, 1);
	selection_init(selection, analysis, NULL);
	return selection;
}

static void free_digest(void *digest)
{
	selection_clear(digest);
	g_free(digest);
}

/* Counts over all findings, which are not for the thread that answers keys. */
static const DigestOps digest_ops = {make_digest, free_digest};

/* Time goes on while nothing is captured: the roster is of the later moment then. */
static Instant now(const Analysis *analysis, const Roster *roster)
{
	bool later = instant_known(roster->now) && roster->now.ns > analysis->last.ns;
	return later ? roster->now : analysis->last;
}

static void look_at(App *app, const Standing *standing)
{
	Desk *desk = &app->desk;
	desk->analysis = *engine_analysis(app->engine);
	standing_show(standing, &desk->analysis);
	desk->selection = *(const Selection *)standing->digest;
	desk->selection.analysis = &desk->analysis;
	desk->status.verdict = standing->number;
	desk->view = (View){
		.engine = app->engine,
		.analysis = &desk->analysis,
		.model = desk->analysis.model,
		.roster = standing->roster,
		.status = &desk->status,
		.report = &desk->report,
		.selection = &desk->selection,
		.settings = app->settings,
		.now = now(&desk->analysis, standing->roster),
		.times_relative = app->settings->times_relative,
		.frozen = desk->status.frozen,
	};
	refresh_texts(app, desk);
	desk->options = (ReportOptions){.redact = desk->redacted, .redact_key = desk->redact_key};
	desk->report.analysis = &desk->analysis;
	desk->report.model = desk->analysis.model;
	desk->report.options = &desk->options;
	desk->report.selection = &desk->selection;
}

static void show_next(Desk *desk)
{
	standing_unref(desk->shown);
	desk->shown = g_steal_pointer(&desk->next);
}

/* What a large capture needs for one is not spent again and again. */
static void take_next(App *app)
{
	Desk *desk = &app->desk;
	int64_t now = g_get_monotonic_time();
	if (desk->next != NULL || desk->working || now < desk->next_at)
		return;
	Standing *latest = engine_standing(app->engine);
	if (latest->number == desk->shown->number) {
		standing_unref(latest);
		return;
	}
	desk->next = latest;
	desk->begun_at = now;
}

void desk_work(App *app, int64_t until)
{
	enum { PAUSE_TIMES = 4 };
	Desk *desk = &app->desk;
	Screen *top = app_top(app);
	take_next(app);
	if (desk->next != NULL)
		look_at(app, desk->next);
	desk->working = top->ops->work != NULL && top->ops->work(top, &desk->view, until);
	if (desk->next == NULL || desk->working) {
		if (desk->next != NULL)
			look_at(app, desk->shown);
		return;
	}
	int64_t now = g_get_monotonic_time();
	desk->next_at = now + (now - desk->begun_at) * PAUSE_TIMES;
	show_next(desk);
}

bool desk_busy(App *app)
{
	return app->desk.working || engine_status(app->engine).verdict != app->desk.shown->number;
}

/* --- the desk ----------------------------------------------------------------------------------- */

const View *desk_open(App *app)
{
	engine_hold(app->engine);
	app->desk.status = engine_status(app->engine);
	look_at(app, app->desk.shown);
	return &app->desk.view;
}

void desk_close(App *app)
{
	engine_release(app->engine);
	app_free_buried(app);
}

void desk_init(App *app)
{
	engine_digest(app->engine, &digest_ops);
	app->desk.shown = engine_standing(app->engine);
}

void desk_clear(Desk *desk)
{
	standing_unref(desk->shown);
	standing_unref(desk->next);
	g_clear_pointer(&desk->report.texts, wire_texts_free);
	g_free(desk->redact_key);
}
