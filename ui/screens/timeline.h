/* SPDX-License-Identifier: MIT */
/*
 * timeline: the parts of the timeline screen.  Private to timeline_*.c.
 */
#pragma once

#include "src/verdict/lifeline.h"
#include "ui/screens/card.h"
#include "ui/screens/event_marks.h"

/* The session has a pane of its own where there is room; else it is at the end of the card. */
typedef enum TimelinePane { PANE_EVENTS, PANE_CARD, PANE_SESSION } TimelinePane;

enum { TIMELINE_LANES = 6, WIDE_COLUMNS = 100 };

/* Messages owed and delivered, counted for the columns of the last drawing. */
typedef struct LaneCounts {
	Instant from, to;
	uint32_t n_events; /* counted so far */
	GArray *owed, *delivered; /* of uint32_t, a column each */
} LaneCounts;

typedef struct Timeline {
	Screen base;
	ClientIndex client;
	History *history;    /* NULL: not asked for yet */
	Lifeline *lifeline;
	uint32_t verdict;    /* of which @lifeline and the card are */
	Instant first, last; /* of all there is to see */
	Instant from, to;    /* across the screen; unknown: all */
	LaneCounts counts;
	Scroller list;
	EventMarks marks;
	uint32_t finding;    /* in the card; UINT32_MAX: none */
	bool chosen;         /* by the user: it stays until the selection moves */
	bool follow;
	Instant wanted;      /* to be selected once the history has it; unknown: nothing */
	FrameRef wanted_frame;
	FrameRef missed;       /* the one that was wanted, and is none of the history; number 0: none */
	Card card, session;
	uint32_t card_event, card_finding; /* that it shows */
	bool card_redacted, card_wide;
	TimelinePane pane;
	bool card_hidden;    /* beside the list */
	bool card_over;      /* over the list, where there is no room beside it */
	bool wide;           /* as of the last drawing */
	Area lanes_at, list_at, card_at; /* likewise */
} Timeline;

static inline Timeline *timeline_of(Screen *screen)
{
	return (Timeline *)screen;
}

/* The selected event; UINT32_MAX: there is none. */
uint32_t timeline_selected(Timeline *timeline);
/* Its moment; unknown likewise. */
Instant timeline_moment(Timeline *timeline);
void timeline_select(Timeline *timeline, uint32_t event);

/* timeline_lanes.c: axis and lanes, in rows of their own. */
int timeline_lane_rows(int rows);
void timeline_draw_lanes(Timeline *timeline, const View *view, Area area);
/* The moment at column @x of the last drawing. */
Instant timeline_moment_at(const Timeline *timeline, int x);
/* By a part of what is across the screen; the selected moment stays in sight when zooming in. */
bool timeline_zoom(Timeline *timeline, Action action);
void timeline_pan(Timeline *timeline, int direction);
/* Moves what is across the screen so that the selected event is in it. */
void timeline_show_selected(Timeline *timeline);

/* timeline_list.c: the events. */
void timeline_draw_list(Timeline *timeline, const View *view, Area area);

/* timeline_panes.c: the list, and beside it or over it the card and the session. */
void timeline_draw_panes(Timeline *timeline, const View *view, Area area);
bool timeline_card_shown(const Timeline *timeline);
void timeline_show_card(Timeline *timeline, bool show);
void timeline_next_pane(Timeline *timeline, int step);
Card *timeline_active_card(Timeline *timeline);

/* timeline_screen.c */
void timeline_window(const Timeline *timeline, Instant *from, Instant *to);
