/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* --- what did not come, and was owed by nobody --------------------------------------------- */

static const struct {
	MissedKind kind;
	CauseId cause;
	Confidence confidence;
} kinds[] = {
	{MISSED_QOS0_SUBSCRIPTION, CAUSE_SUBSCRIPTION_QOS0, CONFIDENCE_STRONG},
	{MISSED_QOS0_PUBLISHED, CAUSE_PUBLISHED_QOS0, CONFIDENCE_STRONG},
	{MISSED_EXPIRED, CAUSE_MESSAGE_EXPIRED, CONFIDENCE_PROVEN},
	{MISSED_TOO_LARGE, CAUSE_PACKET_TOO_LARGE, CONFIDENCE_STRONG},
};

/* A note is told once for a client: at the first time that it happened. */
static bool was_told(const Model *model, const Connection *connection, MissedKind kind)
{
	ConnectionIndex index = connection->accepted_before;
	for (int i = 0; index != NO_INDEX && i < 64; i++) {
		const Connection *earlier = model_connection(model, index);
		if (cost_is_certain(model_absence(model, model_missed(model, earlier, kind))))
			return true;
		index = earlier->accepted_before;
	}
	return false;
}

/* The broker had granted QoS 0 where more was asked for: then that is why. */
static bool was_downgraded(const Reconnect *view)
{
	const Connection *connection = view->now;
	for (int i = 0; i < 64; i++) {
		const Clue *clue = model_clue(view->model, connection, CLUE_GRANTED_LESS);
		if (clue != NULL)
			return clue->answered == 0;
		if (connection->accepted_before == NO_INDEX)
			return false;
		connection = model_connection(view->model, connection->accepted_before);
	}
	return false;
}

void judge_missed(Diagnosis *diagnosis, const Reconnect *view)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds) && view->now->remarks != 0; i++) {
		AbsenceIndex cost = model_missed(view->model, view->now, kinds[i].kind);
		Finding finding = finding_of(view, kinds[i].cause, kinds[i].confidence);
		bool note = finding.severity == SEVERITY_NOTE;
		if (!cost_is_certain(model_absence(view->model, cost)) ||
		    (note && was_told(view->model, view->now, kinds[i].kind)))
			continue;
		finding.cost = cost;
		/* One that keeps such messages at other times does not explain their loss by that. */
		if (kinds[i].kind <= MISSED_QOS0_PUBLISHED && view->broker->facts.queues_qos0)
			finding.confidence = CONFIDENCE_CONSISTENT;
		if (kinds[i].kind == MISSED_QOS0_SUBSCRIPTION && was_downgraded(view))
			cause_list_add(&finding.also_possible, CAUSE_QOS_DOWNGRADED);
		g_array_append_val(diagnosis->findings, finding);
	}
}
