/* SPDX-License-Identifier: MIT */
/*
 * What stands above the list of clients, and in place of an empty one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/text_private.h"
#include "ui/screens/clients_private.h"

/* Words on a line, one after the other, as long as they fit. */
typedef struct Line {
	Area area;
	int x;
} Line;

G_GNUC_PRINTF(3, 4) static void put(Line *line, Role role, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (line->x < line->area.columns)
		line->x = area_text(line->area, line->x, 0, role, text);
}

/* The same, or nothing of it, and of what would follow. */
G_GNUC_PRINTF(3, 4) static void put_whole(Line *line, Role role, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (line->x > 0 && line->x + text_width(text) > line->area.columns)
		line->x = line->area.columns;
	put(line, role, "%s", text);
}

static Area line_at(Area area, int y)
{
	return area_part(area, 0, y, area.columns, 1);
}

/* --- what is read ------------------------------------------------------------------------------- */

static void put_sources(Line *line, const View *view)
{
	unsigned n = source_n_infos(view->analysis->source);
	if (n == 0)
		return;
	const char *name = source_info(view->analysis->source, 0)->name;
	g_autoptr(GString) escaped = g_string_new(NULL);
	escape_append(escaped, (ByteSpan){(const uint8_t *)name, strlen(name)});
	put(line, ROLE_STRONG, "%s", escaped->str);
	if (n > 1)
		put(line, ROLE_STRONG, " and %u more", n - 1);
}

static void put_drops(Line *line, const View *view)
{
	char number[FORMAT_SIZE];
	uint64_t dropped = 0;
	bool known = total_dropped(view->analysis->source, &dropped);
	dropped = MAX(dropped, view->status->dropped);
	if (!known && dropped == 0)
		return;
	format_count(dropped, number);
	put(line, dropped > 0 ? ROLE_RISK : ROLE_NORMAL, "  %s%s dropped by the kernel", dropped > 0 ? "! " : "",
	    number);
}

/* To stay within --memory. */
static void put_forgotten(Line *line, const View *view)
{
	uint64_t forgotten = model_counts(view->model)->forgotten_connections;
	if (forgotten == 0)
		return;
	g_autofree char *connections = counted(forgotten, "connection", NULL);
	put(line, ROLE_RISK, "  ! %s forgotten", connections);
}

/* The first file that could not be read to its end, or in full. */
static const char *damage_of(const View *view)
{
	for (unsigned i = 0; i < source_n_infos(view->analysis->source); i++) {
		const SourceInfo *info = source_info(view->analysis->source, i);
		if (info->damaged)
			return info->damage != NULL ? info->damage : "";
	}
	return NULL;
}

static void draw_input(const View *view, Area area)
{
	const EngineStatus *status = view->status;
	Line line = {area, 0};
	char text[FORMAT_SIZE];
	put_sources(&line, view);
	format_count(view->analysis->frames, text);
	put(&line, ROLE_NORMAL, "  %s packets", text);
	format_duration(ns_between(view->analysis->first, view->analysis->last), text);
	if (view->analysis->frames > 0)
		put(&line, ROLE_NORMAL, " in %s", text);
	put_drops(&line, view);
	put_forgotten(&line, view);
	if (status->ended)
		return;
	format_count((uint64_t)MAX(status->frames_per_second, 0), text);
	put(&line, ROLE_NORMAL, "  %s packets/s", text);
	format_count((uint64_t)MAX(status->packets_per_second, 0), text);
	put(&line, ROLE_NORMAL, ", %s of MQTT", text);
}

/* Where there are no clients at all, a page tells it. */
static void draw_wrong_keys(const View *view, Area area)
{
	Line line = {area, 0};
	g_autofree char *number = counted(view->analysis->tls_wrong_keys, "TLS connection", NULL);
	put(&line, ROLE_RISK, "! %s not decrypted: the secrets of the key log do not fit", number);
}

