/* SPDX-License-Identifier: MIT */
/*
 * report_html: one page that needs nothing from elsewhere, for people to pass on and print.
 */
#include "src/verdict/roster.h"
#include "dissectors/mqtt_names.h"
#include "ui/report/capture_notes.h"
#include "ui/report/format.h"
#include "ui/report/html_private.h"
#include "ui/report/sentences.h"
#include "ui/report/source_notes.h"
#include "ui/report/text_private.h"

enum { MAX_STORIES = 200, MAX_CLIENTS = 500, MAX_SOURCES = 50, MAX_BROKERS = 100 };

static void append_fact(GString *out, const char *class, const char *term, const char *text)
{
	g_string_append_printf(out, "<dt class=\"%s\">", class);
	html_append(out, term);
	g_string_append_printf(out, "</dt><dd class=\"%s\">", class);
	html_append(out, text);
	g_string_append(out, "</dd>\n");
}

static void append_notes(GString *out, GArray *notes)
{
	for (guint i = 0; i < notes->len; i++) {
		const SourceNote *note = &g_array_index(notes, SourceNote, i);
		g_autofree char *label = g_strdup(note->label);
		*label = g_ascii_toupper(*label);
		append_fact(out, note->warning ? "warn" : "", label, note->text);
	}
	g_array_unref(notes);
}

static void append_capture_notes(GString *out, const char *class, GArray *notes)
{
	for (guint i = 0; i < notes->len; i++) {
		const CaptureNote *note = &g_array_index(notes, CaptureNote, i);
		g_autofree char *label = g_strdup(note->label);
		*label = g_ascii_toupper(*label);
		append_fact(out, class, label, note->text);
	}
	g_array_unref(notes);
}

static void append_sources(GString *out, const Analysis *analysis)
{
	unsigned n_infos = source_n_infos(analysis->source);
	for (unsigned i = 0; i < MIN(n_infos, (unsigned)MAX_SOURCES); i++) {
		g_autofree char *text = source_sentence(source_info(analysis->source, i));
		append_fact(out, "", "Read", text);
		append_notes(out, source_notes(analysis, i));
	}
	append_notes(out, sources_notes(analysis));
}

static void append_summary(GString *out, const ReportContext *context)
{
	g_autofree char *verdict = verdict_sentence(context);
	g_string_append(out, "<header>\n<h1>");
	html_append(out, verdict);
	g_string_append(out, "</h1>\n<dl>\n");
	append_sources(out, context->analysis);
	g_autofree char *span = span_sentence(context->analysis);
	append_fact(out, "", "Time", span);
	const Tally *tally = &context->selection->tally;
	g_autofree char *clients = counted(tally->clients, "client", NULL);
	g_autofree char *reconnects = counted(tally->reconnects, "reconnect", NULL);
	g_autofree char *lapses = counted(tally->lapses, "lapse", NULL);
	g_autofree char *counts = g_strdup_printf("%s, %s, %" G_GUINT64_FORMAT " resumed, %s", clients,
	                                          reconnects, tally->resumed, lapses);
	append_fact(out, "", "Clients", counts);
	if (model_counts(context->model)->connections > 0) {
		g_autofree char *mqtt = mqtt_sentence(context);
		append_fact(out, "", "MQTT", mqtt);
		append_fact(out, "", "Captured", vantage_sentence(&context->analysis->diagnosis));
	}
	append_capture_notes(out, "warn", missing_notes(context));
	g_string_append(out, "</dl>\n</header>\n");
}

/* --- events ------------------------------------------------------------------------------- */

static void append_incident(GString *out, const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	g_autofree char *title = incident_title(context, index);
	g_autofree char *explanation = incident_explanation(incident);
	g_autofree char *clients = incident_clients_sentence(context, incident, 50);
	g_string_append(out, "<article>\n<h3>");
	html_append(out, title);
	g_string_append(out, "</h3>\n<p>");
	html_append(out, explanation);
	g_string_append(out, "</p>\n<dl>\n");
	if (clients != NULL)
		append_fact(out, "", "Clients", clients);
	for (unsigned i = 0; i < incident->n_frames; i++) {
		const IncidentFrame *frame = &incident->frames[i];
		char number[48], time[FORMAT_SIZE];
		frame_text(context, frame->frame, number);
		format_time_of_day(frame->time, time);
		g_autofree char *label = g_strdup_printf("Frame %s", number);
		g_autofree char *says = g_strdup_printf("%s %s", time, incident_frame_says(incident, frame));
		append_fact(out, "", label, says);
	}
	append_fact(out, "", "False if", incident_refutation((IncidentKind)incident->kind));
	g_string_append(out, "</dl>\n</article>\n");
}

static void append_incidents(GString *out, const ReportContext *context)
{
	bool any = false;
	for (uint32_t i = 0; i < context->analysis->incidents->len; i++) {
		if (!incident_is_selected(context, i))
			continue;
		if (!any)
			g_string_append(out, "<section>\n<h2>What hit several clients</h2>\n");
		any = true;
		append_incident(out, context, i);
	}
	if (any)
		g_string_append(out, "</section>\n");
}

