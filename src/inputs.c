/* SPDX-License-Identifier: MIT */
#include "src/inputs.h"

#include <string.h>
#include <sys/stat.h>

#include "src/privileges.h"

Source *inputs_open_files(const Inputs *inputs, GError **error)
{
	unsigned n = g_strv_length(inputs->files);
	g_autofree Source **sources = g_new0(Source *, n);
	for (unsigned i = 0; i < n; i++) {
		sources[i] = source_open_file(inputs->files[i], error);
		if (sources[i] == NULL) {
			while (i-- > 0)
				source_free(sources[i]);
			return NULL;
		}
	}
	Source *source = n == 1 ? sources[0] : source_merge(sources, n);
	if (inputs->filter == NULL || source_set_filter(source, inputs->filter, error))
		return source;
	source_free(source);
	return NULL;
}

static Source *open_live(const Inputs *inputs, GError **error)
{
	static const char *const any[] = {"any", NULL};
	const char *const *interfaces =
		inputs->interfaces != NULL ? (const char *const *)inputs->interfaces : any;
	LiveOptions live = {.filter = inputs->filter, .write_path = inputs->write_path};
	return source_open_live(interfaces, &live, error);
}

Source *inputs_open(const Inputs *inputs, GError **error)
{
	Source *source = inputs->files != NULL ? inputs_open_files(inputs, error)
	                                       : open_live(inputs, error);
	if (source != NULL && inputs->user != NULL && !relinquish_privileges(inputs->user, error)) {
		source_free(source);
		return NULL;
	}
	return source;
}

bool inputs_are_files(const Inputs *inputs)
{
	if (inputs->files == NULL)
		return false;
	for (char **file = inputs->files; *file != NULL; file++) {
		struct stat status;
		if (strcmp(*file, "-") == 0 || stat(*file, &status) != 0 || !S_ISREG(status.st_mode))
			return false;
	}
	return true;
}

KeyLog *inputs_open_keylog(const Inputs *inputs, GError **error)
{
	return keylog_open(inputs->keylog, !inputs_are_files(inputs), error);
}
