/* SPDX-License-Identifier: MIT */
/*
 * rules_policy: losses that are a broker's way with all its sessions.
 *
 * One loss proves no policy: an operator or a restart out of sight looks alike.  Each rule asks
 * for losses that no single event can have caused, and for what tells its policy from others.
 */
#include "src/verdict/rules_policy.h"

#include "src/verdict/death.h"
#include "src/verdict/judge.h"
#include "src/verdict/recognise.h"

enum {
	PAIRS_FOR_POSSIBLE = 2, /* resumed and lost sessions, each at least */
	PAIRS_FOR_STRONG = 3,
	TIGHT = 2, /* the shortest lost absence is at most so many times the longest resumed one */
};

static Ruling no(void)
{
	return (Ruling){.applies = false, .other = NO_INDEX};
}

/* A twin or a node elsewhere would not show, nor would a session that speaks against the rule. */
static uint32_t doubts(const Reconnect *view)
{
	uint32_t gates = reconnect_unseen(view) & (GATE_CLIENT_VANTAGE | GATE_OTHER_BROKER |
	                                          GATE_OTHER_BACKEND);
	return view->record->doubtful ? gates | GATE_OTHERS_NOT_SEEN : gates;
}

static Ruling yes(const Reconnect *view, Confidence confidence)
{
	if (doubts(view) != 0)
		confidence = MAX(confidence, CONFIDENCE_CONSISTENT);
	return (Ruling){.applies = true, .confidence = confidence, .other = NO_INDEX};
}

/* Publishers were told that nobody subscribes, or its Will came, when the client had been away for less
 * than @age. */
static bool died_younger_than(const Reconnect *view, int64_t age)
{
	const Absence *cost = view->cost;
	if (instant_known(view->before->closed) &&
	    death_was_before(view, (Instant){view->before->closed.ns + age}))
		return true;
	return cost != NULL && cost->n_no_matching >= 2 && cost->n_matching == 0 &&
	       cost->no_matching.ns - view->before->closed.ns < age;
}

/* What this broker is known, or looks likely, to do with MQTT 3.1.1 sessions unless told otherwise. */
static int64_t default_cap_ns(const Reconnect *view)
{
	BrokerProduct product = view->options->broker_is;
	if (product == BROKER_UNKNOWN)
		product = recognise_broker(&view->broker->facts);
	return broker_record_kind(view) == RECORD_V3 ? advice_broker_cap(product) * NS_PER_SECOND : 0;
}

/* Longer than the default of the broker, and nothing that was seen contradicts the default. */
static bool exceeds_default(const Reconnect *view, const AbsenceRecord *absences)
{
	int64_t cap = default_cap_ns(view);
	return cap > 0 && view->absence_ns > cap && absences->shortest_lost_ns > cap &&
	       MAX(absences->longest_resumed_ns, absences->doubtful_ns) < cap &&
	       !died_younger_than(view, cap);
}

/* C14: all absences up to some length were survived, all longer ones were not; or it is the known
 * way of this broker. */
Ruling rule_silent_cap(const Reconnect *view)
{
	if (view->record == NULL || view->restart != NULL || !broker_record_lost_in_sight(view))
		return no();
	const AbsenceRecord *absences = &view->record->kinds[broker_record_kind(view)];
	uint32_t pairs = MIN(MIN(absences->n_resumed, absences->n_lost), absences->n_separate);
	bool known = exceeds_default(view, absences);
	bool bracketed = pairs >= PAIRS_FOR_POSSIBLE &&
	                 MAX(absences->longest_resumed_ns, absences->doubtful_ns) <
	                         absences->shortest_lost_ns &&
	                 !died_younger_than(view, absences->longest_resumed_ns);
	if (!known && !bracketed)
		return no();
	bool tight = absences->shortest_lost_ns <= TIGHT * absences->longest_resumed_ns;
	bool strong = bracketed && tight && (known || pairs >= PAIRS_FOR_STRONG);
	return yes(view, strong ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT);
}

/* C25: sessions whose CONNECT had Clean Start 1 are lost, each of them; those with Clean Start 0
 * survive absences as long. */
