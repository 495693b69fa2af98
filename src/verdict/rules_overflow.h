/* SPDX-License-Identifier: MIT */
/*
 * rules_overflow: what a broker does when too much waits for one client.
 */
#pragma once

#include "src/verdict/rules.h"

/* C17: the session itself was ended. */
Ruling rule_overflow_ended_session(const Reconnect *view);
/* It may have been: more waited than the lowest limit that is documented. */
bool overflow_is_possible(const Reconnect *view);

/* Whose default limit on queued messages @n is; NULL: nobody's that is known. */
const char *overflow_limit_of(uint32_t n);
/* The limit that most brokers have. */
enum { OVERFLOW_COMMON_LIMIT = 1000 };
