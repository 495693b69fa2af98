/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* --- what looks like a loss or a redelivery, and is none ------------------------------------ */

static const struct {
	ClueKind kind;
	CauseId cause;
} kinds[] = {
	{CLUE_TO_ANOTHER_MEMBER, CAUSE_SHARED_TO_ANOTHER},
	{CLUE_RETAINED_AGAIN, CAUSE_RETAINED_REPLAY},
};

/* Told once for a client: it will be so each time. */
static bool was_told(const Model *model, const Connection *connection, ClueKind kind)
{
	ConnectionIndex index = connection->accepted_before;
	for (int i = 0; index != NO_INDEX && i < 64; i++) {
		const Connection *earlier = model_connection(model, index);
		if (model_clue(model, earlier, kind) != NULL)
			return true;
		index = earlier->accepted_before;
	}
	return false;
}

/* C21 and C44: the deciding packet was seen, or nothing is said.  What the client had subscribed to
 * besides, where that may not have been captured, could explain it otherwise. */
void judge_harmless(Diagnosis *diagnosis, const Reconnect *view)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds) && view->now->remarks != 0; i++) {
		const Clue *clue = model_clue(view->model, view->now, kinds[i].kind);
		if (clue == NULL || was_told(view->model, view->now, kinds[i].kind))
			continue;
		Finding finding = finding_of(view, kinds[i].cause, CONFIDENCE_PROVEN);
		finding.severity = SEVERITY_NOTE;
		finding.cost = NO_ABSENCE; /* nothing is lost by it */
		if (clue->unsure) {
			finding.weakened |= GATE_HOLES;
			finding.confidence = CONFIDENCE_CONSISTENT;
			finding.responsible = RESPONSIBLE_UNKNOWABLE;
		}
		g_array_append_val(diagnosis->findings, finding);
	}
}
