/* SPDX-License-Identifier: MIT */
/*
 * event_find: events of a history by moment, frame, connection or words; UINT32_MAX: none.
 */
#pragma once

#include "src/engine/history.h"
#include "ui/report/report_private.h"

/* The first at @moment or later; the last if all are before. */
uint32_t event_at(History *history, Instant moment);
/* That begins or ends in @frame; packets before others. */
uint32_t event_of_frame(History *history, FrameRef frame);
/* The next control packet of the same connection, or the one before. */
uint32_t event_beside(History *history, uint32_t event, bool before);
/* The first of @type on @connection. */
uint32_t event_of_type(History *history, ConnectionIndex connection, MqttType type);
/* Its name and facts fit @pattern. */
bool event_fits(const ReportContext *context, History *history, const GRegex *pattern, uint32_t event);
