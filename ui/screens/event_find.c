/* SPDX-License-Identifier: MIT */
#include "ui/screens/event_find.h"

#include "ui/screens/event_text.h"

uint32_t event_at(History *history, Instant moment)
{
	uint32_t n = history_n_events(history), low = 0, high = n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (history_event(history, middle)->time.ns < moment.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return n == 0 ? UINT32_MAX : MIN(low, n - 1);
}

static bool same_frame(FrameRef a, FrameRef b)
{
	return a.number == b.number && a.source == b.source;
}

uint32_t event_of_frame(History *history, FrameRef frame)
{
	uint32_t n = history_n_events(history), other = UINT32_MAX;
	if (frame.number == 0)
		return UINT32_MAX;
	for (uint32_t i = 0; i < n; i++) {
		const HistoryEvent *event = history_event(history, i);
		if (!same_frame(event->frame, frame) && !same_frame(event->last_frame, frame))
			continue;
		if (event->kind == HISTORY_PACKET)
			return i;
		if (other == UINT32_MAX)
			other = i;
	}
	return other;
}

uint32_t event_beside(History *history, uint32_t event, bool before)
{
	uint32_t n = history_n_events(history);
	if (event >= n)
		return UINT32_MAX;
	ConnectionIndex connection = history_event(history, event)->connection;
	for (uint32_t i = before ? event - 1 : event + 1; i < n; i = before ? i - 1 : i + 1) {
		const HistoryEvent *other = history_event(history, i);
		if (other->kind == HISTORY_PACKET && other->connection == connection)
			return i;
	}
	return UINT32_MAX;
}

uint32_t event_of_type(History *history, ConnectionIndex connection, MqttType type)
{
	uint32_t n = history_n_events(history);
	for (uint32_t i = 0; i < n; i++) {
		const HistoryEvent *event = history_event(history, i);
		if (event->kind == HISTORY_PACKET && event->connection == connection && event->type == type)
			return i;
	}
	return UINT32_MAX;
}

bool event_fits(const ReportContext *context, History *history, const GRegex *pattern, uint32_t event)
{
	g_autofree char *facts = event_facts(context, history, event);
	g_autofree char *row = g_strdup_printf("%s %s", event_name(history_event(history, event)), facts);
	return g_regex_match(pattern, row, 0, NULL);
}