Ruling rule_clean_start_not_stored(const Reconnect *view)
{
	if (view->record == NULL || broker_record_kind(view) != RECORD_V5_CLEAN ||
	    !broker_record_lost_in_sight(view))
		return no();
	const AbsenceRecord *lost = &view->record->kinds[RECORD_V5_CLEAN];
	const AbsenceRecord *kept = &view->record->kinds[RECORD_V5];
	if (lost->n_resumed > 0 || lost->doubtful_ns != INT64_MIN || kept->n_lost > 0 ||
	    kept->n_resumed == 0 || kept->longest_resumed_ns < view->absence_ns)
		return no();
	bool often = MIN(kept->n_resumed, lost->n_separate) >= PAIRS_FOR_POSSIBLE;
	return yes(view, often ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT);
}

/* C24: nobody was ever resumed, not even after seconds. */
Ruling rule_no_persistent_sessions(const Reconnect *view)
{
	const int64_t seconds = 30 * NS_PER_SECOND;
	if (view->record == NULL || view->record->ever_resumed ||
	    !broker_record_lost_in_sight(view))
		return no();
	const AbsenceRecord *absences = &view->record->kinds[RECORD_RESUMABLE];
	if (absences->n_clients < RECORD_CLIENTS || absences->n_separate < PAIRS_FOR_STRONG ||
	    absences->shortest_lost_ns > seconds)
		return no();
	return yes(view, CONFIDENCE_STRONG);
}

static BrokerWay way_of(const Reconnect *view, CauseId cause)
{
	const AbsenceRecord *kinds = view->record->kinds;
	const AbsenceRecord *lost = &kinds[broker_record_kind(view)], *kept = lost;
	if (cause == CAUSE_CLEAN_START_NOT_STORED)
		kept = &kinds[RECORD_V5];
	if (cause == CAUSE_NO_PERSISTENT_SESSIONS)
		lost = kept = &kinds[RECORD_RESUMABLE];
	return (BrokerWay){kept->kept, lost->gone, kept->n_resumed, lost->n_lost};
}

/* Were sessions lost whatever the length of the absence, the longest ones would still be those that
 * were lost in one of so many cases; less than one in twenty is not put down to chance. */
static bool may_be_chance(const AbsenceRecord *absences)
{
	enum { ORDERS_ENOUGH = 20 };
	uint32_t n_lost = MIN(absences->n_lost, absences->n_separate);
	uint32_t n = n_lost + absences->n_resumed, less = MIN(n_lost, absences->n_resumed);
	uint64_t orders = 1;
	for (uint32_t i = 0; i < less && orders < ORDERS_ENOUGH; i++)
		orders = orders * (n - i) / (i + 1);
	return orders < ORDERS_ENOUGH;
}

static bool is_possible_only(const Reconnect *view, const Finding *finding)
{
	const AbsenceRecord *absences = &view->record->kinds[broker_record_kind(view)];
	if (finding->cause == CAUSE_SILENT_CAP)
		return may_be_chance(absences) && !exceeds_default(view, absences);
	return finding->responsible == RESPONSIBLE_BROKER_FAULT && finding->confidence > CONFIDENCE_STRONG;
}

void policy_complete(const Reconnect *view, Finding *finding)
{
	if (finding->cause != CAUSE_SILENT_CAP && finding->cause != CAUSE_CLEAN_START_NOT_STORED &&
	    finding->cause != CAUSE_NO_PERSISTENT_SESSIONS)
		return;
	finding->way = way_of(view, finding->cause);
	finding->weakened |= doubts(view);
	/* Nobody is accused of what is only possible. */
	if (finding->weakened != 0 || is_possible_only(view, finding))
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
	cause_list_add(&finding->also_possible, CAUSE_RESTART_WITHOUT_PERSISTENCE);
	cause_list_add(&finding->also_possible, CAUSE_ADMIN_REMOVED);
	if ((finding->weakened & GATE_CLIENT_VANTAGE) != 0)
		cause_list_add(&finding->also_possible, CAUSE_CLIENT_ID_TAKEOVER);
	if ((finding->weakened & GATE_OTHER_BROKER) != 0)
		cause_list_add(&finding->also_possible, CAUSE_OTHER_BROKER);
}
