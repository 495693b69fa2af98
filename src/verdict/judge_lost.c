/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"
#include "src/verdict/rules.h"
#include "src/verdict/rules_path.h"
#include "src/verdict/rules_policy.h"
#include "src/verdict/rules_restart.h"

/* --- when the session died ---------------------------------------------------------------- */

static Instant earlier_of(Instant a, Instant b)
{
	if (!instant_known(a))
		return b;
	return !instant_known(b) || a.ns < b.ns ? a : b;
}

static void bound_death(const Reconnect *view, Finding *finding)
{
	Instant closed = view->before->closed;
	finding->died_after = instant_known(closed) ? closed : view->before->last_from_client;
	finding->died_before = view->now->connack_time;
	if (view->unseen_between != 0)
		return;
	if (view->cost != NULL)
		finding->died_before = earlier_of(finding->died_before, view->cost->no_matching);
	if (expiry_known(view->expiry) && view->expiry.seconds == 0) {
		finding->died_before = instant_known(closed) ? closed : finding->died_before;
		return;
	}
	Instant deadline = reconnect_deadline(view);
	bool by_deadline = finding->cause == CAUSE_EXPIRED || finding->cause == CAUSE_EXPIRY_SHORTENED;
	if (by_deadline && instant_known(deadline))
		finding->died_after = deadline;
	if (finding->cause == CAUSE_CLEAN_START || finding->cause == CAUSE_CLEAN_START_PER_PROCESS)
		finding->died_after = view->now->connect_time;
	if (finding->incident != NULL && (finding->cause == CAUSE_RESTART_WITHOUT_PERSISTENCE ||
	                                  finding->cause == CAUSE_PERSISTENCE_INCOMPLETE)) {
		finding->died_after = finding->incident->from;
		finding->died_before = earlier_of(finding->died_before, finding->incident->to);
	}
	/* A sign of death before that: the cause named is sufficient, but was not the first. */
	if (finding->died_before.ns < finding->died_after.ns)
		finding->died_after = instant_known(closed) ? closed : view->before->last_from_client;
}

/* --- the session as a whole --------------------------------------------------------------- */

/* A hole may hide the SUBSCRIBE of a client that subscribes again when it is back. */
static bool may_have_had_state(const Reconnect *view)
{
	return reconnect_had_state(view) ||
	       (view->now->n_subscribes > 0 &&
	        (view->before->holes > 0 || view->options->capture_drops > 0));
}

/* The client wanted no session: it began afresh, and had not asked to keep anything. */
static bool wanted_none(const Reconnect *view)
{
	return view->now->clean_start && expiry_known(view->expiry) && view->expiry.seconds == 0;
}

static void weigh(const Reconnect *view, Finding *finding)
{
	finding->lapse = !wanted_none(view) &&
	                 (may_have_had_state(view) || view->before->wanted_messages);
	finding->severity = SEVERITY_LOSS;
	/* A twin took a session away even if no SUBSCRIBE was seen. */
	finding->lapse |= finding->cause == CAUSE_CLIENT_ID_TAKEOVER;
	if (!finding->lapse && !cost_is_certain(view->cost))
		finding->severity = SEVERITY_NOTE;
	if (finding->at_the_edge)
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
}

/* What @before asked for does not tell how the session stood if another connection of the client
 * lies between, of which not everything was seen. */
static bool looks_at_before(CauseId cause)
{
	return cause != CAUSE_CLEAN_START && cause != CAUSE_CLEAN_START_PER_PROCESS;
}

static bool judge_rules(const Reconnect *view, Finding *finding)
{
	size_t n_rules;
	const Rule *rules = rules_of_lost_session(&n_rules);
	bool found = false;
	for (size_t i = 0; i < n_rules; i++) {
		if (view->unseen_between != 0 && looks_at_before(rules[i].cause))
			continue;
		Ruling ruling = rules[i].judge(view);
		if (!ruling.applies)
			continue;
		if (found) {
			/* What is one of several possibilities is no second reason. */
			bool sure = ruling.confidence <= CONFIDENCE_STRONG || ruling.at_the_edge;
			cause_list_add(sure ? &finding->also_sufficient : &finding->also_possible,
			               rules[i].cause);
			continue;
		}
		found = true;
		*finding = finding_of(view, rules[i].cause, ruling.confidence);
		finding->at_the_edge = ruling.at_the_edge;
		finding->other = ruling.other;
	}
	return found;
}

/* A narrower name for the same thing is not another cause. */
static void drop_synonyms(Finding *finding)
{
	static const struct {
		CauseId narrow, wide;
	} same[] = {
		{CAUSE_VERSION_SWITCH, CAUSE_EXPIRY_ABSENT},
		{CAUSE_EXPIRY_DROPPED, CAUSE_EXPIRY_ABSENT},
		{CAUSE_CLEAN_START_PER_PROCESS, CAUSE_CLEAN_START},
	};
	CauseList kept = {0};
	for (unsigned i = 0; i < finding->also_sufficient.n; i++) {
		CauseId cause = finding->also_sufficient.causes[i];
		bool synonym = false;
		for (size_t k = 0; k < G_N_ELEMENTS(same); k++)
			synonym |= finding->cause == same[k].narrow && cause == same[k].wide;
		if (!synonym)
			cause_list_add(&kept, cause);
	}
	/* The settings of a twin are no second cause: they are how it did it. */
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER)
		kept.n = 0;
	finding->also_sufficient = kept;
}

