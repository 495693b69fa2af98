/* SPDX-License-Identifier: MIT */
/*
 * rules_restart: sessions that were gone after their broker had restarted.
 */
#pragma once

#include "src/verdict/rules.h"

/* The restarts among @incidents, by broker and time. */
GPtrArray *restarts_of(const GPtrArray *incidents); /* of Incident */

/* The one of @restarts that may have taken the session which @before left and @now did not find; NULL
 * if there was none.  Not @lossy: one that took no session of anybody will do. */
const Incident *restart_between(const GPtrArray *restarts, const Connection *before,
                                const Connection *now, bool lossy);

/* Until when @connection is known to have been served; unknown if that cannot be told. */
Instant restart_served_until(const Connection *connection);

/* What a finding of these causes rests on; other causes are left alone. */
void restart_complete(const Reconnect *view, Finding *finding);

Ruling rule_restart_without_persistence(const Reconnect *view);
Ruling rule_persistence_incomplete(const Reconnect *view);
