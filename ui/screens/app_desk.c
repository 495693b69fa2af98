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

/* Counts over all findings: once for each verdict. */
static void refresh_selection(Desk *desk)
{
	if (desk->selected && desk->verdict == desk->status.verdict)
		return;
	if (desk->selected)
		selection_clear(&desk->selection);
	selection_init(&desk->selection, desk->view.analysis, NULL);
	desk->selected = true;
	desk->verdict = desk->status.verdict;
}

/* Time goes on while nothing is captured: the roster is of the later moment then. */
static Instant now(const Analysis *analysis, const Roster *roster)
{
	bool later = roster != NULL && instant_known(roster->now) && roster->now.ns > analysis->last.ns;
	return later ? roster->now : analysis->last;
}

const View *desk_open(App *app)
{
	Desk *desk = &app->desk;
	engine_hold(app->engine);
	desk->status = engine_status(app->engine);
	const Analysis *analysis = engine_analysis(app->engine);
	desk->view = (View){
		.engine = app->engine,
		.analysis = analysis,
		.model = analysis->model,
		.roster = engine_roster(app->engine),
		.status = &desk->status,
		.report = &desk->report,
		.selection = &desk->selection,
		.settings = app->settings,
		.now = now(analysis, engine_roster(app->engine)),
		.times_relative = app->settings->times_relative,
		.frozen = desk->status.frozen,
	};
	refresh_texts(app, desk);
	refresh_selection(desk);
	desk->options = (ReportOptions){.redact = desk->redacted, .redact_key = desk->redact_key};
	desk->report.analysis = analysis;
	desk->report.model = analysis->model;
	desk->report.options = &desk->options;
	desk->report.selection = &desk->selection;
	return &desk->view;
}

void desk_close(App *app)
{
	engine_release(app->engine);
	app_free_buried(app);
}

void desk_clear(Desk *desk)
{
	if (desk->selected)
		selection_clear(&desk->selection);
	g_clear_pointer(&desk->report.texts, wire_texts_free);
	g_free(desk->redact_key);
}
