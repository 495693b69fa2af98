/* SPDX-License-Identifier: MIT */
/*
 * terminal: the one file that knows ncurses.
 */
#pragma once

#include "ui/screens/app.h"

/* Runs @app on the terminal until it is over, the terminal is gone, or a signal says so; the terminal
 * is what it was before then, whatever happened.  False with *error if there is no terminal to use. */
bool terminal_run(App *app, GError **error);
/* "ncurses 6.4", for --version. */
const char *terminal_version(void);
