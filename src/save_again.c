/* SPDX-License-Identifier: MIT */
#include "src/save_again.h"

#include "src/capture/writer.h"

SaveRun save_run_begin(const Inputs *inputs, const char *path, const Rotation *rotation, bool choose)
{
	SaveRun saving = {.path = path};
	if (path == NULL)
		return saving;
	saving.save = save_new(path);
	save_in_turns(saving.save, rotation);
	saving.again = inputs->files != NULL &&
	               (choose || (capture_writer_annotates(path) && inputs_are_files(inputs) &&
	                           !inputs->follow));
	return saving;
}

static bool save_again(Save *save, const Inputs *inputs, uint64_t n_frames,
                       Source *volatile *stoppable, GError **error)
{
	Inputs again = *inputs;
	again.follow = false;
	Source *source = inputs_open_files(&again, error);
	if (source == NULL)
		return false;
	*stoppable = source;
	FrameRun run;
	/* Damage was told the first time. */
	while (n_frames > 0 && source_next_run(source, &run, NULL) == SOURCE_FRAME) {
		unsigned n = (unsigned)MIN(run.n, n_frames);
		if (!save_frames(save, source, run.frames, n))
			break; /* save_finish() tells */
		n_frames -= n;
	}
	*stoppable = NULL;
	source_free(source);
	return true;
}

bool save_run_end(SaveRun *saving, const Inputs *inputs, const Source *source, uint64_t n_frames,
                Source *volatile *stoppable, GError **error)
{
	if (saving->path == NULL)
		return true;
	Save *save = saving->save;
	bool read = !saving->again || save_again(save, inputs, n_frames, stoppable, error);
	saving->n_frames = save_n_frames(save);
	saving->n_files = save_n_files(save);
	return save_finish(save, source, read ? error : NULL) && read;
}
