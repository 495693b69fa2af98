/* SPDX-License-Identifier: MIT */
#include "src/session/host.h"
#include "src/verdict/backends.h"
#include "src/verdict/death.h"
#include "src/verdict/judge.h"
#include "src/verdict/owner.h"
#include "src/verdict/rules.h"
#include "src/verdict/rules_overflow.h"
#include "src/verdict/rules_path.h"
#include "src/verdict/rules_policy.h"
#include "src/verdict/rules_restart.h"

/* It took the session, so that lived until then, whatever was seen of it. */
static void bound_by_event(Finding *finding)
{
	const Incident *event = finding->incident;
	if (!instant_known(event->from) || finding->died_before.ns < event->from.ns)
		return;
	finding->died_after = event->from;
	finding->alive_by = WITNESS_EVENT;
	finding->alive_frame = (FrameRef){0};
	if (!instant_known(event->to) || event->to.ns > finding->died_before.ns)
		return;
	finding->died_before = event->to;
	finding->dead_by = WITNESS_EVENT;
	finding->dead_frame = (FrameRef){0};
}

void bound_death(const Reconnect *view, Finding *finding)
{
	Death death = death_of(view);
	finding->died_after = death.alive.time;
	finding->died_before = death.dead.time;
	finding->alive_frame = death.alive.frame;
	finding->dead_frame = death.dead.frame;
	finding->alive_by = (uint8_t)death.alive_by;
	finding->dead_by = (uint8_t)death.dead_by;
	bool by_event = finding->incident != NULL &&
	                (finding->cause == CAUSE_RESTART_WITHOUT_PERSISTENCE ||
	                 finding->cause == CAUSE_PERSISTENCE_INCOMPLETE);
	if (by_event)
		bound_by_event(finding);
}

/* --- the session as a whole --------------------------------------------------------------- */

/* A hole may hide the SUBSCRIBE of a client that subscribes again when it is back. */
static bool may_have_had_state(const Reconnect *view)
{
	return reconnect_had_state(view) ||
	       (view->now->n_subscribes > 0 &&
	        (view->before->holes > 0 || lacks_evidence(view->options)));
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
	/* Whether it had taken its subscriptions back may be what is missing. */
	bool unsure = (view->before->holes > 0 || !instant_known(view->before->closed)) &&
	              view->now->n_subscribes == 0;
	if ((!finding->lapse || unsure) && !cost_is_certain(view->cost))
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

/* At the edge of the expiry nobody knows whether time had run out already: what would have ended the
 * session anyhow is its cause, and the other a possibility. */
static bool displaces(const Finding *finding, const Ruling *ruling)
{
	return finding->at_the_edge && !ruling->at_the_edge && ruling->confidence <= CONFIDENCE_STRONG;
}

static void name_first(const Reconnect *view, CauseId cause, const Ruling *ruling, Finding *finding)
{
	*finding = finding_of(view, cause, ruling->confidence);
	finding->at_the_edge = ruling->at_the_edge;
	finding->other = ruling->other;
}

static void add_all(CauseList *list, const CauseList *more)
{
	for (unsigned i = 0; i < more->n; i++)
		cause_list_add(list, more->causes[i]);
}

static void displace(const Reconnect *view, CauseId cause, const Ruling *ruling, Finding *finding)
{
	Finding old = *finding;
	name_first(view, cause, ruling, finding);
	cause_list_add(&finding->also_possible, old.cause);
	add_all(&finding->also_possible, &old.also_sufficient);
	add_all(&finding->also_possible, &old.also_possible);
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
		if (found && displaces(finding, &ruling)) {
			displace(view, rules[i].cause, &ruling, finding);
			continue;
		}
		if (found) {
			/* What is one of several possibilities is no second reason. */
			bool sure = ruling.confidence <= CONFIDENCE_STRONG || ruling.at_the_edge;
			cause_list_add(sure ? &finding->also_sufficient : &finding->also_possible,
			               rules[i].cause);
			continue;
		}
		found = true;
		name_first(view, rules[i].cause, &ruling, finding);
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
	/* The settings of a twin are no second cause: they are how it did it.  A restart is one. */
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER) {
		CauseList others = {0};
		for (unsigned i = 0; i < kept.n; i++)
			if (cause_info(kept.causes[i])->responsible != RESPONSIBLE_CLIENT_CONFIG)
				cause_list_add(&others, kept.causes[i]);
		kept = others;
	}
	finding->also_sufficient = kept;
}

