/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/verdict/explain.h"
#include "ui/report/format.h"
#include "ui/screens/app_private.h"

/* @rest: what stands behind the command's name, without blanks around it. */
typedef void (*Run)(App *app, const View *view, const char *rest);

typedef struct Command {
	const char *name;
	Run run;
	const char *const *(*words)(void); /* that can follow; NULL: any text */
} Command;

/* --- goto --------------------------------------------------------------------------------------- */

/* "10:15", "10:15:30.5", with or without a date before; "+12.5" since the capture began.  UTC. */
static Instant moment_of(const View *view, const char *text)
{
	int year, month, day, hour, minute;
	double seconds = 0;
	char rest;
	Instant first = view->analysis->first;
	if (sscanf(text, "+%lf%c", &seconds, &rest) == 1 && instant_known(first) && seconds >= 0 &&
	    seconds < 1e9)
		return (Instant){first.ns + (int64_t)(seconds * (double)NS_PER_SECOND)};
	int n = sscanf(text, "%d-%d-%d %d:%d:%lf%c", &year, &month, &day, &hour, &minute, &seconds, &rest);
	if (n < 5 || n > 6) {
		char date[FORMAT_SIZE];
		format_date_time(first, date);
		n = sscanf(text, "%d:%d:%lf%c", &hour, &minute, &seconds, &rest) + 3;
		if (n < 5 || n > 6 || sscanf(date, "%d-%d-%d", &year, &month, &day) != 3)
			return INSTANT_UNKNOWN;
	}
	g_autoptr(GDateTime) moment = g_date_time_new_utc(year, month, day, hour, minute, 0);
	if (moment == NULL || !(seconds >= 0 && seconds < 61))
		return INSTANT_UNKNOWN;
	return (Instant){g_date_time_to_unix(moment) * NS_PER_SECOND +
	                 (int64_t)(seconds * (double)NS_PER_SECOND)};
}

/* "4711", or "1:4711" for a frame of the second file. */
static FrameRef frame_of(const char *text)
{
	unsigned long long source, number;
	char rest;
	if (strspn(text, "0123456789") == strlen(text) && sscanf(text, "%llu%c", &number, &rest) == 1)
		return (FrameRef){.number = number & UINT64_C(0xffffffffffff)};
	if (sscanf(text, "file %llu frame %llu%c", &source, &number, &rest) == 2)
		return (FrameRef){number & UINT64_C(0xffffffffffff), source & 0xffff};
	return (FrameRef){0, 0};
}

/* A list has no times of its own: there it goes to the client that is selected. */
static bool go_on_screen(App *app, const View *view, Instant moment, FrameRef frame)
{
	Screen *top = app_top(app);
	if (top->ops->go != NULL)
		return top->ops->go(top, view, moment, frame);
	ClientIndex client = top->ops->client == NULL ? NO_INDEX : top->ops->client(top, view);
	if (client == NO_INDEX)
		return false;
	Screen *timeline = timeline_screen_new(client, UINT32_MAX);
	app_push(app, timeline);
	return timeline->ops->go(timeline, view, moment, frame);
}

static void run_goto(App *app, const View *view, const char *rest)
{
	FrameRef frame = frame_of(rest);
	Instant moment = frame.number != 0 ? INSTANT_UNKNOWN : moment_of(view, rest);
	if (frame.number == 0 && !instant_known(moment))
		app_tell(app, "goto takes a frame, a time as 10:15:30, or +SECONDS since the beginning");
	else if (!go_on_screen(app, view, moment, frame))
		app_tell(app, "There is nothing of %s on this screen", rest);
}

/* --- export ------------------------------------------------------------------------------------- */

static ReportFormat format_of(const char *path, const char *name)
{
	static const struct {
		const char *ending;
		ReportFormat format;
	} endings[] = {
		{".json", REPORT_JSON}, {".ndjson", REPORT_NDJSON}, {".csv", REPORT_CSV},
		{".md", REPORT_MARKDOWN}, {".html", REPORT_HTML},
	};
	if (name != NULL)
		return report_format_by_name(name);
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(path, endings[i].ending))
			return endings[i].format;
	return REPORT_TEXT;
}

static void write_export(App *app, const View *view, const char *path, ReportFormat format)
{
	g_autoptr(GError) error = NULL;
	ReportOptions options = *view->report->options;
	options.format = format;
	FILE *out = fopen(path, "wxe"); /* nothing is overwritten */
	if (out == NULL) {
		app_tell(app, "%s: %s", path, g_strerror(errno));
		return;
	}
	bool good = report_write(view->analysis, &options, out, &error);
	if (fclose(out) != 0 || !good)
		app_tell(app, "%s: %s", path, error != NULL ? error->message : g_strerror(errno));
	else
		app_tell(app, "Wrote %s", path);
}

static void run_export(App *app, const View *view, const char *rest)
{
	g_auto(GStrv) words = g_strsplit(rest, " ", 2);
	if (words[0] == NULL || *words[0] == '\0') {
		app_tell(app, "export takes a file and, if its name does not tell, a format");
		return;
	}
	ReportFormat format = format_of(words[0], words[1]);
	if (format == REPORT_UNKNOWN)
		app_tell(app, "There is no format \"%s\": text, json, ndjson, csv, markdown, html", words[1]);
	else
		write_export(app, view, words[0], format);
}

/* --- the others --------------------------------------------------------------------------------- */

