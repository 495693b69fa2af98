/* SPDX-License-Identifier: MIT */
#include "src/verdict/owner.h"

#include "src/verdict/rules_restart.h"

bool owner_view(const Diagnosis *diagnosis, const Reconnect *view, Reconnect *own)
{
	const Model *model = view->model;
	if (view->earlier == NULL || view->now->clean_start ||
	    reconnect_twin(model, view->before, view->now) != TWIN_PROVEN ||
	    reconnect_twin(model, view->earlier, view->now) > TWIN_MOVED)
		return false;
	const Connection *before = view->earlier;
	*own = *view;
	own->before = before;
	own->before_index = view->before->accepted_before;
	own->earlier = before->accepted_before == NO_INDEX
	                       ? NULL : model_connection(model, before->accepted_before);
	own->expiry = connection_expiry(before);
	own->absence_ns = INT64_MIN;
	if (instant_known(before->closed) && view->unseen_between == 0)
		own->absence_ns = MAX(view->now->connect_time.ns - before->closed.ns, 0);
	own->restart = restart_between(diagnosis->restarts, before, view->now, true);
	own->any_restart = restart_between(diagnosis->restarts, before, view->now, false);
	own->restart_earlier = NULL;
	return true;
}

bool owner_was_gone(const Reconnect *view, const Reconnect *own)
{
	if (own->before->close_kind == CLOSE_TAKEOVER)
		return false; /* it lived until the twin came */
	if (view->before->outcome == OUTCOME_FRESH_UNEXPECTED)
		return true;
	Reconnect arrival = *own; /* of the twin */
	arrival.now = view->before;
	arrival.now_index = view->before_index;
	return reconnect_was_over(&arrival);
}
