/* SPDX-License-Identifier: MIT */
/* incident_sessions: what a restart did to connections and sessions. */
#include "src/session/expiry.h"
#include "src/verdict/incidents.h"
#include "src/verdict/reconnect.h"
#include "src/verdict/rules_restart.h"

/* Restarts of a broker that one absence may have spanned, looked at in detail; the last ones. */
enum { SPAN_MAX = 4 };
enum { FETCH_AHEAD = 12 }; /* connections */

typedef struct Range {
	guint first, end; /* of candidates */
	guint near; /* where the last search for a connection ended: they come nearly in order of time */
} Range;

static Candidate *candidate_at(const GArray *candidates, guint index)
{
	return &g_array_index(candidates, Candidate, index);
}

/* The candidates of each broker; they are sorted by it. */
static Range *ranges_of_brokers(const Model *model, const GArray *candidates)
{
	Range *ranges = g_new0(Range, model_n_brokers(model) + 1);
	for (guint i = 0; i < candidates->len; i++) {
		Range *range = &ranges[candidate_at(candidates, i)->incident.broker];
		if (range->end == 0)
			range->first = range->near = i;
		range->end = i + 1;
	}
	return ranges;
}

static bool began_by(const GArray *candidates, guint index, Instant moment)
{
	return candidate_at(candidates, index)->incident.from.ns <= moment.ns;
}

static guint search_after(const GArray *candidates, Range range, Instant moment)
{
	guint low = range.first, high = range.end;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (began_by(candidates, middle, moment))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first of @range that began after @moment.  As a rule it is a step or none from where it is near,
 * and each step of a search in all of them is one that the processor guesses wrong half the time. */
static guint first_after(const GArray *candidates, Range range, Instant moment)
{
	enum { STEPS = 3 };
	guint at = range.near;
	for (unsigned i = 0; i < STEPS; i++) {
		if (at < range.end && began_by(candidates, at, moment))
			at++;
		else if (at > range.first && !began_by(candidates, at - 1, moment))
			at--;
		else
			return at;
	}
	return search_after(candidates, range, moment);
}

static bool was_accepted(const Connection *connection)
{
	return connection_was_accepted(connection) && instant_known(connection->connack_time);
}

/* --- when it was up again ----------------------------------------------------------------- */

static void note_up(Candidate *candidate, const Connection *connection)
{
	Incident *incident = &candidate->incident;
	if (instant_known(incident->to) && incident->to.ns <= connection->connack_time.ns)
		return;
	incident->to = connection->connack_time;
	IncidentFrame *frame = &incident->frames[INCIDENT_FRAMES - 1];
	*frame = (IncidentFrame){connection->connect_frame, connection->connect_time, 0};
}

/* The first that was accepted after the last sign of each. */
static void find_up(const Model *model, const GArray *candidates, Range *ranges)
{
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		Range range = ranges[connection->broker];
		if (range.end == 0 || !was_accepted(connection))
			continue;
		guint k = first_after(candidates, range, connection->connack_time);
		ranges[connection->broker].near = k;
		while (k > range.first &&
		       candidate_at(candidates, k - 1)->last.ns >= connection->connack_time.ns)
			k--;
		if (k > range.first)
			note_up(candidate_at(candidates, k - 1), connection);
	}
	for (guint i = candidates->len; i-- > 1;) {
		const Incident *later = &candidate_at(candidates, i)->incident;
		Incident *earlier = &candidate_at(candidates, i - 1)->incident;
		if (earlier->broker != later->broker || !instant_known(later->to) ||
		    (instant_known(earlier->to) && earlier->to.ns <= later->to.ns))
			continue;
		earlier->to = later->to;
		earlier->frames[INCIDENT_FRAMES - 1] = later->frames[INCIDENT_FRAMES - 1];
	}
}

/* Nobody was accepted between the two: one event. */
static bool is_same(const Candidate *earlier, const Candidate *later)
{
	return earlier->incident.broker == later->incident.broker &&
	       (!instant_known(earlier->incident.to) ||
	        later->incident.from.ns <= earlier->incident.to.ns);
}

