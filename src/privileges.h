/* SPDX-License-Identifier: MIT */
/*
 * privileges: give up root once the capture is open.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Becomes @user with its groups, for good.  False with *error if there is no such user or the
 * system refuses. */
bool relinquish_privileges(const char *user, GError **error);
