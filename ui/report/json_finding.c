/* SPDX-License-Identifier: MIT */
#include "src/verdict/counterfactual.h"
#include "ui/report/report_private.h"

const Connection *finding_connection(const Model *model, const Finding *finding)
{
	if (finding->to != NO_INDEX)
		return model_connection(model, finding->to);
	return finding->from != NO_INDEX ? model_connection(model, finding->from) : NULL;
}

BrokerIndex finding_broker(const Model *model, const Finding *finding)
{
	if (finding->client != NO_INDEX)
		return model_client(model, finding->client)->broker;
	const Connection *connection = finding_connection(model, finding);
	return connection != NULL ? connection->broker : NO_INDEX;
}

const char *finding_outcome_name(const Model *model, const Finding *finding)
{
	if (finding->to == NO_INDEX)
		return NULL;
	const Connection *connection = model_connection(model, finding->to);
	return outcome_name(connection->connack_seen ? (Outcome)connection->outcome
	                                             : OUTCOME_NOT_OBSERVABLE);
}

static void write_who(JsonWriter *writer, const ReportContext *context, const Finding *finding)
{
	json_key(writer, "client_id");
	if (finding->client != NO_INDEX)
		json_bytes(writer,
		           report_wire_text(context->texts, WIRE_CLIENT_ID,
		                            model_client(context->model, finding->client)->id));
	else
		json_null(writer);
	BrokerIndex broker = finding_broker(context->model, finding);
	json_key(writer, "broker");
	if (broker != NO_INDEX)
		json_endpoint(writer, &model_broker(context->model, broker)->endpoint);
	else
		json_null(writer);
}

void json_connection_number(JsonWriter *writer, const Model *model, const char *key, ConnectionIndex index)
{
	json_key(writer, key);
	if (index != NO_INDEX)
		json_number(writer, model_connection(model, index)->number);
	else
		json_null(writer);
}

static void write_causes(JsonWriter *writer, const char *key, const CauseList *list)
{
	json_key(writer, key);
	json_begin_array(writer);
	for (unsigned i = 0; i < list->n; i++)
		json_string(writer, cause_name((CauseId)list->causes[i]));
	json_end_array(writer);
}

static void write_witness(JsonWriter *writer, FrameRef frame, DeathWitness by, const char *keys[3])
{
	json_key(writer, keys[0]);
	json_frame(writer, frame);
	json_key(writer, keys[1]);
	json_frame_source(writer, frame);
	json_key(writer, keys[2]);
	json_string(writer, death_witness_name(by));
}

static void write_death(JsonWriter *writer, const Finding *finding)
{
	json_key(writer, "session_died");
	json_begin_object(writer);
	json_key(writer, "after");
	json_instant(writer, finding->died_after);
	json_key(writer, "before");
	json_instant(writer, finding->died_before);
	write_witness(writer, finding->alive_frame, (DeathWitness)finding->alive_by,
	              (const char *[]){"after_frame", "after_file", "after_by"});
	write_witness(writer, finding->dead_frame, (DeathWitness)finding->dead_by,
	              (const char *[]){"before_frame", "before_file", "before_by"});
	json_end_object(writer);
}

void json_finding_verdict(JsonWriter *writer, const Finding *finding)
{
	json_key(writer, "severity");
	json_string(writer, severity_name((Severity)finding->severity));
	json_key(writer, "cause");
	json_string(writer, cause_name((CauseId)finding->cause));
	json_key(writer, "responsible");
	json_string(writer, responsible_name((Responsible)finding->responsible));
	json_key(writer, "confidence");
	json_string(writer, confidence_name((Confidence)finding->confidence));
}

static void write_verdict(JsonWriter *writer, const ReportContext *context, const Finding *finding)
{
	json_finding_verdict(writer, finding);
	json_key(writer, "lapse");
	json_bool(writer, finding->lapse);
	json_key(writer, "at_the_edge");
	json_bool(writer, finding->at_the_edge);
	json_key(writer, "outcome");
	json_string(writer, finding_outcome_name(context->model, finding));
	json_key(writer, "absence");
	json_seconds(writer, finding->absence_ns);
	write_causes(writer, "also_sufficient", &finding->also_sufficient);
	write_causes(writer, "also_possible", &finding->also_possible);
	write_death(writer, finding);
}

static void write_range(JsonWriter *writer, const char *key, CountRange range, bool bounded)
{
	json_key(writer, key);
	json_begin_object(writer);
	json_key(writer, "min");
	json_number(writer, range.min);
	json_key(writer, "max");
	if (bounded)
		json_number(writer, range.max);
	else
		json_null(writer);
	json_end_object(writer);
}

static void write_example(JsonWriter *writer, const ReportContext *context,
                          const LostMessage *message)
{
	json_begin_object(writer);
	json_key(writer, "topic");
	json_bytes(writer, report_wire_text(context->texts, WIRE_TOPIC, message->topic));
	json_key(writer, "qos");
	json_number(writer, message->qos);
	json_key(writer, "frame");
	json_frame(writer, message->frame);
	json_key(writer, "file");
	json_frame_source(writer, message->frame);
	json_key(writer, "time");
	json_instant(writer, message->time);
	json_key(writer, "publisher");
	if (message->publisher != NO_INDEX)
		json_bytes(writer,
		           report_wire_text(context->texts, WIRE_CLIENT_ID,
		                            model_client(context->model, message->publisher)->id));
	else
		json_null(writer);
	json_end_object(writer);
}

static void write_counted(JsonWriter *writer, const char *key, uint32_t value)
{
	json_key(writer, key);
	json_number(writer, value);
}

