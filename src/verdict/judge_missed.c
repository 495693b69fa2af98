/* SPDX-License-Identifier: MIT */
#include "src/session/matching.h"
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

/* The SUBACK that granted QoS 0 where more was asked for, the last of the client's; NULL: none. */
static const Clue *downgrade_of(const Reconnect *view)
{
	const Connection *connection = view->now;
	for (int i = 0; i < 64; i++) {
		const Clue *clue = model_clue(view->model, connection, CLUE_GRANTED_LESS);
		if (clue != NULL)
			return clue->answered == 0 ? clue : NULL;
		if (connection->accepted_before == NO_INDEX)
			return NULL;
		connection = model_connection(view->model, connection->accepted_before);
	}
	return NULL;
}

/* All that is known of what was missed is of the filter that was granted less. */
static bool is_of_filter(const Reconnect *view, const Absence *missed, uint32_t filter)
{
	for (uint32_t i = 0; missed != NULL && i < missed->n_examples; i++)
		if (!filter_matches_topic(model_filter(view->model, filter),
		                          model_topic(view->model, missed->examples[i].topic)))
			return false;
	return missed != NULL && missed->n_examples > 0;
}

/* Not the client's choice: the broker granted no more, or lets nobody publish with more. */
static void weigh_broker(const Reconnect *view, MissedKind kind, Finding *finding)
{
	const Clue *clue = kind == MISSED_QOS0_SUBSCRIPTION ? downgrade_of(view) : NULL;
	const OptionalU32 *highest = &view->broker->facts.maximum_qos;
	bool capped = kind == MISSED_QOS0_PUBLISHED && highest->known && highest->value == 0;
	if (clue == NULL && !capped) {
		/* The one that granted less may be forgotten. */
		if (kind == MISSED_QOS0_SUBSCRIPTION && view->options->n_forgotten > 0)
			finding->responsible = RESPONSIBLE_UNKNOWABLE;
		return;
	}
	bool sure = clue == NULL || is_of_filter(view, model_absence(view->model, finding->cost), clue->filter);
	finding->responsible = sure ? RESPONSIBLE_BROKER_POLICY : RESPONSIBLE_UNKNOWABLE;
	cause_list_add(&finding->also_possible, CAUSE_QOS_DOWNGRADED);
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
		weigh_broker(view, kinds[i].kind, &finding);
		g_array_append_val(diagnosis->findings, finding);
	}
}
