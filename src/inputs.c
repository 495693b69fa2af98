/* SPDX-License-Identifier: MIT */
#include "src/inputs.h"

#include <string.h>
#include <sys/stat.h>

#include "src/privileges.h"
#include "src/session/clock_doubt.h"

static Source *open_file(const Inputs *inputs, unsigned index, GError **error)
{
	Source *source = source_open_file(inputs->files[index], error);
	if (source != NULL && inputs->follow)
		source_follow(source);
	return source;
}

Source *inputs_open_files(const Inputs *inputs, GError **error)
{
	unsigned n = g_strv_length(inputs->files);
	g_autofree Source **sources = g_new0(Source *, n);
	for (unsigned i = 0; i < n; i++) {
		sources[i] = open_file(inputs, i, error);
		if (sources[i] == NULL) {
			while (i-- > 0)
				source_free(sources[i]);
			return NULL;
		}
	}
	Source *source = n == 1 ? sources[0] : source_merge(sources, n);
	if (inputs->clocks != NULL)
		inputs_put_clocks_right(source, inputs->clocks);
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
	LiveOptions live = {.filter = inputs->filter};
	return source_open_live(interfaces, &live, error);
}

Source *inputs_open(const Inputs *inputs, GError **error)
{
	Source *source = inputs->files != NULL ? inputs_open_files(inputs, error)
	                                       : open_live(inputs, error);
	if (source == NULL)
		return NULL;
	bool saves = inputs->files == NULL && inputs->save != NULL;
	if ((!saves || save_open(inputs->save, source, error)) &&
	    (inputs->user == NULL || relinquish_privileges(inputs->user, error)))
		return source;
	source_free(source);
	return NULL;
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
	return keylog_open(inputs->keylog, inputs->follow || !inputs_are_files(inputs), error);
}

GArray *inputs_compare_clocks(const Inputs *inputs, const atomic_bool *stopped)
{
	return inputs->files == NULL ? NULL : clocks_compare(inputs->files, stopped);
}

void inputs_put_clocks_right(Source *source, const GArray *clocks)
{
	for (unsigned i = 0; i < source_n_infos(source); i++) {
		const ClockReading *clock = &g_array_index(clocks, ClockReading, i);
		if (clock->known)
			source_shift_clock(source, i, -clock->offset_ns);
	}
}

void inputs_doubt_clocks(const Source *source, const GArray *clocks, Model *model)
{
	for (unsigned i = 0; i < source_n_infos(source); i++) {
		const SourceInfo *info = source_info(source, i);
		ClockDoubt doubt = {
			.steps = info->clock_steps,
			.n_steps = info->n_clock_steps,
			.summed = info->n_clock_steps == SOURCE_STEPS_MOST,
			.jitter_ns = info->clock_jitter_ns,
		};
		if (clocks != NULL) {
			const ClockReading *clock = &g_array_index(clocks, ClockReading, i);
			doubt.skew_ns = clock->known ? clock->doubt_ns : 0;
			doubt.unrelated = !clock->known;
			doubt.beside = clock->beside;
		}
		model_doubt_clock(model, i, doubt);
	}
}