static void append_findings(GString *out, const ReportContext *context)
{
	uint32_t n = context->selection->n_findings;
	g_autofree char *title = counted(n, "finding", NULL);
	g_string_append_printf(out, "<section>\n<h2>%s</h2>\n", title);
	for (uint32_t i = 0; i < MIN(n, (uint32_t)MAX_STORIES); i++)
		html_append_finding(out, context, i);
	if (n > MAX_STORIES)
		g_string_append_printf(out, "<p>%u more: the JSON report has them.</p>\n", n - MAX_STORIES);
	g_string_append(out, "</section>\n");
}

/* --- clients ------------------------------------------------------------------------------ */

static void append_client_words(GString *out, const RosterRow *row)
{
	const char *word = row->severity < SEVERITY_N ? severity_name((Severity)row->severity) : "none";
	g_string_append_printf(out, " <span class=\"word-%s\">", word);
	if (row->severity < SEVERITY_N)
		g_string_append_printf(out, "%s %s: %s", severity_glyph((Severity)row->severity), word,
		                       cause_name((CauseId)row->cause));
	else
		g_string_append(out, "✓ no finding");
	g_string_append(out, "</span></p>\n");
}

static void append_client(GString *out, const ReportContext *context, const Roster *roster,
                          ClientIndex index)
{
	const Client *client = model_client(context->model, index);
	const RosterRow *row = &roster->rows[index];
	g_autofree char *name = client_sentence(context, index);
	g_autofree char *at = endpoint_sentence(&model_broker(context->model, client->broker)->endpoint);
	g_autofree char *kept = kept_sentence(model_connection(context->model, client->last));
	g_string_append(out, "<div class=\"client\">\n<p><strong>");
	html_append(out, name);
	g_string_append(out, "</strong>");
	append_client_words(out, row);
	g_autofree char *facts = g_strdup_printf(
		"%s · MQTT %s · %s · resumed %u of %u · %u subscription%s · session kept after it leaves: %s",
		at, mqtt_version_name((MqttVersion)row->version), client_state_name((ClientState)row->state),
		row->n_resumed, row->n_reconnects, client->n_subscriptions,
		client->n_subscriptions == 1 ? "" : "s", kept);
	g_string_append(out, "<p class=\"facts\">");
	html_append(out, facts);
	g_string_append(out, "</p>\n");
	g_autoptr(Lifeline) lifeline = lifeline_new(context->model, context->analysis->findings, roster, index);
	html_append_timeline(out, lifeline, context->analysis->first, context->analysis->last);
	g_string_append(out, "</div>\n");
}

/* First those of whom there is something to say. */
static void append_clients(GString *out, const ReportContext *context)
{
	const Analysis *analysis = context->analysis;
	const Verdict verdict = {(GArray *)(uintptr_t)analysis->findings,
	                         (GPtrArray *)(uintptr_t)analysis->incidents};
	g_autoptr(Roster) roster = roster_new(context->model, &verdict, analysis->last);
	uint32_t n_told = 0, n_clients = 0;
	g_string_append(out, "<section>\n<h2>Clients</h2>\n");
	html_append_legend(out);
	for (int with_findings = 1; with_findings >= 0; with_findings--) {
		for (ClientIndex i = 0; i < roster->n_rows; i++) {
			bool has = roster->rows[i].n_findings > 0;
			if (!context->selection->clients[i] || has != (with_findings != 0))
				continue;
			if (n_clients++ < MAX_CLIENTS) {
				append_client(out, context, roster, i);
				n_told++;
			}
		}
	}
	if (n_clients > n_told)
		g_string_append_printf(out, "<p>%u more: the JSON report has them.</p>\n", n_clients - n_told);
	g_string_append(out, "</section>\n");
}

static void append_brokers(GString *out, const ReportContext *context)
{
	uint32_t n_brokers = model_n_brokers(context->model);
	g_string_append(out, "<section>\n<h2>What this capture shows of each broker</h2>\n<dl>\n");
	for (uint32_t i = 0; i < MIN(n_brokers, (uint32_t)MAX_BROKERS); i++) {
		const Broker *broker = model_broker(context->model, i);
		g_autofree char *at = endpoint_sentence(&broker->endpoint);
		g_autofree char *facts = text_learned(context, broker);
		append_fact(out, "", at, facts);
	}
	g_string_append(out, "</dl>\n</section>\n");
}

/* Nothing, if there are no @notes. */
static void append_notes_section(GString *out, const char *heading, GArray *notes)
{
	if (notes->len == 0) {
		g_array_unref(notes);
		return;
	}
	g_string_append_printf(out, "<section>\n<h2>%s</h2>\n<dl>\n", heading);
	append_capture_notes(out, "", notes);
	g_string_append(out, "</dl>\n</section>\n");
}

bool report_write_html(const ReportContext *context, FILE *out)
{
	g_autoptr(GString) text = g_string_new(NULL);
	html_append_head(text, "mqlapse report");
	append_summary(text, context);
	append_incidents(text, context);
	append_findings(text, context);
	if (model_n_clients(context->model) > 0)
		append_clients(text, context);
	if (model_n_brokers(context->model) > 0)
		append_brokers(text, context);
	append_notes_section(text, "Packets against the standard", fault_notes(context));
	append_notes_section(text, "What else there was", undecoded_notes(context));
	g_string_append(text, "</body>\n</html>\n");
	return fwrite(text->str, 1, text->len, out) == text->len && fflush(out) == 0;
}
