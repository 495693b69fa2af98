/* SPDX-License-Identifier: MIT */
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/text_private.h"

enum { INDENT = 4, LABEL_WIDTH = 11, MAX_FILTERS = 8 };

Ink severity_ink(Severity severity)
{
	switch (severity) {
	case SEVERITY_LOSS:
		return INK_LOSS;
	case SEVERITY_RISK:
		return INK_RISK;
	case SEVERITY_NOTE:
	case SEVERITY_N:
		return INK_NOTE;
	}
	return INK_PLAIN;
}

static void labelled(Page *page, const char *label, const char *text)
{
	page_item(page, (Item){INDENT, LABEL_WIDTH, label, INK_FAINT, INK_PLAIN}, text);
}

static void put_title(Page *page, const ReportContext *context, const Finding *finding)
{
	Severity severity = (Severity)finding->severity;
	g_autofree char *mark = g_ascii_strup(severity_name(severity), -1);
	g_autofree char *client = client_sentence(context, finding->client);
	page_put(page, severity_ink(severity), severity_glyph(severity));
	page_put(page, INK_PLAIN, " ");
	page_put(page, severity_ink(severity), mark);
	page_put(page, INK_PLAIN, "  ");
	page_put(page, INK_STRONG, client);
	BrokerIndex broker = finding_broker(context->model, finding);
	if (broker != NO_INDEX) {
		g_autofree char *at = endpoint_sentence(&model_broker(context->model, broker)->endpoint);
		page_put(page, INK_PLAIN, " at ");
		page_put(page, INK_PLAIN, at);
	}
	page_blank(page);
}

static void put_verdict(Page *page, const Finding *finding)
{
	const CauseInfo *info = cause_info((CauseId)finding->cause);
	g_autofree char *cause = g_strdup_printf("%s: %s", info->name, info->headline);
	labelled(page, "Cause", cause);
	Responsible responsible = (Responsible)finding->responsible;
	g_autofree char *doing = g_strdup_printf("%s: %s", responsible_name(responsible),
	                                         responsible_sentence(responsible));
	labelled(page, "Whose", doing);
	Confidence confidence = (Confidence)finding->confidence;
	g_autofree char *sure = g_strdup_printf("%s%s", confidence_sentence(confidence),
	                                        finding->at_the_edge ? "; at the edge of the expiry"
	                                                             : "");
	labelled(page, "Confidence", sure);
	if (finding->incident != NULL) {
		g_autofree char *event = g_strdup_printf("#%u above hit this client with others",
		                                         finding->incident->number);
		labelled(page, "Event", event);
	}
}

/* The moment from which the story counts: when the client went away, else its first line. */
static Instant story_zero(const ReportContext *context, const Finding *finding,
                          const FindingStory *story)
{
	if (finding->to != NO_INDEX && finding->from != NO_INDEX) {
		Instant closed = model_connection(context->model, finding->from)->closed;
		if (instant_known(closed))
			return closed;
	}
	return story->evidence->len > 0 ? g_array_index(story->evidence, Evidence, 0).time
	                                : INSTANT_UNKNOWN;
}

static void put_moment(Page *page, const ReportContext *context, const Evidence *evidence,
                       Instant zero)
{
	char frame[48], time[FORMAT_SIZE], offset[FORMAT_SIZE] = "";
	frame_text(context, evidence->frame, frame);
	format_time_of_day(evidence->time, time);
	int64_t since = ns_between(zero, evidence->time);
	if (since != INT64_MIN)
		format_offset(since, offset);
	g_autofree char *label = g_strdup_printf("%8s  %s  %14s", frame, time, offset);
	page_item(page, (Item){INDENT, 40, label, INK_FAINT, INK_PLAIN}, evidence->says);
}

static void put_timeline(Page *page, const ReportContext *context, const Finding *finding,
                         const FindingStory *story)
{
	if (story->evidence->len == 0)
		return;
	page_blank(page);
	Instant zero = story_zero(context, finding, story);
	bool several = source_n_infos(context->analysis->source) > 1;
	g_autofree char *heading =
		g_strdup_printf("%8s  %-12s  %14s", several ? "in:frame" : "frame", "time (UTC)",
	                        finding->to != NO_INDEX ? "since it left" : "since then");
	page_item(page, (Item){.indent = INDENT, .ink = INK_FAINT}, heading);
	for (guint i = 0; i < story->evidence->len; i++) {
		Evidence evidence = g_array_index(story->evidence, Evidence, i);
		g_autofree char *says =
			g_strdup(report_story_text(context->texts, finding, evidence.says));
		evidence.says = says;
		put_moment(page, context, &evidence, zero);
	}
}

