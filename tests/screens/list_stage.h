/* SPDX-License-Identifier: MIT */
/*
 * list_stage: a screen on the model of a story, which may go on; without an engine or a terminal.
 */
#pragma once

#include "tests/session/world.h"
#include "ui/screens/app.h"

typedef struct ListStage ListStage;

/* Who shows @screen, and what it sees: @story (see world.h) at @now seconds. */
ListStage *list_stage_new(Screen *screen, const char *story, double now);
void list_stage_free(ListStage *stage);
/* A new verdict: the same story, and what came since. */
void list_stage_go_on(ListStage *stage, const char *story, double now);
/* From the next verdict on the capture goes on. */
void list_stage_live(ListStage *stage);
/* From the next picture on: TLS that the secrets at hand do not open. */
void list_stage_wrong_keys(ListStage *stage, uint64_t n_connections);
const View *list_stage_view(ListStage *stage);
const World *list_stage_world(ListStage *stage);
Settings *list_stage_settings(ListStage *stage);
App *list_stage_app(ListStage *stage);
/* What was pushed last above it; NULL: nothing. */
Screen *list_stage_pushed(ListStage *stage);
void list_stage_act(ListStage *stage, Action action);
/* Draws until nothing is left to do; the picture, new. */
char *list_stage_draw(ListStage *stage, int columns, int rows);
