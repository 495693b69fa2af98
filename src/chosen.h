/* SPDX-License-Identifier: MIT */
/*
 * chosen: which packets belong to the clients that were chosen.
 *
 * A connection owns the packets between its endpoints, either way, from its beginning until
 * the next one between them begins.
 */
#pragma once

#include <glib.h>

#include "src/session/model.h"

typedef struct Chosen Chosen;

/* @clients: 1 for each that is wanted, by index in @model; borrows neither. */
Chosen *chosen_new(const Model *model, const uint8_t *clients);
void chosen_free(Chosen *chosen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chosen, chosen_free)
bool chosen_has(const Chosen *chosen, const TcpSegment *segment, Instant time);

/* The display filter by which Wireshark shows these packets; times are asked for only where the
 * same ports were used again.  Of so many connections at most, the earliest; *n_left: of how many
 * more it does not tell.  New text; "" if there is none. */
enum { CHOSEN_FILTER_MOST = 100 };
char *chosen_wireshark(const Chosen *chosen, uint32_t *n_left);
