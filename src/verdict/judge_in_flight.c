/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* --- what could have been missed ---------------------------------------------------------- */

/* GateFailure bits.  What was open at the break was so for certain (see unfinished.c): holes before
 * it do not matter. */
static uint32_t unseen_since(const Reconnect *view)
{
	uint32_t gates = reconnect_unseen(view) & ~(uint32_t)(GATE_HOLES | GATE_OTHER_BROKER);
	return view->now->holes > 0 ? gates | GATE_HOLES : gates;
}

static void blame_nobody(Finding *finding, uint32_t gates, Confidence confidence)
{
	finding->weakened |= gates;
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
	finding->confidence = MAX(finding->confidence, (uint8_t)confidence);
}

/* Likewise, of an exchange that began before @view->before: whether it was open when its own connection ended, and
 * whether it went on on those between. */
static uint32_t unseen_since_then(const Reconnect *view, Instant began)
{
	enum { LOOK = 64 };
	const Connection *at = view->before;
	uint32_t gates = 0;
	for (int i = 0; i < LOOK && at->connect_time.ns > began.ns && at->accepted_before != NO_INDEX; i++) {
		gates |= at->holes > 0 ? GATE_HOLES : 0;
		at = model_connection(view->model, at->accepted_before);
	}
	return instant_known(at->closed) ? gates : gates | GATE_END_NOT_SEEN;
}

/* That a packet of @exchange did not come, although it may have come where the capture did not look. */
static void weigh_absence(const Reconnect *view, Finding *finding, const ResumeCount *exchange, uint32_t doubtful)
{
	const uint32_t blinding = GATE_HOLES | GATE_CAPTURE_LOSS | GATE_CONNECT_NOT_SEEN |
	                          GATE_CONNACK_NOT_SEEN;
	uint32_t gates = unseen_since(view) | unseen_since_then(view, exchange->first.time);
	if ((gates & blinding) != 0)
		blame_nobody(finding, gates & blinding, CONFIDENCE_CANNOT_KNOW);
	if ((gates & doubtful) != 0)
		blame_nobody(finding, gates & doubtful, CONFIDENCE_CONSISTENT);
}

/* --- from the broker ---------------------------------------------------------------------- */

/* Beside the client, what the broker had got of its acknowledgements is not to be seen; and another
 * host that answers at the same address may never have sent these packets. */
static const uint32_t not_to_be_seen = GATE_CLIENT_VANTAGE | GATE_END_NOT_SEEN | GATE_OTHER_BACKEND;

/* C30 */
static void judge_redelivery(Diagnosis *diagnosis, const Reconnect *view, const Resume *resume)
{
	if (resume->of[RESUME_NOT_REDELIVERED].n == 0)
		return;
	Finding finding = finding_of(view, CAUSE_INFLIGHT_NOT_REDELIVERED, CONFIDENCE_STRONG);
	finding.cost = resume->not_redelivered;
	if (resume->perhaps_shared)
		blame_nobody(&finding, 0, CONFIDENCE_CONSISTENT);
	weigh_absence(view, &finding, &resume->of[RESUME_NOT_REDELIVERED], not_to_be_seen);
	if ((finding.weakened & GATE_OTHER_BACKEND) != 0)
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	g_array_append_val(diagnosis->findings, finding);
}

/* C31.  Whether the broker had got the PUBREC or not: PUBREL or PUBLISH had to come. */
static void judge_release(Diagnosis *diagnosis, const Reconnect *view, const Resume *resume)
{
	if (resume->of[RESUME_PUBREL_MISSING].n == 0)
		return;
	Finding finding = finding_of(view, CAUSE_PUBREL_NOT_RESENT, CONFIDENCE_PROVEN);
	finding.cost = resume->unreleased;
	if (resume->unreleased == NO_ABSENCE)
		finding.severity = SEVERITY_NOTE; /* PUBREL had been sent once */
	weigh_absence(view, &finding, &resume->of[RESUME_PUBREL_MISSING], not_to_be_seen);
	if ((finding.weakened & GATE_OTHER_BACKEND) != 0)
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	g_array_append_val(diagnosis->findings, finding);
}

