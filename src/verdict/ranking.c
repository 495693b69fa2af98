/* SPDX-License-Identifier: MIT */
#include "src/verdict/ranking.h"

#include <stdlib.h>

#include "src/verdict/roster.h"

/* All that is compared, in one piece: findings are large, and what they refer to lies far away. */
typedef struct Rank {
	uint64_t weight; /* the least is told first */
	int64_t time_ns;
	ClientIndex client;
	guint place; /* among the findings before */
} Rank;

static uint32_t messages_lost(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	return cost == NULL ? 0 : cost->lost.max;
}

/* By severity, then by how many messages were lost, then by confidence. */
static uint64_t weight_of(const Model *model, const Finding *finding)
{
	uint64_t few_lost = UINT32_MAX - messages_lost(model, finding);
	return (uint64_t)finding->severity << 40 | few_lost << 8 | finding->confidence;
}

static int compare(const void *a, const void *b)
{
	const Rank *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	if (x->client != y->client)
		return x->client < y->client ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

/* Each finding that has the place of another sends that one on, until the one is met that belongs to
 * @start: a copy of them all would be as large again. */
static void put_in_place(Finding *findings, Rank *ranks, guint start)
{
	Finding first = findings[start];
	guint at = start;
	while (ranks[at].place != start) {
		guint from = ranks[at].place;
		findings[at] = findings[from];
		ranks[at].place = at;
		at = from;
	}
	findings[at] = first;
	ranks[at].place = at;
}

void findings_rank(const Model *model, GArray *findings)
{
	g_autofree Rank *ranks = g_new(Rank, findings->len + 1);
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = &g_array_index(findings, Finding, i);
		ranks[i] = (Rank){weight_of(model, finding), finding_showed(model, finding).ns, finding->client, i};
	}
	qsort(ranks, findings->len, sizeof *ranks, compare);
	for (guint i = 0; i < findings->len; i++)
		put_in_place((Finding *)(void *)findings->data, ranks, i);
}
