/* SPDX-License-Identifier: MIT */
#include "src/frame_notes.h"

#include <string.h>

struct FrameNotes {
	GHashTable *by_frame; /* FrameRef as a number → GPtrArray of char *, NULL at its end */
	unsigned n;
};

static gint64 key_of(FrameRef frame)
{
	return (gint64)((uint64_t)frame.source << 48 | frame.number);
}

static void texts_free(gpointer texts)
{
	g_ptr_array_unref(texts);
}

FrameNotes *frame_notes_new(void)
{
	FrameNotes *notes = g_new0(FrameNotes, 1);
	notes->by_frame = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, texts_free);
	return notes;
}

void frame_notes_free(FrameNotes *notes)
{
	if (notes == NULL)
		return;
	g_hash_table_unref(notes->by_frame);
	g_free(notes);
}

static char *cut(const char *text)
{
	char *valid = g_utf8_make_valid(text, -1);
	size_t size = strlen(valid);
	if (size <= SOURCE_TEXT_MOST)
		return valid;
	static const char more[] = "…";
	char *end = valid + SOURCE_TEXT_MOST - (sizeof more - 1);
	end = g_utf8_find_prev_char(valid, end + 1);
	memcpy(end, more, sizeof more);
	return valid;
}

static bool has(const GPtrArray *texts, const char *text)
{
	for (guint i = 0; i + 1 < texts->len; i++)
		if (strcmp(texts->pdata[i], text) == 0)
			return true;
	return false;
}

bool frame_notes_full(const FrameNotes *notes)
{
	return notes->n >= FRAME_NOTES_MOST_OF_ALL;
}

void frame_notes_add(FrameNotes *notes, FrameRef frame, const char *text)
{
	gint64 key = key_of(frame);
	GPtrArray *texts = g_hash_table_lookup(notes->by_frame, &key);
	if (frame_notes_full(notes) || (texts != NULL && texts->len > FRAME_NOTES_MOST))
		return;
	g_autofree char *own = cut(text);
	if (texts == NULL) {
		texts = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(texts, NULL);
		g_hash_table_insert(notes->by_frame, g_memdup2(&key, sizeof key), texts);
	}
	if (has(texts, own))
		return;
	bool last = texts->len == FRAME_NOTES_MOST;
	g_ptr_array_insert(texts, (gint)texts->len - 1,
	                   last ? g_strdup("and more findings here") : g_steal_pointer(&own));
	notes->n++;
}

void frame_notes_add_comments(FrameNotes *notes, const Source *source)
{
	for (unsigned i = 0; i < source_n_infos(source); i++) {
		const SourceInfo *info = source_info(source, i);
		for (unsigned j = 0; j < info->n_comments; j++) {
			const SourceComment *comment = &info->comments[j];
			FrameRef frame = {comment->frame & UINT64_C(0xffffffffffff), i & 0xffff};
			if (comment->frame != 0)
				frame_notes_add(notes, frame, comment->text);
		}
	}
}

const char *const *frame_notes_of(const FrameNotes *notes, FrameRef frame)
{
	gint64 key = key_of(frame);
	const GPtrArray *texts = g_hash_table_lookup(notes->by_frame, &key);
	return texts == NULL ? NULL : (const char *const *)texts->pdata;
}
