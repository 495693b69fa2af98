/* SPDX-License-Identifier: MIT */
#include "ui/screens/clients_lines.h"

#include "ui/report/format.h"
#include "ui/screens/clients_columns.h"

enum { CACHED_LINES = 1024 };

struct LineCache {
	GHashTable *lines; /* of Lifeline, by ClientIndex + 1 */
	uint32_t verdict;
};

LineCache *line_cache_new(void)
{
	LineCache *cache = g_new0(LineCache, 1);
	cache->lines = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)lifeline_free);
	return cache;
}

void line_cache_free(LineCache *cache)
{
	g_hash_table_unref(cache->lines);
	g_free(cache);
}

const Lifeline *line_cache_get(LineCache *cache, const View *view, ClientIndex client)
{
	if (cache->verdict != view->status->verdict || g_hash_table_size(cache->lines) >= CACHED_LINES)
		g_hash_table_remove_all(cache->lines);
	cache->verdict = view->status->verdict;
	Lifeline *line = g_hash_table_lookup(cache->lines, GUINT_TO_POINTER(client + 1));
	if (line == NULL) {
		line = lifeline_new(view->model, view->analysis->findings, view->roster, client);
		g_hash_table_insert(cache->lines, GUINT_TO_POINTER(client + 1), line);
	}
	return line;
}

TimeWindow time_window(const View *view, unsigned zoom, unsigned shift)
{
	TimeWindow window = {view->analysis->first, view->roster->now};
	int64_t span = ns_between(window.from, window.to);
	if (span <= 0)
		return (TimeWindow){INSTANT_UNKNOWN, INSTANT_UNKNOWN};
	unsigned parts = 1u << zoom;
	int64_t part = MAX(span / parts, 1);
	window.to.ns -= part * MIN(shift, parts - 1);
	if (zoom > 0)
		window.from.ns = window.to.ns - part;
	return window;
}

bool time_window_empty(const TimeWindow *window)
{
	return !instant_known(window->from) || window->to.ns <= window->from.ns;
}

/* Where column @x of @columns begins. */
static Instant moment_at(const TimeWindow *window, int x, int columns)
{
	int64_t span = ns_between(window->from, window->to);
	return (Instant){window->from.ns + (int64_t)((double)span * x / columns)};
}

static void draw_moment(Area area, int x, const View *view, int kind, uint32_t finding)
{
	static const struct {
		Glyph glyph;
		Role role;
	} looks[LIFE_N] = {
		[LIFE_ONLINE] = {GLYPH_LINE_ONLINE, ROLE_GOOD},
		[LIFE_KEPT] = {GLYPH_LINE_KEPT, ROLE_KEPT},
		[LIFE_GONE] = {GLYPH_LINE_GONE, ROLE_FAINT},
		[LIFE_UNKNOWN] = {GLYPH_LINE_UNKNOWN, ROLE_NOTE},
	};
	const GArray *findings = view->analysis->findings;
	if (finding < findings->len) {
		Severity severity = (Severity)g_array_index(findings, Finding, finding).severity;
		area_glyph(area, x, 0, severity_role(severity), severity_sign(severity));
	} else if (kind >= 0) {
		area_glyph(area, x, 0, looks[kind].role, looks[kind].glyph);
	}
}

void draw_line(Area area, const View *view, const Lifeline *line, const TimeWindow *window)
{
	if (time_window_empty(window))
		return;
	for (int x = 0; x < area.columns; x++) {
		uint32_t finding;
		Instant to = moment_at(window, x + 1, area.columns);
		if (x + 1 == area.columns && to.ns < INT64_MAX)
			to.ns++; /* what showed at the very end */
		int kind = lifeline_at(line, moment_at(window, x, area.columns), to, &finding);
		draw_moment(area, x, view, kind, finding);
	}
}

void draw_axis(Area area, const View *view, const TimeWindow *window)
{
	enum { LABEL = 12, APART = 26 };
	if (time_window_empty(window) || area.columns < 1)
		return;
	area_rule(area, 1, ROLE_RULE);
	int n = MAX(area.columns / APART, 1);
	char text[FORMAT_SIZE];
	for (int i = 0; i < n; i++) {
		int x = area.columns * i / n;
		clock_text(view, moment_at(window, x, area.columns), text);
		area_text(area, x, 0, ROLE_HEADING, text);
		area_glyph(area, x, 1, ROLE_RULE, GLYPH_TEE_DOWN);
	}
	clock_text(view, window->to, text);
	int end = area.columns - text_width(text);
	if (end >= area.columns * (n - 1) / n + LABEL)
		area_text(area, end, 0, ROLE_HEADING, text);
	area_glyph(area, area.columns - 1, 1, ROLE_RULE, GLYPH_TEE_DOWN);
}
