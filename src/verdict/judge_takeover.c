/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* The session passed unharmed from one host to another that uses the same identifier. */
static bool was_handed_over(const Model *model, const Connection *now)
{
	if (now->accepted_before == NO_INDEX || now->outcome != OUTCOME_RESUMED)
		return false;
	const Connection *before = model_connection(model, now->accepted_before);
	return before->close_kind == CLOSE_TAKEOVER &&
	       reconnect_twin(model, before, now) == TWIN_PROVEN;
}

/* Told once for a client, at the first time that it happened: each time costs churn, and the next
 * one may cost the session. */
void judge_takeover(Diagnosis *diagnosis, ClientIndex index)
{
	const Model *model = diagnosis->model;
	const Client *client = model_client(model, index);
	if (client->n_connections < 2)
		return;
	for (ConnectionIndex at = client->first; at != NO_INDEX;) {
		const Connection *now = model_connection(model, at);
		Reconnect view;
		if (was_handed_over(model, now) &&
		    reconnect_view(model, diagnosis->options, at, &view)) {
			Finding finding = finding_of(&view, CAUSE_CLIENT_ID_TAKEOVER, CONFIDENCE_PROVEN);
			finding.severity = SEVERITY_NOTE;
			finding.other = at;
			finding.cost = NO_ABSENCE;
			g_array_append_val(diagnosis->findings, finding);
			return;
		}
		at = now->next;
	}
}
