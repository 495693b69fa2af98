/* SPDX-License-Identifier: MIT */
/*
 * event_text: what one event of a history is, in words for a row.
 */
#pragma once

#include "src/engine/history.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/screens/screen.h"

/* "CONNECT", "TCP open", "owed"; static. */
const char *event_name(const HistoryEvent *event);
Role event_role(const HistoryEvent *event);
/* It stands for octets of one side; of others there is no direction. */
bool event_has_direction(const HistoryEvent *event);
/* "#17 QoS 1 DUP plant/3/temp, 5 B": escaped, and redacted if need be; new. */
char *event_facts(const ReportContext *context, History *history, uint32_t index);
/* It asks for an answer, and none was seen though the whole input was read. */
bool event_unanswered(History *history, const HistoryEvent *event);
/* The time of day, or since the capture began, "+364.201". */
void event_time(const View *view, Instant time, char text[static FORMAT_SIZE]);
/* Frame, time, direction, name and facts; new. */
char *event_row_text(const View *view, History *history, uint32_t index);