/* C28: brokers that make no session before the first SUBSCRIBE answer 0 here, and nothing is lost.
 * One that has been seen to resume a session without subscriptions is not of that kind. */
static bool had_nothing_to_keep(const Reconnect *view)
{
	return !may_have_had_state(view) && view->broker->facts.n_resumed_without_subscriptions == 0;
}

static Finding unexplained(const Reconnect *view)
{
	uint32_t unseen = reconnect_unseen(view);
	if (had_nothing_to_keep(view)) {
		Finding harmless = finding_of(view, CAUSE_NO_SUBSCRIPTIONS, CONFIDENCE_PROVEN);
		harmless.severity = SEVERITY_NOTE;
		harmless.weakened = unseen;
		/* Something unseen may have ended even this session by the rules. */
		if (unseen != 0 || !expiry_known(view->expiry)) {
			harmless.responsible = RESPONSIBLE_UNKNOWABLE;
			harmless.confidence = CONFIDENCE_CONSISTENT;
		}
		return harmless;
	}
	const uint32_t blinding = GATE_CONNECT_NOT_SEEN | GATE_CONNACK_NOT_SEEN |
	                          GATE_END_NOT_SEEN | GATE_HOLES | GATE_CAPTURE_LOSS;
	bool blind = (unseen & blinding) != 0 || !expiry_known(view->expiry);
	Finding finding = finding_of(view, CAUSE_DROPPED_UNEXPLAINED,
	                             blind ? CONFIDENCE_CANNOT_KNOW : CONFIDENCE_CONSISTENT);
	finding.responsible = RESPONSIBLE_UNKNOWABLE;
	finding.weakened = unseen;
	finding.lapse = true;
	finding.severity = SEVERITY_LOSS;
	finding.incident = view->restart;
	cause_list_add(&finding.also_possible,
	               view->restart != NULL ? CAUSE_PERSISTENCE_INCOMPLETE
	                                     : CAUSE_RESTART_WITHOUT_PERSISTENCE);
	cause_list_add(&finding.also_possible, CAUSE_SILENT_CAP);
	cause_list_add(&finding.also_possible, CAUSE_ADMIN_REMOVED);
	if ((unseen & (GATE_OTHER_BROKER | GATE_OTHER_BACKEND)) != 0)
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	if ((unseen & (GATE_CLIENT_VANTAGE | GATE_HOLES | GATE_CAPTURE_LOSS)) != 0)
		cause_list_add(&finding.also_possible, CAUSE_CLIENT_ID_TAKEOVER);
	return finding;
}

/* Evidence that decides the cause and may have been missed: a DISCONNECT could have changed the
 * interval, an unseen CONNACK too. */
static void weaken(const Reconnect *view, Finding *finding)
{
	bool by_time = finding->cause == CAUSE_EXPIRED || finding->cause == CAUSE_EXPIRY_SHORTENED;
	uint32_t unseen = reconnect_unseen(view) & (GATE_END_NOT_SEEN | GATE_HOLES);
	if (!by_time || unseen == 0)
		return;
	finding->weakened |= unseen;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_STRONG);
	/* The client itself may have ended the session in a DISCONNECT that was not captured. */
	if (finding->cause == CAUSE_EXPIRY_SHORTENED)
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
}

/* Whose settings these are is not certain: the blame must not reach a device that may have had
 * nothing to do with it. */
static void doubt_host(const Reconnect *view, Finding *finding)
{
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER ||
	    reconnect_twin(view->model, view->before, view->now) != TWIN_MAYBE)
		return;
	finding->weakened |= GATE_OTHER_HOST;
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	cause_list_add(&finding->also_possible, CAUSE_CLIENT_ID_TAKEOVER);
}

void judge_lost_session(Diagnosis *diagnosis, const Reconnect *view)
{
	Finding finding;
	if (judge_rules(view, &finding)) {
		if (wanted_none(view) && !reconnect_had_state(view))
			return; /* clean by design, and nothing was missed */
		drop_synonyms(&finding);
		weigh(view, &finding);
		weaken(view, &finding);
		policy_complete(view, &finding);
		path_complete(view, &finding);
		restart_complete(view, &finding);
	} else if (view->now->outcome == OUTCOME_FRESH_UNEXPECTED) {
		finding = unexplained(view);
	} else {
		return;
	}
	doubt_host(view, &finding);
	bound_death(view, &finding);
	g_array_append_val(diagnosis->findings, finding);
}
