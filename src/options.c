/* SPDX-License-Identifier: MIT */
#include "src/options.h"

#include <stdlib.h>
#include <string.h>

#include "src/size.h"

G_STATIC_ASSERT(CAUSE_N <= 64);

#define FOLLOW_HELP \
	"read on as the file grows, until Ctrl-C; with --report=ndjson one line an event, at once"

/* What GOption fills in before it is checked. */
typedef struct Raw {
	char **decode;
	char **fail_on;
	char *vantage;
	char *broker_is;
	char *memory;
	char **rotate;
	int keep;
	gboolean follow, redact, ascii, list_causes, version, help;
	bool report_given;
	Options *options;
} Raw;

static gboolean take_report(const char *name, const char *value, void *data, GError **error)
{
	Raw *raw = data;
	(void)name;
	(void)error;
	g_free(raw->options->report);
	raw->options->report = g_strdup(value != NULL ? value : "text");
	return TRUE;
}

G_GNUC_PRINTF(2, 3) static bool usage(GError **error, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
	return false;
}

static bool take_port(Options *options, const char *text, GError **error)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || port == 0 || port > 65535)
		return usage(error, "--decode takes a TCP port from 1 to 65535, not \"%s\"", text);
	options->decode_ports = g_renew(uint16_t, options->decode_ports,
	                                options->n_decode_ports + 1);
	options->decode_ports[options->n_decode_ports++] = (uint16_t)port;
	return true;
}

static bool take_fail_on(Options *options, const char *text, GError **error)
{
	for (unsigned i = 0; i < SEVERITY_N; i++) {
		if (strcmp(text, severity_name(i)) == 0) {
			options->fail_severities |= 1u << i;
			return true;
		}
	}
	for (unsigned i = 0; i < RESPONSIBLE_N; i++) {
		if (strcmp(text, responsible_name(i)) == 0) {
			options->fail_responsibles |= 1u << i;
			return true;
		}
	}
	CauseId cause = cause_by_name(text);
	if (cause == CAUSE_NONE)
		return usage(error,
		             "--fail-on takes a severity (loss, risk, note), a responsible party or "
		             "a cause (see --list-causes), not \"%s\"", text);
	options->fail_causes |= UINT64_C(1) << cause;
	return true;
}

static bool take_vantage(Options *options, const char *text, GError **error)
{
	if (text == NULL)
		return true;
	options->vantage_given = true;
	for (unsigned i = VANTAGE_BROKER; i <= VANTAGE_TAP; i++) {
		options->vantage = i;
		if (strcmp(text, vantage_name(i)) == 0)
			return true;
	}
	return usage(error, "--vantage takes broker, client or tap, not \"%s\"", text);
}

static bool take_broker_is(Options *options, const char *text, GError **error)
{
	options->broker_is = advice_broker_by_key(text);
	if (text == NULL || options->broker_is != BROKER_UNKNOWN)
		return true;
	g_autoptr(GString) keys = g_string_new(NULL);
	for (unsigned i = BROKER_FIRST; i < BROKER_N; i++)
		g_string_append_printf(keys, "%s%s", i == BROKER_FIRST ? "" : ", ",
		                       advice_broker_key((BrokerProduct)i));
	return usage(error, "--broker-is takes one of %s, not \"%s\"", keys->str, text);
}

/* "64M": octets, or so many times 1024, 1024 * 1024 ... of them. */
static bool take_memory(Options *options, const char *text, GError **error)
{
	uint64_t size = 0;
	if (text == NULL)
		return true;
	if (!size_read(text, &size) || size == 0 || size > SIZE_MAX)
		return usage(error, "--memory takes a size such as 500M or 2G, not \"%s\"", text);
	options->memory = (size_t)size;
	return true;
}

