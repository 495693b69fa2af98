/* SPDX-License-Identifier: MIT */
/* scenario_tool FILE.scenario -o OUT.pcap: makes a capture of a scenario, see
 * tests/scenarios/README.md. */
#include <stdio.h>

#include "tests/support/scenario.h"

typedef struct {
	char *output, *link, *transport, *keys;
	gint cut_every, drop_frame;
	gboolean reorder, duplicate, expectations, count;
	char **files;
} Arguments;

static bool read_arguments(int argc, char **argv, Arguments *arguments, GError **error)
{
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->output,
	         "Write the capture here", "FILE"},
		{"link", 0, 0, G_OPTION_ARG_STRING, &arguments->link,
	         "ethernet, vlan, sll2, ipv6, or a tunnel: run.py names them", "LINK"},
		{"transport", 0, 0, G_OPTION_ARG_STRING, &arguments->transport,
	         "tcp, ws, ws-deflate, ws-whole, tls12, tls13, wss, or behind a balancer: proxy1, proxy2, proxy1-ws, proxy2-tls13", "TRANSPORT"},
		{"keys", 0, 0, G_OPTION_ARG_FILENAME, &arguments->keys, "Write the key log of TLS here",
	         "FILE"},
		{"cut-every", 0, 0, G_OPTION_ARG_INT, &arguments->cut_every, "Cut segments",
	         "BYTES"},
		{"drop-frame", 0, 0, G_OPTION_ARG_INT, &arguments->drop_frame,
	         "Leave out one frame", "N"},
		{"reorder", 0, 0, G_OPTION_ARG_NONE, &arguments->reorder, "Swap halves of segments",
	         NULL},
		{"duplicate", 0, 0, G_OPTION_ARG_NONE, &arguments->duplicate, "Send segments twice",
	         NULL},
		{"expectations", 0, 0, G_OPTION_ARG_NONE, &arguments->expectations,
	         "Print as JSON lines", NULL},
		{"count", 0, 0, G_OPTION_ARG_NONE, &arguments->count, "Print the number of frames",
	         NULL},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments->files, NULL,
	         "SCENARIO"},
		{0},
	};
	GOptionContext *context = g_option_context_new(NULL);
	bool good;

	g_option_context_add_main_entries(context, entries, NULL);
	good = g_option_context_parse(context, &argc, &argv, error);
	g_option_context_free(context);
	return good;
}

static void print_expectations(const Scenario *scenario)
{
	for (guint i = 0; i < scenario->expectations->len; i++)
		puts(scenario->expectations->pdata[i]);
}

static void print_count(const Scenario *scenario, const BuilderOptions *options)
{
	GPtrArray *frames = builder_frames(scenario->builder, options);

	printf("%u\n", frames->len);
	g_ptr_array_unref(frames);
}

static bool run(const Arguments *arguments, const Scenario *scenario, GError **error)
{
	BuilderOptions options = {
		.link = scenario->link,
		.cut_every = (guint)MAX(arguments->cut_every, 0),
		.drop_frame = (guint)MAX(arguments->drop_frame, 0),
		.reorder = arguments->reorder,
		.duplicate = arguments->duplicate,
	};

	if (arguments->link != NULL && !scenario_link_from_name(arguments->link, &options.link)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		            "'%s' is no link layer", arguments->link);
		return false;
	}
	if (arguments->expectations)
		print_expectations(scenario);
	if (arguments->count)
		print_count(scenario, &options);
	if (arguments->keys != NULL &&
	    !g_file_set_contents(arguments->keys, builder_keylog(scenario->builder)->str, -1, error))
		return false;
	return arguments->output == NULL ||
	       builder_write(scenario->builder, &options, arguments->output, error);
}

int main(int argc, char **argv)
{
	Arguments arguments = {0};
	Scenario *scenario = NULL;
	WrapKind wrap = WRAP_NONE;
	GError *error = NULL;

	if (read_arguments(argc, argv, &arguments, &error)) {
		if (arguments.files == NULL || arguments.files[1] != NULL)
			error = g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			                    "give one scenario file");
		else if (arguments.transport != NULL &&
		         !wrap_kind_from_name(arguments.transport, &wrap))
			error = g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			                    "'%s' is no transport here", arguments.transport);
		else
			scenario = scenario_load(arguments.files[0], wrap, &error);
	}
	if (scenario != NULL)
		run(&arguments, scenario, &error);
	scenario_free(scenario);
	g_free(arguments.output);
	g_free(arguments.link);
	g_free(arguments.transport);
	g_free(arguments.keys);
	g_strfreev(arguments.files);
	if (error == NULL)
		return 0;
	fprintf(stderr, "%s\n", error->message);
	g_error_free(error);
	return 1;
}
