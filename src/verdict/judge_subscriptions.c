/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* --- the QoS that was granted -------------------------------------------------------------- */

/* Told once for a client: an earlier connection of it has the same clue. */
static bool has_earlier(const Model *model, const Connection *connection, ClueKind kind)
{
	ConnectionIndex index = connection->previous;
	for (int i = 0; index != NO_INDEX && i < 64; i++) {
		const Connection *earlier = model_connection(model, index);
		if (model_clue(model, earlier, kind) != NULL)
			return true;
		index = earlier->previous;
	}
	return false;
}

/* C18: what was asked for and what was granted stand in two packets of one connection. */
void judge_grants(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *connection = model_connection(model, index);
	const Clue *clue = model_clue(model, connection, CLUE_GRANTED_LESS);
	if (clue == NULL || connection->client == NO_INDEX ||
	    has_earlier(model, connection, CLUE_GRANTED_LESS))
		return;
	Finding finding = finding_new(CAUSE_QOS_DOWNGRADED);
	finding.client = connection->client;
	finding.from = index;
	finding.severity = SEVERITY_NOTE; /* a message that it costs is told by itself */
	g_array_append_val(diagnosis->findings, finding);
}

/* --- resumed without a subscription -------------------------------------------------------- */

/* A clue may be explained by what the capture did not see: then nobody is blamed for it. */
static void weaken(const Reconnect *view, const Clue *clue, Finding *finding)
{
	finding->weakened = reconnect_unseen(view);
	if (clue->unsure)
		finding->weakened |= GATE_HOLES;
	if (finding->weakened == 0)
		return;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
}

/* C29: the broker itself says that there was none, or shows it by a retained message. */
static bool judge_probe(Diagnosis *diagnosis, const Reconnect *view)
{
	const Clue *clue = model_clue(view->model, view->now, CLUE_NOT_SUBSCRIBED);
	if (clue == NULL)
		clue = model_clue(view->model, view->now, CLUE_TAKEN_AS_NEW);
	if (clue == NULL)
		return false;
	Finding finding = finding_of(view, CAUSE_SUBSCRIPTION_MISSING, CONFIDENCE_STRONG);
	cause_list_add(&finding.also_possible, CAUSE_PERMISSION_WITHDRAWN);
	weaken(view, clue, &finding);
	g_array_append_val(diagnosis->findings, finding);
	return true;
}

/* C22: it may not have any more what it had. */
static void judge_refusal(Diagnosis *diagnosis, const Reconnect *view)
{
	const Clue *clue = model_clue(view->model, view->now, CLUE_REFUSED_NOW);
	/* 3.1.1 knows one code for all reasons, 5.0 has others for those that are no permission. */
	if (clue == NULL || (clue->answered != 0x87 && clue->answered != 0x80))
		return;
	Finding finding = finding_of(view, CAUSE_PERMISSION_WITHDRAWN, CONFIDENCE_CONSISTENT);
	if (view->now->outcome == OUTCOME_RESUMED)
		cause_list_add(&finding.also_possible, CAUSE_SUBSCRIPTION_MISSING);
	g_array_append_val(diagnosis->findings, finding);
}

/* C39: nothing is wrong on the wire, but the application may have missed it. */
static void note_late_subscribe(Diagnosis *diagnosis, const Reconnect *view)
{
	if (model_clue(view->model, view->now, CLUE_SUBSCRIBED_LATE) == NULL ||
	    has_earlier(view->model, view->now, CLUE_SUBSCRIBED_LATE))
		return;
	Finding finding = finding_of(view, CAUSE_ACKED_BEFORE_SUBSCRIBE, CONFIDENCE_CONSISTENT);
	finding.severity = SEVERITY_NOTE;
	finding.cost = NO_ABSENCE;
	g_array_append_val(diagnosis->findings, finding);
}

/* C29: published for it, taken by the broker, and not sent on, though such messages had come before.
 * Nothing that was asked says so: a permission or a rule of the broker may be behind it. */
static void judge_not_served(Diagnosis *diagnosis, const Reconnect *view)
{
	const Clue *clue = model_clue(view->model, view->now, CLUE_NOT_SERVED);
	if (clue == NULL || clue->unsure)
		return;
	Finding finding = finding_of(view, CAUSE_SUBSCRIPTION_MISSING, CONFIDENCE_CONSISTENT);
	finding.responsible = RESPONSIBLE_UNKNOWABLE;
	finding.cost = clue->cost;
	cause_list_add(&finding.also_possible, CAUSE_PERMISSION_WITHDRAWN);
	finding.weakened = reconnect_unseen(view);
	if (finding.weakened != 0)
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
	g_array_append_val(diagnosis->findings, finding);
}

void judge_kept_subscriptions(Diagnosis *diagnosis, const Reconnect *view)
{
	if (view->now->remarks == 0)
		return;
	if (!judge_probe(diagnosis, view))
		judge_not_served(diagnosis, view);
	judge_refusal(diagnosis, view);
	note_late_subscribe(diagnosis, view);
}

/* --- not subscribed again ------------------------------------------------------------------ */

/* How long the connection was seen without a SUBSCRIBE. */
static int64_t watched_ns(const Reconnect *view)
{
	Instant end = instant_known(view->now->closed) ? view->now->closed
	                                               : model_counts(view->model)->last;
	return end.ns - view->now->connack_time.ns;
}

/* C41: the session is new, so nothing is subscribed, and the client leaves it at that. */
void judge_no_resubscribe(Diagnosis *diagnosis, const Reconnect *view)
{
	const Connection *now = view->now;
	if (now->outcome != OUTCOME_FRESH_UNEXPECTED || now->n_subscribes > 0 ||
	    !view->before->had_subscriptions || watched_ns(view) < 30 * NS_PER_SECOND)
		return;
	if (now->publish_before_subscribe)
		return; /* the broker subscribes it by itself */
	const Absence *cost = view->cost;
	bool missed = cost != NULL && cost->lost_resubscribe_gap > 0;
	Finding finding = finding_of(view, CAUSE_NO_RESUBSCRIBE,
	                             missed ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT);
	if (!missed)
		finding.severity = SEVERITY_NOTE; /* nothing has gone by yet */
	/* The SUBSCRIBE may be what was not captured, or an UNSUBSCRIBE before. */
	if (now->holes > 0 || view->before->holes > 0)
		finding.weakened |= GATE_HOLES;
	if (lacks_evidence(view->options))
		finding.weakened |= GATE_CAPTURE_LOSS;
	finding.weakened |= view->unseen_between; /* there it may have given them up */
	if (cost != NULL && (cost->inexact & (INEXACT_SUBSCRIPTIONS_PARTIAL | INEXACT_END_NOT_SEEN)) != 0)
		finding.weakened |= GATE_HOLES; /* it may have been answered */
	if (finding.weakened != 0) {
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	}
	/* Another device need not want what this one had subscribed to. */
	TwinEvidence twin = reconnect_twin(view->model, view->before, now);
	if (twin == TWIN_MAYBE || twin == TWIN_PROVEN) {
		finding.weakened |= GATE_OTHER_HOST;
		finding.confidence = MAX(finding.confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
		cause_list_add(&finding.also_possible, CAUSE_CLIENT_ID_TAKEOVER);
	}
	g_array_append_val(diagnosis->findings, finding);
}
