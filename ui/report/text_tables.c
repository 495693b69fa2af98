/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/mqtt_names.h"
#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/source_notes.h"
#include "ui/report/text_private.h"

enum { LABEL_WIDTH = 10, MAX_CLIENTS = 40, MAX_BROKERS = 20, MAX_FAULTS = 10, MAX_SOURCES = 20 };

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

static void put_source(Page *page, const Analysis *analysis, unsigned index, const char *label)
{
	g_autofree char *text = source_sentence(source_info(analysis->source, index));
	labelled(page, label, text);
	put_notes(page, source_notes(analysis, index));
}

static void put_holes(Page *page, const ReportContext *context)
{
	const TcpCounts *tcp = context->analysis->tcp;
	const ModelCounts *counts = model_counts(context->model);
	char octets[FORMAT_SIZE];
	if (tcp->gaps > 0) {
		g_autofree char *gaps = counted(tcp->gaps, "hole", NULL);
		format_octets(tcp->gap_bytes, octets);
		g_autofree char *text = g_strdup_printf("%s in TCP streams, %s never captured", gaps, octets);
		warned(page, "! holes", text);
	}
	if (counts->skipped_bytes > 0) {
		format_octets(counts->skipped_bytes, octets);
		g_autofree char *text = g_strdup_printf("%s of MQTT connections from which no packet could "
		                                        "be made", octets);
		warned(page, "! skipped", text);
	}
	if (counts->evicted_messages + counts->untracked_messages > 0) {
		g_autofree char *messages = counted(counts->evicted_messages + counts->untracked_messages,
		                                    "message", NULL);
		g_autofree char *text = g_strdup_printf("%s not remembered, for want of room", messages);
		warned(page, "! memory", text);
	}
	if (context->analysis->interrupted)
		warned(page, "! stopped", "the capture was interrupted; this covers what was seen until then");
}

static char *mqtt_sentence(const ReportContext *context)
{
	const ModelCounts *counts = model_counts(context->model);
	g_autofree char *connections = counted(counts->connections, "connection", NULL);
	g_autofree char *packets = counted(counts->packets, "packet", NULL);
	g_autofree char *clients = counted(model_n_clients(context->model), "client", NULL);
	uint32_t n_brokers = model_n_brokers(context->model);
	g_autofree char *brokers = counted(n_brokers, "broker", NULL);
	g_autofree char *endpoint =
		n_brokers == 1 ? endpoint_sentence(&model_broker(context->model, 0)->endpoint) : NULL;
	g_autofree char *unnamed =
		counts->unnamed == 0
			? g_strdup("")
			: g_strdup_printf("; %" G_GUINT64_FORMAT " began before the capture and cannot be named",
	                                  counts->unnamed);
	return g_strdup_printf("%s, %s, %s, %s%s", connections, packets, clients,
	                       endpoint != NULL ? endpoint : brokers, unnamed);
}

