/* SPDX-License-Identifier: MIT */
#include "ui/screens/event_marks.h"

#include "ui/screens/app.h"

void marks_init(EventMarks *marks)
{
	marks->at[0] = marks->at[1] = UINT32_MAX;
}

bool marks_has(const EventMarks *marks, uint32_t event)
{
	return event != UINT32_MAX && (marks->at[0] == event || marks->at[1] == event);
}

void marks_toggle(EventMarks *marks, uint32_t event)
{
	if (event == UINT32_MAX)
		return;
	if (marks->at[1] == event) {
		marks->at[1] = UINT32_MAX;
	} else if (marks->at[0] == event || marks->at[1] != UINT32_MAX) {
		bool unmark = marks->at[0] == event;
		marks->at[0] = marks->at[1];
		marks->at[1] = unmark ? UINT32_MAX : event;
	} else {
		marks->at[marks->at[0] == UINT32_MAX ? 0 : 1] = event;
	}
}

void marks_compare(const EventMarks *marks, History *history, uint32_t selected, App *app)
{
	uint32_t left = marks->at[0], right = marks->at[1] != UINT32_MAX ? marks->at[1] : selected;
	if (left == UINT32_MAX || right == UINT32_MAX || left == right) {
		app_tell(app, "Mark two packets first, or one and select the other.");
		return;
	}
	app_push(app, compare_screen_new(history_ref(history), MIN(left, right), history_ref(history),
	                                 MAX(left, right)));
}

void event_open(History *history, uint32_t event, App *app)
{
	if (event == UINT32_MAX)
		return;
	if (history_event(history, event)->kind == HISTORY_PACKET)
		app_push(app, packet_screen_new(history_ref(history), event));
	else
		app_tell(app, "This event has no MQTT packet.");
}