bool lost_by_rules(const Reconnect *view, Finding *finding)
{
	if (!judge_rules(view, finding))
		return false;
	drop_synonyms(finding);
	/* MQTT 3.x has one bit for both ends: by the same setting nothing was stored before. */
	if (finding->cause == CAUSE_CLEAN_START && view->unseen_between == 0 &&
	    view->expiry.source == EXPIRY_FROM_CLEAN_SESSION && view->expiry.seconds == 0)
		cause_list_add(&finding->also_sufficient, CAUSE_CLEAN_SESSION_BEFORE);
	return true;
}

/* C28: brokers that make no session before the first SUBSCRIBE answer 0 here, and nothing is lost.
 * One that has been seen to resume a session without subscriptions is not of that kind. */
static bool had_nothing_to_keep(const Reconnect *view)
{
	return !may_have_had_state(view) && view->broker->facts.n_resumed_without_subscriptions == 0;
}

/* The name for settings by which a session ends with its connection. */
static CauseId settings_that_end(const Reconnect *view)
{
	switch (view->expiry.source) {
	case EXPIRY_FROM_CLEAN_SESSION:
		return CAUSE_CLEAN_SESSION_BEFORE;
	case EXPIRY_FROM_CONNECT:
		return CAUSE_EXPIRY_ZERO;
	case EXPIRY_FROM_CONNACK:
		return CAUSE_EXPIRY_SHORTENED;
	case EXPIRY_FROM_DISCONNECT:
		return CAUSE_DISCONNECT_EXPIRY_ZERO;
	case EXPIRY_DISCONNECT_INVALID:
		return CAUSE_DISCONNECT_EXPIRY_INVALID;
	case EXPIRY_FROM_DEFAULT:
	case EXPIRY_UNKNOWN:
	case EXPIRY_AMBIGUOUS:
		break;
	}
	return CAUSE_EXPIRY_ABSENT;
}

/* A CONNECT between that ordered the session away, and went without an answer: the broker may have
 * done so all the same. */
static void suspect_unanswered(const Reconnect *view, Finding *finding)
{
	ConnectionIndex index = view->now->previous;
	while (index != NO_INDEX && index != view->now->accepted_before) {
		const Connection *between = model_connection(view->model, index);
		if (between->connect_seen && between->clean_start && !between->connack_seen)
			cause_list_add(&finding->also_possible,
			               model_same_host(view->model, between, view->now)
			                       ? CAUSE_CLEAN_START : CAUSE_CLIENT_ID_TAKEOVER);
		index = between->previous;
	}
}

/* "Use another server", "server moved". */
static bool was_sent_elsewhere(const Connection *before)
{
	return before->server_disconnected && (before->server_disconnect_reason == 0x9C ||
	                                       before->server_disconnect_reason == 0x9D);
}

/* The broker closed the connection and gave no reason: it may have stopped, though too few saw that. */
static bool broker_ended_plainly(const Connection *before)
{
	return before->closed_by == CLOSED_BY_BROKER &&
	       (before->close_kind == CLOSE_FIN || before->close_kind == CLOSE_RST);
}

Finding lost_unexplained(const Reconnect *view)
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
		if (view->any_restart != NULL || broker_ended_plainly(view->before)) {
			harmless.responsible = RESPONSIBLE_UNKNOWABLE;
			harmless.confidence = CONFIDENCE_CONSISTENT;
			cause_list_add(&harmless.also_possible, CAUSE_RESTART_WITHOUT_PERSISTENCE);
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
	if (death_was_after_close(view)) /* brokers may take their time over what was to end at once */
		cause_list_add(&finding.also_possible, settings_that_end(view));
	finding.incident = view->restart;
	suspect_unanswered(view, &finding);
	cause_list_add(&finding.also_possible,
	               view->restart != NULL ? CAUSE_PERSISTENCE_INCOMPLETE
	                                     : CAUSE_RESTART_WITHOUT_PERSISTENCE);
	cause_list_add(&finding.also_possible, CAUSE_SILENT_CAP);
	cause_list_add(&finding.also_possible, CAUSE_ADMIN_REMOVED);
	if (overflow_is_possible(view))
		cause_list_add(&finding.also_possible, CAUSE_OVERFLOW_ENDED_SESSION);
	if ((unseen & (GATE_OTHER_BROKER | GATE_OTHER_BACKEND)) != 0 || was_sent_elsewhere(view->before))
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	if ((unseen & (GATE_CLIENT_VANTAGE | GATE_HOLES | GATE_CAPTURE_LOSS)) != 0)
		cause_list_add(&finding.also_possible, CAUSE_CLIENT_ID_TAKEOVER);
	return finding;
}