static void judge_replay(Diagnosis *diagnosis, const Reconnect *view, const Resume *resume)
{
	if (resume->of[RESUME_REPLAYED].n == 0)
		return;
	Finding finding = finding_of(view, CAUSE_QOS2_REPLAYED, CONFIDENCE_PROVEN);
	finding.cost = NO_ABSENCE;
	uint32_t gates = unseen_since(view) & (GATE_CAPTURE_LOSS | GATE_CONNECT_NOT_SEEN);
	if (gates != 0)
		blame_nobody(&finding, gates, CONFIDENCE_CANNOT_KNOW);
	g_array_append_val(diagnosis->findings, finding);
}

/* --- from the client ---------------------------------------------------------------------- */

/* C42 */
static void judge_own(Diagnosis *diagnosis, const Reconnect *view, const Resume *resume)
{
	if (resume->of[RESUME_OWN_MISSING].n == 0)
		return;
	Finding finding = finding_of(view, CAUSE_CLIENT_INFLIGHT_LOST, CONFIDENCE_STRONG);
	finding.cost = resume->own_missing;
	weigh_absence(view, &finding, &resume->of[RESUME_OWN_MISSING], GATE_END_NOT_SEEN);
	/* The acknowledgement may be among the last packets, which are not there. */
	bool by_client = view->before->closed_by == CLOSED_BY_CLIENT &&
	                 view->before->close_kind != CLOSE_RST;
	if (by_client && !view->before->answered_close)
		blame_nobody(&finding, GATE_END_NOT_SEEN, CONFIDENCE_CONSISTENT);
	/* Another device knows nothing of these messages. */
	TwinEvidence twin = reconnect_twin(view->model, view->before, view->now);
	if (twin == TWIN_MAYBE || twin == TWIN_PROVEN)
		blame_nobody(&finding, GATE_OTHER_HOST, CONFIDENCE_CONSISTENT);
	g_array_append_val(diagnosis->findings, finding);
}

/* C40 */
static void judge_kept(Diagnosis *diagnosis, const Reconnect *view, const Resume *resume)
{
	if (resume->of[RESUME_OWN_KEPT].n == 0)
		return;
	Finding finding = finding_of(view, CAUSE_STATE_KEPT, CONFIDENCE_PROVEN);
	finding.cost = NO_ABSENCE;
	/* The first sending of a new message with this identifier may lie in a hole. */
	uint32_t gates = unseen_since(view) & (GATE_HOLES | GATE_CAPTURE_LOSS);
	if (gates != 0)
		blame_nobody(&finding, gates, CONFIDENCE_CONSISTENT);
	g_array_append_val(diagnosis->findings, finding);
}

/* --- again and again ---------------------------------------------------------------------- */

static const ResumeCount *rejected_on(const Model *model, ConnectionIndex index)
{
	const Resume *resume = index == NO_INDEX
	                               ? NULL
	                               : model_resume(model, model_connection(model, index));
	return resume != NULL && resume->of[RESUME_REJECTED].n > 0 ? &resume->of[RESUME_REJECTED]
	                                                           : NULL;
}

/* On both connections, over the same packet. */
static bool same_rejection(const Model *model, ConnectionIndex one, ConnectionIndex other)
{
	const ResumeCount *a = rejected_on(model, one), *b = rejected_on(model, other);
	return a != NULL && b != NULL && a->first.packet_id == b->first.packet_id;
}

/* C43, once for each row of connections: with the second. */
static void judge_rejection(Diagnosis *diagnosis, const Reconnect *view)
{
	const Model *model = view->model;
	if (!same_rejection(model, view->before_index, view->now_index) ||
	    same_rejection(model, view->before->accepted_before, view->before_index))
		return;
	Finding finding = finding_of(view, CAUSE_RESUME_REJECTED, CONFIDENCE_STRONG);
	finding.cost = NO_ABSENCE;
	uint32_t gates = unseen_since(view) & (GATE_HOLES | GATE_CAPTURE_LOSS);
	if (gates != 0)
		blame_nobody(&finding, gates, CONFIDENCE_CONSISTENT);
	g_array_append_val(diagnosis->findings, finding);
}

void judge_in_flight(Diagnosis *diagnosis, const Reconnect *view)
{
	const Resume *resume = model_resume(view->model, view->now);
	if (resume == NULL)
		return;
	judge_redelivery(diagnosis, view, resume);
	judge_release(diagnosis, view, resume);
	judge_replay(diagnosis, view, resume);
	judge_own(diagnosis, view, resume);
	judge_kept(diagnosis, view, resume);
	judge_rejection(diagnosis, view);
}
