/* SPDX-License-Identifier: MIT */
#include "ui/report/capture_notes.h"

#include <string.h>

#include "dissectors/mqtt_names.h"
#include "dissectors/tls_crypto.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"

enum { FAULTS_MOST = 10, TLS_NAMES_MOST = 5 };

static void clear_note(gpointer note)
{
	g_free(((CaptureNote *)note)->label);
	g_free(((CaptureNote *)note)->text);
}

static GArray *notes_new(void)
{
	GArray *notes = g_array_new(FALSE, FALSE, sizeof(CaptureNote));
	g_array_set_clear_func(notes, clear_note);
	return notes;
}

/* Takes both over. */
static void add(GArray *notes, char *label, char *text)
{
	CaptureNote note = {label, text};
	g_array_append_val(notes, note);
}

/* --- where, and how much ------------------------------------------------------------------- */

char *mqtt_sentence(const ReportContext *context)
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

const char *vantage_sentence(const DiagnoseOptions *options)
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

/* --- what is missing ------------------------------------------------------------------------ */

GArray *missing_notes(const ReportContext *context)
{
	GArray *notes = notes_new();
	const TcpCounts *tcp = context->analysis->tcp;
	const ModelCounts *counts = model_counts(context->model);
	char octets[FORMAT_SIZE];
	if (tcp->gaps > 0) {
		g_autofree char *gaps = counted(tcp->gaps, "hole", NULL);
		format_octets(tcp->gap_bytes, octets);
		add(notes, g_strdup("holes"), g_strdup_printf("%s in TCP streams, %s never captured", gaps, octets));
	}
	if (counts->skipped_bytes > 0) {
		format_octets(counts->skipped_bytes, octets);
		add(notes, g_strdup("skipped"), g_strdup_printf("%s of MQTT connections from which no packet could "
		                                                "be made", octets));
	}
	if (counts->evicted_messages + counts->untracked_messages > 0) {
		g_autofree char *messages = counted(counts->evicted_messages + counts->untracked_messages,
		                                    "message", NULL);
		add(notes, g_strdup("memory"), g_strdup_printf("%s not remembered, for want of room", messages));
	}
	if (counts->forgotten_connections > 0) {
		char until[FORMAT_SIZE];
		format_date_time(counts->forgotten_until, until);
		g_autofree char *connections = counted(counts->forgotten_connections, "connection", NULL);
		add(notes, g_strdup("forgotten"),
		    g_strdup_printf("%s, ended by %s, to stay within --memory: this says nothing of them",
		                    connections, until));
	}
	if (context->analysis->interrupted)
		add(notes, g_strdup("stopped"),
		    g_strdup("the capture was interrupted; this covers what was seen until then"));
	return notes;
}

/* --- what breaks the standard ---------------------------------------------------------------- */

static gint more_frequent(gconstpointer a, gconstpointer b, gpointer counts_pointer)
{
	const ModelCounts *counts = counts_pointer;
	uint64_t of_a = counts->faults[*(const unsigned *)a];
	uint64_t of_b = counts->faults[*(const unsigned *)b];
	return of_a > of_b ? -1 : of_a < of_b;
}

GArray *fault_notes(const ReportContext *context)
{
	GArray *notes = notes_new();
	ModelCounts counts = *model_counts(context->model);
	unsigned ids[MQTT_N_FAULTS], n_ids = 0;
	for (unsigned i = 0; i < MQTT_N_FAULTS; i++) {
		if (counts.faults[i] > 0)
			ids[n_ids++] = i;
	}
	g_qsort_with_data(ids, (gint)n_ids, sizeof *ids, more_frequent, &counts);
	for (unsigned i = 0; i < MIN(n_ids, (unsigned)FAULTS_MOST); i++) {
		const MqttFaultInfo *info = mqtt_fault_info((MqttFaultId)ids[i]);
		char number[FORMAT_SIZE];
		format_count(counts.faults[ids[i]], number);
		add(notes, g_strdup_printf("%s ×", number),
		    g_strdup_printf("%s: %s (%s)", info->name, info->says, info->clause));
	}
	if (n_ids > FAULTS_MOST)
		add(notes, g_strdup(""), g_strdup("and other kinds: --report=json has them all"));
	return notes;
}

