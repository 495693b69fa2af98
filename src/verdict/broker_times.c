/* SPDX-License-Identifier: MIT */
#include "src/verdict/broker_times.h"

#include <glib.h>

#include "src/session/expiry.h"

static const struct {
	int64_t seconds;
	const char *name;
} buckets[AWAY_BUCKETS] = {
	{1, "< 1 s"},           {10, "1 - 10 s"},      {60, "10 - 60 s"},
	{600, "1 - 10 min"},    {3600, "10 - 60 min"}, {6 * 3600, "1 - 6 h"},
	{86400, "6 - 24 h"},    {7 * 86400, "1 - 7 d"}, {INT64_MAX, "> 7 d"},
};

int64_t away_bucket_end(unsigned bucket)
{
	return buckets[bucket].seconds > INT64_MAX / NS_PER_SECOND ? INT64_MAX
	                                                           : buckets[bucket].seconds * NS_PER_SECOND;
}

const char *away_bucket_name(unsigned bucket)
{
	return buckets[bucket].name;
}

const char *return_kind_name(ReturnKind kind)
{
	static const char *const names[RETURN_N] = {
		[RETURN_RESUMED] = "resumed", [RETURN_LOST] = "lost",     [RETURN_EXPIRED] = "expired",
		[RETURN_UNKEPT] = "not kept", [RETURN_AFRESH] = "afresh", [RETURN_UNKNOWN] = "unknown",
	};
	return kind < RETURN_N ? names[kind] : "unknown";
}

static unsigned bucket_of(int64_t away_ns)
{
	unsigned bucket = 0;
	while (bucket + 1 < AWAY_BUCKETS && away_ns >= away_bucket_end(bucket))
		bucket++;
	return bucket;
}

static ReturnKind kind_of(const Connection *before, const Connection *now, int64_t away_ns)
{
	if (now->outcome == OUTCOME_RESUMED)
		return RETURN_RESUMED;
	Expiry expiry = connection_expiry(before);
	bool fresh = now->outcome == OUTCOME_FRESH_AS_REQUESTED || now->outcome == OUTCOME_FRESH_UNEXPECTED;
	if (!fresh || !expiry_known(expiry))
		return RETURN_UNKNOWN;
	if (expiry.seconds == 0)
		return RETURN_UNKEPT;
	if (expiry.seconds != EXPIRY_NEVER && away_ns > expiry.seconds * NS_PER_SECOND)
		return RETURN_EXPIRED;
	return now->outcome == OUTCOME_FRESH_UNEXPECTED ? RETURN_LOST : RETURN_AFRESH;
}

static void add_return(BrokerTimes *times, const Model *model, const Connection *now)
{
	if (now->accepted_before == NO_INDEX)
		return;
	const Connection *before = model_connection(model, now->accepted_before);
	int64_t away;
	if (!instant_known(before->closed) || !instant_known(now->connect_time) ||
	    __builtin_sub_overflow(now->connect_time.ns, before->closed.ns, &away)) {
		times->n_unmeasured++;
		return;
	}
	away = MAX(away, 0);
	times->returns[bucket_of(away)][kind_of(before, now, away)]++;
}

static void add_opened(BrokerTimes *times, const Connection *now)
{
	Instant at = now->connack_time;
	if (times->n_slices == 0 || !instant_known(at) || at.ns < times->from.ns || at.ns > times->to.ns)
		return;
	double span = (double)times->to.ns - (double)times->from.ns;
	unsigned slice = (unsigned)(((double)at.ns - (double)times->from.ns) / span * times->n_slices);
	times->opened[MIN(slice, times->n_slices - 1)]++;
}

BrokerTimes *broker_times_new(BrokerIndex broker, Instant from, Instant to, unsigned n_slices)
{
	BrokerTimes *times = g_new0(BrokerTimes, 1);
	bool any = instant_known(from) && instant_known(to) && from.ns < to.ns;
	*times = (BrokerTimes){.broker = broker, .from = from, .to = to, .n_slices = any ? n_slices : 0};
	times->opened = g_new0(uint32_t, times->n_slices + 1);
	return times;
}

void broker_times_add(BrokerTimes *times, const Model *model, ConnectionIndex connection)
{
	const Connection *now = model_connection(model, connection);
	if (now->broker != times->broker || !connection_was_accepted(now))
		return;
	add_return(times, model, now);
	add_opened(times, now);
}

void broker_times_free(BrokerTimes *times)
{
	if (times == NULL)
		return;
	g_free(times->opened);
	g_free(times);
}
