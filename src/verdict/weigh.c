/* SPDX-License-Identifier: MIT */
/*
 * weigh: what the way in which the capture was taken does to findings, whatever their cause.
 */
#include "src/session/clock_doubt.h"
#include "src/verdict/judge.h"

/* They say that a time had passed, or had not. */
static const CauseId of_time[] = {
	CAUSE_EXPIRED,           CAUSE_EXPIRY_SHORTENED, CAUSE_SILENT_CAP,
	CAUSE_KEPT_PAST_EXPIRY,  CAUSE_MESSAGE_EXPIRED,  CAUSE_PERSISTENCE_INCOMPLETE,
	CAUSE_DROPPED_UNEXPLAINED,
};

static bool rests_on_time(const Finding *finding)
{
	for (size_t i = 0; i < G_N_ELEMENTS(of_time); i++)
		if (finding->cause == of_time[i])
			return true;
	return false;
}

/* Of two files side by side not even the order of what they hold is known. */
static void weigh_clocks(const Model *model, const Connection *from, const Connection *to,
                         Finding *finding)
{
	FrameRef left = from->close_frame.number != 0 ? from->close_frame : from->connect_frame;
	bool beside;
	if (!model_clocks_unrelated(model, left, to->connect_frame, &beside) ||
	    (!beside && !rests_on_time(finding)))
		return;
	finding->weakened |= GATE_CLOCKS;
	if (!beside)
		return;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	if (finding->responsible == RESPONSIBLE_BROKER_FAULT ||
	    finding->responsible == RESPONSIBLE_OTHER_ACTOR)
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
}

/* What was sent again may be what another file holds of it, at another time. */
static void weigh_repetition(const Model *model, Finding *finding)
{
	if (finding->cause != CAUSE_HALF_OPEN || !model_clocks_hide_copies(model))
		return;
	finding->weakened |= GATE_CLOCKS;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
}

void weigh_finding(const Model *model, Finding *finding)
{
	weigh_repetition(model, finding);
	if (finding->from == NO_INDEX || finding->to == NO_INDEX)
		return;
	const Connection *from = model_connection(model, finding->from);
	const Connection *to = model_connection(model, finding->to);
	if ((finding->weakened & GATE_HOLES) != 0 && (from->snapped || to->snapped))
		finding->weakened |= GATE_TRUNCATED;
	weigh_clocks(model, from, to, finding);
}
