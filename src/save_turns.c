/* SPDX-License-Identifier: MIT */
#include "src/save_turns.h"

#include <string.h>
#include <unistd.h>

#include "src/size.h"

struct SaveTurns {
	char *stem, *ending; /* of the names */
	Rotation rotation;
	char *path;
	unsigned number; /* in its name */
	GQueue *done;    /* names of those before, the oldest first */
	unsigned n_done;
	Instant first;   /* of the frames of this one; unknown: there is none yet */
};

bool rotation_read(Rotation *rotation, const char *text)
{
	static const struct {
		char unit;
		unsigned seconds;
	} times[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	char *end;
	uint64_t n = g_ascii_strtoull(text, &end, 10);
	for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
		if (!g_ascii_isdigit(*text) || *end != times[i].unit || end[1] != '\0')
			continue;
		if (n == 0 || n > (uint64_t)INT64_MAX / NS_PER_SECOND / times[i].seconds)
			return false;
		rotation->ns = (int64_t)n * times[i].seconds * NS_PER_SECOND;
		return true;
	}
	return size_read(text, &rotation->octets) && rotation->octets > 0;
}

void save_turns_skip(SaveTurns *turns)
{
	g_free(turns->path);
	turns->path = g_strdup_printf("%s-%05u%s", turns->stem, ++turns->number, turns->ending);
}

SaveTurns *save_turns_new(const char *path, const Rotation *rotation)
{
	SaveTurns *turns = g_new0(SaveTurns, 1);
	const char *name = strrchr(path, '/');
	const char *dot = strrchr(name == NULL ? path : name, '.');
	turns->ending = g_strdup(dot == NULL ? "" : dot);
	turns->stem = g_strndup(path, strlen(path) - strlen(turns->ending));
	turns->rotation = *rotation;
	turns->done = g_queue_new();
	turns->first = INSTANT_UNKNOWN;
	save_turns_skip(turns);
	return turns;
}

void save_turns_free(SaveTurns *turns)
{
	if (turns == NULL)
		return;
	g_queue_free_full(turns->done, g_free);
	g_free(turns->stem);
	g_free(turns->ending);
	g_free(turns->path);
	g_free(turns);
}

const char *save_turns_path(const SaveTurns *turns)
{
	return turns->path;
}

bool save_turns_due(SaveTurns *turns, uint64_t octets, Instant time)
{
	const Rotation *rotation = &turns->rotation;
	if (!instant_known(turns->first))
		turns->first = time;
	bool full = rotation->octets > 0 && octets >= rotation->octets;
	bool old = rotation->ns > 0 && instant_known(time) && time.ns - turns->first.ns >= rotation->ns;
	return full || old;
}

void save_turns_next(SaveTurns *turns, Instant time)
{
	g_queue_push_tail(turns->done, g_steal_pointer(&turns->path));
	turns->n_done++;
	save_turns_skip(turns);
	turns->first = time;
}

void save_turns_tidy(SaveTurns *turns)
{
	while (turns->rotation.keep > 0 && g_queue_get_length(turns->done) >= turns->rotation.keep) {
		g_autofree char *oldest = g_queue_pop_head(turns->done);
		unlink(oldest); /* or somebody has taken it away */
	}
}

unsigned save_turns_n_files(const SaveTurns *turns)
{
	return turns->n_done + 1;
}
