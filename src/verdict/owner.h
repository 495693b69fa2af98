/* SPDX-License-Identifier: MIT */
/*
 * owner: a twin was connected between the client's own connection and its return; what became of the
 * session that the client had left is then to be asked of its own connection.
 */
#pragma once

#include "src/verdict/judge.h"

/* The return of a client behind whose back a twin came and went, seen from the connection that it had
 * left itself; false if @view is nothing of the kind. */
bool owner_view(const Diagnosis *diagnosis, const Reconnect *view, Reconnect *own);

/* And the twin found nothing to take: the session was over by the client's own settings, or the twin
 * asked for it and was told that there was none. */
bool owner_was_gone(const Reconnect *view, const Reconnect *own);
