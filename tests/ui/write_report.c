/* SPDX-License-Identifier: MIT */
/*
 * write_report FORMAT STORY [--redact] [--color] [--width N] [--client GLOB]...: a report about a
 * made-up analysis on standard output, for the tests that read reports with other people's parsers.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/ui/fake_analysis.h"
#include "ui/report/report.h"

static Fake *story_by_name(const char *name)
{
	if (strcmp(name, "founding") == 0)
		return fake_founding();
	if (strcmp(name, "hostile") == 0)
		return fake_hostile();
	if (strcmp(name, "restart") == 0)
		return fake_restart();
	if (strcmp(name, "nothing") == 0)
		return fake_nothing();
	return fake_many((unsigned)strtoul(name, NULL, 10));
}

int main(int argc, char **argv)
{
	gboolean redact = FALSE, color = FALSE;
	gint width = 100;
	g_auto(GStrv) clients = NULL;
	const GOptionEntry entries[] = {
		{"redact", 0, 0, G_OPTION_ARG_NONE, &redact, NULL, NULL},
		{"color", 0, 0, G_OPTION_ARG_NONE, &color, NULL, NULL},
		{"width", 0, 0, G_OPTION_ARG_INT, &width, NULL, NULL},
		{"client", 0, 0, G_OPTION_ARG_STRING_ARRAY, &clients, NULL, NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("FORMAT STORY");
	g_option_context_add_main_entries(context, entries, NULL);
	g_autoptr(GError) error = NULL;
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 3) {
		g_printerr("usage: write_report FORMAT STORY [options]\n");
		return 1;
	}
	g_autoptr(GPtrArray) globs = g_ptr_array_new();
	for (char **client = clients; client != NULL && *client != NULL; client++)
		g_ptr_array_add(globs, *client);
	Fake *fake = story_by_name(argv[2]);
	ReportOptions options = {
		.format = report_format_by_name(argv[1]),
		.client_globs = globs,
		.redact = redact,
		.redact_key = "a key for tests",
		.color = color,
		.width = (unsigned)width,
	};
	bool written = report_write(fake_analysis(fake), &options, stdout, &error);
	if (!written)
		g_printerr("%s\n", error->message);
	fake_free(fake);
	return written ? 0 : 2;
}
