/* SPDX-License-Identifier: MIT */
/*
 * stage: a screen, its view and whoever would show it, for tests: without an engine, an app or a terminal.
 */
#pragma once

#include "tests/screens/fake_history.h"
#include "tests/ui/fake_analysis.h"
#include "ui/screens/app.h"

typedef struct Stage Stage;

/* "founding", "hostile", "large" (one packet of 64 kB), "long" (100 000 events), "loading",
 * "unreadable", "nothing", "cut", "reset" (by nobody who is known, then by the broker); NULL if there is none of that name. */
Stage *stage_new(const char *story);
void stage_free(Stage *stage);
History *stage_history(Stage *stage);
View *stage_view(Stage *stage);
App *stage_app(Stage *stage);
void stage_redact(Stage *stage, bool redact);
/* Above all others; taken over. */
void stage_show(Stage *stage, Screen *screen);
Screen *stage_top(Stage *stage);
/* A key as in the configuration; BACK takes the screen away. */
void stage_key(Stage *stage, const char *key);
void stage_act(Stage *stage, Action action);
/* What the screen told the user last; NULL: nothing. */
const char *stage_message(Stage *stage);
/* Title, the screen, and what was told last. */
void stage_draw(Stage *stage, Canvas *canvas, int columns, int rows, bool ascii);
