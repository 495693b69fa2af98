/* SPDX-License-Identifier: MIT */
/*
 * screen: one view of what was found, drawn on cells.
 *
 * Screens read; what they show was found out below (src/).  All calls are made
 * while the engine holds still: the pointers in a View are valid during the
 * call and no longer.  What a screen selects it remembers by index or frame,
 * so that nothing that is added moves the cursor to another thing.
 */
#pragma once

#include "src/analysis.h"
#include "src/engine/engine.h"
#include "src/verdict/roster.h"
#include "ui/report/report_private.h"
#include "ui/screens/action.h"
#include "ui/screens/cells.h"
#include "ui/screens/settings.h"

typedef struct App App;

typedef struct View {
	Engine *engine;              /* for histories; it is held */
	const Analysis *analysis;    /* with the findings so far */
	const Model *model;          /* of it */
	const Roster *roster;        /* a row for each client, of the same moment as the findings */
	const EngineStatus *status;
	const ReportContext *report; /* for the sentences and texts that reports share, redacted if so set */
	const Selection *selection;  /* of all clients, with the totals */
	const Settings *settings;    /* of the list of clients: columns and sort */
	Instant now;                 /* on the capture's clock */
	bool times_relative;         /* show times since the capture began */
	bool frozen;
} View;

/* NULL: there is none of that index, or the model has forgotten it since somebody noted the index. */
static inline const Connection *view_connection(const View *view, ConnectionIndex index)
{
	const Connection *connection = index < model_n_connections(view->model) ? model_connection(view->model, index)
	                                                                       : NULL;
	return connection == NULL || connection->forgotten ? NULL : connection;
}

typedef struct Screen Screen;

typedef struct SearchRows {
	uint32_t n;
	uint32_t at; /* the selected one, where a search begins */
} SearchRows;

typedef struct ScreenOps {
	ScreenId id;
	void (*free)(Screen *screen);
	/* For the title line; new text, escaped. */
	char *(*title)(Screen *screen, const View *view);
	/* The whole area between title line and hint line. */
	void (*draw)(Screen *screen, const View *view, Area area);
	/* False if it does nothing with @action; the app then sees to it (back, help, ...). */
	bool (*act)(Screen *screen, const View *view, Action action, App *app);
	/* Goes on with what takes long, until about @until (µs, monotonic), so that it is of the verdict of
	 * @view; true: it is not yet, and what was before still shows.  Called before each drawing, and
	 * between them while there is more to do.  May be NULL. */
	bool (*work)(Screen *screen, const View *view, int64_t until);
	/* What can be searched, row by row; a row is below SearchRows.n.  NULL: cannot be searched. */
	SearchRows (*rows)(Screen *screen, const View *view);
	bool (*row_fits)(Screen *screen, const View *view, const GRegex *pattern, uint32_t row);
	void (*row_select)(Screen *screen, const View *view, uint32_t row);
	/* What COPY copies; new text, NULL: nothing.  The op may be NULL. */
	char *(*copy)(Screen *screen, const View *view);
	/* The client that is selected, NO_INDEX: none.  The op may be NULL. */
	ClientIndex (*client)(Screen *screen, const View *view);
	/* 1 for each client that is marked (or selected, if none is), for SAVE; false: none.  @clients has
	 * model_n_clients() zeroes.  The op may be NULL: then what client() says. */
	bool (*clients)(Screen *screen, const View *view, uint8_t *clients);
	/* Takes a filter, "" for none; false with *error if it is none.  NULL: has no filter. */
	bool (*filter)(Screen *screen, const View *view, const char *filter, GError **error);
	/* To a moment or a frame (number 0: none), as the command goto says; false: there is nothing.  What
	 * may still come with a history that loads is remembered, and true. */
	bool (*go)(Screen *screen, const View *view, Instant moment, FrameRef frame);
	/* A row or field at a cell of the last drawing was clicked; twice: opens it.  May be NULL. */
	bool (*click)(Screen *screen, const View *view, int x, int y, bool twice, App *app);
	/* The frame that is selected, number 0: none.  May be NULL. */
	FrameRef (*frame)(Screen *screen, const View *view);
	/* Selects @client; false: it is not among what is shown.  May be NULL. */
	bool (*select)(Screen *screen, const View *view, ClientIndex client);
	/* More may come without a new verdict (a history that loads): draw again soon.  May be NULL. */
	bool (*busy)(Screen *screen, const View *view);
	/* What can stand at @cursor of a filter, as prompt.h wants it.  May be NULL. */
	char **(*complete)(Screen *screen, const View *view, const char *filter, size_t cursor);
} ScreenOps;

/* Each screen begins with this. */
struct Screen {
	const ScreenOps *ops;
};

/* The screens there are. */
Screen *clients_screen_new(void);
Screen *findings_screen_new(void);
Screen *brokers_screen_new(void);
Screen *columns_screen_new(Screen *clients);
/* @finding: index of Analysis.findings to begin at; UINT32_MAX: none. */
Screen *timeline_screen_new(ClientIndex client, uint32_t finding);
Screen *ladder_screen_new(ClientIndex client, uint32_t finding);
/* @history is shared; @event an index of it. */
Screen *packet_screen_new(History *history, uint32_t event);
Screen *compare_screen_new(History *left, uint32_t left_event, History *right, uint32_t right_event);
enum { UNWRAPPED = 1 << 20 }; /* columns of a text that will be wrapped when it is drawn */
/* @title and @text (lines, escaped) are taken over. */
Screen *text_screen_new(char *title, char *text);

/* Only the clients of a finding's cause, say; takes @filter in the language of filter.h. */
void clients_screen_filter(Screen *screen, const char *filter);
