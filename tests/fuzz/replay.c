/* SPDX-License-Identifier: MIT */
/*
 * replay: runs a fuzz target over the files of a folder, each once.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static bool replay_file(const char *path)
{
	g_autofree char *octets = NULL;
	gsize size;
	if (!g_file_get_contents(path, &octets, &size, NULL)) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return false;
	}
	/* As large as it is and no larger, for the sanitizers to see every octet too many. */
	uint8_t *exact = g_memdup2(octets, size);
	LLVMFuzzerTestOneInput(exact, size);
	g_free(exact);
	return true;
}

static int replay_folder(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	if (dir == NULL) {
		fprintf(stderr, "%s: no such folder\n", path);
		return EXIT_FAILURE;
	}
	unsigned n = 0;
	bool good = true;
	const char *name;
	while (good && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		good = replay_file(file);
		n++;
	}
	g_dir_close(dir);
	printf("%u inputs of %s\n", n, path);
	return good && n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* With arguments, those files; without, the folder of the corpus that the program's name tells. */
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!replay_file(argv[i]))
			return EXIT_FAILURE;
	if (argc > 1)
		return EXIT_SUCCESS;
	const char *top = g_getenv("top_srcdir");
	g_autofree char *name = g_path_get_basename(argv[0]);
	const char *target = g_str_has_prefix(name, "fuzz_") ? name + 5 : name;
	g_autofree char *path =
		g_build_filename(top != NULL ? top : ".", "tests", "fuzz", "corpus", target, NULL);
	return replay_folder(path);
}
