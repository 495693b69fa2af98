/* SPDX-License-Identifier: MIT */
/*
 * app_private: the insides of the app, for app*.c alone.
 */
#pragma once

#include "ui/screens/app.h"
#include "ui/screens/bookmarks.h"
#include "ui/screens/prompt.h"
#include "ui/screens/search.h"

/* What is to be seen: the standing that shows, and the next one while the screen on top makes itself ready
 * for it. */
typedef struct Desk {
	View view;
	ReportOptions options;
	ReportContext report;
	Analysis analysis; /* the engine's, with the findings of the standing */
	Selection selection; /* borrowed from the standing */
	Standing *shown, *next; /* NULL: there is no later one, or it is not time for it */
	int64_t begun_at;  /* when the screen began to make itself ready, or was asked for something other */
	int64_t next_at;   /* not before this a later one */
	bool working;      /* it has more to do */
	bool redacted;     /* as @report.texts are */
	char *redact_key;  /* tokens stay the same while the program runs */
	EngineStatus status;
} Desk;

typedef struct Saving Saving;

struct App {
	Engine *engine;
	Settings *settings;
	Keymap *keymap;
	GPtrArray *screens; /* of Screen *, the last one shows */
	GPtrArray *buried;  /* likewise; popped, to be freed when no call is in them */
	Prompt *prompt;
	Desk desk;
	Bookmarks bookmarks;
	Action letter_for;  /* the next key is a letter for this; ACTION_NONE: it is none */
	Search search;
	char *filter;       /* of the screen, before it is edited */
	char *message;      /* for the user; NULL: none */
	GMutex log_lock;
	GQueue log;         /* of char * */
	Saving *saving;     /* in the background; NULL: nothing is saved */
	char *clipboard;
	bool suspend, redraw, over;
	bool changed;       /* since it was drawn */
	uint32_t drawn_verdict;
	uint64_t drawn_frames, drawn_waiting;
	bool drawn_ended, drawn_busy;
	const Screen *drawn; /* the one that was; not to be looked into */
	int64_t drawn_at;   /* monotonic, µs */
	int body_y, body_rows; /* where the screen is, as drawn */
};

/* Before the engine starts. */
void desk_init(App *app);
void desk_clear(Desk *desk);
/* Holds the engine, and gives what screens may see; desk_close() lets go of it. */
const View *desk_open(App *app);
void desk_close(App *app);
/* Lets the screen on top do what takes long, until about @until; in between of these two.  Its view may be
 * of a later standing afterwards. */
void desk_work(App *app, int64_t until);
/* There is more to do, or will be soon. */
bool desk_busy(App *app);

Screen *app_top(App *app);
void app_do(App *app, const View *view, Action action);
/* To the next of what was last searched for, or the one before. */
void app_find(App *app, const View *view, bool backwards, bool from_here);
/* Other words to search for, as they are typed. */
void app_search(App *app, const View *view, const char *text);
/* Goes on with the search, if there is one. */
void app_search_work(App *app, const View *view, int64_t until);
void app_free_buried(App *app);
/* A page of its own; both texts are taken over. */
void app_show_text(App *app, char *title, char *text);
void app_show_help(App *app);
void app_show_log(App *app);
/* To the first screen, or one of the lists in place of it. */
void app_show_root(App *app, ScreenId id);

/* What somebody typed after ':'. */
void app_command(App *app, const View *view, const char *line);
/* A PromptComplete. */
char **app_complete(void *app, PromptKind kind, const char *text, size_t cursor);

/* Begins to write the marked clients, or the selected one, to @path. */
void app_save(App *app, const View *view, const char *path);
/* Which they are, for who is asked where to; new text; NULL: none is marked or selected. */
char *app_save_what(App *app, const View *view);
/* The filter by which Wireshark shows the same clients: on a page of its own, and copied. */
void app_wireshark(App *app, const View *view, const char *rest);
/* True once when it is done; it has told the user then. */
bool app_saved(App *app);
void app_stop_saving(App *app);
