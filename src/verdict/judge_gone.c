/* SPDX-License-Identifier: MIT */
/*
 * Clients that had not come back when the capture ended, and whose session was seen to be dead: by
 * the word of those who published to it.
 */
#include "src/verdict/judge.h"
#include "src/verdict/rules.h"

/* A CONNECT of the client was not answered within the capture, or one of somebody was not seen: it may be
 * back, wherever it is now. */
static bool may_be_back(const Diagnosis *diagnosis, const Client *client)
{
	ConnectionIndex index = client->last;
	while (index != client->accepted && index != NO_INDEX) {
		const Connection *later = model_connection(diagnosis->model, index);
		if (!later->connack_seen)
			return true;
		index = later->previous;
	}
	const Connection *left = model_connection(diagnosis->model, client->accepted);
	return unnamed_at_broker(diagnosis, left);
}

/* What a client would find that came, as the one before, when the broker had just told that the
 * session is gone. */
static Reconnect view_of(const Diagnosis *diagnosis, ClientIndex index, Connection *now)
{
	const Model *model = diagnosis->model;
	const Client *client = model_client(model, index);
	const Connection *before = model_connection(model, client->accepted);
	AbsenceIndex absence = model_remarks(model, before)->never_back - 1;
	const Absence *cost = model_absence(model, absence);
	*now = *before;
	now->connect_time = now->connack_time = cost->no_matching;
	now->clean_start = false;
	now->session_present = false;
	now->outcome = OUTCOME_FRESH_UNEXPECTED;
	now->previous = now->accepted_before = client->accepted;
	now->next = NO_INDEX;
	now->closed = INSTANT_UNKNOWN;
	now->close_kind = CLOSE_OPEN;
	now->holes = 0;
	now->n_subscribes = 0;
	now->absence = absence;
	Reconnect view = {
		.model = model,
		.options = diagnosis->options,
		.client = client,
		.broker = model_broker(model, client->broker),
		.now = now,
		.before = before,
		.now_index = NO_INDEX,
		.before_index = client->accepted,
		.expiry = connection_expiry(before),
		.absence_ns = MAX(cost->no_matching.ns - before->closed.ns, 0),
		.absence_at_most_ns = INT64_MIN,
		.cost = cost,
		.other_brokers = is_known_elsewhere(diagnosis, client),
		.record = &diagnosis->records[client->broker],
	};
	if (before->accepted_before != NO_INDEX)
		view.earlier = model_connection(model, before->accepted_before);
	return view;
}

/* The word of publishers is all there is: it must not be loose, and one of them may have been told
 * so because of a permission. */
static bool is_told_well(const Reconnect *view)
{
	const Absence *cost = view->cost;
	if (view->broker->facts.denies_subscribers || cost->n_matching > 0)
		return false;
	return cost->n_no_matching >= 2 ||
	       (expiry_known(view->expiry) && view->expiry.seconds == 0);
}

static bool judge(const Reconnect *view, Finding *finding)
{
	/* The session was to live on: what ended it is not told by the settings. */
	if (!lost_by_rules(view, finding)) {
		*finding = lost_unexplained(view);
		return finding->severity == SEVERITY_LOSS;
	}
	finding->severity = SEVERITY_LOSS;
	finding->lapse = true;
	if (view->cost->n_no_matching < 2)
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_STRONG);
	return !finding->at_the_edge;
}

void judge_gone(Diagnosis *diagnosis, ClientIndex index)
{
	const Client *client = model_client(diagnosis->model, index);
	if (client->accepted == NO_INDEX || client->current != NO_INDEX)
		return;
	const Connection *before = model_connection(diagnosis->model, client->accepted);
	if (model_remarks(diagnosis->model, before)->never_back == 0 || !instant_known(before->closed) ||
	    may_be_back(diagnosis, client))
		return;
	Connection now;
	Reconnect view = view_of(diagnosis, index, &now);
	bool wanted_none = before->clean_start && view.expiry.seconds == 0;
	Finding finding;
	if (wanted_none || view.cost->lost.min == 0 || !is_told_well(&view) ||
	    !judge(&view, &finding))
		return;
	finding.absence_ns = INT64_MIN; /* it is not over */
	bound_death(&view, &finding);
	/* Its return, or a twin, may not be in the capture. */
	finding.weakened |= reconnect_unseen(&view) & (GATE_HOLES | GATE_CAPTURE_LOSS | GATE_CLIENT_VANTAGE);
	if (finding.weakened != 0) {
		finding.confidence = MAX(finding.confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	}
	g_array_append_val(diagnosis->findings, finding);
}
