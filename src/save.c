/* SPDX-License-Identifier: MIT */
#include "src/save.h"

#include <string.h>
#include <sys/stat.h>

#include "dissectors/decap.h"
#include "src/capture/writer.h"
#include "src/save_secrets.h"

struct Save {
	const char *path;
	CaptureWriter *writer;
	GError *error;
	Chosen *chosen;       /* NULL: every frame is wanted */
	SaveSecrets *secrets; /* NULL: none are to be saved */
	GString *lines;       /* of the key log, to be written next */
	FrameNotes *notes;    /* NULL: none */
	SaveTurns *turns;     /* NULL: it is one file, @path */
	GString *all_lines;   /* with @turns: of the key log so far; each file has them all */
	uint64_t inherited;   /* octets of the file that are of those before */
	GArray *dropped;      /* uint64_t by source: frames that the files before told as lost */
	Decap *decap;         /* if segments are looked at */
	uint64_t n_frames;
};

static bool set_error(GError **error, const char *file, const char *says)
{
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE, "%s: %s", file, says);
	return false;
}

bool save_check(char *const *files, const char *path, bool twice, GError **error)
{
	struct stat out, in;
	bool exists = strcmp(path, "-") != 0 && stat(path, &out) == 0;
	for (; *files != NULL; files++) {
		bool named = strcmp(*files, "-") != 0;
		if (named && stat(*files, &in) != 0)
			continue; /* opening it will tell */
		if (named && exists && S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return set_error(error, path, "-w would overwrite the capture that -r reads");
		if (twice && (!named || !S_ISREG(in.st_mode)))
			return set_error(error, *files, "-w with --client reads twice, which only a file "
			                                "allows: save the input to one first");
	}
	return true;
}

Save *save_new(const char *path)
{
	Save *save = g_new0(Save, 1);
	save->path = path;
	save->lines = g_string_new(NULL);
	save->dropped = g_array_new(FALSE, TRUE, sizeof(uint64_t));
	return save;
}

void save_in_turns(Save *save, const Rotation *rotation)
{
	if (rotation->octets == 0 && rotation->ns == 0)
		return;
	save->turns = save_turns_new(save->path, rotation);
	save->all_lines = g_string_new(NULL);
}

/* Under the first name that is free. */
static CaptureWriter *open_turn(SaveTurns *turns, const Source *of, GError **error)
{
	for (;;) {
		GError *why = NULL;
		CaptureWriter *writer = capture_writer_create(save_turns_path(turns), of, &why);
		if (writer != NULL) {
			save_turns_tidy(turns);
			return writer;
		}
		if (!g_error_matches(why, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_EXISTS)) {
			g_propagate_error(error, why);
			return NULL;
		}
		g_error_free(why);
		save_turns_skip(turns);
	}
}

bool save_open(Save *save, const Source *of, GError **error)
{
	if (save->writer == NULL && save->turns != NULL)
		save->writer = open_turn(save->turns, of, error);
	else if (save->writer == NULL)
		save->writer = capture_writer_open(save->path, of, error);
	return save->writer != NULL;
}

static void look_into_segments(Save *save)
{
	if (save->decap == NULL)
		save->decap = decap_new();
}

void save_use_keys(Save *save, TlsKeys *keys)
{
	if (!capture_writer_annotates(save->path))
		return;
	save->secrets = save_secrets_new(keys);
	look_into_segments(save);
}

void save_use_notes(Save *save, FrameNotes *notes)
{
	save->notes = notes;
}

void save_only(Save *save, Chosen *chosen)
{
	save->chosen = chosen;
	look_into_segments(save);
}

/* Is it wanted?  Then what has to stand before it is written. */
static bool prepare(Save *save, const Frame *frame)
{
	TcpSegment segment;
	DecapResult result = save->decap == NULL ? DECAP_OTHER
	                                         : decap_frame(save->decap, frame, &segment);
	/* Whose fragment it is shows later: better one too many. */
	bool wanted = save->chosen == NULL || result == DECAP_WAITING ||
	              (result == DECAP_TCP && chosen_has(save->chosen, &segment, frame->time));
	if (wanted && result == DECAP_TCP && save->secrets != NULL)
		save_secrets_take(save->secrets, &segment, save->lines);
	return wanted;
}

static void put_secrets(Save *save)
{
	if (save->lines->len == 0)
		return;
	ByteSpan lines = {(const uint8_t *)save->lines->str, save->lines->len};
	if (save->error == NULL)
		capture_writer_secrets(save->writer, lines, &save->error);
	if (save->all_lines != NULL)
		g_string_append_len(save->all_lines, save->lines->str, (gssize)save->lines->len);
	g_string_truncate(save->lines, 0);
}

/* What each source has lost since the file before was closed. */
static void put_drops(Save *save, const Source *source)
{
	g_array_set_size(save->dropped, MAX(save->dropped->len, source_n_infos(source)));
	for (unsigned i = 0; save->error == NULL && i < source_n_infos(source); i++) {
		uint64_t *told = &g_array_index(save->dropped, uint64_t, i);
		SourceInfo info = *source_info(source, i);
		info.dropped -= MIN(*told, info.dropped);
		*told += info.dropped;
		capture_writer_dropped(save->writer, i, &info, &save->error);
	}
}

/* Connections go on in the next file, and need their secrets there too. */
static void take_turns(Save *save, const Source *source, Instant time)
{
	uint64_t octets = save->writer == NULL ? 0 : capture_writer_size(save->writer) - save->inherited;
	if (save->turns == NULL || !save_turns_due(save->turns, octets, time) || save->writer == NULL)
		return;
	put_drops(save, source);
	if (save->error != NULL || !capture_writer_finish(save->writer, &save->error))
		return;
	g_clear_pointer(&save->writer, capture_writer_free);
	save_turns_next(save->turns, time);
	if (!save_open(save, source, &save->error))
		return;
	g_autoptr(GString) own = g_steal_pointer(&save->lines);
	save->lines = g_steal_pointer(&save->all_lines);
	save->all_lines = g_string_new(NULL);
	put_secrets(save);
	save->inherited = capture_writer_size(save->writer);
	g_string_append_len(save->lines, own->str, (gssize)own->len);
}

static void put(Save *save, const Source *source, const Frame *frame)
{
	if (!prepare(save, frame))
		return;
	take_turns(save, source, frame->time);
	if (save->error != NULL || !save_open(save, source, &save->error))
		return;
	put_secrets(save);
	const char *const *notes = save->notes == NULL ? NULL : frame_notes_of(save->notes, frame->ref);
	if (save->error == NULL &&
	    capture_writer_put(save->writer, frame, source_info(source, frame->ref.source), notes,
	                       &save->error))
		save->n_frames++;
}

/* Secrets that came late are better behind what needs them than nowhere. */
static void look_again(Save *save)
{
	if (save->secrets != NULL && save->writer != NULL) {
		save_secrets_look_again(save->secrets, save->lines);
		put_secrets(save);
	}
}

bool save_frames(Save *save, const Source *source, const Frame *frames, unsigned n_frames)
{
	look_again(save);
	for (unsigned i = 0; i < n_frames && save->error == NULL; i++)
		put(save, source, &frames[i]);
	return save->error == NULL;
}

bool save_flush(Save *save)
{
	if (save->error == NULL && save->writer != NULL) {
		look_again(save);
		capture_writer_flush(save->writer, &save->error);
	}
	return save->error == NULL;
}

uint64_t save_n_frames(const Save *save)
{
	return save->n_frames;
}

unsigned save_n_files(const Save *save)
{
	return save->turns == NULL ? 0 : save_turns_n_files(save->turns);
}

void save_abandon(Save *save)
{
	if (save == NULL)
		return;
	capture_writer_free(save->writer);
	save_secrets_free(save->secrets);
	g_string_free(save->lines, TRUE);
	if (save->all_lines != NULL)
		g_string_free(save->all_lines, TRUE);
	save_turns_free(save->turns);
	g_array_unref(save->dropped);
	frame_notes_free(save->notes);
	chosen_free(save->chosen);
	decap_free(save->decap);
	g_clear_error(&save->error);
	g_free(save);
}

bool save_finish(Save *save, const Source *source, GError **error)
{
	if (save->error == NULL)
		save_open(save, source, &save->error);
	if (save->error == NULL)
		look_again(save);
	if (save->error == NULL)
		put_drops(save, source);
	if (save->error == NULL)
		capture_writer_finish(save->writer, &save->error);
	bool good = save->error == NULL;
	if (!good)
		g_propagate_error(error, g_steal_pointer(&save->error));
	save_abandon(save);
	return good;
}
