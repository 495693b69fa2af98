/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/source_notes.h"

enum { MAX_STORIES = 100 };

static void append_wire(GString *out, const ReportContext *context, WireKind kind, uint32_t index)
{
	escape_append_code(out, report_wire_text(context->texts, kind, index));
}

static void append_line(GString *out, const char *label, const char *text)
{
	if (text == NULL)
		return;
	g_string_append_printf(out, "- **%s:** ", label);
	escape_append_markdown(out, text);
	g_string_append_c(out, '\n');
}

static void append_notes(GString *out, GArray *notes)
{
	for (guint i = 0; i < notes->len; i++) {
		const SourceNote *note = &g_array_index(notes, SourceNote, i);
		g_autofree char *label = g_strdup(note->label);
		*label = g_ascii_toupper(*label);
		append_line(out, label, note->text);
	}
	g_array_unref(notes);
}

static void append_input(GString *out, const ReportContext *context)
{
	const Analysis *analysis = context->analysis;
	g_string_append(out, "# mqlapse report\n\n**");
	g_autofree char *verdict = verdict_sentence(context);
	escape_append_markdown(out, verdict);
	g_string_append(out, "**\n\n");
	unsigned n_infos = source_n_infos(analysis->source);
	for (unsigned i = 0; i < n_infos; i++) {
		const SourceInfo *info = source_info(analysis->source, i);
		g_autoptr(GString) name = g_string_new(NULL);
		escape_append(name, (ByteSpan){(const uint8_t *)info->name, strlen(info->name)});
		append_line(out, "Read", name->str);
		append_notes(out, source_notes(analysis, i));
	}
	append_notes(out, sources_notes(analysis));
	g_autofree char *span = span_sentence(analysis);
	append_line(out, "Time", span);
	const Tally *tally = &context->selection->tally;
	g_autofree char *clients = counted(tally->clients, "client", NULL);
	g_autofree char *reconnects = counted(tally->reconnects, "reconnect", NULL);
	g_autofree char *lapses = counted(tally->lapses, "lapse", NULL);
	g_autofree char *counts = g_strdup_printf("%s, %s, %" G_GUINT64_FORMAT " resumed, %s", clients,
	                                          reconnects, tally->resumed, lapses);
	append_line(out, "Clients", counts);
}

static void append_incident(GString *out, const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	g_autofree char *title = incident_title(context, index);
	g_string_append(out, "\n## event ");
	escape_append_markdown(out, title);
	g_string_append(out, "\n\n");
	g_autofree char *explanation = incident_explanation(incident);
	escape_append_markdown(out, explanation);
	g_string_append(out, "\n\n");
	g_autofree char *clients = incident_clients_sentence(context, incident, UINT32_MAX);
	append_line(out, "Clients", clients);
	for (unsigned i = 0; i < incident->n_frames; i++) {
		const IncidentFrame *frame = &incident->frames[i];
		char time[FORMAT_SIZE];
		format_time_of_day(frame->time, time);
		g_autofree char *says = g_strdup_printf("%s %s", time, incident_frame_says(incident, frame));
		g_autofree char *label = g_strdup_printf("Frame %" G_GUINT64_FORMAT,
		                                         (guint64)frame->frame.number);
		append_line(out, label, says);
	}
	append_line(out, "False if", incident_refutation((IncidentKind)incident->kind));
}

static void append_title(GString *out, const ReportContext *context, const Finding *finding)
{
	g_string_append_printf(out, "\n## %s: ", severity_name((Severity)finding->severity));
	if (finding->client != NO_INDEX)
		append_wire(out, context, WIRE_CLIENT_ID, model_client(context->model, finding->client)->id);
	BrokerIndex broker = finding_broker(context->model, finding);
	if (broker != NO_INDEX) {
		g_autofree char *at = endpoint_sentence(&model_broker(context->model, broker)->endpoint);
		g_string_append(out, " at ");
		escape_append_markdown(out, at);
	}
	g_string_append(out, "\n\n");
}

