/* SPDX-License-Identifier: MIT */
#include "src/engine/standing.h"

Standing *standing_new(Verdict *verdict, Roster *roster)
{
	Standing *standing = g_new(Standing, 1);
	*standing = (Standing){.n_refs = 1, .verdict = verdict, .roster = roster};
	return standing;
}

void standing_show(const Standing *standing, Analysis *analysis)
{
	analysis->diagnosis = standing->diagnosis;
	analysis_judged(analysis, standing->verdict);
}

void standing_digest(Standing *standing, const Analysis *analysis, const DigestOps *ops)
{
	Analysis of_it = *analysis;
	standing_show(standing, &of_it);
	if (standing->ops != NULL)
		standing->ops->free(standing->digest);
	standing->ops = ops;
	standing->digest = ops->make(&of_it);
}

Standing *standing_ref(Standing *standing)
{
	g_atomic_int_inc(&standing->n_refs);
	return standing;
}

void standing_unref(Standing *standing)
{
	if (standing == NULL || !g_atomic_int_dec_and_test(&standing->n_refs))
		return;
	if (standing->ops != NULL)
		standing->ops->free(standing->digest);
	roster_free(standing->roster);
	verdict_free(standing->verdict);
	g_free(standing);
}
