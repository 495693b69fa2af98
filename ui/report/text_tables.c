/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/mqtt_names.h"
#include "ui/report/capture_notes.h"
#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/source_notes.h"
#include "ui/report/text_private.h"

enum { LABEL_WIDTH = 10, UNIT_WIDTH = 20, MAX_CLIENTS = 40, MAX_BROKERS = 20, MAX_SOURCES = 20 };

static void labelled(Page *page, const char *label, const char *text)
{
	page_item(page, (Item){0, LABEL_WIDTH, label, INK_FAINT, INK_PLAIN}, text);
}

static void warned(Page *page, const char *label, const char *text)
{
	page_item(page, (Item){0, LABEL_WIDTH, label, INK_RISK, INK_PLAIN}, text);
}

static void put_notes(Page *page, GArray *notes)
{
	for (guint i = 0; i < notes->len; i++) {
		const SourceNote *note = &g_array_index(notes, SourceNote, i);
		g_autofree char *warning = g_strconcat("! ", note->label, NULL);
		if (note->warning)
			warned(page, warning, note->text);
		else
			labelled(page, note->label, note->text);
	}
	g_array_unref(notes);
}

static void put_missing(Page *page, GArray *notes)
{
	for (guint i = 0; i < notes->len; i++) {
		const CaptureNote *note = &g_array_index(notes, CaptureNote, i);
		g_autofree char *label = g_strconcat("! ", note->label, NULL);
		warned(page, label, note->text);
	}
	g_array_unref(notes);
}

static void put_source(Page *page, const Analysis *analysis, unsigned index, const char *label)
{
	g_autofree char *text = source_sentence(source_info(analysis->source, index));
	labelled(page, label, text);
	put_notes(page, source_notes(analysis, index));
}

void text_input(Page *page, const ReportContext *context)
{
	const Analysis *analysis = context->analysis;
	page_blank(page);
	unsigned n_infos = source_n_infos(analysis->source);
	for (unsigned i = 0; i < MIN(n_infos, (unsigned)MAX_SOURCES); i++) {
		g_autofree char *label = n_infos > 1 ? g_strdup_printf("Read  %u", i) : g_strdup("Read");
		put_source(page, analysis, i, label);
	}
	if (n_infos > MAX_SOURCES) {
		g_autofree char *more = g_strdup_printf("and %u more", n_infos - MAX_SOURCES);
		labelled(page, "", more);
	}
	put_notes(page, sources_notes(analysis));
	g_autofree char *span = span_sentence(analysis);
	labelled(page, "Time", span);
	if (model_counts(context->model)->connections > 0) {
		g_autofree char *mqtt = mqtt_sentence(context);
		labelled(page, "MQTT", mqtt);
		labelled(page, "Captured", vantage_sentence(&analysis->diagnosis));
	}
	put_missing(page, missing_notes(context));
}

/* The most severe finding of each client; UINT32_MAX where there is none. */
static uint32_t *worst_findings(const ReportContext *context)
{
	uint32_t n_clients = model_n_clients(context->model);
	uint32_t *worst = g_new(uint32_t, (gsize)n_clients + 1);
	for (uint32_t i = 0; i < n_clients; i++)
		worst[i] = UINT32_MAX;
	for (uint32_t i = context->selection->n_findings; i-- > 0;) {
		const Finding *finding = selection_finding(context->selection, i);
		if (finding->client != NO_INDEX)
			worst[finding->client] = i;
	}
	return worst;
}

static void add_worst(Table *table, const ReportContext *context, uint32_t worst)
{
	if (worst == UINT32_MAX) {
		table_add(table, INK_GOOD, g_strdup("✓ none"));
		return;
	}
	const Finding *finding = selection_finding(context->selection, worst);
	Severity severity = (Severity)finding->severity;
	table_add(table, severity_ink(severity),
	          g_strdup_printf("%s %s: %s", severity_glyph(severity), severity_name(severity),
	                          cause_name((CauseId)finding->cause)));
}