static const char *vantage_sentence(const DiagnoseOptions *options)
{
	switch (options->vantage) {
	case VANTAGE_BROKER:
		return options->vantage_inferred ? "at the broker, by the look of it (--vantage overrules)"
		                                 : "at the broker, as told";
	case VANTAGE_CLIENT:
		return options->vantage_inferred
		               ? "at one client, by the look of it: what others did is out of sight"
		               : "at one client, as told: what others did is out of sight";
	case VANTAGE_TAP:
		return options->vantage_inferred ? "somewhere between, by the look of it"
		                                 : "somewhere between, as told";
	}
	return "";
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
	put_holes(page, context);
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

static gint more_frequent(gconstpointer a, gconstpointer b, gpointer counts_pointer)
{
	const ModelCounts *counts = counts_pointer;
	uint64_t of_a = counts->faults[*(const unsigned *)a];
	uint64_t of_b = counts->faults[*(const unsigned *)b];
	return of_a > of_b ? -1 : of_a < of_b;
}

void text_faults(Page *page, const ReportContext *context)
{
	const ModelCounts *counts = model_counts(context->model);
	unsigned ids[MQTT_N_FAULTS], n_ids = 0;
	for (unsigned i = 0; i < MQTT_N_FAULTS; i++) {
		if (counts->faults[i] > 0)
			ids[n_ids++] = i;
	}
	if (n_ids == 0)
		return;
	ModelCounts copy = *counts;
	g_qsort_with_data(ids, (gint)n_ids, sizeof *ids, more_frequent, &copy);
	page_heading(page, "Packets against the standard");
	for (unsigned i = 0; i < MIN(n_ids, (unsigned)MAX_FAULTS); i++) {
		const MqttFaultInfo *info = mqtt_fault_info((MqttFaultId)ids[i]);
		char number[FORMAT_SIZE];
		format_count(counts->faults[ids[i]], number);
		g_autofree char *label = g_strdup_printf("%s ×", number);
		g_autofree char *text = g_strdup_printf("%s: %s (%s)", info->name, info->says, info->clause);
		page_item(page, (Item){0, LABEL_WIDTH, label, INK_PLAIN, INK_PLAIN}, text);
	}
	if (n_ids > MAX_FAULTS)
		page_paragraph(page, LABEL_WIDTH, "and other kinds: --report=json has them all");
}

static void put_undecoded(Page *page, uint64_t count, const char *unit, const char *what)
{
	if (count == 0)
		return;
	g_autofree char *label = counted(count, unit, NULL);
	page_item(page, (Item){0, 20, label, INK_PLAIN, INK_PLAIN}, what);
}

static bool same_names(const TlsFacts *a, const TlsFacts *b)
{
	return strcmp(a->server_name, b->server_name) == 0 && strcmp(a->alpn, b->alpn) == 0;
}

/* For whom the TLS connections were that could not be looked into: each name once. */
static void text_tls_names(Page *page, const GArray *seen)
{
	enum { NAMES_MOST = 5 };
	unsigned n = 0;
	for (guint i = 0; seen != NULL && i < seen->len && n < NAMES_MOST; i++) {
		const TlsFacts *facts = &g_array_index(seen, TlsSeen, i).facts;
		bool told = facts->server_name[0] == '\0' && facts->alpn[0] == '\0';
		for (guint j = 0; j < i && !told; j++)
			told = same_names(facts, &g_array_index(seen, TlsSeen, j).facts);
		if (told)
			continue;
		g_autofree char *text = g_strdup_printf(
			"%s%s%s", facts->server_name[0] != '\0' ? facts->server_name : "no name",
			facts->alpn[0] != '\0' ? ", ALPN " : "", facts->alpn);
		page_item(page, (Item){0, 20, "- TLS for", INK_PLAIN, INK_PLAIN}, text);
		n++;
	}
}

/* How they ended, which says nothing of any session. */
static void text_tls_ends(Page *page, const GArray *seen)
{
	unsigned by[2] = {0, 0}, resets = 0, alerts = 0;
	for (guint i = 0; seen != NULL && i < seen->len; i++) {
		const TlsSeen *one = &g_array_index(seen, TlsSeen, i);
		if (!instant_known(one->closed))
			continue;
		by[one->closed_by]++;
		resets += one->reset;
		alerts += one->unread_alert[one->closed_by];
	}
	if (by[0] + by[1] == 0)
		return;
	g_autofree char *text = g_strdup_printf("%u by the client, %u by the server; %u by RST, %u after "
	                                        "an alert; what their sessions became is not observable",
	                                        by[0], by[1], resets, alerts);
	page_item(page, (Item){0, 20, "- closed", INK_PLAIN, INK_PLAIN}, text);
}

void text_not_decoded(Page *page, const ReportContext *context)
{
	const Analysis *analysis = context->analysis;
	size_t n_counts;
	const DecapCount *counts = decap_counts(analysis->decap, &n_counts);
	if (n_counts == 0 && analysis->tls_connections + analysis->tls_wrong_keys +
	                                     analysis->tls_foreign + analysis->tls_midway +
	                                     analysis->websocket_connections +
	                                     analysis->other_connections + analysis->proxy_checks +
	                                     analysis->tcp->echoes +
	                                     analysis->undecided_connections == 0)
		return;
	page_heading(page, "What else there was");
	put_undecoded(page, analysis->tls_connections, "connection",
	              "TLS: MQTT may be inside; a key log opens it (--keylog FILE)");
	put_undecoded(page, analysis->tls_wrong_keys, "connection",
	              "TLS: the secrets given for them do not fit");
	put_undecoded(page, analysis->tls_foreign, "connection",
	              "TLS of a version or cipher suite that is not supported");
	put_undecoded(page, analysis->tls_midway, "connection",
	              "TLS, joined after its handshake: no key log opens it");
	text_tls_names(page, analysis->tls_seen);
	text_tls_ends(page, analysis->tls_seen);
	put_undecoded(page, analysis->websocket_connections, "connection",
	              "WebSocket: refused, or without MQTT inside");
	put_undecoded(page, analysis->other_connections, "connection",
	              "TCP, something else than MQTT (-d PORT takes a port as MQTT nevertheless)");
	put_undecoded(page, analysis->tcp->echoes, "connection",
	              "seen a second time, after NAT changed its addresses: taken once");
	put_undecoded(page, analysis->proxy_checks, "connection",
	              "PROXY header and nothing else: a balancer's health check");
	put_undecoded(page, analysis->undecided_connections, "connection", "TCP, too little seen to tell");
	for (size_t i = 0; i < n_counts; i++)
		put_undecoded(page, counts[i].frames, "frame", counts[i].what);
}
