/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* Brokers look for expired sessions now and then, and some services take half an hour over one of
 * an hour: only what is clearly later than that is against [MQTT-4.1.0-2]. */
static int64_t clearly_late_ns(uint32_t expiry_seconds)
{
	const int64_t least = 60 * NS_PER_SECOND;
	int64_t half = (int64_t)expiry_seconds * NS_PER_SECOND / 2;
	return MAX(least, half);
}

/* C33: the session was there long after it should have ended.  Nothing is lost, but what had been
 * queued is old. */
void judge_kept_session(Diagnosis *diagnosis, const Reconnect *view)
{
	Instant deadline = reconnect_deadline(view);
	if (view->before->version != MQTT_5_0 || view->now->clean_start ||
	    !instant_known(deadline) || view->absence_ns == INT64_MIN)
		return;
	int64_t doubt = reconnect_doubt_ns(view->model, view->before, view->now);
	if (view->now->connect_time.ns - deadline.ns <=
	    clearly_late_ns(view->expiry.seconds) + doubt)
		return;
	Finding finding = finding_of(view, CAUSE_KEPT_PAST_EXPIRY, CONFIDENCE_STRONG);
	finding.severity = SEVERITY_NOTE;
	finding.cost = NO_ABSENCE; /* what it missed is told by other findings */
	/* A DISCONNECT that raised the interval, or another connection, may not have been seen. */
	const uint32_t hidden = GATE_CONNACK_NOT_SEEN | GATE_HOLES | GATE_CAPTURE_LOSS |
	                        GATE_CLIENT_VANTAGE;
	finding.weakened = reconnect_unseen(view) & hidden;
	/* The interval begins when the broker takes the connection for closed. */
	if (reconnect_close_unheard(view))
		finding.weakened |= GATE_END_NOT_SEEN;
	TwinEvidence twin = reconnect_twin(view->model, view->before, view->now);
	if (twin == TWIN_MAYBE || twin == TWIN_PROVEN)
		finding.weakened |= GATE_OTHER_HOST;
	/* While a broker is down its clocks may stand still (5.0 §3.1.2.11.2). */
	if (finding.weakened != 0 || view->any_restart != NULL) {
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
		finding.confidence = CONFIDENCE_CONSISTENT;
	}
	g_array_append_val(diagnosis->findings, finding);
}
