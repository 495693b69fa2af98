/* SPDX-License-Identifier: MIT */
/*
 * clients_private: the insides of the list of clients, for clients_*.c alone.
 */
#pragma once

#include "src/verdict/lifeline.h"
#include "ui/screens/clients_index.h"
#include "ui/screens/clients_lines.h"
#include "ui/screens/scroller.h"

typedef struct ClientsScreen {
	Screen base;
	ClientsIndex *index;
	LineCache *lines;
	Scroller scroller;
	ClientIndex selected; /* NO_INDEX: none yet */
	bool follow;
	char *filter_text; /* "": none */
	RowFilter *filter;
	bool inverted;
	char *sort;        /* as Settings.sort was when the index was asked for */
	ClientColumn column;
	bool reverse;
	GByteArray *marks; /* by ClientIndex; those beyond are not marked */
	GArray *cleared;   /* of uint64_t, see ClientsOrder */
	unsigned zoom, shift; /* of the timelines */
	int natural[COLUMN_N]; /* as wide as what was shown so far, so that nothing moves to and fro */
	/* as drawn last, for clicks */
	ColumnLayout layout;
	int heading_y, rows_y;
} ClientsScreen;

int64_t clients_n_rows(const ClientsScreen *clients);
/* What is at the cursor is selected. */
void clients_select_row(ClientsScreen *clients);
/* The list has changed: the same client stays selected, on the same line of the screen. */
void clients_keep_selected(ClientsScreen *clients);
/* "column" or "-column"; else worst first. */
void clients_read_sort(ClientsScreen *clients, const Settings *settings);
void clients_draw(Screen *screen, const View *view, Area area);

/* Above the list: what is read, the sums, the filter; gives the rows that it took. */
int clients_draw_head(const ClientsScreen *clients, const View *view, Area area);
/* In place of the list, if there is none to show: why. */
void clients_draw_empty(const ClientsScreen *clients, const View *view, Area area);
