/* SPDX-License-Identifier: MIT */
/*
 * clients_columns: what the list of clients can show of each, how wide, and in which order.
 */
#pragma once

#include "ui/screens/screen.h"

typedef enum ClientColumn {
#define CLIENT_COLUMN(id, ...) COLUMN_##id,
#include "ui/screens/clients_columns.def"
#undef CLIENT_COLUMN
	COLUMN_N,
} ClientColumn;

typedef struct ColumnInfo {
	const char *name, *heading;
	int least, preferred, priority;
	Align align;
	bool shown; /* as the program likes it */
	const char *help;
} ColumnInfo;

const ColumnInfo *column_info(ClientColumn column);
/* COLUMN_N: there is none of that name. */
ClientColumn column_by_name(const char *name);

/* Columns in an order. */
typedef struct ColumnList {
	unsigned n;
	uint8_t columns[COLUMN_N]; /* ClientColumn, each once */
} ColumnList;

/* Names separated by blanks, as in Settings.columns; unknown ones and repetitions are passed over.
 * NULL, or none that is known: as the program likes it. */
ColumnList column_list(const char *names);
/* The same as names again; new text. */
char *column_list_names(const ColumnList *list);

/* What of it fits, and where. */
typedef struct ColumnLayout {
	unsigned n;
	uint8_t columns[COLUMN_N];
	int x[COLUMN_N], width[COLUMN_N];
} ColumnLayout;

/* @natural: so wide is what each column has to show, COLUMN_N of them. */
ColumnLayout column_layout(const ColumnList *list, int columns, const int *natural);

/* What a row has in a column. */
typedef struct ColumnText {
	GString *text;
	Glyph glyph; /* before it; GLYPH_N: none */
	Role role;
	int room; /* columns; 0: as many as it likes */
} ColumnText;

/* Whose doing: while the capture goes on, that it is not decided yet. */
const char *party_text(const View *view, Responsible responsible);
/* Empties @text first.  Nothing for TIMELINE. */
void column_text(ClientColumn column, const View *view, const RosterRow *row, ColumnText *text);

/* Columns that it takes. */
int column_text_width(const ColumnText *text);

/* Smaller ones come first.  0 for all rows in CLIENT, which sorts by name, and in TIMELINE. */
uint64_t column_key(ClientColumn column, const View *view, const RosterRow *row);

/* "10:00:02", "11-22 10:00" if that was another day, "+12.3 s"; FORMAT_SIZE octets. */
void clock_text(const View *view, Instant instant, char *text);
Role severity_role(Severity severity);
Glyph severity_sign(Severity severity);