static void write_messages(JsonWriter *writer, const ReportContext *context, const Absence *cost,
                           const char *why_not_exact)
{
	static const Absence nothing;
	const Absence *of = cost != NULL ? cost : &nothing;
	json_key(writer, "messages");
	json_begin_object(writer);
	write_range(writer, "owed", of->owed, !of->unbounded);
	write_range(writer, "lost", of->lost, !of->unbounded);
	write_counted(writer, "delivered", of->delivered);
	write_counted(writer, "expired", of->expired);
	write_counted(writer, "while_offline", of->lost_offline);
	write_counted(writer, "resubscribe_gap", of->lost_resubscribe_gap);
	write_counted(writer, "in_flight", of->lost_in_flight);
	write_counted(writer, "while_connected", of->lost_connected);
	json_key(writer, "examples");
	json_begin_array(writer);
	for (uint32_t i = 0; i < of->n_examples; i++)
		write_example(writer, context, &of->examples[i]);
	json_end_array(writer);
	json_key(writer, "why_not_exact");
	json_string(writer, why_not_exact);
	json_end_object(writer);
}

static void write_lost_subscriptions(JsonWriter *writer, const ReportContext *context,
                                     const Finding *finding, const Absence *cost)
{
	json_key(writer, "subscriptions");
	json_begin_array(writer);
	if (cost != NULL && finding_ended_session(finding)) {
		for (uint32_t i = 0; i < cost->n_subscriptions; i++)
			json_bytes(writer, report_wire_text(context->texts, WIRE_FILTER,
			                                    cost->subscriptions[i].filter));
	}
	json_end_array(writer);
}

static void write_lost(JsonWriter *writer, const ReportContext *context, const Finding *finding,
                       const char *why_not_exact)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	json_key(writer, "lost");
	json_begin_object(writer);
	write_lost_subscriptions(writer, context, finding, cost);
	bool ended = cost != NULL && finding_ended_session(finding);
	write_counted(writer, "inflight", ended ? cost->in_flight : 0);
	if (finding_messages_known(context->model, finding)) {
		write_messages(writer, context, cost, why_not_exact);
	} else {
		json_key(writer, "messages");
		json_null(writer);
		json_key(writer, "why_not_exact");
		json_string(writer, why_not_exact);
	}
	json_end_object(writer);
}

/* What would have helped; each null where nothing of the kind would. */
static void write_counterfactual(JsonWriter *writer, const ReportContext *context,
                                 const Finding *finding)
{
	Counterfactual other = finding_counterfactual(context->model, finding);
	json_key(writer, "counterfactual");
	json_begin_object(writer);
	json_key(writer, "session_expiry");
	if (other.interval_s != INT64_MIN)
		json_number(writer, (uint64_t)other.interval_s);
	else
		json_null(writer);
	json_key(writer, "queue_would_drop");
	if (other.interval_s != INT64_MIN && finding_messages_known(context->model, finding))
		json_number(writer, other.queue_drops);
	else
		json_null(writer);
	json_end_object(writer);
}

static void write_evidence(JsonWriter *writer, const ReportContext *context,
                           const Finding *finding, const FindingStory *story)
{
	json_key(writer, "evidence");
	json_begin_array(writer);
	for (guint i = 0; i < story->evidence->len; i++) {
		const Evidence *evidence = &g_array_index(story->evidence, Evidence, i);
		json_begin_object(writer);
		json_key(writer, "frame");
		json_frame(writer, evidence->frame);
		json_key(writer, "file");
		json_frame_source(writer, evidence->frame);
		json_key(writer, "time");
		json_instant(writer, evidence->time);
		json_key(writer, "says");
		json_string(writer, report_story_text(context->texts, finding, evidence->says));
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void write_sentence(JsonWriter *writer, const ReportContext *context,
                           const Finding *finding, const char *sentence)
{
	json_string(writer, report_story_text(context->texts, finding, sentence));
}

static void write_sentences(JsonWriter *writer, const ReportContext *context,
                            const Finding *finding, const GPtrArray *sentences)
{
	json_begin_array(writer);
	for (guint i = 0; i < sentences->len; i++)
		write_sentence(writer, context, finding, g_ptr_array_index(sentences, i));
	json_end_array(writer);
}

static void write_story(JsonWriter *writer, const ReportContext *context, const Finding *finding,
                        const FindingStory *story)
{
	write_evidence(writer, context, finding, story);
	json_key(writer, "false_if");
	write_sentences(writer, context, finding, story->false_if);
	json_key(writer, "clauses");
	write_sentences(writer, context, finding, story->clauses);
	write_counterfactual(writer, context, finding);
	json_key(writer, "explanation");
	write_sentence(writer, context, finding, story->explanation);
	json_key(writer, "fix");
	json_begin_object(writer);
	json_key(writer, "summary");
	write_sentence(writer, context, finding, story->fix_summary);
	json_key(writer, "client");
	write_sentence(writer, context, finding, story->fix_client);
	json_key(writer, "broker");
	write_sentence(writer, context, finding, story->fix_broker);
	json_end_object(writer);
}

void json_finding_members(JsonWriter *writer, const ReportContext *context, uint32_t nth)
{
	const Finding *finding = selection_finding(context->selection, nth);
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	json_key(writer, "id");
	json_number(writer, (uint64_t)context->selection->findings[nth] + 1);
	json_key(writer, "incident");
	if (finding->incident != NULL)
		json_number(writer, finding->incident->number);
	else
		json_null(writer);
	write_who(writer, context, finding);
	json_connection_number(writer, context->model, "from_connection", finding->from);
	json_connection_number(writer, context->model, "to_connection", finding->to);
	write_verdict(writer, context, finding);
	const char *why = report_story_text(context->texts, finding, story->why_not_exact);
	g_autofree char *why_not_exact = g_strdup(why);
	write_lost(writer, context, finding, why_not_exact);
	write_story(writer, context, finding, story);
}