static void append_evidence(GString *out, const ReportContext *context, const Finding *finding,
                            const FindingStory *story)
{
	if (story->evidence->len == 0)
		return;
	g_string_append(out, "\n| file | frame | time (UTC) | what |\n|---|---|---|---|\n");
	for (guint i = 0; i < story->evidence->len; i++) {
		const Evidence *evidence = &g_array_index(story->evidence, Evidence, i);
		char time[FORMAT_SIZE];
		format_time_of_day(evidence->time, time);
		if (evidence->frame.number != 0)
			g_string_append_printf(out, "| %u | %" G_GUINT64_FORMAT " | %s | ",
			                       (unsigned)evidence->frame.source,
			                       (guint64)evidence->frame.number, time);
		else
			g_string_append_printf(out, "| | | %s | ", time);
		escape_append_markdown(out, report_story_text(context->texts, finding, evidence->says));
		g_string_append(out, " |\n");
	}
	g_string_append_c(out, '\n');
}

static void append_lost(GString *out, const ReportContext *context, const Finding *finding)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	if (cost == NULL)
		return;
	if (finding_ended_session(finding) && cost->n_subscriptions > 0) {
		g_string_append(out, "- **Subscriptions lost:** ");
		for (uint32_t i = 0; i < cost->n_subscriptions; i++) {
			g_string_append(out, i > 0 ? ", " : "");
			append_wire(out, context, WIRE_FILTER, cost->subscriptions[i].filter);
		}
		g_string_append_c(out, '\n');
	}
	g_autofree char *messages = cost_sentence(context, finding);
	append_line(out, "Messages lost", messages);
	for (uint32_t i = 0; i < cost->n_examples; i++) {
		g_string_append(out, "  - ");
		append_wire(out, context, WIRE_TOPIC, cost->examples[i].topic);
		g_string_append_printf(out, ", QoS %u", cost->examples[i].qos);
		if (cost->examples[i].frame.number != 0)
			g_string_append_printf(out, ", frame %" G_GUINT64_FORMAT,
			                       (guint64)cost->examples[i].frame.number);
		g_string_append_c(out, '\n');
	}
}

static void append_sentence(GString *out, const ReportContext *context, const Finding *finding,
                            const char *label, const char *sentence)
{
	append_line(out, label, report_story_text(context->texts, finding, sentence));
}

static void append_finding(GString *out, const ReportContext *context, const Finding *finding)
{
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	append_title(out, context, finding);
	escape_append_markdown(out, report_story_text(context->texts, finding, story->explanation));
	g_string_append(out, "\n\n");
	append_line(out, "Cause", cause_name((CauseId)finding->cause));
	append_line(out, "Whose", responsible_name((Responsible)finding->responsible));
	append_line(out, "Confidence", confidence_name((Confidence)finding->confidence));
	if (finding->incident != NULL)
		g_string_append_printf(out, "- **Event:** #%u\n", finding->incident->number);
	append_lost(out, context, finding);
	append_evidence(out, context, finding, story);
	append_sentence(out, context, finding, "Fix", story->fix_summary);
	append_sentence(out, context, finding, "For the client", story->fix_client);
	append_sentence(out, context, finding, "For the broker", story->fix_broker);
	for (guint i = 0; i < story->false_if->len; i++)
		append_sentence(out, context, finding, "False if", g_ptr_array_index(story->false_if, i));
}

bool report_write_markdown(const ReportContext *context, FILE *out)
{
	g_autoptr(GString) text = g_string_new(NULL);
	append_input(text, context);
	for (uint32_t i = 0; i < context->analysis->incidents->len; i++)
		if (incident_is_selected(context, i))
			append_incident(text, context, i);
	uint32_t n_findings = context->selection->n_findings;
	for (uint32_t i = 0; i < MIN(n_findings, (uint32_t)MAX_STORIES); i++)
		append_finding(text, context, selection_finding(context->selection, i));
	if (n_findings > MAX_STORIES)
		g_string_append_printf(text, "\n%u more findings: the JSON report has them.\n",
		                       n_findings - MAX_STORIES);
	return fwrite(text->str, 1, text->len, out) == text->len && fflush(out) == 0;
}