static void merge_into(Candidate *kept, Candidate *other)
{
	Incident *into = &kept->incident, *from = &other->incident;
	if (from->n_ended > into->n_ended) {
		into->n_open = from->n_open;
		into->n_ended = from->n_ended;
	}
	for (unsigned i = 0; i < from->n_frames; i++)
		if ((into->signs & from->frames[i].sign) == 0)
			candidate_add_frame(kept, from->frames[i].frame, from->frames[i].time,
			                    (IncidentSign)from->frames[i].sign);
	into->signs |= from->signs;
	into->n_attempts += from->n_attempts;
	if (!instant_known(into->to) || into->to.ns < from->to.ns) {
		into->to = from->to;
		into->frames[INCIDENT_FRAMES - 1] = from->frames[INCIDENT_FRAMES - 1];
	}
	if (other->last.ns > kept->last.ns)
		kept->last = other->last;
	for (guint i = 0; other->hit != NULL && i < other->hit->len; i++)
		candidate_hit(kept, g_array_index(other->hit, ClientIndex, i));
	g_clear_pointer(&other->hit, g_array_unref);
}

static void merge(GArray *candidates)
{
	guint n = 0;
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *next = candidate_at(candidates, i);
		if (n > 0 && is_same(candidate_at(candidates, n - 1), next))
			merge_into(candidate_at(candidates, n - 1), next);
		else
			*candidate_at(candidates, n++) = *next;
	}
	g_array_set_size(candidates, n);
}

/* --- who went on -------------------------------------------------------------------------- */

/* The first of @range after which the broker served nobody until a second before @until; what was sent
 * as it came up may still have gone to nobody.  They came up in the order in which they began. */
