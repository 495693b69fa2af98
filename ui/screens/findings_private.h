/* SPDX-License-Identifier: MIT */
/*
 * findings_private: the insides of the findings screen, for findings_*.c alone.
 */
#pragma once

#include "ui/screens/clients_columns.h"
#include "ui/screens/filter.h"
#include "ui/screens/scroller.h"

typedef enum GroupKind { GROUP_EVENT, GROUP_PARTY, GROUP_CAUSE } GroupKind;

/* A row of the tree: an event, a responsible party, or one of its causes. */
typedef struct FindingGroup {
	uint8_t kind;        /* GroupKind */
	uint8_t responsible; /* Responsible, but of an EVENT */
	uint8_t cause;       /* of a CAUSE */
	uint8_t severity;    /* the worst */
	uint32_t event;      /* of an EVENT: index of Analysis.incidents */
	uint32_t n, n_clients;
	uint64_t lost_min, lost_max;
	bool lost_open;      /* of some it is not known */
} FindingGroup;

/* The whole tree, events first, then parties from the worst on, each with its causes. */
typedef struct FindingTree {
	GArray *groups;   /* of FindingGroup */
	uint32_t n_shown; /* findings that fit the filter */
} FindingTree;

typedef struct FindingScope {
	const RowFilter *filter; /* NULL: all */
	bool inverted;
	Instant cleared;         /* only what showed after that; unknown: all */
} FindingScope;

bool finding_in_scope(const View *view, const FindingScope *scope, uint32_t finding);
void finding_tree_build(FindingTree *tree, const View *view, const FindingScope *scope);
/* @finding is one of @group. */
bool finding_in_group(const View *view, const FindingGroup *group, const Finding *finding);
bool finding_group_same(const FindingGroup *a, const FindingGroup *b);
/* The filter that shows the clients of it; new text. */
char *finding_group_filter(const View *view, const FindingGroup *group);
/* "2", "2-5", "2+", "?"; "" if nothing was lost. */
void lost_text(GString *text, uint64_t min, uint64_t max, bool open);

/* In which order findings stand. */
typedef enum FindingOrder { ORDER_WORST, ORDER_TIME, ORDER_CLIENT, ORDER_LOST, ORDER_ABSENCE, ORDER_N } FindingOrder;

/* The findings of @group in that order, as indexes; new. */
GArray *finding_members(const View *view, const FindingScope *scope, const FindingGroup *group,
                        FindingOrder order, bool reverse);

/* What one is known by, from verdict to verdict. */
typedef struct FindingKey {
	ClientIndex client;
	ConnectionIndex from, to;
	uint8_t cause;
} FindingKey;

typedef struct FindingsScreen {
	Screen base;
	FindingTree tree;
	FindingGroup group;   /* selected; GROUP_EVENT with event UINT32_MAX: none yet */
	GArray *members;      /* of it */
	FindingKey selected;  /* client NO_INDEX: none yet */
	Scroller trees, list;
	bool in_list;         /* which of the two has the cursor */
	bool follow;
	FindingOrder order;
	bool reverse;
	uint32_t verdict;     /* of which all this is */
	bool asked;           /* something other is asked for */
	FindingScope scope;
	RowFilter *filter;
	char *filter_text;
	GHashTable *marks;    /* of ClientIndex + 1 */
	Area origin, tree_area, list_area; /* as drawn last: of the screen and of the rows */
} FindingsScreen;

void findings_refresh(FindingsScreen *findings, const View *view);
void findings_draw(Screen *screen, const View *view, Area area);
const FindingGroup *findings_group(const FindingsScreen *findings);
/* UINT32_MAX: none. */
uint32_t findings_selected(const FindingsScreen *findings);
