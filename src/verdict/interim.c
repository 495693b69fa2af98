/* SPDX-License-Identifier: MIT */
/*
 * The verdict of a capture that goes on: whatever it says is true in the end, or weaker than that.
 *
 * What the two connections of a client themselves tell does not change any more, once the first of
 * them is over, no witness of the absence is left to hear, and both are of one device for good.  What rests
 * on how the broker treated others, or on something that did not come, may look otherwise tomorrow.
 */
#include "src/session/host.h"
#include "src/verdict/judge.h"
#include "src/verdict/takeover.h"

/* By the packets of the two connections alone. */
static bool is_told_by_itself(CauseId cause)
{
	static const bool told[CAUSE_N] = {
		[CAUSE_CLIENT_ID_ASSIGNED] = true,
		[CAUSE_EXPIRY_ABSENT] = true,
		[CAUSE_EXPIRY_ZERO] = true,
		[CAUSE_CLEAN_SESSION_BEFORE] = true,
		[CAUSE_DISCONNECT_EXPIRY_ZERO] = true,
		[CAUSE_DISCONNECT_EXPIRY_INVALID] = true,
		[CAUSE_EXPIRY_DROPPED] = true,
		[CAUSE_VERSION_SWITCH] = true,
		[CAUSE_EXPIRED] = true,
		[CAUSE_EXPIRY_SHORTENED] = true,
		[CAUSE_CLIENT_ID_TAKEOVER] = true,
		[CAUSE_CLEAN_START] = true,
		[CAUSE_CLEAN_START_PER_PROCESS] = true,
		[CAUSE_SUBSCRIPTION_QOS0] = true,
		[CAUSE_QOS_DOWNGRADED] = true,
		[CAUSE_SESSION_PRESENT_AFTER_CLEAN_START] = true,
	};
	return told[cause];
}

/* They are two connections of one device, or of two, whoever else comes.  Of two programs behind one address
 * the one that was thrown out may yet answer, and show that it was another; two hosts that settings tell apart
 * may yet show that it is not the hosts that these belong to. */
static bool is_settled_pair(const Model *model, const Connection *before, const Connection *now)
{
	bool same_user = before->has_username == now->has_username &&
	                 (!now->has_username || before->username == now->username);
	bool may_answer = before->close_kind == CLOSE_TAKEOVER && !reconnect_same_settings(before, now);
	return (model_same_host(model, before, now) && same_user && !may_answer) ||
	       (alive_at_once(before, now) && throw_each_other_out(model, before, now));
}

static bool is_settled(const Model *model, const Finding *finding)
{
	if (!is_told_by_itself((CauseId)finding->cause) || finding->at_the_edge)
		return false;
	if (finding->to == NO_INDEX)
		return finding->severity == SEVERITY_RISK;
	if (model_has_unheard_witness(model, finding->to))
		return false;
	if (finding->from == NO_INDEX)
		return true;
	const Connection *before = model_connection(model, finding->from);
	return before->close_kind != CLOSE_OPEN &&
	       is_settled_pair(model, before, model_connection(model, finding->to));
}

void doubt_unsettled(Diagnosis *diagnosis)
{
	for (guint i = 0; i < diagnosis->findings->len; i++) {
		Finding *finding = &g_array_index(diagnosis->findings, Finding, i);
		if (is_settled(diagnosis->model, finding))
			continue;
		finding->weakened |= GATE_NOT_OVER;
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
		finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	}
}