static guint first_not_up(const GArray *candidates, Range range, Instant until)
{
	guint low = range.first, high = range.end;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		Instant up = candidate_at(candidates, middle)->incident.to;
		if (instant_known(up) && up.ns + NS_PER_SECOND < until.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* It began before range.near, and went on over all candidates from there to its end: noted where they begin and where they
 * end, and summed up by sum_survivors(). */
static void note_survivor(const GArray *candidates, Range range, const Connection *connection)
{
	guint next = range.near;
	if (connection->client == NO_INDEX && !instant_known(connection->last_from_client)) {
		/* Nothing was decoded of it. */
		if (next < range.end && !instant_known(connection->closed))
			candidate_at(candidates, next)->n_doubtful++;
		return;
	}
	Instant until = restart_served_until(connection);
	guint end = instant_known(until) ? first_not_up(candidates, range, until) : next;
	if (next >= end)
		return;
	candidate_at(candidates, next)->n_survivors++;
	if (end < range.end)
		candidate_at(candidates, end)->n_survivors--; /* below 0 only until it is summed up */
}

static void sum_survivors(GArray *candidates)
{
	for (guint i = 1; i < candidates->len; i++) {
		const Candidate *before = candidate_at(candidates, i - 1);
		Candidate *candidate = candidate_at(candidates, i);
		if (before->incident.broker == candidate->incident.broker)
			candidate->n_survivors += before->n_survivors;
	}
}

/* --- sessions ----------------------------------------------------------------------------- */

/* By what the client asked for, the session of @before was still to be there when @now came, and
 * would have shown it. */
static bool was_to_live(const Model *model, const Connection *before, const Connection *now)
{
	Expiry expiry = connection_expiry(before);
	if (!expiry_known(expiry) || expiry.seconds == 0 || now->clean_start)
		return false;
	if (now->outcome == OUTCOME_RESUMED)
		return true;
	if (now->outcome != OUTCOME_FRESH_UNEXPECTED || !before->had_subscriptions)
		return false;
	const Absence *cost = model_absence(model, now->absence);
	Instant since = instant_known(before->closed) ? before->closed : before->last_from_client;
	if (!instant_known(since) ||
	    (expiry.seconds != EXPIRY_NEVER &&
	     now->connect_time.ns - since.ns + reconnect_grace_ns(expiry.seconds) +
	                     reconnect_doubt_ns(model, before, now) >
	             (int64_t)expiry.seconds * NS_PER_SECOND))
		return false;
	/* Another host's session may not be this one. */
	if (reconnect_twin(model, before, now) != TWIN_NO)
		return false;
	return cost == NULL || !instant_known(cost->no_matching) || cost->n_matching > 0;
}

static void tally(Candidate *candidate, const Model *model, const Connection *before, bool kept)
{
	candidate->n_clean[kept] += before->clean_start;
	candidate->n_v5[kept] += before->version == MQTT_5_0;
	Instant began = reconnect_session_began(model, before);
	if (!instant_known(candidate->oldest[kept]) || began.ns < candidate->oldest[kept].ns)
		candidate->oldest[kept] = began;
	if (!instant_known(candidate->youngest[kept]) || began.ns > candidate->youngest[kept].ns)
		candidate->youngest[kept] = began;
}

static void count_session(Candidate *candidate, const Model *model, const Connection *before,
                          const Connection *now)
{
	bool kept = now->outcome == OUTCOME_RESUMED;
	candidate->incident.n_resumed += kept;
	candidate->incident.n_lost += !kept;
	candidate_hit(candidate, now->client);
	if (before != NULL)
		tally(candidate, model, before, kept);
}

/* A session that was there although the capture had not seen its client before: it is older. */
static bool is_old_stranger(const Connection *now)
{
	return now->outcome == OUTCOME_RESUMED && now->accepted_before == NO_INDEX;
}

/* The restarts between the two connections of a client. */
static Range range_between(const GArray *candidates, Range range, const Connection *before,
                           const Connection *now)
{
	guint end = first_after(candidates, range, now->connect_time);
	Range between = {range.first, end, end};
	if (before == NULL)
		return between;
	between.first = first_after(candidates, range, before->connack_time);
	Instant served = restart_served_until(before);
	while (between.first < between.end && instant_known(served) &&
	       instant_known(candidate_at(candidates, between.first)->incident.to) &&
	       candidate_at(candidates, between.first)->incident.to.ns < served.ns)
		between.first++;
	return between;
}

static void note_session(const GArray *candidates, Range range, const Model *model,
                         const Connection *now)
{
	if (!was_accepted(now) || now->client == NO_INDEX)
		return;
	const Connection *before = NULL;
	if (now->accepted_before != NO_INDEX) {
		before = model_connection(model, now->accepted_before);
		if (!instant_known(before->connack_time) || !was_to_live(model, before, now))
			return;
	} else if (!is_old_stranger(now)) {
		return;
	}
	Range between = range_between(candidates, range, before, now);
	guint first = between.end - MIN(between.end - between.first, (guint)SPAN_MAX);
	for (guint k = first; k < between.end; k++)
		count_session(candidate_at(candidates, k), model, before, now);
}

/* It came after a restart, the one before range.near, and what became of its session is not in the capture. */
static void note_unknown(const GArray *candidates, Range range, const Connection *connection)
{
	bool unnamed = connection->client == NO_INDEX && connection->syn_seen;
	bool unanswered = connection->connect_seen && !connection->connack_seen &&
	                  connection->holes > 0;
	if (!unnamed && !unanswered)
		return;
	if (range.near > range.first)
		candidate_at(candidates, range.near - 1)->incident.n_unknown++;
}

void weigh_restarts(const Model *model, GArray *candidates)
{
	g_autofree Range *all = ranges_of_brokers(model, candidates);
	find_up(model, candidates, all);
	merge(candidates);
	g_autofree Range *ranges = ranges_of_brokers(model, candidates);
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		Range *range = &ranges[connection->broker];
		if (range->end == 0 || connection->forgotten)
			continue;
		reconnect_fetch(model, i + FETCH_AHEAD);
		range->near = first_after(candidates, *range, connection->opened);
		note_survivor(candidates, *range, connection);
		note_session(candidates, *range, model, connection);
		note_unknown(candidates, *range, connection);
	}
	sum_survivors(candidates);
}