static void draw_progress(const View *view, Area area)
{
	double done = CLAMP(view->status->done, 0, 1);
	char text[FORMAT_SIZE];
	g_snprintf(text, sizeof text, "reading %3.0f %% ", done * 100);
	int x = area_text(area, 0, 0, ROLE_NORMAL, text);
	int width = MAX(area.columns - x, 0);
	for (int i = 0; i < width; i++)
		area_glyph(area, x + i, 0, i < done * width ? ROLE_GOOD : ROLE_FAINT,
		           i < done * width ? GLYPH_PROGRESS : GLYPH_LINE_UNKNOWN);
}

/* --- the sums ----------------------------------------------------------------------------------- */

/* Who has most of them, of those that were not told yet; RESPONSIBLE_N: nobody. */
static unsigned most_lapses(const Tally *tally, const bool *told)
{
	unsigned most = RESPONSIBLE_N;
	for (unsigned i = 0; i < RESPONSIBLE_N; i++)
		if (!told[i] && tally->lapses_by_responsible[i] > 0 &&
		    (most == RESPONSIBLE_N || tally->lapses_by_responsible[i] > tally->lapses_by_responsible[most]))
			most = i;
	return most;
}

static void put_lapses(Line *line, const View *view, const Tally *tally)
{
	char number[FORMAT_SIZE];
	format_count(tally->lapses, number);
	if (tally->lapses == 0) {
		put_whole(line, ROLE_GOOD, "  no lapse");
		return;
	}
	put_whole(line, ROLE_LOSS, "  %s lapse%s", number, tally->lapses == 1 ? "" : "s");
	const char *before = ": ";
	bool told[RESPONSIBLE_N] = {false};
	for (unsigned i = most_lapses(tally, told); i < RESPONSIBLE_N; i = most_lapses(tally, told)) {
		told[i] = true;
		format_count(tally->lapses_by_responsible[i], number);
		bool all = tally->lapses_by_responsible[i] == tally->lapses;
		put_whole(line, ROLE_NORMAL, "%s%s%s%s", before, party_text(view, (Responsible)i), all ? "" : " ",
		          all ? "" : number);
		before = ", ";
	}
}

static void put_lost(Line *line, const Tally *tally)
{
	char least[FORMAT_SIZE], most[FORMAT_SIZE];
	if (tally->losses == 0)
		return;
	format_count(tally->lost_min, least);
	format_count(tally->lost_max, most);
	bool none = tally->lost_max == 0 && !tally->lost_unbounded;
	if (tally->lost_unbounded && tally->lost_min == 0)
		put_whole(line, ROLE_LOSS, "  messages lost: not known");
	else if (tally->lost_unbounded)
		put_whole(line, ROLE_LOSS, "  %s or more messages lost", least);
	else if (tally->lost_min == tally->lost_max)
		put_whole(line, none ? ROLE_NORMAL : ROLE_LOSS, "  %s message%s lost", most,
		    tally->lost_max == 1 ? "" : "s");
	else
		put_whole(line, ROLE_LOSS, "  %s to %s messages lost", least, most);
}

static void draw_sums(const View *view, Area area)
{
	const Tally *tally = &view->selection->tally;
	const Roster *roster = view->roster;
	Line line = {area, 0};
	char text[FORMAT_SIZE];
	g_autofree char *clients = counted(roster->n_rows, "client", NULL);
	put_whole(&line, ROLE_STRONG, "%s", clients);
	format_count(roster->by_state[CLIENT_ONLINE], text);
	put_whole(&line, ROLE_GOOD, "  %s online", text);
	if (roster->by_state[CLIENT_AWAY_KEPT] > 0) {
		format_count(roster->by_state[CLIENT_AWAY_KEPT], text);
		put_whole(&line, ROLE_KEPT, "  %s kept", text);
	}
	put_lost(&line, tally);
	put_lapses(&line, view, tally);
	char resumed[FORMAT_SIZE];
	format_count(tally->resumed, resumed);
	format_count(tally->reconnects, text);
	enum { LONGER = 28 };
	bool wide = line.x + LONGER <= area.columns;
	if (tally->reconnects > 0)
		put_whole(&line, ROLE_NORMAL, "  %s of %s %sresumed", resumed, text, wide ? "reconnects " : "");
}