static bool take_rotation(const Raw *raw, GError **error)
{
	Rotation *rotation = &raw->options->rotation;
	for (char **when = raw->rotate; when != NULL && *when != NULL; when++)
		if (!rotation_read(rotation, *when))
			return usage(error, "--rotate takes a size such as 100M, or a time such as 30s, 15m, 1h or 7d, "
			                    "not \"%s\"", *when);
	if (raw->keep < 0 || (raw->keep > 0 && raw->rotate == NULL))
		return usage(error, "--keep takes a number of files, and goes with --rotate");
	rotation->keep = (unsigned)raw->keep;
	return true;
}

static bool check_together(const Options *options, GError **error)
{
	bool rotates = options->rotation.octets > 0 || options->rotation.ns > 0;
	if (rotates && (options->write_path == NULL || strcmp(options->write_path, "-") == 0))
		return usage(error, "--rotate goes with -w FILE");
	if (options->write_path != NULL && options->interfaces == NULL && options->files == NULL)
		return usage(error, "-w goes with -i, or with -r");
	if (g_strcmp0(options->write_path, "-") == 0 && options->output == NULL)
		return usage(error, "-w - takes standard output: the report needs a file, -o FILE");
	return true;
}

static bool check(Raw *raw, GError **error)
{
	Options *options = raw->options;
	options->follow = raw->follow;
	options->redact = raw->redact;
	options->ascii = raw->ascii;
	options->redact_key = raw->redact ? g_uuid_string_random() : NULL;
	options->list_causes = raw->list_causes;
	options->version = raw->version;
	if (options->interfaces != NULL && options->files != NULL)
		return usage(error, "-i and -r do not go together: capture live or read files");
	for (char **port = raw->decode; port != NULL && *port != NULL; port++)
		if (!take_port(options, *port, error))
			return false;
	for (char **what = raw->fail_on; what != NULL && *what != NULL; what++)
		if (!take_fail_on(options, *what, error))
			return false;
	return take_vantage(options, raw->vantage, error) &&
	       take_broker_is(options, raw->broker_is, error) &&
	       take_memory(options, raw->memory, error) && take_rotation(raw, error) &&
	       check_together(options, error);
}

/* What stands behind the options is one BPF filter, with or without quotes. */
static void take_filter(Options *options, int argc, char **argv)
{
	if (argc > 1)
		options->filter = g_strjoinv(" ", argv + 1);
}

static void describe(GOptionContext *context)
{
	g_option_context_set_summary(
		context, "Shows from a packet capture which MQTT client lost its session, why,\n"
			 "whose doing it was, which messages it cost, and how to mend it.");
	g_option_context_set_description(
		context, "Exit: 0 done, 1 bad usage, 2 cannot read or capture, 3 --fail-on matched,\n"
			 "      4 the input is damaged (the report covers the rest), 130 interrupted.\n");
}

static GOptionContext *context_of(Raw *raw, const GOptionEntry *entries)
{
	GOptionContext *context = g_option_context_new("[BPF FILTER]");
	GOptionGroup *group = g_option_group_new("main", "", "", raw, NULL);
	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	/* GLib's own --help would not notice that standard output takes nothing. */
	g_option_context_set_help_enabled(context, FALSE);
	describe(context);
	return context;
}

