/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* C38: nothing is lost by it as long as the broker's queue has room. */
void judge_stall(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *connection = model_connection(model, index);
	const Stall *stall = model_stall(model, connection);
	if (stall == NULL)
		return;
	Finding finding = finding_new(CAUSE_RECEIVE_WINDOW_STUCK);
	finding.client = connection->client;
	finding.from = index;
	bool still = !stall->ended && model_client(model, connection->client)->current == index;
	finding.severity = still ? SEVERITY_RISK : SEVERITY_NOTE;
	/* The broker's own limit is not announced: that it was the reason is inferred. */
	finding.confidence = stall->by_receive_maximum ? CONFIDENCE_PROVEN : CONFIDENCE_STRONG;
	if (connection->holes > 0)
		finding.weakened |= GATE_HOLES;
	if (lacks_evidence(diagnosis->options))
		finding.weakened |= GATE_CAPTURE_LOSS;
	if (finding.weakened != 0) { /* acknowledgements may have been there */
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	}
	g_array_append_val(diagnosis->findings, finding);
}
