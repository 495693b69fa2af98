/* SPDX-License-Identifier: MIT */
/*
 * main: the one place that sees everything.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dissectors/tls_crypto.h"
#include "src/analysis.h"
#include "src/engine/engine.h"
#include "src/feed.h"
#include "src/inputs.h"
#include "src/options.h"
#include "src/save_again.h"
#include "src/session/forget.h"
#include "src/version.h"
#include "src/verdict/explain.h"
#include "ui/report/escape.h"
#include "ui/report/follow.h"
#include "ui/report/report_notes.h"
#include "ui/screens/terminal.h"

enum ExitStatus {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_ENVIRONMENT = 2,
	EXIT_MATCHED = 3,
	EXIT_DAMAGED = 4,
	EXIT_INTERRUPTED = 130,
};

/* Signals have no other way in. */
static volatile sig_atomic_t interrupted;
static Source *volatile stoppable;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
	if (stoppable != NULL)
		source_stop(stoppable);
}

static void catch_signals(Source *source)
{
	stoppable = source;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Messages name files and quote arguments, which may be anybody's: they are escaped. */
G_GNUC_PRINTF(1, 2) static void tell(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_autoptr(GString) text = g_string_new("mqlapse: ");
	escape_append(text, (ByteSpan){(const uint8_t *)message, strlen(message)});
	fprintf(stderr, "%s\n", text->str);
}

static int complain(int status, const GError *error)
{
	tell("%s", error->message);
	return status;
}

static Declared declared_by(const Options *options)
{
	return (Declared){options->vantage_given, options->vantage, options->broker_is};
}

/* NULL for all clients. */
static GPtrArray *client_globs(const Options *options)
{
	GPtrArray *globs = options->clients == NULL ? NULL : g_ptr_array_new();
	for (char **glob = options->clients; glob != NULL && *glob != NULL; glob++)
		g_ptr_array_add(globs, *glob);
	return globs;
}

static Inputs inputs_of(const Options *options)
{
	return (Inputs){
		.files = options->files,
		.interfaces = options->interfaces,
		.filter = options->filter,
		.follow = options->follow,
		.user = options->user,
		.keylog = options->keylog,
	};
}

static void tell_saved(const SaveRun *saving)
{
	g_autofree char *files = saving->n_files == 0 ? g_strdup("") : g_strdup_printf(", in %u file(s)", saving->n_files);
	tell("%s: %" G_GUINT64_FORMAT " frame(s) saved%s", saving->path, saving->n_frames, files);
	if (saving->filter == NULL || *saving->filter == '\0')
		return;
	fprintf(stderr, "Display filter for Wireshark: %s\n", saving->filter);
	if (saving->n_left > 0)
		fprintf(stderr, "It leaves out %u more connection(s).\n", saving->n_left);
}

static unsigned terminal_width(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 0;
}

static bool wants_color(const Options *options)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	return options->output == NULL && isatty(STDOUT_FILENO) &&
	       (no_color == NULL || *no_color == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static ReportOptions report_options(const Options *options, const GPtrArray *globs)
{
	return (ReportOptions){
		.format = report_format_by_name(options->report),
		.client_globs = globs,
		.redact = options->redact,
		.redact_key = options->redact_key,
		.color = wants_color(options),
		.width = options->output == NULL ? terminal_width() : 0,
	};
}

static bool follows_events(const Options *options)
{
	return options->follow && report_format_by_name(options->report) == REPORT_NDJSON;
}

static bool set_output_error(const Options *options, GError **error)
{
	g_set_error(error, MQLAPSE_REPORT_ERROR, REPORT_ERROR_WRITE, "%s: %s", options->output,
	            g_strerror(errno));
	return false;
}

static bool write_report(const Options *options, const Analysis *analysis, GError **error)
{
	g_autoptr(GPtrArray) globs = client_globs(options);
	ReportOptions report = report_options(options, globs);
	if (options->output == NULL)
		return report_write(analysis, &report, stdout, error);

	/* The events are in it already. */
	FILE *out = fopen(options->output, follows_events(options) ? "a" : "w");
	if (out == NULL)
		return set_output_error(options, error);
	bool good = report_write(analysis, &report, out, error);
	if (!good)
		g_prefix_error(error, "%s: ", options->output);
	if (fclose(out) != 0 && good)
		return set_output_error(options, error);
	return good;
}

/* If it cannot, the report at the end tells why. */
static bool tell_events(void *follow)
{
	return follow_take(follow);
}

/* Reads all of it, and tells what happens meanwhile if so asked.  False if @source broke, or nothing
 * can be written: *error says which. */
static bool feed_following(const Options *options, const Early *early, Source *source, Feed *feed,
                           GError **error)
{
	if (!follows_events(options))
		return feed_all(feed, source, error);
	g_autoptr(GPtrArray) globs = client_globs(options);
	ReportOptions report = report_options(options, globs);
	FILE *out = options->output == NULL ? stdout : fopen(options->output, "w");
	if (out == NULL)
		return set_output_error(options, error);
	Follow *follow = follow_new(early, feed->pipeline, &report, out);
	feed->tell = tell_events;
	feed->user = follow;
	bool whole = feed_all(feed, source, error);
	follow_take(follow);
	follow_free(follow);
	if (out != stdout)
		fclose(out);
	return whole;
}

static int status_of(const Options *options, const Analysis *analysis, bool broken)
{
	if (interrupted)
		return EXIT_INTERRUPTED;
	for (guint i = 0; i < analysis->findings->len; i++)
		if (options_fail_on(options, &g_array_index(analysis->findings, Finding, i)))
			return EXIT_MATCHED;
	for (unsigned i = 0; i < source_n_infos(analysis->source); i++)
		broken |= source_info(analysis->source, i)->damaged;
	return broken ? EXIT_DAMAGED : EXIT_DONE;
}

static void tell_damage(const Source *source)
{
	for (unsigned i = 0; i < source_n_infos(source); i++) {
		const SourceInfo *info = source_info(source, i);
		if (info->damaged)
			tell("%s: %s", info->name, info->damage);
	}
}

static bool can_decrypt(void)
{
	TlsCrypto *crypto = tls_crypto_load();
	bool there = crypto != NULL;
	tls_crypto_free(crypto);
	return there;
}

/* A key log that does not help is most likely the wrong one. */
static void tell_keys(const Options *options, const PipelineCounts *counts)
{
	if (options->keylog == NULL)
		return;
	if (!tls_crypto_built())
		tell("--keylog: this program was built without OpenSSL and cannot decrypt TLS");
	else if (!can_decrypt())
		tell("--keylog: libcrypto of OpenSSL is not installed, and TLS cannot be decrypted");
	else if (counts->tls_wrong_keys > 0)
		tell("--keylog %s: its secrets for %" G_GUINT64_FORMAT " TLS connection(s) do not fit",
		     options->keylog, counts->tls_wrong_keys);
	else if (counts->tls > 0)
		tell("--keylog %s: it has no secrets for %" G_GUINT64_FORMAT " TLS connection(s) of the "
		     "capture; is it of another run?", options->keylog, counts->tls);
}

static void choose_frames(const Options *options, const Analysis *analysis, SaveRun *saving)
{
	g_autoptr(GPtrArray) globs = client_globs(options);
	ReportOptions report = report_options(options, globs);
	report_choose_frames(analysis, &report, saving);
}

static int report(const Options *options, const Source *source, const GArray *clocks,
                  const Pipeline *pipeline, const Model *model, SaveRun *saving, bool broken)
{
	Declared declared = declared_by(options);
	Analysis analysis = {
		.diagnosis = analysis_options(&declared, source, pipeline, model),
		.clocks = clocks,
		.interrupted = interrupted != 0,
	};
	analysis_read(&analysis, source, pipeline, model);
	g_autoptr(Verdict) verdict = diagnose(model, &analysis.diagnosis);
	analysis_judged(&analysis, verdict);
	g_autoptr(GError) error = NULL;
	tell_damage(source);
	tell_keys(options, pipeline_counts(pipeline));
	if (saving->again)
		choose_frames(options, &analysis, saving);
	if (!write_report(options, &analysis, &error))
		return complain(EXIT_ENVIRONMENT, error);
	return status_of(options, &analysis, broken);
}

static int run(const Options *options)
{
	g_autoptr(GError) error = NULL;
	if (options->files != NULL && options->write_path != NULL &&
	    !save_check(options->files, options->write_path, options->clients != NULL, &error))
		return complain(EXIT_ENVIRONMENT, error);
	Inputs inputs = inputs_of(options);
	KeyLog *keylog = inputs_open_keylog(&inputs, &error);
	if (keylog == NULL)
		return complain(EXIT_ENVIRONMENT, error);
	SaveRun saving = save_run_begin(&inputs, options->write_path, &options->rotation, options->clients != NULL);
	inputs.save = saving.save;
	g_autoptr(GArray) clocks = inputs_compare_clocks(&inputs, NULL);
	inputs.clocks = clocks;
	Source *source = inputs_open(&inputs, &error);
	if (source == NULL) {
		save_abandon(saving.save);
		keylog_free(keylog);
		return complain(EXIT_ENVIRONMENT, error);
	}
	catch_signals(source);

	Model *model = model_new();
	model_limit(model, options->memory);
	Pipeline *pipeline = pipeline_new(model, options->decode_ports, options->n_decode_ports);
	pipeline_use_keys(pipeline, keylog_keys(keylog));
	if (saving.save != NULL)
		save_use_keys(saving.save, keylog_keys(keylog));
	Feed feed = {pipeline, keylog, saving.again ? NULL : saving.save, NULL, NULL, 0};
	Early early = {model, source, pipeline, clocks, declared_by(options)};
	bool whole = feed_following(options, &early, source, &feed, &error);
	if (!whole)
		complain(EXIT_DAMAGED, error);
	pipeline_finish(pipeline, NULL);
	inputs_doubt_clocks(source, clocks, model);
	int status = report(options, source, clocks, pipeline, model, &saving, !whole);
	stoppable = NULL;
	g_clear_error(&error);
	if (!save_run_end(&saving, &inputs, source, pipeline_counts(pipeline)->frames, &stoppable, &error))
		status = complain(EXIT_ENVIRONMENT, error);
	else if (saving.path != NULL)
		tell_saved(&saving);
	g_free(saving.filter);

	pipeline_free(pipeline);
	model_free(model);
	source_free(source);
	keylog_free(keylog);
	return status;
}

/* --- the dashboard ------------------------------------------------------------------------------ */

static EngineOptions engine_options(const Options *options)
{
	return (EngineOptions){
		.files = options->files,
		.interfaces = options->interfaces,
		.write_path = options->write_path, .rotation = options->rotation,
		.follow = options->follow,
		.filter = options->filter,
		.user = options->user,
		.keylog = options->keylog,
		.decode_ports = options->decode_ports,
		.n_decode_ports = options->n_decode_ports,
		.vantage_given = options->vantage_given,
		.vantage = options->vantage,
		.broker_is = options->broker_is,
		.memory = options->memory,
	};
}

/* Nothing may write over the screen: what is logged meanwhile is on the screen of messages.  @shown: of
 * App *, NULL while there is no screen. */
static GLogWriterOutput log_to_app(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                   gpointer shown)
{
	App *app = g_atomic_pointer_get((App **)shown);
	if (app == NULL)
		return g_log_writer_default(level, fields, n_fields, NULL);
	g_autofree char *line = g_log_writer_format_fields(level, fields, n_fields, FALSE);
	app_log(app, line);
	return G_LOG_WRITER_HANDLED;
}

static int show(const Options *options, Engine *engine, Settings *settings, Keymap *keymap)
{
	static App *shown; /* a log writer can be set but once, and never taken back */
	g_autoptr(GError) error = NULL;
	g_autoptr(App) app = app_new(engine, settings, keymap);
	if (options->clients != NULL)
		app_only_clients(app, options->clients);
	g_log_set_writer_func(log_to_app, &shown, NULL);
	g_atomic_pointer_set(&shown, app);
	bool good = terminal_run(app, &error);
	g_atomic_pointer_set(&shown, NULL);
	return good ? EXIT_DONE : complain(EXIT_ENVIRONMENT, error);
}

/* What stands when it is over, as after a report. */
static int status_after(const Options *options, Engine *engine)
{
	bool asked = options->fail_severities != 0 || options->fail_responsibles != 0 ||
	             options->fail_causes != 0;
	if (!asked && !engine_status(engine).ended)
		return EXIT_DONE; /* nobody waits for the rest */
	engine_stop(engine);
	engine_wait(engine);
	engine_hold(engine);
	const Analysis *analysis = engine_analysis(engine);
	tell_damage(analysis->source);
	int status = status_of(options, analysis, false);
	engine_release(engine);
	EngineStatus end = engine_status(engine);
	if (end.error == NULL)
		return status;
	tell("%s", end.error);
	return EXIT_DAMAGED;
}

static int dashboard(const Options *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keymap) keymap = keymap_new();
	Settings settings;
	settings_init(&settings);
	EngineOptions engine_wishes = engine_options(options);
	Engine *engine = NULL;
	int status = EXIT_ENVIRONMENT;
	if (!settings_load(&settings, keymap, &error))
		status = complain(EXIT_USAGE, error);
	else if ((engine = engine_new(&engine_wishes, &error)) == NULL)
		complain(status, error);
	if (engine != NULL) {
		settings.ascii |= options->ascii;
		settings.redact |= options->redact;
		status = show(options, engine, &settings, keymap);
		if (status == EXIT_DONE)
			status = status_after(options, engine);
		engine_free(engine);
	}
	settings_clear(&settings);
	return status;
}

/* A report is for programs and pipes; the screen is for people. */
static bool wants_dashboard(const Options *options)
{
	bool saves = options->files != NULL && options->write_path != NULL;
	return options->report == NULL && options->output == NULL && !saves && isatty(STDOUT_FILENO);
}

/* --- what needs no capture ---------------------------------------------------------------------- */

static int inform(const GString *text)
{
	if (fwrite(text->str, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return EXIT_DONE;
	tell("cannot write to standard output: %s", g_strerror(errno));
	return EXIT_ENVIRONMENT;
}

static int explain(const char *name)
{
	CauseId cause = cause_by_name(name);
	if (cause == CAUSE_NONE) {
		tell("\"%s\" is no cause; --list-causes shows them all", name);
		return EXIT_USAGE;
	}
	g_autoptr(GString) text = g_string_new(NULL);
	explain_cause(cause, text, MIN(terminal_width(), 100u));
	return inform(text);
}

static int list_causes(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	explain_list(text);
	return inform(text);
}

static int version(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	version_append(text);
	g_string_append_printf(text, "Screens by %s.\n", terminal_version());
	return inform(text);
}

static int act(const Options *options)
{
	if (options->help != NULL) {
		g_autoptr(GString) text = g_string_new(options->help);
		return inform(text);
	}
	if (options->version)
		return version();
	if (options->list_causes)
		return list_causes();
	if (options->explain != NULL)
		return explain(options->explain);
	if (report_format_by_name(options->report) == REPORT_UNKNOWN) {
		tell("--report takes text, json, ndjson, csv, markdown or html, not \"%s\"", options->report);
		return EXIT_USAGE;
	}
	return wants_dashboard(options) ? dashboard(options) : run(options);
}

int main(int argc, char **argv)
{
	Options options = {0};
	g_autoptr(GError) error = NULL;
	int status = EXIT_USAGE;
	if (options_parse(&options, &argc, &argv, &error)) {
		status = act(&options);
	} else {
		complain(EXIT_USAGE, error);
		fputs("Try \"mqlapse --help\".\n", stderr);
	}
	options_clear(&options);
	return status;
}
