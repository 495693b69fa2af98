/* SPDX-License-Identifier: MIT */
#include "src/session/away_private.h"
#include "src/session/registry.h"

/* Long enough after its return to say that something did not come. */
static bool was_watched(const Model *model, const Away *away)
{
	const Connection *to = connection_at(model, away->to);
	Instant until = instant_known(to->closed) ? to->closed : model->counts.last;
	return instant_known(away->last_delivered) ||
	       until.ns - to->connack_time.ns >= NS_PER_SECOND / 4;
}

static bool is_missed(const Model *model, const Pending *pending)
{
	if (pending->not_owed == 0 || pending->done)
		return false;
	/* Not acknowledged; and of values that come one after the other the next made up for it. */
	if (pending->not_owed == 1 + MISSED_QOS0_PUBLISHED)
		return !pending->skipped;
	return away_is_accepted(model, pending);
}

static void keep(Model *model, const Away *away, MissedKind kind)
{
	Absence missed = away_empty_absence(away);
	for (guint i = 0; i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		if (pending->not_owed != 1 + (unsigned)kind || !is_missed(model, pending))
			continue;
		away_note_owed(&missed, pending->time);
		missed.lost.min++;
		missed.lost.max++;
		missed.lost_offline++;
		absence_add_example(&missed, &pending->lost);
	}
	if (away->doubtful || !was_watched(model, away))
		missed.lost.min = 0;
	away_widen(model, away, &missed);
	missed.unbounded |= kind == MISSED_QOS0_PUBLISHED && away->qos0_evicted;
	missed.owed = (CountRange){0, 0};
	Connection *to = connection_at(model, away->to);
	remarks_of(model, to)->missed[kind] = model_keep_absence(model, &missed) + 1;
}

void away_keep_missed(Model *model, const Away *away)
{
	unsigned kinds = 0;
	for (guint i = 0; away->pending != NULL && i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		if (is_missed(model, pending))
			kinds |= 1u << (pending->not_owed - 1);
	}
	for (unsigned kind = 0; kind < MISSED_N; kind++)
		if ((kinds >> kind & 1) != 0)
			keep(model, away, (MissedKind)kind);
}