/* --- what was no MQTT ------------------------------------------------------------------------ */

static void add_undecoded(GArray *notes, uint64_t count, const char *unit, const char *what)
{
	if (count > 0)
		add(notes, counted(count, unit, NULL), g_strdup(what));
}

static bool same_names(const TlsFacts *a, const TlsFacts *b)
{
	return strcmp(a->server_name, b->server_name) == 0 && strcmp(a->alpn, b->alpn) == 0;
}

/* For whom the TLS connections were that could not be looked into: each name once. */
static void add_tls_names(GArray *notes, const GArray *seen)
{
	unsigned n = 0;
	for (guint i = 0; seen != NULL && i < seen->len && n < TLS_NAMES_MOST; i++) {
		const TlsFacts *facts = &g_array_index(seen, TlsSeen, i).facts;
		bool told = facts->server_name[0] == '\0' && facts->alpn[0] == '\0';
		for (guint j = 0; j < i && !told; j++)
			told = same_names(facts, &g_array_index(seen, TlsSeen, j).facts);
		if (told)
			continue;
		add(notes, g_strdup("- TLS for"),
		    g_strdup_printf("%s%s%s", facts->server_name[0] != '\0' ? facts->server_name : "no name",
		                    facts->alpn[0] != '\0' ? ", ALPN " : "", facts->alpn));
		n++;
	}
}

/* How they ended, which says nothing of any session. */
static void add_tls_ends(GArray *notes, const GArray *seen)
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
	if (by[0] + by[1] > 0)
		add(notes, g_strdup("- closed"),
		    g_strdup_printf("%u by the client, %u by the server; %u by RST, %u after an alert; what their "
		                    "sessions became is not observable", by[0], by[1], resets, alerts));
}

static void add_tls(GArray *notes, const Analysis *analysis)
{
	add_undecoded(notes, analysis->tls_connections, "connection",
	              "TLS: MQTT may be inside; a key log opens it (--keylog FILE)");
	add_undecoded(notes, analysis->tls_wrong_keys, "connection",
	              "TLS: the secrets given for them do not fit");
	add_undecoded(notes, analysis->tls_foreign, "connection",
	              tls_crypto_built() ? "TLS of a version or cipher suite that is not supported"
	                                 : "TLS: MQTT may be inside; this program was built without OpenSSL");
	add_undecoded(notes, analysis->tls_midway, "connection",
	              "TLS, joined after its handshake: no key log opens it");
	bool any = notes->len > 0;
	add_undecoded(notes, analysis->tls_lost, "connection",
	              "TLS renegotiated, with secrets that the key log lacks: what it carried from then on is not "
	              "observable");
	if (!any)
		return;
	add_tls_names(notes, analysis->tls_seen);
	add_tls_ends(notes, analysis->tls_seen);
}

GArray *undecoded_notes(const ReportContext *context)
{
	GArray *notes = notes_new();
	const Analysis *analysis = context->analysis;
	add_tls(notes, analysis);
	add_undecoded(notes, analysis->websocket_connections, "connection",
	              "WebSocket: refused, or without MQTT inside");
	add_undecoded(notes, analysis->other_connections, "connection",
	              "TCP, something else than MQTT (-d PORT takes a port as MQTT nevertheless)");
	add_undecoded(notes, analysis->tcp->echoes, "connection",
	              "seen a second time, after NAT changed its addresses: taken once");
	add_undecoded(notes, analysis->proxy_checks, "connection",
	              "PROXY header and nothing else: a balancer's health check");
	add_undecoded(notes, analysis->undecided_connections, "connection", "TCP, too little seen to tell");
	size_t n_counts;
	const DecapCount *counts = decap_counts(analysis->decap, &n_counts);
	for (size_t i = 0; i < n_counts; i++)
		add_undecoded(notes, counts[i].frames, "frame", counts[i].what);
	return notes;
}
