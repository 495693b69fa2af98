/* SPDX-License-Identifier: MIT */
/*
 * Command lines: arguments, each ended by a line feed.
 */
#include <string.h>

#include "src/options.h"
#include "tests/fuzz/fuzz.h"

/* GLib prints the help and exits. */
static bool asks_for_help(const char *argument)
{
	return argument[0] == '-' &&
	       (g_str_has_prefix(argument, "--help") ||
	        (argument[1] != '-' && strpbrk(argument, "h?") != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) given = g_strsplit(text, "\n", -1);
	g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(arguments, g_strdup("mqlapse"));
	for (char **argument = given; *argument != NULL; argument++)
		if (!asks_for_help(*argument))
			g_ptr_array_add(arguments, g_strdup(*argument));
	int argc = (int)arguments->len;
	g_ptr_array_add(arguments, NULL);
	g_autofree char **argv = g_memdup2(arguments->pdata, arguments->len * sizeof *argv);
	char **left = argv;
	Options options = {0};
	g_autoptr(GError) error = NULL;
	if (options_parse(&options, &argc, &left, &error))
		g_assert_null(error);
	else
		g_assert_nonnull(error);
	options_clear(&options);
	return 0;
}