static void run_set(App *app, const View *view, const char *rest)
{
	g_auto(GStrv) words = g_strsplit(rest, " ", 2);
	g_autoptr(GError) error = NULL;
	(void)view;
	if (words[0] == NULL || !settings_set(app->settings, words[0], words[1] == NULL ? "" : g_strstrip(words[1]), &error))
		app_tell(app, "%s", error != NULL ? error->message : "set takes a name and a value");
	else
		app_tell(app, "%s is %s", words[0], words[1]);
	app->redraw = true;
}

static void run_theme(App *app, const View *view, const char *rest)
{
	g_autofree char *line = g_strdup_printf("theme %s", rest);
	run_set(app, view, line);
}

static void run_filter(App *app, const View *view, const char *rest)
{
	Screen *top = app_top(app);
	g_autoptr(GError) error = NULL;
	if (top->ops->filter == NULL)
		app_tell(app, "This screen has no filter");
	else if (!top->ops->filter(top, view, rest, &error))
		app_tell(app, "%s", error->message);
	else {
		g_free(app->filter);
		app->filter = g_strdup(rest);
	}
}

static void run_explain(App *app, const View *view, const char *rest)
{
	(void)view;
	CauseId cause = cause_by_name(rest);
	if (cause == CAUSE_NONE) {
		app_tell(app, "\"%s\" is no cause: Tab after :explain shows them all", rest);
		return;
	}
	GString *text = g_string_new(NULL);
	explain_cause(cause, text, UNWRAPPED);
	app_show_text(app, g_strdup(rest), g_string_free(text, FALSE));
}

static void run_quit(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app->over = true;
}

static void run_clients(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app_show_root(app, SCREEN_CLIENTS);
}

static void run_findings(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app_show_root(app, SCREEN_FINDINGS);
}

static void run_brokers(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app_show_root(app, SCREEN_BROKERS);
}

static void run_log(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app_show_log(app);
}

static void run_help(App *app, const View *view, const char *rest)
{
	(void)view;
	(void)rest;
	app_show_help(app);
}

static const Command commands[] = {
	{"brokers", run_brokers, NULL},   {"clients", run_clients, NULL},
	{"explain", run_explain, NULL},   {"export", run_export, NULL},
	{"filter", run_filter, NULL},     {"findings", run_findings, NULL},
	{"goto", run_goto, NULL},         {"help", run_help, NULL},
	{"log", run_log, NULL},           {"quit", run_quit, NULL},
	{"save", app_save, NULL},         {"set", run_set, settings_names},
	{"theme", run_theme, theme_names}, {"wireshark", app_wireshark, NULL},
};

/* The command that @name begins, if it is but one; "q" is quit. */
static const Command *command_by_name(const char *name)
{
	const Command *found = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
		if (*name == '\0' || !g_str_has_prefix(commands[i].name, name))
			continue;
		if (found != NULL)
			return NULL;
		found = &commands[i];
	}
	return found;
}

void app_command(App *app, const View *view, const char *line)
{
	g_autofree char *copy = g_strstrip(g_strdup(line));
	char *rest = copy + strcspn(copy, " ");
	if (*rest != '\0')
		*rest++ = '\0';
	const Command *command = command_by_name(copy);
	if (command == NULL && *copy != '\0')
		app_tell(app, "There is no command \"%s\": ? shows them", copy);
	else if (command != NULL)
		command->run(app, view, g_strchug(rest));
}

/* Of @words those that begin as the @size octets at @typed. */
static void add_fitting(GPtrArray *choices, const char *word, const char *typed, size_t size)
{
	if (strncmp(word, typed, size) == 0)
		g_ptr_array_add(choices, g_strdup(word));
}

/* What can stand behind @word, the first behind the command's name. */
static const char *const *second_words(const Command *command, const char *word)
{
	if (command->run == run_export)
		return report_format_names();
	return command->run == run_set ? settings_values(word) : NULL;
}

static void add_words(GPtrArray *choices, const Command *command, const char *typed, size_t size)
{
	const char *const *words = command->words == NULL ? NULL : command->words();
	size_t first = strcspn(typed, " ");
	if (first < size) {
		g_autofree char *word = g_strndup(typed, first);
		words = second_words(command, word);
		typed += first + 1;
		size -= first + 1;
	} else if (command->run == run_explain) {
		for (CauseId cause = CAUSE_FIRST; cause < CAUSE_N; cause++)
			add_fitting(choices, cause_name(cause), typed, size);
	}
	for (; words != NULL && *words != NULL; words++)
		add_fitting(choices, *words, typed, size);
}

static char **complete_command(const char *text, size_t cursor)
{
	GPtrArray *choices = g_ptr_array_new();
	size_t name = strcspn(text, " ");
	if (cursor <= name) {
		for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
			add_fitting(choices, commands[i].name, text, cursor);
	} else {
		g_autofree char *first = g_strndup(text, name);
		const Command *command = command_by_name(first);
		if (command != NULL)
			add_words(choices, command, text + name + 1, cursor - name - 1);
	}
	g_ptr_array_add(choices, NULL);
	return (char **)g_ptr_array_free(choices, FALSE);
}

/* Called from within app_key(), while the engine is held. */
char **app_complete(void *user, PromptKind kind, const char *text, size_t cursor)
{
	App *app = user;
	Screen *top = app_top(app);
	const View *view = &app->desk.view;
	if (kind == PROMPT_FILTER)
		return top->ops->complete == NULL ? NULL : top->ops->complete(top, view, text, cursor);
	if (kind != PROMPT_COMMAND)
		return NULL;
	size_t lead = strlen("filter ");
	if (g_str_has_prefix(text, "filter ") && cursor >= lead && top->ops->complete != NULL)
		return top->ops->complete(top, view, text + lead, cursor - lead);
	return complete_command(text, cursor);
}
