/* SPDX-License-Identifier: MIT */
/*
 * rules_policy: losses that are a broker's way with all its sessions.
 */
#pragma once

#include "src/verdict/rules.h"

/* What a finding of these causes rests on, and what else is possible; other causes are left alone. */
void policy_complete(const Reconnect *view, Finding *finding);

Ruling rule_silent_cap(const Reconnect *view);
Ruling rule_clean_start_not_stored(const Reconnect *view);
Ruling rule_no_persistent_sessions(const Reconnect *view);
