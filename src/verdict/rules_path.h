/* SPDX-License-Identifier: MIT */
/*
 * rules_path: the session is where it was; the client came somewhere else.
 */
#pragma once

#include "src/verdict/rules.h"

/* What a finding of these causes rests on, and what else is possible; other causes are left alone. */
void path_complete(const Reconnect *view, Finding *finding);

Ruling rule_other_backend(const Reconnect *view);
Ruling rule_other_user(const Reconnect *view);