/* How the broker answered the client before the twin came is not in the capture: nor, then, whether
 * there was a session left to take. */
static bool owner_not_seen(const Reconnect *view)
{
	const Connection *twin = view->before;
	return twin->previous != NO_INDEX && twin->previous != twin->accepted_before &&
	       !model_connection(view->model, twin->previous)->connack_seen;
}

/* The broker restarted before the twin came, and is not known to have kept all sessions: the twin may
 * have found nothing any more. */
static void doubt_taker(const Reconnect *view, Finding *finding)
{
	const Incident *restart = view->now->clean_start ? view->any_restart : view->restart_earlier;
	if (finding->cause != CAUSE_CLIENT_ID_TAKEOVER || restart == NULL ||
	    (restart->n_resumed > 0 && restart->n_lost == 0))
		return;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
	finding->incident = restart;
	cause_list_add(&finding->also_possible,
	               restart->n_resumed == 0 ? CAUSE_RESTART_WITHOUT_PERSISTENCE
	                                       : CAUSE_PERSISTENCE_INCOMPLETE);
}

static bool is_doubtful(const Absence *cost)
{
	const uint32_t hidden = INEXACT_HOLES | INEXACT_SUBSCRIPTIONS_PARTIAL | INEXACT_END_NOT_SEEN;
	return cost != NULL && (cost->inexact & hidden) != 0;
}

/* Each host behind one address may keep its own sessions, and the twin came to another one. */
static bool twin_was_elsewhere(const Reconnect *view)
{
	const Connection *owner = view->now->clean_start ? view->before : view->earlier;
	const Connection *twin = view->now->clean_start ? view->now : view->before;
	if (owner == NULL)
		return false;
	/* Others show what answers; of one of the two it is missing. */
	bool missing = model_backend(view->model, owner).print == NULL ||
	               model_backend(view->model, twin).print == NULL;
	return backend_changed(view->model, owner, twin) ||
	       (missing && view->record != NULL && view->record->hosts.n > 0);
}

static bool was_near_its_end(const Reconnect *view, const Connection *owner, const Connection *twin)
{
	Reconnect arrival = *view;
	arrival.before = owner;
	arrival.now = twin;
	arrival.expiry = connection_expiry(owner);
	return reconnect_may_be_over(&arrival);
}

/* What would tell that the session was dead before the twin came may be what is missing: of the
 * owner's connection, or of what publishers were told. */
static bool may_have_been_dead(const Reconnect *view)
{
	const Connection *owner = view->now->clean_start ? view->before : view->earlier;
	const Connection *twin = view->now->clean_start ? view->now : view->before;
	return owner == NULL || owner->holes > 0 || !instant_known(owner->closed) ||
	       was_near_its_end(view, owner, twin) ||
	       is_doubtful(model_absence(view->model, twin->absence)) || is_doubtful(view->cost);
}

/* Evidence that decides the cause and may have been missed: a DISCONNECT could have changed the
 * interval, an unseen CONNACK too. */
static void weaken(const Reconnect *view, Finding *finding)
{
	if (expiry_known(view->expiry) && view->expiry.seconds == 0 && looks_at_before(finding->cause) &&
	    !death_was_after_close(view) && death_may_be_after_close(view)) {
		finding->weakened |= GATE_MATCHED_SINCE;
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
		cause_list_add(&finding->also_possible, CAUSE_DROPPED_UNEXPLAINED);
	}
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER && finding->other == view->before_index &&
	    owner_not_seen(view)) {
		finding->weakened |= GATE_CONNACK_NOT_SEEN;
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
	}
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER && may_have_been_dead(view)) {
		finding->weakened |= GATE_HOLES;
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
	}
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER && twin_was_elsewhere(view)) {
		finding->weakened |= GATE_OTHER_BACKEND;
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
		cause_list_add(&finding->also_possible, CAUSE_OTHER_BROKER);
	}
	if (finding->cause == CAUSE_DISCONNECT_EXPIRY_ZERO && reconnect_close_unheard(view)) {
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_STRONG);
		cause_list_add(&finding->also_possible, CAUSE_DROPPED_UNEXPLAINED);
	}
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

