/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"
#include "src/verdict/other_broker.h"

/* --- another broker ------------------------------------------------------------------------ */

static bool judge_arrival(Diagnosis *diagnosis, ConnectionIndex index, ClientIndex elsewhere)
{
	OtherBroker other;
	if (!other_broker_explains(diagnosis->model, index, elsewhere, &other))
		return false;
	const Connection *now = model_connection(diagnosis->model, index);
	const Connection *left = model_connection(diagnosis->model, other.left);
	Finding finding = finding_new(other.same_host ? CAUSE_OTHER_NAMESPACE : CAUSE_OTHER_BROKER);
	Confidence wanted = other.returned ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT;
	finding.client = now->client;
	finding.from = other.left;
	finding.to = index;
	finding.confidence = (uint8_t)confidence_capped(finding.cause, wanted);
	finding.severity = SEVERITY_LOSS;
	finding.lapse = true;
	finding.absence_ns = now->connect_time.ns - left->closed.ns;
	g_array_append_val(diagnosis->findings, finding);
	return true;
}

/* First seen here, known elsewhere. */
void judge_first_seen(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *now = model_connection(model, index);
	if (now->client == NO_INDEX || now->outcome != OUTCOME_FIRST_SEEN)
		return;
	const GArray *clients = g_hash_table_lookup(
		diagnosis->clients_of_id, GUINT_TO_POINTER(model_client(model, now->client)->id));
	for (guint i = 0; clients != NULL && i < clients->len; i++) {
		ClientIndex elsewhere = g_array_index(clients, ClientIndex, i);
		if (elsewhere != now->client && judge_arrival(diagnosis, index, elsewhere))
			return;
	}
}

/* --- no identifier ------------------------------------------------------------------------ */

/* C11: without an identifier of its own the client can never come back to a session. */
void judge_unnamed(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *now = model_connection(model, index);
	if (!now->empty_client_id || now->same_host_before == NO_INDEX || !now->connack_seen ||
	    now->return_code != 0 || now->clean_start)
		return;
	const Connection *before = model_connection(model, now->same_host_before);
	if (!instant_known(before->closed) || !before->had_subscriptions ||
	    before->closed.ns > now->connect_time.ns || before->client == NO_INDEX ||
	    before->has_username != now->has_username ||
	    (now->has_username && before->username != now->username) ||
	    unnamed_between(diagnosis, now->same_host_before, index))
		return; /* several devices share the address, or may */
	Finding finding = finding_new(CAUSE_CLIENT_ID_ASSIGNED);
	finding.confidence = CONFIDENCE_STRONG; /* another device of the same address is not excluded */
	finding.client = now->client;
	finding.from = now->same_host_before;
	finding.to = index;
	finding.severity = SEVERITY_LOSS;
	finding.lapse = true;
	finding.absence_ns = now->connect_time.ns - before->closed.ns;
	finding.died_after = before->closed;
	finding.died_before = INSTANT_UNKNOWN;
	g_array_append_val(diagnosis->findings, finding);
}
