/* SPDX-License-Identifier: MIT */
#include "src/session/expiry.h"
#include "src/verdict/judge.h"

/* Connected now, meaning to come back (Clean Start 0), and nothing will be kept. */
void judge_risk(Diagnosis *diagnosis, ClientIndex index)
{
	const Client *client = model_client(diagnosis->model, index);
	if (client->current == NO_INDEX)
		return;
	const Connection *now = model_connection(diagnosis->model, client->current);
	Expiry expiry = connection_expiry(now);
	bool keeps = !expiry_known(expiry) || expiry.seconds > 0;
	if (keeps || now->version != MQTT_5_0 || now->clean_start ||
	    (client->n_subscriptions == 0 && !client->subscriptions_partial))
		return;
	bool by_connack = now->expiry_connect.known && now->expiry_connect.value > 0;
	CauseId cause = by_connack                  ? CAUSE_EXPIRY_SHORTENED
	                : now->expiry_connect.known ? CAUSE_EXPIRY_ZERO
	                                            : CAUSE_EXPIRY_ABSENT;
	Finding finding = finding_new(cause);
	finding.client = index;
	finding.from = client->current;
	finding.severity = SEVERITY_RISK;
	g_array_append_val(diagnosis->findings, finding);
}