static bool parse(Raw *raw, int *argc, char ***argv, GError **error)
{
	Options *options = raw->options;
	const GOptionEntry entries[] = {
		{"interface", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &options->interfaces,
		 "capture live; repeatable; \"any\" allowed", "IF"},
		{"read", 'r', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files,
		 "read a capture (pcap, pcapng, .gz, .zst); repeatable, merged by time; \"-\" is stdin",
		 "FILE"},
		{"write", 'w', 0, G_OPTION_ARG_FILENAME, &options->write_path,
		 "save what is captured live, or what of -r the filter and --client select: as pcapng "
		 "with secrets and comments, or as classic pcap if it is named .pcap", "FILE"},
		{"rotate", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->rotate,
		 "with -w: go on in another file when one has this size (100M), or goes over this time (30s, 15m, "
		 "1h, 7d); repeatable", "WHEN"},
		{"keep", 0, 0, G_OPTION_ARG_INT, &raw->keep, "with --rotate: only so many files, the newest", "N"},
		{"report", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK,
		 (void *)(uintptr_t)take_report,
		 "the report: text (default), json, ndjson, csv, markdown, html", "FORMAT"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "where the report goes (default: standard output)", "FILE"},
		{"follow", 0, 0, G_OPTION_ARG_NONE, &raw->follow, FOLLOW_HELP, NULL},
		{"client", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &options->clients,
		 "only these clients; repeatable", "GLOB"},
		{"keylog", 0, 0, G_OPTION_ARG_FILENAME, &options->keylog,
		 "secrets for TLS (SSLKEYLOGFILE); those in pcapng are used by themselves", "FILE"},
		{"decode", 'd', 0, G_OPTION_ARG_STRING_ARRAY, &raw->decode,
		 "treat this TCP port as MQTT even where detection is unsure; repeatable", "PORT"},
		{"vantage", 0, 0, G_OPTION_ARG_STRING, &raw->vantage,
		 "broker, client or tap: what the capture point can see (default: inferred)", "WHERE"},
		{"broker-is", 0, 0, G_OPTION_ARG_STRING, &raw->broker_is,
		 "what the broker is: mosquitto, emqx, aws, ...; for its settings and defaults", "NAME"},
		{"fail-on", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->fail_on,
		 "exit 3 when a finding of this severity, cause or responsible party stands; repeatable",
		 "WHAT"},
		{"redact", 0, 0, G_OPTION_ARG_NONE, &raw->redact,
		 "hide user names, payloads and topics; passwords are never shown at all", NULL},
		{"ascii", 0, 0, G_OPTION_ARG_NONE, &raw->ascii, "draw the screens with ASCII alone", NULL},
		{"memory", 0, 0, G_OPTION_ARG_STRING, &raw->memory,
		 "ceiling for the model, as 500M or 2G; beyond it the oldest connections are forgotten, and "
		 "counted", "SIZE"},
		{"relinquish-privileges", 'Z', 0, G_OPTION_ARG_STRING, &options->user,
		 "become this user once the capture is open", "USER"},
		{"explain", 0, 0, G_OPTION_ARG_STRING, &options->explain,
		 "what a cause means, what proves it, and how to mend it", "CAUSE"},
		{"list-causes", 0, 0, G_OPTION_ARG_NONE, &raw->list_causes, "all the causes", NULL},
		{"version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "version and what is built in", NULL},
		{"help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "this text", NULL},
		{NULL, 0, 0, 0, NULL, NULL, NULL},
	};
	g_autoptr(GOptionContext) context = context_of(raw, entries);
	if (!g_option_context_parse(context, argc, argv, error))
		return false;
	if (raw->help)
		options->help = g_option_context_get_help(context, TRUE, NULL);
	return true;
}

bool options_parse(Options *options, int *argc, char ***argv, GError **error)
{
	Raw raw = {.options = options};
	bool good = parse(&raw, argc, argv, error) && check(&raw, error);
	if (good)
		take_filter(options, *argc, *argv);
	g_strfreev(raw.decode);
	g_strfreev(raw.fail_on);
	g_free(raw.vantage);
	g_free(raw.broker_is);
	g_free(raw.memory);
	g_strfreev(raw.rotate);
	return good;
}

void options_clear(Options *options)
{
	g_strfreev(options->interfaces);
	g_strfreev(options->files);
	g_strfreev(options->clients);
	g_free(options->write_path);
	g_free(options->report);
	g_free(options->output);
	g_free(options->filter);
	g_free(options->user);
	g_free(options->redact_key);
	g_free(options->keylog);
	g_free(options->explain);
	g_free(options->help);
	g_free(options->decode_ports);
}

bool options_fail_on(const Options *options, const Finding *finding)
{
	return (options->fail_severities >> finding->severity & 1) != 0 ||
	       (options->fail_responsibles >> finding->responsible & 1) != 0 ||
	       (options->fail_causes >> finding->cause & 1) != 0;
}