/* The last sign of the session's life and the first of its death. */
static void put_death(Page *page, const ReportContext *context, const Finding *finding)
{
	if (!instant_known(finding->died_after) || !instant_known(finding->died_before) ||
	    finding->alive_by == WITNESS_NONE || finding->dead_by == WITNESS_NONE)
		return;
	char alive[48], dead[48], after[FORMAT_SIZE], before[FORMAT_SIZE];
	frame_text(context, finding->alive_frame, alive);
	frame_text(context, finding->dead_frame, dead);
	format_time_of_day(finding->died_after, after);
	format_time_of_day(finding->died_before, before);
	g_autofree char *text = g_strdup_printf(
		"after %s%s%s%s, before %s%s%s%s", after,
		*alive != '\0' ? " (frame " : "", alive, *alive != '\0' ? ")" : "", before,
		*dead != '\0' ? " (frame " : "", dead, *dead != '\0' ? ")" : "");
	page_blank(page);
	labelled(page, "Died", text);
}

static void put_subscriptions(Page *page, const ReportContext *context, const Absence *cost)
{
	g_autoptr(GString) list = g_string_new(NULL);
	g_autofree char *count = counted(cost->n_subscriptions, "subscription", NULL);
	g_string_append_printf(list, "%s: ", count);
	for (uint32_t i = 0; i < MIN(cost->n_subscriptions, (uint32_t)MAX_FILTERS); i++) {
		const LostSubscription *subscription = &cost->subscriptions[i];
		g_autofree char *filter = wire_sentence(context, WIRE_FILTER, subscription->filter);
		g_string_append_printf(list, "%s%s (QoS %u%s)", i > 0 ? ", " : "", filter,
		                       subscription->qos,
		                       subscription->restored ? ", subscribed again since" : "");
	}
	if (cost->n_subscriptions > MAX_FILTERS)
		g_string_append_printf(list, ", and %u more", cost->n_subscriptions - MAX_FILTERS);
	labelled(page, "Lost", list->str);
}

static bool same_but_frame(const LostMessage *a, const LostMessage *b)
{
	return a->topic == b->topic && a->publisher == b->publisher && a->qos == b->qos;
}

/* "topic, QoS 1, from gw-2: frames 24, 26; the first at 12:02:00.000": the @n examples from @message. */
static void put_alike(Page *page, const ReportContext *context, const LostMessage *message,
                      uint32_t n)
{
	g_autofree char *topic = wire_sentence(context, WIRE_TOPIC, message->topic);
	g_autofree char *publisher = message->publisher == NO_INDEX
	                                     ? g_strdup("somebody")
	                                     : client_sentence(context, message->publisher);
	g_autoptr(GString) line = g_string_new(NULL);
	g_string_append_printf(line, "%s, QoS %u, from %s:", topic, message->qos, publisher);
	for (uint32_t i = 0; i < n; i++) {
		char frame[48];
		frame_text(context, message[i].frame, frame);
		g_string_append_printf(line, "%s %s", i > 0 ? "," : n > 1 ? " frames" : " frame",
		                       *frame != '\0' ? frame : "unknown");
	}
	char time[FORMAT_SIZE];
	format_time_of_day(message->time, time);
	g_string_append_printf(line, n > 1 ? "; the first at %s" : " at %s", time);
	page_item(page, (Item){INDENT + LABEL_WIDTH, 2, "-", INK_FAINT, INK_PLAIN}, line->str);
}

static void put_examples(Page *page, const ReportContext *context, const Absence *cost)
{
	for (uint32_t i = 0; i < cost->n_examples;) {
		uint32_t n = 1;
		while (i + n < cost->n_examples &&
		       same_but_frame(&cost->examples[i], &cost->examples[i + n]))
			n++;
		put_alike(page, context, &cost->examples[i], n);
		i += n;
	}
	if (cost->lost.max > cost->n_examples && cost->n_examples > 0)
		page_item(page, (Item){.indent = INDENT + LABEL_WIDTH + 2, .ink = INK_FAINT},
		          "and more");
}

