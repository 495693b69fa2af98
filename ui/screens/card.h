/* SPDX-License-Identifier: MIT */
/*
 * card: what a finding says, and where the session stood, as lines that wrap.
 *
 * The words are those of the reports.
 */
#pragma once

#include "ui/screens/screen.h"
#include "ui/screens/scroller.h"

typedef struct CardLine {
	Role role;
	int indent;
	char *text;      /* escaped */
	int strong;      /* so many octets at its beginning are a label */
	FrameRef frame;  /* what it speaks of; number 0: none */
	Instant time;
} CardLine;

typedef struct Card {
	GArray *lines;     /* of CardLine */
	Scroller scroller; /* over the rows that they take */
	int y;             /* of the row of the cursor, as drawn last */
	uint32_t line;     /* that it is on */
} Card;

void card_init(Card *card);
void card_clear(Card *card);
/* Takes all lines away; the cursor stays. */
void card_empty(Card *card);
/* The finding at @index of Analysis.findings. */
void card_add_finding(Card *card, const View *view, uint32_t index);
/* The session of the event's client right after it. */
void card_add_moment(Card *card, const View *view, History *history, uint32_t event);
/* @text is taken over. */
void card_add(Card *card, Role role, int indent, const char *label, char *text);
/* Rows that all of it takes in the columns of @area. */
int card_rows(const Card *card, Area area);
void card_draw(Card *card, Area area, bool active);
/* False: not its business. */
bool card_act(Card *card, Action action);
/* The line under the cursor; NULL if there is none. */
const CardLine *card_selected(const Card *card);
