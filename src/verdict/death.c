/* SPDX-License-Identifier: MIT */
#include "src/verdict/death.h"

/* What this broker tells publishers is worth something, and was not contradicted. */
static bool told_dead(const Reconnect *view, const Absence *cost)
{
	/* One such answer is not enough: it may come from a permission. */
	return cost != NULL && cost->n_no_matching >= 2 && cost->n_matching == 0 &&
	       !view->broker->facts.denies_subscribers;
}

static bool publishers_agree(const Reconnect *view)
{
	return told_dead(view, view->cost);
}

/* No session that is not known in full can have been the one that matched. */
static bool may_have_been_another(const Reconnect *view)
{
	return view->broker->n_unsure > (uint32_t)view->client->was_unsure || view->broker->facts.denies_subscribers ||
	       model_counts(view->model)->unnamed > 0 ||
	       !view->broker->facts.reports_no_matching_subscribers;
}

/* Frame number 0: never. */
static StreamPoint last_matched(const Reconnect *view)
{
	StreamPoint alive = model_remarks(view->model, view->before)->alive;
	const StreamPoint never = {.time = INSTANT_UNKNOWN};
	if (alive.frame.number == 0 || view->unseen_between != 0 || may_have_been_another(view))
		return never;
	/* By its settings it was over: then the broker has to have changed its mind later. */
	bool zero = expiry_known(view->expiry) && view->expiry.seconds == 0;
	if (zero && !publishers_agree(view))
		return never;
	return alive;
}

static void find_life(const Reconnect *view, Death *death)
{
	const Connection *before = view->before;
	death->alive_by = WITNESS_CLOSE;
	death->alive = (StreamPoint){before->close_frame, before->closed};
	if (!instant_known(before->closed)) {
		death->alive_by = instant_known(before->last_from_client) ? WITNESS_LAST_PACKET : WITNESS_NONE;
		death->alive = (StreamPoint){.time = before->last_from_client};
	}
	StreamPoint matched = last_matched(view);
	if (matched.frame.number != 0 && matched.time.ns > death->alive.time.ns) {
		death->alive_by = WITNESS_MATCHED;
		death->alive = matched;
	}
}

/* The Will came before its time, and it tells something: the broker is known to wait with them, or did
 * so this time.  Frame number 0: no. */
static StreamPoint early_will(const Reconnect *view)
{
	const int64_t at_once = 10 * NS_PER_SECOND;
	const StreamPoint never = {.time = INSTANT_UNKNOWN};
	const BrokerFacts *facts = &view->broker->facts;
	const Connection *before = view->before;
	StreamPoint will = model_remarks(view->model, before)->early_will;
	if (will.frame.number == 0 || view->unseen_between != 0 || facts->sends_wills_early ||
	    before->holes > 0 || lacks_evidence(view->options) ||
	    view->options->vantage == VANTAGE_CLIENT || will.time.ns >= view->now->connect_time.ns)
		return never;
	bool due = expiry_known(view->expiry) && view->expiry.seconds == 0;
	return due || facts->waits_for_will_delay || will.time.ns - before->closed.ns > at_once
	               ? will : never;
}

static void find_death(const Reconnect *view, Death *death)
{
	const Absence *cost = view->cost;
	death->dead_by = WITNESS_CONNACK;
	death->dead = (StreamPoint){view->now->connack_frame, view->now->connack_time};
	if (view->now_index == NO_INDEX) {
		death->dead_by = WITNESS_NONE;
		death->dead = (StreamPoint){.time = INSTANT_UNKNOWN};
	}
	StreamPoint will = early_will(view);
	if (will.frame.number != 0) {
		death->dead_by = WITNESS_WILL;
		death->dead = will;
	}
	if (cost == NULL || view->unseen_between != 0 || !instant_known(cost->no_matching) ||
	    view->broker->facts.denies_subscribers)
		return;
	if (!instant_known(death->dead.time) || cost->no_matching.ns < death->dead.time.ns) {
		death->dead_by = WITNESS_NO_MATCHING;
		death->dead = (StreamPoint){cost->no_matching_frame, cost->no_matching};
	}
}

const char *death_witness_name(DeathWitness witness)
{
	static const char *const names[WITNESS_N] = {
		[WITNESS_LAST_PACKET] = "last-packet",
		[WITNESS_CLOSE] = "connection-closed",
		[WITNESS_MATCHED] = "publisher-told-0x00",
		[WITNESS_NO_MATCHING] = "publisher-told-0x10",
		[WITNESS_WILL] = "will-published-early",
		[WITNESS_EVENT] = "event",
		[WITNESS_CONNACK] = "connack",
	};
	return names[witness];
}

Death death_of(const Reconnect *view)
{
	Death death;
	find_life(view, &death);
	find_death(view, &death);
	return death;
}

bool death_may_be_after_close(const Reconnect *view)
{
	StreamPoint matched = model_remarks(view->model, view->before)->alive;
	return matched.frame.number != 0 && publishers_agree(view) &&
	       instant_known(view->before->closed) &&
	       matched.time.ns > view->before->closed.ns + reconnect_grace_ns(0) +
	                       reconnect_doubt_ns(view->model, view->before, view->now);
}

bool death_was_after_close(const Reconnect *view)
{
	return last_matched(view).frame.number != 0 && death_may_be_after_close(view);
}

bool death_was_before(const Reconnect *view, Instant moment)
{
	StreamPoint will = early_will(view);
	if (will.frame.number != 0 && will.time.ns < moment.ns)
		return true;
	return publishers_agree(view) && view->cost->no_matching.ns < moment.ns;
}

bool death_was_before_twin(const Reconnect *view)
{
	if (reconnect_twin(view->model, view->before, view->now) != TWIN_PROVEN)
		return false;
	if (view->now->clean_start)
		return death_was_before(view, view->now->connect_time);
	const Absence *earlier = model_absence(view->model, view->before->absence);
	return told_dead(view, earlier) && earlier->no_matching.ns < view->before->connect_time.ns;
}
