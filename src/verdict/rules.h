/* SPDX-License-Identifier: MIT */
/*
 * rules: for each cause of a lost session, when it was sufficient.
 *
 * One entry a cause, in the order of decision (what acted first in time comes
 * first).  A rule is a pure predicate over a Reconnect; adding a cause means
 * adding its row in causes.def and its entry in rules.c.
 */
#pragma once

#include "src/verdict/reconnect.h"

typedef struct Ruling {
	bool applies;
	Confidence confidence;
	bool at_the_edge;      /* too near a deadline to put it down to anybody */
	ConnectionIndex other; /* the connection that did it, if not @before; else NO_INDEX */
} Ruling;

typedef struct Rule {
	CauseId cause;
	Ruling (*judge)(const Reconnect *view);
} Rule;

/* The rules for a session that was not there, first in time first; @n_rules of them. */
const Rule *rules_of_lost_session(size_t *n_rules);
