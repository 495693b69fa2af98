/* SPDX-License-Identifier: MIT */
#include "src/verdict/rules_path.h"

#include "src/session/host.h"
#include "src/verdict/backends.h"
#include "src/verdict/judge.h"

static Ruling no(void)
{
	return (Ruling){.applies = false, .other = NO_INDEX};
}

static bool was_to_be_there(const Reconnect *view)
{
	Instant deadline = reconnect_deadline(view);
	return view->now->outcome == OUTCOME_FRESH_UNEXPECTED && expiry_known(view->expiry) &&
	       view->expiry.seconds > 0 && reconnect_had_state(view) &&
	       (!instant_known(deadline) || view->now->connect_time.ns < deadline.ns);
}

/* What a capture without holes would show: a goodbye that ended the session, a twin. */
static uint32_t unseen(const Reconnect *view)
{
	return reconnect_unseen(view) &
	       (GATE_CONNECT_NOT_SEEN | GATE_CONNACK_NOT_SEEN | GATE_END_NOT_SEEN | GATE_HOLES |
	        GATE_CAPTURE_LOSS | GATE_CLIENT_VANTAGE);
}

/* C34 behind one address: the host that answered is not the one that has the session.  If each visit
 * to a host found what the visit before had left there, that leaves little else. */
Ruling rule_other_backend(const Reconnect *view)
{
	if (!was_to_be_there(view))
		return no();
	BackendRelation relation = backend_relation(view->model, view->before, view->now);
	if (relation != BACKEND_OTHER && relation != BACKEND_FARTHER)
		return no();
	BackendRecord record = backend_record(view->model, view->client);
	if (record.against > 0)
		return no();
	/* Another way, or another configuration after a restart, look like another host once, but
	 * do not change back as the sessions do. */
	if (relation == BACKEND_FARTHER && record.found_on_return == 0)
		return no();
	bool sure = relation == BACKEND_OTHER && record.found_on_return > 0 && unseen(view) == 0;
	return (Ruling){
		.applies = true,
		.confidence = sure ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT,
		.other = record.returned,
	};
}

static bool same_user(const Connection *a, const Connection *b)
{
	return a->has_username == b->has_username && (!a->has_username || a->username == b->username);
}

/* The broker resumed the session for another user of this client: it keeps one set for all. */
static bool resumes_across_users(const Reconnect *view)
{
	enum { LOOK = 64 };
	ConnectionIndex at = view->client->accepted;
	for (int i = 0; i < LOOK && at != NO_INDEX; i++) {
		const Connection *now = model_connection(view->model, at);
		at = now->accepted_before;
		if (at != NO_INDEX && now->outcome == OUTCOME_RESUMED &&
		    !same_user(model_connection(view->model, at), now))
			return true;
	}
	return false;
}

/* C35: the same identifier under another user name may be another session. */
Ruling rule_other_user(const Reconnect *view)
{
	if (!was_to_be_there(view) || same_user(view->before, view->now) ||
	    !model_same_host(view->model, view->before, view->now) ||
	    resumes_across_users(view))
		return no();
	return (Ruling){.applies = true, .confidence = CONFIDENCE_CONSISTENT, .other = NO_INDEX};
}

void path_complete(const Reconnect *view, Finding *finding)
{
	if (finding->cause != CAUSE_OTHER_BROKER && finding->cause != CAUSE_OTHER_NAMESPACE)
		return;
	finding->weakened |= unseen(view);
	if (finding->confidence == CONFIDENCE_STRONG)
		return;
	if (finding->weakened != 0)
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
	cause_list_add(&finding->also_possible, CAUSE_RESTART_WITHOUT_PERSISTENCE);
	cause_list_add(&finding->also_possible, CAUSE_ADMIN_REMOVED);
	cause_list_add(&finding->also_possible, CAUSE_DROPPED_UNEXPLAINED);
}
