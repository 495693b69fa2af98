/* SPDX-License-Identifier: MIT */
#include "src/session/id_shape.h"
#include "src/verdict/judge.h"
#include "src/verdict/rules.h"

static Reconnect view_of(const Diagnosis *diagnosis, ConnectionIndex before, ConnectionIndex now)
{
	const Model *model = diagnosis->model;
	const Connection *old = model_connection(model, before), *new = model_connection(model, now);
	Reconnect view = {
		.model = model,
		.options = diagnosis->options,
		.client = model_client(model, new->client),
		.broker = model_broker(model, new->broker),
		.now = new,
		.before = old,
		.now_index = now,
		.before_index = before,
		.expiry = connection_expiry(old),
		.absence_ns = INT64_MIN,
		.absence_at_most_ns = INT64_MIN,
		.cost = model_absence(model, new->absence),
	};
	if (instant_known(old->closed))
		view.absence_ns = MAX(new->connect_time.ns - old->closed.ns, 0);
	if (old->accepted_before != NO_INDEX)
		view.earlier = model_connection(model, old->accepted_before);
	return view;
}

/* Under one name it would have lost the session all the same. */
static void add_other_reasons(const Reconnect *view, Finding *finding)
{
	size_t n_rules;
	const Rule *rules = rules_of_lost_session(&n_rules);
	for (size_t i = 0; i < n_rules; i++) {
		Ruling ruling = rules[i].judge(view);
		if (ruling.applies && !ruling.at_the_edge)
			cause_list_add(&finding->also_sufficient, rules[i].cause);
	}
}

/* How sure it is that these are one device: what was made up anew for each connection, and the
 * same user name, leave one alternative; everything else is one of several. */
static Confidence likeness(const Reconnect *view, const Remarks *remarks)
{
	bool made_up = remarks->name_difference == ID_GENERATED ||
	               remarks->name_difference == ID_CLOCK;
	bool sure = made_up && remarks->only_name_of_host && view->now->has_username;
	return sure ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT;
}

static bool is_told(const Reconnect *view, const Remarks *remarks)
{
	/* A number may as well tell devices apart: then their user has to be the same at least. */
	if (remarks->name_difference == ID_NUMBERED &&
	    (!view->now->has_username || !remarks->only_name_of_host))
		return false;
	return view->before->had_subscriptions;
}

/* C10: a device under another name than before, which therefore has another session. */
void judge_renamed(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Connection *now = model_connection(diagnosis->model, index);
	const Remarks *remarks = model_remarks(diagnosis->model, now);
	if (remarks->name_before == 0)
		return;
	Reconnect view = view_of(diagnosis, remarks->name_before - 1, index);
	if (!is_told(&view, remarks) || is_known_elsewhere(diagnosis, view.client) ||
	    unnamed_between(diagnosis, view.before_index, index))
		return; /* others of that address may be meant */
	Finding finding = finding_of(&view, CAUSE_CLIENT_ID_CHANGED, likeness(&view, remarks));
	finding.severity = SEVERITY_LOSS;
	finding.lapse = true;
	add_other_reasons(&view, &finding);
	finding.weakened = reconnect_unseen(&view) & (GATE_HOLES | GATE_CAPTURE_LOSS | GATE_END_NOT_SEEN);
	if (finding.weakened != 0) {
		finding.confidence = CONFIDENCE_CONSISTENT;
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	}
	g_array_append_val(diagnosis->findings, finding);
}
