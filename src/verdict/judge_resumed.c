/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"
#include "src/verdict/rules_overflow.h"

/* --- sessions that were resumed ----------------------------------------------------------- */

static bool is_queue_limit(const Absence *cost)
{
	return cost->pattern == LOSS_NEWEST || cost->pattern == LOSS_OLDEST;
}

/* At another time the broker held more for the client than was owed now: its queue was not full. */
static bool held_more(const Reconnect *view)
{
	return view->client->most_held > view->cost->owed.max;
}

/* A row of a few may be chance; a number that is a limit, or a long row, is not. */
static bool is_convincing(const Absence *cost)
{
	enum { FEW = 3 };
	return overflow_limit_of(cost->delivered) != NULL ||
	       (cost->delivered >= FEW && cost->lost.min >= FEW);
}

static bool host_is_unknown(const Model *model, const Connection *connection)
{
	return model_backend(model, connection).print == NULL;
}

/* Which host took @message is not known: nothing of the handshake of the connection that brought it. */
static bool taken_anywhere(const Model *model, const LostMessage *message)
{
	enum { LOOK = 64 };
	if (message->publisher == NO_INDEX)
		return true;
	ConnectionIndex at = model_client(model, message->publisher)->last;
	for (int i = 0; i < LOOK && at != NO_INDEX; i++) {
		const Connection *connection = model_connection(model, at);
		if (connection->opened.ns <= message->time.ns)
			return host_is_unknown(model, connection);
		at = connection->previous;
	}
	return true;
}

/* Of the client's own connections, or of those that brought what it misses, the host is not known. */
static bool may_be_elsewhere(const Reconnect *view)
{
	bool unknown = host_is_unknown(view->model, view->before) ||
	               host_is_unknown(view->model, view->now);
	for (uint32_t i = 0; i < view->cost->n_examples && !unknown; i++)
		unknown = taken_anywhere(view->model, &view->cost->examples[i]);
	return unknown;
}

/* What was published at another host of that address may never have been queued at this one: unless
 * the client was always at this one, and just so many came as a queue holds. */
static uint32_t unseen_hosts(const Reconnect *view)
{
	uint32_t changed = reconnect_unseen(view) & GATE_OTHER_BACKEND;
	bool full = is_queue_limit(view->cost) && overflow_limit_of(view->cost->delivered) != NULL;
	bool several = view->record != NULL && view->record->hosts.several;
	return !full && (several || may_be_elsewhere(view)) ? GATE_OTHER_BACKEND : changed;
}

/* C32: by the rules the session ended with the connection before, but the new one overtook its
 * end.  Nothing is lost; the next time it may be. */
static bool was_doomed(const Reconnect *view)
{
	const int64_t race = NS_PER_SECOND / 10;
	/* A close of its own the broker has noticed: then somebody whom the capture lacks made the session anew. */
	if (view->before->closed_by == CLOSED_BY_BROKER && view->before->close_kind != CLOSE_TAKEOVER)
		return false;
	return expiry_known(view->expiry) && view->expiry.seconds == 0 && !view->now->clean_start &&
	       view->absence_ns != INT64_MIN && view->absence_ns < race;
}

void judge_resumed_session(Diagnosis *diagnosis, const Reconnect *view)
{
	if (was_doomed(view)) {
		Finding finding = finding_of(view, CAUSE_DOOMED_SESSION_RESUMED, CONFIDENCE_PROVEN);
		finding.severity = SEVERITY_NOTE;
		if (view->options->vantage == VANTAGE_CLIENT && view->before->close_kind != CLOSE_TAKEOVER) {
			finding.weakened |= GATE_CLIENT_VANTAGE;
			finding.responsible = RESPONSIBLE_UNKNOWABLE;
			finding.confidence = CONFIDENCE_CONSISTENT;
		}
		g_array_append_val(diagnosis->findings, finding);
	}
	/* MQTT 3.1 has no Session Present, whatever stands in that octet. */
	if (view->now->clean_start && view->now->version != MQTT_3_1) {
		Finding finding = finding_of(view, CAUSE_SESSION_PRESENT_AFTER_CLEAN_START,
		                             CONFIDENCE_PROVEN);
		g_array_append_val(diagnosis->findings, finding);
	}
	/* On a connection between that is not known to be the client's all of it may have come. */
	if (view->unseen_between != 0)
		return;
	judge_missed(diagnosis, view);
	if (!cost_is_certain(view->cost))
		return;
	/* One that was killed may have brought back the session without what came since it was saved (C27). */
	bool limit = is_queue_limit(view->cost) && !held_more(view) && view->any_restart == NULL;
	/* In what of the publishers is missing may be what the row would not be one with. */
	bool torn = (view->cost->inexact & INEXACT_HOLES) != 0 && overflow_limit_of(view->cost->delivered) == NULL;
	Finding finding = finding_of(view,
	                             limit ? CAUSE_QUEUE_OVERFLOW : CAUSE_QUEUED_MESSAGES_MISSING,
	                             limit && !torn && is_convincing(view->cost) ? CONFIDENCE_STRONG
	                                                                         : CONFIDENCE_CONSISTENT);
	finding.weakened = reconnect_unseen(view) & (GATE_HOLES | GATE_CAPTURE_LOSS);
	if (finding.weakened != 0)
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
	/* A capture without those that publish most of it may lack connections of this client, too (G5). */
	if ((view->cost->inexact & INEXACT_UNPAIRED) != 0) {
		finding.weakened |= GATE_CLIENT_VANTAGE;
		finding.confidence = MAX(finding.confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	}
	if (unseen_hosts(view) != 0) {
		finding.weakened |= GATE_OTHER_BACKEND;
		finding.confidence = MAX(finding.confidence, (uint8_t)CONFIDENCE_CONSISTENT);
		cause_list_add(&finding.also_possible, CAUSE_OTHER_BROKER);
	}
	if (finding.weakened != 0 || finding.confidence != CONFIDENCE_STRONG)
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	cause_list_add(&finding.also_possible,
	               limit ? CAUSE_QUEUED_MESSAGES_MISSING : CAUSE_QUEUE_OVERFLOW);
	if (view->any_restart != NULL)
		cause_list_add(&finding.also_possible, CAUSE_PERSISTENCE_INCOMPLETE);
	finding.severity = SEVERITY_LOSS;
	g_array_append_val(diagnosis->findings, finding);
}
