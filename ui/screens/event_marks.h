/* SPDX-License-Identifier: MIT */
/*
 * event_marks: the two events that the user marked, to be compared.
 */
#pragma once

#include "ui/screens/screen.h"

typedef struct EventMarks {
	uint32_t at[2]; /* the older first; UINT32_MAX: none */
} EventMarks;

void marks_init(EventMarks *marks);
bool marks_has(const EventMarks *marks, uint32_t event);
/* A third one takes the place of the oldest. */
void marks_toggle(EventMarks *marks, uint32_t event);
/* Shows the two marked ones side by side, or the marked and the selected one; tells why not. */
void marks_compare(const EventMarks *marks, History *history, uint32_t selected, App *app);
/* Shows the packet of the event, or tells that there is none. */
void event_open(History *history, uint32_t event, App *app);
