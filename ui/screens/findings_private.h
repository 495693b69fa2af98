/* SPDX-License-Identifier: MIT */
/*
 * findings_private: the insides of the findings screen, for findings_*.c alone.
 */
#pragma once

#include "src/verdict/finding_key.h"
#include "ui/screens/clients_columns.h"
#include "ui/screens/entries.h"
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

/* Of findings, while they are counted. */
typedef struct FindingCounts FindingCounts;

FindingCounts *finding_counts_new(void);
void finding_counts_free(FindingCounts *counts);
/* The @nth of Roster.by_client, in their order. */
void finding_counts_add(FindingCounts *counts, const View *view, const FindingScope *scope, uint32_t nth);
void finding_tree_build(FindingTree *tree, const View *view, FindingCounts *counts);
bool finding_group_same(const FindingGroup *a, const FindingGroup *b);
/* The filter that shows the clients of it; new text. */
char *finding_group_filter(const View *view, const FindingGroup *group);
/* "2", "2-5", "2+", "?"; "" if nothing was lost. */
void lost_text(GString *text, uint64_t min, uint64_t max, bool open);

/* In which order findings stand. */
typedef enum FindingOrder { ORDER_WORST, ORDER_TIME, ORDER_CLIENT, ORDER_LOST, ORDER_ABSENCE, ORDER_N } FindingOrder;

typedef struct FindingSort {
	FindingOrder order;
	bool reverse;
} FindingSort;

/* Appends @finding to @members (of Entry), if it is one of @group and in @scope, with what to sort it by. */
void finding_member_add(GArray *members, const View *view, const FindingScope *scope,
                        const FindingGroup *group, const FindingSort *sort, uint32_t finding);

/* What is counted and listed anew, until it is whole. */
typedef struct FindingsWork {
	enum { FINDINGS_IDLE, FINDINGS_COUNT, FINDINGS_LIST } phase;
	uint32_t verdict;     /* of which it is, or what stands */
	uint32_t next;        /* finding to look at */
	FindingCounts *counts;
	FindingTree tree;     /* the new one, once it is counted */
	bool new_tree;        /* that is to be shown with the list */
	GArray *list;         /* of Entry */
	EntrySort sort;
} FindingsWork;

typedef struct FindingsScreen {
	Screen base;
	FindingTree tree;
	FindingGroup group;   /* selected; GROUP_EVENT with event UINT32_MAX: none yet */
	GArray *members;      /* of it, as Entry */
	FindingsWork work;
	FindingKey selected;  /* client NO_INDEX: none yet */
	Scroller trees, list;
	bool in_list;         /* which of the two has the cursor */
	bool follow;
	FindingSort sort;
	uint32_t verdict;     /* of which tree and members are */
	bool asked;           /* something other is asked for */
	bool asked_list;      /* the same, of the members alone: what they were is void */
	FindingScope scope;
	RowFilter *filter;
	char *filter_text;
	GHashTable *marks;    /* of ClientIndex + 1 */
	Area origin, tree_area, list_area; /* as drawn last: of the screen and of the rows */
} FindingsScreen;

void findings_draw(Screen *screen, const View *view, Area area);
const FindingGroup *findings_group(const FindingsScreen *findings);
/* What is at the cursors is selected. */
void findings_note_selected(FindingsScreen *findings, const View *view);
/* The index of the @nth member. */
uint32_t findings_member(const FindingsScreen *findings, int64_t nth);

/* --- findings_work.c -------------------------------------------------------------------------- */

void findings_work_init(FindingsScreen *findings);
void findings_work_clear(FindingsScreen *findings);
/* Indexes are those of one verdict: what is of another one is void, until findings_work(). */
void findings_refresh(FindingsScreen *findings, const View *view);
/* As ScreenOps.work. */
bool findings_work(Screen *screen, const View *view, int64_t until);
/* The part of the findings that was looked at, 0 to 1; 1: all. */
double findings_work_done(const FindingsScreen *findings, const View *view);
