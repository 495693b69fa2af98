/* SPDX-License-Identifier: MIT */
#include "ui/report/format.h"
#include "ui/report/html_private.h"
#include "ui/report/sentences.h"

static void append_term(GString *out, const char *term, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	g_string_append(out, "<dt>");
	html_append(out, term);
	g_string_append(out, "</dt><dd>");
	html_append(out, text);
	g_string_append(out, "</dd>\n");
}

static void append_story_term(GString *out, const ReportContext *context, const Finding *finding,
                              const char *term, const char *text)
{
	append_term(out, term, text == NULL ? NULL : report_story_text(context->texts, finding, text));
}

static void append_title(GString *out, const ReportContext *context, const Finding *finding)
{
	const char *severity = severity_name((Severity)finding->severity);
	g_string_append_printf(out, "<h3><span class=\"word-%s\">%s %s</span> ", severity,
	                       severity_glyph((Severity)finding->severity), severity);
	g_autofree char *client = finding->client == NO_INDEX ? g_strdup("")
	                                                      : client_sentence(context, finding->client);
	html_append(out, client);
	BrokerIndex broker = finding_broker(context->model, finding);
	if (broker != NO_INDEX) {
		g_autofree char *at = endpoint_sentence(&model_broker(context->model, broker)->endpoint);
		g_string_append(out, " at ");
		html_append(out, at);
	}
	g_string_append(out, "</h3>\n");
}

static void append_whose(GString *out, const ReportContext *context, const Finding *finding,
                         const FindingStory *story)
{
	g_string_append(out, "<dl>\n");
	g_autofree char *cause = g_strdup_printf("%s: %s", cause_name((CauseId)finding->cause),
	                                         cause_info((CauseId)finding->cause)->headline);
	append_term(out, "Cause", cause);
	append_term(out, "Whose", responsible_sentence((Responsible)finding->responsible));
	append_term(out, "Confidence", confidence_sentence((Confidence)finding->confidence));
	if (finding->incident != NULL) {
		g_autofree char *event = g_strdup_printf("#%u", finding->incident->number);
		append_term(out, "Event", event);
	}
	append_story_term(out, context, finding, "Fix", story->fix_summary);
	append_story_term(out, context, finding, "For the client", story->fix_client);
	append_story_term(out, context, finding, "For the broker", story->fix_broker);
	g_string_append(out, "</dl>\n");
}

static void append_row(GString *out, const ReportContext *context, const Finding *finding,
                       const Evidence *evidence)
{
	char frame[48], time[FORMAT_SIZE];
	frame_text(context, evidence->frame, frame);
	format_time_of_day(evidence->time, time);
	g_string_append_printf(out, "<tr><td class=\"frame\">%s</td><td class=\"time\">%s</td><td>", frame, time);
	html_append(out, report_story_text(context->texts, finding, evidence->says));
	g_string_append(out, "</td></tr>\n");
}

static void append_evidence(GString *out, const ReportContext *context, const Finding *finding,
                            const FindingStory *story)
{
	if (story->evidence->len == 0)
		return;
	g_string_append(out, "<div class=\"evidence\"><table>\n<tr><th>frame</th><th>time (UTC)</th>"
	                     "<th>what it shows</th></tr>\n");
	for (guint i = 0; i < story->evidence->len; i++)
		append_row(out, context, finding, &g_array_index(story->evidence, Evidence, i));
	g_string_append(out, "</table></div>\n");
}

static void append_subscriptions(GString *out, const ReportContext *context, const Absence *cost)
{
	g_autoptr(GString) list = g_string_new(NULL);
	for (uint32_t i = 0; i < cost->n_subscriptions; i++) {
		g_autofree char *filter = wire_sentence(context, WIRE_FILTER, cost->subscriptions[i].filter);
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", filter);
	}
	append_term(out, "Subscriptions lost", list->str);
}

static void append_examples(GString *out, const ReportContext *context, const Absence *cost)
{
	for (uint32_t i = 0; i < cost->n_examples; i++) {
		char frame[48];
		frame_text(context, cost->examples[i].frame, frame);
		g_autofree char *topic = wire_sentence(context, WIRE_TOPIC, cost->examples[i].topic);
		g_autofree char *text = g_strdup_printf("%s, QoS %u%s%s", topic, cost->examples[i].qos,
		                                        *frame != '\0' ? ", frame " : "", frame);
		append_term(out, i == 0 ? "For example" : "", text);
	}
}

static void append_cost(GString *out, const ReportContext *context, const Finding *finding,
                        const FindingStory *story)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	g_string_append(out, "<dl>\n");
	if (cost != NULL) {
		if (finding_ended_session(finding) && cost->n_subscriptions > 0)
			append_subscriptions(out, context, cost);
		g_autofree char *messages = cost_sentence(context, finding);
		append_term(out, "Messages lost", messages);
		append_examples(out, context, cost);
		append_story_term(out, context, finding, "Not exact", story->why_not_exact);
	}
	for (guint i = 0; i < story->false_if->len; i++)
		append_story_term(out, context, finding, i == 0 ? "False if" : "",
		                  g_ptr_array_index(story->false_if, i));
	g_autoptr(GString) clauses = g_string_new(NULL);
	for (guint i = 0; i < story->clauses->len; i++)
		g_string_append_printf(clauses, "%s%s", i > 0 ? ", " : "",
		                       (const char *)g_ptr_array_index(story->clauses, i));
	append_term(out, "Clauses", clauses->str);
	g_string_append(out, "</dl>\n");
}

void html_append_finding(GString *out, const ReportContext *context, uint32_t nth)
{
	const Finding *finding = selection_finding(context->selection, nth);
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	g_string_append_printf(out, "<article class=\"%s\">\n", severity_name((Severity)finding->severity));
	append_title(out, context, finding);
	g_string_append(out, "<p>");
	html_append(out, report_story_text(context->texts, finding, story->explanation));
	g_string_append(out, "</p>\n");
	append_whose(out, context, finding, story);
	append_evidence(out, context, finding, story);
	append_cost(out, context, finding, story);
	g_string_append(out, "</article>\n");
}
