/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/report_private.h"

static const char header[] =
	"id,client_id,broker,severity,cause,responsible,confidence,lapse,outcome,from_connection,"
	"to_connection,absence,died_after,died_before,messages_lost_min,messages_lost_max,"
	"subscriptions_lost,file,frame,explanation,fix\r\n";

/* Quoted where RFC 4180 asks for it.  A spreadsheet takes a cell that begins like a formula for
 * one, and what a client calls itself is not ours to trust: such a cell gets an apostrophe. */
static void append_cell(GString *row, const char *text)
{
	if (row->len > 0)
		g_string_append_c(row, ',');
	if (text == NULL)
		return;
	bool formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		g_string_append(row, text);
		return;
	}
	g_string_append_c(row, '"');
	if (formula)
		g_string_append_c(row, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			g_string_append_c(row, '"');
		g_string_append_c(row, *text);
	}
	g_string_append_c(row, '"');
}

static void append_wire(GString *row, const ReportContext *context, WireKind kind, uint32_t index)
{
	g_autoptr(GString) cell = g_string_new(NULL);
	escape_append(cell, report_wire_text(context->texts, kind, index));
	append_cell(row, cell->str);
}

static void append_number(GString *row, bool known, uint64_t value)
{
	char text[24];
	g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
	append_cell(row, known ? text : NULL);
}

static void append_instant(GString *row, Instant instant)
{
	char text[FORMAT_SIZE];
	append_cell(row, format_rfc3339(instant, text) ? text : NULL);
}

static void append_who(GString *row, const ReportContext *context, const Finding *finding)
{
	if (finding->client != NO_INDEX)
		append_wire(row, context, WIRE_CLIENT_ID,
		            model_client(context->model, finding->client)->id);
	else
		append_cell(row, NULL);
	BrokerIndex broker = finding_broker(context->model, finding);
	char endpoint[ENDPOINT_TEXT_SIZE];
	if (broker != NO_INDEX)
		endpoint_format(&model_broker(context->model, broker)->endpoint, endpoint);
	append_cell(row, broker != NO_INDEX ? endpoint : NULL);
}

static void append_connection(GString *row, const ReportContext *context, ConnectionIndex index)
{
	append_number(row, index != NO_INDEX,
	              index != NO_INDEX ? model_connection(context->model, index)->number : 0);
}

static void append_verdict(GString *row, const ReportContext *context, const Finding *finding)
{
	append_cell(row, severity_name((Severity)finding->severity));
	append_cell(row, cause_name((CauseId)finding->cause));
	append_cell(row, responsible_name((Responsible)finding->responsible));
	append_cell(row, confidence_name((Confidence)finding->confidence));
	append_cell(row, finding->lapse ? "true" : "false");
	append_cell(row, finding_outcome_name(context->model, finding));
	append_connection(row, context, finding->from);
	append_connection(row, context, finding->to);
	char seconds[FORMAT_SIZE];
	format_decimal_seconds(finding->absence_ns, seconds);
	append_cell(row, finding->absence_ns != INT64_MIN ? seconds : NULL);
	append_instant(row, finding->died_after);
	append_instant(row, finding->died_before);
}

static void append_lost(GString *row, const ReportContext *context, const Finding *finding)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	bool known = finding_messages_known(context->model, finding);
	append_number(row, known, cost != NULL ? cost->lost.min : 0);
	append_number(row, known && !(cost != NULL && cost->unbounded),
	              cost != NULL ? cost->lost.max : 0);
	append_number(row, true,
	              cost != NULL && finding_ended_session(finding) ? cost->n_subscriptions : 0);
}

static void append_story(GString *row, const ReportContext *context, const Finding *finding)
{
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	FrameRef first = {0, 0};
	if (story->evidence->len > 0)
		first = g_array_index(story->evidence, Evidence, 0).frame;
	append_number(row, first.number != 0, first.source);
	append_number(row, first.number != 0, first.number);
	append_cell(row, report_story_text(context->texts, finding, story->explanation));
	append_cell(row, report_story_text(context->texts, finding, story->fix_summary));
}

bool report_write_csv(const ReportContext *context, FILE *out)
{
	bool written = fputs(header, out) >= 0;
	g_autoptr(GString) row = g_string_new(NULL);
	for (uint32_t i = 0; i < context->selection->n_findings && written; i++) {
		const Finding *finding = selection_finding(context->selection, i);
		g_string_truncate(row, 0);
		append_number(row, true, (uint64_t)context->selection->findings[i] + 1);
		append_who(row, context, finding);
		append_verdict(row, context, finding);
		append_lost(row, context, finding);
		append_story(row, context, finding);
		g_string_append(row, "\r\n");
		written = fwrite(row->str, 1, row->len, out) == row->len;
	}
	return written && fflush(out) == 0;
}