/* A connection of the client may lie between, wholly among what the capture lost. */
static void doubt_neighbours(const Reconnect *view, Finding *finding)
{
	if (view->options->capture_drops == 0 || !looks_at_before(finding->cause))
		return;
	finding->weakened |= GATE_CAPTURE_LOSS;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_STRONG);
}

/* By settings of Clean Session or Clean Start, which the two connections do not share. */
static bool by_clean_bit(const Reconnect *view, const Finding *finding)
{
	return view->before->clean_start != view->now->clean_start &&
	       (finding->cause == CAUSE_CLEAN_SESSION_BEFORE ||
	        finding->cause == CAUSE_CLEAN_START ||
	        finding->cause == CAUSE_CLEAN_START_PER_PROCESS);
}

static bool is_of_other_host(const Reconnect *view, const Finding *finding)
{
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER)
		return false;
	switch (reconnect_twin(view->model, view->before, view->now)) {
	case TWIN_NO:
		return false;
	case TWIN_MOVED:
		return by_clean_bit(view, finding);
	case TWIN_MAYBE:
		return true;
	case TWIN_PROVEN: /* each by its own settings, unless they end the session either way */
		return finding->responsible == RESPONSIBLE_CLIENT_CONFIG && !wanted_none(view);
	}
	return false;
}

/* Whose settings these are is not certain: the blame must not reach a device that may have had
 * nothing to do with it. */
static void doubt_host(const Reconnect *view, Finding *finding)
{
	if (!is_of_other_host(view, finding))
		return;
	finding->weakened |= GATE_OTHER_HOST;
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	cause_list_add(&finding->also_possible, CAUSE_CLIENT_ID_TAKEOVER);
}

/* Whatever it was: by the time the client was back its interval would have ended the session too. */
static void add_own_end(const Reconnect *view, Finding *finding)
{
	if (finding->lapse && view->before->version == MQTT_5_0 && expiry_known(view->expiry) &&
	    view->expiry.seconds > 0 && reconnect_was_over(view))
		cause_list_add(&finding->also_sufficient, CAUSE_EXPIRED);
}

/* False: there is nothing to tell. */
static bool judge_loss(const Reconnect *view, Finding *finding)
{
	if (death_was_before_twin(view)) { /* neither did the twin take it, nor do its settings matter */
		*finding = lost_unexplained(view);
		add_own_end(view, finding);
		cause_list_add(&finding->also_sufficient, CAUSE_CLIENT_ID_TAKEOVER);
	} else if (lost_by_rules(view, finding)) {
		if (wanted_none(view) && !reconnect_had_state(view))
			return false; /* clean by design, and nothing was missed */
		weigh(view, finding);
		weaken(view, finding);
		doubt_neighbours(view, finding);
		doubt_taker(view, finding);
		policy_complete(view, finding);
		path_complete(view, finding);
		restart_complete(view, finding);
	} else if (view->now->outcome == OUTCOME_FRESH_UNEXPECTED) {
		*finding = lost_unexplained(view);
		add_own_end(view, finding);
	} else {
		return false;
	}
	doubt_host(view, finding);
	bound_death(view, finding);
	return true;
}

void judge_lost_session(Diagnosis *diagnosis, const Reconnect *view)
{
	Finding finding;
	Reconnect own;
	if (owner_view(diagnosis, view, &own) && owner_was_gone(view, &own)) {
		if (!judge_loss(&own, &finding))
			return;
		finding.cost = view->now->absence;
		cause_list_add(&finding.also_sufficient, CAUSE_CLIENT_ID_TAKEOVER);
	} else if (!judge_loss(view, &finding)) {
		return;
	} else if (finding.cause == CAUSE_CLIENT_ID_TAKEOVER && owner_view(diagnosis, view, &own) &&
	           own.expiry.seconds > 0 && reconnect_was_over(&own)) {
		cause_list_add(&finding.also_sufficient, CAUSE_EXPIRED); /* later */
	}
	g_array_append_val(diagnosis->findings, finding);
}