static void count_resumed(const ReportContext *context, const Client *client, uint32_t *reconnects,
                          uint32_t *resumed)
{
	*reconnects = *resumed = 0;
	for (ConnectionIndex i = client->first; i != NO_INDEX;) {
		const Connection *connection = model_connection(context->model, i);
		*reconnects += connection_is_reconnect(connection);
		*resumed += connection_resumed(connection);
		i = connection->next;
	}
}

/* What a narrow page has no room for is left out. */
static void add_client(Table *table, const ReportContext *context, ClientIndex index, bool wide)
{
	const Client *client = model_client(context->model, index);
	const Connection *last = model_connection(context->model, client->last);
	uint32_t reconnects, resumed;
	count_resumed(context, client, &reconnects, &resumed);
	table_add(table, INK_PLAIN, client_sentence(context, index));
	table_add(table, INK_PLAIN, g_strdup(client->current != NO_INDEX ? "online" : "offline"));
	if (wide)
		table_add(table, INK_PLAIN, g_strdup(mqtt_version_name((MqttVersion)last->version)));
	table_add(table, INK_PLAIN,
	          reconnects == 0 ? g_strdup("-") : g_strdup_printf("%u of %u", resumed, reconnects));
	if (wide)
		table_add(table, INK_PLAIN, g_strdup_printf("%u%s", client->n_subscriptions,
		                                            client->subscriptions_partial ? "+" : ""));
	table_add(table, INK_PLAIN, kept_sentence(last));
}

void text_clients(Page *page, const ReportContext *context)
{
	static const char *const headings[] = {"client",        "now",        "MQTT",   "resumed",
	                                       "subscriptions", "kept after", "finding"};
	static const char *const few[] = {"client", "now", "resumed", "kept after", "finding"};
	uint32_t n_selected = context->selection->tally.clients;
	if (n_selected == 0 || n_selected > MAX_CLIENTS)
		return;
	page_heading(page, "Clients");
	g_autofree uint32_t *worst = worst_findings(context);
	bool wide = page->width >= 96;
	Table *table = wide ? table_new(headings, G_N_ELEMENTS(headings), 0)
	                    : table_new(few, G_N_ELEMENTS(few), 0);
	uint32_t n_clients = model_n_clients(context->model);
	for (uint32_t i = 0; i < n_clients; i++) {
		if (context->selection->clients[i] == 0)
			continue;
		add_client(table, context, i, wide);
		add_worst(table, context, worst[i]);
	}
	table_print(page, table, 0);
	table_free(table);
}

void text_brokers(Page *page, const ReportContext *context)
{
	uint32_t n_brokers = model_n_brokers(context->model);
	if (n_brokers == 0)
		return;
	page_heading(page, "What this capture shows of each broker");
	for (uint32_t i = 0; i < MIN(n_brokers, (uint32_t)MAX_BROKERS); i++) {
		const Broker *broker = model_broker(context->model, i);
		g_autofree char *endpoint = endpoint_sentence(&broker->endpoint);
		g_autofree char *facts = text_learned(context, broker);
		page_item(page, (Item){0, MAX(text_columns(endpoint) + 2, 22u), endpoint, INK_PLAIN, INK_PLAIN},
		          facts);
	}
	if (n_brokers > MAX_BROKERS) {
		g_autofree char *more = g_strdup_printf("and %u more", n_brokers - MAX_BROKERS);
		page_paragraph(page, 0, more);
	}
}

static void put_section(Page *page, const char *heading, GArray *notes, unsigned width)
{
	if (notes->len > 0)
		page_heading(page, heading);
	for (guint i = 0; i < notes->len; i++) {
		const CaptureNote *note = &g_array_index(notes, CaptureNote, i);
		if (note->label[0] == '\0')
			page_paragraph(page, width, note->text);
		else
			page_item(page, (Item){0, width, note->label, INK_PLAIN, INK_PLAIN}, note->text);
	}
	g_array_unref(notes);
}

void text_faults(Page *page, const ReportContext *context)
{
	put_section(page, "Packets against the standard", fault_notes(context), LABEL_WIDTH);
}

void text_not_decoded(Page *page, const ReportContext *context)
{
	put_section(page, "What else there was", undecoded_notes(context), UNIT_WIDTH);
}
