/* SPDX-License-Identifier: MIT */
/* The hosts of a scenario, their connections, and what they do line by line. */
#pragma once

#include "tests/support/builder.h"
#include "tests/support/words.h"

typedef struct Stage Stage;

/* The builder is only borrowed. */
Stage *stage_new(Builder *builder);
void stage_free(Stage *stage);

/* Packets are answered by PUBACK, SUBACK, PINGRESP and so on by themselves. */
void stage_answer(Stage *stage);
/* `address` is ADDRESS:PORT or [ADDRESS]:PORT. */
/* @stack: how its TCP answers; address and port in it do not matter. */
void stage_add_broker(Stage *stage, const char *name, const char *address, const BuilderEnd *stack,
                      GError **error);
void stage_add_host(Stage *stage, const char *name, const char *address, GError **error);
/* NAME1 … NAMEn with addresses that count up in the last byte. */
void stage_add_hosts(Stage *stage, const char *name, guint count, const char *address,
                     GError **error);

/* One step without its time: `words` from `from` on. `time` is absolute. */
void stage_play(Stage *stage, GPtrArray *words, guint from, gint64 time, GError **error);
