/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

static ConnectionIndex next_accepted(const Model *model, const Connection *connection)
{
	for (ConnectionIndex at = connection->next; at != NO_INDEX;) {
		const Connection *next = model_connection(model, at);
		if (connection_was_accepted(next))
			return at;
		at = next->next;
	}
	return NO_INDEX;
}

/* What would show that the client did answer, or that nobody was asked. */
static uint32_t doubts(const Diagnosis *diagnosis, const Connection *connection)
{
	uint32_t gates = 0;
	if (connection->holes > 0)
		gates |= GATE_HOLES;
	if (lacks_evidence(diagnosis->options))
		gates |= GATE_CAPTURE_LOSS;
	return gates;
}

/* TCP sends again within a second what is not acknowledged.  Where it does not, and the connection has no
 * end either, the rest of it is missing from the capture. */
static bool breaks_off(const Connection *connection, const Unheard *unheard)
{
	return !unheard->sent_again &&
	       (connection->closed_by == CLOSED_BY_UNKNOWN || connection->close_kind == CLOSE_VANISHED);
}

/* C37: the broker went on sending to a client that could not hear it any more. */
void judge_half_open(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *dead = model_connection(model, index);
	const Unheard *unheard = model_unheard(model, dead);
	/* One that answers the close had only been slow. */
	if (unheard == NULL || breaks_off(dead, unheard) ||
	    (dead->closed_by == CLOSED_BY_BROKER && dead->answered_close) || dead->client == NO_INDEX)
		return;
	Finding finding = finding_new(CAUSE_HALF_OPEN);
	finding.client = dead->client;
	finding.from = index;
	finding.to = next_accepted(model, dead);
	finding.cost = unheard->cost;
	finding.weakened = doubts(diagnosis, dead);
	bool proven = diagnosis->options->vantage == VANTAGE_BROKER && unheard->sent_again;
	if (!proven || finding.weakened != 0)
		finding.confidence = CONFIDENCE_CONSISTENT;
	if (finding.weakened != 0 || !unheard->sent_again)
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	if (finding.to != NO_INDEX && instant_known(dead->closed))
		finding.absence_ns = MAX(model_connection(model, finding.to)->connect_time.ns -
		                         dead->closed.ns, 0);
	g_array_append_val(diagnosis->findings, finding);
}