/* --- the filter --------------------------------------------------------------------------------- */

static void draw_filter(const ClientsScreen *clients, const View *view, Area area)
{
	Line line = {area, 0};
	char shown[FORMAT_SIZE], all[FORMAT_SIZE];
	format_count(clients_index_n(clients->index), shown);
	format_count(view->roster->n_rows, all);
	double done = clients_index_done(clients->index);
	if (done < 1)
		put(&line, ROLE_NOTE, "looking, %.0f %%  ", done * 100);
	else
		put(&line, ROLE_STRONG, "%s of %s  ", shown, all);
	if (clients->filter_text[0] != '\0')
		put(&line, ROLE_NOTE, "filter: %s%s%s  ", clients->inverted ? "not (" : "", clients->filter_text,
		    clients->inverted ? ")" : "");
	if (clients->cleared != NULL)
		put(&line, ROLE_NOTE, "cleared: only what came since (an empty filter shows all)");
}

int clients_draw_head(const ClientsScreen *clients, const View *view, Area area)
{
	int y = 0;
	const char *damage = damage_of(view);
	bool loading = !view->status->ended && !view->status->live && view->status->done >= 0;
	if (area.rows >= 12)
		draw_input(view, line_at(area, y++));
	if (damage != NULL && area.rows >= 8) {
		Line line = {line_at(area, y++), 0};
		put(&line, ROLE_RISK, "! damaged: %s", damage);
	}
	if (area.rows >= 8 && view->roster->n_rows > 0 && view->analysis->tls_wrong_keys > 0)
		draw_wrong_keys(view, line_at(area, y++));
	if (area.rows >= 6 && view->roster->n_rows > 0)
		draw_sums(view, line_at(area, y++));
	if (loading && area.rows >= 8)
		draw_progress(view, line_at(area, y++));
	bool less = clients->filter_text[0] != '\0' || clients->cleared != NULL;
	if (less && area.rows >= 3)
		draw_filter(clients, view, line_at(area, y++));
	return y;
}

/* --- nothing to show ---------------------------------------------------------------------------- */

/* The pages of the text report, without its paint. */
static char *what_there_was(const View *view, int columns)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	Page page;
	page_init(&page, out, (unsigned)MAX(columns, 20), false);
	g_autofree char *verdict = verdict_sentence(view->report);
	page_paragraph(&page, 0, verdict);
	text_input(&page, view->report);
	text_not_decoded(&page, view->report);
	page_flush(&page);
	page_clear(&page);
	fclose(out);
	return text;
}

static void draw_lines(Area area, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (int y = 0; y < area.rows && lines[y] != NULL; y++)
		area_text(area, 0, y, y == 0 ? ROLE_STRONG : ROLE_NORMAL, lines[y]);
}

void clients_draw_empty(const ClientsScreen *clients, const View *view, Area area)
{
	if (view->roster->n_rows > 0) {
		bool working = clients_index_done(clients->index) < 1;
		area_paragraph(area, 0, 0, ROLE_NORMAL,
		               working ? "Looking ..." : "No client fits. An empty filter shows all.");
		return;
	}
	if (!view->status->ended) {
		area_paragraph(area, 0, 0, ROLE_NORMAL,
		               model_counts(view->model)->connections > 0
		                       ? "MQTT, but no CONNECT yet that names a client."
		                       : "No MQTT so far.");
		return;
	}
	char *text = what_there_was(view, area.columns);
	if (text != NULL)
		draw_lines(area, text);
	free(text);
}
