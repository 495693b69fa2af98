/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"
#include "src/verdict/rules_overflow.h"

/* --- sessions that were resumed ----------------------------------------------------------- */

static bool is_queue_limit(const Absence *cost)
{
	return cost->pattern == LOSS_NEWEST || cost->pattern == LOSS_OLDEST;
}

/* A row of a few may be chance; a number that is a limit, or a long row, is not. */
static bool is_convincing(const Absence *cost)
{
	enum { FEW = 3 };
	return overflow_limit_of(cost->delivered) != NULL ||
	       (cost->delivered >= FEW && cost->lost.min >= FEW);
}

/* What was published at another host of that address may never have been queued at this one: unless
 * the client was always at this one, and just so many came as a queue holds. */
static uint32_t unseen_hosts(const Reconnect *view)
{
	uint32_t changed = reconnect_unseen(view) & GATE_OTHER_BACKEND;
	bool full = is_queue_limit(view->cost) && overflow_limit_of(view->cost->delivered) != NULL;
	bool several = view->record != NULL && !full &&
	               (view->record->hosts.several || view->record->hosts.unknown);
	return several ? GATE_OTHER_BACKEND : changed;
}

/* C32: by the rules the session ended with the connection before, but the new one overtook its
 * end.  Nothing is lost; the next time it may be. */
static bool was_doomed(const Reconnect *view)
{
	const int64_t race = NS_PER_SECOND / 10;
	return expiry_known(view->expiry) && view->expiry.seconds == 0 && !view->now->clean_start &&
	       view->absence_ns != INT64_MIN && view->absence_ns < race;
}

void judge_resumed_session(Diagnosis *diagnosis, const Reconnect *view)
{
	if (was_doomed(view)) {
		Finding finding = finding_of(view, CAUSE_DOOMED_SESSION_RESUMED, CONFIDENCE_PROVEN);
		finding.severity = SEVERITY_NOTE;
		g_array_append_val(diagnosis->findings, finding);
	}
	/* MQTT 3.1 has no Session Present, whatever stands in that octet. */
	if (view->now->clean_start && view->now->version != MQTT_3_1) {
		Finding finding = finding_of(view, CAUSE_SESSION_PRESENT_AFTER_CLEAN_START,
		                             CONFIDENCE_PROVEN);
		g_array_append_val(diagnosis->findings, finding);
	}
	judge_missed(diagnosis, view);
	if (!cost_is_certain(view->cost))
		return;
	bool limit = is_queue_limit(view->cost);
	Finding finding = finding_of(view,
	                             limit ? CAUSE_QUEUE_OVERFLOW : CAUSE_QUEUED_MESSAGES_MISSING,
	                             limit && is_convincing(view->cost) ? CONFIDENCE_STRONG
	                                                                : CONFIDENCE_CONSISTENT);
	finding.weakened = reconnect_unseen(view) & (GATE_HOLES | GATE_CAPTURE_LOSS);
	if (finding.weakened != 0)
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
	if (unseen_hosts(view) != 0) {
		finding.weakened |= GATE_OTHER_BACKEND;
		finding.confidence = MAX(finding.confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	}
	if (finding.weakened != 0 || finding.confidence != CONFIDENCE_STRONG)
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	cause_list_add(&finding.also_possible,
	               limit ? CAUSE_QUEUED_MESSAGES_MISSING : CAUSE_QUEUE_OVERFLOW);
	finding.severity = SEVERITY_LOSS;
	g_array_append_val(diagnosis->findings, finding);
}
