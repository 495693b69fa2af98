/* SPDX-License-Identifier: MIT */
/*
 * marks: how the model comes to its marks, and to how many connections are open at a broker.
 */
#pragma once

#include "src/session/model_private.h"

/* The connection counts as open, from now until marks_gone(). */
void marks_open(Live *live);
void marks_gone(Live *live);
/* The broker closed it; looks at how (Connection.close_kind). */
void marks_closed(Live *live, const StreamPoint *at);
/* The client reset it; noted if that answers what the broker sent after a long silence. */
void marks_reset(Live *live, const StreamPoint *at);
/* Its client is back on @newer without that this one ended. */
void marks_superseded(const Live *live, const Connection *newer);
void marks_turned_away(const Live *live, const StreamPoint *at);
/* A PUBLISH to the client that may be $SYS/broker/uptime. */
void marks_uptime(Live *live, const MqttEvent *event);
