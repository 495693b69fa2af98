/* SPDX-License-Identifier: MIT */
/*
 * ladder: the parts of the ladder screen.  Private to ladder_*.c.
 */
#pragma once

#include "ui/screens/event_marks.h"
#include "ui/screens/packet_fields.h"
#include "ui/screens/scroller.h"

enum { LADDER_CLIENTS = 5 }; /* with the one that it is about */

typedef struct Ladder {
	Screen base;
	ClientIndex client;
	uint32_t finding;    /* UINT32_MAX: none */
	History *history;    /* NULL: not asked for yet */
	ClientIndex clients[LADDER_CLIENTS]; /* the first is @client */
	unsigned n_clients;
	unsigned twin;       /* the lane of another host that uses the name of @client; 0: there is none */
	IpAddress twin_host;
	GArray *online;      /* of uint8_t, by event: bits of the clients connected right after it */
	ConnectionIndex current[LADDER_CLIENTS]; /* that is online, at the last event in @online */
	GArray *evidence;    /* of FrameRef: what the finding rests on */
	Scroller list;
	EventMarks marks;
	bool follow;
	FrameRef wanted;     /* to be selected once the history has it; number 0: nothing */
	Instant wanted_at;   /* or this moment; unknown: nothing */
	PacketFields fields; /* of @shown */
	uint32_t shown;      /* UINT32_MAX: nothing */
	int list_y;          /* row of the first event, as of the last drawing */
} Ladder;

/* ladder_draw.c */
void ladder_draw(Screen *screen, const View *view, Area area);
/* ladder_screen.c: before each look. */
void ladder_renew(Ladder *ladder, const View *view);
/* Where the event belongs among @clients. */
unsigned ladder_lane(const Ladder *ladder, const Model *model, const HistoryEvent *event);
uint32_t ladder_selected(const Ladder *ladder);
