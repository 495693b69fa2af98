/* SPDX-License-Identifier: MIT */
#include "src/verdict/rules_restart.h"

#include "src/verdict/death.h"
#include "src/verdict/judge.h"
#include "src/verdict/rules_policy.h"

/* --- which restart ------------------------------------------------------------------------ */

static int compare_places(BrokerIndex a, Instant at, const Incident *other)
{
	if (a != other->broker)
		return a < other->broker ? -1 : 1;
	return (at.ns > other->from.ns) - (at.ns < other->from.ns);
}

static gint by_broker_and_time(gconstpointer a, gconstpointer b)
{
	const Incident *x = *(Incident *const *)a, *y = *(Incident *const *)b;
	return compare_places(x->broker, x->from, y);
}

GPtrArray *restarts_of(const GPtrArray *incidents)
{
	GPtrArray *restarts = g_ptr_array_new();
	for (guint i = 0; i < incidents->len; i++) {
		Incident *incident = g_ptr_array_index(incidents, i);
		if (incident->kind == INCIDENT_RESTART)
			g_ptr_array_add(restarts, incident);
	}
	g_ptr_array_sort(restarts, by_broker_and_time);
	return restarts;
}

/* How many of @restarts are of brokers before, or of this one and no later than @moment. */
static guint count_until(const GPtrArray *restarts, BrokerIndex broker, Instant moment)
{
	guint low = 0, high = restarts->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (compare_places(broker, moment, g_ptr_array_index(restarts, middle)) >= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

Instant restart_served_until(const Connection *connection)
{
	if (connection->closed_by != CLOSED_BY_BROKER)
		return connection->last_from_client;
	switch ((CloseKind)connection->close_kind) {
	case CLOSE_RST: /* as is answered for a connection that is not known any more */
		return INSTANT_UNKNOWN;
	case CLOSE_FIN:
	case CLOSE_DISCONNECT:
	case CLOSE_KEEP_ALIVE:
	case CLOSE_PROTOCOL_ERROR:
		return connection->closed;
	case CLOSE_TAKEOVER:
	case CLOSE_REFUSED:
	case CLOSE_VANISHED:
	case CLOSE_OPEN:
		break;
	}
	return connection->last_from_client;
}

const Incident *restart_between(const GPtrArray *restarts, const Connection *before,
                                const Connection *now, bool lossy)
{
	if (restarts->len == 0 || !instant_known(before->connack_time))
		return NULL;
	Instant served = restart_served_until(before);
	guint i = count_until(restarts, now->broker, now->connect_time);
	while (i-- > 0) {
		const Incident *restart = g_ptr_array_index(restarts, i);
		if (restart->broker != now->broker || restart->from.ns <= before->connack_time.ns)
			return NULL;
		/* It was still served when the broker was up again. */
		if (instant_known(served) && instant_known(restart->to) &&
		    restart->to.ns < served.ns)
			return NULL;
		if (!lossy || restart->n_lost > 0)
			return restart;
	}
	return NULL;
}

/* --- what it means for the session -------------------------------------------------------- */

static Ruling no(void)
{
	return (Ruling){.applies = false, .other = NO_INDEX};
}

static Ruling yes(Confidence confidence)
{
	return (Ruling){.applies = true, .confidence = confidence, .other = NO_INDEX};
}

/* A publisher was told that nobody subscribes, or the Will was published, while the broker was still
 * up. */
static bool died_before(const Reconnect *view)
{
	const Absence *cost = view->cost;
	if (death_was_before(view, view->restart->from))
		return true;
	return cost != NULL && instant_known(cost->no_matching) && cost->n_matching == 0 &&
	       cost->no_matching.ns < view->restart->from.ns;
}

static bool had_state(const Reconnect *view)
{
	return reconnect_had_state(view) || view->before->wanted_messages ||
	       view->broker->facts.n_resumed_without_subscriptions > 0;
}

/* The broker would not have kept it without a restart either. */
static bool is_policy(const Reconnect *view)
{
	Ruling none_kept = rule_no_persistent_sessions(view);
	Ruling clean_lost = rule_clean_start_not_stored(view);
	return none_kept.applies ||
	       (clean_lost.applies && clean_lost.confidence <= CONFIDENCE_STRONG);
}

/* It would have been there but for the restart, or ended by its own settings: an over-determined
 * loss has both for its causes. */
static bool was_at_stake(const Reconnect *view)
{
	return view->restart != NULL && view->now->outcome == OUTCOME_FRESH_UNEXPECTED &&
	       expiry_known(view->expiry) && !died_before(view) && had_state(view) &&
	       !is_policy(view);
}

/* Too many returned of whom it is not known how. */
static bool is_unclear(const Incident *restart)
{
	return restart->n_unknown > 0 && restart->n_unknown * 10 >= restart->n_lost;
}

/* A broker that loses sessions at other times too, while it runs, would have lost as many as it did
 * over the restart by chance alone. */
static bool may_be_chance(const Reconnect *view)
{
	const double UNLIKELY = 0.05;
	if (view->record == NULL)
		return false;
	const AbsenceRecord *ways = &view->record->kinds[RECORD_RESUMABLE];
	double chance = 1, share = ways->n_lost == 0
	        ? 0 : (double)ways->n_lost / ((double)ways->n_lost + ways->n_resumed);
	for (uint32_t i = 0; i < view->restart->n_lost && chance > UNLIKELY; i++)
		chance *= share;
	return chance > UNLIKELY;
}

/* C15: nobody found a session again. */
Ruling rule_restart_without_persistence(const Reconnect *view)
{
	if (!was_at_stake(view) || view->restart->n_resumed > 0)
		return no();
	const Incident *restart = view->restart;
	/* From one client it cannot be told whether others would have kept theirs. */
	bool sure = restart->n_lost > 1 && !is_unclear(restart) && !may_be_chance(view);
	return yes(sure ? (Confidence)restart->confidence : CONFIDENCE_CONSISTENT);
}

/* It is of those that the restart took, by what tells them from those that it spared.  Where nothing does, it
 * may as well be something else. */
static bool is_of_those_lost(const Reconnect *view)
{
	switch ((IncidentSplit)view->restart->split) {
	case SPLIT_NONE:
		break;
	case SPLIT_CLEAN_START:
		return view->before->clean_start;
	case SPLIT_VERSION:
		return (view->before->version == MQTT_5_0) == view->restart->lost_v5;
	case SPLIT_AGE:
		return reconnect_session_began(view->model, view->before).ns > view->restart->youngest_kept.ns;
	}
	return false;
}

/* C27: some did, and one property tells them from those who did not. */
Ruling rule_persistence_incomplete(const Reconnect *view)
{
	if (!was_at_stake(view) || !is_of_those_lost(view))
		return no();
	return yes(is_unclear(view->restart) ? CONFIDENCE_CONSISTENT
	                                     : (Confidence)view->restart->confidence);
}

static bool is_restart(CauseId cause)
{
	return cause == CAUSE_RESTART_WITHOUT_PERSISTENCE || cause == CAUSE_PERSISTENCE_INCOMPLETE;
}

void restart_complete(const Reconnect *view, Finding *finding)
{
	bool whole = finding->cause == CAUSE_RESTART_WITHOUT_PERSISTENCE;
	for (unsigned i = 0; i < finding->also_sufficient.n; i++)
		if (is_restart(finding->also_sufficient.causes[i]))
			finding->incident = view->restart;
	if (!is_restart(finding->cause))
		return;
	finding->incident = view->restart;
	uint32_t unseen = reconnect_unseen(view);
	finding->weakened |= unseen;
	if (unseen != 0)
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	if (finding->confidence > CONFIDENCE_STRONG) {
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
		cause_list_add(&finding->also_possible, whole ? CAUSE_PERSISTENCE_INCOMPLETE
		                                              : CAUSE_RESTART_WITHOUT_PERSISTENCE);
		cause_list_add(&finding->also_possible, CAUSE_SILENT_CAP);
	} else if (!whole && view->restart->split == SPLIT_AGE) {
		/* How often it saves is the operator's to set. */
		finding->responsible = RESPONSIBLE_BROKER_POLICY;
	}
	cause_list_add(&finding->also_possible, CAUSE_ADMIN_REMOVED);
	if ((unseen & GATE_OTHER_BROKER) != 0)
		cause_list_add(&finding->also_possible, CAUSE_OTHER_BROKER);
	if ((unseen & (GATE_CLIENT_VANTAGE | GATE_HOLES | GATE_CAPTURE_LOSS)) != 0)
		cause_list_add(&finding->also_possible, CAUSE_CLIENT_ID_TAKEOVER);
}