static void put_cost(Page *page, const ReportContext *context, const Finding *finding,
                     const FindingStory *story)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	if (cost == NULL)
		return;
	bool ended = finding_ended_session(finding) && cost->n_subscriptions > 0;
	if (ended)
		put_subscriptions(page, context, cost);
	g_autofree char *messages = cost_sentence(context, finding);
	labelled(page, ended ? "" : "Lost", messages);
	put_examples(page, context, cost);
	if (story->why_not_exact != NULL)
		labelled(page, "Not exact", report_story_text(context->texts, finding, story->why_not_exact));
}

static void put_causes(Page *page, const char *label, const CauseList *list, const char *says)
{
	if (list->n == 0)
		return;
	g_autoptr(GString) text = g_string_new(NULL);
	for (unsigned i = 0; i < list->n; i++) {
		const CauseInfo *info = cause_info((CauseId)list->causes[i]);
		g_string_append_printf(text, "%s%s (%s)", i > 0 ? "; " : "", info->name, info->headline);
	}
	g_string_append_printf(text, ". %s", says);
	labelled(page, label, text->str);
}

static void put_doubts(Page *page, const ReportContext *context, const Finding *finding,
                       const FindingStory *story)
{
	for (guint i = 0; i < story->false_if->len; i++)
		labelled(page, i == 0 ? "False if" : "",
		         report_story_text(context->texts, finding, g_ptr_array_index(story->false_if, i)));
}

static void put_fix(Page *page, const ReportContext *context, const Finding *finding,
                    const FindingStory *story)
{
	page_blank(page);
	labelled(page, "FIX", report_story_text(context->texts, finding, story->fix_summary));
	if (story->fix_client != NULL)
		labelled(page, "  client", report_story_text(context->texts, finding, story->fix_client));
	if (story->fix_broker != NULL)
		labelled(page, "  broker", report_story_text(context->texts, finding, story->fix_broker));
}

/* The story knows one library at most, and seldom that. */
static void put_where_more_is(Page *page, const Finding *finding)
{
	g_autofree char *hint =
		g_strdup_printf("mqlapse --explain %s shows the setting in each library and broker",
	                        cause_name((CauseId)finding->cause));
	labelled(page, "  more", hint);
}

static void put_clauses(Page *page, const FindingStory *story)
{
	if (story->clauses->len == 0)
		return;
	g_autoptr(GString) list = g_string_new(NULL);
	for (guint i = 0; i < story->clauses->len; i++)
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
		                       (const char *)g_ptr_array_index(story->clauses, i));
	labelled(page, "Clauses", list->str);
}

void text_finding(Page *page, const ReportContext *context, uint32_t nth)
{
	const Finding *finding = selection_finding(context->selection, nth);
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	page_blank(page);
	put_title(page, context, finding);
	put_verdict(page, finding);
	page_blank(page);
	page_paragraph(page, INDENT, report_story_text(context->texts, finding, story->explanation));
	put_fix(page, context, finding, story);
	if (nth == 0)
		put_where_more_is(page, finding);
	put_timeline(page, context, finding, story);
	put_death(page, context, finding);
	if (finding->cost != NO_ABSENCE || finding->also_sufficient.n + finding->also_possible.n > 0)
		page_blank(page);
	put_cost(page, context, finding, story);
	put_causes(page, "Also", &finding->also_sufficient,
	           "Each would have been enough alone: mend them all.");
	put_causes(page, "Or else", &finding->also_possible, "The capture does not exclude these.");
	page_blank(page);
	put_doubts(page, context, finding, story);
	put_clauses(page, story);
}

void text_finding_line(Page *page, const ReportContext *context, uint32_t nth)
{
	const Finding *finding = selection_finding(context->selection, nth);
	Severity severity = (Severity)finding->severity;
	g_autofree char *client = client_sentence(context, finding->client);
	const Absence *cost = model_absence(context->model, finding->cost);
	g_autofree char *lost =
		cost == NULL || cost->lost.max == 0
			? g_strdup("")
			: range_sentence(cost->lost, !cost->unbounded &&
			                               finding_messages_known(context->model, finding));
	const Connection *connection = finding_connection(context->model, finding);
	char frame[48] = "";
	if (connection != NULL)
		frame_text(context, connection->connect_frame, frame);
	g_autofree char *line = g_strdup_printf(
		"%s  %s%s%s%s%s", client, cause_name((CauseId)finding->cause), *lost != '\0' ? ", " : "",
		lost, *frame != '\0' ? ", frame " : "", frame);
	g_autofree char *label =
		g_strdup_printf("%s %s", severity_glyph(severity), severity_name(severity));
	page_item(page, (Item){0, 8, label, severity_ink(severity), INK_PLAIN}, line);
}
